import math
from datetime import UTC, datetime, timedelta

import pytest

from dashgen.grafana.alerting.math_expression import compute
from dashgen.grafana.alerting.math_language import parse
from dashgen.grafana.alerting.values import NoData, Number, Scalar, Series, Values
from dashgen.grafana.datasources.frames import Labels

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAN, INF = math.nan, math.inf


def labels(**pairs: str) -> Labels:
    return tuple(sorted(pairs.items()))


def series(*values: float | None, **pairs: str) -> Series:
    return Series(labels(**pairs), tuple((T0 + timedelta(seconds=i), v) for i, v in enumerate(values)))


def same(a: object, b: object) -> bool:
    return repr(a) == repr(b)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 % 3", 1.0), ("-7 % 3", -1.0), ("1 / 0", INF), ("-1 / 0", -INF), ("0 / 0", NAN), ("1 % 0", NAN),
        ("2 ** 0.5", math.sqrt(2)), ("(-8) ** 0.5", NAN), ("0 ** -1", INF), ("10 ** 400", INF),
        ("nan() > 1", NAN), ("nan() || 0", 1.0), ("0 && nan()", 0.0), ("1 && nan()", NAN), ("0 || nan()", NAN),
        ("!nan()", NAN), ("!0", 1.0), ("!5", 0.0), ("-inf()", -INF), ("infn()", -INF),
        ("null() + 1", None), ("-null()", None), ("abs(null())", NAN), ("is_null(null())", 1.0), ("is_null(1)", 0.0),
        ("is_number(null())", 0.0), ("is_number(inf())", 0.0), ("is_number(3)", 1.0), ("is_inf(infn())", 1.0),
        ("is_nan(nan())", 1.0), ("log(1)", 0.0), ("log(0)", -INF), ("log(-1)", NAN),
        ("round(2.5)", 3.0), ("round(-2.5)", -3.0), ("round(-0.4)", -0.0),
        ("round(0.49999999999999994)", 0.0), ("round(infn())", -INF),
        ("round(4503599627370497.5)", 4503599627370498.0), ("ceil(1.2)", 2.0), ("floor(-1.2)", -2.0),
        ("3 >= 3", 1.0), ("3 <= 2", 0.0), ("3 != 3", 0.0), ("3 == 3", 1.0), ("3 < 4 && 4 > 3", 1.0),
    ],
)  # fmt: skip
def test_scalars(text: str, expected: float | None) -> None:
    assert same(compute(parse(text), {}), (Scalar(expected),))


def both(left: Values, right: Values, text: str = "$A + $B") -> Values:
    return compute(parse(text), {"A": left, "B": right})


def test_equal_labels_meet_and_the_others_are_dropped() -> None:
    left = (Number(labels(host="a"), 1.0), Number(labels(host="d"), 9.0))
    right = (Number(labels(host="e"), 7.0), Number(labels(host="a"), 2.0))
    assert both(left, right) == (Number(labels(host="a"), 3.0),)


def test_a_side_without_labels_meets_all_of_the_other() -> None:
    left = (Number((), 10.0),)
    right = (Number(labels(host="a"), 1.0), Number(labels(host="b"), 2.0))
    assert both(left, right) == (Number(labels(host="a"), 11.0), Number(labels(host="b"), 12.0))


def test_a_set_that_contains_the_other_meets_it_and_gives_its_labels() -> None:
    left = (Number(labels(host="a", env="prod"), 1.0), Number(labels(host="b", env="prod"), 2.0))
    right = (Number(labels(host="a"), 10.0), Number(labels(host="c"), 20.0))
    assert both(left, right) == (Number(labels(host="a", env="prod"), 11.0),)


def test_one_value_a_side_meets_whatever_its_labels_and_loses_them() -> None:
    assert both((Number(labels(host="a"), 1.0),), (Number(labels(host="c"), 2.0),)) == (Number((), 3.0),)


def test_nothing_that_matches_leaves_nothing() -> None:
    left = (Number(labels(host="a"), 1.0), Number(labels(host="b"), 1.0))
    assert both(left, (Number(labels(host="c"), 2.0),)) == ()


def test_no_data_beside_anything_is_no_data() -> None:
    assert both((NoData(),), (Number(labels(host="a"), 2.0),)) == (NoData(),)
    assert compute(parse("-$A"), {"A": (NoData(),)}) == (NoData(),)
    assert compute(parse("abs($A)"), {"A": (NoData(),)}) == (NoData(),)


def test_series_meet_where_their_times_are_equal() -> None:
    left, right = series(1.0, None, 3.0, host="a"), series(10.0, 20.0, host="a")
    assert both((left,), (right,)) == (series(11.0, None, host="a"),)
    assert both((left,), (Scalar(1.0),), "$B - $A") == (series(0.0, None, -2.0, host="a"),)
    assert both((Number((), None),), (left,)) == (series(None, None, None, host="a"),)
