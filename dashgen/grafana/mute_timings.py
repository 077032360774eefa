"""Mute timings: when Alertmanager takes one to be in force.

Works on a parsed `mute-timings.yaml`. Source: prometheus/alertmanager timeinterval/timeinterval.go.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashgen.model.core.problems import DashgenError

_WEEKDAYS = {day.lower(): i for i, day in enumerate(("Sunday", *list(calendar.day_name)[:6]))}
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_TIME = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))\Z")


@dataclass(frozen=True, slots=True)
class MuteInterval:
    """All that is given must hold. Ranges include their ends, but a time's end; `location` is a time zone's name."""

    times: tuple[tuple[int, int], ...] | None = None
    """Minutes of the day."""
    weekdays: tuple[tuple[int, int], ...] | None = None
    """0 is Sunday."""
    days_of_month: tuple[tuple[int, int], ...] | None = None
    """Negative ones count from the month's end."""
    months: tuple[tuple[int, int], ...] | None = None
    years: tuple[tuple[int, int], ...] | None = None
    location: str = "UTC"

    def contains(self, moment: datetime) -> bool:
        t = moment.astimezone(UTC if self.location == "UTC" else ZoneInfo(self.location))
        minute = t.hour * 60 + t.minute
        return (
            (self.times is None or any(start <= minute < end for start, end in self.times))
            and _within(self.weekdays, t.isoweekday() % 7)
            and _within(self.months, t.month)
            and _within(self.years, t.year)
            and (self.days_of_month is None or any(_day_within(days, t) for days in self.days_of_month))
        )


def _within(ranges: tuple[tuple[int, int], ...] | None, value: int) -> bool:
    return ranges is None or any(first <= value <= last for first, last in ranges)


def _day_within(days: tuple[int, int], t: datetime) -> bool:
    """Alertmanager clamps to the month: 30:31 is never in February, 28:31 is its 28th and 29th."""
    length = calendar.monthrange(t.year, t.month)[1]
    first, last = (day + length + 1 if day < 0 else day for day in days)
    return first <= length and first <= t.day <= min(last, length)


@dataclass(frozen=True, slots=True)
class ProvisionedMuteTiming:
    """In force while any of its intervals contains the moment: a policy is then mute, or active where it names the
    timing as such."""

    name: str
    intervals: tuple[MuteInterval, ...]

    def contains(self, moment: datetime) -> bool:
        return any(interval.contains(moment) for interval in self.intervals)


def mute_timings(document: Mapping[str, Any] | None, org_id: int = 1) -> dict[str, ProvisionedMuteTiming]:
    """An org's mute timings by name, from a parsed `mute-timings.yaml`. Raises ValueError with Alertmanager's reasons
    for what it would refuse."""
    found = {}
    for entry in (document or {}).get("muteTimes") or ():
        if int(entry.get("orgId") or 1) == org_id:
            name = str(entry["name"])
            found[name] = ProvisionedMuteTiming(
                name, tuple(interval(part) for part in entry.get("time_intervals") or ())
            )
    return found


class IntervalError(DashgenError, ValueError):
    """What Alertmanager would refuse, and in which field of an interval."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def interval(data: Mapping[str, Any]) -> MuteInterval:
    """One entry of `time_intervals`. Raises IntervalError."""
    out = MuteInterval(
        times=tuple(_time_range(t) for t in data["times"]) if data.get("times") else None,
        weekdays=_ranges(data, "weekdays", _weekday),
        days_of_month=_ranges(data, "days_of_month", _number),
        months=_ranges(data, "months", _month),
        years=_ranges(data, "years", _number),
        location=str(data.get("location") or "UTC"),
    )
    if out.location != "UTC":
        try:
            ZoneInfo(out.location)
        except (KeyError, ValueError, OSError):
            raise IntervalError("location", f"{out.location!r} is not a time zone like 'Europe/Zurich'") from None
    return out


def _ranges(data: Mapping[str, Any], field: str, member: Callable[[str], int]) -> tuple[tuple[int, int], ...] | None:
    value = data.get(field)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    found = []
    for text in value:
        first, colon, last = str(text).lower().partition(":")
        try:
            ends = member(first), member(last if colon else first)
            _range(field, *ends)
        except ValueError as error:
            raise IntervalError(field, f"expected {error}, got {text!r}") from None
        found.append(ends)
    return tuple(found)


def _range(field: str, first: int, last: int) -> None:
    """Raises ValueError with what was expected."""
    if field == "days_of_month":
        if 0 in (first, last) or abs(first) > 31 or abs(last) > 31:
            raise ValueError("days of the month from 1 to 31 or -1 to -31")
        if first < 0 < last:
            raise ValueError("a range that starts at a negative day to end at one")
        first, last = (28 + day if day < 0 else day for day in (first, last))
    if field == "months" and not (1 <= first <= 12 and 1 <= last <= 12):
        raise ValueError("a month from 1 to 12")
    if first > last:
        week = " (the week starts with sunday)" if field == "weekdays" else ""
        raise ValueError(f"a range that ends after it starts, or two of them{week}")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("a whole number") from None


def _weekday(text: str) -> int:
    if text not in _WEEKDAYS:
        raise ValueError("a weekday like 'monday'")
    return _WEEKDAYS[text]


def _month(text: str) -> int:
    return _MONTHS[text] if text in _MONTHS else _number(text)


def _time_range(data: Mapping[str, Any]) -> tuple[int, int]:
    start, end = (_minutes(str(data.get(key) or "")) for key in ("start_time", "end_time"))
    if start >= end:
        expected = "a time range that ends after it starts, on the same day: split it at 24:00"
        raise IntervalError("times", f"expected {expected}, got {data.get('start_time')} to {data.get('end_time')}")
    return start, end


def _minutes(text: str) -> int:
    match = _TIME.match(text)
    if match is None:
        raise IntervalError("times", f"expected a time like '09:30', up to '24:00', got {text!r}")
    return int(match[1] or match[3]) * 60 + int(match[2] or match[4])
