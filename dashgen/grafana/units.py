"""What Grafana's units measure, and in which size: `ms` and `clockms` are thousandths of a second.

Read from @grafana/data 13.2.3 (valueFormats/categories). Only units that are taken for one another are here: of any
other nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dashgen.model.generated.units import UNITS


class Measure(NamedTuple):
    """What is measured, and how much of it 1 means."""

    what: str
    size: float


_TIMES = {
    "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400, "timeticks": 0.01,
    "dtdurations": 1, "dtdhms": 1, "dthms": 1, "clocks": 1, "dtdurationms": 1e-3, "clockms": 1e-3,
}  # fmt: skip


def measure(unit: str) -> Measure | None:
    """None for a unit that says nothing of what is measured (`short`, `none`), or of which nothing is known here."""
    return _measures().get(unit)


@cache
def _measures() -> dict[str, Measure]:
    return dict(_listed())


def _listed() -> Iterator[tuple[str, Measure]]:
    for unit, size in _TIMES.items():
        yield unit, Measure("time", size)
    for power, prefix in enumerate(("", "k", "m", "g", "t", "p")):
        yield f"dec{prefix}bytes", Measure("data", 1000**power)
        yield f"{prefix}bytes", Measure("data", 1024**power)
        letter = prefix.upper()
        yield (f"{letter}Bs" if letter else "Bps"), Measure("data rate", 1000**power)
        yield (f"{letter}iBs" if letter else "binBps"), Measure("data rate", 1024**power)
        yield (f"{letter}bits" if letter else "bps"), Measure("data rate", 1000**power / 8)
        yield (f"{letter}ibits" if letter else "binbps"), Measure("data rate", 1024**power / 8)
    yield from ((unit, Measure("data", 1 / 8)) for unit in ("bits", "decbits"))
    yield from (("percent", Measure("share", 0.01)), ("percentunit", Measure("share", 1)))
    for kind in ("c", "op", "req", "r", "w", "e", "m", "rec", "rows"):
        yield ("ops" if kind == "op" else f"{kind}ps"), Measure("events", 1)
        yield f"{kind}{'' if kind == 'op' else 'p'}m", Measure("events", 1 / 60)
    yield from ((unit, Measure("events", 1)) for unit in ("iops", "pps"))
    yield from ((unit, Measure(unit, 1)) for unit in ("celsius", "fahrenheit", "kelvin", "humidity", "hertz"))
    yield from ((unit, Measure(unit, 1)) for unit in UNITS if unit.startswith("currency"))
