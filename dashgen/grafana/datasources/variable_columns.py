"""Which columns of a variable's query are its values and which are their texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from dashgen.grafana.datasources.plugin import TEXT, VALUE, VariableColumns
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.model.environment import Plugin

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def meant(names: Sequence[str]) -> VariableColumns | None:
    """What an author means by a result with these columns: those named `__value` and `__text`, in any case as QuestDB
    has it, else the first and the second. None where it can't be told."""
    if len(names) == 1:
        return VariableColumns(0, 0)
    names = [name.lower() for name in names]
    named = [names.index(name) if names.count(name) == 1 else None for name in (VALUE, TEXT)]
    value, text = named
    if value is not None and text is not None:
        return VariableColumns(value, text)
    if len(names) != 2 or names[0] == names[1]:
        return None
    if value is not None:
        return VariableColumns(value, 1 - value)
    return VariableColumns(1 - text, text) if text is not None else VariableColumns(0, 1)


def taken(names: Sequence[str], plugin: Plugin) -> VariableColumns | None:
    """What a plugin takes of a result as it is; None where all columns become one list of values."""
    if len(names) == 1:
        return VariableColumns(0, 0)
    return PLUGINS[plugin].variable_columns(names)


@lru_cache(maxsize=4096)
def names_of(sql: str) -> tuple[str, ...] | None:
    """The columns of a query's result by its text, empty names where the server makes them up; None where it does not
    say."""
    from dashgen.sql.parser import understood  # a build of panels without such variables needs no parser

    query = understood(sql)
    if query is None or query.selects[0].star or query.selects[0].pivot is not None:
        return None
    return tuple(item.name for item in query.selects[0].items)


def for_plugin(sql: str, plugin: Plugin) -> Expanded:
    """The query that gives the plugin the value and the text that the author means: the author's where it does so
    already, and where it can't be told."""
    names = names_of(sql)
    columns = meant(names) if names else None
    if names is None or columns is None or taken(names, plugin) == columns:
        return Expanded(sql)
    value, text = names[columns.value], names[columns.text]
    if not value or not text or value.lower() == text.lower():
        return Expanded(sql)
    begin, end = len(sql) - len(sql.lstrip()), len(sql.rstrip())
    before = f"SELECT {_renamed(value, VALUE)}, {_renamed(text, TEXT)} FROM (\n"  # noqa: S608  # the author's
    return rewrite(sql, [(0, begin, before), (end, len(sql), "\n)")])


def _renamed(name: str, to: str) -> str:
    written = name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
    return written if name == to else f"{written} AS {to}"
