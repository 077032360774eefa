"""A rendered alert rule, as Grafana reads it from its provisioning file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashgen.grafana.durations import seconds
from dashgen.grafana.provisioning_variables import expand
from dashgen.model.core.display_path import display_path

EXPRESSION_UIDS = ("__expr__", "-100")


@dataclass(frozen=True, slots=True)
class RuleQuery:
    """One entry of `data`. The range is in seconds before the evaluation."""

    ref_id: str
    datasource_uid: str
    range_from: int
    range_to: int
    model: Mapping[str, Any]

    @property
    def is_expression(self) -> bool:
        return self.datasource_uid in EXPRESSION_UIDS

    @property
    def sql(self) -> str:
        return str(self.model.get("rawSql", ""))


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """`interval`, `pending` and `keep_firing` in seconds. Labels, title and folder are as Grafana reads them from the
    file: `$` is expanded, by a process that has no variables."""

    uid: str
    title: str
    folder: str
    group: str
    interval: int
    condition: str
    queries: tuple[RuleQuery, ...]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pending: float = 0
    keep_firing: float = 0
    no_data: str = "NoData"
    on_error: str = "Error"
    paused: bool = False
    missing_evaluations: int = 2
    receiver: Mapping[str, Any] | None = None

    @property
    def path(self) -> str:
        return display_path(self.group, self.title)


def rule_spec(rule: Mapping[str, Any], group: Mapping[str, Any] | None = None) -> RuleSpec:
    """Of a rule in a provisioning file. What belongs to its group may also stand in the rule itself."""
    around = {**(group or {}), **{k: rule[k] for k in ("interval", "folder", "group") if k in rule}}
    queries = []
    for entry in rule["data"]:
        span = entry.get("relativeTimeRange") or {}
        queries.append(
            RuleQuery(
                entry["refId"],
                str(entry["datasourceUid"]),
                int(span.get("from", 0)),
                int(span.get("to", 0)),
                entry["model"],
            )
        )
    return RuleSpec(
        uid=str(rule["uid"]),
        title=expand(str(rule["title"]), {}),
        folder=expand(str(around.get("folder", "")), {}),
        group=str(around.get("group") or around.get("name") or ""),
        interval=int(seconds(around.get("interval", "1m"))),
        condition=str(rule["condition"]),
        queries=tuple(queries),
        pending=seconds(rule.get("for", "0s")),
        keep_firing=seconds(rule.get("keepFiringFor") or rule.get("keep_firing_for") or "0s"),
        no_data=str(rule.get("noDataState") or "NoData"),
        on_error=str(rule.get("execErrState") or "Alerting"),
        labels={key: expand(str(value), {}) for key, value in (rule.get("labels") or {}).items()},
        annotations={key: str(value) for key, value in (rule.get("annotations") or {}).items()},
        paused=bool(rule.get("isPaused", False)),
        missing_evaluations=int(rule.get("missing_series_evals_to_resolve") or 2),
        receiver=rule.get("notification_settings"),
    )
