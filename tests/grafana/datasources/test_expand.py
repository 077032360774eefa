"""Both plugins' expansion of macros, and the intervals that go into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.datasources import postgres, questdb_plugin
from dashgen.grafana.datasources.fill import Fill
from dashgen.grafana.datasources.intervals import (
    MS,
    SECOND,
    TimeRange,
    backend_interval,
    backend_text,
    browser_interval,
    parse_duration,
    round_interval,
    round_interval_backend,
    to_ms,
)
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.times import rfc3339

RANGE = TimeRange(1_795_448_010_123_000_000, 1_795_469_610_000_000_000)
FROM, TO = "cast(1795448010123000 as timestamp)", "cast(1795469610000000 as timestamp)"
LITERALS = "'2026-11-23T15:33:30.123Z'", "'2026-11-23T21:33:30Z'"


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("ts >= $__fromTime and x", f"ts >= {FROM} and x"),
        ("( ts >= $__fromTime ) and f(ts, $__toTime)", f"( ts >= {FROM} ) and f(ts, {TO})"),
        ("$__timeFilter( ts )", f"ts >= {FROM} AND ts <= {TO}"),
        ("SAMPLE BY $__sampleByInterval", "SAMPLE BY 30s"),
        ("$__interval $__interval_ms", "30s 30000"),
        ("$__timeFrom(ts)", "ts >= '2026-11-23T15:33:30Z'"),
        (
            "$__timeGroup(ts, hour)",
            "datepart(hour, ts),datepart(day, ts),datepart(month, ts),datepart(year, ts)",
        ),
        ("$__nope $x ${y} $__fromTimes", "$__nope $x ${y} $__fromTimes"),
    ],
)
def test_questdb_plugin(sql: str, expanded: str) -> None:
    assert questdb_plugin.expand(sql, RANGE, 30 * SECOND).text == expanded


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("$__timeFilter(timestamp)", f"timestamp BETWEEN {LITERALS[0]} AND {LITERALS[1]}"),
        ("f($__timeFrom(), $__timeTo())", f"f({LITERALS[0]}, {LITERALS[1]})"),
        ("$__time(ts)", 'ts AS "time"'),
        ("$__timeEpoch(ts)", 'extract(epoch from ts) as "time"'),
        ("$__timeGroup(ts,'5m')", "floor(extract(epoch from ts)/300)*300"),
        ("$__timeGroup(ts,'5m'), 1", 'floor(extract(epoch from ts)/300)*300 AS "time", 1'),
        ("$__timeGroupAlias(ts,$__interval)", 'floor(extract(epoch from ts)/30)*30 AS "time"'),
        ("$__unixEpochGroup(c,'1m')", "floor((c)/60)*60"),
        ("$__unixEpochFilter(c)", "c >= 1795448010 AND c <= 1795469610"),
        ("$__unixEpochFrom()", "1795448010"),
        ("$__interval $__interval_ms", "30s 30000"),
        ("$__fromTime", "$__fromTime"),
    ],
)
def test_postgres(sql: str, expanded: str) -> None:
    assert postgres.expand(sql, RANGE, 30 * SECOND).text == expanded


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("x $__nope(1)", 'unknown macro "__nope"'),
        ("x $__timeGroup(ts)", "macro __timeGroup needs time column and interval and optional fill value"),
        ("x $__timeGroup(ts,'5x')", "error parsing interval '5x'"),
        ("x $__timeGroup(ts,'5m',x)", "error parsing fill value x"),
    ],
)
def test_postgres_errors(sql: str, message: str) -> None:
    with pytest.raises(MacroError, match="^" + message.replace("(", r"\(") + "$") as raised:
        postgres.expand(sql, RANGE, SECOND)
    assert raised.value.start == 2


def test_plugin_errors() -> None:
    with pytest.raises(MacroError, match="expected 1 argument, received 2"):
        questdb_plugin.expand("$__timeFilter(a, b)", RANGE, SECOND)
    with pytest.raises(MacroError, match="missing close bracket"):
        questdb_plugin.expand("$__timeFilter(a", RANGE, SECOND)


def test_fill() -> None:
    assert postgres.fill_of("$__timeGroup(ts,'5m',0)", RANGE, SECOND) == Fill(300 * SECOND, value=0.0)
    assert postgres.fill_of("$__timeGroup(ts,'5m',previous)", RANGE, SECOND) == Fill(300 * SECOND, True)
    assert postgres.fill_of("$__timeGroup(ts,'5m')", RANGE, SECOND) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "30s"),
        (90, "90s"),
        (5400, "1h"),
        (18000, "5h"),
        (86400, "1d"),
        (129600, "1d"),
        (0.459, "459T"),
        (0, "1T"),
    ],
)
def test_sample_by(seconds: float, text: str) -> None:
    assert questdb_plugin.sample_by(round(seconds * SECOND)) == text


@pytest.mark.parametrize("expand", [questdb_plugin.expand, postgres.expand])
@given(text=st.text(alphabet=st.characters(exclude_characters="$")))
def test_without_macros_nothing_changes(expand: Callable[[str, TimeRange, int], Expanded], text: str) -> None:
    result = expand(text, RANGE, SECOND)
    assert result.text == text
    assert all(result.source(i) == i for i in range(len(text) + 1))


PIECES = st.lists(
    st.sampled_from(["$__timeFilter(ts)", "$__interval", "$__interval_ms", " x", "$y", "'é'", "$__timeFrom(ts) "])
).map("".join)


@pytest.mark.parametrize("expand", [questdb_plugin.expand, postgres.expand])
@given(sql=PIECES)
def test_copied_characters_lead_to_themselves(expand: Callable[[str, TimeRange, int], Expanded], sql: str) -> None:
    result = expand(sql, RANGE, SECOND)
    last = 0
    for offset, character in enumerate(result.text):
        source = result.source(offset)
        assert source >= last
        last = source
        if result.is_copied(offset):
            assert sql[source] == character
    assert result.source(len(result.text)) <= len(sql)


def test_intervals() -> None:
    six_hours = TimeRange(0, 6 * 3600 * SECOND)
    assert browser_interval(six_hours, 1000).text == "20s"
    assert browser_interval(six_hours, 1000, ">1m").ms == 60_000
    assert browser_interval(six_hours, 1000, "90s").text == "1m"
    assert browser_interval(TimeRange(0, 60 * SECOND), 1000).text == "50ms"
    assert backend_interval(six_hours) == 15 * SECOND
    assert round_interval(1500) == 2000
    assert round_interval_backend(1500 * MS) == 1000 * MS
    assert backend_text(90 * SECOND) == "1m"
    assert backend_text(5) == "1ms"
    assert to_ms("10") == 10_000
    assert to_ms("1.5m") == 60_000
    assert parse_duration("1h30m") == 5400 * SECOND
    assert parse_duration("2w") == 14 * 86_400 * SECOND
    with pytest.raises(ValueError, match='time: invalid duration "5x"'):
        parse_duration("5x")
    assert rfc3339(1_795_448_010_000_000_001) == "2026-11-23T15:33:30.000000001Z"


@pytest.mark.parametrize(
    ("text", "ms"),
    [("10", 10_000), ("1.9", 1000), (">5s", 5000), ("1h30m", 3_600_000), ("250ms", 250), ("2d", 172_800_000)],
)
def test_a_minimum_interval_as_the_browser_reads_it(text: str, ms: int) -> None:
    assert to_ms(text) == ms


def test_a_minimum_interval_that_it_does_not_read() -> None:
    with pytest.raises(ValueError, match="Invalid interval string, has to be either unit-less or end with one of"):
        to_ms("soon")


def test_the_plugins_time_group_takes_two_arguments_and_knows_periods() -> None:
    with pytest.raises(MacroError, match="unexpected number of arguments") as caught:
        questdb_plugin.expand("SELECT $__timeGroup(ts)", RANGE, SECOND)
    assert (caught.value.name, caught.value.start) == ("timeGroup", 7)
    grouped = questdb_plugin.expand("SELECT $__timeGroup(ts, month)", RANGE, SECOND).text
    assert grouped == "SELECT datepart(month, ts),datepart(year, ts)"
    assert questdb_plugin.expand("SELECT $__timeGroup(ts, 5m)", RANGE, SECOND).text == "SELECT "
