"""Math expressions computed: which series meet which, and what happens to NaN and null.

Facts: grafana/grafana pkg/expr/mathexp/{exp,funcs}.go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from dashgen.grafana.alerting.math_language import Binary, Call, Constant, Node, Unary, Variable
from dashgen.grafana.alerting.values import (
    ExpressionError,
    NoData,
    Number,
    Scalar,
    Series,
    Value,
    Values,
    contains,
    labels_of,
    with_each_number,
)
from dashgen.grafana.datasources.frames import Labels

Variables = Mapping[str, Values]


def compute(node: Node, variables: Variables) -> Values:
    match node:
        case Constant(value):
            return (Scalar(value),)
        case Variable(name):
            return variables.get(name, ())
        case Unary(operator, operand):
            return tuple(with_each_number(v, lambda x: _unary(operator, x), None) for v in compute(operand, variables))
        case Binary(operator, left, right):
            pairs = _pairs(compute(left, variables), compute(right, variables))
            return tuple(_both(operator, labels, a, b) for labels, a, b in pairs)
        case Call(name, arguments):
            return _call(name, [compute(argument, variables) for argument in arguments])


def _call(name: str, arguments: list[Values]) -> Values:
    if name in _CONSTANTS:
        return (Scalar(_CONSTANTS[name]),)
    (values,) = arguments
    if name == "is_null":
        return tuple(with_each_number(v, lambda _: 0.0, 1.0) for v in values)
    if name == "is_number":
        return tuple(with_each_number(v, lambda x: float(math.isfinite(x)), 0.0) for v in values)
    # The other functions make NaN of null.
    return tuple(with_each_number(v, _FUNCTIONS[name], math.nan) for v in values)


def _pairs(left: Values, right: Values) -> Iterator[tuple[Labels, Value, Value]]:
    """Equal labels meet, one side without labels meets all, and so does a set that contains the other. One value
    on each side meets in any case, without labels then. What meets nothing is dropped silently."""
    if not left or not right:
        return
    if (len(left) == 1 or len(right) == 1) and (isinstance(left[0], NoData) or isinstance(right[0], NoData)):
        yield (), left[0], right[0]
        return
    met = False
    for a in left:
        for b in right:
            labels = _joined(labels_of(a), labels_of(b))
            if labels is not None:
                met = True
                yield labels, a, b
    if not met and len(left) == len(right) == 1:
        yield (), left[0], right[0]


def _joined(a: Labels, b: Labels) -> Labels | None:
    if a == b or not b:
        return a
    if not a:
        return b
    if len(a) == len(b):
        return None
    if contains(a, b):
        return a
    return b if contains(b, a) else None


def _both(operator: str, labels: Labels, a: Value, b: Value) -> Value:
    def combined(x: float | None, y: float | None) -> float | None:
        return None if x is None or y is None else _binary(operator, x, y)

    match a, b:
        case Series(), Series():
            others = dict(b.points)
            return Series(labels, tuple((at, combined(x, others[at])) for at, x in a.points if at in others))
        case Series(), Number() | Scalar():
            return Series(labels, tuple((at, combined(x, b.value)) for at, x in a.points))
        case Number() | Scalar(), Series():
            return Series(labels, tuple((at, combined(a.value, y)) for at, y in b.points))
        case Scalar(), Scalar():
            return Scalar(combined(a.value, b.value))
        case Number() | Scalar(), Number() | Scalar():
            return Number(labels, combined(a.value, b.value))
        case _:
            return NoData()


def _unary(operator: str, x: float) -> float:
    if math.isnan(x):
        return math.nan
    return float(x == 0) if operator == "!" else -x


def _binary(operator: str, a: float, b: float) -> float:
    """`||` and `&&` look at their left side before NaN does: NaN || x is 1, 0 && NaN is 0."""
    if operator == "||" and a != 0:
        return 1.0
    if operator == "&&" and a == 0:
        return 0.0
    if math.isnan(a) or math.isnan(b):
        return math.nan
    return _OPERATORS[operator](a, b)


def _divided(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def _power(a: float, b: float) -> float:
    try:
        result = math.pow(a, b)
    except OverflowError:
        return math.inf if a > 0 or b % 2 == 0 else -math.inf
    except ValueError:  # 0 ** -1 is infinite, (-8) ** 0.5 is not a number
        return math.inf if a == 0 else math.nan
    return result


def _remainder(a: float, b: float) -> float:
    return math.nan if b == 0 or math.isinf(a) else math.fmod(a, b)


def _logarithm(x: float) -> float:
    if x > 0:
        return math.log(x)
    return -math.inf if x == 0 else math.nan


def _rounded(x: float) -> float:
    """Halves go away from zero."""
    if not math.isfinite(x):
        return x
    whole = float(math.trunc(x))
    return math.copysign(abs(whole) + (abs(x - whole) >= 0.5), x)


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "**": _power,
    "%": _remainder,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    ">": lambda a, b: float(a > b),
    "<": lambda a, b: float(a < b),
    ">=": lambda a, b: float(a >= b),
    "<=": lambda a, b: float(a <= b),
    "&&": lambda a, b: float(a != 0 and b != 0),
    "||": lambda a, b: float(a != 0 or b != 0),
}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "log": _logarithm,
    "round": _rounded,
    "ceil": lambda x: float(math.ceil(x)) if math.isfinite(x) else x,
    "floor": lambda x: float(math.floor(x)) if math.isfinite(x) else x,
    "is_nan": lambda x: float(math.isnan(x)),
    "is_inf": lambda x: float(math.isinf(x)),
}
_CONSTANTS: dict[str, float | None] = {"nan": math.nan, "inf": math.inf, "infn": -math.inf, "null": None}


def needed(name: str, variables: Variables) -> Values:
    """A refId's values. Raises ExpressionError where there is none of that name."""
    if name not in variables:
        raise ExpressionError(f"unable to find dependent node '{name}'")
    return variables[name]
