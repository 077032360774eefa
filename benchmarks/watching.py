"""From a saved file to the answer: `python -m benchmarks.watching [SAVES]`.

A copy of the shipped specs under `dashgen build --watch` and `dashgen check --watch`. A module of a dashboard is saved
SAVES times (10 if not given) with another text, and with another query; the seconds of the wall from the save to the
line that the command writes, the median with the least and the most. What the system waits for the end of a burst of
saves is part of it.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from dashgen.cache_folder import cache_folder

ROOT = Path(__file__).resolve().parents[1]
MODULE = "specs/dashboards/health.py"
LONGEST = 60.0
"""Seconds that an answer may take."""


def reworded(text: str, number: int) -> str:
    return text.replace('title="Daemon health"', f'title="Daemon health {number}"', 1)


def asked_otherwise(text: str, number: int) -> str:
    """A query that the server has not seen."""
    return text.replace("LIMIT 200", f"LIMIT {200 + number}", 1)


CHANGES: dict[str, Callable[[str, int], str]] = {"another title": reworded, "another query": asked_otherwise}


def seconds(verb: str, change: Callable[[str, int], str], saves: int, folder: Path) -> list[float]:
    """Of each save."""
    original = (ROOT / MODULE).read_text()
    if change(original, 1) == original:
        raise ValueError(f"{MODULE} has not what the change replaces")
    for name in ("specs", "tests", "build"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "DASHGEN_CACHE": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    jar = next(iter(sorted(cache_folder().glob("questdb-*.jar"))), None)
    if jar is not None:
        (folder / "cache").mkdir()
        (folder / "cache" / jar.name).symlink_to(jar)
    command = [sys.executable, "-m", "dashgen", verb, "--watch", "--format", "json"]
    found = []
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        answers: queue.SimpleQueue[float] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process.stdout, answers), daemon=True).start()
        try:
            _quiet(answers)
            for number in range(1, saves + 2):
                written = folder / "saved.py"  # a file beside the module would be a change of its own
                written.write_text(change(original, number))
                began = time.perf_counter()
                written.replace(folder / MODULE)
                found.append(answers.get(timeout=LONGEST) - began)
                _drain(answers)
        finally:
            process.send_signal(signal.SIGINT)
    return found[1:]  # the first one reads what the others have in memory


def _read(lines: Iterable[str] | None, answers: queue.SimpleQueue[float]) -> None:
    """Notes when each line came."""
    for _ in lines or ():
        answers.put(time.perf_counter())


def _quiet(answers: queue.SimpleQueue[float]) -> None:
    """Waits until the command waits: at its start it does its work twice, as it learns only then what it reads."""
    answers.get(timeout=LONGEST)
    _drain(answers)


def _drain(answers: queue.SimpleQueue[float]) -> None:
    with suppress(queue.Empty):
        while True:
            answers.get(timeout=2)


def main() -> None:
    saves = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{'seconds from a save to the answer':44} {'median':>7} {'least':>7} {'most':>7}")
    for verb in ("build", "check"):
        for name, change in CHANGES.items():
            with tempfile.TemporaryDirectory() as folder:
                took = seconds(verb, change, saves, Path(folder))
            figures = (statistics.median(took), min(took), max(took))
            print(f"dashgen {verb} --watch, {name:21}", *(f"{one:7.2f}" for one in figures))


if __name__ == "__main__":
    main()
