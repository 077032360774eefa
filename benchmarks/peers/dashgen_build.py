"""dashgen, all of it: start, load the specs, check them, render, validate, write."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.peers.shape import PANELS

SPECS = '''"""{count} dashboards of {panels} panels."""

from dashgen import Dashboard, Environment, EnvironmentVariable, Project, Row, Stat, Thresholds, TimeSeries

ENV = EnvironmentVariable("env")


def panel(d: int, p: int) -> Stat | TimeSeries:
    sql = f"""
        SELECT timestamp AS time, host AS metric, avg(c{{p}}) AS value FROM t{{d}}
        WHERE $__timeFilter(timestamp) AND {{ENV.matches("env")}} SAMPLE BY $__sampleByInterval
    """
    kind = TimeSeries if p % 2 else Stat
    return kind(f"Panel {{p}}", sql, unit="ms", width=6, description="What to do.",
                thresholds=Thresholds("green", (p + 1, "red")))


PROJECT = Project(
    environments=(Environment("prod"),),
    dashboards=tuple(
        Dashboard(uid=f"d{{d}}", title=f"Dashboard {{d}}", variables=(ENV,),
                  rows=(Row("All", tuple(panel(d, p) for p in range({panels}))),))
        for d in range({count})
    ),
)
'''


def write_specs(count: int, folder: Path) -> None:
    specs = folder / "specs"
    specs.mkdir(parents=True, exist_ok=True)
    (specs / "__init__.py").write_text(SPECS.format(count=count, panels=PANELS))


def command(folder: Path) -> list[str]:
    """`dashgen build` of the specs there; its start-up is in the figures."""
    return [sys.executable, "-m", "dashgen", "build", "--specs", str(folder / "specs"), "--out", str(folder / "build")]


if __name__ == "__main__":
    write_specs(int(sys.argv[1]), Path(sys.argv[2]))
    line = command(Path(sys.argv[2]))
    os.execv(line[0], line)
