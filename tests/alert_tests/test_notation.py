import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.alert_tests.notation import GAP, NotationError, Offset, cells
from dashgen.model.tables.table import Column


def values(text: Any, kind: str, count: int = 12) -> list[Any]:
    return list(itertools.islice(cells(text, Column("c", kind)), count))


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("true x2, false x1", "BOOLEAN", [True, True, False]),
        ("100+5x3", "LONG", [100, 105, 110]),
        ("100 - 5 x3", "LONG", [100, 95, 90]),
        ("0.5+0.25x3", "DOUBLE", [0.5, 0.75, 1.0]),
        ("-5+2x3", "LONG", [-5, -3, -1]),
        ("7x2, 8 x1", "LONG", [7, 7, 8]),
        ("1 x1, _x2, 2 x1", "LONG", [1, GAP, GAP, 2]),
        ("1 x1, _, 2 x1", "LONG", [1, GAP, 2]),
        ("null x2, 3 x1", "LONG", [None, None, 3]),
        ("a x2, 'b, c' x1", "SYMBOL", ["a", "a", "b, c"]),
        ('"null" x1, null x1', "VARCHAR", ["null", None]),
        ("read timed out x1", "VARCHAR", ["read timed out"]),
        ("now-2s x1, @1m x1, now x1", "TIMESTAMP", [Offset("now", -2), Offset("@", 60), Offset("now", 0)]),
        ([1, "2+1x2"], "LONG", [1, 2, 3]),
        (["true x1", False], "BOOLEAN", [True, False]),
    ],
)
def test_finite_sequences(text: Any, kind: str, expected: list[Any]) -> None:
    assert values(text, kind) == expected
    assert cells(text, Column("c", kind)).length == len(expected)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (True, "BOOLEAN", [True] * 4),
        ("prod-server-01", "SYMBOL", ["prod-server-01"] * 4),
        (12, "SYMBOL", ["12"] * 4),
        (3, "DOUBLE", [3.0] * 4),
        ("100+5", "LONG", [100, 105, 110, 115]),
        ("1 x2, 9", "LONG", [1, 1, 9, 9]),
        ("true x1, false", "BOOLEAN", [True, False, False, False]),
        (None, "DOUBLE", [None] * 4),
    ],
)
def test_what_has_no_count_goes_on(text: Any, kind: str, expected: list[Any]) -> None:
    assert values(text, kind, 4) == expected
    assert cells(text, Column("c", kind)).length is None


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("yes", "BOOLEAN", "expected true or false, got 'yes'"),
        ("1.5", "LONG", "expected a whole number, a counter like 100+5x20"),
        ("soon", "TIMESTAMP", "expected now, now-5s (before the row) or @1m"),
        ("now-5", "TIMESTAMP", "expected a duration such as 30s"),
        ("1, , 2", "LONG", "expected a value between the commas"),
        ("", "LONG", "expected at least one value"),
        ([], "LONG", "expected at least one value"),
        ("1+1, 2", "LONG", "only the last of several values may go on without an end"),
    ],
)
def test_what_is_meant_is_told(text: Any, kind: str, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        cells(text, Column("c", kind))
    assert message in str(caught.value)


def test_offsets_are_from_the_row_or_from_the_start() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    row = start + timedelta(minutes=2)
    assert Offset("now", -5).at(row, start) == start + timedelta(seconds=115)
    assert Offset("@", 60).at(row, start) == start + timedelta(seconds=60)


@given(st.lists(st.tuples(st.integers(-1000, 1000), st.integers(0, 50), st.integers(1, 6)), min_size=1, max_size=6))
def test_segments_follow_each_other(parts: list[tuple[int, int, int]]) -> None:
    text = ", ".join(f"{first}+{step}x{count}" for first, step, count in parts)
    expected = [first + step * i for first, step, count in parts for i in range(count)]
    assert values(text, "LONG", 100) == expected
