"""Classic conditions, as pkg/expr/classic of grafana/grafana has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashgen.grafana.alerting.commands import EvaluationContext
from dashgen.grafana.alerting.expressions import command
from dashgen.grafana.alerting.values import ExpressionError, Number, Series, Values
from dashgen.grafana.versions import semantics

T0 = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = EvaluationContext(T0, T0 + timedelta(minutes=1), semantics((9, 4)))
NAN = float("nan")


def condition(name: str, kind: str, *params: float, reducer: str = "last", operator: str = "and") -> dict[str, Any]:
    return {
        "query": {"params": [name]},
        "reducer": {"type": reducer},
        "evaluator": {"type": kind, "params": list(params)},
        "operator": {"type": operator},
    }


def series(*values: float | None, host: str = "a") -> Series:
    return Series((("host", host),), tuple((T0 + timedelta(seconds=i), v) for i, v in enumerate(values)))


def judged(conditions: list[dict[str, Any]], **inputs: Values) -> tuple[float | None, list[float | None]]:
    """The number that comes out, and the values of its matches."""
    (number,) = command({"type": "classic_conditions", "conditions": conditions}).execute(inputs, CONTEXT)
    assert isinstance(number, Number)
    assert number.labels == ()
    return number.value, [match.value for match in number.matches or ()]


TRUE, FALSE = (series(20.0),), (series(1.0),)


def test_conditions_are_joined_from_left_to_right() -> None:
    """false or true and true; true or true and false."""
    above = [condition("A", "gt", 10), condition("B", "gt", 10, operator="or"), condition("C", "gt", 10)]
    assert judged(above, A=FALSE, B=TRUE, C=TRUE) == (1.0, [20.0, 20.0])
    assert judged(above, A=TRUE, B=TRUE, C=FALSE) == (0.0, [20.0, 20.0])


def test_one_series_of_many_is_enough_and_each_that_matches_is_told() -> None:
    inputs = (series(20.0), series(1.0, host="b"), series(30.0, host="c"))
    assert judged([condition("A", "gt", 10)], A=inputs) == (1.0, [20.0, 30.0])


def test_null_and_nan_are_skipped_and_nothing_left_is_no_data() -> None:
    assert judged([condition("A", "gt", 10)], A=(series(20.0, None, NAN),)) == (1.0, [20.0])
    assert judged([condition("A", "gt", 10)], A=(series(None, NAN),)) == (None, [None])
    assert judged([condition("A", "gt", 10)], A=(series(None), series(20.0, host="b"))) == (1.0, [20.0])


def test_no_data_is_joined_by_the_operators_and_comes_before_firing() -> None:
    lacking = (series(None),)
    both = [condition("A", "gt", 10), condition("B", "gt", 10)]
    assert judged(both, A=TRUE, B=lacking) == (0.0, [20.0, None])
    assert judged(both, A=lacking, B=lacking) == (None, [None, None])
    either = [condition("A", "gt", 10), condition("B", "gt", 10, operator="or")]
    assert judged(either, A=TRUE, B=lacking) == (None, [20.0, None])


def test_a_logic_or_looks_no_further_where_it_fires() -> None:
    either = [condition("A", "gt", 10), condition("B", "gt", 10, operator="logic-or")]
    assert judged(either, A=TRUE, B=(series(None),)) == (1.0, [20.0])
    assert judged(either, A=FALSE, B=TRUE) == (1.0, [20.0])


def test_no_value_fires_on_what_is_not_there() -> None:
    assert judged([condition("A", "no_value")], A=()) == (1.0, [None])
    assert judged([condition("A", "no_value")], A=(series(None),)) == (1.0, [None])
    assert judged([condition("A", "no_value")], A=TRUE) == (0.0, [])


@pytest.mark.parametrize(
    ("kind", "params", "firing"),
    [
        ("gt", (10,), {11, 20, 21}), ("lt", (10,), {9}), ("ge", (10,), {10, 11, 20, 21}), ("le", (10,), {9, 10}),
        ("within_range", (10, 20), {11}), ("within_range", (20, 10), {11}), ("outside_range", (20, 10), {9, 21}),
    ],
)  # fmt: skip
def test_comparisons_and_their_edges(kind: str, params: tuple[float, ...], firing: set[int]) -> None:
    values = (9, 10, 11, 20, 21)
    assert {v for v in values if judged([condition("A", kind, *params)], A=(series(v),))[0] == 1.0} == firing


def test_a_number_keeps_its_labels_and_is_not_reduced() -> None:
    (number,) = command({"type": "classic_conditions", "conditions": [condition("A", "gt", 10)]}).execute(
        {"A": (Number((("host", "a"),), 12.0), Number((("host", "b"),), NAN))}, CONTEXT
    )
    assert isinstance(number, Number)
    assert [(m.value, m.labels) for m in number.matches or ()] == [(12.0, (("host", "a"),))]


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([condition("A", "gt", 1), condition("B", "gt", 1, operator="xor")], "condition 2 operator must be"),
        ([condition("A", "gt", 1, reducer="p95")], "invalid reducer 'p95' in condition 1"),
        ([condition("A", "near", 1)], "got near"),
        ([condition("A", "within_range", 1)], "got 1 but need 2"),
    ],
)
def test_what_cannot_be_built_says_why(conditions: list[dict[str, Any]], text: str) -> None:
    with pytest.raises(ExpressionError, match=text):
        command({"type": "classic_conditions", "conditions": conditions})
