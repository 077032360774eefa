"""The expressions of a rule, read from their rendered models.

Facts: grafana/grafana pkg/expr/{nodes,commands,threshold}.go and pkg/expr/classic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, get_args

from dashgen.grafana.alerting.commands import (
    ClassicCommand,
    Command,
    Condition,
    MathCommand,
    ReduceCommand,
    ResampleCommand,
    ThresholdCommand,
)
from dashgen.grafana.alerting.math_language import parse
from dashgen.grafana.alerting.predicates import predicate
from dashgen.grafana.alerting.reducers import CLASSIC_REDUCERS, REDUCERS, Mode
from dashgen.grafana.alerting.values import ExpressionError


def _reduce(model: Mapping[str, Any]) -> ReduceCommand:
    settings = model.get("settings") or {}
    mode = settings.get("mode", "")
    if mode not in get_args(Mode):
        raise ExpressionError(f"reducer mode '{mode}' is not supported. Supported only: [dropNN,replaceNN]")
    if mode == "replaceNN" and "replaceWithValue" not in settings:
        raise ExpressionError("setting replaceWithValue must be specified when mode is 'replaceNN'")
    reducer = str(model.get("reducer", "")).lower()
    if reducer not in REDUCERS:
        raise ExpressionError(f"reduction {reducer} not implemented")
    return ReduceCommand(_source(model), reducer, mode, float(settings.get("replaceWithValue") or 0.0))


def _resample(model: Mapping[str, Any]) -> ResampleCommand:
    from dashgen.grafana.datasources.intervals import parse_duration

    try:
        window = timedelta(microseconds=parse_duration(str(model.get("window", ""))) / 1000)
    except ValueError as error:
        raise ExpressionError(f'failed to parse resample "window" duration field: {error}') from error
    return ResampleCommand(_source(model), window, str(model.get("downsampler", "")), str(model.get("upsampler", "")))


def _threshold(model: Mapping[str, Any]) -> ThresholdCommand:
    conditions = list(model.get("conditions") or ())
    if len(conditions) != 1:
        raise ExpressionError("threshold expression requires exactly one condition")
    recovery = conditions[0].get("unloadEvaluator")
    name = str(model.get("expression", ""))
    if name.startswith("$"):
        raise ExpressionError(f"unable to find dependent node '{name}': a threshold names its input without the dollar")
    return ThresholdCommand(
        _source(model), predicate(conditions[0]["evaluator"]), predicate(recovery) if recovery else None
    )


def _classic(model: Mapping[str, Any]) -> ClassicCommand:
    conditions = []
    for number, one in enumerate(model.get("conditions") or (), 1):
        operator = str((one.get("operator") or {}).get("type", ""))
        if number > 1 and operator not in ("and", "or", "logic-or"):
            raise ExpressionError(f"condition {number} operator must be `and`, `or` or `logic-or`")
        sources = (one.get("query") or {}).get("params") or ()
        if not sources:
            raise ExpressionError(f"condition {number} is missing the query RefID argument")
        reducer = str((one.get("reducer") or {}).get("type", ""))
        if reducer not in CLASSIC_REDUCERS:
            raise ExpressionError(f"invalid reducer '{reducer}' in condition {number}")
        evaluator = one.get("evaluator") or {}
        kind = evaluator.get("type")
        read = {**evaluator, "type": {"ge": "gte", "le": "lte"}.get(str(kind), kind)}
        fires = None if kind == "no_value" else predicate(read, either_way=True)
        conditions.append(Condition(str(sources[0]), reducer, fires, operator))
    return ClassicCommand(tuple(conditions))


def _math(model: Mapping[str, Any]) -> MathCommand:
    return MathCommand(parse(str(model.get("expression", ""))))


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
