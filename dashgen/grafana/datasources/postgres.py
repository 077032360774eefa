"""What Grafana's built-in PostgreSQL datasource makes of a query.

Source: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/{macros.go,sqleng/sql_engine.go}, TimescaleDB off.
"""

from __future__ import annotations

import re

from dashgen.grafana.datasources.fill import Fill
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, backend_text, parse_duration
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.times import rfc3339

_GLOBAL = re.compile(r"\$__interval_ms|\$__interval|\$__unixEpochFrom\(\)|\$__unixEpochTo\(\)")
_CALL = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")


def expand(sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
    """The text that reaches QuestDB. Raises `MacroError` with Grafana's text for a macro that it does not
    know."""
    return _expand(sql, time_range, interval_ns)[0]


def fill_of(sql: str, time_range: TimeRange, interval_ns: int) -> Fill | None:
    """What the query's macros ask to be filled; the last one wins."""
    return _expand(sql, time_range, interval_ns)[1]


def _expand(sql: str, time_range: TimeRange, interval_ns: int) -> tuple[Expanded, Fill | None]:
    texts = {
        "$__interval_ms": str(interval_ns // MS),
        "$__interval": backend_text(interval_ns),
        "$__unixEpochFrom()": str(time_range.from_ns // SECOND),
        "$__unixEpochTo()": str(time_range.to_ns // SECOND),
    }
    first = rewrite(sql, [(m.start(), m.end(), texts[m.group()]) for m in _GLOBAL.finditer(sql)])
    fill: Fill | None = None
    replaced: list[tuple[int, int, str]] = []
    for match in _CALL.finditer(first.text):
        name = match[1]
        first_call = first.text.index(match.group())
        if name == "__timeGroup" and first.text[first_call + len(match.group()) :].startswith(","):
            name = "__timeGroupAlias"
        args = [arg.strip(" ") for arg in match[2].split(",")]
        try:
            text, asked = _evaluate(name, args, time_range)
        except ValueError as error:
            raise MacroError(str(error), name.removeprefix("__"), first.source(match.start())) from error
        fill = asked or fill
        replaced.append((match.start(), match.end(), text))
    return first.then(rewrite(first.text, replaced)), fill


def _evaluate(name: str, args: list[str], time_range: TimeRange) -> tuple[str, Fill | None]:
    start, stop = time_range.from_ns, time_range.to_ns
    if name.endswith("GroupAlias"):
        text, fill = _evaluate(name.removesuffix("Alias"), args, time_range)
        return f'{text} AS "time"', fill
    if name in ("__timeGroup", "__unixEpochGroup"):
        if len(args) < 2:
            raise ValueError(f"macro {name} needs time column and interval and optional fill value")
        try:
            # Grafana adds months and years to the current day here; their mean length stands in for that.
            interval = parse_duration(args[1].strip("'"))
        except ValueError as error:
            raise ValueError(f"error parsing interval {args[1]}") from error
        seconds = interval / SECOND
        length = str(int(seconds)) if seconds.is_integer() else repr(seconds)
        column = f"extract(epoch from {args[0]})" if name == "__timeGroup" else f"({args[0]})"
        return f"floor({column}/{length})*{length}", _fill(interval, args[2]) if len(args) == 3 else None
    texts = {
        "__time": f'{args[0]} AS "time"',
        "__timeEpoch": f'extract(epoch from {args[0]}) as "time"',
        "__timeFilter": f"{args[0]} BETWEEN '{rfc3339(start)}' AND '{rfc3339(stop)}'",
        "__timeFrom": f"'{rfc3339(start)}'",
        "__timeTo": f"'{rfc3339(stop)}'",
        "__unixEpochFilter": f"{args[0]} >= {start // SECOND} AND {args[0]} <= {stop // SECOND}",
        "__unixEpochNanoFilter": f"{args[0]} >= {start} AND {args[0]} <= {stop}",
        "__unixEpochNanoFrom": str(start),
        "__unixEpochNanoTo": str(stop),
    }
    if name not in texts:
        raise ValueError(f'unknown macro "{name}"')
    return texts[name], None


def _fill(interval: int, mode: str) -> Fill:
    if mode == "NULL":
        return Fill(interval)
    if mode == "previous":
        return Fill(interval, previous=True)
    try:
        return Fill(interval, value=float(mode))
    except ValueError as error:
        raise ValueError(f"error parsing fill value {mode}") from error
