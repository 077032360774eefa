"""What is wrong with a spec: the values that say so, and where they go.

A constructor that finds something wrong calls `report`. Outside a load that raises `SpecError` at once, as any
constructor would. While dashgen loads a specs package a collector is set: problems are gathered there and the
constructor goes on, so that one run shows all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path  # named in signatures only: importing a panel must stay cheap


class Source(NamedTuple):
    """Where an object was built. `file` is as Python names it; `line` counts from 1, and so does `column`, which only
    data files have (0: unknown)."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}{f':{self.column}' if self.column else ''}"

    def relative_to(self, root: Path) -> str:
        """`specs/overview.py:12`, relative to `root` where the file lies below it."""
        try:
            file = type(root)(self.file).resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            file = self.file
        return str(self._replace(file=file))


class Problem:
    """One thing that is wrong.

    `path` names the object in the tree (`daemon-health › Fetches › rate`), `message` says what was expected and what
    came, `hint` what to do. `owner` is the object it was found on: the loader finds the full path by it. It is not
    compared.
    """

    __slots__ = ("hint", "message", "owner", "path", "source")

    def __init__(
        self, path: str, message: str, hint: str = "", source: Source | None = None, owner: object = None
    ) -> None:
        self.path, self.message, self.hint, self.source, self.owner = path, message, hint, source, owner

    def at(self, path: str) -> Problem:
        return Problem(path, self.message, self.hint, self.source, self.owner)

    def _compared(self) -> tuple[object, ...]:
        return self.path, self.message, self.hint, self.source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __repr__(self) -> str:
        return f"Problem{self._compared()!r}"

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.path}: {self.message}{hint}"


class SpecError(ValueError):
    """One or more problems in a spec."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Collector:
    """Takes the problems of a load. `root` is the specs folder: its frames are where objects are built."""

    __slots__ = ("problems", "root")

    def __init__(self, root: str = "") -> None:
        self.root = root
        self.problems: list[Problem] = []


_collector: ContextVar[Collector | None] = ContextVar("dashgen_collector", default=None)
_place: ContextVar[Source | None] = ContextVar("dashgen_place", default=None)
_PACKAGE = __file__.removesuffix("problems.py").removesuffix("model" + __file__[-len("/problems.py")])


@contextmanager
def collecting(root: Path) -> Iterator[Collector]:
    """Gathers what constructors report instead of letting them raise."""
    collector = Collector(str(root.resolve()))
    token = _collector.set(collector)
    try:
        yield collector
    finally:
        _collector.reset(token)


@contextmanager
def captured() -> Iterator[list[Problem]]:
    """Gathers what constructors report, to say it another way."""
    outer = _collector.get()
    inner = Collector(outer.root if outer else "")
    token = _collector.set(inner)
    try:
        yield inner.problems
    finally:
        _collector.reset(token)


@contextmanager
def built_at(source: Source | None) -> Iterator[None]:
    """Says where the objects that are built inside were written, where that is no Python: a data file."""
    token = _place.set(source)
    try:
        yield
    finally:
        _place.reset(token)


def specs_root() -> Path | None:
    """The specs folder that is being loaded."""
    from pathlib import Path

    collector = _collector.get()
    return Path(collector.root) if collector and collector.root else None


def report(problem: Problem) -> None:
    """Hands a problem to the load that is under way, or raises it."""
    collector = _collector.get()
    if collector is None:
        raise SpecError(problem)
    collector.problems.append(problem)


def here() -> Source | None:
    """The first frame inside the specs folder being loaded; outside a load, the first frame outside dashgen.

    Frames of generated code (`<string>`: dataclass constructors) belong to nobody and are passed over.
    """
    place = _place.get()
    if place is not None:
        return place
    collector = _collector.get()
    root = collector.root if collector else ""
    frame: FrameType | None = sys._getframe(1)
    first: Source | None = None
    while frame:
        file = frame.f_code.co_filename
        if not _PASSED[file]:
            if root and file.startswith(root):
                return Source(file, frame.f_lineno)
            if first is None:
                first = Source(file, frame.f_lineno)
                if not root:
                    return first
        frame = frame.f_back
    return first


class _Passed(dict[str, bool]):
    """Whether a file, by its name, is dashgen's own or none. Asked some ten times an object."""

    def __missing__(self, file: str) -> bool:
        passed = self[file] = file.startswith(("<", _PACKAGE))
        return passed


_PASSED = _Passed()
