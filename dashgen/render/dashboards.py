"""A dashboard of the model as Grafana's classic JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, cast

from grafana_foundation_sdk.models import dashboard as dm

from dashgen.model.core.durations import Duration
from dashgen.model.core.ids import panel_id
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.dashboard import AnyAnnotation, AnyPanel, Dashboard, RawAnnotation, Row
from dashgen.model.dashboards.foreign import ForeignPanel, RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.environment import Environment
from dashgen.render.fields import Plain, plain
from dashgen.render.foreign import placed
from dashgen.render.layout import GridPosition, flow
from dashgen.render.links import dashboard_link, put
from dashgen.render.panels import panel as render_panel
from dashgen.render.raw import merged, patched
from dashgen.render.targets import Datasources, sdk
from dashgen.render.variables import variable

JsonData: TypeAlias = dict[str, object]

_SYNC = {
    "off": dm.DashboardCursorSync.OFF,
    "crosshair": dm.DashboardCursorSync.CROSSHAIR,
    "tooltip": dm.DashboardCursorSync.TOOLTIP,
}


class RenderContext(NamedTuple):
    """What rendering needs to know beside the dashboard. `env_values` are those of the project's environments;
    `intervals` is seconds by table or view: how often rows come, or how wide the buckets are."""

    environment: Environment
    env_values: tuple[str, ...]
    datasources: Datasources
    intervals: Mapping[str, float]


def min_interval(panel: Panel, intervals: Mapping[str, float]) -> str | None:
    """The author's, or the largest of what the panel's tables ask for: a smaller bucket is empty now and then, and a
    rate over it wrong by the ratio of the two (measured over a one-minute view)."""
    asked = [Duration.parse(panel.min_interval).seconds] if panel.min_interval else []
    if intervals:
        from dashgen.sql.reads import relations  # a project without tables needs no parser

        asked += [intervals[r] for q in panel.queries for r in relations(q.sql) or () if r in intervals]
    return str(Duration(max(asked))) if asked else None


def _place(row: Row, top: int, context: RenderContext) -> tuple[list[JsonData], int]:
    sized = [(p, *(p.size if isinstance(p, ForeignPanel) else (p.width, p.height))) for p in row.panels]
    out: list[JsonData] = []
    bottom = top
    for panel, place in flow(sized, top):
        out.append(_panel(panel, place, context))
        bottom = max(bottom, place.y + place.h)
    return out, bottom


def _panel(panel: AnyPanel, place: GridPosition, context: RenderContext) -> JsonData:
    if isinstance(panel, ForeignPanel):
        return placed(panel, place, context.environment)
    if isinstance(panel, RawPanel):
        return {**panel.data, "gridPos": place.as_json(), "id": panel_id(panel.slug)}
    return render_panel(panel, place, context.environment, context.datasources, min_interval(panel, context.intervals))


def _panels(dashboard: Dashboard, context: RenderContext) -> list[JsonData]:
    """Collapsed rows nest their panels; their positions count from below the row's header all the same."""
    out: list[JsonData] = []
    y = 0
    for row in dashboard.rows:
        y = y if row.top is None else row.top
        if not row.title:
            panels, y = _place(row, y, context)
            out += panels
            continue
        header = dm.GridPos(h=1, w=24, x=0, y=y)
        panels, bottom = _place(row, y + 1, context)
        made = dm.RowPanel(
            title=row.title,
            id_val=panel_id(row.slug),
            collapsed=row.collapsed,
            grid_pos=header,
            panels=[],
            repeat=row.repeat or None,
        )
        data = cast("JsonData", plain(made))
        if row.collapsed:
            data["panels"] = panels
        out.append(merged(data, row.raw) if row.raw else data)
        if row.collapsed:
            y += 1
        else:
            out += panels
            y = bottom
    return out


def rendered_annotation(annotation: AnyAnnotation, context: RenderContext) -> dm.AnnotationQuery:
    """Any SQL datasource takes a query as `target`; the frame's columns time, timeend, text and tags are read."""
    if isinstance(annotation, RawAnnotation):
        return cast("dm.AnnotationQuery", Plain(thaw(annotation.json)))
    ref = context.datasources.ref(annotation.query.datasource or annotation.datasource)
    made = dm.AnnotationQuery(
        name=annotation.name,
        datasource=sdk(ref),
        enable=annotation.enabled,
        hide=annotation.hidden,
        icon_color=str(annotation.color),
        target=context.datasources.target(annotation.query, annotation.datasource, "Anno", "table"),
    )
    put(made, annotation.placement, context.environment)
    return patched(made, annotation.raw)


def dashboard(value: Dashboard, context: RenderContext) -> JsonData:
    """As JSON data. Panels share parts of them: nobody may change them."""
    environment = context.environment
    context = context._replace(datasources=context.datasources.chosen(value))
    builtin = dm.AnnotationQuery(
        name="Annotations & Alerts",
        datasource=dm.DataSourceRef(type_val="grafana", uid="-- Grafana --"),
        enable=True,
        hide=True,
        icon_color="rgba(0, 211, 255, 1)",
        type_val="dashboard",
        built_in=1,
    )
    put(builtin, "header", environment)
    made = dm.Dashboard(
        uid=environment.uid_prefix + value.uid,
        title=value.title,
        description=value.description or None,
        tags=list(value.tags),
        timezone=value.timezone,
        editable=value.editable,
        graph_tooltip=_SYNC[value.crosshair],
        time=dm.DashboardDashboardTime(from_val=value.time_from, to=value.time_to),
        refresh=value.refresh,
        timepicker=dm.TimePickerConfig(hidden=None, refresh_intervals=list(value.refresh_intervals))
        if value.refresh_intervals
        else None,
        templating=dm.DashboardDashboardTemplating(
            [variable(v, environment, context.env_values, context.datasources) for v in value.variables]
        ),
        annotations=dm.AnnotationContainer([builtin, *(rendered_annotation(a, context) for a in value.annotations)]),
        links=[dashboard_link(link, environment) for link in value.links],
    )
    data = {**cast("JsonData", plain(made)), "panels": _panels(value, context)}
    if value.raw:
        data = merged(data, value.raw)
    return {**data, "id": None}  # which Grafana asks for and the SDK leaves out
