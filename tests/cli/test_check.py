from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashgen.cli import app

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
    assert page.startswith("DG101 refused-by-server (error)\n\nQuestDB refuses the query.")


def test_an_unknown_rule_is_wrong_use() -> None:
    code, text = _run("--explain", "DG999")
    assert code == 2
    assert "no rule 'DG999'" in text


@pytest.mark.parametrize("option", ["--specs", "--env", "--offline", "--select", "--format", "--fail-on", "--no-cache"])
def test_help_names_every_option(option: str) -> None:
    assert option in _run("--help")[1]
