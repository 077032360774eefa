"""Loading specs: what is taken, what is refused, and that one run tells all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashgen.loading.load import load
from dashgen.model.core.problems import Problem
from dashgen.project_checks import check
from tests.scratch import BEGINS, specs


def told(folder: Path, problems: tuple[Problem, ...]) -> list[str]:
    """Problems as `file:line:column path: message | hint`, the file relative to the folder of the specs."""
    out = []
    for p in problems:
        where = p.source.relative_to(folder) if p.source else "-"
        out.append(f"{where} {p.path}: {p.message}" + (f" | {p.hint}" if p.hint else ""))
    return out


def problems(folder: Path, text: str, others: dict[str, str] | None = None) -> list[str]:
    loaded = load(specs(folder, text, others))
    assert loaded.project is None
    return told(folder, loaded.problems)


def test_a_project_is_taken(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, "PROJECT = project(dash(stat()))"))
    assert loaded.problems == ()
    assert loaded.project is not None
    assert [d.uid for d in loaded.project.dashboards] == ["x"]
    assert check(loaded.project) == ()


def test_specs_are_loaded_by_their_path_not_by_their_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        specs(tmp_path / name, "from specs.uid import UID\nPROJECT = project(dash(uid=UID))",
              {"uid.py": f"UID = '{name}'"})  # fmt: skip
    for name in ("one", "two", "one"):
        loaded = load(tmp_path / name / "specs")
        assert loaded.project is not None, loaded.problems
        assert loaded.project.dashboards[0].uid == name


@pytest.mark.parametrize("module", ["specs/names.py", "names.py"])
def test_two_edits_within_a_second_are_both_seen(tmp_path: Path, module: str) -> None:
    """Of the same size: Python would run the first one's bytecode."""
    found: list[str] = []
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for title in ("One", "Two"):
        name = module.removesuffix(".py").replace("/", ".")
        text = f"from {name} import TITLE\nPROJECT = project(dash(stat(), title=TITLE))\n"
        root = specs(tmp_path, text)
        (tmp_path / module).write_text(f"TITLE = {title!r}\n")
        os.utime(tmp_path / module, (1_800_000_000, 1_800_000_000 + len(found) / 10))
        program = "import sys; from pathlib import Path; from dashgen.loading.load import load\n"
        program += "print(load(Path(sys.argv[1])).project.dashboards[0].title)"
        done = subprocess.run(
            [sys.executable, "-c", program, root], env=environment, capture_output=True, text=True, check=True
        )
        found.append(done.stdout.strip())
    assert found == ["One", "Two"]


def test_a_module_beside_the_specs_can_be_imported(tmp_path: Path) -> None:
    for name in ("one", "two"):
        specs(
            tmp_path / name,
            "import helpers\nfrom shared.names import UID\nPROJECT = project(dash(uid=UID + helpers.END))",
            {"../helpers.py": "END = '-end'", "../shared/__init__.py": "", "../shared/names.py": f"UID = '{name}'"},
        )  # fmt: skip
    path = list(sys.path)
    for name in ("one", "two", "one"):
        loaded = load(tmp_path / name / "specs")
        assert loaded.project is not None, loaded.problems
        assert loaded.project.dashboards[0].uid == f"{name}-end"
    assert sys.path == path


def test_a_module_beside_the_specs_does_not_stand_in_for_an_installed_one(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, "import json\nPROJECT = project(dash(uid=json.loads('\"x\"')))",
                        {"../json.py": "raise ValueError", "../yaml.py": "raise ValueError"}))  # fmt: skip
    assert loaded.problems == ()


def test_what_is_wrong_in_a_module_beside_the_specs_is_told_where_it_is(tmp_path: Path) -> None:
    assert problems(tmp_path, "import helpers\nPROJECT = project()", {"../helpers.py": "A = 1\nB = 1 / 0"}) == [
        "helpers.py:2:5 helpers: raises ZeroDivisionError: division by zero"
    ]


