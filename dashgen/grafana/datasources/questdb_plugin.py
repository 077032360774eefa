"""What the QuestDB plugin's backend makes of a query.

Sources: plugin 0.1.8 pkg/macros/macros.go; grafana-plugin-sdk-go 0.291 data/sqlutil/macros.go. The browser's
`$__conditionalAll` and variables come before it (see `browser`).
"""

from __future__ import annotations

from collections.abc import Callable

from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, backend_text
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.times import rfc3339
from dashgen.sql.lexer import MacroRef, macros


def expand(sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
    """The text that reaches QuestDB. A macro that the plugin does not know stays as it is, which QuestDB then
    refuses.

    Raises `MacroError` with the plugin's text for a wrong number of arguments."""
    return rewrite(sql, _replacements(sql, time_range, interval_ns))


def sample_by(interval_ns: int) -> str:
    """`$__sampleByInterval`: whole hours if there is one, else seconds, else milliseconds (`T`)."""
    hours, seconds = interval_ns // (3600 * SECOND), interval_ns // SECOND
    if hours > 0:
        whole = interval_ns == hours * 3600 * SECOND
        return f"{hours // 24}d" if hours >= 24 and whole else f"{hours}h"
    return f"{seconds}s" if seconds > 0 else f"{max(interval_ns // MS, 1)}T"


def _replacements(sql: str, time_range: TimeRange, interval_ns: int) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    done = 0
    for macro in macros(sql):
        if macro.start < done or sql[macro.start + 1] != "_" or macro.name not in _MACROS:
            continue
        if macro.args is None and sql[macro.end : macro.end + 1] == "(":
            raise MacroError("failed to parse macro arguments (missing close bracket?)", macro.name, macro.start)
        args = [arg.strip() for arg in macro.args or ()]
        args = [expand(arg, time_range, interval_ns).text for arg in args]
        found.append((macro.start, macro.end, _MACROS[macro.name](macro, args, time_range, interval_ns)))
        done = macro.end
    return found


def _micros(ns: int) -> str:
    return f"cast({ns // 1000} as timestamp)"


def _one(macro: MacroRef, args: list[str]) -> str:
    if len(args) != 1:
        message = f"unexpected number of arguments: expected 1 argument, received {len(args)}"
        raise MacroError(message, macro.name, macro.start)
    return args[0]


def _time_filter(macro: MacroRef, args: list[str], time_range: TimeRange, _: int) -> str:
    column = _one(macro, args)
    return f"{column} >= {_micros(time_range.from_ns)} AND {column} <= {_micros(time_range.to_ns)}"


def _time_group(macro: MacroRef, args: list[str], _: TimeRange, __: int) -> str:
    if len(args) != 2:
        message = f"unexpected number of arguments: expected 1 argument, received {len(args)}"
        raise MacroError(message, macro.name, macro.start)
    periods = ("minute", "hour", "day", "month", "year")
    if args[1] not in periods:
        return ""
    return ",".join(f"datepart({period}, {args[0]})" for period in periods[periods.index(args[1]) :])


_MACROS: dict[str, Callable[[MacroRef, list[str], TimeRange, int], str]] = {
    "fromTime": lambda _, __, time_range, ___: _micros(time_range.from_ns),
    "toTime": lambda _, __, time_range, ___: _micros(time_range.to_ns),
    "timeFilter": _time_filter,
    "sampleByInterval": lambda _, __, ___, interval_ns: sample_by(interval_ns),
    "interval": lambda _, __, ___, interval_ns: backend_text(interval_ns),
    "interval_ms": lambda _, __, ___, interval_ns: str(interval_ns // MS),
    "timeFrom": lambda macro, args, r, _: f"{_one(macro, args)} >= '{rfc3339(r.from_ns // SECOND * SECOND)}'",
    "timeTo": lambda macro, args, r, _: f"{_one(macro, args)} <= '{rfc3339(r.to_ns // SECOND * SECOND)}'",
    "timeGroup": _time_group,
    "table": lambda _, __, ___, ____: "",
    "column": lambda _, __, ___, ____: "",
}
