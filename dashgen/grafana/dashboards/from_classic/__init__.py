"""Classic dashboards brought to the v2 form, v2beta1, as Grafana 12.4 does it.

Read in apps/dashboard/pkg/migration/conversion/v1beta1_to_v2alpha1.go and v2alpha1_to_v2beta1.go; seen in what a 12.4.0
made of eighty published dashboards. Values of a type that Grafana does not expect count as missing, as they do there.

Kept though Grafana's own way drops them, as v2 has a place for them: `disabled`, `filter` and `topic` of
transformations, `actions` of fields, `staticOptions` of variables.
"""

from __future__ import annotations

from collections.abc import Iterable

from dashgen.grafana.dashboards.document import Json, copied, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.annotations import v2_annotation
from dashgen.grafana.dashboards.from_classic.layout import Placement
from dashgen.grafana.dashboards.from_classic.members import flag, texts, whole
from dashgen.grafana.dashboards.from_classic.queries import Plugins
from dashgen.grafana.dashboards.from_classic.variables import v2_variables
from dashgen.grafana.dashboards.migrations.datasource_references import DataSource

CURSOR_SYNC = {0: "Off", 1: "Crosshair", 2: "Tooltip"}
REFRESH_INTERVALS = ("5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d")


def from_classic(dashboard: Json, *, sources: Iterable[DataSource] = ()) -> Json:
    """The spec of a v2beta1 dashboard for a classic one of schema version 42, as `migrate` returns it.

    A query names the plugin of its data source. That of a reference with only a uid is looked up among `sources`, those
    of the server; for what it does not find, Grafana takes that of the default data source, or `grafana`.

    Raises DashboardError for what JSON does not have and for nesting beyond `document.DEEPEST`.
    """
    classic: Json = copied(dashboard)
    plugins = Plugins(sources)
    placement = Placement(plugins)
    layout = placement.layout(list(objects(classic.get("panels"))))
    spec: Json = {
        "title": text(classic.get("title")),
        "tags": texts(classic.get("tags")),
        "cursorSync": CURSOR_SYNC.get(whole(classic.get("graphTooltip")), "Off"),
        "preload": flag(classic.get("preload")),
        "editable": flag(classic.get("editable"), otherwise=True),
        "liveNow": flag(classic.get("liveNow")),
        "timeSettings": _time_settings(classic),
        "links": [_link(link) for link in objects(classic.get("links"))],
        "elements": placement.elements,
        "layout": layout,
        "variables": v2_variables(classic, plugins),
        "annotations": [v2_annotation(one) for one in objects(mapping(classic.get("annotations")).get("list"))],
    }
    if text(classic.get("description")):
        spec["description"] = classic["description"]
    if "revision" in classic:
        spec["revision"] = whole(classic["revision"])
    return spec


def _time_settings(classic: Json) -> Json:
    times = mapping(classic.get("time"))
    picker = mapping(classic.get("timepicker"))
    settings: Json = {
        "from": text(times.get("from")) or "now-6h",
        "to": text(times.get("to")) or "now",
        "timezone": text(classic.get("timezone"), "browser"),
        "autoRefresh": text(classic.get("refresh")),
        "autoRefreshIntervals": texts(picker.get("refresh_intervals")) or list(REFRESH_INTERVALS),
        "fiscalYearStartMonth": whole(classic.get("fiscalYearStartMonth")),
        "hideTimepicker": flag(picker.get("hidden")),
    }
    if text(classic.get("weekStart")):
        settings["weekStart"] = classic["weekStart"]
    if text(picker.get("nowDelay")):
        settings["nowDelay"] = picker["nowDelay"]
    ranges = [
        {key: text(one.get(key)) for key in ("display", "from", "to")} for one in objects(picker.get("quick_ranges"))
    ]
    return {**settings, "quickRanges": ranges} if ranges else settings


def _link(link: Json) -> Json:
    return {
        "title": text(link.get("title")),
        "type": text(link.get("type"), "link"),
        "icon": text(link.get("icon")),
        "tooltip": text(link.get("tooltip")),
        "tags": texts(link.get("tags")),
        **{key: flag(link.get(key)) for key in ("asDropdown", "targetBlank", "includeVars", "keepTime")},
        **{key: link[key] for key in ("url", "placement") if isinstance(link.get(key), str)},
    }


__all__ = ["DataSource", "from_classic"]
