"""`$__interval`: how long a bucket is that Grafana asks for.

The browser computes it for panels, the backend for what brings its own resolution; the ladders are equal but
for their edges. Sources, Grafana 12.3: packages/grafana-data/src/datetime/rangeutil.ts (browser),
pkg/tsdb/intervalv2/intervalv2.go (backend), grafana-plugin-sdk-go backend/gtime/gtime.go (the text).
"""

from __future__ import annotations

import re
from typing import NamedTuple

MS = 1_000_000
SECOND = 1000 * MS
_YEAR, _DAY, _HOUR, _MINUTE = 31_536_000 * SECOND, 86_400 * SECOND, 3600 * SECOND, 60 * SECOND

# (below this many ms, this many ms): the browser's edges are exclusive.
_LADDER = (
    (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1500, 1000), (3500, 2000),
    (7500, 5000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000), (45_000, 30_000), (90_000, 60_000),
    (210_000, 120_000), (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000),
    (2_700_000, 1_800_000), (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000),
    (32_400_000, 21_600_000), (86_400_000, 43_200_000), (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000), (3_628_800_000, 2_592_000_000),
)  # fmt: skip
_LONGEST = 31_536_000_000


class TimeRange(NamedTuple):
    """Nanoseconds since 1970, UTC. Panels send whole milliseconds, the API and alerts finer ones."""

    from_ns: int
    to_ns: int


class Interval(NamedTuple):
    ms: int
    text: str

    @property
    def ns(self) -> int:
        return self.ms * MS


def round_interval(ms: float) -> int:
    """The browser's ladder."""
    return next((value for below, value in _LADDER if ms < below), _LONGEST)


def round_interval_backend(ns: int) -> int:
    """The backend's ladder, in ns: its edges are inclusive, but for the last one."""
    last = _LADDER[-1][0] * MS
    return next((v * MS for edge, v in _LADDER if ns < edge * MS or (ns == edge * MS != last)), _LONGEST * MS)


def browser_interval(time_range: TimeRange, max_data_points: int, min_interval: str = "") -> Interval:
    """What a panel sends; `max_data_points` is its own or its width in pixels, `min_interval` its own or its
    datasource's."""
    low = to_ms(min_interval) if min_interval else 1
    span = (time_range.to_ns // MS) - (time_range.from_ns // MS)
    ms = max(round_interval(span / max_data_points), low)
    return Interval(int(ms), browser_text(ms))


def backend_interval(time_range: TimeRange, max_data_points: int = 0, min_ns: int = MS) -> int:
    """In ns; 0 points mean Grafana's default, 1500."""
    calculated = (time_range.to_ns - time_range.from_ns) // (max_data_points or 1500)
    return min_ns if calculated < min_ns else round_interval_backend(calculated)


def browser_text(ms: float) -> str:
    """`secondsToHms`: the largest unit alone, so that 90 s are `1m`."""
    for unit, size in (
        ("y", 31_536_000_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
    ):
        if ms >= size:
            return f"{int(ms // size)}{unit}"
    return f"{int(ms)}ms" if ms >= 1 else "less than a millisecond"


def backend_text(ns: int) -> str:
    """`gtime.FormatInterval`, what the backends put for `$__interval`."""
    for unit, size in (("y", _YEAR), ("d", _DAY), ("h", _HOUR), ("m", _MINUTE), ("s", SECOND), ("ms", MS)):
        if ns >= size:
            return f"{ns // size}{unit}"
    return "1ms"


_UNIT_MS = {"y": _LONGEST, "M": 2_592_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}
_UNIT_MS |= {"s": 1000, "ms": 1}
_BROWSER_INTERVAL = re.compile(r"(-?\d+(?:\.\d+)?)(ms|[Mwdhmsy])")


def to_ms(text: str) -> int:
    """A minimum interval as the browser reads it (`intervalToMs`): no unit means seconds, decimals are dropped, `>` in
    front is passed over, and so is what follows the first unit (`1h30m` is `1h`). Raises ValueError for anything
    else."""
    text = text.removeprefix(">").strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return int(text.split(".")[0]) * 1000
    match = _BROWSER_INTERVAL.match(text)
    if match is None:
        units = ", ".join(["y", "M", "w", "d", "h", "m", "s", "ms"])
        raise ValueError(
            f'Invalid interval string, has to be either unit-less or end with one of the following units: "{units}"'
        )
    return int(match[1].split(".")[0]) * _UNIT_MS[match[2]]


_GO_UNIT = {"ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": MS, "s": SECOND, "m": _MINUTE, "h": _HOUR}
_GO_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def parse_duration(text: str) -> int:
    """`gtime.ParseDuration`, in ns: Go's durations and whole numbers of d, w, M, y (mean month and year).

    Raises ValueError with Go's text."""
    from fractions import Fraction  # takes longer to import than this module, and few need it

    days = re.fullmatch(r"(\d+)([dwMy])", text, re.ASCII)
    if days:
        year = Fraction(36525, 100)
        length = {"d": Fraction(1), "w": Fraction(7), "M": year / 12, "y": year}[days[2]]
        return int(int(days[1]) * length * _DAY)
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    parts = _GO_PART.findall(rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * sum(int(Fraction(number.rstrip(".") or "0") * _GO_UNIT[unit]) for number, unit in parts)
