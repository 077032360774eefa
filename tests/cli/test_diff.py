"""`dashgen diff` as its user meets it, in a real repository with real specs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.diff.repository import commit, git, repository
from tests.scratch import dashgen, specs

ONE = "PROJECT = project(dash(stat(thresholds=Thresholds('green', (80, 'red')))))"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """main has what ONE renders; the working specs of the branch `change` say 90."""
    root = repository(tmp_path_factory.mktemp("diff") / "repo")
    specs(root, ONE)
    (root / ".gitignore").write_text("__pycache__/\n")
    assert dashgen(root, "build").code == 0
    commit(root, "one")
    git(root, "checkout", "-qb", "change")
    specs(root, ONE.replace("80", "90"))
    return root


def test_the_working_specs_against_the_merge_base(repo: Path) -> None:
    ran = dashgen(repo, "diff")
    base = git(repo, "rev-parse", "--short=9", "main")
    assert ran.code == 1
    assert ran.out == (
        f"main ({base}) → the working specs\n"
        "\n"
        "prod: 1 dashboard\n"
        "\n"
        "dashboard x · X (changed; 1 display)\n"
        "  display   A › threshold red from: 80 → 90\n"
    )
    assert ran.err == ""
    assert git(repo, "status", "--porcelain") == "M specs/__init__.py"


@pytest.mark.parametrize("output", ["text", "markdown", "json", "html"])
def test_every_format_exits_alike(repo: Path, output: str) -> None:
    assert dashgen(repo, "diff", "main", "--format", output).code == 1
    same = dashgen(repo, "diff", "main", "HEAD", "--format", output)
    assert (same.code, same.err) == (0, "")
    assert "no differences" in same.out or json.loads(same.out)["different"] is False


def test_only_a_class_or_a_worse_one_fails(repo: Path) -> None:
    assert dashgen(repo, "diff", "--fail-on", "display").code == 1
    ran = dashgen(repo, "diff", "--fail-on", "meaning")
    assert ran.code == 0
    assert "80 → 90" in ran.out


def test_a_folder_against_the_working_specs(repo: Path) -> None:
    for arguments in (["build"], ["./build/prod"], ["build", "specs"], ["build", "--env", "prod"]):
        ran = dashgen(repo, "diff", *arguments)
        assert (ran.code, ran.out.count("80 → 90")) == (1, 1), arguments


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown revision": (["nope"], "error: 'nope' is neither a git revision nor a folder\n"),
    "folder that is no tree": (["./specs", "HEAD"], "error: specs is the specs: they can only be HEAD"),
    "another folder that is no tree": (["./.git"], "error: ./.git is not a rendered tree"),
    "specs as BASE": (["specs"], "error: specs is the specs: they can only be HEAD\n"),
    "unknown environment": (["--env", "nope"], "error: no environment 'nope' in PROJECT\n"),
    "environment on one side": (["main", "HEAD", "--env", "x"], "error: no environment 'x' on both sides\n"),
    "pictures that are not there": (["--format", "html", "--pictures", "nope"], "error: --pictures: nope is not a"),
    "pictures in text": (["--pictures", "."], "error: --pictures is for --format html\n"),
    "a tree elsewhere": (["--out", "/nowhere"], "error: /nowhere is not inside the repository"),
    "unknown class": (["--fail-on", "bad"], "Invalid value for '--fail-on'"),
    "unknown format": (["--format", "pdf"], "Invalid value for '--format'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(repo: Path, name: str) -> None:
    arguments, message = WRONG[name]
    ran = dashgen(repo, "diff", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert message.replace("./specs", "specs") in ran.err.replace("./specs", "specs")


@pytest.mark.parametrize(
    "arguments",
    [["diff"], ["diff", "HEAD"], ["diff", "main"], ["check", "--offline", "--base", "main"],
     ["test", "--replay", "all", "--base", "main"]],
    ids=" ".join,
)  # fmt: skip
def test_without_a_commit_to_compare_with(arguments: list[str], tmp_path: Path) -> None:
    """Neither outside of git nor before the first commit is there a revision, whatever it is called."""
    specs(tmp_path, ONE)
    assert dashgen(tmp_path, "build").code == 0
    outside = dashgen(tmp_path, *arguments, env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert (outside.code, outside.out) == (2, "")
    assert f"{tmp_path} is not in a git repository" in outside.err
    assert "fatal" not in outside.err
    repository(tmp_path)
    before = dashgen(tmp_path, *arguments)
    assert (before.code, before.out) == (2, "")
    assert f"the git repository {tmp_path} has no commit yet" in before.err
    commit(tmp_path, "one")
    after = dashgen(tmp_path, *arguments)
    assert after.code in (0, 1), after.err


def test_specs_with_problems_are_not_compared(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repo), "clone")
    specs(tmp_path / "clone", "PROJECT = project(dash(Stat('A', Q)))")
    ran = dashgen(tmp_path / "clone", "diff", "HEAD")
    assert ran.code == 2
    assert ran.out == ""
    assert "has no description" in ran.err
    assert ran.err.endswith("1 problem; nothing was compared\n")
