"""Which columns of a variable's query are its values and which are their texts, for each datasource plugin.

The QuestDB plugin 0.1.8 goes by place: the first column is the value, the second its text (read:
src/data/QuestDbDatasource.ts, metricFindQuery). Grafana's PostgreSQL datasource goes by name: `__value` and `__text`;
other columns become one list of all their values (packages/grafana-sql/src/ResponseParser.ts of 12.3: from
knowledge, not looked up).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from dashgen.grafana.datasources.macros import Plugin
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.sql.parser import understood

VALUE, TEXT = "__value", "__text"
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class VariableColumns(NamedTuple):
    """Places of the value and of its text in a result; the same where there is one column."""

    value: int
    text: int


def meant(names: Sequence[str]) -> VariableColumns | None:
    """What an author means by a result with these columns: those named `__value` and `__text`, else the first and the
    second. None where it can't be told."""
    if len(names) == 1:
        return VariableColumns(0, 0)
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
    if plugin == "questdb":
        return VariableColumns(0, 1)
    return VariableColumns(names.index(VALUE), names.index(TEXT)) if {VALUE, TEXT} <= set(names) else None


@lru_cache(maxsize=4096)
def names_of(sql: str) -> tuple[str, ...] | None:
    """The columns of a query's result by its text, empty names where the server makes them up; None where it does not
    say."""
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
