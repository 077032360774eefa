"""Annotation queries of a v2 dashboard as the classic form has them.

Read in apps/dashboard/pkg/migration/conversion/v2alpha1_to_v1.go.
"""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json
from dashgen.grafana.dashboards.v2.json_object import JsonObject
from dashgen.grafana.dashboards.v2.queries import query_of

_OWN = frozenset(
    {"name", "enable", "hide", "iconColor", "datasource", "target", "filter", "builtIn", "placement", "mappings"}
)
"""Members that a classic annotation has from the spec, and never from its legacy options."""


def classic_annotation(annotation: JsonObject) -> Json:
    spec = annotation.spec
    query = query_of(spec)
    found: Json = {
        "name": spec.text("name"),
        "enable": spec.flag("enable"),
        "hide": spec.flag("hide"),
        "iconColor": spec.text("iconColor"),
    }
    if spec.flag("builtIn"):
        found.update(builtIn=1, type="dashboard")
    if query.datasource and (query.uid or query.model):
        found["datasource"] = query.datasource
    if query.model:
        found["target"] = query.model
    panels = spec.node("filter").copied("exclude")
    if spec.node("filter").items("ids"):
        panels["ids"] = spec.node("filter").items("ids")
    if panels:
        found["filter"] = panels
    mappings = _mappings(spec.node("mappings"))
    if mappings:
        found["mappings"] = mappings
    legacy = spec.object("legacyOptions")
    found.update({key: value for key, value in legacy.items() if key not in _OWN})
    return found


def _mappings(node: JsonObject) -> Json:
    """A mapping says where its value comes from; only one that is skipped needs none."""
    found = {}
    for key in node.value:
        mapping = node.node(key)
        source = mapping.text("source", "field")
        if source == "skip" or mapping.text("value"):
            texts = {name: mapping.text(name) for name in ("value", "regex") if mapping.text(name)}
            found[key] = {"source": source, **texts}
    return found
