"""A rule, evaluated tick after tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashgen.datasource.frames import Labels
from dashgen.simulate.evaluation import Evaluation, Failure, Pipeline, Result
from dashgen.simulate.labels import instance_annotations
from dashgen.simulate.queries import Answer
from dashgen.simulate.rule import RuleSpec
from dashgen.simulate.semantics import Semantics
from dashgen.simulate.state import Machine, Removed, State
from dashgen.simulate.values import ExpressionError


@dataclass(frozen=True, slots=True)
class Observed:
    """An instance after a tick. `evaluated` is False where its series was missing; then its values are of an
    earlier tick."""

    labels: Mapping[str, str]
    state: State
    reason: str
    since: int | None
    values: Mapping[str, float | None]
    evaluated: bool
    error: str = ""
    result: Result | None = None

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
    """What the rule looked like after the evaluation at `at` (seconds since 1970)."""

    at: int
    instances: tuple[Observed, ...]
    removed: tuple[Removed, ...]
    evaluation: Evaluation

    @property
    def rule_state(self) -> str:
        states = {instance.state for instance in self.instances}
        if states & {"Alerting", "Recovering"}:
            return "firing" if "Alerting" in states else "recovering"
        return "pending" if "Pending" in states else "inactive"

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
    """One rule over time. `run` executes SQL and returns its rows."""

    def __init__(self, rule: RuleSpec, semantics: Semantics, run: Callable[[str], Answer]) -> None:
        self.rule = rule
        self._run = run
        self._machine = Machine(rule, semantics)
        self._pipeline: Pipeline | None = None
        self._broken: tuple[Result, ...] = ()
        try:
            self._pipeline = Pipeline(rule, semantics)
        except ExpressionError as error:
            failure = Failure(f"failed to build the rule's pipeline: {error}")
            self._broken = (Result((), "Error", failure=failure),)

    def tick(self, now: int) -> Tick:
        """Ticks come in ascending order, `rule.interval` apart."""
        if self.rule.paused:
            return Tick(now, (), (), Evaluation(()))
        if self._pipeline is None:
            evaluation = Evaluation(self._broken)
        else:
            evaluation = self._pipeline.evaluate(now, self._run, self._machine.loaded)
        removed = self._machine.process(now, evaluation.results)
        observed = tuple(
            Observed(
                dict(instance.labels),
                instance.state,
                instance.reason,
                instance.since,
                {name: capture.value for name, capture in instance.captures.items()},
                instance.seen == now,
                instance.error,
                instance.result,
            )
            for instance in self._machine.instances.values()
        )
        return Tick(now, observed, tuple(removed), evaluation)

    def annotations(self, observed: Observed) -> dict[str, str]:
        """The annotations of an instance, templates filled in."""
        return instance_annotations(self.rule, observed.result) if observed.result else {}


def own(labels: Labels) -> dict[str, str]:
    return {k: v for k, v in labels if k not in RESERVED and not k.startswith("__")}
