"""Rows to frames, as recorded and as the sources say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashgen.grafana.datasources.fill import Fill
from dashgen.grafana.datasources.frames import Format, FrameError, FrameField, WireColumn, long_to_wide
from dashgen.grafana.datasources.intervals import SECOND, TimeRange
from dashgen.grafana.datasources.postgres import postgres_frame
from dashgen.grafana.datasources.questdb_plugin import questdb_frame
from dashgen.grafana.datasources.values import Value

T0, T1 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
TIME, HOST, METRIC, VALUE = (
    WireColumn("time", 1114),
    WireColumn("host", 1043),
    WireColumn("metric", 1043),
    WireColumn("value", 20),
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
    assert frame.fields == (FrameField("host", "string", ("a",)), FrameField("value", "int64", (None,)))
    assert frame.shape == "not"


def test_no_rows() -> None:
    assert postgres_frame([HOST, VALUE], [], "table").fields == ()
    assert len(questdb_frame([HOST, VALUE], [], "table").fields) == 2


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ([HOST, VALUE], [("a", 1)], "^db has no time column: time column is missing"),
        ([TIME, HOST, VALUE], LONG[::-1], "long series must be sorted ascending by time to be converted"),
        ([TIME, HOST, VALUE], [(None, "a", 1)], "input has null time values"),
    ],
)
def test_errors(columns: list[WireColumn], rows: list[tuple[object, ...]], message: str) -> None:
    with pytest.raises(FrameError, match=message):
        postgres_frame(columns, rows, "time_series")  # type: ignore[arg-type]  # mixed literals


def test_a_boolean_in_a_series_is_a_number_where_older_grafanas_refuse_it() -> None:
    columns, rows = [TIME, WireColumn("up", 16)], [(T0, True), (T1, None)]
    assert postgres_frame(columns, rows, "time_series").fields[1].values == (1.0, None)
    with pytest.raises(FrameError, match=r"^convert value to float failed: .*\[\]\*bool"):
        postgres_frame(columns, rows, "time_series", booleans="refused")


def test_a_decimal_is_a_number_for_postgresql_and_a_text_for_the_plugin() -> None:
    columns = [TIME, WireColumn("v", 1700)]
    assert postgres_frame(columns, [(T0, 1.5)], "time_series").fields[1].type == "float64"
    assert questdb_frame(columns, [(T0, 1.5), (T1, None)], "time_series").fields[1].type == "string"


def test_a_column_named_time_must_be_one() -> None:
    with pytest.raises(FrameError, match="unable to convert data to a time field"):
        postgres_frame([WireColumn("time", 1043), VALUE], [("noon", 2)], "time_series")


@pytest.mark.parametrize("number", [1767614400, 1767614400.0, 1767614400_000, 1767614400_000_000_000])
@pytest.mark.parametrize("format_", ["time_series", "table"])
def test_a_number_named_time_is_one_since_1970(number: float, format_: Format) -> None:
    frame = postgres_frame([WireColumn("time", 701), VALUE], [(number, 2), (None, 3)], format_)
    assert frame.fields[0].values == (datetime(2026, 1, 5, 12, tzinfo=UTC), None)
    assert frame.fields[0].type == "time"


NOON = 1767614400
SPAN = TimeRange((NOON - 90) * SECOND, (NOON + 150) * SECOND)


def filled(fill: Fill, *rows: tuple[Value, ...], text: bool = False) -> list[tuple[Value, ...]]:
    columns = [TIME, HOST, VALUE] if text else [TIME, VALUE]
    given = [(datetime.fromtimestamp(NOON + int(str(at)), UTC), *rest) for at, *rest in rows]
    frame = postgres_frame(columns, given, "time_series", fill, SPAN)
    at = [int(moment.timestamp()) - NOON for moment in frame.fields[0].values if isinstance(moment, datetime)]
    assert at == [-120, -60, 0, 60, 120]
    return [field.values for field in frame.fields[1:]]


def test_a_series_is_filled_over_its_range() -> None:
    minute = 60 * SECOND
    rows = ((-60, 1.0), (60, 3.0))
    assert filled(Fill(minute), *rows) == [(None, 1.0, None, 3.0, None)]
    assert filled(Fill(minute, value=0.0), *rows) == [(0.0, 1.0, 0.0, 3.0, 0.0)]
    assert filled(Fill(minute, previous=True), *rows) == [(None, 1.0, 1.0, 3.0, 3.0)]
    # the last of an interval that ends there; a NULL is a value
    assert filled(Fill(minute, value=0.0), (-59, 7.0), (0, None), (1, 8.0), (59, 9.0)) == [(0.0, 0.0, None, 9.0, 0.0)]
    # a row from before is what went before
    assert filled(Fill(minute, previous=True), (-500, 4.0)) == [(4.0, 4.0, 4.0, 4.0, 4.0)]


def test_a_host_without_a_row_at_an_instant_is_filled_too() -> None:
    rows = ((0, "a", 1.0), (0, "b", 2.0), (60, "a", 3.0))
    assert filled(Fill(60 * SECOND, value=0.0), *rows, text=True) == [
        (0.0, 0.0, 1.0, 3.0, 0.0), (0.0, 0.0, 2.0, 0.0, 0.0),
    ]  # fmt: skip
    assert filled(Fill(60 * SECOND, previous=True), *rows, text=True) == [
        (None, None, 1.0, 3.0, 3.0), (None, None, 2.0, 2.0, 2.0),
    ]  # fmt: skip


def test_no_rows_are_not_filled() -> None:
    assert postgres_frame([TIME, VALUE], [], "time_series", Fill(60 * SECOND, value=0.0), SPAN).fields == ()


def test_a_series_without_text_is_wide_already() -> None:
    frame = postgres_frame([TIME, VALUE], [(T0, 1), (T1, None)], "time_series")
    assert [(f.name, f.labels, f.values) for f in frame.fields] == [("Time", (), (T0, T1)), ("value", (), (1.0, None))]


def test_the_plugins_series_without_rows_has_no_fields() -> None:
    assert questdb_frame([TIME, VALUE], [], "time_series").fields == ()


def test_only_a_long_frame_becomes_wide() -> None:
    table = questdb_frame([HOST, VALUE], [("a", 1)], "table")
    with pytest.raises(FrameError, match="expected long format series input but got not series"):
        long_to_wide(table)
