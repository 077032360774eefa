"""Which macros there are, in which plugin, and who expands them.

Sources: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/{macros.go,sqleng/sql_engine.go}; QuestDB plugin
0.1.8 pkg/macros/macros.go and src/data/QuestDbDatasource.ts; grafana-plugin-sdk-go 0.291
data/sqlutil/macros.go (the defaults that the plugin's backend merges in); grafana/scenes' macros for the
browser's own variables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

from dashgen.model.core.problems import DashgenError

Plugin = Literal["questdb", "postgres"]
Side = Literal["backend", "browser"]


@dataclass(frozen=True, slots=True)
class Macro:
    """`arguments` is the least and the most number; None where parentheses don't belong to it. `accepted` is
    whether QuestDB takes the text that it becomes."""

    name: str
    plugin: Plugin
    side: Side
    arguments: tuple[int, int] | None = None
    accepted: bool = True
    note: str = ""


class MacroError(DashgenError, ValueError):
    """A macro that its datasource does not know or cannot expand. `start` is its offset in the author's
    text."""

    def __init__(self, message: str, name: str, start: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.name = name
        self.start = start


_QUESTDB = (
    Macro("fromTime", "questdb", "backend"),
    Macro("toTime", "questdb", "backend"),
    Macro("timeFilter", "questdb", "backend", (1, 1)),
    Macro("sampleByInterval", "questdb", "backend", note="truncates: 90 m is 1h; below 1 s it is nT"),
    Macro("interval", "questdb", "backend", note="below 1 s it is nms, which SAMPLE BY reads as 1s"),
    Macro("interval_ms", "questdb", "backend"),
    Macro("timeFrom", "questdb", "backend", (1, 1), note="a whole condition, not a literal; cut to seconds"),
    Macro("timeTo", "questdb", "backend", (1, 1), note="a whole condition, not a literal; cut to seconds"),
    Macro("timeGroup", "questdb", "backend", (2, 2), accepted=False, note="becomes datepart(hour, …)"),
    Macro("table", "questdb", "backend", accepted=False, note="empty for a raw query"),
    Macro("column", "questdb", "backend", accepted=False, note="empty for a raw query"),
    Macro("conditionalAll", "questdb", "browser", (2, 2)),
)
_POSTGRES = (
    Macro("interval", "postgres", "backend", note="below 1 s it is nms, which SAMPLE BY reads as 1s"),
    Macro("interval_ms", "postgres", "backend"),
    Macro("unixEpochFrom", "postgres", "backend", (0, 0)),
    Macro("unixEpochTo", "postgres", "backend", (0, 0)),
    Macro("time", "postgres", "backend", (1, 1)),
    Macro("timeEpoch", "postgres", "backend", (1, 1)),
    Macro("timeFilter", "postgres", "backend", (1, 1)),
    Macro("timeFrom", "postgres", "backend", (0, 0), note="a quoted literal"),
    Macro("timeTo", "postgres", "backend", (0, 0), note="a quoted literal"),
    Macro("timeGroup", "postgres", "backend", (2, 3)),
    Macro("timeGroupAlias", "postgres", "backend", (2, 3)),
    Macro("unixEpochFilter", "postgres", "backend", (1, 1), note="seconds against microseconds: no rows"),
    Macro("unixEpochNanoFilter", "postgres", "backend", (1, 1), note="ns against microseconds: no rows"),
    Macro("unixEpochNanoFrom", "postgres", "backend", (0, 0)),
    Macro("unixEpochNanoTo", "postgres", "backend", (0, 0)),
    Macro("unixEpochGroup", "postgres", "backend", (2, 3)),
    Macro("unixEpochGroupAlias", "postgres", "backend", (2, 3)),
)
# Variables of the browser that look like macros; the same for every datasource.
BROWSER = frozenset(
    {"from", "to", "all", "name", "org", "user", "dashboard", "timezone", "range", "range_s", "range_ms"}
    | {"rate_interval", "rate_interval_ms", "url", "url_time_range", "all_variables", "searchFilter"}
    | {"series", "field", "value", "data", "cell"}
)
MACROS: tuple[Macro, ...] = _QUESTDB + _POSTGRES
_BY_NAME = {(macro.plugin, macro.name): macro for macro in MACROS}


def find(plugin: Plugin, name: str) -> Macro | None:
    """`name` without `$__`."""
    known = _BY_NAME.get((plugin, name))
    if known is None and name in BROWSER:
        return Macro(name, plugin, "browser")
    return known


_NAMES = re.compile(r"\$\{?__(\w+)", re.ASCII)
_FINE = {
    plugin: BROWSER.union(m.name for m in MACROS if m.plugin == plugin)
    - {m.name for m in MACROS if m.plugin == plugin and not m.accepted}
    for plugin in get_args(Plugin)
}
"""The names that `check` has nothing to say of."""


def check(sql: str, plugin: Plugin) -> None:
    """Raises `MacroError` for the first macro that the datasource does not know, or that becomes what QuestDB
    refuses."""
    if _FINE[plugin].issuperset(_NAMES.findall(sql)):
        return
    for match in _NAMES.finditer(sql):
        name = match[1]
        known = find(plugin, name)
        if known is None:
            near = get_close_matches(name, [m.name for m in MACROS if m.plugin == plugin and m.accepted], 1)
            hint = f"did you mean $__{near[0]}?" if near else ""
            raise MacroError(f"the {plugin} datasource has no macro $__{name}", name, match.start(), hint)
        if not known.accepted:
            raise MacroError(f"$__{name} {known.note}, which QuestDB refuses", name, match.start(), "use SAMPLE BY")
