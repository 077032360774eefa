"""Files of other tools where dashgen's alert rules in YAML are expected: one sentence each.

Keys of Grafana's files: docs/sources/alerting/set-up/provision-alerting-resources/file-provisioning and the HTTP
provisioning API of 12.3 (read); of its Kubernetes API: `rules.alerting.grafana.app` of 13 (read); of Prometheus: its
documentation of recording and alerting rules (read).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_GRAFANA = frozenset({"groups", "deleteRules", "contactPoints", "deleteContactPoints", "policies", "resetPolicies",
                      "muteTimes", "deleteMuteTimes", "templates", "deleteTemplates"})  # fmt: skip
_API_RULE = frozenset({"ruleGroup", "folderUID", "orgID", "orgId", "data", "grafana_alert"})
_PROMETHEUS = frozenset({"expr", "alert", "record"})


class OtherFormat(NamedTuple):
    """What a file is, and what to do with it."""

    message: str
    hint: str


def recognised(data: object, file: str) -> OtherFormat | None:
    """The other tool's format that parsed YAML is in; None where it may be meant as dashgen's."""
    mappings = _mappings(data if isinstance(data, list) else [data])
    if any(map(_is_prometheus, mappings)):
        return OtherFormat(
            "is a rule file of Prometheus, whose queries are PromQL",
            "write each rule with its query in QuestDB's SQL: uid, title, group, sql, threshold, severity",
        )
    if any(map(_is_grafana, mappings)):
        return OtherFormat(
            "is Grafana's own export of alerting, not a rule of dashgen",
            f"write it as dashgen's: dashgen import {file}",
        )
    return None


def _is_grafana(entry: Mapping[object, object]) -> bool:
    if "apiVersion" in entry and ("kind" in entry or "spec" in entry or _GRAFANA & entry.keys()):
        return True
    if "sql" in entry:
        return False
    return bool(_GRAFANA & entry.keys()) or len(_API_RULE & entry.keys()) > 1 or "grafana_alert" in entry


def _is_prometheus(entry: Mapping[object, object]) -> bool:
    if "expr" in entry and _PROMETHEUS & entry.keys() - {"expr"}:
        return True
    groups = _mappings(entry.get("groups"))
    return any("expr" in rule and "data" not in rule for group in groups for rule in _mappings(group.get("rules")))


def _mappings(value: object) -> list[Mapping[object, object]]:
    """The mappings of a list; none of anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
