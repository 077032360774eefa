"""The expressions of a rule, read from their rendered models, ready to be run tick after tick.

Facts: grafana/grafana pkg/expr/{commands,threshold,hysteresis}.go and pkg/expr/classic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from dashgen.datasource.frames import Labels
from dashgen.simulate.math_expression import Variables, compute, needed
from dashgen.simulate.mathlang import Node, parse, variables
from dashgen.simulate.reducers import (
    CLASSIC_REDUCERS,
    REDUCERS,
    Mode,
    classic_reduce,
    mapped,
    reduce_series,
    resample_series,
)
from dashgen.simulate.semantics import Semantics
from dashgen.simulate.values import ExpressionError, Match, NoData, Number, Scalar, Series, Value, Values, labels_of


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression may look at beside its inputs. `loaded` are the label sets that were pending or alerting
    before: a recovery threshold judges those."""

    start: datetime
    end: datetime
    semantics: Semantics
    loaded: frozenset[Labels] = frozenset()


class Command(Protocol):
    @property
    def needs(self) -> tuple[str, ...]:
        """The refIds that come first."""
        ...

    def execute(self, inputs: Variables, context: Context) -> Values:
        """Raises ExpressionError with Grafana's text."""
        ...


@dataclass(frozen=True, slots=True)
class Math:
    node: Node

    @property
    def needs(self) -> tuple[str, ...]:
        return variables(self.node)

    def execute(self, inputs: Variables, context: Context) -> Values:
        for name in self.needs:
            needed(name, inputs)
        return compute(self.node, inputs)


@dataclass(frozen=True, slots=True)
class Reduce:
    source: str
    reducer: str
    mode: Mode
    replacement: float

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: Context) -> Values:
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
class Resample:
    source: str
    window: timedelta
    downsampler: str
    upsampler: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: Context) -> Values:
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
class Predicate:
    """A comparison with one or two numbers."""

    kind: str
    parameters: tuple[float, ...]

    def __call__(self, value: float) -> bool:
        return _PREDICATES[self.kind](value, *self.parameters)

    def as_math(self, name: str) -> Node:
        """The expression that it was before thresholds compared directly: parameters with six decimals."""
        low, *high = (f"{parameter:.6f}" for parameter in self.parameters)
        a = f"${{{name}}}"
        texts = {
            "gt": f"{a} > {low}",
            "lt": f"{a} < {low}",
            "within_range": f"{a} > {low} && {a} < {''.join(high)}",
            "outside_range": f"{a} < {low} || {a} > {''.join(high)}",
        }
        if self.kind not in texts:
            raise ExpressionError(f"expected threshold function to be one of {', '.join(texts)}, got {self.kind}")
        return parse(texts[self.kind])


