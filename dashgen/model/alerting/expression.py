"""Server-side expressions of alert rules: what Grafana computes from the queries' results.

A rule's queries are A, B, …; its expressions take the letters that follow, in their order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast, get_args

from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, node, shown

AlertReducer = Literal["last", "mean", "median", "sum", "min", "max", "count"]
Nulls = Literal["drop", "strict", "replace"]
Fires = Literal["above", "below", "inside", "outside"]
Kind: TypeAlias = Literal["number", "series", "unknown"]
"""What a query or an expression results in: one number a label set, or time series."""
NUMBER: Kind = "number"
SERIES: Kind = "series"
UNKNOWN: Kind = "unknown"

reducer_name = validators.one_of(get_args(AlertReducer))
null_handling = validators.one_of(get_args(Nulls))
comparison = validators.one_of(get_args(Fires))
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)


def ref_id(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]", value):
        return value
    raise Wrong("the letter of a query or expression, like 'A'", "queries are A, B, …; expressions follow them")


def limit(value: object) -> object:
    """A number, or the two ends of a range."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise Wrong("a number, or (low, high)")
        low, high = (validators.number(end) for end in value)
        if low >= high:
            raise Wrong("(low, high) with low below high")
        return (low, high)
    return validators.number(value)


def limit_problem(threshold: object, how: str) -> str:
    """What is wrong with a threshold for a comparison, or nothing."""
    ranged = how in ("inside", "outside")
    if threshold is None or isinstance(threshold, tuple) == ranged:
        return ""
    wanted = "(low, high)" if ranged else "one number"
    return f"threshold: expected {wanted} for fires={how!r}, got {shown(threshold)}"


@node
class Expression(Node):
    """Any expression, as Grafana's JSON: `Expression({"type": "sql", "expression": "SELECT * FROM A LIMIT 10"})`."""

    given: object = checked(lambda value: _model(value), kw_only=False)
    """Grafana's model of the expression as a dict, or an expression builder of the Foundation SDK; `refId` and
    `datasource` are filled in (`data.model`)."""

    @property
    def model(self) -> Mapping[str, Any]:
        """What was given, as its check keeps it."""
        return cast("Mapping[str, Any]", self.given)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The letters that it reads, where they can be seen."""
        given = self.model.get("expression")
        if self.model.get("type") == "math" and isinstance(given, str):
            return references(given)
        return (given,) if isinstance(given, str) and re.fullmatch(r"[A-Z]", given) else ()

    def result(self, inputs: tuple[Kind, ...]) -> Kind:
        kinds: dict[object, Kind] = {
            "reduce": NUMBER, "threshold": NUMBER, "classic_conditions": NUMBER, "resample": SERIES,
        }  # fmt: skip
        return kinds.get(self.model.get("type"), UNKNOWN)


def _model(value: object) -> object:
    """JSON data, or an SDK builder (frozen the moment it is given: builders are mutable)."""
    build = getattr(value, "build", None)
    built: Any = build() if callable(build) else value
    to_json = getattr(built, "to_json", None)
    if not isinstance(built, Mapping) and not callable(to_json):
        raise Wrong("an expression's model as a dict, or a Foundation SDK expression builder")
    if callable(to_json):
        import json

        built = json.loads(json.dumps(built, default=lambda part: part.to_json()))
    model = validators.json_object(
        {k: v for k, v in built.items() if v is not None and k not in ("refId", "datasource")}
    )
    if not isinstance(model.get("type"), str):
        raise Wrong("an expression's model with its type")
    return model


@node
class Reduce(Node):
    """Reduces each time series to one number: `Reduce("A", "max")`. A table of numbers is passed through unchanged.

    A missing value under `nulls="strict"` makes the number NaN, which fires in Grafana 9.4.
    """

    input: str = checked(ref_id, kw_only=False)
    """RefId of the query or expression to reduce (`data.model.expression`)."""
    reducer: AlertReducer = checked(reducer_name, default="last", kw_only=False)
    """Function that reduces the values to one number (`data.model.reducer`)."""
    nulls: Nulls = checked(null_handling, default="drop")
    """How the reducer treats missing values: `drop` ignores them, `strict` returns NaN, `replace` uses `replace_with`
    (`data.model.settings.mode`)."""
    replace_with: float | None = checked(validators.maybe(validators.number), default=None)
    """The number that replaces missing values: `replace_with=0`. Only with `nulls="replace"`
    (`data.model.settings.replaceWithValue`)."""

    def __post_init__(self) -> None:
        if (self.nulls == "replace") != (self.replace_with is not None):
            self.problem('replace_with belongs to nulls="replace"', "give both, or neither")

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.input,)

    def result(self, inputs: tuple[Kind, ...]) -> Kind:
        return NUMBER


def references(expression: str) -> tuple[str, ...]:
    """What a math expression names, each once, in order."""
    return tuple(dict.fromkeys(braced or plain for braced, plain in _REFERENCE.findall(expression)))


def substitute(expression: str, letters: Mapping[str, str]) -> str:
    """A math expression with other letters."""
    return _REFERENCE.sub(lambda m: f"${letters.get(m[1] or m[2], m[1] or m[2])}", expression)


@node
class Math(Node):
    """A math expression over other results, which are joined by their labels: `Math("$C / $D * 100")`. Grafana silently
    drops label sets without a match."""

    expression: str = checked(validators.text, kw_only=False)
    """Grafana's math expression, with refIds as `$A` or `${A}` (`data.model.expression`)."""

    def __post_init__(self) -> None:
        if not references(self.expression):
            self.problem(
                "expression: names no query or expression", "write $A for the first query's result", field="expression"
            )

    @property
    def inputs(self) -> tuple[str, ...]:
        return references(self.expression)

    def result(self, inputs: tuple[Kind, ...]) -> Kind:
        if UNKNOWN in inputs:
            return UNKNOWN
        return SERIES if SERIES in inputs else NUMBER


