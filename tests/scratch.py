"""A specs package in a folder of its own, and the real command run on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from tests.command_server import run_command

HEAD = """\
from dashgen import *

Q = "SELECT timestamp AS time, v AS value FROM t WHERE $__timeFilter(timestamp)"


def dash(*panels, uid="x", title="X", **fields):
    return Dashboard(uid=uid, title=title, rows=(Row("Now", panels),), **fields)


def stat(title="A", query=Q, **fields):
    return Stat(title, query, **({"description": "d"} | fields))


def project(*dashboards, **fields):
    return Project(environments=(Environment("prod"),), dashboards=dashboards, **fields)


"""
"""What scratch specs have at hand; the spec itself begins at line BEGINS."""
BEGINS = HEAD.count("\n") + 1


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The errors, each with its hint on the same line; the line that counts them is left out."""
        told = "\n" + self.err.rstrip().rpartition("\n")[0]
        return [part.strip().replace("\n  ", " | ") for part in told.split("\nerror: ")[1:]]


def specs(folder: Path, text: str, others: Mapping[str, str] | None = None, *, head: str = HEAD) -> Path:
    """Writes a package whose __init__.py is `head` and `text`, with further modules by their paths."""
    root = folder / "specs"
    root.mkdir(parents=True, exist_ok=True)
    (root / "__init__.py").write_text(head + dedent(text))
    for path, content in (others or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(content))
    return root


def dashgen(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Runs the command as a user would, in `folder`."""
    done = run_command(folder, arguments, env)
    return Ran(done.returncode, done.stdout, done.stderr)