def test_an_import_that_finds_nothing_says_where_a_module_may_be(tmp_path: Path) -> None:
    others = {"../helpers.py": "A = 1"}
    for text, hint in (
        ("import helprs", "did you mean 'helpers'?"),
        ("import nowhere", "install it where dashgen runs, or put nowhere.py next to specs/ or inside it"),
        ("from .. import helpers", "a module next to the specs folder is imported by its name: import helpers"),
    ):
        (told,) = problems(tmp_path, f"{text}\nPROJECT = project()", others)
        assert told.endswith(f" | {hint}"), text


def test_what_is_wrong_in_several_modules_is_told_in_one_run(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        "from specs import a, b\nPROJECT = project()",
        {"a.py": "raise ValueError('first')", "b.py": "\nraise KeyError('second')", "c/__init__.py": "1 / 0"},
    ) == [
        "specs/a.py:1:1 specs.a: raises ValueError: first",
        "specs/b.py:2:1 specs.b: raises KeyError: 'second'",
        "specs/c/__init__.py:1:1 specs.c: raises ZeroDivisionError: division by zero",
    ]


def test_a_mistake_is_told_once_however_many_modules_import_it(tmp_path: Path) -> None:
    importing = {f"{name}.py": "from specs.base import X" for name in "abc"}
    assert problems(tmp_path, "from specs.a import X", {"base.py": "X = 1\nraise OSError('no')", **importing}) == [
        "specs/base.py:2:1 specs.base: raises OSError: no"
    ]


@pytest.mark.parametrize(
    ("text", "column", "error"),
    [
        ("raise ValueError('boom')", 1, "raises ValueError: boom"),
        ("raise ValueError", 1, "raises ValueError"),
        ("def f(): f()\nf()", 10, "raises RecursionError: maximum recursion depth exceeded"),
        ("raise SystemExit('enough')", 1, "exits with 'enough' while it loads | specs may only declare at import"),
        ("import sys; sys.exit(3)", 13, "exits with 3 while it loads | specs may only declare at import"),
        ("def x(:", 7, "SyntaxError: invalid syntax"),
        ("if True:\nx = 1", 1, "IndentationError: expected an indented block after 'if' statement on line {line}"),
        ("import nowhere_to_be_found", 1, "No module named 'nowhere_to_be_found'"
         " | install it where dashgen runs, or put nowhere_to_be_found.py next to specs/ or inside it"),
        ("from specs.panals import P", 1, "No module named 'specs.panals' | did you mean 'panels'?"),
        ("from specs.zzz import P", 1, "No module named 'specs.zzz' | there is no such module in specs/"),
        ("from specs.panels import Q", 1, "cannot import name 'Q' from 'specs.panels'"),
        ("from dashgen import Dashbord", 1, "cannot import name 'Dashbord' from 'dashgen' | did you mean 'Dashboard'?"),
        ("import math; math.nothing", 14, "raises AttributeError: module 'math' has no attribute 'nothing'"),
        ("input()", 1, "raises EOFError: EOF when reading a line"),
    ],
)  # fmt: skip
def test_a_module_that_does_not_load_is_an_error_with_its_place(
    tmp_path: Path, text: str, column: int, error: str
) -> None:
    found = problems(tmp_path, text, {"panels.py": "P = 1"})
    line = BEGINS + text.count("\n") * (text.startswith("if"))
    assert found == [f"specs/__init__.py:{line}:{column} specs: {error.format(line=BEGINS)}"]


@pytest.mark.parametrize(("how", "column"), [("from specs.{} import X", 1), ("import specs.{0} as m; m.X", 22)])
def test_modules_that_import_one_another_are_one_error(tmp_path: Path, how: str, column: int) -> None:
    found = problems(
        tmp_path, "import specs.a",
        {"a.py": how.format("b") + "\nX = 1", "b.py": how.format("c") + "\nX = 1", "c.py": how.format("a") + "\nX = 1"},
    )  # fmt: skip
    assert found == [
        f"specs/c.py:1:{column} specs.c: imports in a circle: specs.a → specs.b → specs.c → specs.a"
        " | move what both need into a module that imports neither"
    ]