@dataclass(frozen=True, slots=True)
class Threshold:
    source: str
    fires: Predicate
    recovers: Predicate | None

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.source,)

    def execute(self, inputs: Variables, context: Context) -> Values:
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
    def judge(x: float | None) -> float | None:
        return None if x is None else float(predicate(x) is not inverted)

    match value:
        case Number(labels, x):
            return Number(labels, judge(x))
        case Scalar(x):
            return Scalar(judge(x))
        case Series(labels, points):
            return Series(labels, tuple((at, judge(x)) for at, x in points))
        case NoData():
            return value


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
class Classic:
    """Conditions joined from left to right, without precedence. Numbers and series alike; no labels come out."""

    conditions: tuple[Condition, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(condition.source for condition in self.conditions)

    def execute(self, inputs: Variables, context: Context) -> Values:
        firing = no_data = False
        matches: list[Match] = []
        for index, condition in enumerate(self.conditions):
            fires, lacks, found = self._judge(condition, needed(condition.source, inputs))
            matches += found
            if index == 0:
                firing, no_data = fires, lacks
            elif condition.operator == "or":
                firing, no_data = firing or fires, no_data or lacks
            else:
                firing, no_data = firing and fires, no_data and lacks
        return (Number((), None if no_data else float(firing), tuple(matches)),)

    @staticmethod
    def _judge(condition: Condition, values: Values) -> tuple[bool, bool, list[Match]]:
        if not values and condition.fires is None:
            return True, False, [Match(None)]
        matches, lacking = [], 0
        for value in values:
            if isinstance(value, Scalar):
                raise ExpressionError("can only reduce type series, got type scalar")
            if isinstance(value, Series):
                reduced = classic_reduce(value, condition.reducer)
            else:
                reduced = value.value if isinstance(value, Number) else None
            if condition.met_by(reduced):
                # A reducer leaves no labels; a number keeps its own.
                matches.append(Match(reduced, value.labels if isinstance(value, Number) else ()))
            elif reduced is None:
                lacking += 1
        fires = bool(matches)
        if lacking == len(values):
            matches.append(Match(None))
        return fires, lacking == len(values), matches


_PREDICATES: dict[str, Callable[..., bool]] = {
    "gt": lambda x, a: x > a,
    "lt": lambda x, a: x < a,
    "eq": lambda x, a: x == a,
    "ne": lambda x, a: x != a,
    "gte": lambda x, a: x >= a,
    "lte": lambda x, a: x <= a,
    "within_range": lambda x, a, b: a < x < b,
    "outside_range": lambda x, a, b: x < a or x > b,
    "within_range_included": lambda x, a, b: a <= x <= b,
    "outside_range_included": lambda x, a, b: x <= a or x >= b,
}


def predicate(evaluator: Mapping[str, Any], *, either_way: bool = False) -> Predicate:
    """`either_way`: classic conditions read a range whose ends are swapped as if they were not."""
    kind = str(evaluator.get("type"))
    if kind not in _PREDICATES:
        raise ExpressionError(f"expected threshold function to be one of {', '.join(_PREDICATES)}, got {kind}")
    wanted = 2 if "range" in kind else 1
    parameters = [float(p) for p in evaluator.get("params", ())][:wanted]
    if len(parameters) < wanted:
        raise ExpressionError(
            f"incorrect number of arguments for threshold function '{kind}': got {len(parameters)} but need {wanted}"
        )
    return Predicate(kind, tuple(sorted(parameters) if either_way else parameters))


def _reduce(model: Mapping[str, Any]) -> Reduce:
    settings = model.get("settings") or {}
    mode = settings.get("mode", "")
    if mode not in ("", "dropNN", "replaceNN"):
        raise ExpressionError(f"reducer mode '{mode}' is not supported. Supported only: [dropNN,replaceNN]")
    if mode == "replaceNN" and "replaceWithValue" not in settings:
        raise ExpressionError("setting replaceWithValue must be specified when mode is 'replaceNN'")
    reducer = str(model.get("reducer", "")).lower()
    if reducer not in REDUCERS:
        raise ExpressionError(f"reduction {reducer} not implemented")
    return Reduce(_source(model), reducer, mode, float(settings.get("replaceWithValue") or 0.0))


def _resample(model: Mapping[str, Any]) -> Resample:
    from dashgen.datasource.intervals import parse_duration

    try:
        window = timedelta(microseconds=parse_duration(str(model.get("window", ""))) / 1000)
    except ValueError as error:
        raise ExpressionError(f'failed to parse resample "window" duration field: {error}') from error
    return Resample(_source(model), window, str(model.get("downsampler", "")), str(model.get("upsampler", "")))


def _threshold(model: Mapping[str, Any]) -> Threshold:
    conditions = list(model.get("conditions") or ())
    if len(conditions) != 1:
        raise ExpressionError("threshold expression requires exactly one condition")
    recovery = conditions[0].get("unloadEvaluator")
    return Threshold(_source(model), predicate(conditions[0]["evaluator"]), predicate(recovery) if recovery else None)


def _classic(model: Mapping[str, Any]) -> Classic:
    conditions = []
    for number, one in enumerate(model.get("conditions") or (), 1):
        operator = str((one.get("operator") or {}).get("type", ""))
        if number > 1 and operator not in ("and", "or"):
            raise ExpressionError(f"condition {number} operator must be `and` or `or`")
        sources = (one.get("query") or {}).get("params") or ()
        if not sources:
            raise ExpressionError(f"condition {number} is missing the query RefID argument")
        reducer = str((one.get("reducer") or {}).get("type", ""))
        if reducer not in CLASSIC_REDUCERS:
            raise ExpressionError(f"invalid reducer '{reducer}' in condition {number}")
        evaluator = one.get("evaluator") or {}
        fires = None if evaluator.get("type") == "no_value" else predicate(evaluator, either_way=True)
        conditions.append(Condition(str(sources[0]), reducer, fires, operator))
    return Classic(tuple(conditions))


def _math(model: Mapping[str, Any]) -> Math:
    return Math(parse(str(model.get("expression", ""))))


def _source(model: Mapping[str, Any]) -> str:
    name = str(model.get("expression", "")).removeprefix("$")
    if not name:
        raise ExpressionError(f"no variable specified to reference for refId {model.get('refId')}")
    return name


_KINDS: dict[str, Callable[[Mapping[str, Any]], Command]] = {
    "math": _math,
    "reduce": _reduce,
    "resample": _resample,
    "threshold": _threshold,
    "classic_conditions": _classic,
}


def command(model: Mapping[str, Any]) -> Command:
    """The expression of a rendered model. Raises ExpressionError for what Grafana cannot build."""
    kind = str(model.get("type"))
    if kind not in _KINDS:
        raise ExpressionError(f"'{kind}' is not a recognized expression type")
    return _KINDS[kind](model)
