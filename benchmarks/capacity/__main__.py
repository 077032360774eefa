"""`python -m benchmarks.capacity`: disk, the sustained load, and time to the page, for docs/capacity.{json,md}.

The sustained load is measured by `python -m benchmarks.capacity.sustained`, whose results `--sustained` names. The data
set is that of `python -m benchmarks.queries`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.capacity.delays import measured
from benchmarks.capacity.page import page, summary
from benchmarks.capacity.sizes import sizes
from benchmarks.data_set import DAYS, data_set, default_folder
from benchmarks.machine import load_average, machine
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.jar import VERSION

PARTS = ("sizes", "delays")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, default=default_folder(), help="folder of the data set (default: %(default)s)")
    add("--days", type=int, default=DAYS, help="days of rows (default %(default)s)")
    add("--sustained", type=Path, help="results of a sustained run, instead of those of capacity.json")
    add("--only", action="append", choices=(*PARTS, "page"), help="measure this alone (may be repeated)")
    add("--out", type=Path, required=True, help="folder for capacity.json and capacity.md")
    given = parser.parse_args()
    kept = given.out / "capacity.json"
    figures: dict[str, Any] = json.loads(kept.read_text()) if kept.is_file() else {}
    if given.sustained:
        figures["sustained"] = summary(json.loads(given.sustained.read_text()))
    parts = given.only or PARTS
    if {*parts} & {*PARTS}:
        with data_set(given.data, given.days) as data:
            if "sizes" in parts:
                figures["sizes"] = _of_here(lambda: sizes(data, given.days))
            if "delays" in parts:
                with EmbeddedQuestDB(compiler="quick") as server:
                    figures["delays"] = measured(server, data)
    kept.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    (given.out / "capacity.md").write_text(page(figures))


def _of_here(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    loads = [load_average()]
    found = measure()
    return {"machine": machine(), "questdb": VERSION, "loads": [*loads, load_average()], **found}


if __name__ == "__main__":
    main()
