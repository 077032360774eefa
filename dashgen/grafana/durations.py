"""Durations as Prometheus and Alertmanager write them, and Grafana in its provisioning files: `30s`, `1h30m`.

Units stand once each, from large to small (prometheus/common model/time.go).
"""

from __future__ import annotations

import re

_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
"""In milliseconds."""
_DURATION = re.compile("".join(rf"(?:(\d+){unit})?" for unit in _UNITS) + r"\Z", re.ASCII)


def seconds(text: str) -> float:
    """The length of a duration, an int where it is whole seconds. Raises ValueError."""
    match = _DURATION.match(text)
    if text == "0":
        return 0
    if not text or match is None:
        raise ValueError(f"expected a duration such as 30s, 5m or 1h30m, got {text!r}")
    length = sum(int(n) * unit for n, unit in zip(match.groups(), _UNITS.values(), strict=True) if n)
    return length / 1000 if length % 1000 else length // 1000


def duration(length: float) -> str:
    """Seconds as a duration: `90` is `1m30s`. Weeks and years are days: 30d reads better than 4w2d."""
    left, text = round(length * 1000), ""
    for unit, size in _UNITS.items():
        if unit in "yw":
            continue
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
