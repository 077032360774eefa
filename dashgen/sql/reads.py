"""What a query reads: tables and views, the server's functions, and what nobody can know before Grafana fills it in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from dashgen.sql.ast import Cte, Query, Select, Source, selects, walk
from dashgen.sql.parser import understood


class Read(NamedTuple):
    """One place where a table or view is read."""

    name: str
    """As written, without quotes; `schema.table` stays dotted."""
    source: Source
    select: Select


def reads(query: Query) -> Iterator[Read]:
    """Each table and view, as often as it is read, in the order of the text. Names of common table expressions and
    functions are none."""
    for select in selects(query):
        for source in select.sources:
            if source.is_relation:
                yield Read(source.name, source, select)


@lru_cache(maxsize=2048)
def every_select(sql: str) -> tuple[Select, ...]:
    """Every SELECT of a text, the outer ones first; none where the parser does not know the text."""
    query = understood(sql)
    return () if query is None else tuple(selects(query))


def functions(query: Query) -> Iterator[Source]:
    """The sources that are functions: `tables()`, `long_sequence(5)`."""
    return (source for select in selects(query) for source in select.sources if source.function is not None)


def common_tables(query: Query) -> tuple[str, ...]:
    """The names of all common table expressions of a query, in the order of the text."""
    return tuple(node.name for node in walk(query) if isinstance(node, Cte))


def is_opaque(query: Query) -> bool:
    """Whether a variable or macro names a source, so that what is read depends on what Grafana puts there."""
    return any(source.opaque for select in selects(query) for source in select.sources)


@lru_cache(maxsize=4096)
def relations(sql: str) -> frozenset[str] | None:
    """The names of the tables and views that a text reads; None where the parser does not know the text."""
    query = understood(sql)
    return None if query is None else frozenset(read.name for read in reads(query))


def readers(query: Query) -> dict[int, list[Select]]:
    """Of every SELECT (by `id`) those that have its rows in their FROM."""
    found: dict[int, list[Select]] = {}
    for outer in selects(query):
        for source in outer.sources:
            for inner in source.rows.selects if source.rows else ():
                found.setdefault(id(inner), []).append(outer)
    return found
