"""Annotation queries."""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json, is_number, mapping, text
from dashgen.grafana.dashboards.from_classic.members import flag, written
from dashgen.grafana.dashboards.from_classic.queries import data_query
from dashgen.grafana.dashboards.v2.queries import DataQuery

_OWN = frozenset(
    {"name", "datasource", "enable", "hide", "iconColor", "filter", "target", "builtIn", "type", "mappings"}
)
LARGEST_ID = 2**32 - 1


def v2_annotation(annotation: Json) -> Json:
    """Its data source counts only with a plugin; members that v2 does not know are its legacy options."""
    source = mapping(annotation.get("datasource"))
    plugin, uid = text(source.get("type")), text(source.get("uid"))
    query = DataQuery(plugin, uid if plugin else "", mapping(annotation.get("target")))
    spec: Json = {
        "name": text(annotation.get("name")),
        "enable": flag(annotation.get("enable")),
        "hide": flag(annotation.get("hide")),
        "iconColor": text(annotation.get("iconColor")),
        "query": data_query(query),
    }
    built_in = annotation.get("builtIn")
    if isinstance(built_in, bool | int | float):
        spec["builtIn"] = bool(built_in)
    if isinstance(annotation.get("filter"), dict):
        spec["filter"] = _filter(annotation["filter"])
    mappings = _mappings(mapping(annotation.get("mappings")))
    if mappings:
        spec["mappings"] = mappings
    legacy = {key: value for key, value in annotation.items() if key not in _OWN}
    legacy = {**legacy, **written(annotation, "type")}
    return {"kind": "AnnotationQuery", "spec": {**spec, "legacyOptions": legacy} if legacy else spec}


def _filter(panels: Json) -> Json:
    ids = panels.get("ids")
    ids = [int(one) for one in ids if is_number(one) and 0 <= one <= LARGEST_ID] if isinstance(ids, list) else []
    return {"ids": ids, "exclude": True} if flag(panels.get("exclude")) else {"ids": ids}


def _mappings(mappings: Json) -> Json:
    """A text is the name of a field."""
    found: Json = {}
    for key, value in mappings.items():
        if isinstance(value, str) and value:
            found[key] = {"source": "field", "value": value}
        elif isinstance(value, dict):
            found[key] = {"source": "field", **written(value, "source", "value", "regex")}
    return found
