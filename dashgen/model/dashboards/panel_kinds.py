"""What each kind of panel makes of a result: one row a kind, asked by constructors, rules and the renderer.

From knowledge of Grafana 12, not looked up kind by kind (public/app/plugins/panel/<kind>). A kind that is not here is
one of which nothing is claimed: `of` answers a row that asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class PanelKind(NamedTuple):
    """One row of the table."""

    name: str
    """Grafana's plugin id."""
    x: Literal["time", "number", ""] = ""
    """What its horizontal axis needs of the data: a time, a rising number, or nothing."""
    numeric: bool = False
    """It draws nothing without a number."""
    one_a_series: bool = False
    """It shows one value a series, not its course."""
    reduces: bool = False
    """`options.reduceOptions` says which value, and of which fields (`fields`; empty: the numeric ones)."""
    rows: bool = False
    """It shows the rows as they are."""
    wide: bool = False
    """Each series needs a column of its own."""
    states: bool = False
    """A value is shown as it is, and may need a mapping to be understood."""
    hides_by: Literal["hideFrom", "hidden", ""] = "hideFrom"
    """The custom option that hides a single field; empty where none can be hidden."""
    shows_alerts: bool = False
    """It shows the states of alert rules, and no query's result."""

    @property
    def over_time(self) -> bool:
        return self.x == "time"


_ROWS = (
    PanelKind("alertlist", shows_alerts=True),
    PanelKind("annolist"),
    PanelKind("barchart", numeric=True, one_a_series=True),
    PanelKind("bargauge", numeric=True, one_a_series=True, states=True, reduces=True, hides_by=""),
    PanelKind("candlestick", x="time", numeric=True, wide=True),
    PanelKind("canvas"),
    PanelKind("dashlist"),
    PanelKind("datagrid", rows=True),
    PanelKind("debug", rows=True),
    PanelKind("gauge", numeric=True, one_a_series=True, states=True, reduces=True, hides_by=""),
    PanelKind("geomap"),
    PanelKind("heatmap", numeric=True, wide=True),
    PanelKind("histogram", numeric=True),
    PanelKind("logs", rows=True),
    PanelKind("news"),
    PanelKind("nodeGraph"),
    PanelKind("piechart", numeric=True, one_a_series=True, reduces=True),
    PanelKind("stat", numeric=True, one_a_series=True, states=True, reduces=True, hides_by=""),
    PanelKind("state-timeline", x="time", states=True),
    PanelKind("status-history", x="time", states=True),
    PanelKind("table", rows=True, states=True, hides_by="hidden"),
    PanelKind("text", rows=True),
    PanelKind("timeseries", x="time", numeric=True, wide=True, states=True),
    PanelKind("trend", x="number", numeric=True),
    PanelKind("xychart", numeric=True),
)
PANEL_KINDS: Mapping[str, PanelKind] = {kind.name: kind for kind in _ROWS}


def of(name: str) -> PanelKind:
    """The row of a kind, by Grafana's plugin id."""
    return PANEL_KINDS.get(name) or PanelKind(name)
