"""grafana-foundation-sdk by its documented route: its builders, then `JSONEncoder(sort_keys=True, indent=2)`."""

from __future__ import annotations

from grafana_foundation_sdk.builders import common as cb
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as dm

from benchmarks.peers.shape import DESCRIPTION, PANELS, PLUGIN, UID, main, position, sql

SOURCE = common.DataSourceRef(type_val=PLUGIN, uid=UID)


class SqlQuery(Dataquery):
    """The SDK has no query of the QuestDB plugin: a data query of one's own, as its documentation shows."""

    def __init__(self, raw_sql: str, format_: int) -> None:
        self.raw_sql = raw_sql
        self.format = format_

    def to_json(self) -> dict[str, object]:
        return {"refId": "A", "datasource": SOURCE, "queryType": "sql", "format": self.format, "rawSql": self.raw_sql}


class Sql:
    """Its builder."""

    def __init__(self, raw_sql: str, format_: int) -> None:
        self.query = SqlQuery(raw_sql, format_)

    def build(self) -> SqlQuery:
        return self.query


def panel(dashboard: int, number: int) -> timeseries.Panel | stat.Panel:
    at = position(number)
    steps = [dm.Threshold(None, "green"), dm.Threshold(number + 1, "red")]
    thresholds = db.ThresholdsConfig().mode(dm.ThresholdsMode.ABSOLUTE).steps(steps)
    built: timeseries.Panel | stat.Panel
    if number % 2:
        legend = cb.VizLegendOptions().show_legend(True).display_mode(common.LegendDisplayMode.LIST)
        tooltip = cb.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
        built = timeseries.Panel().line_width(1).fill_opacity(0).legend(legend).tooltip(tooltip)
    else:
        built = stat.Panel().reduce_options(cb.ReduceDataOptions().calcs(["lastNotNull"]))
    target = Sql(sql(dashboard, number), 1 - number % 2)
    return (
        built.id(number + 1)
        .title(f"Panel {number}")
        .description(DESCRIPTION)
        .unit("ms")
        .thresholds(thresholds)
        .datasource(SOURCE)
        .grid_pos(dm.GridPos(h=at["h"], w=at["w"], x=at["x"], y=at["y"]))
        .with_target(target)  # type: ignore[arg-type]  # a builder by its shape, as the SDK's users give it
    )


def text(number: int) -> str:
    option = dm.VariableOption(True, "prod", "prod")
    dashboard = (
        db.Dashboard(f"Dashboard {number}")
        .uid(f"d{number}")
        .refresh("30s")
        .time("now-6h", "now")
        .with_variable(db.CustomVariable("env").values("prod").current(option))
        .with_row(db.Row("All").grid_pos(dm.GridPos(h=1, w=24, x=0, y=0)))
    )
    for one in range(PANELS):
        dashboard.with_panel(panel(number, one))
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard.build())


if __name__ == "__main__":
    main(text)
