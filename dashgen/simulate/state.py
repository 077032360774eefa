"""The state machine: what one evaluation after the other makes of an alert instance.

Facts: timelines of Grafana 9.4 (tests/simulate/traces); for newer versions grafana/grafana
pkg/services/ngalert/state/{state,manager}.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dashgen.datasource.frames import Labels
from dashgen.simulate.evaluation import Capture, Result
from dashgen.simulate.labels import instance_labels
from dashgen.simulate.rule import RuleSpec
from dashgen.simulate.semantics import Semantics

State = Literal["Normal", "Pending", "Alerting", "Recovering", "NoData", "Error"]
FIRING: tuple[State, ...] = ("Alerting", "Recovering", "NoData", "Error")
"""The states that are sent to the Alertmanager."""


@dataclass(slots=True)
class Instance:
    """`key` are the labels that it was made with; `labels` may have got more by an error. `since` and `seen` are in
    seconds since 1970; `since` is None for what never left its first Normal (9.4)."""

    key: Labels
    labels: dict[str, str]
    dimensions: Labels = ()
    """The query's labels."""
    state: State = "Normal"
    reason: str = ""
    since: int | None = None
    seen: int = 0
    error: str = ""
    captures: Mapping[str, Capture] = field(default_factory=dict)
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """An instance whose series was missing for too long."""

    key: Labels
    labels: Mapping[str, str]
    state: State
    reason: str


