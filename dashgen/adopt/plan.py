"""What an import writes: the modules of what each kind of source becomes, and PROJECT with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dashgen.adopt.alerting_source import AlertingKind, AlertingSource
from dashgen.adopt.dashboard_report import ImportedDashboard
from dashgen.adopt.source import names
from dashgen.adopt.source.project import Addition, CanNotExtend, extended, names_in, new
from dashgen.adopt.source_kind import Imported, ImportRefused, ImportSource, ImportTarget, LinkedPanel
from dashgen.adopt.sources import KINDS
from dashgen.model.dashboards.dashboard import PanelRef
from dashgen.model.dashboards.deferred import panel_keys


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
    target = replace(target, linked=_linked(given))
    for kind in sorted(KINDS, key=lambda one: one.name == AlertingKind.name):  # rules link to panels
        if own := [one for one in given if one.kind == kind.name]:
            part = kind.plan(own, target, taken, force=force)
            files |= part.files
            additions += part.additions
            imported += part.imported
            replaced += part.replaced
            deleted += part.deleted
            target = replace(target, panels={**target.panels, **dict(_panels(part.imported))})
    if additions:
        files["__init__.py"] = _project(target, additions)
    return Plan(files, tuple(imported), tuple(replaced), tuple(deleted))


def _linked(sources: Iterable[ImportSource]) -> dict[str, frozenset[int]]:
    """The panels that alert rules link to, by the uids of their dashboards."""
    links = {link for one in sources if isinstance(one, AlertingSource) for link in one.panel_links()}
    return {uid: frozenset(number for of, number in links if of == uid) for uid, _ in links}


def _panels(imported: Iterable[Imported]) -> Iterator[tuple[tuple[str, int], LinkedPanel]]:
    """The panels of dashboards that have a key, by what their documents know them by."""
    for one in imported:
        if not isinstance(one, ImportedDashboard):
            continue
        dashboard = one.adopted.dashboard
        keys = panel_keys(dashboard)
        module = one.module.removesuffix(".py").replace("/", ".")
        for number, key in one.adopted.panel_keys.items():
            if isinstance(number, int) and key in keys:
                yield (dashboard.uid, number), LinkedPanel(PanelRef(dashboard, key), module, one.name)


def _project(to: ImportTarget, additions: list[Addition]) -> str:
    if to.init is None:
        return new(to.package, additions, dict(to.datasources), to.width)
    try:
        return extended(to.init, to.package, additions, to.width)
    except CanNotExtend as error:
        imports = "; ".join(f"from {to.package}.{one.module} import {one.name}" for one in additions)
        hint = f"write PROJECT = Project(…, {error.argument}=(…)), or add by hand: {imports}"
        raise ImportRefused(to.root / "__init__.py", str(error), hint, error.line) from None
