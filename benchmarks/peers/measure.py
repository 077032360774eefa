"""Runs of whole commands: what each took of processor, wall and memory, and what it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import dashgen_build
from benchmarks.peers.store import Store

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launcher.py")


class Peer(NamedTuple):
    """One way to write the dashboards, and the distributions whose versions its figures are for: dashgen is of this
    checkout."""

    name: str
    module: str
    packages: tuple[str, ...]


PEERS = (
    Peer("dashgen", "dashgen_build", ()),
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
    memory: float
    written: float


def launched(command: Sequence[str], folder: Path, bytecode: Path) -> tuple[float, float, int]:
    """Runs a command: seconds of the wall and of the processor, and bytes of its largest process. `folder` takes its
    output. Raises RuntimeError where it fails."""
    result, log = folder / "result", folder / "log"
    # An installed package has its bytecode; compiling it would be most of every start.
    # What dashgen caches is of the folder too: a first build finds nothing, the next one what that has left.
    kept = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "DASHGEN_CACHE": str(folder / "cache"),
    }
    subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), str(result), str(log), *command],
        cwd=ROOT, env=os.environ | kept, check=True,
    )  # fmt: skip
    code, wall, processor, memory = result.read_text(encoding="ascii").split()
    if int(code):
        raise RuntimeError(f"{' '.join(command)} exits with {code}: {log.read_text()[-1000:]}")
    return float(wall), float(processor), int(memory)


def run(peer: Peer, count: int, bytecode: Path) -> Run:
    """Runs a peer's command once, in a folder of its own, start-up and all."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        if peer.module == "dashgen_build":
            dashgen_build.write_specs(count, out)
            command = dashgen_build.command(out)
        else:
            command = [sys.executable, "-m", f"benchmarks.peers.{peer.module}", str(count), str(out)]
        wall, processor, memory = launched(command, Path(folder), bytecode)
        written = sum(path.stat().st_size for path in out.rglob("*.json"))
    return Run(wall, processor, memory, written)


def measure(
    peers: Sequence[Peer], counts: Sequence[int], runs: int, budget: float, store: Store,
    progress: Callable[[str], None],
) -> Iterator[tuple[str, int, list[Run]]]:  # fmt: skip
    """The runs of each peer and count, the peers in turn, so that a machine that slows down slows all of them.

    A peer and count get no further run where all of them would take more than `budget` seconds, but one in any case.
    What `store` has of an earlier measurement is not run again.
    """
    with tempfile.TemporaryDirectory() as bytecode:
        for peer in peers:
            run(peer, 1, Path(bytecode))
        for count in counts:
            found = {peer.name: [Run(*one) for one in store.runs(peer.name, count)] for peer in peers}
            for number in range(runs):
                for peer in peers:
                    earlier = found[peer.name]
                    if len(earlier) > number or (earlier and earlier[0].wall * (number + 1) > budget):
                        continue
                    progress(f"{count:,} dashboards, run {number + 1} of {runs}: {peer.name}")
                    earlier.append(run(peer, count, Path(bytecode)))
                    store.add(peer.name, count, earlier[-1])
            yield from ((name, count, done) for name, done in found.items())
