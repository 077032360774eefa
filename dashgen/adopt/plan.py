"""What an import writes: the modules of what each kind of source becomes, and PROJECT with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashgen.adopt.source import names
from dashgen.adopt.source.project import Addition, CanNotExtend, extended, names_in, new
from dashgen.adopt.source_kind import Imported, ImportRefused, ImportSource, ImportTarget
from dashgen.adopt.sources import KINDS


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an import writes, by paths relative to the project. `replaced` are modules that were there before."""

    files: Mapping[str, str]
    imported: tuple[Imported, ...]
    replaced: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    """Entries of the ledger of what sources say is deleted."""


class TakenInProject:
    """The names that a project has, and those that an import gave."""

    def __init__(self, target: ImportTarget) -> None:
        self.root = target.root
        known = names_in(target.init) if target.init else ("PROJECT", "Environment", "Project", "QuestDB")
        self.constants = set(known)
        self.modules: dict[str, set[str]] = {}

    def constant(self, wanted: str) -> str:
        found = names.unique(wanted, self.constants)
        self.constants.add(found)
        return found

    def module(self, folder: str, wanted: str) -> str:
        if folder not in self.modules:
            there = (self.root / folder).iterdir() if (self.root / folder).is_dir() else ()
            self.modules[folder] = {path.stem for path in there if path.suffix == ".py" or path.is_dir()}
        found = names.unique(wanted, self.modules[folder])
        self.modules[folder].add(found)
        return found


def plan(sources: Iterable[ImportSource], target: ImportTarget, *, force: bool) -> Plan:
    """The import of sources of any kinds into a project. Raises ImportRefused."""
    given = list(sources)
    taken = TakenInProject(target)
    files: dict[str, str] = {}
    additions: list[Addition] = []
    imported: list[Imported] = []
    replaced: list[str] = []
    deleted: list[str] = []
    for kind in KINDS:
        if own := [one for one in given if one.kind == kind.name]:
            part = kind.plan(own, target, taken, force=force)
            files |= part.files
            additions += part.additions
            imported += part.imported
            replaced += part.replaced
            deleted += part.deleted
    if additions:
        files["__init__.py"] = _project(target, additions)
    return Plan(files, tuple(imported), tuple(replaced), tuple(deleted))


def _project(to: ImportTarget, additions: list[Addition]) -> str:
    if to.init is None:
        return new(to.package, additions, dict(to.datasources), to.width)
    try:
        return extended(to.init, to.package, additions, to.width)
    except CanNotExtend as error:
        imports = "; ".join(f"from {to.package}.{one.module} import {one.name}" for one in additions)
        hint = f"write PROJECT = Project(…, {error.argument}=(…)), or add by hand: {imports}"
        raise ImportRefused(to.root / "__init__.py", str(error), hint, error.line) from None
