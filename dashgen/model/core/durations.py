"""Durations as authors write them: one number and one unit.

What Grafana, Prometheus and Go read as a duration is more, and has its own ports: grafana/durations.py for provisioning
files, grafana/data sources/intervals.py for intervals of queries.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
"""In seconds."""
_DURATION = re.compile(r"([0-9]+)(ms|[smhdw])\Z")


class Duration(NamedTuple):
    """A length of time."""

    seconds: float

    @classmethod
    def read(cls, text: object, units: Collection[str] = UNITS.keys()) -> Duration | None:
        """Of `30s`, `5m`, `1h`; None for anything else."""
        match = _DURATION.match(text) if isinstance(text, str) else None
        return cls(int(match[1]) * UNITS[match[2]]) if match and match[2] in units else None

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Of a text that was checked. Raises ValueError for anything else."""
        found = cls.read(text)
        if found is None:
            raise ValueError(f"expected a duration like '30s', '5m', '1h', got {text!r}")
        return found

    def __str__(self) -> str:
        """In the largest unit of which it is a whole number: `10s`, `1m`."""
        if self.seconds < 1:
            return f"{round(self.seconds * 1000)}ms"
        whole = round(self.seconds)
        unit = next(unit for unit in ("h", "m", "s") if whole % UNITS[unit] == 0)
        return f"{int(whole // UNITS[unit])}{unit}"
