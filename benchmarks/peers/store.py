"""The runs of a measurement, kept as they are made, so that one that was interrupted goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class OtherMeasurement(Exception):
    """The file has the runs of another machine, other versions or other code."""


class Store:
    """A file with one JSON value a line: first what the runs are of, then each run.

    `resume` keeps the runs that are there. Raises OtherMeasurement where they are of something else.
    """

    def __init__(self, path: Path, identity: dict[str, Any], *, resume: bool = False) -> None:
        self._path = path
        self._runs: dict[tuple[str, int], list[list[float]]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.exists():
            first, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if first != identity:
                raise OtherMeasurement(f"{path} is of another machine, other versions or other code")
            for name, count, run in lines:
                self._runs.setdefault((name, count), []).append(run)
        else:
            path.write_text(json.dumps(identity) + "\n", encoding="utf-8")

    def runs(self, name: str, count: int) -> list[list[float]]:
        return self._runs.get((name, count), [])

    def add(self, name: str, count: int, run: Sequence[float]) -> None:
        self._runs.setdefault((name, count), []).append(list(run))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, count, run]) + "\n")
