"""What the browser does to a query before it sends it: the plugin's part, Grafana's own variables, the dashboard's.

Sources, Grafana 12.3: grafana/scenes variables/macros/{index,timeMacros,contextMacros}.ts, querying/SceneQueryRunner.ts
(`$__interval` and `$__interval_ms` are variables of a panel and of an annotation); packages/grafana-sql
SqlDatasource.ts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashgen.grafana.datasources.intervals import MS, Interval, TimeRange
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.variables import ChosenVariable, replacements
from dashgen.model.environment import Plugin

_OWN = re.compile(
    r"\$__(\w+)|\$\{__(\w+)(?:\.([^:^}]{1,200}))?(?::([^}]{1,200}))?\}|\[\[__(\w+?)(?::(\w+))?\]\]", re.ASCII
)
# What a viewer is called matters to no query that is right; these are any viewer's.
_VIEWER: Mapping[str, Mapping[str, str]] = {
    "user": {"": "1", "id": "1", "login": "viewer", "email": "viewer@example.com"},
    "org": {"": "1", "id": "1", "name": "Main Org."},
}


@dataclass(frozen=True, slots=True)
class Viewing:
    """What is on the screen. `interval` is None where the browser does not compute one: in the queries of variables.
    `dashboard` is uid and title."""

    time_range: TimeRange
    interval: Interval | None
    variables: tuple[ChosenVariable, ...] = ()
    dashboard: tuple[str, str] = ("", "")
    timezone: str = "utc"


def browse(sql: str, plugin: Plugin, viewing: Viewing) -> Expanded:
    """The query as it is sent to the backend. What the browser does not know stays."""
    text = PLUGINS[plugin].in_browser(sql, viewing.variables)
    found = [*replacements(text.text, viewing.variables, PLUGINS[plugin].default_text), *_own(text.text, viewing)]
    return text.then(rewrite(text.text, sorted(found)))


def _own(sql: str, viewing: Viewing) -> Iterable[tuple[int, int, str]]:
    for match in _OWN.finditer(sql):
        plain, braced, path, format_, squared, squared_format = match.groups()
        text = _value(plain or braced or squared, path or "", format_ or squared_format or "", viewing)
        if text is not None:
            yield match.start(), match.end(), text


def _value(name: str, path: str, format_: str, viewing: Viewing) -> str | None:
    if name in ("from", "to"):
        ns = viewing.time_range.from_ns if name == "from" else viewing.time_range.to_ns
        return moment(ns // MS, format_)
    if name in ("interval", "interval_ms") and viewing.interval is not None:
        return viewing.interval.text if name == "interval" else str(viewing.interval.ms)
    if name == "timezone":
        return viewing.timezone
    if name == "dashboard":
        return viewing.dashboard[0 if path == "uid" else 1]
    return _VIEWER.get(name, {}).get(path)


_DATE = re.compile(r"YYYY|MM|DD|HH|mm|ss|SSS")
_STRFTIME = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def moment(ms: int, format_: str) -> str:
    """A time as `${__from:date:YYYY-MM}` asks for it: milliseconds unless a date is asked for, which is ISO 8601 in UTC
    unless another form is."""
    kind, _, form = format_.partition(":")
    if kind != "date":
        return str(ms)
    if form == "seconds":
        return str(ms // 1000)
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    if form in ("", "iso"):
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"
    return _DATE.sub(lambda m: f"{ms % 1000:03}" if m[0] == "SSS" else at.strftime(_STRFTIME[m[0]]), form)
