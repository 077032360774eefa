"""A panel that is added to a module which a person wrote: nothing else of it changes."""

from __future__ import annotations

import ast

import pytest

from dashgen.adopt.source.expressions import CallCode, TextCode
from dashgen.starter.panel_edit import PanelEditError, with_panel

PANEL = CallCode("TimeSeries", (("", TextCode("Ü")),))


def edited(text: str) -> str:
    return with_panel(text, "D", "P", "Ü", PANEL, 88)


@pytest.mark.parametrize(
    ("rows", "now"),
    [
        ('(Row("ä", (A,)),)', '(Row("ä", (A,)), Row("Ü", (P,)),)'),
        ('[Row("ä", (A,))]', '[Row("ä", (A,)), Row("Ü", (P,))]'),
        ("(\n    R,  # first\n    S,  # last\n)", '(\n    R,  # first\n    S,  # last\n    Row("Ü", (P,)),\n)'),
        (
            "(\n    R,\n    Row(\n        x,\n    ),\n)",
            '(\n    R,\n    Row(\n        x,\n    ),\n    Row("Ü", (P,)),\n)',
        ),
        ("()", '(Row("Ü", (P,)),)'),
        ("ROWS", '(*ROWS, Row("Ü", (P,)))'),
        ("rows(1)", '(*rows(1), Row("Ü", (P,)))'),
        ("FIRST + (R,)", '(*FIRST + (R,), Row("Ü", (P,)))'),
        ("A if x else B", '(*(A if x else B), Row("Ü", (P,)))'),
        ("tuple(Row(h) for h in H)", '(*tuple(Row(h) for h in H), Row("Ü", (P,)))'),
        ("[\n    Row(h)\n    for h in H\n]", '(\n    *[\n    Row(h)\n    for h in H\n],\n    Row("Ü", (P,)),\n)'),
    ],
)
def test_a_row_behind_the_others(rows: str, now: str) -> None:
    before = "from dashgen import Dashboard, Row, TimeSeries\n\nA = 1  # mine\n\n"
    assert edited(f"{before}D = Dashboard(uid='d', rows={rows})\n\nB = 2\n") == (
        f"{before}P = TimeSeries(\"Ü\")\n\nD = Dashboard(uid='d', rows={now})\n\nB = 2\n"
    )


@pytest.mark.parametrize(
    ("imports", "now"),
    [
        ("from dashgen import Dashboard, Row", "from dashgen import Dashboard, Row, TimeSeries"),
        ("from dashgen import Row as R", "from dashgen import Row as R\nfrom dashgen import Row, TimeSeries"),
        (
            "from dashgen import (\n    Row,  # of panels\n)",
            "from dashgen import (\n    Row,  # of panels\n)\nfrom dashgen import TimeSeries",
        ),
    ],
)
def test_what_it_needs_is_imported(imports: str, now: str) -> None:
    found = edited(f"{imports}\n\nD = Dashboard(rows=(R,))\n")
    assert found.startswith(f"{now}\n\nP = ")
    ast.parse(found)


def test_a_constant_with_a_type() -> None:
    found = edited("from dashgen import Dashboard, Row, TimeSeries\n\nD: Dashboard = Dashboard(rows=(R,))\n")
    assert found.endswith('P = TimeSeries("Ü")\n\nD: Dashboard = Dashboard(rows=(R, Row("Ü", (P,)),))\n')


def test_what_becomes_long_gets_lines() -> None:
    found = edited(f"from dashgen import Dashboard, Row, TimeSeries\n\nD = Dashboard(rows=rows_of({'x' * 60!r}))\n")
    assert f"rows=(\n    *rows_of('{'x' * 60}'),\n    Row(\"Ü\", (P,)),\n))" in found


@pytest.mark.parametrize("statement", ["D = Dashboard(**ROWS)", "D = Dashboard", "D = ROWS", "E = 1"])
def test_a_dashboard_that_can_not_be_extended_is_left(statement: str) -> None:
    with pytest.raises(PanelEditError, match="D has no rows="):
        edited(f"from dashgen import Dashboard\n\n{statement}\n")
