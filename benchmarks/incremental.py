"""A build after one change among many: `python -m benchmarks.incremental [MODULES] [DASHBOARDS]`.

100 modules of 10 dashboards of 20 panels each. In one run, each several times: a whole build, a build with nothing
changed, a build with one module changed, and what a build of one dashboard takes, which is start-up. Processor time
(user and system) of the whole command, with the wall beside it; bytecode is made first, as for an installed package.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.shape import PANELS

ROUNDS = 5
SHARED = '''
from dashgen import EnvironmentVariable, Stat, Thresholds, TimeSeries

ENV = EnvironmentVariable("env")


def panel(d, p):
    sql = f"""SELECT timestamp AS time, host AS metric, avg(c{p}) AS value FROM t{d}
              WHERE $__timeFilter(timestamp) AND {ENV.matches("env")} SAMPLE BY $__sampleByInterval"""
    kind = TimeSeries if p % 2 else Stat
    return kind(f"Panel {p}", sql, unit="ms", width=6, description="What to do.",
                thresholds=Thresholds("green", (p + 1, "red")))
'''
MODULE = """
from dashgen import Dashboard, Row
from specs.shared import ENV, panel

DASHBOARDS = tuple(
    Dashboard(uid=f"d{{d}}", title=f"{title} {{d}}", variables=(ENV,),
              rows=(Row("All", tuple(panel(d, p) for p in range({panels}))),))
    for d in range({first}, {last})
)
"""


def write_module(folder: Path, number: int, dashboards: int, title: str = "Dashboard") -> None:
    first = number * dashboards
    text = MODULE.format(title=title, panels=PANELS, first=first, last=first + dashboards)
    (folder / "specs" / f"m{number}.py").write_text(text)


def write_specs(folder: Path, modules: int, dashboards: int) -> None:
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "shared.py").write_text(SHARED)
    for number in range(modules):
        write_module(folder, number, dashboards)
    imports = "".join(f"from specs import m{number}\n" for number in range(modules))
    listed = "".join(f"*m{number}.DASHBOARDS, " for number in range(modules))
    head = "from dashgen import Environment, Project\n"
    project = f"PROJECT = Project(environments=(Environment('prod'),), dashboards=({listed}))\n"
    (folder / "specs" / "__init__.py").write_text(head + imports + project)


def build(folder: Path, *arguments: str) -> tuple[float, float]:
    """Milliseconds of the processor and of the wall."""
    environment = {**os.environ, "DASHGEN_CACHE": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "dashgen", "build", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1000, wall * 1000


def main() -> None:
    modules = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    dashboards = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as temporary:
        large, small = Path(temporary) / "large", Path(temporary) / "small"
        write_specs(large, modules, dashboards)
        write_specs(small, 1, 1)
        count = 0

        def changed() -> tuple[float, float]:
            nonlocal count
            count += 1
            write_module(large, modules // 2, dashboards, f"Change {count}")
            return build(large)

        kinds: dict[str, Callable[[], tuple[float, float]]] = {
            "one dashboard (start-up)": lambda: build(small, "--no-cache"),
            "everything": lambda: build(large, "--no-cache"),
            "nothing changed": lambda: build(large),
            "one module changed": changed,
        }
        for folder in (small, large, large):
            build(folder)
        time.sleep(3)  # files that were written just now are read once more
        build(large)
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, once in kinds.items():
                took[name].append(once())
    start = min(cpu for cpu, _ in took["one dashboard (start-up)"])
    print(f"{modules * dashboards:,} dashboards in {modules} modules; milliseconds of {ROUNDS} runs")
    print(f"{'':<28}{'processor best':>16}{'median':>10}{'after start-up':>16}{'wall best':>12}")
    for name, found in took.items():
        cpus = [cpu for cpu, _ in found]
        best, median, wall = min(cpus), statistics.median(cpus), min(wall for _, wall in found)
        print(f"{name:<28}{best:>16.0f}{median:>10.0f}{best - start:>16.0f}{wall:>12.0f}")


if __name__ == "__main__":
    main()
