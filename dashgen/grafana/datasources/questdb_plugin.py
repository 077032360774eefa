"""QuestDB's plugin for Grafana: `questdb-questdb-datasource`.

Sources: plugin 0.1.8 pkg/macros/macros.go, src/data/QuestDbDatasource.ts (`applyConditionalAll`, metricFindQuery),
src/types.ts, pkg/converters; grafana-plugin-sdk-go 0.291 data/sqlutil/macros.go (the macros that the plugin's backend
merges in); sqlds 4.2 query.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from dashgen.grafana.datasources.column_types import common_field
from dashgen.grafana.datasources.frames import Booleans, Format, Frame, WireColumn, long_to_wide, read_columns
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, backend_text
from dashgen.grafana.datasources.macros import Macro, MacroError, Macros
from dashgen.grafana.datasources.plugin import DatasourcePlugin, Release, VariableColumns
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.times import rfc3339
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variables import ALL, ChosenVariable, several
from dashgen.grafana.versions import Semantics
from dashgen.model.environment import QuestDB
from dashgen.sql.lexer import MacroRef, macros

_CONDITIONAL = "$__conditionalAll("
_VARIABLE = re.compile(r"(?<=\$\{)\w+(?=\})|(?<=\$)\w+", re.ASCII)
MACROS = Macros(
    "questdb",
    (
        Macro("fromTime", "backend"),
        Macro("toTime", "backend"),
        Macro("timeFilter", "backend", (1, 1)),
        Macro("sampleByInterval", "backend", note="truncates: 90 m is 1h; below 1 s it is nT"),
        Macro("interval", "backend", note="below 1 s it is nms, which SAMPLE BY reads as 1s"),
        Macro("interval_ms", "backend"),
        Macro("timeFrom", "backend", (1, 1), note="a whole condition, not a literal; cut to seconds"),
        Macro("timeTo", "backend", (1, 1), note="a whole condition, not a literal; cut to seconds"),
        Macro("timeGroup", "backend", (2, 2), accepted=False, note="becomes datepart(hour, …)"),
        Macro("table", "backend", accepted=False, note="empty for a raw query"),
        Macro("column", "backend", accepted=False, note="empty for a raw query"),
        Macro("conditionalAll", "browser", (2, 2)),
    ),
)


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
        if variable is not None and ",".join(several(variable.value)) in ("", ALL):
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


def questdb_frame(columns: Sequence[WireColumn], rows: Sequence[Sequence[Value]], format_: Format) -> Frame:
    """The first timestamp is the time, whatever its name. No rows: no fields for a series, all for a
    table.
    """
    if format_ == "time_series" and not rows:
        return Frame(())
    frame = read_columns(columns, rows, common_field)
    return long_to_wide(frame) if format_ == "time_series" and frame.shape == "long" else frame


class QuestDBPlugin(DatasourcePlugin):
    name = "questdb"
    id = "questdb-questdb-datasource"
    title = "the QuestDB plugin"
    release = Release("0.1.8", (12, 3))
    macros = MACROS
    unsaid_format = "time_series"

    def adapted(self, sql: str) -> Expanded:
        return Expanded(sql)

    def in_browser(self, sql: str, variables: Iterable[ChosenVariable]) -> Expanded:
        return conditional_all(sql, variables)

    def default_text(self, value: str | tuple[str, ...], variable: ChosenVariable) -> str:
        """Several are quoted but not escaped; one of a single choice is bare."""
        return value if isinstance(value, str) else "'" + "','".join(value) + "'"

    def expand(self, sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
        return expand(sql, time_range, interval_ns)

    def frame(
        self,
        sql: str,
        columns: Sequence[WireColumn],
        rows: Sequence[Sequence[Value]],
        format_: Format,
        span: TimeRange,
        booleans: Booleans = "number",
    ) -> Frame:
        return questdb_frame(columns, rows, format_)

    def failure(self, semantics: Semantics) -> str:
        """Recorded (0.1.9) where the server refuses a query; where none answers it is a guess."""
        return "error querying the database" if semantics.wrapped_errors else "db query error"

    def refusal(self, text: str, semantics: Semantics) -> str:
        return f"{self.failure(semantics)}: pq: {text}"

    def variable_columns(self, names: Sequence[str]) -> VariableColumns | None:
        return VariableColumns(0, 1)

    def variable_columns_expected(self, value: str, text: str) -> tuple[str, str, str]:
        return "the value first", "the QuestDB plugin takes the first column as the value", f"write {value}, {text}"

    def target(
        self, sql: str, ref_id: str, format_: Format, datasource: Mapping[str, str], *, hide: bool
    ) -> dict[str, object]:
        """Format 0 is time series, 1 table."""
        number = 0 if format_ == "time_series" else 1
        made: dict[str, object] = {
            "datasource": datasource,
            "format": number,
            "queryType": "sql",
            "rawSql": sql,
            "refId": ref_id,
            "selectedFormat": number,
        }
        return {**made, "hide": True} if hide else made

    def connection(self, datasource: QuestDB) -> dict[str, object]:
        return {
            "jsonData": {
                "server": datasource.host,
                "port": datasource.port,
                "username": datasource.user,
                "tlsMode": datasource.tls,
            }
        }
