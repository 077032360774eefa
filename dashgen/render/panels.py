"""Panels through the Foundation SDK's typed models, one function a kind for what differs.

The models are filled directly: the SDK's builders wrap the same objects, and building through them costs more than
rendering. What the SDK leaves out for a chart that works is said here (legends are hidden unless told to show,
`calcs` is empty for stat and gauge).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast, get_args

from grafana_foundation_sdk.models import (
    barchart,
    bargauge,
    common,
    gauge,
    heatmap,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.models import dashboard as dm

from dashgen.model.core.fields import fields
from dashgen.model.core.ids import panel_id
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards import panel as model
from dashgen.model.dashboards.field import FieldOptions
from dashgen.model.environment import Environment
from dashgen.render.fields import Plain, defaults, override, plain
from dashgen.render.fields import merged as with_keys
from dashgen.render.layout import GridPosition
from dashgen.render.links import panel_link
from dashgen.render.raw import merged
from dashgen.render.render_key import exact
from dashgen.render.targets import Datasources, reference

_MOST = 10_000
"""Frames that are kept."""
_MIXED = reference("datasource", "-- Mixed --")
_LEGEND_MODE = {
    "list": common.LegendDisplayMode.LIST,
    "table": common.LegendDisplayMode.TABLE,
    "hidden": common.LegendDisplayMode.HIDDEN,
}


def _legend(legend: model.Legend) -> common.VizLegendOptions:
    return common.VizLegendOptions(
        display_mode=_LEGEND_MODE[legend.mode],
        placement=common.LegendPlacement(legend.placement),
        show_legend=legend.mode != "hidden",
        calcs=list(legend.calcs),
        width=legend.width,
    )


def _tooltip(tooltip: model.Tooltip) -> common.VizTooltipOptions:
    return common.VizTooltipOptions(mode=common.TooltipDisplayMode(tooltip.mode), sort=common.SortOrder(tooltip.sort))


def _reduce(panel: model.Stat | model.Gauge | model.BarGauge) -> common.ReduceDataOptions:
    return common.ReduceDataOptions(values=panel.all_values, calcs=[panel.calc], fields=panel.fields)


def _stacking(mode: str) -> common.StackingConfig:
    return common.StackingConfig(mode=common.StackingMode(mode), group="A")


def _timeseries(p: model.TimeSeries) -> tuple[object, object]:
    log = common.ScaleDistributionConfig(type_val=common.ScaleDistribution.LOG, log=p.log_base) if p.log_base else None
    custom = timeseries.FieldConfig(
        draw_style=common.GraphDrawStyle(p.draw),
        line_interpolation=common.LineInterpolation(p.interpolation),
        line_width=p.line_width,
        fill_opacity=p.fill_opacity,
        show_points=common.VisibilityMode(p.points),
        stacking=_stacking(p.stack) if p.stack != "none" else None,
        span_nulls=p.span_nulls,
        axis_label=p.axis_label or None,
        axis_soft_min=p.soft_min,
        axis_soft_max=p.soft_max,
        scale_distribution=log,
        thresholds_style=common.GraphThresholdsStyleConfig(mode=common.GraphThresholdsStyleMode(p.threshold_style))
        if p.threshold_style != "off"
        else None,
    )
    return timeseries.Options(legend=_legend(p.legend), tooltip=_tooltip(p.tooltip)), custom


def _stat(p: model.Stat) -> tuple[object, object]:
    return stat.Options(
        graph_mode=common.BigValueGraphMode(p.graph),
        color_mode=common.BigValueColorMode(p.color_mode),
        text_mode=common.BigValueTextMode(p.text_mode),
        orientation=common.VizOrientation(p.orientation),
        reduce_options=_reduce(p),
    ), None


def _gauge(p: model.Gauge) -> tuple[object, object]:
    return gauge.Options(
        reduce_options=_reduce(p),
        show_threshold_labels=p.show_threshold_labels,
        show_threshold_markers=p.show_threshold_markers,
        orientation=common.VizOrientation(p.orientation),
    ), None


def _bargauge(p: model.BarGauge) -> tuple[object, object]:
    return bargauge.Options(
        reduce_options=_reduce(p),
        display_mode=common.BarGaugeDisplayMode(p.display),
        value_mode=common.BarGaugeValueMode(p.value_mode),
        orientation=common.VizOrientation(p.orientation),
    ), None


def _table(p: model.Table) -> tuple[object, object]:
    options = table.Options(
        show_header=p.show_header,
        cell_height=common.TableCellHeight(p.cell_height),
        sort_by=[common.TableSortByFieldState(display_name=s.column, desc=s.descending) for s in p.sort_by] or None,
    )
    options.footer = None  # the SDK writes one that is not shown; Grafana 12.4 has it in the field config
    return options, Plain({"filterable": True}) if p.filterable else None


def _state_timeline(p: model.StateTimeline) -> tuple[object, object]:
    options = statetimeline.Options(
        show_value=common.VisibilityMode(p.show_value),
        row_height=p.row_height,
        merge_values=p.merge_values,
        align_value=common.TimelineValueAlignment(p.align),
        legend=_legend(p.legend),
        tooltip=_tooltip(p.tooltip),
    )
    return options, statetimeline.FieldConfig(line_width=p.line_width, fill_opacity=p.fill_opacity)


def _without(options: object, key: str) -> Plain:
    """Options without a key that the SDK writes whatever it holds."""
    data = cast("dict[str, object]", plain(options))
    return Plain({name: value for name, value in data.items() if name != key})


def _barchart(p: model.BarChart) -> tuple[object, object]:
    options: Any = barchart.Options(
        x_field=p.x or None,
        orientation=common.VizOrientation(p.orientation),
        stacking=common.StackingMode(p.stack),
        show_value=common.VisibilityMode(p.show_value),
        legend=_legend(p.legend),
        tooltip=_tooltip(p.tooltip),
    )
    options = _without(options, "xTickLabelMaxLength")  # 0 in the SDK, which cuts every label; Grafana leaves it out
    return options, barchart.FieldConfig(fill_opacity=p.fill_opacity)


def _heatmap(p: model.Heatmap) -> tuple[object, object]:
    return heatmap.Options(
        calculate=p.calculate,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.SCHEME,
            scheme=p.scheme,
            reverse=p.reverse,
            exponent=0.5,
            fill="dark-orange",
            steps=64,
        ),
        cell_gap=p.cell_gap,
        legend=heatmap.HeatmapLegend(show=p.show_legend),
        tooltip=heatmap.HeatmapTooltip(mode=common.TooltipDisplayMode.SINGLE),
    ), None


def _text(p: model.Text) -> tuple[object, object]:
    return text.Options(mode=text.TextMode(p.mode), content=p.content), None


def _alert_list(p: model.AlertList) -> tuple[object, object]:
    """The SDK has no alert list; keys as Grafana's panel of that name saves them."""
    return Plain(
        {
            "alertInstanceLabelFilter": p.labels,
            "alertName": p.alert_name,
            "dashboardAlerts": False,
            # by title, its id is not read (Grafana's alertlist/UnifiedAlertList.tsx, filterRules)
            **({"folder": {"title": p.folder}} if p.folder else {}),
            "groupBy": list(p.group_by),
            "groupMode": "custom" if p.group_by else "default",
            "maxItems": p.max_items,
            "sortOrder": 1,
            "stateFilter": {state: state in p.states for state in get_args(model.State)},
            "viewMode": p.view,
        }
    ), None


