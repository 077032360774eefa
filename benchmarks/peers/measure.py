"""Runs of whole commands: what each took of processor, wall and memory, and what it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import dashgen_build

ROOT = Path(__file__).resolve().parents[2]


class Peer(NamedTuple):
    """One way to write the dashboards, and the distributions whose versions its figures are for."""

    name: str
    module: str
    packages: tuple[str, ...]


PEERS = (
    Peer("dashgen", "dashgen_build", ("dashgen-grafana",)),
    Peer("Foundation SDK", "foundation_sdk", ("grafana-foundation-sdk",)),
    Peer("grafanalib", "grafanalib_encoder", ("grafanalib",)),
    Peer("Jsonnet (Go)", "go_jsonnet", ("gojsonnet",)),
    Peer("Jsonnet (Rust)", "rust_jsonnet", ("rjsonnet",)),
    Peer("dict and orjson", "floor", ("orjson",)),
)


class Run(NamedTuple):
    """Seconds of the wall, seconds of the processor (user and system, children included), bytes of the largest
    process, bytes of the files."""

    wall: float
    processor: float
    memory: int
    written: int


def run(peer: Peer, count: int, bytecode: Path) -> Run:
    """Runs a peer's command once, in a folder of its own, start-up and all."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        if peer.module == "dashgen_build":
            dashgen_build.write_specs(count, out)
            command = dashgen_build.command(out)
        else:
            command = [sys.executable, "-m", f"benchmarks.peers.{peer.module}", str(count), str(out)]
        # An installed package has its bytecode; compiling it would be most of every start.
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
        log = Path(folder) / "log"
        with log.open("wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(command, cwd=ROOT, env=os.environ | kept, stdout=output, stderr=output)
            _, status, used = os.wait4(process.pid, 0)  # the processor's seconds of this child alone
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} exits with {process.returncode}: {log.read_text()[-1000:]}")
        written = sum(path.stat().st_size for path in out.rglob("*.json"))
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, written)


def measure(
    peers: Sequence[Peer], counts: Sequence[int], runs: int, longest: float, progress: Callable[[str], None]
) -> Iterator[tuple[str, int, list[Run]]]:
    """The runs of each peer and count, the peers in turn, so that a machine that slows down slows all of them.

    A peer of which one run takes more than `longest` seconds is run once.
    """
    with tempfile.TemporaryDirectory() as bytecode:
        for peer in peers:
            run(peer, 1, Path(bytecode))
        for count in counts:
            found: dict[str, list[Run]] = {peer.name: [] for peer in peers}
            for number in range(runs):
                for peer in peers:
                    earlier = found[peer.name]
                    if earlier and earlier[0].wall > longest:
                        continue
                    progress(f"{count} dashboards, run {number + 1} of {runs}: {peer.name}")
                    earlier.append(run(peer, count, Path(bytecode)))
            yield from ((name, count, done) for name, done in found.items())
