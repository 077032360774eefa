"""Rows are judged by themselves, by the clock, and by the row before; and a frame is suspected wherever a row is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.model.tables.row_constraints import (
    Monotonic,
    NotAfter,
    OnlyWhile,
    Ratio,
    ReconnectCounter,
    RowRule,
    SequenceRule,
    SetExactlyWhileNot,
    all_follow,
    all_hold,
)
from dashgen.model.tables.rows import Validator, faults, validate_rows
from dashgen.model.tables.table import Designated, Symbol, table, unchecked

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@table(
    name="judged",
    dedup=("at", "host"),
    rules=(
        NotAfter("filled", "placed"),
        OnlyWhile("gap", "is_gap"),
        SetExactlyWhileNot("since", "connected"),
        Ratio("share", "filled", "placed"),
        Monotonic("count", "uptime"),
        ReconnectCounter("connected", "since", "reconnects"),
    ),
)
class Judged:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol()]
    placed: int
    filled: int | None
    share: float | None
    is_gap: bool
    gap: float | None
    connected: bool
    since: int | None
    count: int
    uptime: float
    reconnects: int


GOOD: dict[str, Any] = {
    "at": NOON, "host": "a", "placed": 4, "filled": 1, "share": 0.25, "is_gap": False, "gap": None, "connected": True,
    "since": None, "count": 7, "uptime": 60.0, "reconnects": 2,
}  # fmt: skip


def row(seconds: float = 0, **fields: Any) -> Judged:
    return Judged(**{**GOOD, "at": NOON + timedelta(seconds=seconds), **fields})


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"filled": 5, "share": 1.25}, "filled", "expected at most placed (4), got 5"),
        ({"gap": 3.0}, "gap", "expected no value while is_gap is false, got 3.0"),
        ({"since": 5}, "since", "expected no value while connected is true, got 5"),
        ({"connected": False}, "since", "expected a value while connected is false, got none"),
        ({"share": 0.5}, "share", "expected filled / placed = 0.25, got 0.5"),
        ({"placed": 0, "filled": 0, "share": 1.0}, "share", "expected no value where placed is 0, got 1.0"),
    ],
)
def test_what_is_wrong_with_a_row_by_itself(fields: dict[str, Any], field: str, message: str) -> None:
    (found,) = faults(Judged, {**GOOD, **fields}, 3)
    assert (found.table, found.row, found.field, found.message) == ("judged", 3, field, message)
    assert str(found) == f"judged, row 3, {field}: {message}"
    assert faults(Judged, GOOD) == []


def test_a_value_of_another_type_is_told_with_what_came() -> None:
    (absent,) = faults(Judged, {key: value for key, value in GOOD.items() if key != "count"})
    assert str(absent) == "judged, row 0, count: Field required, got None"
    (found,) = faults(Judged, {**GOOD, "count": "many"})
    assert found.field == "count"
    assert found.message.endswith(", got 'many'")


@pytest.mark.parametrize(
    ("before", "after", "field", "message"),
    [
        ({}, {"count": 6}, "count", "expected at least 7 (the row before) as uptime did not fall, got 6"),
        (
            {"connected": False, "since": 9}, {"connected": True}, "reconnects",
            "expected more than 2 after a reconnect, got 2",
        ),
        (
            {"connected": False, "since": 9}, {"connected": False, "since": 11}, "since",
            "expected 9 (the row before), as no reconnect was counted, got 11",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_the_row_before(
    before: dict[str, Any], after: dict[str, Any], field: str, message: str
) -> None:
    rows = [row(0, **before), row(10, **after)]
    now = NOON + timedelta(hours=1)
    (found,) = validate_rows(rows, now=now)
    assert (found.row, found.field, found.message) == (1, field, message)
    # whatever the order in which they come; another series is another matter
    assert [f.row for f in validate_rows(rows[::-1], now=now)] == [0]
    assert validate_rows([rows[0], row(10, host="b", **after)], now=now) == []


def test_a_restart_counts_from_zero_again() -> None:
    assert validate_rows([row(0), row(10, count=0, uptime=1.0)], now=NOON + timedelta(hours=1)) == []


def test_a_row_of_the_future_is_no_row() -> None:
    (found,) = validate_rows([row(3)], now=NOON)
    assert found.field == "at"
    assert found.message.startswith("expected a moment that is not in the future (now is 2026-01-01 12:00:00+00:00)")


def test_an_unchecked_row_is_judged_here() -> None:
    wrong = unchecked(Judged, **{**GOOD, "gap": 3.0})
    assert [f.field for f in validate_rows([wrong], now=NOON)] == ["gap"]
    assert (
        validate_rows([unchecked(Judged, **GOOD), row(10, count=6)], now=NOON + timedelta(hours=1))[0].field == "count"
    )


def test_what_is_remembered_is_the_newest() -> None:
    validator = Validator()
    validator.remember(row(10, count=9))
    validator.remember(row(0, count=3))
    assert [f.message[:19] for f in validator.follow(row(20, count=8), 0)] == ["expected at least 9"]
    assert validator.follow(row(5, count=1), 0) == []  # older than the last: by itself only
    assert validator.follow(row(20, count=8), 0) == []  # the same moment again: takes its place


def test_rows_of_a_table_without_sequences_follow_nothing() -> None:
    @table(name="judged_alone", dedup=("at",))
    class Alone:
        at: Annotated[datetime, Designated()]
        n: int

    assert Validator().follow(Alone(at=NOON, n=1), 0) == []
    assert validate_rows([Alone(at=NOON, n=1), Alone(at=NOON, n=0)], now=NOON) == []


class Frame:
    """Rows by column, as numpy has them."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows

    def value(self, name: str) -> Any:
        values = [getattr(row, name) for row in self.rows]
        if all(isinstance(value, bool) for value in values):
            return np.array(values, dtype=bool)
        return np.array([np.nan if value is None else float(value) for value in values])

    def missing(self, name: str) -> Any:
        return np.array([getattr(row, name) is None for row in self.rows])


