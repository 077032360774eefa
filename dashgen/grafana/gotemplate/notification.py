"""Message templates run over a notification's alerts, as far as `define`, `template`, `range`, `if`, `with` and the
functions of `functions` go.

Facts: grafana/alerting templates/template_data.go; in messages a label that an alert lacks is the empty text
(prometheus/alertmanager template/template.go, `missingkey=zero`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashgen.grafana.gotemplate.functions import LabelMap
from dashgen.grafana.gotemplate.language import Record, run
from dashgen.grafana.gotemplate.messages import FUNCTIONS, is_body
from dashgen.grafana.gotemplate.syntax import (
    Named,
    parse,
)


class Pairs(LabelMap):
    """Labels or annotations: what is missing is empty."""

    def get(self, key: str, default: object = "") -> Any:
        return super().get(key, "")


class Alerts(list[Record]):
    """`.Firing` and `.Resolved` are parts of it."""

    def members(self) -> Mapping[str, Any]:
        return {
            status.capitalize(): Alerts(one for one in self if one.fields["Status"] == status)
            for status in ("firing", "resolved")
        }


@dataclass(frozen=True, slots=True)
class Alert:
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    firing: bool = True
    values: Mapping[str, float] = field(default_factory=dict)


def message(text: str, groups: Mapping[str, str], alerts: Iterable[Alert]) -> str:
    """`text` is what a receiver has, such as `{{ template "page" . }}`; `groups` are message templates by name. Raises
    TemplateError."""
    templates: dict[str, tuple[Any, ...]] = {}
    for name, group in groups.items():
        nodes = parse(group, FUNCTIONS)
        if is_body(group):
            templates[name] = nodes
        templates |= {node.name: node.body for node in nodes if isinstance(node, Named) and node.kind == "define"}
    found = Alerts(map(_record, alerts))
    firing = any(one.fields["Status"] == "firing" for one in found)
    data = Record({"Alerts": found, "Status": "firing" if firing else "resolved"} | _common(found))
    nodes = parse(text, FUNCTIONS)
    own = {node.name: node.body for node in nodes if isinstance(node, Named) and node.kind == "define"}
    return run(nodes, data, {}, templates | own)


def _record(alert: Alert) -> Record:
    return Record(
        {
            "Status": "firing" if alert.firing else "resolved",
            "Labels": Pairs(alert.labels),
            "Annotations": Pairs(alert.annotations),
            "Values": dict(alert.values),
        }
    )


def _common(alerts: Alerts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("Labels", "Annotations"):
        sets = [{*one.fields[name].items()} for one in alerts]
        found[f"Common{name}"] = Pairs(set.intersection(*sets) if sets else {})
    return found
