"""Where the time and the memory of a build go: `python -m benchmarks.peers.stages COUNT FOLDER [--functions]`.

Prints JSON: for each stage the seconds of the wall and the processor and the bytes in memory at its end, from Python's
start on. The stages run in one process as the command runs them: document by document, without collecting garbage.
With `--functions`, of those that took most: seconds of the processor under Python's profiler, which slows small
functions down most.
"""

from __future__ import annotations

import cProfile
import gc
import json
import pstats
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.peers import dashgen_build

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = 12
"""So many are named."""


class Stage(NamedTuple):
    """Seconds, and bytes of the process: those that it has at the end, and the most until then."""

    name: str
    wall: float
    processor: float
    memory: int
    peak: int


def memory() -> tuple[int, int]:
    """Bytes that this process has in memory, and the most that it had."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) * 1024, int(lines["VmHWM"].split()[0]) * 1024


class Clock:
    """Sums up the time of stages that take turns."""

    def __init__(self, began: float) -> None:
        self._at = time.perf_counter(), began
        self._sums: dict[str, tuple[float, float]] = {}
        self._memory: dict[str, tuple[int, int]] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter(), time.process_time()
        wall, processor = self._sums.get(name, (0.0, 0.0))
        self._sums[name] = wall + now[0] - self._at[0], processor + now[1] - self._at[1]
        self._at = now

    def end(self, name: str) -> None:
        """Of a stage that does not come again."""
        self.lap(name)
        self._memory[name] = memory()
        self._at = time.perf_counter(), time.process_time()

    def stages(self) -> Iterator[Stage]:
        last = memory()
        for name, (wall, processor) in self._sums.items():
            yield Stage(name, wall, processor, *self._memory.get(name, last))


def stages(specs: Path, out: Path, began: float = 0) -> list[Stage]:
    """What building `specs` into `out` takes. `began`: what the processor had worked for this process, where it did
    something else before."""
    clock = Clock(began)
    from dashgen.loading.load import load
    from dashgen.pipeline import DocumentValidator
    from dashgen.project_checks import check
    from dashgen.render import render
    from dashgen.tree.writer import StagedTree, only_writer

    gc.disable()
    clock.end("start")
    loaded = load(specs)
    assert loaded.project is not None, loaded.problems
    clock.end("load")
    assert not check(loaded.project)
    clock.end("check")
    environment = loaded.project.environments[0]
    validator = DocumentValidator(loaded.project)
    with only_writer(out), StagedTree(out / environment.name) as staged:
        for document in render(loaded.project, environment):
            clock.lap("render")
            assert not list(validator.problems(document))
            clock.lap("validate")
            staged.take(document.path, document.data)
            clock.lap("write")
        clock.lap("render")
        staged.commit()
        clock.lap("write")
    found = list(clock.stages())
    gc.enable()
    return found


def functions(profile: cProfile.Profile) -> Iterator[tuple[str, int, float]]:
    """Those that took most: where, calls, seconds in it alone."""
    found: Any = pstats.Stats(profile)

    def is_measured(item: Any) -> bool:
        (file, _, name), _ = item
        return not (file == __file__ or (file == "~" and "time." in name))

    own = sorted(filter(is_measured, found.stats.items()), key=lambda item: -item[1][2])
    for (file, line, name), (_, calls, seconds, _, _) in own[:FUNCTIONS]:
        path = Path(file)
        at = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) and ".venv" not in file else path.name
        yield (f"{at}:{line} {name}" if line else name), calls, seconds


def main() -> None:
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    dashgen_build.write_specs(count, folder)
    profile = cProfile.Profile(time.process_time)
    if "--functions" in sys.argv:
        found = profile.runcall(stages, folder / "specs", folder / "build")
    else:
        found = stages(folder / "specs", folder / "build")
    named = list(functions(profile)) if "--functions" in sys.argv else []
    print(json.dumps({"count": count, "stages": [one._asdict() for one in found], "functions": named}))


if __name__ == "__main__":
    main()
