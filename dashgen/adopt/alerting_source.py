"""Alerting as a kind of source: provisioning files, exports, and what the APIs answer with, in JSON and YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashgen.adopt.alerting import forms
from dashgen.adopt.alerting.canonical import EXPRESSION_UIDS
from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.plan import AlertingPlanner
from dashgen.adopt.alerting.report import ImportedAlerting, next_steps
from dashgen.adopt.source_kind import ImportTarget, NotThisKind, PlanPart, SourceFile, TakenNames, Verdict


@dataclass(frozen=True, slots=True)
class AlertingSource:
    """An alerting document as it was found."""

    origin: str
    data: Any

    @property
    def kind(self) -> str:
        return AlertingKind.name

    def datasources(self) -> Iterator[tuple[str, str]]:
        """Those that queries of rules ask: Grafana reads `datasourceUid`."""
        waiting = [self.data]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(reversed(one))
            elif isinstance(one, dict) and isinstance(one.get("model"), dict) and "datasourceUid" in one:
                held = one["model"].get("datasource")
                if one["datasourceUid"] not in EXPRESSION_UIDS:
                    yield str((held.get("type") if isinstance(held, dict) else "") or ""), str(one["datasourceUid"])
            elif isinstance(one, dict):
                waiting.extend(reversed(one.values()))

    def panel_links(self) -> Iterator[tuple[str, int]]:
        """The panels that rules link to: the uid of the dashboard, and the id."""
        for group in forms.read(self.data, lambda _: None).groups:
            for rule in group["rules"]:
                if rule.get("dashboardUid") and rule.get("panelId"):
                    yield rule["dashboardUid"], rule["panelId"]


class AlertingKind:
    """Alert rules, contact points, policies, mute timings and templates of Grafana."""

    name = "alerting"
    suffixes = frozenset({".json", ".yaml", ".yml"})

    def recognises(self, file: SourceFile) -> bool:
        return file.path.suffix in (".yaml", ".yml") or forms.is_alerting(file.value)

    def read(self, file: SourceFile) -> Sequence[AlertingSource]:
        try:
            forms.read(file.value, lambda _: None)
        except AlertingError as error:
            message = f"{error.path}: {error.message}" if error.path else error.message
            raise NotThisKind(message, error.hint or "export it from Grafana as YAML or JSON") from None
        return (AlertingSource(str(file.path), file.value),)

    def plan(
        self, sources: Sequence[AlertingSource], target: ImportTarget, taken: TakenNames, *, force: bool
    ) -> PlanPart:
        planner = AlertingPlanner(target, taken, force=force)
        for one in sources:
            planner.read(one.origin, one.data)
        return planner.part()

    def next_steps(self, imported: Sequence[ImportedAlerting], verdict: Verdict) -> Iterable[str]:
        return next_steps(imported, verdict)