def test_a_module_that_prints_is_told_and_not_heard(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = problems(
        tmp_path,
        "import sys\nprint('hello')\nprint('more')\nprint('oh', file=sys.stderr)\nPROJECT = project()",
    )
    assert found == [
        f"specs/__init__.py:{BEGINS + 1}:1 specs: prints to stdout while it loads: 'hello' | remove the print",
        f"specs/__init__.py:{BEGINS + 3}:1 specs: prints to stderr while it loads: 'oh' | remove the print",
    ]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "exports no PROJECT"),
        ("PROJECT = 5", "PROJECT: expected a Project, got 5"),
        ("PROJECT = Dashboard", "PROJECT: expected a Project, got Dashboard"),
        ("PROJECT = object()", "PROJECT: expected a Project, got <object object>"),
    ],
)
def test_a_package_must_export_a_project(tmp_path: Path, text: str, error: str) -> None:
    assert problems(tmp_path, text) == [f"specs/__init__.py:1:1 specs: {error} | PROJECT = Project(…)"]


def test_a_module_that_nothing_reaches_is_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, "PROJECT = project()", {"forgotten.py": "X = 1", "sub/deep.py": "X = 1"})
    assert found == [
        "specs/forgotten.py:1:1 specs.forgotten: is not imported by PROJECT | import it, or remove the file",
        "specs/sub/deep.py:1:1 specs.sub.deep: is not imported by PROJECT | import it, or remove the file",
    ]


def test_a_folder_that_is_no_package_is_an_error(tmp_path: Path) -> None:
    hint = "with PROJECT = Project(…), or name another folder: --specs DIR"
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "a-b").mkdir()
    (tmp_path / "a-b" / "__init__.py").write_text("")
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "__init__.py").write_text("")
    for name, error in {
        "nowhere": f"there is no such folder | write {tmp_path}/nowhere/__init__.py {hint}",
        "empty": f"has no __init__.py | write {tmp_path}/empty/__init__.py {hint}",
        "file": "is not a folder | give the folder of the package: --specs DIR",
        "a-b/__init__.py": f"is not a folder | give the folder of the package: --specs {tmp_path}/a-b",
        "a-b": "can't be imported under its name | letters, digits and '_' only, as for any package",
        "json": "would stand in for the module 'json' | give the folder another name",
    }.items():
        loaded = load(tmp_path / name)
        assert loaded.project is None
        assert told(tmp_path, loaded.problems) == [f"- {tmp_path / name}: {error}"]
    assert Path(sys.modules["json"].__file__ or "").parent != tmp_path / "json"


def test_constructors_go_on_so_that_one_run_tells_every_mistake(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
        PROJECT = project(
            dash(stat(unit="msec", width=25), stat("B", 7, unti="s"), uid="one"),
            Dashboard(uid="two", title="Two", rows=(stat(),)),
            Dashboard(uid="three"),
            dash(uid="no spaces", title="Y"),
        )
        """,
    )
    assert found == [
        "specs/__init__.py:7:22 Dashboard 'Y': uid: expected a uid of at most 40 letters, digits, '-' and '_',"
        " got 'no spaces'",
        "specs/__init__.py:11:12 one › A: unit: expected a unit of Grafana's list, got 'msec' | did you mean 'ms'?",
        "specs/__init__.py:11:12 one › A: width: expected a whole number from 1 to 24, got 25",
        "specs/__init__.py:11:12 one › B: has no field 'unti' | did you mean 'unit'?",
        "specs/__init__.py:11:24 one › B: query: expected SQL, a Query, or a tuple of them, got 7",
        f"specs/__init__.py:{BEGINS + 2}:39 two: rows: expected a Row each, got a Stat 'A' at [0]"
        " | Row('title', (panel, …))",
        f"specs/__init__.py:{BEGINS + 3}:5 three: needs title, rows | give title=…, rows=…",
    ]


def test_a_draft_is_checked_although_it_did_not_load(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, "PROJECT = project(dash(stat(unit='msec')), dash(stat(query=Q + ' AND $no')))"))
    assert loaded.project is None
    assert loaded.draft is not None
    assert {p.message for p in check(loaded.draft)} == {
        "another dashboard has the uid 'x'",
        "the SQL uses $no, which is not a variable of this dashboard",
    }
