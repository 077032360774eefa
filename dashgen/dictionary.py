"""The data dictionary: what the declared tables hold, and who reads them, as one Markdown page.

`dashgen docs` writes it. Like a tree it is a pure function of the specs: no clock, no path, the order declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Subject
from dashgen.escaping import backticks, code_span
from dashgen.escaping import markdown as cell
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.project import Project
from dashgen.model.tables.column_types import MOMENTS
from dashgen.model.tables.table import Column, MaterializedView, TableSchema, table_of
from dashgen.render.ddl import view_sql
from dashgen.sql.lineage import columns_read, schema
from dashgen.sql.parser import understood
from dashgen.sql.reads import relations

_LIST = re.compile(r"([0-9]*)([-+.)]\s)")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class TableUse:
    """One query that reads a table or view. `owner` is a dashboard or an alert (`alert daemon-down`), `part` what of
    it; `columns` are those that it reads, each with its table's or view's name."""

    owner: str
    title: str
    part: str
    columns: frozenset[tuple[str, str]]


def dictionary(project: Project) -> str:
    """The page. A column counts as read where a query names it, directly or through queries within."""
    tables = [table_of(cls) for cls in project.tables]
    used = uses(project)
    parts = [
        "# Tables\n\nRendered by `dashgen docs`; edit the specs, not this file.\n",
        _overview(tables),
        *(_table(table, project, used) for table in tables),
    ]
    return "\n".join(parts)


def uses(project: Project) -> Mapping[str, tuple[TableUse, ...]]:
    """By the lower-case name of a table or view, in the order of the dashboards and alerts. A query that only one
    environment has counts, too."""
    found: dict[str, dict[TableUse, None]] = {}
    for environment in project.environments:
        for subject in collect_queries(project, environment).subjects:
            use = _use(subject)
            for relation in relations(subject.sql) or ():
                found.setdefault(relation.lower(), {})[use] = None
    return {name: tuple(those) for name, those in found.items()}


def _use(subject: Subject) -> TableUse:
    query = understood(subject.sql)
    columns = frozenset(columns_read(query, schema(subject.project))) if query else frozenset[tuple[str, str]]()
    if isinstance(subject.owner, AlertRule):
        return TableUse(f"alert {subject.owner.uid}", subject.owner.title, "", columns)
    uid = str(getattr(subject.dashboard or subject.owner, "uid", ""))
    title = str(getattr(subject.dashboard, "title", uid))
    if subject.role == "panel":
        part = _panel_title(subject)
    else:
        part = f"{subject.role} {subject.called or getattr(subject.owner, 'name', '')}"
    return TableUse(f"dashboard {uid}", title, part, columns)


def _panel_title(subject: Subject) -> str:
    if subject.foreign is not None:
        return str(subject.foreign.get("title") or "untitled")
    return str(getattr(subject.owner, "title", ""))


def _overview(tables: Iterable[TableSchema]) -> str:
    lines = ["| table | rows are kept | a row of each series every | views |", "|---|---|---|---|"]
    for table in tables:
        views = ", ".join(code_span(view.name) for view in table.views)
        name = f"[{code_span(table.name)}](#{table.name})"
        every = f"{table.write_interval_seconds} s" if table.write_interval_seconds else "– (events)"
        lines.append(f"| {name} | {_kept(table.ttl)} | {every} | {views or '–'} |")
    return "\n".join(lines) + "\n"


def _table(table: TableSchema, project: Project, used: Mapping[str, tuple[TableUse, ...]]) -> str:
    those = used.get(table.name.lower(), ())
    keys = ", ".join(map(code_span, table.dedup))
    series = ", ".join(map(code_span, table.series))
    facts = [
        *(["Others create and write it; dashgen checks queries against it."] if table.written_by_others else []),
        f"Rows are kept {_kept(table.ttl)}, in partitions by {table.partition_by.lower()}.",
        _comes(table, series),
        f"Two rows with the same {keys} are one: the later one stays."
        if keys
        else "Nothing makes two rows one: a writer that tries again doubles its rows.",
    ]
    lines = [f"## {table.name}\n"]
    if table.doc:
        lines.append(f"{prose(table.doc)}\n")
    lines += [*(f"- {fact}" for fact in facts), ""]
    lines += ["| column | type | unit | values | meaning | read by |", "|---|---|---|---|---|---|"]
    lines += [_column(column, table, those) for column in table.columns]
    rules = [_rule(str(rule), table) for rule in table.rules]
    if table.designated:
        rules.insert(0, f"{code_span(table.designated)} is not in the future")
    if rules:
        lines += ["", "Rules:\n", *(f"- {rule}" for rule in rules)]
    lines += _readers(those)
    for view in table.views:
        lines += _view(view, project, used.get(view.name.lower(), ()))
    return "\n".join(lines) + "\n"


def _comes(table: TableSchema, series: str) -> str:
    """How often a row comes."""
    who = f"Each series ({series})" if series else "It"
    if table.write_interval_seconds is None:
        return f"{who} gets a row when an event occurs, at no fixed interval."
    return f"{who} gets a row every {table.write_interval_seconds} s."


def _column(column: Column, table: TableSchema, those: tuple[TableUse, ...]) -> str:
    marks = " · designated timestamp" if column.name == table.designated else ""
    owners = dict.fromkeys(use.owner for use in those if (table.name, column.name) in use.columns)
    cells = (
        code_span(column.name),
        f"{column.type}{marks}",
        cell(column.unit) or "–",
        _values(column),
        cell(column.doc) or "–",
        ", ".join(code_span(owner.partition(" ")[2]) for owner in owners) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _values(column: Column) -> str:
    said = []
    if column.choices:
        said.append(", ".join(map(cell, column.choices)))
    if column.minimum is not None and column.maximum is not None:
        said.append(f"{column.minimum:,} to {column.maximum:,}")
    elif column.minimum is not None:
        said.append(f"≥ {column.minimum:,}")
    elif column.maximum is not None:
        said.append(f"≤ {column.maximum:,}")
    if column.lengths:
        shortest, longest = column.lengths
        said.append(f"{shortest} to {longest} characters" if longest is not None else f"at least {shortest} characters")
    if column.family in MOMENTS:
        said.append("UTC")
    if column.nullable:
        return f"{', '.join(said) or 'any'} or null"
    return ", ".join(said) or "any"


def _rule(text: str, table: TableSchema) -> str:
    """The rule's sentence with the columns' names as code."""
    names = "|".join(sorted((re.escape(column.name) for column in table.columns), key=len, reverse=True))
    pieces = re.split(rf"\b({names})\b", text)
    return "".join(code_span(piece) if index % 2 else _between(piece) for index, piece in enumerate(pieces))


def _readers(those: tuple[TableUse, ...]) -> list[str]:
    """Who reads it, each with its parts."""
    if not those:
        return ["", "No dashboard and no alert reads it."]
    parts: dict[tuple[str, str], dict[str, None]] = {}
    for use in those:
        parts.setdefault((use.owner, use.title), {})[use.part] = None
    lines = ["", "Read by:\n"]
    for (owner, title), names in parts.items():
        kind, _, uid = owner.partition(" ")
        detail = ", ".join(cell(name) for name in names if name)
        lines.append(f"- {kind} {cell(title)} ({code_span(uid)}){': ' if detail else ''}{detail}")
    return lines


def _view(view: MaterializedView, project: Project, those: tuple[TableUse, ...]) -> list[str]:
    known = schema(project)[view.name.lower()]
    columns = ", ".join(f"{code_span(name)} {kind}".strip() for name, kind in known.columns.items())
    fence = backticks([view.sql], 3)
    every = f", by {view.bucket}" if view.bucket else ""
    return [
        f"\n### {view.name}\n",
        f"Materialized view of {code_span(view.base)}{every}; rows are kept {_kept(view.ttl)}.",
        *([f"\n{prose(view.doc)}"] if view.doc else []),
        f"\nColumns: {columns}\n",
        f"{fence}sql\n{view_sql(view)}\n{fence}",
        *_readers(those),
    ]


def _kept(ttl: str) -> str:
    return ttl.lower() if ttl else "for ever"


def prose(text: str) -> str:
    """A docstring: paragraphs stay, `code` stays code, all else is plain text."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(_spans(paragraph) for paragraph in paragraphs)


def _spans(text: str) -> str:
    pieces = enumerate(_CODE_SPAN.split(text))
    made = [code_span(piece) if index % 2 else _between(piece) for index, piece in pieces]
    return _LIST.sub(r"\1\\\2", "".join(made).strip(), count=1) if _LIST.match(text.strip()) else "".join(made).strip()


def _between(text: str) -> str:
    """As `cell`, with the spaces at its ends."""
    if not text.strip():
        return text[:1] and " "
    return f"{' ' if text[0].isspace() else ''}{cell(text)}{' ' if text[-1].isspace() else ''}"
