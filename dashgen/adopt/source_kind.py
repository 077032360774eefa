"""What a kind of source is to an import: how it is recognised, read, planned, and told of.

`sources.KINDS` lists the kinds. To add one, write its module and its line there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dashgen.adopt.source.project import Addition
from dashgen.check.finding import CheckReport, Finding
from dashgen.model.core.problems import DashgenError, Problem
from dashgen.model.dashboards.dashboard import PanelRef
from dashgen.model.environment import Environment, QuestDB
from dashgen.model.project import Project

Json = dict[str, Any]


class ImportRefused(DashgenError):
    """An import that can't be: what is wrong with which file, and what to do."""

    def __init__(
        self, path: Path | str, message: str, hint: str = "", line: int = 0, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message, hint, f"{path}:{line}" if line else str(path), problems)


class NotThisKind(DashgenError, ValueError):
    """A file that holds nothing of the kind that it was taken for: what it holds instead."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: `value` is the data of JSON and YAML, and the text of any other."""

    path: Path
    value: Any


class ImportSource(Protocol):
    """One thing to import, of one kind."""

    @property
    def kind(self) -> str:
        """The name of its kind."""

    @property
    def origin(self) -> str:
        """The file, address or object that it comes from, for messages."""

    def datasources(self) -> Iterator[tuple[str, str]]:
        """Plugin and uid of each datasource that it refers to; the plugin is empty where only a name is there."""


@dataclass(frozen=True, slots=True)
class LinkedPanel:
    """A panel that alert rules can link to, and where the constant of its dashboard is."""

    ref: PanelRef
    module: str
    constant: str


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """The project that is extended, or begun. `init` is the text of its module, None for a new one."""

    root: Path
    init: str | None
    datasources: Mapping[str, QuestDB]
    claimed: Mapping[str, str]
    """The environment's name of each datasource that sources refer to, by their uids and names."""
    folder: str
    written: Mapping[str, tuple[Path, str]]
    """The dashboards that it has: their uids, with the module and the constant if they are known."""
    width: int
    tables: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    """The tables that it has: their names in small letters, with the module and the class."""
    project: Project | None = None
    environment: Environment | None = None
    """The project that is extended, and its first environment; None for a new one."""
    linked: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The panels that alert rules of the import link to: their ids, by the uids of their dashboards."""
    panels: Mapping[tuple[str, int], LinkedPanel] = field(default_factory=dict)
    """Panels of the dashboards of the import with a key, by the ids that documents know them by."""

    @property
    def package(self) -> str:
        return self.root.resolve().name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the specs with all that was imported: why a build is refused, and what `dashgen check` found."""

    refused: tuple[Problem, ...] = ()
    checked: CheckReport | None = None

    def findings(self) -> tuple[Finding, ...]:
        return self.checked.findings if self.checked else ()


class Imported(Protocol):
    """One thing that was imported, and what a report says of it."""

    @property
    def kind(self) -> str: ...

    @property
    def difference(self) -> str:
        """Where what it renders differs from the source; empty where it does not."""

    def covers(self, path: str) -> bool:
        """Whether a problem or a finding at this path is one of it."""

    def lines(self, root: Path, verdict: Verdict) -> list[str]:
        """What the report of a terminal says of it."""

    def data(self, root: Path, verdict: Verdict) -> Json:
        """The same for a program."""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What the sources of one kind become. `files` are texts by paths relative to the project; `additions` are what
    PROJECT lists, with the modules that define it."""

    files: Mapping[str, str]
    imported: Sequence[Imported]
    additions: Sequence[Addition] = ()
    replaced: Sequence[str] = field(default=())
    deleted: Sequence[str] = field(default=())
    """Entries of the ledger of what sources say is deleted."""


class TakenNames(Protocol):
    """The names that an import may no longer give."""

    def constant(self, wanted: str) -> str:
        """A name that no other of PROJECT's module has, which is then taken."""

    def module(self, folder: str, wanted: str) -> str:
        """The name of a module of a folder of the project that no other has, which is then taken."""


class SourceKind(Protocol):
    """A kind of source. `suffixes` are those of the files that are read for it in folders."""

    name: str
    suffixes: frozenset[str]

    def recognises(self, file: SourceFile) -> bool:
        """Whether the file is one of this kind, asked of one with any suffix."""

    def read(self, file: SourceFile) -> Sequence[ImportSource]:
        """What it holds. Raises NotThisKind with what it is instead."""

    def plan(self, sources: Sequence[Any], target: ImportTarget, taken: TakenNames, *, force: bool) -> PlanPart:
        """What they become; `sources` are those that it read. Raises ImportRefused."""

    def next_steps(self, imported: Sequence[Any], verdict: Verdict) -> Iterable[str]:
        """What a person does next, a sentence each."""