class Machine:
    """The instances of one rule."""

    def __init__(self, rule: RuleSpec, semantics: Semantics) -> None:
        self._rule = rule
        self._semantics = semantics
        self.instances: dict[Labels, Instance] = {}

    @property
    def loaded(self) -> frozenset[Labels]:
        """The dimensions that a recovery threshold treats as fired; not what an error or NoData keeps so
        (pkg/services/ngalert/schedule/loaded_metrics_reader.go)."""
        return frozenset(
            i.dimensions for i in self.instances.values() if i.state in ("Pending", "Alerting") and not i.reason
        )

    def process(self, now: int, results: Sequence[Result]) -> list[Removed]:
        """Takes the results of an evaluation and returns the instances that went away by it."""
        if not self._applied_to_all(now, results):
            for result in results:
                self._transit(self._instance(now, result), now, result)
        return self._evict(now)

    def _applied_to_all(self, now: int, results: Sequence[Result]) -> bool:
        if not self._semantics.policies_for_all or not self.instances or not results:
            return False
        outcomes = {result.outcome for result in results}
        policy = {"NoData": self._rule.no_data, "Error": self._rule.on_error}.get(outcomes.pop(), "")
        if outcomes or policy not in ("Alerting", "OK", "KeepLast"):
            return False
        for instance in self.instances.values():
            self._transit(instance, now, results[0])
        return True

    def _instance(self, now: int, result: Result) -> Instance:
        labels = instance_labels(self._rule, result)
        key = tuple(sorted(labels.items()))
        instance = self.instances.get(key)
        if instance is None:
            created = self._semantics.starts_when_created or result.outcome == "Alerting"
            instance = self.instances[key] = Instance(key, labels, since=now if created else None)
        elif self._semantics.error_labels_leave and not (instance.state == "Error" and result.outcome == "Error"):
            instance.labels = labels
        instance.dimensions = result.labels
        return instance

    def _transit(self, instance: Instance, now: int, result: Result) -> None:
        instance.seen = now
        instance.captures, instance.result = result.captures, result
        if result.outcome == "Normal":
            self._normal(instance, now)
        elif result.outcome == "Alerting":
            self._alerting(instance, now)
        elif result.outcome == "NoData":
            self._no_data(instance, now)
        else:
            self._failed(instance, now, result)
        faulty = result.outcome in ("NoData", "Error")
        policy = self._rule.no_data if result.outcome == "NoData" else self._rule.on_error
        instance.reason = ""
        if faulty and instance.state != result.outcome:
            instance.reason = f"{result.outcome}, KeepLast" if policy == "KeepLast" else result.outcome

    @staticmethod
    def _set(instance: Instance, state: State, now: int, error: str = "") -> None:
        instance.state, instance.since, instance.error = state, now, error

    def _normal(self, instance: Instance, now: int) -> None:
        keeps = self._rule.keep_firing if self._semantics.keeps_firing else 0
        if instance.state == "Normal":
            return
        if instance.state == "Alerting" and keeps > 0:
            self._set(instance, "Recovering", now)
        elif instance.state != "Recovering" or now - (instance.since or now) >= keeps:
            self._set(instance, "Normal", now)

    def _alerting(self, instance: Instance, now: int) -> None:
        if instance.state == "Alerting":
            if self._semantics.errors_leave_alerting:
                instance.error = ""
            return
        if instance.state == "Recovering":
            self._set(instance, "Alerting", now)
        elif instance.state == "Pending":
            if now - (instance.since or 0) >= self._rule.pending:
                self._set(instance, "Alerting", now)
        else:
            self._set(instance, "Pending" if self._rule.pending > 0 else "Alerting", now)

    def _no_data(self, instance: Instance, now: int) -> None:
        policy = self._rule.no_data
        if not self._semantics.no_data_restarts:
            instance.error = ""
            instance.since = now if instance.since is None else instance.since
            states: dict[str, State] = {"Alerting": "Alerting", "NoData": "NoData", "OK": "Normal"}
            instance.state = states.get(policy, "Error")
        elif policy == "Alerting":
            self._alerting(instance, now)
        elif policy == "OK":
            self._normal(instance, now)
        elif policy == "KeepLast":
            self._keep_last(instance, now)
        else:
            self._fault(instance, "NoData", now)

    def _failed(self, instance: Instance, now: int, result: Result) -> None:
        failure = result.failure
        text = failure.text if failure else ""
        if self._rule.on_error == "Alerting":
            # Pending and Alerting keep the error until the state changes.
            self._alerting(instance, now)
            instance.error = text
        elif self._rule.on_error == "OK":
            self._normal(instance, now)
        elif self._rule.on_error == "KeepLast":
            self._keep_last(instance, now)
        elif self._fault(instance, "Error", now, text) and failure and failure.ref_id:
            query = next(q for q in self._rule.queries if q.ref_id == failure.ref_id)
            instance.labels = {**instance.labels, "ref_id": query.ref_id, "datasource_uid": query.datasource_uid}

    def _fault(self, instance: Instance, state: State, now: int, error: str = "") -> bool:
        """Into NoData or Error; True where that is new. Newer versions pass through Pending."""
        if instance.state == state:
            if self._semantics.error_text_follows:
                instance.error = error
            return False
        waits = self._semantics.faults_wait and self._rule.pending > 0
        if waits and instance.state == "Normal":
            self._set(instance, "Pending", now, error)
            return False
        if waits and instance.state == "Pending" and now - (instance.since or 0) < self._rule.pending:
            instance.error = error
            return False
        self._set(instance, state, now, error)
        return True

    def _keep_last(self, instance: Instance, now: int) -> None:
        """Pending goes on to Alerting; what is neither Pending nor Alerting becomes Normal, Recovering in its time."""
        if instance.state in ("Alerting", "Pending"):
            self._alerting(instance, now)
        else:
            self._normal(instance, now)

    def _evict(self, now: int) -> list[Removed]:
        removed = []
        for key, instance in list(self.instances.items()):
            missing = self._rule.missing_evaluations if self._semantics.keeps_firing else 2
            if self._semantics.faults_leave_at_once and instance.state in ("NoData", "Error"):
                missing = 1
            if instance.seen < now and now - instance.seen >= missing * self._rule.interval:
                removed.append(Removed(key, instance.labels, instance.state, instance.reason))
                del self.instances[key]
        return removed
