"""What a start costs: `python -m benchmarks.startup [RUNS]`.

Each command runs RUNS times (10 if not given), in turns: the time of the processor and of the wall, the least and the
median in milliseconds, and how many modules it had imported. `python -c pass` starts the interpreter, with what the
environment loads at each start; `-I` leaves that of the user out. Bytecode is kept in a folder of the run and made
before anything is measured, as it is for an installed package. `check` runs on specs/ of this repository, with the
answers of the run before in its cache.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.build import SPECS

ROOT = Path(__file__).resolve().parents[1]


class Start(NamedTuple):
    """What Python is given, and the folder below the run's own that it runs in."""

    name: str
    arguments: tuple[str, ...]
    folder: str = "one"


STARTS = (
    Start("python -I -c pass", ("-I", "-c", "pass")),
    Start("python -c pass", ("-c", "pass")),
    Start("dashgen --help", ("-m", "dashgen", "--help")),
    Start("dashgen build, one panel", ("-m", "dashgen", "build", "--format", "json")),
    Start("dashgen check, warm", ("-m", "dashgen", "check"), "shipped"),
)


class Took(NamedTuple):
    """Milliseconds. The processor's are of the command and its children, in user and system mode."""

    processor: float
    wall: float


def environment(folder: Path) -> dict[str, str]:
    own = {"PYTHONPATH": ROOT, "PYTHONPYCACHEPREFIX": folder / "bytecode", "DASHGEN_CACHE": folder / "cache"}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {name: str(path) for name, path in own.items()}


def run(start: Start, folder: Path) -> Took:
    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    processor, wall = used(), time.perf_counter()
    subprocess.run(
        [sys.executable, *start.arguments],
        cwd=folder / start.folder, env=environment(folder), check=True, capture_output=True,
    )  # fmt: skip
    return Took((used() - processor) * 1000, (time.perf_counter() - wall) * 1000)


_TELLING = """
import atexit, os, runpy, sys
said = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
leave = os._exit
def tell():
    os.write(said, " ".join([*sys.modules, ""]).encode())
def tell_and_leave(code):
    tell()
    leave(code)
os._exit = tell_and_leave
atexit.register(tell)
"""
"""What forks and the command itself have imported at their end, written to a file."""


def imported(start: Start, folder: Path) -> frozenset[str]:
    """The modules that the command imports, and that its forks do."""
    said = folder / "modules"
    said.unlink(missing_ok=True)
    arguments = ["-c", _TELLING, str(said)]
    if start.arguments[0] == "-m":
        _, module, *given = start.arguments
        arguments = [
            "-c",
            f"{_TELLING}runpy.run_module({module!r}, run_name='__main__', alter_sys=True)",
            str(said),
            *given,
        ]
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder / start.folder, env=environment(folder), check=True, capture_output=True,
    )  # fmt: skip
    return frozenset(said.read_text().split())


def prepare(folder: Path) -> None:
    """Makes what the commands are given."""
    (folder / "one" / "specs").mkdir(parents=True)
    (folder / "one" / "specs" / "__init__.py").write_text(SPECS.format(dashboards=1, panels=1))
    (folder / "shipped").mkdir()
    for name in ("specs", "tests", "build"):
        (folder / "shipped" / name).symlink_to(ROOT / name)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder)
        for start in STARTS:
            run(start, folder)  # makes the bytecode, and the answers that `check` keeps
        modules = {start: imported(start, folder) for start in STARTS}
        found: dict[Start, list[Took]] = {start: [] for start in STARTS}
        for _ in range(runs):
            for start, took in found.items():
                took.append(run(start, folder))
    print(f"{'':26}  processor (ms)       wall (ms)")
    print(f"{'':26} {'best':>7} {'median':>7} {'best':>7} {'median':>7}  modules")
    for start, took in found.items():
        processor, wall = zip(*took, strict=True)
        figures = (min(processor), statistics.median(processor), min(wall), statistics.median(wall))
        print(f"{start.name:<26}", *(f"{figure:7.0f}" for figure in figures), f"{len(modules[start]):8}")


if __name__ == "__main__":
    main()
