"""What is wrong with a spec: the values that say so, and where they go.

A constructor that finds something wrong calls `report`. Outside a load that raises `SpecError` at once, as any
constructor would. While dashgen loads a specs package a collector is set: problems are gathered there and the
constructor goes on, so that one run shows all of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from dashgen.model.core.source_map.position import Spot

if TYPE_CHECKING:
    from pathlib import Path  # named in signatures only: importing a panel must stay cheap


class Source:
    """Where something was written. `file` is as Python names it; `line` and `column` count from 1, 0 is an unknown
    column."""

    __slots__ = ("_place",)

    def __init__(self, file: str, line: int, column: int = 0) -> None:
        self._place = (file, line, column)

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and column."""
        return self._place

    @property
    def file(self) -> str:
        return self.place[0]

    @property
    def line(self) -> int:
        return self.place[1]

    @property
    def column(self) -> int:
        return self.place[2]

    def argument(self, field: str, spot: Spot | None = None) -> Source:
        """Where the value of a field was given, or a spot in its text, if more is known than where the object was
        built."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __repr__(self) -> str:
        return f"Source{self.place!r}"

    def __str__(self) -> str:
        file, line, column = self.place
        return f"{file}:{line}{f':{column}' if column else ''}"

    def relative_to(self, root: Path) -> str:
        """`specs/overview.py:12:5`; see `file_in`."""
        _, line, column = self.place
        return str(Source(self.file_in(root), line, column))

    def file_in(self, root: Path) -> str:
        """`specs/overview.py`, `../ops/overview.py`: relative to `root` unless they have but the top in common."""
        file, top = type(root)(self.file).resolve(), root.resolve()
        with suppress(ValueError):
            return file.relative_to(top).as_posix()
        with suppress(ValueError):  # other drives
            if len(type(root)(os.path.commonpath((file, top))).parts) > 1:
                return type(root)(os.path.relpath(file, top)).as_posix()
        return self.file


class Call(Source):
    """A call under way in Python code: what an object is built by. Its line and column are worked out when they are
    asked for, which for most objects is never."""

    __slots__ = ("code", "instruction")

    def __init__(self, code: CodeType, instruction: int) -> None:
        self.code, self.instruction = code, instruction

    @property
    def place(self) -> tuple[str, int, int]:
        try:
            return self._place
        except AttributeError:
            from dashgen.model.core.source_map.arguments import place

            self._place = place(self.code, self.instruction)
            return self._place

    def argument(self, field: str, spot: Spot | None = None) -> Source:
        from dashgen.model.core.source_map.arguments import argument

        found = argument(self.code, self.instruction, field, spot) if field else None
        return Source(*(found or self.place))


class Problem:
    """One thing that is wrong.

    `path` names the object in the tree (`daemon-health › Fetches › rate`), `message` says what was expected and what
    came, `hint` what to do. `owner` is the object it was found on: the loader finds the full path by it. It is not
    compared. `field` is the argument of the call at `source` that is wrong, `spot` the place in its text. `excerpt` is
    the line at `source`, where the mistake can hardly be told without seeing it.
    """

    __slots__ = ("excerpt", "hint", "message", "owner", "path", "source")

    def __init__(
        self,
        path: str,
        message: str,
        hint: str = "",
        source: Source | None = None,
        owner: object = None,
        field: str = "",
        spot: Spot | None = None,
        excerpt: str = "",
    ) -> None:
        if source is not None:
            source = source.argument(field, spot)
        self.path, self.message, self.hint, self.source, self.owner = path, message, hint, source, owner
        self.excerpt = excerpt

    def at(self, path: str) -> Problem:
        return Problem(path, self.message, self.hint, self.source, self.owner, excerpt=self.excerpt)

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


class DashgenError(Exception):
    """The base of every error that dashgen raises.

    `message` says what was expected and what came, `hint` what to do. `path` names the file, folder or object that is
    meant; it is empty where the message names it, or where there is none.
    """

    def __init__(self, message: str, hint: str = "", path: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(f"{path} {message}" if path else message)
        self.message, self.hint, self.path = message, hint, path
        self._problems = problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The same as values to report: those that it was raised for, else one."""
        return self._problems or (Problem(self.path, self.message, self.hint),)


class SpecError(DashgenError, ValueError):
    """Raised for an invalid object that is built outside of dashgen's loader: `problems` holds each problem with its
    location and a hint."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)), problems=problems)


class UsageError(DashgenError, ValueError):
    """A command line asks for what there is not."""


class Collector:
    """Takes the problems of a load. `root` is the specs folder: its frames are where objects are built. `texts` are
    those that braces or reprs may have got into by mistake, with the object and the field that they were given for."""

    __slots__ = ("problems", "root", "texts")

    def __init__(self, root: str = "") -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.texts: list[tuple[Any, str, str]] = []


_collector: ContextVar[Collector | None] = ContextVar("dashgen_collector", default=None)
_place: ContextVar[Source | None] = ContextVar("dashgen_place", default=None)
_PACKAGE = __file__.removesuffix(os.path.join("model", "core", "problems.py"))  # noqa: PTH118  # pathlib costs


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


def under_way() -> Collector | None:
    """The load that is under way."""
    return _collector.get()


def is_own(file: str) -> bool:
    """Whether code of a file, by its name, is dashgen's own."""
    return file.startswith(_PACKAGE)


def specs_root() -> Path | None:
    """The specs folder that is being loaded."""
    from pathlib import Path

    collector = _collector.get()
    return Path(collector.root) if collector and collector.root else None


def report(problem: Problem) -> None:
    """Hands a problem to the load that is under way, or raises it as a SpecError."""
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
                return Call(frame.f_code, frame.f_lasti)
            if first is None:
                first = Call(frame.f_code, frame.f_lasti)
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
