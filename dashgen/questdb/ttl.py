"""When a TTL drops a partition: QuestDB's rule, as TableWriter.enforceTtl has it (tried on 9.3.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

HOURS = {"HOUR": 1, "DAY": 24, "WEEK": 168}
MONTHS = {"MONTH": 1, "YEAR": 12}


def length(ttl: str) -> tuple[str, int]:
    """In hours or in months, which don't compare: `14 DAY` and `2 WEEKS` are the same. Empty is 0 hours: for ever."""
    if not ttl:
        return ("hours", 0)
    count, unit = ttl.upper().split()
    unit = unit.removesuffix("S")
    if unit in MONTHS:
        return ("months", int(count) * MONTHS[unit])
    return ("hours", int(count) * HOURS[unit])


def drop_moment(oldest: datetime, partition_by: str, ttl: str) -> datetime | None:
    """The moment at which the partition that holds `oldest` goes: when its end is a TTL ago. None without a TTL.

    What counts as now is the newest row or the clock, whichever is earlier.
    """
    kind, count = length(ttl)
    end = _end(oldest, partition_by)
    if count == 0 or end is None:
        return None
    return end + timedelta(hours=count) if kind == "hours" else _add_months(end, count)


def _end(moment: datetime, partition_by: str) -> datetime | None:
    """The start of the next partition."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match partition_by:
        case "HOUR":
            return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        case "DAY":
            return day + timedelta(days=1)
        case "WEEK":
            return day + timedelta(days=7 - day.weekday())
        case "MONTH":
            return _add_months(day.replace(day=1), 1)
        case "YEAR":
            return _add_months(day.replace(month=1, day=1), 12)
        case _:
            return None


def _add_months(moment: datetime, count: int) -> datetime:
    """A day that the month does not have becomes its last one."""
    index = moment.year * 12 + moment.month - 1 + count
    first = moment.replace(year=index // 12, month=index % 12 + 1, day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day))
