"""`dashgen ci github`: a workflow that parses, asks for little, and puts nothing of a pull request into a shell."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashgen.diff.lockfiles import LockError, choose
from dashgen.diff.reports.markdown import MARKER
from dashgen.diff.workflow import WorkflowError, workflow
from tests.scratch import dashgen
from tests.test_installation import BARE, NAMED

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
    assert ran.err.startswith("error: no lock file here ")
    assert ran.err.splitlines()[-2].startswith("error: --branch: 'a b' is not a valid name")


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


# --- where dashgen comes from

HASH = "--hash=sha256:" + "0" * 64
LOCKED = "\n".join(f"{name}==1.0 \\\n    {HASH} \\\n    {HASH}" for name in ("psycopg[binary]", "jgo", "questdb"))
WHEEL = f"./wheels/dashgen_grafana-0.1.0-py3-none-any.whl \\\n    {HASH}\n    # via -r requirements.in"
REQUIREMENTS = f"# by uv\n--only-binary :all:\n{WHEEL}\n{LOCKED}\n"
UV = """\
version = 1
revision = 3

[[package]]
name = "monitoring"
source = {{ virtual = "." }}
{asks} = [{{ name = "dashgen-grafana", extra = ["questdb"] }}]
"""
ENTRIES = "\n".join(f'[[{{table}}]]\nname = "{name}"\n' for name in ("dashgen_grafana", "psycopg", "jgo"))
POETRY = """\
# This file is automatically @generated by Poetry 2.5.1 and should not be changed by hand.
[[package]]
name = "dashgen-grafana"
optional = {optional}
groups = ["{group}"]

[[package]]
name = "psycopg"

[[package]]
name = "jgo"

[metadata]
lock-version = "2.1"
"""
UV_START, UV_END = "pipx install uv && uv sync --locked", ' && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'
POETRY_START = "pipx install poetry==2.5.1 && poetry install --no-root"
POETRY_END = ' && echo "$(poetry env info --path)/bin" >> "$GITHUB_PATH"'
LOCKS = [
    ("requirements.lock", REQUIREMENTS, "python -m pip install --require-hashes -r requirements.lock"),
    ("requirements/ops.txt", REQUIREMENTS, "python -m pip install --require-hashes -r requirements/ops.txt"),
    ("requirements-my ops.txt", REQUIREMENTS, "python -m pip install --require-hashes -r 'requirements-my ops.txt'"),
    (
        "requirements.txt", f"Dashgen.Grafana[questdb]==0.1.0 {HASH}\n{LOCKED}",
        "python -m pip install --require-hashes -r requirements.txt",
    ),
    ("pylock.toml", 'lock-version = "1.0"\n' + ENTRIES.format(table="packages"),
     "pipx install uv && uv pip install --system -r pylock.toml"),
    ("uv.lock", UV.format(asks="dependencies") + ENTRIES.format(table="package"), UV_START + UV_END),
    (
        "uv.lock", UV.format(asks="dev-dependencies.ops") + ENTRIES.format(table="package"),
        f"{UV_START} --group ops{UV_END}",
    ),
    (
        "uv.lock", UV.format(asks="optional-dependencies.ops") + ENTRIES.format(table="package"),
        f"{UV_START} --extra ops{UV_END}",
    ),
    ("poetry.lock", POETRY.format(optional="false", group="main"), POETRY_START + POETRY_END),
    ("poetry.lock", POETRY.format(optional="true", group="main"), f"{POETRY_START} --all-extras{POETRY_END}"),
    ("poetry.lock", POETRY.format(optional="false", group="ops"), f"{POETRY_START} --with ops{POETRY_END}"),
]  # fmt: skip


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.mark.parametrize(("path", "text", "command"), LOCKS)
def test_it_installs_from_the_projects_lock_file(tmp_path: Path, path: str, text: str, command: str) -> None:
    write(tmp_path, {path: text})
    chosen = choose(tmp_path)
    assert (chosen.path, chosen.command) == (path, command)
    text = workflow("main", "prod", chosen.command, "3.12", "none")
    assert next(s["run"] for s in steps(yaml.safe_load(text)) if s.get("name") == "Install") == command
    assert str(tmp_path) not in text
    assert not NAMED.search(text)


def test_a_lock_file_that_has_all_goes_before_one_that_has_not(tmp_path: Path) -> None:
    write(tmp_path, {"requirements-app.lock": f"flask==3 {HASH}\n", "requirements/ops.lock": REQUIREMENTS})
    assert choose(tmp_path).path == "requirements/ops.lock"
    write(tmp_path, {"requirements.lock": "-r requirements/ops.lock\n"})
    ran = dashgen(tmp_path, "ci", "github")
    assert (ran.code, ran.err) == (0, "the workflow installs from requirements.lock, which must be committed\n")
    ran = dashgen(tmp_path, "ci", "github", "--lock", "requirements/ops.lock")
    assert "-r requirements/ops.lock" in ran.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it does not have dashgen-grafana"),
        (f"{WHEEL}\n", "it lacks psycopg and jgo, which check and test need: lock dashgen-grafana[questdb]"),
        (REQUIREMENTS + "flask==3.0\n", "line 15: flask==3.0 has no --hash"),
        (REQUIREMENTS + "-e ../dashgen\n", "line 15: an editable requirement has no hash"),
        (REQUIREMENTS + "-r other.txt\n", "line 15: other.txt can't be read"),
        (
            REQUIREMENTS + f"{BARE}==0.3.2 {HASH}\n",
            "it has the package 'dashgen', which is another project's; this one is 'dashgen-grafana'",
        ),
    ],
)
def test_a_file_that_does_not_install_dashgen_is_refused(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, {"requirements.lock": text})
    for named in ("", "requirements.lock"):
        with pytest.raises(LockError) as refused:
            choose(tmp_path, named)
        assert str(refused.value) == f"requirements.lock: {message}"
        assert refused.value.hint.startswith("lock dashgen-grafana[questdb] with hashes (README, Install), ")


def test_without_a_lock_file_nothing_is_installed_by_name(tmp_path: Path) -> None:
    ran = dashgen(tmp_path, "ci", "github")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: no lock file here (looked for uv.lock, poetry.lock, pylock.toml, ")
    write(tmp_path, {"uv.lock": "no toml", "requirements.txt": "flask\n"})
    both = r"^no lock file installs dashgen: uv\.lock: is not TOML: .*; requirements\.txt: line 1: flask has no --hash$"
    with pytest.raises(LockError, match=both):
        choose(tmp_path)
    with pytest.raises(LockError, match=r"^none\.lock: can't be read: No such file"):
        choose(tmp_path, "none.lock")
    with pytest.raises(LockError, match=r"^\.\./x\.lock: expected a path inside the project"):
        choose(tmp_path, "../x.lock")
    ran = dashgen(tmp_path, "ci", "github", "--lock", "x.lock", "--install", "make")
    assert ran.code == 2
    assert "--lock and --install exclude each other" in ran.err


def test_this_repository_installs_itself_beside_its_lock_file() -> None:
    assert choose(ROOT).command == (
        "python -m pip install --require-hashes -r requirements/dev.lock"
        " && python -m pip install --no-deps --no-build-isolation -e ."
    )
