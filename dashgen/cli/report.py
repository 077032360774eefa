"""How verbs say what is wrong: problems with their places to stderr, or as JSON to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dashgen import escaping
from dashgen.cli.options import OutputFormat

if TYPE_CHECKING:
    from dashgen.model.core.problems import DashgenError, Problem


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Text for a person: what specs, files and servers have in it can't steer the terminal."""
    typer.echo(_shown(text) if err else escaping.visible_lines(text), err=err, nl=nl)


def _shown(text: str) -> str:
    """On stderr, which may repeat the arguments of this run."""
    return escaping.visible_lines(without_logins(text))


_is_one_line = False


def one_line_a_document() -> None:
    """From now on JSON is written as lines, for commands that write document after document."""
    global _is_one_line
    _is_one_line = True


def echo_json(document: object, *, indent: int | None = 2) -> None:
    typer.echo(escaping.json(document, indent=None if _is_one_line else indent))


def fail(problems: Sequence[Problem], root: Path, output: OutputFormat, code: int, outcome: str) -> int:
    """Shows every problem and what came of the run (`nothing was written`); returns `code`. Places are relative to
    `root`."""
    from dashgen.model.core.counts import counted

    if output is OutputFormat.JSON:
        echo_json(
            {
                "problems": [
                    {
                        "path": p.path,
                        "message": p.message,
                        "hint": p.hint,
                        "source": p.source.relative_to(root) if p.source else None,
                    }
                    for p in problems
                ]
            }
        )
    color = sys.stderr.isatty()
    for p in problems:
        where = f"{p.source.relative_to(root)}: " if p.source else ""
        head = typer.style("error:", fg="red", bold=True) if color else "error:"
        typer.echo(f"{head} {_shown(f'{where}{p.path}: {p.message}')}", err=True)
        for line in _excerpt(p):
            echo(f"  {line}", err=True)
        if p.hint:
            echo(f"  {p.hint}", err=True)
    n = len(problems)
    echo(f"{counted(n, 'problem')}; {outcome}", err=True)
    return code


def notes(found: Sequence[Problem]) -> None:
    """What keeps nothing from being done and somebody should know, to stderr."""
    for note in found:
        head = typer.style("note:", fg="cyan", bold=True) if sys.stderr.isatty() else "note:"
        typer.echo(f"{head} {_shown(f'{note.path}: {note.message}')}", err=True)
        if note.hint:
            echo(f"  {note.hint}", err=True)


def _excerpt(problem: Problem) -> tuple[str, ...]:
    """The line with the mistake, and a mark below it."""
    if not problem.excerpt or problem.source is None:
        return ()
    from dashgen.excerpt import columns, marked

    number = f"{problem.source.line} | "
    at = min(max(problem.source.column - 1, 0), len(problem.excerpt))
    line, mark = marked(problem.excerpt, at, at + 1, columns() - len(number) - 2)
    return number + line, " " * (len(number) - 2) + "| " + mark


def error(message: str, hint: str) -> int:
    """A wrong use, with what to do; returns exit code 2."""
    echo(f"error: {message}", err=True)
    if hint:
        echo(f"  {hint}", err=True)
    return 2


def without_logins(message: str) -> str:
    """A message that may repeat arguments of this run: of those that may hold a login none is shown."""
    if not any("@" in one or "=" in one or ":/" in one for one in sys.argv[1:]):
        return message
    from dashgen.questdb import address

    return address.without_logins(message, sys.argv[1:])


def refused(why: DashgenError) -> int:
    """What dashgen can't do, with what to do; returns exit code 2."""
    return error(str(why), why.hint)


def no_access(why: OSError) -> int:
    """A file or folder that can't be used, wherever it was; returns exit code 2. Raises what names no file."""
    if why.filename is None or not why.strerror:
        raise why
    return error(f"{os.fsdecode(why.filename)}: {why.strerror}", "")


def columns(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Rows as aligned columns to stdout, those of `right` to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        echo("  ".join(cells).rstrip())


def size(count: int) -> str:
    """`3.4 MB` for a number of bytes."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
