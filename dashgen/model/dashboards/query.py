"""A query: plain QuestDB SQL with the QuestDB plugin's macros and Grafana's variables."""

from __future__ import annotations

from typing import Literal, TypeAlias

from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.ignore import Ignore, ignores
from dashgen.model.core.node import Node, Wrong, node

Format = Literal["time_series", "table"]


@node
class Query(Node):
    """SQL, rendered for the datasource's plugin that the environment has.

    `Query("SELECT timestamp AS time, max(ms) AS worst FROM t SAMPLE BY $__sampleByInterval", name="worst")`
    """

    sql: str = checked(validators.text, kw_only=False)
    """QuestDB's SQL with the macros of its plugin (`$__timeFilter(timestamp)`, `$__sampleByInterval`, `$__fromTime`,
    `$__toTime`) and the dashboard's variables (`rawSql`)."""
    name: str = checked(validators.text, default="")
    """What `ByQuery` and messages call it: `name="worst"`. The refIds A, B, … follow the order of the queries."""
    format: Format | None = checked(validators.maybe(validators.one_of(("time_series", "table"))), default=None)
    """What Grafana makes of the rows: time series by their text columns, or a table as it is. None: what the panel's
    kind draws; a table in alert rules (`format`)."""
    datasource: str | None = checked(validators.maybe(validators.text), default=None)
    """Name of the datasource where it is another than the panel's: `datasource="archive"`. None: the panel's
    (`datasource.uid`)."""
    hide: bool = checked(validators.flag, default=False)
    """True keeps the query in the panel's editor without running it (`hide`)."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` that are accepted here."""


MOST = 26
"""Queries a panel: refIds are A to Z."""
AnyQuery: TypeAlias = str | Query
"""A query, or just its SQL."""


def query(value: object) -> Query:
    """A query, or its SQL."""
    if isinstance(value, str):
        return Query(validators.text(value))
    if isinstance(value, Query):
        return value
    raise Wrong("SQL or a Query", kept=Query("?"))


_all = validators.many(query)


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
