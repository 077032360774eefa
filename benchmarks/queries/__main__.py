"""`python -m benchmarks.queries`: times every query of the shipped dashboards, for docs/queries.{json,md}.

The data set is made at the first run (see benchmarks.data_set), which takes minutes and 5 GB, and kept in `--data`.
Nothing is written where `--out` isn't given: the page is printed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.data_set import DAYS, data_set, default_folder
from benchmarks.queries.measure import measure
from benchmarks.queries.page import page


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, default=default_folder(), help="folder of the data set (default: %(default)s)")
    add("--days", type=int, default=DAYS, help="days of rows (default %(default)s)")
    add("--runs", type=int, default=9, help="runs of each query and range (default %(default)s)")
    add("--seconds", type=float, default=120, help="of viewers for each dashboard (default %(default)s)")
    add("--only", action="append", default=[], help="only queries with this in the name (may be repeated)")
    add("--out", type=Path, help="folder for queries.json and queries.md")
    given = parser.parse_args()
    with data_set(given.data, given.days) as server:
        figures = measure(server, runs=given.runs, seconds=given.seconds, only=given.only, days=given.days)
    if given.out is None:
        print(page(figures), end="")
        return
    (given.out / "queries.json").write_text(json.dumps(figures, indent=1) + "\n")
    (given.out / "queries.md").write_text(page(figures))


if __name__ == "__main__":
    main()
