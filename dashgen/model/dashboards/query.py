"""A query: plain QuestDB SQL with the QuestDB plugin's macros and Grafana's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from dashgen.model.core import validators
from dashgen.model.core.fields import Check, checked
from dashgen.model.core.ignore import Ignore, ignores
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.validators import NOTHING

Format = Literal["time_series", "table"]


@node
class Query(Node):
    """A SQL query, rendered for the plugin of the environment's data source.

    `Query("SELECT timestamp AS time, max(ms) AS worst FROM t SAMPLE BY $__sampleByInterval", name="worst")`
    """

    sql: str = checked(validators.text, kw_only=False)
    """QuestDB SQL with the macros of the QuestDB plugin (`$__timeFilter(timestamp)`, `$__sampleByInterval`,
    `$__fromTime`, `$__toTime`) and the dashboard's variables (`rawSql`)."""
    name: str = checked(validators.text, default="")
    """Name of the query in `ByQuery` and in messages: `name="worst"`. The refIds A, B, … follow the order of the
    queries."""
    format: Format | None = checked(validators.literal(), default=None)
    """Format of the result: time series, one for each combination of the values of text columns, or a table. None: the
    format that the panel's kind draws; in alert rules a table (`format`)."""
    datasource: str | None = checked(validators.maybe(validators.text), default=None)
    """Name of the data source, if it is not the panel's: `datasource="archive"`. None: the panel's
    (`datasource.uid`)."""
    hide: bool = checked(validators.flag, default=False)
    """True disables the query: the panel's editor shows it, but it does not run (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """RefId of the query in Grafana, if it must differ from the letter of its position (A, B, …): `ref_id="rate"`
    (`refId`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered target, without validation: `raw={"meta": {"timezone": "UTC"}}`. None
    removes a key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls
    included."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` to suppress for this query."""


@node
class DatasourceRef(Node):
    """Reference to a data source that the environment does not declare, as in dashboard JSON:
    `DatasourceRef("prometheus", "${ds}")`."""

    type: str = checked(validators.any_text, kw_only=False)
    """Plugin id of the data source; empty if only the uid is known (`datasource.type`)."""
    uid: str = checked(validators.any_text, default="", kw_only=False)
    """Uid of the data source, or a variable with which viewers choose it: `uid="${ds}"` (`datasource.uid`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered reference, without validation: `raw={"apiVersion": "v1"}`. None removes a
    key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""


@node
class RawQuery(Node):
    """A query of a data source other than QuestDB, as the JSON of its plugin: `RawQuery({"expr": "up"}, ref_id="up")`.

    It is rendered unchanged and is not checked.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """The target without `refId`, `datasource` and `hide`: `json={"expr": "up"}`."""
    datasource: DatasourceRef | None = checked(validators.maybe(validators.a(DatasourceRef)), default=None)
    """Data source of the query. None: the target has no `datasource` (`datasource`)."""
    name: str = checked(validators.any_text, default="")
    """Name of the query in `ByQuery`: `name="worst"`."""
    hide: bool = checked(validators.flag, default=False)
    """True disables the query: the panel's editor shows it, but it does not run (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """RefId of the query in Grafana, if it must differ from the letter of its position (A, B, …): `ref_id="rate"`
    (`refId`)."""


@node
class SharedQuery(Node):
    """Reuses the query results of another panel of the dashboard, without running its queries again:
    `SharedQuery("fetch-rate")`."""

    panel: str = checked(validators.uid, kw_only=False)
    """The explicit `key` of that panel (`panelId`)."""
    json: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """Further keys of the target: `json={"withTransforms": True}`."""
    name: str = checked(validators.any_text, default="")
    """Name of the query in `ByQuery`: `name="worst"`."""
    hide: bool = checked(validators.flag, default=False)
    """True disables the query: the panel's editor shows it, but it does not run (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """RefId of the query in Grafana, if it must differ from the letter of its position (A, B, …): `ref_id="rate"`
    (`refId`)."""


MOST = 26
"""Queries a panel: refIds are A to Z."""
REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AnyQuery: TypeAlias = str | Query
"""A `Query`, or only its SQL."""
PanelTarget: TypeAlias = Query | RawQuery | SharedQuery
PanelQuery: TypeAlias = str | PanelTarget
"""What a panel asks."""


def query(value: object) -> Query:
    """A query, or its SQL."""
    if isinstance(value, str):
        return Query(validators.text(value))
    if isinstance(value, Query):
        return value
    raise Wrong("SQL or a Query", kept=Query("?"))


_all = validators.many(query)
_of_alert = validators.many(lambda value: value if isinstance(value, RawQuery) else query(value))
_of_panel = validators.many(lambda value: value if isinstance(value, (RawQuery, SharedQuery)) else query(value))


def queries(value: object) -> tuple[Query, ...]:
    """A query, its SQL, or several of either."""
    return _several(value, _all)


def alert_queries(value: object) -> tuple[Query | RawQuery, ...]:
    """As `queries`, and queries of other data sources among them."""
    return (value,) if isinstance(value, RawQuery) else _several(value, _of_alert)


def panel_queries(value: object) -> tuple[PanelTarget, ...]:
    """As `queries`, and queries of other data sources among them."""
    return (value,) if isinstance(value, (RawQuery, SharedQuery)) else _several(value, _of_panel)


def _several(value: object, check: Check) -> tuple[Any, ...]:
    if isinstance(value, (str, Query)):
        return (query(value),)
    if isinstance(value, (tuple, list)) and value:
        if len(value) > MOST:
            raise Wrong(f"at most {MOST} queries", came=f"{len(value)} of them", kept=(Query("?"),))
        kept: tuple[Any, ...] = check(value)
        return kept
    raise Wrong("SQL, a Query, or a tuple of them", kept=(Query("?"),))
