"""What the expressions of a rule do, tick after tick: math, reduce, resample, threshold, classic conditions.

Facts: grafana/grafana pkg/expr/{commands,threshold,hysteresis}.go and pkg/expr/classic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dashgen.grafana.alerting.math_expression import Variables, compute, needed
from dashgen.grafana.alerting.math_language import Node, variables
from dashgen.grafana.alerting.predicates import Predicate
from dashgen.grafana.alerting.reducers import Mode, classic_reduce, mapped, reduce_series, resample_series
from dashgen.grafana.alerting.values import (
    ConditionMatch,
    ExpressionError,
    NoData,
    Number,
    Scalar,
    Series,
    Value,
    Values,
    labels_of,
    with_each_number,
)
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.versions import Semantics


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What an expression may look at beside its inputs. `loaded` are the label sets that were pending or alerting
    before, without a reason: a recovery threshold judges those."""

    start: datetime
    end: datetime
    semantics: Semantics
    loaded: frozenset[Labels] = frozenset()


class Command(Protocol):
    @property
    def needs(self) -> tuple[str, ...]:
        """The refIds that come first."""
        ...

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        """Raises ExpressionError with Grafana's text."""
        ...


@dataclass(frozen=True, slots=True)
class MathCommand:
    node: Node

    @property
    def needs(self) -> tuple[str, ...]:
        return variables(self.node)

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        for name in self.needs:
            needed(name, inputs)
        return compute(self.node, inputs)


@dataclass(frozen=True, slots=True)
class ReduceCommand:
    source: str
    reducer: str
    mode: Mode
    replacement: float

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        found: list[Value] = []
        for value in needed(self.source, inputs):
            if isinstance(value, Series):
                found.append(reduce_series(value, self.reducer, self.mode, self.replacement))
            elif isinstance(value, Number):
                found += self._number(value, context.semantics)
            elif isinstance(value, NoData):
                found.append(value)
            else:
                raise ExpressionError("can only reduce type series, got type scalar")
        return tuple(found)

    def _number(self, number: Number, semantics: Semantics) -> list[Value]:
        """What is reduced already stays; newer versions still drop and replace."""
        if not self.mode or not semantics.reduced_numbers_mapped:
            return [Number(number.labels, number.value)]
        value = mapped(number.value, self.mode, self.replacement)
        return [] if value is None else [Number(number.labels, value)]


@dataclass(frozen=True, slots=True)
class ResampleCommand:
    source: str
    window: timedelta
    downsampler: str
    upsampler: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        found: list[Value] = []
        for value in needed(self.source, inputs):
            if isinstance(value, NoData):
                return (*found, value)
            if not isinstance(value, Series):
                raise ExpressionError("can only resample type series, got type number")
            found.append(
                resample_series(value, self.window, self.downsampler, self.upsampler, context.start, context.end)
            )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ThresholdCommand:
    source: str
    fires: Predicate
    recovers: Predicate | None

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        values = needed(self.source, inputs)
        if not context.semantics.direct_threshold:
            return compute(self.fires.as_math(self.source), inputs)
        recovers = self.recovers if context.semantics.recovery_threshold else None
        if recovers is None:
            return tuple(_judged(value, self.fires, inverted=False) for value in values)
        fresh = [v for v in values if labels_of(v) not in context.loaded]
        loaded = [v for v in values if labels_of(v) in context.loaded]
        return (
            *(_judged(value, self.fires, inverted=False) for value in fresh),
            *(_judged(value, recovers, inverted=True) for value in loaded),
        )


def _judged(value: Value, predicate: Predicate, *, inverted: bool) -> Value:
    return with_each_number(value, lambda number: float(predicate(number) is not inverted), None)


@dataclass(frozen=True, slots=True)
class Condition:
    source: str
    reducer: str
    fires: Predicate | None
    """None is `no_value`."""
    operator: str

    def met_by(self, value: float | None) -> bool:
        if self.fires is None:
            return value is None
        return value is not None and not math.isnan(value) and self.fires(value)


@dataclass(frozen=True, slots=True)
class ClassicCommand:
    """Conditions joined from left to right, without precedence. Numbers and series alike; no labels come out.
    `logic-or` looks no further where it fires already (grafana#87483)."""

    conditions: tuple[Condition, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(condition.source for condition in self.conditions)

    def execute(self, inputs: Variables, context: EvaluationContext) -> Values:
        firing = no_data = False
        matches: list[ConditionMatch] = []
        for index, condition in enumerate(self.conditions):
            if firing and condition.operator == "logic-or":
                break
            fires, lacks, found = self._judge(condition, needed(condition.source, inputs))
            matches += found
            if index == 0:
                firing, no_data = fires, lacks
            elif condition.operator in ("or", "logic-or"):
                firing, no_data = firing or fires, no_data or lacks
            else:
                firing, no_data = firing and fires, no_data and lacks
        return (Number((), None if no_data else float(firing), tuple(matches)),)

    @staticmethod
    def _judge(condition: Condition, values: Values) -> tuple[bool, bool, list[ConditionMatch]]:
        if not values and condition.fires is None:
            return True, False, [ConditionMatch(None)]
        matches, lacking = [], 0
        for value in values:
            if isinstance(value, Scalar):
                raise ExpressionError("can only reduce type series, got type scalar")
            if isinstance(value, Series):
                reduced = classic_reduce(value, condition.reducer)
            else:
                reduced = value.value if isinstance(value, Number) else None
            if condition.met_by(reduced):
                name = value.name if isinstance(value, Number | Series) else ""
                matches.append(ConditionMatch(reduced, labels_of(value), name or condition.source))
            elif reduced is None:
                lacking += 1
        fires = bool(matches)
        if lacking == len(values):
            matches.append(ConditionMatch(None))
        return fires, lacking == len(values), matches
