"""grafanalib by its own encoder, as its `generate-dashboard` writes files."""

from __future__ import annotations

import io

from grafanalib._gen import write_dashboard
from grafanalib.core import (
    Dashboard,
    GridPos,
    Panel,
    RowPanel,
    SqlTarget,
    Stat,
    Template,
    Templating,
    Threshold,
    Time,
    TimeSeries,
)

from benchmarks.peers.shape import DESCRIPTION, PANELS, PLUGIN, UID, main, position, sql

SOURCE = {"type": PLUGIN, "uid": UID}


def panel(dashboard: int, number: int) -> Panel:
    at = position(number)
    steps = [Threshold("green", 0, 0.0), Threshold("red", 1, float(number + 1))]
    common = {
        "title": f"Panel {number}",
        "description": DESCRIPTION,
        "id": number + 1,
        "dataSource": SOURCE,
        "gridPos": GridPos(h=at["h"], w=at["w"], x=at["x"], y=at["y"]),
        "targets": [
            SqlTarget(refId="A", datasource=SOURCE, rawSql=sql(dashboard, number), format=1 - number % 2),
        ],
        "thresholds": steps,
    }
    if number % 2:
        return TimeSeries(**common, unit="ms", tooltipMode="multi")
    return Stat(**common, format="ms", reduceCalc="lastNotNull", graphMode="none")


def text(number: int) -> str:
    dashboard = Dashboard(
        uid=f"d{number}",
        title=f"Dashboard {number}",
        refresh="30s",
        time=Time("now-6h", "now"),
        templating=Templating([Template(name="env", type="custom", query="prod", default="prod")]),
        panels=[
            RowPanel(title="All", gridPos=GridPos(h=1, w=24, x=0, y=0)),
            *(panel(number, p) for p in range(PANELS)),
        ],
    ).auto_panel_ids()
    out = io.StringIO()
    write_dashboard(dashboard, out)
    return out.getvalue()


if __name__ == "__main__":
    main(text)
