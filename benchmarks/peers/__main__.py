"""`python -m benchmarks.peers`: measures all peers in one run and writes docs/benchmarks.{json,md,svg}.

Nothing is written where `--out` isn't given: the page is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.peers.measure import PEERS, measure
from benchmarks.peers.report import Figures, chart, page


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--counts", default="1,10,100,1000,10000", help="numbers of dashboards, with commas")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--longest", type=float, default=60, help="a run longer than this, in seconds, isn't repeated")
    parser.add_argument("--peer", action="append", help="only this peer (may be repeated)")
    parser.add_argument("--out", type=Path, help="folder for benchmarks.json, .md and .svg")
    given = parser.parse_args()
    counts = sorted({int(count) for count in given.counts.split(",")})
    peers = [peer for peer in PEERS if not given.peer or peer.name in given.peer or peer.module in given.peer]
    results = [
        {"peer": name, "count": count, "runs": [run._asdict() for run in runs]}
        for name, count, runs in measure(peers, counts, given.runs, given.longest, lambda s: print(s, file=sys.stderr))
    ]
    figures: Figures = {
        "machine": machine(),
        "versions": {peer.name: ", ".join(version(package).lstrip("v") for package in peer.packages) for peer in peers},
        "runs": given.runs,
        "results": results,
    }
    if given.out is None:
        print(page(figures), end="")
        return
    (given.out / "benchmarks.json").write_text(json.dumps(figures, indent=1) + "\n")
    (given.out / "benchmarks.md").write_text(page(figures))
    (given.out / "benchmarks.svg").write_text(chart(figures))


if __name__ == "__main__":
    main()