_MAKERS: dict[str, Callable[[Any], tuple[object, object]]] = {
    "timeseries": _timeseries,
    "stat": _stat,
    "gauge": _gauge,
    "bargauge": _bargauge,
    "table": _table,
    "state-timeline": _state_timeline,
    "barchart": _barchart,
    "heatmap": _heatmap,
    "text": _text,
    "alertlist": _alert_list,
}


def _typed(p: model.Panel) -> tuple[object, object]:
    """The options and the custom field config of a panel of one of the typed kinds."""
    make = _MAKERS.get(p.kind)
    return (None, None) if type(p) is model.Panel or make is None else make(p)


def _transformation(value: model.AnyTransformation) -> dm.DataTransformerConfig:
    if isinstance(value, model.Organize):
        rename = dict(value.rename)
        return dm.DataTransformerConfig(
            id_val="organize",
            options={
                "renameByName": rename,
                "excludeByName": dict.fromkeys(value.exclude, True),
                "indexByName": {name: i for i, name in enumerate(value.order)},
            },
        )
    if isinstance(value, model.JoinByField):
        return dm.DataTransformerConfig(id_val="joinByField", options={"byField": value.field, "mode": value.mode})
    options = thaw(value.options)
    return dm.DataTransformerConfig(id_val=value.id, options=options, disabled=value.disabled or None)


