"""What a panel makes of a query's columns: which are its time, its numbers, its labels."""

from __future__ import annotations

from collections.abc import Mapping

from dashgen.check.rule import Subject
from dashgen.grafana.datasources.column_fields import field_type
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.dashboards.panel import Panel, Transformation
from dashgen.model.dashboards.panel_kinds import PanelKind, of
from dashgen.sql.ast import Item, Select
from dashgen.sql.lineage import Schema
from dashgen.sql.parser import understood

_KEEPING_FIELDS = frozenset({"filterByValue", "limit", "sortBy"})


def kind(subject: Subject) -> str:
    """The panel's kind; empty for what is no panel."""
    if isinstance(subject.owner, Panel):
        return subject.owner.kind
    return str((subject.foreign or {}).get("type") or "")


def panel_kind(subject: Subject) -> PanelKind:
    """What is known of the panel's kind; a row that asks for nothing for what is no panel."""
    return of(kind(subject))


def chosen_fields(subject: Subject) -> str:
    """Which fields a panel of single values shows: a name or a regular expression; empty: the numeric ones, or another
    kind of panel."""
    if not panel_kind(subject).reduces:
        return ""
    owner = subject.owner
    options = owner.options if isinstance(owner, Panel) else (subject.foreign or {}).get("options")
    reduced = options.get("reduceOptions") if isinstance(options, Mapping) else None
    given = reduced.get("fields") if isinstance(reduced, Mapping) else None
    return str(given or getattr(owner, "fields", ""))


def columns(subject: Subject, *types: str) -> tuple[WireColumn, ...]:
    """The described columns of some kinds: `time`, `number`, `string`, `bool`."""
    return tuple(c for c in subject.columns or () if type_of(c, subject) in types)


def type_of(column: WireColumn, subject: Subject) -> str:
    """What a column is to the panel: `time`, `number`, `string` or `bool`."""
    found = field_type(column, subject.plugin)
    return found if found in ("time", "string", "bool") else "number"


def times(subject: Subject) -> tuple[WireColumn, ...]:
    """The time columns. PostgreSQL's datasource reads a number named `time` as seconds since 1970."""
    named = PLUGINS[subject.plugin].time_column
    return columns(subject, "time") + tuple(c for c in columns(subject, "number") if named and c.name == named)


def numbers(subject: Subject) -> tuple[WireColumn, ...]:
    taken = times(subject)
    return tuple(c for c in columns(subject, "number") if c not in taken)


def transformed(subject: Subject) -> bool:
    """Whether the panel changes the fields in a way that nothing is known about."""
    return bool(transformations(subject))


def transformations(subject: Subject) -> tuple[str, ...]:
    """The ids of the panel's transformations that make fields of which nothing is known. Those that sort or leave out
    rows keep the fields as they are."""
    if isinstance(subject.owner, Panel):
        applied = [t.id for t in subject.owner.transformations if isinstance(t, Transformation) and not t.disabled]
    else:
        given = (subject.foreign or {}).get("transformations") or ()
        applied = [str(t.get("id")) for t in given if isinstance(t, Mapping) and not t.get("disabled")]
    return tuple(name for name in applied if name not in _KEEPING_FIELDS)


def outer(subject: Subject) -> Select | None:
    """The SELECT whose items are the result's columns; None for a UNION, and where the text is not understood."""
    query = understood(subject.sql)
    return query.selects[0] if query is not None and len(query.selects) == 1 else None


def items(subject: Subject) -> dict[str, Item]:
    """The expressions of the result's columns, by their names; nothing where `*` hides them."""
    select = outer(subject)
    if select is None or select.star:
        return {}
    return {item.name: item for item in select.items if item.name}


def known_sources(select: Select, known: Schema) -> bool:
    """Whether all columns that the SELECT can name are known."""
    for source in select.sources:
        if source.rows is not None:
            if not all(known_outputs(inner, known) for inner in source.rows.selects):
                return False
        elif not source.is_relation or source.name.lower() not in known:
            return False
    return bool(select.sources)


def known_outputs(select: Select, known: Schema) -> bool:
    """What has no alias is named by the server, and that differs between its versions."""
    if any(not item.name and not item.star for item in select.items):
        return False
    return not select.star or known_sources(select, known)
