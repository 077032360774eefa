"""`python -m benchmarks.peers`: measures all peers in one run and writes docs/benchmarks.{json,md,svg}.

Nothing is written where `--out` isn't given: the page is printed. What was measured is kept in `--scratch`: a
measurement that was interrupted goes on with `--resume`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import startup
from benchmarks.machine import load_average, machine
from benchmarks.peers.measure import PEERS, ROOT, measure
from benchmarks.peers.report import chart, page
from benchmarks.peers.results import Figures
from benchmarks.peers.store import OtherMeasurement, Store
from dashgen.installation import installation

PROFILED = 1000
"""The number of dashboards in whose build functions are timed."""


def code() -> str:
    """A digest of what is measured and of what measures it."""
    files = sorted(path for folder in ("dashgen", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def starts(runs: int) -> list[dict[str, Any]]:
    """Each of dashgen's commands in turns, after one that nobody counts: it fills the caches."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        startup.prepare(folder)
        found: dict[startup.Start, list[startup.Took]] = {start: [] for start in startup.STARTS}
        for number in range(runs + 1):
            for start, took in found.items():
                one = startup.run(start, folder)
                if number:
                    took.append(one)
    return [{"name": start.name, "runs": [one._asdict() for one in took]} for start, took in found.items()]


def profile(count: int, bytecode: Path, *options: str) -> dict[str, Any]:
    """The stages of one build, see `benchmarks.peers.stages`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.peers.stages", str(count), folder, *options]
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
        done = subprocess.run(command, cwd=ROOT, env=os.environ | kept, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--counts", default="1,10,100,1000,10000", help="numbers of dashboards, with commas")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument(
        "--budget", type=float, default=150, help="seconds for the runs of a peer and count: fewer runs where they take"
        " longer, but one (default 150)",
    )  # fmt: skip
    parser.add_argument("--peer", action="append", help="only this peer (may be repeated)")
    parser.add_argument("--out", type=Path, help="folder for benchmarks.json, .md and .svg")
    parser.add_argument("--scratch", type=Path, default=ROOT / ".bench", help="folder for the runs (default .bench)")
    parser.add_argument("--resume", action="store_true", help="keep the runs of an interrupted measurement")
    given = parser.parse_args()
    counts = sorted({int(count) for count in given.counts.split(",")})
    peers = [peer for peer in PEERS if not given.peer or peer.name in given.peer or peer.module in given.peer]
    versions = {
        peer.name: ", ".join(version(package).lstrip("v") for package in peer.packages) or installation().version
        for peer in peers
    }
    began, loads = time.monotonic(), [load_average()]

    def progress(text: str) -> None:
        loads.append(load_average())
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr)

    identity = {"machine": machine(), "versions": versions, "code": code()}
    try:
        store = Store(given.scratch / "runs.jsonl", identity, resume=given.resume)
    except OtherMeasurement as error:
        print(f"error: {error}\n  measure anew, without --resume", file=sys.stderr)
        return 2
    results = [
        {"peer": name, "count": count, "runs": [run._asdict() for run in runs]}
        for name, count, runs in measure(peers, counts, given.runs, given.budget, store, progress)
    ]
    progress("commands")
    commands = starts(2 * given.runs)
    with tempfile.TemporaryDirectory() as place:
        bytecode = Path(place)
        profile(1, bytecode)
        profiles = []
        for count in counts[-3:]:
            progress(f"stages of a build of {count:,} dashboards")
            profiles.append(profile(count, bytecode))
        progress("functions of a build")
        functions = profile(min(PROFILED, counts[-1]), bytecode, "--functions")
    figures: Figures = {
        "machine": identity["machine"],
        "versions": versions,
        "runs": given.runs,
        "budget": given.budget,
        "loads": [min(loads), max(loads)],
        "results": results,
        "commands": commands,
        "profiles": profiles,
        "functions": functions,
    }
    progress("done")
    if given.out is None:
        print(page(figures), end="")
        return 0
    (given.out / "benchmarks.json").write_text(json.dumps(figures, indent=1) + "\n")
    (given.out / "benchmarks.md").write_text(page(figures))
    (given.out / "benchmarks.svg").write_text(chart(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
