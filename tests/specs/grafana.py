"""Grafana's part, played on a real QuestDB: the queries of rendered dashboards, expanded as the datasource of the
environment does it, run over PG wire as its read-only login, and made frames.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg

from dashgen.grafana.datasources import postgres, questdb_plugin
from dashgen.grafana.datasources.frames import Format, Frame, FrameField, WireColumn
from dashgen.grafana.datasources.interpolation import interpolate
from dashgen.grafana.datasources.intervals import TimeRange, browser_interval
from dashgen.grafana.datasources.postgres import postgres_frame
from dashgen.grafana.datasources.questdb_plugin import questdb_frame
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variables import ALL, ChosenVariable
from dashgen.model.environment import Environment, Plugin
from dashgen.render import render
from specs import PROJECT
from specs.environments import LOCAL, PROD

ENVIRONMENTS: Mapping[str, Environment] = {"questdb": PROD, "postgres": LOCAL}
"""The environment that is rendered for each plugin."""

PIXELS = 1800
"""Width of a screen that a dashboard is looked at on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a dashboard: of a panel, of a variable, or of an annotation."""

    dashboard: str
    kind: str
    name: str
    sql: str
    format: Format
    points: int
    interval: str = ""

    def __str__(self) -> str:
        return f"{self.dashboard} › {self.name}"


@cache
def dashboards(plugin: str) -> Mapping[str, dict[str, Any]]:
    """Rendered dashboards by uid."""
    documents = (json.loads(d.data) for d in render(PROJECT, ENVIRONMENTS[plugin]) if "/daemons/" in str(d.path))
    return {str(d["uid"]): d for d in documents}


@cache
def queries(plugin: str) -> tuple[Asked, ...]:
    return tuple(_queries(plugin))


def _queries(plugin: str) -> Iterator[Asked]:
    for uid, dashboard in dashboards(plugin).items():
        for panel in dashboard["panels"]:
            points = panel.get("maxDataPoints") or panel["gridPos"]["w"] * PIXELS // 24
            for target in panel.get("targets", ()):
                format_: Format = "time_series" if target["format"] in (0, "time_series") else "table"
                interval = panel.get("interval", "")
                yield Asked(uid, panel["type"], panel["title"], target["rawSql"], format_, points, interval)
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                yield Asked(uid, "variable", "$" + variable["name"], variable["query"], "table", PIXELS)
        for annotation in dashboard["annotations"]["list"]:
            if "target" in annotation:
                yield Asked(uid, "annotation", annotation["name"], annotation["target"]["rawSql"], "table", PIXELS)


class Grafana:
    """Asks one server as one of the plugins does."""

    def __init__(self, connection: psycopg.Connection[Any], plugin: Plugin) -> None:
        self.connection = connection
        self.plugin = plugin

    def expand(self, asked: Asked, end: datetime, hours: float, chosen: Mapping[str, str | tuple[str, ...]]) -> str:
        until = round(end.timestamp() * 1000) * 1_000_000
        span = TimeRange(until - round(hours * 3600) * 1_000_000_000, until)
        interval = browser_interval(span, asked.points, asked.interval)
        text = interpolate(asked.sql, _variables(self.plugin, asked.dashboard, chosen), self.plugin).text
        expand = questdb_plugin.expand if self.plugin == "questdb" else postgres.expand
        return expand(text, span, interval.ns).text

    def ask(self, asked: Asked, end: datetime, hours: float, **chosen: str | tuple[str, ...]) -> Frame:
        return self.run(self.expand(asked, end, hours, chosen), asked.format)

    def panel(self, uid: str, title: str, end: datetime, hours: float, **chosen: str | tuple[str, ...]) -> Frame:
        return self.ask(find(self.plugin, uid, title), end, hours, **chosen)

    def run(self, sql: str, format_: Format) -> Frame:
        cursor = self.connection.execute(sql.encode())
        columns = [WireColumn(c.name, c.type_code) for c in cursor.description or ()]
        rows = [[_aware(value) for value in row] for row in cursor.fetchall()]
        make = questdb_frame if self.plugin == "questdb" else postgres_frame
        return make(columns, rows, format_)


def find(plugin: str, uid: str, name: str) -> Asked:
    return next(q for q in queries(plugin) if (q.dashboard, q.name) == (uid, name))


def rows(frame: Frame) -> list[dict[str, Value]]:
    """A table's rows by column name."""
    return [
        {field.name: field.values[i] for field in frame.fields}
        for i in range(len(frame.fields[0].values) if frame.fields else 0)
    ]


def name_of(field: FrameField) -> str:
    """What the legend says: the value of the only label, if the value column is `Value`; else the field's name."""
    return field.labels[0][1] if field.name == "Value" and field.labels else field.name


def series(frame: Frame) -> dict[str, list[tuple[datetime, float]]]:
    """Points by series, NULLs left out."""
    times = [t for t in frame.fields[0].values if isinstance(t, datetime)] if frame.fields else []
    return {
        name_of(field): [(t, float(v)) for t, v in zip(times, field.values, strict=True) if isinstance(v, int | float)]
        for field in frame.fields[1:]
    }


def _aware(value: object) -> Value:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    assert value is None or isinstance(value, str | bool | int | float)
    return value


def _variables(plugin: str, uid: str, chosen: Mapping[str, str | tuple[str, ...]]) -> list[ChosenVariable]:
    """All of each variable, and `prod`, unless said otherwise."""
    known = {v["name"]: v for v in dashboards(plugin)[uid]["templating"]["list"]}
    out = []
    for name, variable in known.items():
        value = chosen.get(name, "prod" if name == "env" else ALL)
        multi = bool(variable.get("multi"))
        everything = variable.get("allValue")
        out.append(ChosenVariable(name, value, multi, bool(variable.get("includeAll")), everything))
    return out
