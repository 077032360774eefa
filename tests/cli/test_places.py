"""Errors name files as they are reached from the working folder, wherever the specs are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scratch import BEGINS, HEAD, Ran, dashgen

WRONG = "PROJECT = project(dash(Stat('A', Q)))\n"
QUERY = "PROJECT = project(dash(stat(query='SELECT v FROM t WHERE ts > now()')))\n"
STAT = f":{BEGINS}:24: "


def put(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(HEAD + text)


@pytest.mark.parametrize("arguments", [("build",), ("--help",), ("new", "one")])
def test_a_working_folder_that_is_gone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); from dashgen.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: the current folder is no longer there\n  go to one that is there")
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("cwd", "given", "named"),
    [
        (".", "ops/dash", "ops/dash/__init__.py"),
        ("ops", "dash", "dash/__init__.py"),
        ("other", "../ops/dash", "../ops/dash/__init__.py"),
        ("ops/dash", ".", "__init__.py"),
    ],
)
def test_a_nested_specs_folder(tmp_path: Path, cwd: str, given: str, named: str) -> None:
    put(tmp_path / "ops/dash", WRONG)
    (tmp_path / "other").mkdir()
    here = tmp_path / cwd
    ran: Ran = dashgen(here, "build", "--specs", given, "--out", str(tmp_path / "build"))
    assert ran.code == 1
    (error,) = ran.errors
    assert error.startswith(named + STAT)
    assert (here / named).is_file()


def test_every_format_of_check(tmp_path: Path) -> None:
    put(tmp_path / "ops/dash", QUERY)
    at = f"ops/dash/__init__.py:{BEGINS}:"
    command = ("check", "--offline", "--specs", "ops/dash")
    assert f" {at}" in dashgen(tmp_path, *command).out
    found = json.loads(dashgen(tmp_path, *command, "--format", "json").out)["findings"]
    assert found
    assert {one["place"]["file"] for one in found} == {"ops/dash/__init__.py"}
    assert f"file=ops/dash/__init__.py,line={BEGINS}," in dashgen(tmp_path, *command, "--format", "github").out
    assert at.replace("_", "&#95;") in dashgen(tmp_path, *command, "--format", "markdown").out


def test_what_github_is_told_of_specs_that_cannot_be_loaded(tmp_path: Path) -> None:
    put(tmp_path / "ops/dash", "PROJECT = project(dash(stat(unti='s')))\n")
    ran = dashgen(tmp_path, "check", "--offline", "--specs", "ops/dash", "--format", "github")
    assert ran.code == 2
    assert "::error file=ops/dash/__init__.py,line=11," in ran.out
