"""What the browser does to a query before it sends it: `$__conditionalAll`, Grafana's own variables, the dashboard's.

Sources, Grafana 12.3: grafana/scenes variables/macros/{index,timeMacros,contextMacros}.ts, querying/SceneQueryRunner.ts
(`$__interval` and `$__interval_ms` are variables of a panel and of an annotation); packages/grafana-sql
SqlDatasource.ts; QuestDB plugin 0.1.8 src/data/QuestDbDatasource.ts (`applyConditionalAll`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashgen.grafana.datasources.intervals import MS, Interval, TimeRange
from dashgen.grafana.datasources.macros import Plugin
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.variables import ALL, ChosenVariable, replacements

_CONDITIONAL = "$__conditionalAll("
_VARIABLE = re.compile(r"(?<=\$\{)\w+(?=\})|(?<=\$)\w+", re.ASCII)
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
    text = conditional_all(sql, viewing.variables) if plugin == "questdb" else Expanded(sql)
    found = [*replacements(text.text, viewing.variables, plugin), *_own(text.text, viewing)]
    return text.then(rewrite(text.text, sorted(found)))


def conditional_all(sql: str, variables: Iterable[ChosenVariable]) -> Expanded:
    """`$__conditionalAll(condition, $variable)`: the condition, or `1=1` where All or nothing is chosen. The last one
    first, so that one inside another is done before it; one that has not two arguments ends it."""
    known = {variable.name: variable for variable in variables}
    text = Expanded(sql)
    while (start := text.text.rfind(_CONDITIONAL)) >= 0:
        inner = start + len(_CONDITIONAL)
        arguments = _arguments(text.text, inner)
        if len(arguments) != 2:
            break
        (begin, end), (second, close) = arguments
        name = _VARIABLE.search(text.text[second:close])
        variable = known.get(name.group()) if name else None
        if variable is not None and ",".join(_several(variable.value)) in ("", ALL):
            text = text.then(rewrite(text.text, [(start, close + 1, "1=1")]))
        else:
            text = text.then(rewrite(text.text, [(start, begin, ""), (end, close + 1, "")]))
    return text


def _arguments(sql: str, start: int) -> list[tuple[int, int]]:
    """Start and end of each, by counting parentheses; none where the last one is missing."""
    found, depth, begin = [], 1, start
    for match in re.compile("[(),]").finditer(sql, start):
        depth += {"(": 1, ")": -1, ",": 0}[match.group()]
        if (match.group() == "," and depth == 1) or depth == 0:
            found.append((begin, match.start()))
            begin = match.end()
        if depth == 0:
            return found
    return []


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


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
