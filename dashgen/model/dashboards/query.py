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
    """SQL, rendered for the datasource's plugin that the environment has.

    `Query("SELECT timestamp AS time, max(ms) AS worst FROM t SAMPLE BY $__sampleByInterval", name="worst")`
    """

    sql: str = checked(validators.text, kw_only=False)
    """QuestDB's SQL with the macros of its plugin (`$__timeFilter(timestamp)`, `$__sampleByInterval`, `$__fromTime`,
    `$__toTime`) and the dashboard's variables (`rawSql`)."""
    name: str = checked(validators.text, default="")
    """What `ByQuery` and messages call it: `name="worst"`. The refIds A, B, … follow the order of the queries."""
    format: Format | None = checked(validators.literal(), default=None)
    """What Grafana makes of the rows: time series by their text columns, or a table as it is. None: what the panel's
    kind draws; a table in alert rules (`format`)."""
    datasource: str | None = checked(validators.maybe(validators.text), default=None)
    """Name of the datasource where it is another than the panel's: `datasource="archive"`. None: the panel's
    (`datasource.uid`)."""
    hide: bool = checked(validators.flag, default=False)
    """True keeps the query in the panel's editor without running it (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """Grafana's name of the query, where it must be another than the letter by its place: `ref_id="rate"` (`refId`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged over the target as it is rendered, unchecked: `raw={"meta": {"timezone": "UTC"}}`. None takes
    a key out (RFC 7396)."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` that are accepted here."""


@node
class DatasourceRef(Node):
    """A datasource that is not the environment's, as Grafana refers to it: `DatasourceRef("prometheus", "${ds}")`."""

    type: str = checked(validators.any_text, kw_only=False)
    """Id of its plugin; empty where only the uid is known (`datasource.type`)."""
    uid: str = checked(validators.any_text, default="", kw_only=False)
    """Its uid, or a variable by which viewers choose it: `uid="${ds}"` (`datasource.uid`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged over the reference, unchecked: `raw={"apiVersion": "v1"}`. None takes a key out (RFC 7396).
    """


@node
class RawQuery(Node):
    """A query of another datasource than QuestDB, as its plugin has it: `RawQuery({"expr": "up"}, ref_id="up")`.

    It is rendered as it is, and no check looks at it.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """The target without `refId`, `datasource` and `hide`: `json={"expr": "up"}`."""
    datasource: DatasourceRef | None = checked(validators.maybe(validators.a(DatasourceRef)), default=None)
    """Which datasource is asked. None: the target names none (`datasource`)."""
    name: str = checked(validators.any_text, default="")
    """What `ByQuery` calls it: `name="worst"`."""
    hide: bool = checked(validators.flag, default=False)
    """True keeps the query in the panel's editor without running it (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """Grafana's name of the query, where it must be another than the letter by its place: `ref_id="rate"` (`refId`)."""


@node
class SharedQuery(Node):
    """What another panel of the dashboard asks, which is then not asked again: `SharedQuery("fetch-rate")`."""

    panel: str = checked(validators.uid, kw_only=False)
    """The explicit `key` of that panel (`panelId`)."""
    json: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """What the target says beside: `json={"withTransforms": True}`."""
    name: str = checked(validators.any_text, default="")
    """What `ByQuery` calls it: `name="worst"`."""
    hide: bool = checked(validators.flag, default=False)
    """True keeps the query in the panel's editor without running it (`hide`)."""
    ref_id: str = checked(validators.any_text, default="")
    """Grafana's name of the query, where it must be another than the letter by its place: `ref_id="rate"` (`refId`)."""


MOST = 26
"""Queries a panel: refIds are A to Z."""
REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AnyQuery: TypeAlias = str | Query
"""A query, or just its SQL."""
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
    """As `queries`, and queries of other datasources among them."""
    return (value,) if isinstance(value, RawQuery) else _several(value, _of_alert)


def panel_queries(value: object) -> tuple[PanelTarget, ...]:
    """As `queries`, and queries of other datasources among them."""
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