def _frame(p: model.Panel, environment: Environment, min_interval: str | None) -> dict[str, object]:
    """A panel without what makes it this one: id, title, description, place, targets."""
    options, custom = _typed(p)
    made = dm.Panel(
        type_val=p.kind,
        interval=min_interval,
        max_data_points=p.max_data_points,
        time_from=p.time_from,
        time_shift=p.time_shift,
        transparent=p.transparent or None,
        repeat=p.repeat or None,
        repeat_direction=p.repeat_direction,
        max_per_row=p.max_per_row,
        links=[Plain(panel_link(link, environment)) for link in p.links] or None,  # type: ignore[misc]  # see there
        transformations=[_transformation(t) for t in p.transformations] or None,
        options=with_keys(options, p.options) if options is not None or p.options else None,
        field_config=dm.FieldConfigSource(
            defaults=defaults(p, environment, custom),
            overrides=[override(o, p, environment) for o in p.overrides],
        )
        if p.targets or p.overrides or (p.kind != "text" and _has_fields(p))
        else None,
    )
    if not p.repeat:
        made.repeat_direction = None
    return cast("dict[str, object]", plain(made))


_VARIES = frozenset(
    {"source", "title", "query", "key", "description", "width", "height", "at", "datasource", "ignore", "budget_ms"}
    | {"raw"}
)
"""What a panel's frame does not say."""
_FRAMES: dict[object, dict[str, object]] = {}


def _shared_frame(p: model.Panel, environment: Environment, min_interval: str | None) -> dict[str, object]:
    """Most panels of a kind say the same: each combination is made through the SDK once."""
    queries = tuple((q.name, q.ref_id) for q in p.targets) if p.overrides else bool(p.targets)
    key = (environment.uid_prefix, min_interval, queries, exact(p, _VARIES))
    found = _FRAMES.get(key)
    if found is None:
        if len(_FRAMES) > _MOST:
            _FRAMES.clear()
        found = _FRAMES[key] = _frame(p, environment, min_interval)
    return found


def panel(
    p: model.Panel, place: GridPosition, environment: Environment, datasources: Datasources, min_interval: str | None
) -> dict[str, object]:
    """One panel at its place. `min_interval` is what the tables that it reads ask for."""
    out = {
        **_shared_frame(p, environment, min_interval),
        "gridPos": {"h": place.h, "w": place.w, "x": place.x, "y": place.y},
        "id": panel_id(p.slug),
        "title": p.title,
    }
    if p.description:
        out["description"] = p.description
    if p.targets:
        out["targets"] = targets = [
            datasources.target(query, p.datasource, ref_id, p.FORMAT).data
            for query, ref_id in zip(p.targets, p.ref_ids, strict=True)
        ]
        if (asked := _asked(p, targets, datasources)) is not None:
            out["datasource"] = asked
    return merged(out, p.raw) if p.raw else out


def _asked(p: model.Panel, targets: Sequence[dict[str, object]], datasources: Datasources) -> object:
    """The datasource of a panel: its own, that of all its targets, or that they are mixed."""
    queries = p.queries
    if len(queries) < len(targets):
        references = [target.get("datasource") for target in targets]
        return references[0] if all(one == references[0] for one in references) else _MIXED
    mixed = any(q.datasource not in (None, p.datasource) for q in queries)
    return _MIXED if mixed else datasources.ref(p.datasource)


def _has_fields(p: model.Panel) -> bool:
    """Whether the author says something of fields, though the panel asks nothing itself."""
    return any(f.init and getattr(p, name) != f.default for name, f in fields(FieldOptions).items())
