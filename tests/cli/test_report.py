"""How verbs say what is wrong: as text, as JSON, in colour on a terminal only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer

from dashgen import Environment, Project
from dashgen.cli import report
from dashgen.cli.options import OutputFormat
from dashgen.cli.specs import chosen, declared, on_project
from dashgen.model.core.problems import Problem, Source
from specs import PROJECT
from tests.scratch import specs

ROOT = Path("/some/where")
PROBLEMS = (
    Problem("x › A", "has no description", "describe what it shows", Source("/some/where/specs/a.py", 3)),
    Problem("y", "is wrong"),
)


def test_problems_are_told_with_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.fail(PROBLEMS, ROOT, OutputFormat.TEXT, 2, "nothing was written") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error: specs/a.py:3: x › A: has no description\n  describe what it shows\nerror: y: is wrong\n"
        "2 problems; nothing was written\n"
    )
    report.fail(PROBLEMS[:1], ROOT, OutputFormat.TEXT, 1, "done")
    assert capsys.readouterr().err.endswith("\n1 problem; done\n")


def test_json_is_the_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    report.fail(PROBLEMS, ROOT, OutputFormat.JSON, 1, "done")
    assert json.loads(capsys.readouterr().out) == {
        "problems": [
            {
                "path": "x › A",
                "message": "has no description",
                "hint": "describe what it shows",
                "source": "specs/a.py:3",
            },
            {"path": "y", "message": "is wrong", "hint": "", "source": None},
        ]
    }


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    report.fail(PROBLEMS, ROOT, OutputFormat.TEXT, 1, "done")
    assert "\x1b[" not in capsys.readouterr().err
    styled: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(typer, "echo", lambda text, err=False, nl=True: styled.append(text))
    report.fail(PROBLEMS[1:], ROOT, OutputFormat.TEXT, 1, "done")
    assert styled[0] == "\x1b[31m\x1b[1merror:\x1b[0m y: is wrong"


def test_a_wrong_use_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert (report.error("no such thing", "there are a, b"), report.error("bad", "")) == (2, 2)
    assert capsys.readouterr().err == "error: no such thing\n  there are a, b\nerror: bad\n"


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    report.columns((("name", "rows"), ("a", "12"), ("longer", "3")), right=frozenset({1}))
    assert capsys.readouterr().out == "name    rows\na         12\nlonger     3\n"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000, "3.4 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_sizes(count: int, text: str) -> None:
    assert report.size(count) == text


def test_environments_and_tables_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert [e.name for e in chosen(PROJECT, ["local"])[0]] == ["local"]
    assert [e.name for e in chosen(PROJECT, None)[0]] == [e.name for e in PROJECT.environments]
    assert chosen(PROJECT, ["nope", "prod"]) == ((), 2)
    assert capsys.readouterr().err == "error: no environment 'nope' in PROJECT\n  it has local, prod\n"
    assert [t.name for t in declared(PROJECT, ["daemon_metrics"])[0]] == ["daemon_metrics"]
    assert declared(PROJECT, ["nope"]) == ((), 2)
    assert capsys.readouterr().err.startswith("error: no table 'nope' in PROJECT\n  it has daemon_metrics")
    assert declared(Project(environments=(Environment("e"),)), None) == ((), 2)
    assert capsys.readouterr().err == "error: PROJECT declares no tables\n  list their classes in Project(tables=…)\n"


def test_specs_that_cannot_be_loaded_are_2_and_no_work_is_done(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def work(*_: object) -> int:
        raise AssertionError("was called")

    broken = specs(tmp_path, "PROJECT = project(dash(stat(unit='furlongs')))")
    assert on_project(broken, 20, OutputFormat.TEXT, "nothing was checked", work) == 2
    err = capfd.readouterr().err
    assert "unit: expected" in err
    assert err.endswith("; nothing was checked\n")
    hanging = specs(tmp_path, "while True: pass")
    assert on_project(hanging, 0.5, OutputFormat.TEXT, "nothing was checked", work) == 2
    assert "is still loading after 0.5 s" in capfd.readouterr().err


def test_the_works_exit_code_is_returned(tmp_path: Path) -> None:
    fine = specs(tmp_path, "PROJECT = project(dash(stat()))")
    code = on_project(
        fine, 20, OutputFormat.TEXT, "", lambda project, found, _: 5 + len(project.dashboards) + len(found)
    )
    assert code == 6
