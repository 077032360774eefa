"""The figures of a measurement, by peer and count, and the targets that they are held against."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from benchmarks.peers.measure import PEERS

Figures = dict[str, Any]
"""`machine`, `versions`, `runs`, `budget`, `loads` (the least and the largest load average); `results`: for each peer
and count a list of runs (see `measure.Run`); `commands`: for each command its runs (see `startup.Took`); `profiles`,
and `functions` (see `stages`)."""


class Target(NamedTuple):
    """What was aimed at, at most; and what was measured."""

    what: str
    most: float
    measured: float
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return bool(self.measured <= self.most)


class Results:
    """The figures by peer and count."""

    def __init__(self, figures: Figures) -> None:
        self.counts: list[int] = sorted({result["count"] for result in figures["results"]})
        self.names = [peer.name for peer in PEERS if any(r["peer"] == peer.name for r in figures["results"])]
        self._runs = {(r["peer"], r["count"]): r["runs"] for r in figures["results"]}
        self._commands = {one["name"]: one["runs"] for one in figures["commands"]}
        self.runs: int = figures["runs"]
        self.profiles: list[dict[str, Any]] = figures["profiles"]

    def all(self, name: str, count: int, what: str) -> list[float]:
        return [float(run[what]) for run in self._runs[name, count]]

    def median(self, name: str, count: int, what: str) -> float:
        return median(self.all(name, count, what))

    def command(self, name: str, what: str) -> list[float]:
        """Milliseconds of a command of dashgen's."""
        return [float(run[what]) for run in self._commands[name]]

    @property
    def commands(self) -> list[str]:
        return list(self._commands)

    def share(self, name: str, count: int) -> float:
        """dashgen's time as a share of a peer's."""
        return self.median("dashgen", count, "processor") / self.median(name, count, "processor")

    def each(self, name: str, count: int, what: str = "processor") -> float:
        """Of one more dashboard: what `count` take beyond what the fewest do, without the start."""
        fewest = self.counts[0]
        return (self.median(name, count, what) - self.median(name, fewest, what)) / (count - fewest)

    def beyond_specs(self) -> float:
        """Bytes that the memory of a build grows by a dashboard, without those of the specs' own objects."""
        first, last = self.profiles[0], self.profiles[-1]

        def beyond(profile: dict[str, Any]) -> float:
            loaded = next(stage["memory"] for stage in profile["stages"] if stage["name"] == "load")
            return float(max(stage["peak"] for stage in profile["stages"]) - loaded)

        return (beyond(last) - beyond(first)) / float(last["count"] - first["count"])


class PeerTarget(NamedTuple):
    """The share of a peer's time that was aimed at, at most; and what was measured."""

    peer: str
    share: float
    measured: float

    @property
    def is_met(self) -> bool:
        return self.measured <= self.share


def at_most(found: Results, count: int) -> int:
    """The largest number of dashboards that was measured up to `count`."""
    return max((one for one in found.counts if one <= count), default=found.counts[0])


def peer_targets(found: Results) -> Iterator[PeerTarget]:
    """Those of the peers that were measured."""
    for name, most in (("Foundation SDK", 1 / 3), ("Jsonnet (Go)", 0.1), ("Jsonnet (Rust)", 0.1)):
        if name in found.names:
            yield PeerTarget(name, most, found.share(name, at_most(found, 1000)))


def targets(found: Results) -> Iterator[Target]:
    """Those whose figures were measured."""
    if "dashgen" not in found.names:
        return
    at = at_most(found, 1000)
    for one in peer_targets(found):
        yield Target(f"share of the time of {one.peer}, {at:,} dashboards", one.share, one.measured)
    last = found.counts[-1]
    if 100 in found.counts and last > 100:
        ratio = found.each("dashgen", last) / found.each("dashgen", 100)
        yield Target(f"one more dashboard at {last:,}, as a multiple of that at 100", 1.15, ratio)
    if len(found.profiles) > 1:
        written = found.median("dashgen", last, "written") / last
        yield Target("memory beyond the specs, a byte written", 0.25, found.beyond_specs() / written)
    for name, limit in (("dashgen build, one panel", 200), ("dashgen --help", 80), ("dashgen check, warm", 700)):
        if name in found.commands:
            yield Target(f"{name}, of the wall", limit, median(found.command(name, "wall")), "ms")
