from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashgen.cli import app
from tests import scratch

ROOT = Path(__file__).resolve().parents[2]


def _run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *args])
    return result.exit_code, result.output


def test_the_rules_are_listed_and_explained() -> None:
    code, listed = _run("--list-rules")
    assert code == 0
    assert "DG101  error    refused-by-server" in listed
    code, page = _run("--explain", "DG101")
    assert code == 0
    assert page.startswith("# DG101 refused-by-server\n\n*error; needs a server's answer*\n\n## What it does\n")
    assert "## How to ignore it" in page


def test_an_unknown_rule_is_wrong_use() -> None:
    code, text = _run("--explain", "DG999")
    assert code == 2
    assert "no rule 'DG999'" in text


@pytest.mark.parametrize("option", ["--specs", "--env", "--offline", "--select", "--format", "--fail-on", "--no-cache"])
def test_help_names_every_option(option: str) -> None:
    assert option in _run("--help")[1]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("github", f"::error file=specs/__init__.py,line={scratch.BEGINS},title=DG000 specs,col=37::"),
        ("markdown", "| ❌ error | DG000 specs | "),
    ],
)
def test_wrong_specs_are_findings_where_a_pull_request_shows_them(output: str, said: str, tmp_path: Path) -> None:
    scratch.specs(tmp_path, 'PROJECT = project(dash(Stat("A", Q, unti="s")))')
    done = scratch.dashgen(tmp_path, "check", "--offline", "--format", output)
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert said in done.out
    assert "has no field 'unti'" in done.out
    assert "has no field 'unti'" in done.err
    assert done.err.endswith("no query was checked\n")