@node
class Resample(Node):
    """Resamples time series to a fixed interval: `Resample("A", window="1m", downsampler="max")`."""

    input: str = checked(ref_id, kw_only=False)
    """RefId of the query or expression whose time series are resampled (`data.model.expression`)."""
    window: str = checked(validators.duration)
    """Interval between the new points: `window="1m"` (`data.model.window`)."""
    downsampler: Literal["mean", "min", "max", "sum", "last"] = checked(validators.literal(), default="mean")
    """Function that combines several values in one interval (`data.model.downsampler`)."""
    upsampler: Literal["pad", "backfilling", "fillna"] = checked(validators.literal(), default="fillna")
    """How an interval without a value is filled: with the previous value, with the next value, or with NaN
    (`data.model.upsampler`)."""

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.input,)

    def result(self, inputs: tuple[Kind, ...]) -> Kind:
        return SERIES


@node
class Threshold(Node):
    """Returns 1 if a number crosses the threshold, else 0: `Threshold("B", (5, 10), fires="outside")`."""

    input: str = checked(ref_id, kw_only=False)
    """RefId of the query or expression whose number is compared (`data.model.expression`)."""
    threshold: float | tuple[float, float] = checked(limit, kw_only=False)
    """The threshold, or `(low, high)` for `inside` and `outside` (`data.model.conditions.evaluator.params`)."""
    fires: Fires = checked(comparison, default="above")
    """The side of the threshold on which the result is 1; at the threshold itself it is 0
    (`data.model.conditions.evaluator.type`)."""

    def __post_init__(self) -> None:
        wrong = limit_problem(self.threshold, self.fires)
        if wrong:
            self.problem(wrong, field="threshold")

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.input,)

    def result(self, inputs: tuple[Kind, ...]) -> Kind:
        return NUMBER


AnyExpression: TypeAlias = Reduce | Math | Resample | Threshold | Expression
expression = validators.a(Reduce, Math, Resample, Threshold, Expression)
