"""Schema versions 31 to 42 but for references to data sources (datasource_references.py), of Grafana 8 to 12.

Read in apps/dashboard/pkg/migration/schemaversion/v31.go to v42.go. Step 32 only counts. Panels in collapsed rows are
visited by 31, 34, 38, 39 and 42; in 12.4 not by 35 and 37.
"""

from __future__ import annotations

from itertools import chain, product
from typing import Any

from dashgen.grafana.dashboards.document import Json, mapping, objects, text
from dashgen.grafana.dashboards.migrations.model_defaults import REF_IDS
from dashgen.grafana.dashboards.migrations.numbers import as_integer, written
from dashgen.grafana.dashboards.migrations.panels import all_panels, leaf_panels, top_panels

_METRIC = ("dimensions", "namespace", "region", "metricName")
_METRIC_ANNOTATION = ("dimensions", "namespace", "region", "prefixMatching", "statistics")
INSIGHTS, CODE, BUILDER = 1, 1, 0
"""CloudWatch's kind of query, and its editors."""

CELL_OPTIONS: dict[str, Json] = {
    "basic": {"type": "gauge", "mode": "basic"},
    "gradient-gauge": {"type": "gauge", "mode": "gradient"},
    "lcd-gauge": {"type": "gauge", "mode": "lcd"},
    "color-background": {"type": "color-background", "mode": "gradient"},
    "color-background-solid": {"type": "color-background", "mode": "basic"},
}


def v31(dashboard: Json) -> None:
    """Labels that become fields are merged."""
    for panel in leaf_panels(dashboard):
        steps = panel.get("transformations")
        if isinstance(steps, list):
            merged: list[Any] = []
            for step in steps:
                merged.append(step)
                if mapping(step).get("id") == "labelsToFields":
                    merged.append({"id": "merge", "options": {}})
            panel["transformations"] = merged


def v34(dashboard: Json) -> None:
    """A CloudWatch query with several statistics becomes one query for each."""
    for panel in all_panels(dashboard):
        if isinstance(panel.get("targets"), list):
            panel["targets"] = _one_statistic_each(panel["targets"])
    annotations = mapping(dashboard.get("annotations"))
    if isinstance(annotations.get("list"), list):
        further: list[Json] = []
        for index, query in enumerate(annotations["list"]):
            if isinstance(query, dict) and all(key in query for key in _METRIC_ANNOTATION):
                first, *rest = _annotations(query)
                annotations["list"][index] = first
                further += rest
        annotations["list"] += further


def _one_statistic_each(targets: list[Any]) -> list[Any]:
    kept: list[Any] = []
    further: list[Json] = []
    for target in targets:
        if not isinstance(target, dict) or not all(key in target for key in _METRIC):
            kept.append(target)
            continue
        kind = as_integer(target.setdefault("metricQueryType", 0))
        if "metricEditorMode" not in target:
            is_code = kind == INSIGHTS or text(target.get("expression")) != ""
            target["metricEditorMode"] = CODE if is_code else BUILDER
        first, *rest = _split(target)
        kept.append(first)
        for query in rest:
            query["refId"] = _free_ref_id([*targets, *further])
            further.append(query)
    return [*kept, *further]


def _split(query: Json) -> list[Json]:
    """Copies of a query, one for each of its statistics; one without where there is none."""
    statistics = query.pop("statistics", None)
    if not isinstance(statistics, list) or not statistics:
        return [query]
    return [{**query, "statistic": one} if one is not None else dict(query) for one in statistics]


def _annotations(query: Json) -> list[Json]:
    statistics = query["statistics"]
    queries = _split(query)
    name = text(query.get("name"))
    if len(queries) > 1 and name:
        for single, statistic in zip(queries, statistics, strict=True):
            single["name"] = f"{name} - {_suffix(statistic)}"
    return queries


def _suffix(statistic: object) -> str:
    """As JavaScript writes it."""
    if statistic is None:
        return "null"
    return "[object Object]" if isinstance(statistic, dict) else written(statistic)


def _free_ref_id(targets: list[Any]) -> str:
    taken = {target["refId"] for target in objects(targets) if isinstance(target.get("refId"), str)}
    pairs = ("".join(pair) for pair in product(REF_IDS, repeat=2))
    return next((name for name in chain(REF_IDS, pairs) if name not in taken), "X0")


def v35(dashboard: Json) -> None:
    """Hidden axes of a time series leave the one of time."""
    for panel in top_panels(dashboard):
        if panel.get("type") != "timeseries" or not isinstance(panel.get("fieldConfig"), dict):
            continue
        field_config = panel["fieldConfig"]
        if mapping(mapping(field_config.get("defaults")).get("custom")).get("axisPlacement") == "hidden":
            overrides = field_config.get("overrides")
            field_config["overrides"] = [
                *(overrides if isinstance(overrides, list) else []),
                {
                    "matcher": {"id": "byType", "options": "time"},
                    "properties": [{"id": "custom.axisPlacement", "value": "auto"}],
                },
            ]


def v37(dashboard: Json) -> None:
    """A legend says whether it is shown."""
    for panel in top_panels(dashboard):
        options = mapping(panel.get("options"))
        legend = options.get("legend")
        if isinstance(legend, bool):
            options["legend"] = {"displayMode": "list", "showLegend": legend}
        elif isinstance(legend, dict):
            hidden = legend.get("displayMode") == "hidden" or legend.get("showLegend") is False
            if hidden:
                legend["displayMode"] = "list"
            legend["showLegend"] = not hidden


def v38(dashboard: Json) -> None:
    """How a table's cell is drawn becomes an object."""
    for panel in leaf_panels(dashboard):
        if panel.get("type") != "table":
            continue
        field_config = mapping(panel.get("fieldConfig"))
        custom = mapping(mapping(field_config.get("defaults")).get("custom"))
        if "displayMode" in custom:
            mode = custom.pop("displayMode")
            if isinstance(mode, str):
                custom["cellOptions"] = _cell_options(mode)
        for override in objects(field_config.get("overrides")):
            for setting in objects(override.get("properties")):
                if setting.get("id") == "custom.displayMode":
                    setting["id"] = "custom.cellOptions"
                    value = setting.setdefault("value", {})
                    setting["value"] = _cell_options(value) if isinstance(value, str) else value


def _cell_options(mode: str) -> Json:
    return dict(CELL_OPTIONS.get(mode, {"type": mode}))


def v39(dashboard: Json) -> None:
    """Options of each query of a time series table."""
    for panel in leaf_panels(dashboard):
        for step in objects(panel.get("transformations")):
            statistics = mapping(step.get("options")).get("refIdToStat")
            if step.get("id") == "timeSeriesTable" and isinstance(statistics, dict):
                step["options"] = {ref_id: {"stat": statistic} for ref_id, statistic in statistics.items()}


def v40(dashboard: Json) -> None:
    dashboard["refresh"] = text(dashboard.get("refresh"))


def v41(dashboard: Json) -> None:
    mapping(dashboard.get("timepicker")).pop("time_options", None)


def v42(dashboard: Json) -> None:
    """What is hidden in a panel is hidden in its tooltip."""
    for panel in _at_every_level(dashboard):
        for override in objects(mapping(panel.get("fieldConfig")).get("overrides")):
            for setting in objects(override.get("properties")):
                hidden = setting.get("value")
                if setting.get("id") == "custom.hideFrom" and isinstance(hidden, dict) and hidden.get("viz") is True:
                    hidden["tooltip"] = True


def _at_every_level(container: Json) -> list[Json]:
    inside = list(objects(container.get("panels")))
    return [*inside, *chain.from_iterable(map(_at_every_level, inside))]
