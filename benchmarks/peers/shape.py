"""What every peer draws: one place for texts, colours and positions, so that all write the same dashboards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

PANELS = 20
PLUGIN, UID = "questdb-questdb-datasource", "questdb"
DESCRIPTION = "What to do."
WIDTH = 6
HEIGHTS = (5, 8)
"""Of a stat and a time series."""


def sql(dashboard: int, panel: int) -> str:
    return (
        f"SELECT timestamp AS time, host AS metric, avg(c{panel}) AS value FROM t{dashboard}\n"
        "WHERE $__timeFilter(timestamp) AND env = ${env:sqlstring} SAMPLE BY $__sampleByInterval"
    )


def position(panel: int) -> dict[str, int]:
    """Four panels in a row of the grid, below the row's own line."""
    return {"x": panel % 4 * WIDTH, "y": 1 + panel // 4 * max(HEIGHTS), "w": WIDTH, "h": HEIGHTS[panel % 2]}


def main(text: Callable[[int], str]) -> None:
    """Writes the dashboards `text` gives: `python -m benchmarks.peers.NAME COUNT FOLDER`."""
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"d{number}.json").write_text(text(number), encoding="utf-8")
