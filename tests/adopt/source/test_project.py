"""PROJECT is extended, and nothing else of its module changes."""

from __future__ import annotations

import difflib

import pytest

from dashgen.adopt.source.project import Addition, CanNotExtend, extended, names_in

TWO = (Addition("dashboards.cpu", "CPU"), Addition("dashboards.zeta", "ZETA"))

MANY = '''"""What is rendered."""

from dashgen import Project  # the vocabulary
from specs.dashboards.health import HEALTH
from specs.tables import Metrics

# The order is that of the menu.
PROJECT = Project(
    environments=ENVIRONMENTS,
    dashboards=(
        HEALTH,  # first
        OTHER,   # second
    ),
    tables = (Metrics,)
)
'''


def added(before: str, after: str) -> list[str]:
    """The lines that came, with a sign; those that went too."""
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_lines_are_added_and_none_is_touched() -> None:
    assert added(MANY, extended(MANY, "specs", TWO)) == [
        "+ from specs.dashboards.cpu import CPU",
        "+ from specs.dashboards.zeta import ZETA",
        "+         CPU,",
        "+         ZETA,",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Project(dashboards=(A,))", "Project(dashboards=(A, CPU, ZETA))"),
        ("Project(dashboards=(A, B), x=1)", "Project(dashboards=(A, B, CPU, ZETA), x=1)"),
        ("Project(dashboards=[*MORE])", "Project(dashboards=[*MORE, CPU, ZETA])"),
        ("Project(dashboards=MORE)", "Project(dashboards=(*MORE, CPU, ZETA))"),
        ("Project(dashboards=())", "Project(dashboards=(CPU, ZETA))"),
        ("Project(environments=E)", "Project(environments=E, dashboards=(CPU, ZETA))"),
        ("Project()", "Project(dashboards=(CPU, ZETA))"),
        ("dashgen.Project(dashboards=(\n    A,\n))", "dashgen.Project(dashboards=(\n    A,\n    CPU,\n    ZETA,\n))"),
        (
            "Project(dashboards=(\n    A,\n    B  # b\n))",
            "Project(dashboards=(\n    A,\n    B,  # b\n    CPU,\n    ZETA\n))",
        ),
    ],
)
def test_each_way_to_list_dashboards(before: str, after: str) -> None:
    found = extended(f"PROJECT = {before}\n", "specs", TWO)
    assert found.endswith(f"PROJECT = {after}\n")
    assert extended(f"PROJECT: Project = {before}\n", "specs", TWO).endswith(f"PROJECT: Project = {after}\n")
    compile(found, "specs", "exec")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PROJECT = made()\n", "something else than a call of Project"),
        ("PROJECT = Project(**GIVEN)\n", "unpacked"),
        ("OTHER = Project()\n", "not assigned"),
        ("def made():\n    PROJECT = Project()\n", "not assigned"),
    ],
)
def test_what_can_not_be_extended_is_told(text: str, reason: str) -> None:
    with pytest.raises(CanNotExtend, match=reason):
        extended(text, "specs", TWO)


def test_line_ends_of_windows_stay() -> None:
    found = extended("import x\r\nPROJECT = Project()\r\n", "specs", TWO[:1])
    assert found == "import x\r\nfrom specs.dashboards.cpu import CPU\r\nPROJECT = Project(dashboards=(CPU,))\r\n"


def test_an_import_without_another_goes_behind_the_docstring() -> None:
    found = extended('"""D."""\nPROJECT = Project()\n', "specs", TWO[:1])
    assert found.startswith('"""D."""\nfrom specs.dashboards.cpu import CPU\n')


def test_names_of_a_module_are_those_it_uses_and_imports() -> None:
    assert names_in("from a import b as c, d\nE = f(g)\n") == {"c", "d", "E", "f", "g"}
