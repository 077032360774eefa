"""Panels as elements, with their fields."""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.fields import field_config, matcher
from dashgen.grafana.dashboards.from_classic.members import flag, whole, written
from dashgen.grafana.dashboards.from_classic.queries import Plugins, panel_queries
from dashgen.grafana.dashboards.migrations.numbers import parse_integer
from dashgen.grafana.dashboards.migrations.save_model import becomes
from dashgen.grafana.dashboards.v2.panels import ANGULAR

KNOWN = frozenset(
    {
        "type",
        "id",
        "pluginVersion",
        "targets",
        "title",
        "description",
        "transparent",
        "datasource",
        "gridPos",
        "links",
        "repeat",
        "repeatDirection",
        "maxPerRow",
        "maxDataPoints",
        "transformations",
        "interval",
        "timeFrom",
        "timeShift",
        "hideTimeOverride",
        "timeCompare",
        "libraryPanel",
        "cacheTimeout",
        "queryCachingTTL",
        "options",
        "fieldConfig",
        "autoMigrateFrom",
    }
)
"""Members of a panel; others are what a plugin of AngularJS left."""


def element(panel: Json, plugins: Plugins) -> Json:
    library = panel.get("libraryPanel")
    if isinstance(library, dict):
        spec: Json = {
            "libraryPanel": {"uid": text(library.get("uid")), "name": text(library.get("name"))},
            "id": whole(panel.get("id")),
            "title": text(panel.get("title")),
        }
        return {"kind": "LibraryPanel", "spec": spec}
    queries: Json = {
        "queries": panel_queries(panel, plugins),
        "transformations": [_transformation(one) for one in objects(panel.get("transformations"))],
        "queryOptions": _query_options(panel),
    }
    spec = {
        "id": whole(panel.get("id")),
        "title": text(panel.get("title")),
        "description": text(panel.get("description")),
        "links": [_link(link) for link in objects(panel.get("links"))],
        "data": {"kind": "QueryGroup", "spec": queries},
        "vizConfig": _visualization(panel),
    }
    if flag(panel.get("transparent")):
        spec["transparent"] = True
    return {"kind": "Panel", "spec": spec}


def _transformation(transformation: Json) -> Json:
    name = text(transformation.get("id"))
    spec: Json = {"id": name, "options": transformation.get("options"), **written(transformation, "topic")}
    if flag(transformation.get("disabled")):
        spec["disabled"] = True
    if isinstance(transformation.get("filter"), dict):
        spec["filter"] = matcher(transformation["filter"])
    return {"kind": name, "spec": spec}


def _query_options(panel: Json) -> Json:
    found = written(panel, "cacheTimeout", "interval", "timeFrom", "timeShift")
    if whole(panel.get("maxDataPoints")) > 0:
        found["maxDataPoints"] = whole(panel["maxDataPoints"])
    if flag(panel.get("hideTimeOverride")):
        found["hideTimeOverride"] = True
    lifetime = panel.get("queryCachingTTL")
    if is_number(lifetime) or parse_integer(text(lifetime)) is not None:
        found["queryCachingTTL"] = whole(lifetime)
    return found


def _link(link: Json) -> Json:
    found: Json = {"title": text(link.get("title")), "url": text(link.get("url"))}
    return {**found, "targetBlank": flag(link["targetBlank"])} if "targetBlank" in link else found


def _visualization(panel: Json) -> Json:
    options = dict(mapping(panel.get("options")))
    kind = text(panel.get("type"), "timeseries")
    left = {key: value for key, value in panel.items() if key not in KNOWN}
    replaced = text(panel.get("autoMigrateFrom"))
    if not replaced and becomes(panel):
        replaced, kind = kind, becomes(panel) or kind
    elif not replaced and left:
        replaced = kind
    if replaced:
        options[ANGULAR] = {"autoMigrateFrom": replaced, "originalOptions": left}
    return {
        "kind": "VizConfig",
        "group": kind,
        "version": text(panel.get("pluginVersion")),
        "spec": {"options": options, "fieldConfig": field_config(mapping(panel.get("fieldConfig")))},
    }
