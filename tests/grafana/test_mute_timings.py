"""Mute timings against calendars written out."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.mute_timings import MuteInterval, interval, mute_timings

MOMENTS = st.integers(0, 6 * 365 * 1440).map(
    lambda minutes: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DAY_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = [name.lower() for name in calendar.month_name if name]


def _pair(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda p: (min(p), max(p)))


@given(MOMENTS, _pair(0, 6))
def test_weekdays(moment: datetime, days: tuple[int, int]) -> None:
    named = DAY_NAMES[days[0] : days[1] + 1]
    text = f"{named[0]}:{named[-1]}"
    assert interval({"weekdays": [text]}).contains(moment) == (moment.strftime("%A").lower() in named)


@given(MOMENTS, _pair(1, 12), st.booleans())
def test_months_by_name_and_number(moment: datetime, months: tuple[int, int], names: bool) -> None:
    first, last = (MONTHS[m - 1] if names else str(m) for m in months)
    allowed = MONTHS[months[0] - 1 : months[1]]
    assert interval({"months": [f"{first}:{last}"]}).contains(moment) == (moment.strftime("%B").lower() in allowed)


@given(MOMENTS, st.integers(1, 31), st.one_of(st.integers(1, 31), st.integers(-31, -1)))
def test_days_of_the_month(moment: datetime, first: int, last: int) -> None:
    try:
        parsed = interval({"days_of_month": [f"{first}:{last}"]})
    except ValueError:
        assert first > (last if last > 0 else 28 + last)
        return
    month = list(range(1, calendar.monthrange(moment.year, moment.month)[1] + 1))
    allowed = month[first - 1 : last if last > 0 else (last + 1 or None)]
    assert parsed.contains(moment) == (moment.day in allowed)


@given(MOMENTS, st.integers(-28, -1), st.integers(-28, -1))
def test_days_from_the_end(moment: datetime, a: int, b: int) -> None:
    first, last = min(a, b), max(a, b)
    month = list(range(1, calendar.monthrange(moment.year, moment.month)[1] + 1))
    allowed = month[first : last + 1 or None]
    assert interval({"days_of_month": [f"{first}:{last}"]}).contains(moment) == (moment.day in allowed)


@given(MOMENTS, _pair(0, 1440).filter(lambda p: p[0] < p[1]))
def test_times_exclude_their_end(moment: datetime, minutes: tuple[int, int]) -> None:
    start, end = (f"{m // 60:02}:{m % 60:02}" for m in minutes)
    inside = (moment.hour * 60 + moment.minute) in range(*minutes)
    assert interval({"times": [{"start_time": start, "end_time": end}]}).contains(moment) == inside


@given(MOMENTS, st.integers(2023, 2028))
def test_years(moment: datetime, year: int) -> None:
    assert interval({"years": [str(year)]}).contains(moment) == (moment.year == year)
    assert interval({"years": [f"{year}:2028"]}).contains(moment) == (moment.year >= year)


@given(MOMENTS)
def test_all_parts_of_an_interval_must_hold_and_any_interval_does(moment: datetime) -> None:
    weekends, january = {"weekdays": ["saturday", "sunday"]}, {"months": ["january"]}
    both = interval({**weekends, **january})
    assert both.contains(moment) == (interval(weekends).contains(moment) and interval(january).contains(moment))
    either = mute_timings({"muteTimes": [{"name": "x", "time_intervals": [weekends, january]}]})["x"]
    assert either.contains(moment) == (interval(weekends).contains(moment) or interval(january).contains(moment))


def test_location_follows_summer_time() -> None:
    office = interval({"times": [{"start_time": "09:00", "end_time": "17:00"}], "location": "Europe/Zurich"})
    assert office.contains(datetime(2026, 1, 5, 8, 0, tzinfo=UTC))
    assert not office.contains(datetime(2026, 1, 5, 7, 59, tzinfo=UTC))
    assert office.contains(datetime(2026, 7, 6, 7, 0, tzinfo=UTC))
    assert interval({"weekdays": ["sunday"], "location": "Pacific/Auckland"}).contains(
        datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    )


def test_an_empty_interval_always_holds() -> None:
    assert MuteInterval().contains(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=5))


def test_only_the_orgs_own() -> None:
    document = {"muteTimes": [{"orgId": 2, "name": "theirs", "time_intervals": [{"years": ["2026"]}]}]}
    assert mute_timings(document) == {}
    assert list(mute_timings(document, org_id=2)) == ["theirs"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"weekdays": ["saturday:sunday"]}, "the week starts with sunday"),
        ({"weekdays": ["caturday"]}, "expected a weekday like 'monday', got 'caturday'"),
        ({"times": [{"start_time": "22:00", "end_time": "06:00"}]}, "split it at 24:00"),
        (
            {"times": [{"start_time": "9:00", "end_time": "10:00"}]},
            "up to '24:00', got '9:00'",
        ),
        ({"times": [{"start_time": "09:00"}]}, "expected a time like '09:30', up to '24:00', got ''"),
        ({"months": ["13"]}, "a month from 1 to 12, got '13'"),
        ({"months": ["december:january"]}, "a range that ends after it starts"),
        ({"days_of_month": ["0"]}, "1 to 31"),
        ({"days_of_month": ["-3:5"]}, "to end at one"),
        ({"days_of_month": ["20:10"]}, "a range that ends after it starts"),
        ({"years": ["2027:2026"]}, "a range that ends after it starts"),
        ({"years": ["soon"]}, "expected a whole number, got 'soon'"),
        ({"location": "Zurich"}, "not a time zone"),
        ({"location": "../etc/passwd"}, "not a time zone"),
    ],
)
def test_what_alertmanager_would_refuse(data: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        interval(data)