SMALL = st.integers(0, 3)
ROWS = st.builds(
    lambda **fields: unchecked(Judged, **GOOD | fields),
    placed=SMALL, filled=st.none() | SMALL, share=st.none() | st.sampled_from([0.0, 0.5, 1.0]), is_gap=st.booleans(),
    gap=st.none() | st.just(1.0), connected=st.booleans(), since=st.none() | SMALL, count=SMALL,
    uptime=st.sampled_from([1.0, 2.0]), reconnects=SMALL,
)  # fmt: skip
OF_ROWS: tuple[RowRule, ...] = (
    NotAfter("filled", "placed"), OnlyWhile("gap", "is_gap"), SetExactlyWhileNot("since", "connected"),
)  # fmt: skip
OF_PAIRS: tuple[SequenceRule, ...] = (
    Monotonic("count", "uptime"),
    ReconnectCounter("connected", "since", "reconnects"),
)


@given(st.lists(ROWS, min_size=1, max_size=8))
def test_every_bad_row_is_suspected_in_its_frame(rows: list[Any]) -> None:
    for rule in (*OF_ROWS, Ratio("share", "filled", "placed")):
        suspected = rule.suspects(Frame(rows))
        for one, is_suspected in zip(rows, suspected, strict=True):
            assert is_suspected or rule.check(one) is None, rule


@given(st.lists(ROWS, min_size=2, max_size=8))
def test_every_bad_pair_is_suspected_in_its_frame(rows: list[Any]) -> None:
    for rule in OF_PAIRS:
        suspected = rule.suspects(Frame(rows[:-1]), Frame(rows[1:]))
        for before, one, is_suspected in zip(rows, rows[1:], suspected, strict=False):
            assert is_suspected or rule.check(before, one) is None, rule


@given(ROWS, ROWS)
def test_rules_together_are_what_each_says(before: Any, after: Any) -> None:
    assert all_hold(OF_ROWS)(after) == all(rule.check(after) is None for rule in OF_ROWS)
    assert all_follow(OF_PAIRS)(before, after) == all(rule.check(before, after) is None for rule in OF_PAIRS)
    assert all_hold(())(after)
    assert all_follow(())(before, after)


def test_rules_read_as_a_person_would_say_them() -> None:
    rules: tuple[RowRule | SequenceRule, ...] = (*OF_ROWS, Ratio("share", "filled", "placed"), *OF_PAIRS)
    assert [str(rule) for rule in rules] == [
        "filled <= placed",
        "gap only while is_gap",
        "since set exactly while not connected",
        "share = filled / placed, null where placed = 0",
        "count never falls, unless uptime does",
        "reconnects grows when connected comes back; since stays meanwhile",
    ]
    assert [rule.fields for rule in rules] == [
        ("filled", "placed"),
        ("gap", "is_gap"),
        ("since", "connected"),
        ("share", "filled", "placed"),
        ("count", "uptime"),
        ("reconnects", "connected", "since"),
    ]


@pytest.mark.parametrize(
    ("share", "part", "whole", "message"),
    [
        (None, None, 4, ""),
        (None, 1, None, ""),
        (None, None, None, ""),
        (None, None, 0, ""),
        (0.25, None, 4, "expected no value where filled has none, got 0.25"),
        (0.25, 1, None, "expected no value where placed has none, got 0.25"),
        (None, 1, 4, "expected filled / placed = 0.25, got None"),
        (0.25, 1, 4, ""),
        (0.25, 1, 0, "expected no value where placed is 0, got 0.25"),
    ],
)
def test_a_ratio_of_what_may_be_null(share: Any, part: Any, whole: Any, message: str) -> None:
    row = unchecked(Judged, **(GOOD | {"share": share, "filled": part, "placed": whole}))
    fault = Ratio("share", "filled", "placed").check(row)
    assert (fault.message if fault else "") == message
    assert bool(Ratio("share", "filled", "placed").suspects(Frame([row]))[0]) == bool(message)
