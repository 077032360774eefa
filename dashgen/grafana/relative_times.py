"""Relative times as Grafana writes them: `now-6h`, `now/d`, `now-1d/d`, in UTC.

After Grafana 12.3, packages/grafana-data/src/datetime/datemath.ts: from knowledge, not compared; a week begins on
Sunday there, as in moment's locale `en`. Fiscal years are not read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Literal

_STEP = re.compile(r"([+-])(\d*)([smhdwMQy])|/([smhdwMQy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MONTHS = {"M": 1, "Q": 3, "y": 12}


def resolved(text: str, now: datetime, side: Literal["start", "end"] = "start") -> datetime:
    """The moment that a relative or ISO time means; `/d` is the start of the day, or its last millisecond. Raises
    ValueError for anything else."""
    if not text.startswith("now"):
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    moment, at = now.astimezone(UTC), len("now")
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"expected a time such as now-6h, now/d or 2026-01-31T12:00, got {text!r}")
        sign, number, unit, rounded = match.groups()
        if rounded:
            moment = _floor(moment, rounded) if side == "start" else _ceiling(moment, rounded)
        else:
            moment = _moved(moment, int(number or 1) * (1 if sign == "+" else -1), unit)
        at = match.end()
    return moment


def _moved(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=count * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _floor(moment: datetime, unit: str) -> datetime:
    if unit in ("s", "m", "h"):
        length = _SECONDS[unit]
        return datetime.fromtimestamp(moment.timestamp() // length * length, UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "w":
        return day - timedelta(days=day.isoweekday() % 7)
    if unit == "M":
        return day.replace(day=1)
    if unit == "Q":
        return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
    return day if unit == "d" else day.replace(day=1, month=1)


def _ceiling(moment: datetime, unit: str) -> datetime:
    return _moved(_floor(moment, unit), 1, unit) - timedelta(milliseconds=1)
