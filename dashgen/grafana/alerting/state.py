"""The state machine: what one evaluation after the other makes of an alert instance.

Facts: timelines of Grafana 9.4, 12.3 and 12.4 (tests/grafana/alerting/traces); for the versions between grafana/grafana
pkg/services/ngalert/state/{state,manager}.go. `dashgen.grafana.versions` says which version does what.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dashgen.grafana.alerting.evaluation import Failure, Result
from dashgen.grafana.alerting.labels import instance_labels
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.fault_states import FAULTS
from dashgen.grafana.versions import Semantics

State = Literal["Normal", "Pending", "Alerting", "Recovering", "NoData", "Error"]
FIRING: tuple[State, ...] = ("Alerting", "Recovering", "NoData", "Error")
"""The states that are sent to the Alertmanager."""


@dataclass(slots=True)
class Instance:
    """`key` are the labels that it was made with; `labels` may have got more by an error. `since` and `seen` are in
    seconds since 1970; `since` is None for what never left its first Normal (9.4).

    `result` is what its annotations were rendered of by `rule`. Where a policy was applied to all instances it is of
    an earlier evaluation, and `failure` of this one. `values` are those of the state itself: -1 for each refId that had
    one where there is no data or an error."""

    key: Labels
    labels: dict[str, str]
    dimensions: Labels = ()
    """The query's labels."""
    state: State = "Normal"
    reason: str = ""
    since: int | None = None
    seen: int = 0
    error: str = ""
    result: Result | None = None
    rule: RuleSpec | None = None
    failure: Failure | None = None
    applied: bool = False
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemovedInstance:
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

    def change(self, rule: RuleSpec) -> None:
        """The rule as it is from the next evaluation on; the instances stay."""
        self._rule = rule

    def reset(self) -> list[RemovedInstance]:
        """Forgets all instances."""
        removed = [RemovedInstance(i.key, i.labels, i.state, i.reason) for i in self.instances.values()]
        self.instances = {}
        return removed

    def process(self, now: int, results: Sequence[Result]) -> list[RemovedInstance]:
        """Takes the results of an evaluation and returns the instances that went away by it."""
        if not self._applied_to_all(now, results):
            for result in results:
                instance = self._instance(now, result)
                instance.result, instance.rule, instance.applied = result, self._rule, False
                self._transit(instance, now, result)
        return self._evict(now)

    def _applied_to_all(self, now: int, results: Sequence[Result]) -> bool:
        """Annotations are not rendered anew then; the values of the state are."""
        if not self._semantics.policies_for_all or not self.instances or not results:
            return False
        outcomes = {result.outcome for result in results}
        policy = {"NoData": self._rule.no_data, "Error": self._rule.on_error}.get(outcomes.pop(), "")
        if outcomes or policy not in ("Alerting", "OK", "KeepLast"):
            return False
        for instance in self.instances.values():
            instance.applied = True
            self._transit(instance, now, results[0])
        return True

    def _instance(self, now: int, result: Result) -> Instance:
        labels = instance_labels(self._rule, result, self._semantics)
        if self._semantics.errors_are_instances and self._rule.on_error == "Error":
            labels |= self._failed_query(result.failure)
        key = tuple(sorted(labels.items()))
        instance = self.instances.get(key)
        if instance is None:
            created = self._semantics.starts_when_created or result.outcome == "Alerting"
            instance = self.instances[key] = Instance(key, labels, since=now if created else None)
        elif self._semantics.error_labels_leave and not (instance.state == "Error" and result.outcome == "Error"):
            instance.labels = labels
        instance.dimensions = result.labels
        return instance

    def _failed_query(self, failure: Failure | None) -> dict[str, str]:
        """The labels that say which query failed."""
        query = next((q for q in self._rule.queries if failure and q.ref_id == failure.ref_id), None)
        return {} if query is None else {"ref_id": query.ref_id, "datasource_uid": query.datasource_uid}

    def _transit(self, instance: Instance, now: int, result: Result) -> None:
        instance.seen = now
        instance.failure = result.failure
        faulty = result.outcome in ("NoData", "Error")
        if faulty:
            instance.values = dict.fromkeys(instance.values, -1.0)
        else:
            known = result.captures.items()
            instance.values = {name: math.nan if one.value is None else one.value for name, one in known}
        if result.outcome == "Normal":
            self._normal(instance, now)
        elif result.outcome == "Alerting":
            self._alerting(instance, now)
        elif result.outcome == "NoData":
            self._no_data(instance, now)
        else:
            self._failed(instance, now, result)
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
        elif self._fault(instance, "Error", now, text):
            instance.labels = {**instance.labels, **self._failed_query(failure)}

    def _fault(self, instance: Instance, state: State, now: int, error: str = "") -> bool:
        """Into NoData or Error; True where that is new. Since 12.4 by way of Pending, from where it also comes of what
        was Pending already, by that clock."""
        if instance.state == state:
            if self._semantics.error_text_follows:
                instance.error = error
            return False
        if instance.state == "Pending" and self._semantics.pending_outlasts_faults:
            if now - (instance.since or 0) < self._rule.pending:
                instance.error = error or instance.error
                return False
        elif self._semantics.faults_wait and self._rule.pending > 0 and instance.state != "Recovering":
            self._set(instance, "Pending", now, error)
            return False
        self._set(instance, state, now, error)
        return True

    def _keep_last(self, instance: Instance, now: int) -> None:
        """Pending goes on to Alerting; what is neither Pending nor Alerting becomes Normal, Recovering in its time."""
        if instance.state in ("Alerting", "Pending"):
            self._alerting(instance, now)
        else:
            self._normal(instance, now)

    def _evict(self, now: int) -> list[RemovedInstance]:
        removed = []
        for key, instance in list(self.instances.items()):
            missing = self._rule.missing_evaluations if self._semantics.keeps_firing else 2
            if self._semantics.faults_leave_at_once and self._is_fault(instance):
                missing = 1
            if instance.seen < now and now - instance.seen >= missing * self._rule.interval:
                removed.append(RemovedInstance(key, instance.labels, instance.state, instance.reason))
                del self.instances[key]
        return removed

    def _is_fault(self, instance: Instance) -> bool:
        """NoData, Error, or, since there is that, Pending on the way there (grafana#117024)."""
        on_the_way = instance.state == "Pending" and self._semantics.pending_outlasts_faults
        return instance.state in FAULTS or (on_the_way and instance.reason in FAULTS)
