import math
from datetime import UTC, datetime, timedelta

import pytest

from dashgen.grafana.alerting.reducers import Mode, classic_reduce, reduce_series, resample_series
from dashgen.grafana.alerting.values import ExpressionError, Series

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAN, INF = math.nan, math.inf


def series(*values: float | None, step: float = 10) -> Series:
    return Series((), tuple((T0 + timedelta(seconds=step * i), v) for i, v in enumerate(values)))


@pytest.mark.parametrize(
    ("reducer", "mode", "values", "expected"),
    [
        ("sum", "", (1.0, None), NAN), ("mean", "", (1.0, None), NAN), ("min", "", (None, 1.0), NAN),
        ("max", "", (NAN, 1.0), NAN), ("count", "", (None, 1.0), 2.0), ("last", "", (1.0, None), None),
        ("last", "", (1.0, NAN), NAN), ("median", "", (3.0, 1.0, 2.0, 4.0), 2.5), ("median", "", (1.0, None), NAN),
        ("mean", "", (), NAN), ("sum", "", (), 0.0), ("count", "", (), 0.0), ("last", "", (), NAN),
        ("sum", "dropNN", (1.0, None, NAN, INF, 2.0), 3.0), ("count", "dropNN", (None, 1.0), 1.0),
        ("last", "dropNN", (5.0, None), 5.0),
        ("last", "dropNN", (None,), None), ("mean", "dropNN", (None,), None), ("min", "dropNN", (), None),
        ("sum", "dropNN", (None,), 0.0), ("count", "dropNN", (None,), 0.0),
        ("mean", "replaceNN", (None, 10.0), 8.5), ("last", "replaceNN", (1.0, None), 7.0),
        ("max", "replaceNN", (), 7.0),
    ],
)  # fmt: skip
def test_what_null_does_in_each_mode(
    reducer: str, mode: Mode, values: tuple[float | None, ...], expected: float | None
) -> None:
    assert repr(reduce_series(series(*values), reducer, mode, 7.0).value) == repr(expected)


def test_an_unknown_reducer_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="reduction p95 not implemented"):
        reduce_series(series(1.0), "p95")


@pytest.mark.parametrize(
    ("reducer", "expected"),
    [
        ("avg", 4.0), ("sum", 12.0), ("min", 2.0), ("max", 6.0), ("count", 5.0), ("last", 6.0), ("median", 4.0),
        ("diff", 4.0), ("diff_abs", 4.0), ("percent_diff", 200.0), ("percent_diff_abs", 200.0), ("count_non_null", 3.0),
    ],
)  # fmt: skip
def test_classic_reducers_skip_null_and_nan(reducer: str, expected: float) -> None:
    assert classic_reduce(series(None, 2.0, 4.0, NAN, 6.0), reducer) == expected


def test_classic_reducers_of_nothing_but_null_have_no_value() -> None:
    assert classic_reduce(series(None, NAN), "avg") is None
    assert classic_reduce(series(), "count") is None
    assert classic_reduce(series(None), "count") == 1.0


@pytest.mark.parametrize(
    ("upsampler", "expected"),
    [("pad", (1.0, 3.0, 3.0)), ("backfilling", (1.0, 3.0, None)), ("fillna", (1.0, 3.0, None))],
)
def test_resampling_reduces_what_lies_between_and_fills_the_rest(
    upsampler: str, expected: tuple[float | None, ...]
) -> None:
    end = T0 + timedelta(seconds=40)
    points = resample_series(series(1.0, 2.0, 3.0), timedelta(seconds=20), "max", upsampler, T0, end).points
    assert [at for at, _ in points] == [T0 + timedelta(seconds=20 * i) for i in range(3)]
    assert tuple(value for _, value in points) == expected


def test_resampling_over_less_than_a_window_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="shorter than the interval"):
        resample_series(series(1.0), timedelta(minutes=5), "max", "pad", T0, T0)
