"""The comparisons of thresholds and of classic conditions.

Facts: grafana/grafana pkg/expr/threshold.go and pkg/expr/classic/evaluator.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashgen.grafana.alerting.math_language import Node, parse
from dashgen.grafana.alerting.values import ExpressionError


@dataclass(frozen=True, slots=True)
class Predicate:
    """A comparison with one or two numbers."""

    kind: str
    parameters: tuple[float, ...]

    def __call__(self, value: float) -> bool:
        return _PREDICATES[self.kind](value, *self.parameters)

    def as_math(self, name: str) -> Node:
        """The expression that it was before thresholds compared directly: parameters with six decimals. Raises
        ExpressionError for a kind that has none."""
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
    """`either_way`: classic conditions read a range whose ends are swapped as if they were not. Raises ExpressionError
    for an unknown kind or a wrong number of parameters."""
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
