"""The fenced blocks of README.md and docs/, and how each is run.

A comment in front of a block says what a reader does not have to see:

    <!-- example: HOW
    context
    -->

HOW is nothing, or some of:

- `after PAGE-NUMBERS`: the page's blocks of those numbers (from 1, of the same language) stand before it
- `program`: Python that runs by itself, and no specs; `http://localhost:9000` is the test's server
- `file PATH`: YAML that the later blocks of the page find there
- `not run: REASON`, `output differs: REASON`: counted, and held against a list by a test

The context stands before the block: lines of Python or YAML, for a console the specs in which its commands run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen import (
    AlertGroup,
    ContactPoint,
    Dashboard,
    Environment,
    MuteTiming,
    Policy,
    Project,
    Row,
    Template,
)
from dashgen.model.dashboards.dashboard import AnyPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.tables.table import TableSchema

ROOT = Path(__file__).resolve().parent.parent
_COMMENT = re.compile(r"<!-- example:(?P<how>[^\n]*?)(?: -->|\n(?P<context>.*?)-->)\Z", re.DOTALL)
_HOW = re.compile(
    r"(after (?P<after>[\d, ]+)|(?P<program>program)|file (?P<file>\S+)|(?P<why>(?:not run|output differs): .+))"
)


@dataclass(frozen=True)
class Block:
    """`number` counts the blocks of its language on the page from 1; `line` is that of its first line of text."""

    page: str
    line: int
    language: str
    number: int
    text: str
    how: str = ""
    context: str = ""

    @property
    def id(self) -> str:
        return f"{self.page}:{self.line}"

    def _said(self, name: str) -> str:
        return next((m[name] for m in _HOW.finditer(self.how) if m[name]), "")

    @property
    def after(self) -> tuple[int, ...]:
        return tuple(int(number) for number in re.findall(r"\d+", self._said("after")))

    @property
    def is_program(self) -> bool:
        return bool(self._said("program"))

    @property
    def file(self) -> str:
        return self._said("file")

    @property
    def why(self) -> str:
        """`not run: …` or `output differs: …`, or nothing."""
        return self._said("why")

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Of a console: each command, with what it prints."""
        found: list[tuple[str, str]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif found and found[-1][0].endswith("\\"):
                found[-1] = (f"{found[-1][0][:-1].rstrip()} {line.strip()}", "")
            else:
                assert found, f"{self.id}: output without a command"
                found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
        return found


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """The fenced blocks, in their order. Raises AssertionError for one that is not closed, or a wrong comment."""
    counts: dict[str, int] = {}
    lines = text.splitlines(keepends=True)
    start, language = 0, None
    for index, line in enumerate(lines):
        if not line.lstrip().startswith("```"):
            continue
        if language is None:
            start, language = index + 1, line.strip()[3:]
            continue
        assert line.strip() == "```", f"{page}:{index + 1}: a block begins within a block"
        counts[language] = counts.get(language, 0) + 1
        before = "".join(lines[: start - 1]).rstrip()
        found = _COMMENT.search(before[before.rfind("<!-- example:") :]) if before.endswith("-->") else None
        how = found["how"].strip() if found else ""
        assert not re.sub(r"[;\s]", "", _HOW.sub("", how)), f"{page}:{start}: {how!r} says nothing about the example"
        context = (found["context"] or "") if found else ""
        yield Block(page, start + 1, language, counts[language], "".join(lines[start:index]), how, context)
        language = None
    assert language is None, f"{page}:{start}: a block is not closed"


PAGES = {p.relative_to(ROOT).as_posix(): p.read_text() for p in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]}
BLOCKS = tuple(block for page, text in sorted(PAGES.items()) for block in blocks_of(page, text))


def blocks(page: str, language: str) -> list[Block]:
    return [block for block in BLOCKS if (block.page, block.language) == (page, language)]


def python(block: Block) -> tuple[str, ...]:
    """The blocks that it stands after, its context, and the block."""
    above = blocks(block.page, block.language)
    return (*(above[number - 1].text for number in block.after), block.context, block.text)


def specs_of(code: str) -> str:
    """A specs package's text. Values that stand alone get names; without a PROJECT, one of all that there is."""
    tree = ast.parse(code)
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            lines = code.splitlines(keepends=True)
            lines[node.lineno - 1] = f"_value_{number} = {lines[node.lineno - 1]}"
            code = "".join(lines)
    if re.search(r"^PROJECT = ", code, re.MULTILINE):
        return code
    return f"{code}\nfrom tests.documents import project_of\nPROJECT = project_of(globals())\n"


def project_of(names: Mapping[str, Any]) -> Project:
    """A project of the values that a module holds. Panels that no dashboard has get one."""
    values: list[Any] = []
    for value in list(names.values()):
        values += value if isinstance(value, tuple) else [value]
    unique = list({id(value): value for value in values}.values())

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(value for value in unique if isinstance(value, kind))

    dashboards = of(Dashboard)
    shown = {id(panel) for dashboard in dashboards for row in dashboard.rows for panel in row.panels}
    panels: tuple[AnyPanel, ...] = tuple(panel for panel in of(Panel) if id(panel) not in shown)
    if panels:
        dashboards = (*dashboards, Dashboard(uid="example", title="Example", rows=(Row("", panels),)))
    policies = of(Policy)
    return Project(
        environments=(Environment("prod", owns_policy_tree=bool(policies), hosts=("prod-server-01",)),),
        tables=tuple(
            v for v in unique if isinstance(v, type) and isinstance(getattr(v, "__table__", None), TableSchema)
        ),
        dashboards=dashboards,
        alerts=tuple(group for group in of(AlertGroup) if group.rules),
        contact_points=of(ContactPoint),
        policy=policies[0] if policies else None,
        mute_timings=of(MuteTiming),
        templates=of(Template),
    )
