"""Elements of a v2 dashboard as panels of the classic form.

Read in apps/dashboard/pkg/migration/conversion/v2alpha1_to_v1.go. Kept here though Grafana's own way from v2beta1 to
the classic form drops them: `fieldMinMax`, `nullValueMode` and `actions` of fields, `topic` of transformations.
"""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json, mapping
from dashgen.grafana.dashboards.v2.json_object import JsonObject
from dashgen.grafana.dashboards.v2.queries import datasource_of_panel, target

FIELD_DEFAULTS = (
    "custom",
    "decimals",
    "max",
    "min",
    "description",
    "displayName",
    "displayNameFromDS",
    "noValue",
    "path",
    "unit",
    "filterable",
    "writeable",
    "fieldMinMax",
    "nullValueMode",
    "links",
)
QUERY_OPTIONS = (
    "cacheTimeout",
    "maxDataPoints",
    "interval",
    "hideTimeOverride",
    "queryCachingTTL",
    "timeFrom",
    "timeShift",
)
ANGULAR = "__angularMigration"
RESULT = ("text", "color", "icon", "index")


def classic_panel(element: JsonObject) -> Json:
    if element.kind == "Panel":
        return _panel(element.spec)
    if element.kind == "LibraryPanel":
        return _library_panel(element.spec)
    raise element.error(f"expected an element Panel or LibraryPanel, got {element.kind!r}", "kind")


def _library_panel(spec: JsonObject) -> Json:
    library = spec.node("libraryPanel")
    return {
        "id": spec.integer("id"),
        "title": spec.text("title"),
        "type": "library-panel-ref",
        "libraryPanel": {"uid": library.text("uid"), "name": library.text("name")},
    }


def _panel(spec: JsonObject) -> Json:
    visualization = spec.node("vizConfig")
    settings = visualization.spec
    data = spec.node("data").spec
    queries = list(data.nodes("queries"))
    panel: Json = {
        "id": spec.integer("id"),
        "title": spec.text("title"),
        "type": visualization.text("group") or visualization.kind,
        "pluginVersion": visualization.text("version") or settings.text("pluginVersion"),
        "targets": [target(query) for query in queries],
        **spec.copied("transparent"),
        **data.node("queryOptions").copied(*QUERY_OPTIONS),
    }
    if spec.text("description"):
        panel["description"] = spec.text("description")
    if settings.has("options"):
        options = settings.object("options")
        _restore_angular(panel, options)
        panel["options"] = options
    field_config = _field_config(settings.node("fieldConfig"))
    if field_config:
        panel["fieldConfig"] = field_config
    links = [
        {"title": link.text("title"), "url": link.text("url"), **link.copied("targetBlank")}
        for link in spec.nodes("links")
    ]
    if links:
        panel["links"] = links
    datasource = datasource_of_panel(queries)
    if datasource:
        panel["datasource"] = datasource
    transformations = [_transformation(node) for node in data.nodes("transformations")]
    if transformations:
        panel["transformations"] = transformations
    return panel


def _restore_angular(panel: Json, options: Json) -> None:
    """What the plugin of AngularJS left: Grafana keeps it among the options, for its frontend to convert."""
    old = options.pop(ANGULAR, None)
    if isinstance(old, dict):
        panel.update(mapping(old.get("originalOptions")))
        replaced = old.get("autoMigrateFrom")
        if isinstance(replaced, str) and replaced != panel["type"]:
            panel["autoMigrateFrom"] = replaced


def _transformation(node: JsonObject) -> Json:
    """Its id is `group` in v2, `spec.id` before."""
    spec = node.spec
    found = {
        "id": node.text("group") or spec.text("id"),
        "options": spec.value.get("options"),
        **spec.copied("disabled", "topic"),
    }
    if spec.has("filter"):
        found["filter"] = _matcher(spec.node("filter"))
    return found


def _matcher(node: JsonObject) -> Json:
    return {"id": node.text("id"), "options": node.value.get("options"), **node.copied("scope")}


def _field_config(node: JsonObject) -> Json:
    found: Json = {}
    defaults = _field_defaults(node.node("defaults"))
    if defaults:
        found["defaults"] = defaults
    overrides = [_override(override) for override in node.nodes("overrides")]
    if overrides:
        found["overrides"] = overrides
    return found


def _override(node: JsonObject) -> Json:
    return {
        **node.copied("__systemRef"),
        "matcher": _matcher(node.node("matcher")),
        "properties": [
            {"id": setting.text("id"), "value": setting.value.get("value")} for setting in node.nodes("properties")
        ],
    }


def _field_defaults(node: JsonObject) -> Json:
    found = node.copied(*FIELD_DEFAULTS)
    if node.items("actions"):
        found["actions"] = node.items("actions")
    if node.has("color"):
        color = node.node("color")
        found["color"] = {"mode": color.text("mode"), **color.copied("fixedColor", "seriesBy")}
    if node.has("mappings"):
        found["mappings"] = [_mapping(mapping) for mapping in node.nodes("mappings")]
    if node.has("thresholds"):
        thresholds = node.node("thresholds")
        found["thresholds"] = {
            "mode": thresholds.text("mode"),
            "steps": [
                {"color": step.text("color"), "value": step.value.get("value")} for step in thresholds.nodes("steps")
            ],
        }
    return found


def _mapping(node: JsonObject) -> Json:
    kind = node.text("type")
    options = node.node("options")
    if kind == "value":
        return {"type": kind, "options": {key: options.node(key).copied(*RESULT) for key in options.value}}
    found = options.copied(*{"range": ("from", "to"), "regex": ("pattern",), "special": ("match",)}.get(kind, ()))
    if kind not in ("range", "regex", "special"):
        raise node.error(f"expected a mapping of type value, range, regex or special, got {kind!r}", "type")
    return {"type": kind, "options": {**found, "result": options.node("result").copied(*RESULT)}}
