"""A query: plain QuestDB SQL with the QuestDB plugin's macros and Grafana's variables."""

from __future__ import annotations

from typing import Literal, TypeAlias

from dashgen.model import checks
from dashgen.model.ignore import Ignore, ignores
from dashgen.model.node import Node, Wrong, checked, node

Format = Literal["time_series", "table"]


@node
class Query(Node):
    """SQL as an author writes it, rendered for the datasource plugin of the environment.

    `name` is what overrides and alert conditions refer to; Grafana's refIds (A, B, …) follow the queries' order.
    `format` is taken from the kind of the panel unless given. `ignore` are findings of `dashgen check` that are none
    here.
    """

    sql: str = checked(checks.text, kw_only=False)
    name: str = checked(checks.text, default="")
    format: Format | None = checked(checks.maybe(checks.one_of(("time_series", "table"))), default=None)
    datasource: str | None = checked(checks.maybe(checks.text), default=None)
    hide: bool = checked(checks.flag, default=False)
    ignore: tuple[Ignore, ...] = checked(ignores, default=())


MOST = 26
"""Queries a panel: refIds are A to Z."""
AnyQuery: TypeAlias = str | Query
"""A query, or just its SQL."""


def query(value: object) -> Query:
    """A query, or its SQL."""
    if isinstance(value, str):
        return Query(checks.text(value))
    if isinstance(value, Query):
        return value
    raise Wrong("SQL or a Query", kept=Query("?"))


_all = checks.many(query)


def queries(value: object) -> tuple[Query, ...]:
    """A query, its SQL, or several of either."""
    if isinstance(value, (str, Query)):
        return (query(value),)
    if isinstance(value, (tuple, list)) and value:
        if len(value) > MOST:
            raise Wrong(f"at most {MOST} queries", came=f"{len(value)} of them", kept=(Query("?"),))
        kept: tuple[Query, ...] = _all(value)
        return kept
    raise Wrong("SQL, a Query, or a tuple of them", kept=(Query("?"),))
