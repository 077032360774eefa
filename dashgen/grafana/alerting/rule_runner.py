"""A rule, evaluated tick after tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dashgen.grafana.alerting.evaluation import Evaluation, Failure, Pipeline, Result
from dashgen.grafana.alerting.labels import error_annotations, instance_annotations
from dashgen.grafana.alerting.queries import Answer, Fetch, Queried, fetch
from dashgen.grafana.alerting.rule import RuleQuery, RuleSpec
from dashgen.grafana.alerting.state import Instance, Machine, RemovedInstance, State
from dashgen.grafana.alerting.values import ExpressionError
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.versions import Semantics


@dataclass(frozen=True, slots=True)
class Observed:
    """An instance after a tick. `evaluated` is False where its series was missing; then its values are of an earlier
    tick. `applied_to_all`: a policy for NoData or Error was applied to every instance; there are no values then, and
    the annotations are those of an earlier tick. `state_values` are the state's own: -1 for NoData and Error."""

    labels: Mapping[str, str]
    state: State
    reason: str
    since: int | None
    values: Mapping[str, float | None]
    evaluated: bool
    error: str = ""
    applied_to_all: bool = False
    state_values: Mapping[str, float] = field(default_factory=dict)
    annotate: Callable[[], dict[str, str]] = field(default=dict, compare=False, repr=False)

    @property
    def annotations(self) -> dict[str, str]:
        """Templates filled in."""
        return self.annotate()

    @property
    def described(self) -> str:
        """`Alerting (NoData)`."""
        return f"{self.state} ({self.reason})" if self.reason else self.state

    def own_labels(self) -> dict[str, str]:
        """Without the reserved ones."""
        return {k: v for k, v in self.labels.items() if k not in RESERVED and not k.startswith("__")}


RESERVED = ("alertname", "grafana_folder")


@dataclass(frozen=True, slots=True)
class Tick:
    """What the rule looked like after the evaluation at `at` (seconds since 1970). `reset` are the instances that were
    forgotten because the rule had changed; `evaluated` is False where it is paused."""

    at: int
    instances: tuple[Observed, ...]
    removed: tuple[RemovedInstance, ...]
    evaluation: Evaluation
    reset: tuple[RemovedInstance, ...] = ()
    evaluated: bool = True

    @property
    def possible_rule_states(self) -> frozenset[str]:
        """Grafana goes through the instances in no order: of Pending and Recovering it shows the one that comes first
        (pkg/services/ngalert/api/prometheus)."""
        states = {instance.state for instance in self.instances}
        if "Alerting" in states:
            return frozenset({"firing"})
        names = {"Pending": "pending", "Recovering": "recovering"}
        return frozenset(names[state] for state in states & names.keys()) or frozenset({"inactive"})

    @property
    def possible_health(self) -> frozenset[str]:
        """Grafana goes through the instances in no order, and the last one that has something to say wins."""
        said = set()
        for instance in self.instances:
            if instance.error or instance.state == "Error":
                said.add("error")
            elif instance.state == "NoData":
                said.add("nodata")
        return frozenset(said or {"ok"})

    @property
    def possible_errors(self) -> frozenset[str]:
        return frozenset(instance.error for instance in self.instances if instance.error)


class RuleRun:
    """One rule over time. `run` executes SQL and returns its rows; `answered` takes its place where queries are not
    answered one by one."""

    def __init__(
        self, rule: RuleSpec, semantics: Semantics, run: Callable[[str], Answer], answered: Fetch | None = None
    ) -> None:
        self._semantics = semantics
        self._run = run
        self._fetch: Fetch = answered or self._sent
        self._machine = Machine(rule, semantics)
        self._evaluated: RuleSpec | None = None
        self._build(rule)

    def _build(self, rule: RuleSpec) -> None:
        self.rule = rule
        self._pipeline: Pipeline | None = None
        self._broken: tuple[Result, ...] = ()
        try:
            self._pipeline = Pipeline(rule, self._semantics)
        except ExpressionError as error:
            failure = Failure(f"failed to build the rule's pipeline: {error}")
            self._broken = (Result((), "Error", failure=failure),)

    def ask_by(self, run: Callable[[str], Answer]) -> None:
        """What executes SQL from the next tick on."""
        self._run = run

    def change(self, rule: RuleSpec) -> None:
        """The rule as it is from the next tick on. What is changed back before that was never changed."""
        self._machine.change(rule)
        self._build(rule)

    def _sent(self, query: RuleQuery, now: int) -> Queried:
        return fetch(query, now, self._run, self._semantics)

    def tick(self, now: int) -> Tick:
        """Ticks come in ascending order, `rule.interval` apart."""
        if self.rule.paused:
            self._evaluated = None
            return Tick(now, (), (), Evaluation(()), tuple(self._machine.reset()), evaluated=False)
        before = self._evaluated
        is_edited = before is not None and before is not self.rule and _resets(before, self.rule)
        reset = self._machine.reset() if is_edited else []
        self._evaluated = self.rule
        if self._pipeline is None:
            evaluation = Evaluation(self._broken)
        else:
            evaluation = self._pipeline.evaluate(now, self._fetch, self._machine.loaded)
        removed = self._machine.process(now, evaluation.results)
        observed = tuple(self._observed(instance, now) for instance in self._machine.instances.values())
        return Tick(now, observed, tuple(removed), evaluation, tuple(reset))

    def _observed(self, instance: Instance, now: int) -> Observed:
        result = instance.result
        rule, failure, captures = instance.rule or self.rule, instance.failure, result.captures if result else {}

        def annotations() -> dict[str, str]:
            own = instance_annotations(rule, result, self._semantics) if result else {}
            return own | error_annotations(rule, failure, self._semantics)

        return Observed(
            dict(instance.labels),
            instance.state,
            instance.reason,
            instance.since,
            {} if instance.applied else {name: capture.value for name, capture in captures.items()},
            instance.seen == now,
            instance.error,
            instance.applied,
            instance.values,
            annotations,
        )


def _resets(before: RuleSpec, after: RuleSpec) -> bool:
    """Whether an edit resets the state: any but of the annotations (recorded on 12.3 and 12.4)."""
    return replace(before, annotations={}) != replace(after, annotations={})


def own(labels: Labels) -> dict[str, str]:
    return {k: v for k, v in labels if k not in RESERVED and not k.startswith("__")}
