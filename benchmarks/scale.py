"""What a very large tree costs dashgen, git and Grafana's file provider.

    python -m benchmarks.scale measure --counts 10000,100000 --out docs     writes docs/scale.json, which takes long
    python -m benchmarks.scale page --out docs                              writes docs/scale.md of it

The tree is that of `benchmarks.peers.dashgen_build`. Each command runs once; `--resume` keeps those that were measured.
The scan does to each file what Grafana's file provider does at each of its intervals: it reads the file, takes its MD5
and parses it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.machine import machine
from benchmarks.peers import dashgen_build
from benchmarks.peers.measure import launched
from benchmarks.peers.store import Store
from benchmarks.scale_page import ROWS, page

LOAD_TIMEOUT = ("--load-timeout", "3600")


class Command(NamedTuple):
    """A command over a tree, by the name of its figures."""

    name: str
    line: tuple[str, ...]


def commands(folder: Path) -> Iterator[Command]:
    """In the order in which they run: some need what those before have made."""
    git = shutil.which("git")
    if git is None:
        raise SystemExit("error: there is no git")
    tree, own = folder / "build", ("-c", "user.name=b", "-c", "user.email=b@example.com", "-c", "gc.auto=0")
    build = (*dashgen_build.command(folder), *LOAD_TIMEOUT)
    in_tree = (git, "-C", str(tree), *own)
    yield Command("build", build)
    yield Command("build again", build)
    yield Command("scan", (sys.executable, "-m", "benchmarks.scale", "scan", str(tree)))
    yield Command("git init", (git, "init", "-q", str(tree)))
    yield Command("git add", (*in_tree, "add", "-A"))
    yield Command("git commit", (*in_tree, "commit", "-q", "-m", "first"))
    yield Command("git status", (*in_tree, "status", "--short"))
    yield Command("git commit of one change", (*in_tree, "commit", "-q", "-a", "-m", "second"))
    yield Command("git clone", (git, "clone", "-q", f"file://{tree}", str(folder / "clone")))


def scan(tree: Path) -> None:
    for path in tree.rglob("*.json"):
        data = path.read_bytes()
        hashlib.md5(data, usedforsecurity=False).hexdigest()
        orjson.loads(data)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(counts: list[int], out: Path, scratch: Path, *, resume: bool) -> None:
    store = Store(scratch / "scale.jsonl", {"machine": machine()}, resume=resume)
    results = []
    for count in counts:
        if not store.runs("size", count):
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                _measure(count, Path(place), store)
        results.append(
            {
                "count": count,
                "commands": {name: store.runs(name, count)[-1] for name in ROWS},
                "size": store.runs("size", count)[-1],
            }
        )
    (out / "scale.json").write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")


def _measure(count: int, folder: Path, store: Store) -> None:
    dashgen_build.write_specs(count, folder)
    for command in commands(folder):
        print(f"{count:,} dashboards: {command.name}", file=sys.stderr)
        if command.name == "git commit of one change":
            path = next((folder / "build").rglob("d1.json"))
            path.write_bytes(path.read_bytes().replace(b"Dashboard 1", b"Dashboard one"))
        store.add(command.name, count, launched(command.line, folder, folder / "bytecode"))
    store.add("size", count, (size(folder / "build" / "prod"), size(folder / "build" / ".git")))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("what", choices=("measure", "page", "scan"))
    parser.add_argument("tree", nargs="?", type=Path, help="the tree that `scan` reads")
    parser.add_argument("--counts", default="10000,100000", help="numbers of dashboards, with commas")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder of scale.json and scale.md")
    parser.add_argument("--scratch", type=Path, default=Path(".bench"), help="folder for the trees and the runs")
    parser.add_argument("--resume", action="store_true", help="keep the runs of an interrupted measurement")
    given = parser.parse_args(arguments)
    if given.what == "scan":
        scan(given.tree)
    if given.what == "measure":
        given.scratch.mkdir(parents=True, exist_ok=True)
        counts = sorted({int(count) for count in given.counts.split(",")})
        measure(counts, given.out, given.scratch.resolve(), resume=given.resume)
    if given.what in ("measure", "page"):
        (given.out / "scale.md").write_text(page(json.loads((given.out / "scale.json").read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
