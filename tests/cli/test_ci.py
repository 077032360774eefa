"""`dashgen ci github`: a workflow that parses, asks for little, and puts nothing of a pull request into a shell."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashgen.review.reports.markdown import MARKER
from dashgen.review.workflow import WorkflowError, workflow
from tests.scratch import dashgen

INSTALL = "make .venv # 'x': \"y\""
ROOT = Path(__file__).resolve().parent.parent.parent


def made(**changed: str) -> dict[Any, Any]:
    given = {"branch": "main", "environment": "prod", "install": "make", "python": "3.12", "fail_on": "breaking"}
    document: dict[Any, Any] = yaml.safe_load(workflow(**{**given, **changed}))
    return document


def steps(document: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in document["jobs"].values() for step in job["steps"]]


def test_the_command_prints_it(tmp_path: Path) -> None:
    ran = dashgen(
        tmp_path, "ci", "github", "--branch", "trunk", "--env", "live", "--install", "make .venv # 'x': \"y\""
    )
    assert (ran.code, ran.err) == (0, "")
    document = yaml.safe_load(ran.out)
    assert document[True] == {"pull_request": None, "push": {"branches": ["trunk"]}}  # YAML 1.1 reads `on` as true
    assert next(s["run"] for s in steps(document) if s.get("name") == "Install") == INSTALL
    assert "dashgen build --env live --dry-run" in ran.out


def test_it_asks_for_little() -> None:
    document = made()
    assert document["permissions"] == {"contents": "read"}
    permissions = {name: job.get("permissions") for name, job in document["jobs"].items()}
    assert permissions == {"check": None, "comment": {"pull-requests": "write"}}
    assert "pull_request_target" not in workflow("main", "prod", "make", "3.12", "none")


def test_the_job_that_may_write_runs_no_code_of_the_repository() -> None:
    comment = made()["jobs"]["comment"]
    assert [step["uses"].split("@")[0] for step in comment["steps"]] == [
        "actions/download-artifact",
        "actions/github-script",
    ]
    assert "head.repo.full_name == github.repository" in comment["if"]


def test_nothing_is_interpolated_in_a_script() -> None:
    for step in steps(made()):
        assert "${{" not in step.get("run", "")
        assert "${{" not in str(step.get("with", {}).get("script", ""))


def test_actions_have_a_major_version() -> None:
    uses = [step["uses"] for step in steps(made()) if "uses" in step]
    assert len(uses) == 6
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", use) for use in uses)


def test_the_comment_is_found_by_its_marker() -> None:
    script = steps(made())[-1]["with"]["script"]
    assert f"const marker = '{MARKER}';" in script
    assert "c.body.startsWith(marker)" in script


def test_the_gate() -> None:
    diff = next(s["run"] for s in steps(made()) if s.get("name", "").startswith("Diff"))
    assert "--fail-on breaking > review/comment.md || code=$?" in diff
    diff = next(s["run"] for s in steps(made(fail_on="none")) if s.get("name", "").startswith("Diff"))
    assert "--format markdown > review/comment.md || [ $? -eq 1 ]" in diff


@pytest.mark.parametrize(
    "wrong",
    [
        {"branch": "a b"}, {"branch": "x]\n- y"}, {"environment": "$(x)"}, {"python": "3.12'"},
        {"install": "a\nb"}, {"install": "${{ github.head_ref }}"}, {"install": " "},
    ],
)  # fmt: skip
def test_a_value_that_could_be_more_than_one_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(WorkflowError):
        made(**wrong)


def test_wrong_use(tmp_path: Path) -> None:
    ran = dashgen(tmp_path, "ci", "github", "--branch", "a b")
    assert (ran.code, ran.out) == (2, "")
    assert "error: --branch: 'a b' is no name" in ran.err


def _invocations() -> set[str]:
    """Every `dashgen …` that the workflow and the pre-commit hooks run."""
    text = workflow("main", "prod", "make", "3.12", "breaking")
    found = {line.split(" > ")[0] for line in re.findall(r"(?:run: |^ +)(dashgen .*)$", text, re.MULTILINE)}
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found | {hook["entry"] for hook in hooks}


def test_every_command_that_is_run_is_one_that_there_is() -> None:
    import typer

    from dashgen.cli import app

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    assert len(_invocations()) == 9
    for line in _invocations():
        name, *rest = shlex.split(line.replace("$BASE", "base"))[1:]
        commands[name].make_context(name, rest)


def test_the_hooks_have_what_pre_commit_asks_for() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["dashgen-build", "dashgen-check", "dashgen-diff"]
    for hook in hooks:
        assert {"id", "name", "entry", "language"} <= set(hook)
        assert hook["pass_filenames"] is False
        re.compile(hook["files"])
