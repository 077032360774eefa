"""The command tree: every verb has a help text with an example, every example parses, and the help is quick."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks.startup import Start, imported
from dashgen.cli import app
from tests.command_server import run_command

ROOT = Path(__file__).resolve().parents[2]
LIGHT = ("dashgen.cli", "dashgen.escaping", "dashgen.moved_modules", "dashgen.__main__")
CLI = sorted((ROOT / "dashgen" / "cli").rglob("*.py"))


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands below one. typer has a click of its own, hence no type."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, (*path, name))


TREE: Any = typer.main.get_command(app)
COMMANDS = dict(walk(TREE))
VERBS = {path: command for path, command in COMMANDS.items() if not hasattr(command, "commands")}


def examples(command: Any) -> list[str]:
    """The lines of a help text that begin with the command; what stands behind two spaces is said of them."""
    lines = [line.strip().removeprefix("Example: ") for line in (command.help or "").splitlines()]
    return [re.split(r"\s{2,}|\s#", line)[0] for line in lines if line.startswith("dashgen ")]


def parses(line: str) -> None:
    """Raises if the command line is no use of dashgen. Nothing is run."""
    words = shlex.split(line.rstrip("\\ "))
    for sign in (">", ">>", "|", "&&"):  # what is handed on is the shell's
        words = words[: words.index(sign)] if sign in words else words
    assert words.pop(0) == "dashgen"
    at: tuple[str, ...] = ()
    while words and (*at, words[0]) in COMMANDS:
        at += (words.pop(0),)
    command = COMMANDS[at]
    if "--help" in words or "-h" in words:
        return
    if at and at not in VERBS and not words:
        return  # a group, spoken of as such
    assert at in VERBS, f"{line}: no such command"
    command.make_context(" ".join(at), words)


def test_there_are_verbs() -> None:
    assert ("build",) in VERBS
    assert ("version",) in VERBS


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert (command.help or "").strip()
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert parameter.help, f"{parameter.name} has no help"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_examples_that_parse(path: tuple[str, ...]) -> None:
    lines = examples(COMMANDS[path])
    assert lines, "no example in the help text"
    for line in lines:
        assert line.split()[1 : 1 + len(path)] == list(path), line
        parses(line)


def test_a_wrong_use_is_exit_2_and_says_what_is_known(tmp_path: Path) -> None:
    for arguments, said in ((["biuld"], "No such command 'biuld'"), (["build", "--evn", "x"], "No such option: --evn")):
        done = run_command(tmp_path, arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_an_option_too(option: str, tmp_path: Path) -> None:
    verb = run_command(tmp_path, ("version",))
    assert verb.returncode == 0
    done = run_command(tmp_path, (option,))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"dashgen {verb.stdout}", "")


@pytest.mark.parametrize("path", CLI, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_command_line_imports_nothing_heavy_at_its_top(path: Path) -> None:
    """Verbs import what they work with inside their functions, so that --help stays quick as verbs are added."""
    for node in ast.parse(path.read_text()).body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                continue
            names = [node.module or ""]
            if names == ["dashgen"]:
                names = [f"dashgen.{alias.name}" for alias in node.names]
        for name in names:
            top = name.split(".")[0]
            light = name == "dashgen.escaping" or name.startswith("dashgen.cli")
            assert top in ("typer", "__future__", *sys.stdlib_module_names) or light, name


def test_help_loads_no_heavy_module(tmp_path: Path) -> None:
    heavy = {"pydantic", "yaml", "orjson", "jsonschema", "grafana_foundation_sdk", "grafanalib", "psycopg", "rich"}
    slow = {"asyncio", "email", "json", "hashlib", "tempfile", "socket", "zipfile", "importlib.metadata"}
    modules = imported(Start("--help", ("-m", "dashgen", "--help"), "."), tmp_path)
    assert "dashgen.cli.build" in modules
    assert not modules & (heavy | slow)
    assert not {name for name in modules if name.startswith("dashgen.") and not name.startswith(LIGHT)}


def test_the_help_of_all_says_what_each_verb_says() -> None:
    """It is made without the verbs' options."""
    context = TREE.make_context("dashgen", [], resilient_parsing=True)
    plain = typer.core.TyperGroup(commands={name: TREE.commands[name] for name in TREE.commands})
    written, expected = context.make_formatter(), context.make_formatter()
    TREE.format_commands(context, written)
    plain.format_commands(context, expected)
    assert written.getvalue() == expected.getvalue() != ""


@pytest.mark.parametrize(("flags", "variable"), [(["-OO"], ""), ([], "2")])
def test_python_without_docstrings_is_refused(tmp_path: Path, flags: list[str], variable: str) -> None:
    """A tree would lose the descriptions of its tables."""
    done = subprocess.run(
        [sys.executable, *flags, "-m", "dashgen", "build"],
        cwd=tmp_path, env={**os.environ, "PYTHONOPTIMIZE": variable}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: Python was told to drop docstrings")
    assert "PYTHONOPTIMIZE" in done.stderr
    assert not list(tmp_path.iterdir())
