"""Rows to frames, as recorded and as the sources say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashgen.datasource.frames import Column, Field, FrameError, long_to_wide, postgres_frame, questdb_frame

T0, T1 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
TIME, HOST, METRIC, VALUE = (
    Column("time", 1114),
    Column("host", 1043),
    Column("metric", 1043),
    Column("value", 20),
)
LONG = [(T0, "a", 1), (T1, "b", 2), (T1, None, 3)]


def test_string_columns_become_labels_and_gaps_null() -> None:
    frame = postgres_frame([TIME, HOST, VALUE], LONG, "time_series")
    assert [(f.name, f.labels, f.values) for f in frame.fields] == [
        ("Time", (), (T0, T1)),
        ("value", (("host", ""),), (None, 3.0)),
        ("value", (("host", "a"),), (1.0, None)),
        ("value", (("host", "b"),), (None, 2.0)),
    ]


def test_metric_alone_names_the_series() -> None:
    frame = postgres_frame([TIME, METRIC, VALUE], LONG[:2], "time_series")
    assert [(f.name, f.labels) for f in frame.fields] == [("Time", ()), ("a", ()), ("b", ())]
    plugin = questdb_frame([TIME, METRIC, VALUE], LONG[:2], "time_series")
    assert plugin.fields[1].labels == (("metric", "a"),)


def test_a_table_stays_a_table() -> None:
    frame = postgres_frame([HOST, VALUE], [("a", None)], "table")
    assert frame.fields == (Field("host", "string", ("a",)), Field("value", "int64", (None,)))
    assert frame.shape == "not"


def test_no_rows() -> None:
    assert postgres_frame([HOST, VALUE], [], "table").fields == ()
    assert len(questdb_frame([HOST, VALUE], [], "table").fields) == 2


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ([HOST, VALUE], [("a", 1)], "^db has no time column: time column is missing"),
        ([TIME, Column("up", 16)], [(T0, True)], r"^convert value to float failed: .*\[\]\*bool"),
        ([TIME, HOST, VALUE], LONG[::-1], "long series must be sorted ascending by time to be converted"),
        ([TIME, HOST, VALUE], [(None, "a", 1)], "input has null time values"),
    ],
)
def test_errors(columns: list[Column], rows: list[tuple[object, ...]], message: str) -> None:
    with pytest.raises(FrameError, match=message):
        postgres_frame(columns, rows, "time_series")  # type: ignore[arg-type]  # mixed literals


def test_a_column_named_time_must_be_one() -> None:
    with pytest.raises(FrameError, match="the column named time must be a timestamp"):
        postgres_frame([Column("time", 20), VALUE], [(1, 2)], "time_series")


def test_a_series_without_text_is_wide_already() -> None:
    frame = postgres_frame([TIME, VALUE], [(T0, 1), (T1, None)], "time_series")
    assert [(f.name, f.labels, f.values) for f in frame.fields] == [("Time", (), (T0, T1)), ("value", (), (1.0, None))]


def test_the_plugins_series_without_rows_has_no_fields() -> None:
    assert questdb_frame([TIME, VALUE], [], "time_series").fields == ()


def test_only_a_long_frame_becomes_wide() -> None:
    table = questdb_frame([HOST, VALUE], [("a", 1)], "table")
    with pytest.raises(FrameError, match="expected long format series input but got not series"):
        long_to_wide(table)
