"""Render, validate, write: what `dashgen build` does for one environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dashgen import transition_checks
from dashgen.model.alerting.alert import AlertGroup
from dashgen.model.core.display_path import display_path
from dashgen.model.core.ids import panel_id
from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import NeedsExecution
from dashgen.model.dashboards.foreign import ForeignDashboard
from dashgen.model.dashboards.panel import Panel
from dashgen.model.display_paths import paths
from dashgen.model.environment import Environment
from dashgen.model.project import AnyDashboard, Project
from dashgen.project_checks.panels import field
from dashgen.render import Document, kept_documents, parsed, render
from dashgen.render.foreign import walk
from dashgen.render.raw import is_raw, is_raw_alerting
from dashgen.schema.validate import SchemaName, is_valid, is_valid_dashboard, validate
from dashgen.schema.violation import Violation
from dashgen.tree import writer
from dashgen.tree.errors import TreeError
from dashgen.tree.paths import DASHBOARDS, PROVISIONING
from dashgen.tree.read import RenderedTree


class Prepared(NamedTuple):
    """One environment rendered and validated, not written."""

    environment: Environment
    folder: Path
    tree: RenderedTree
    """What was rendered; without the dashboards where `taken` has them."""
    dashboards: int
    problems: tuple[Problem, ...]
    """What is wrong with what was rendered."""
    blocked: tuple[Problem, ...] = ()
    """Why nothing may be written to the folder."""
    notes: tuple[Problem, ...] = ()
    """What Grafana will not do, or keeps, of what changed in the tree, and what only Grafana knows."""
    taken: writer.TreeComparison | None = None
    """What took the files one by one, as they were rendered."""


class Built(NamedTuple):
    """What writing one environment's tree did."""

    environment: str
    folder: Path
    changes: writer.Changes
    documents: int
    dashboards: int
    notes: tuple[Problem, ...] = ()


def prepare(
    project: Project, environment: Environment, folder: Path, taker: writer.TreeComparison | None = None
) -> Prepared:
    """Renders and validates everything for the tree in `folder`. A `taker` gets the files one by one, and then no
    dashboard is kept: a project's may be larger than the memory. Raises NeedsExecution where the document of a deferred
    dashboard is not in the folder."""
    published: frozenset[str] = frozenset()
    blocked: tuple[Problem, ...] = ()
    try:
        writer.check_ledger_is_not_lost(folder)
        published = writer.ledger(folder)
    except TreeError as error:
        blocked = error.problems
    validator = DocumentValidator(project, prefix_told="uid_prefix" in environment.refused)
    problems: list[Problem] = []
    kept: dict[str, bytes] = {}
    dashboards = 0
    for document in render(project, environment, published):
        problems += validator.problems(document)
        is_dashboard = document.schema == "dashboard"
        dashboards += is_dashboard
        if taker is None or not is_dashboard:
            kept[document.path] = document.data
        if taker is not None and not problems and not blocked:
            taker.take(document.path, document.data)
    for path, facts in kept_documents(project, environment):
        if taker is None or not taker.keep(path, facts.documents.get(environment.name, "")):
            raise NeedsExecution(f"the tree of {environment.name!r} lacks the document of {facts.uid!r} as it was")
        dashboards += 1
    notes: tuple[Problem, ...] = ()
    after = RenderedTree(environment.name, kept, folder)
    if not blocked:
        before = RenderedTree.read(folder, environment.name, like=after).readable
        problems += (problem for _, problem in transition_checks.refused(project, environment, before, after))
        notes = tuple(transition_checks.notes(environment, before, after))
    return Prepared(environment, folder, after, dashboards, tuple(dict.fromkeys(problems)), blocked, notes, taker)


def write(prepared: Prepared) -> Built:
    """Replaces the tree by what was prepared, which must be free of problems; where a comparison took it, says what
    that would do. Raises TreeError and OSError, ValueError for a tree with problems."""
    if prepared.problems or prepared.blocked:
        raise ValueError("a tree with problems is not written")
    taken = prepared.taken
    if taken is None:
        changes = writer.write(prepared.folder, prepared.tree)
    else:
        changes = taken.commit() if isinstance(taken, writer.StagedTree) else taken.changes()
    notes = (*prepared.notes, *_kept(prepared.folder, changes.foreign))
    documents = len(changes.added) + len(changes.changed) + changes.unchanged
    return Built(prepared.environment.name, prepared.folder, changes, documents, prepared.dashboards, notes)


_SHOWN = 5


def _kept(folder: Path, foreign: tuple[str, ...]) -> Iterable[Problem]:
    """What is said of the files in a tree that dashgen did not write: once for those that Grafana reads, once for the
    others."""
    read = tuple(path for path in foreign if path.startswith((DASHBOARDS, PROVISIONING)))
    others = tuple(path for path in foreign if not path.startswith((DASHBOARDS, PROVISIONING)))
    for names, consequence in ((read, ", and Grafana reads them"), (others, "")):
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            message = f"keeps files that dashgen did not write{consequence}: {', '.join(names[:_SHOWN])}{more}"
            yield Problem(folder.as_posix(), message, "remove them, or move them out of the tree")


_UIDS = frozenset({"uid", "folderUid", "datasourceUid", "dashboardUid"})


def _panel_kinds(dashboard: AnyDashboard) -> Iterable[str]:
    if isinstance(dashboard, ForeignDashboard):
        return {str(panel.get("type")) for panel in walk(dashboard.data.get("panels") or [])}
    return {panel.kind if isinstance(panel, Panel) else str(panel.data.get("type")) for panel in dashboard.panels}


def invalid(documents: Iterable[Document], project: Project) -> Iterator[Problem]:
    """What is wrong with documents, as a `DocumentValidator` finds it."""
    validator = DocumentValidator(project)
    for document in documents:
        yield from validator.problems(document)


class DocumentValidator:
    """What the closed schemas and the macros refuse, said of the author's object instead of the rendered file. Where
    it was told that uids are too long with an environment's prefix, they are no news."""

    def __init__(self, project: Project, *, prefix_told: bool = False) -> None:
        self._project, self._prefix_told = project, prefix_told
        self._told_of = {
            field for timing in project.mute_timings for part in timing.intervals for field in part.refused
        }

    @cached_property
    def _where(self) -> dict[int, str]:
        return paths(self._project)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """Of all panels of the dashboards that are rendered."""
        return frozenset(kind for dashboard in self._project.executed_dashboards for kind in _panel_kinds(dashboard))

    def problems(self, document: Document) -> Iterator[Problem]:
        """What is wrong with one document."""
        for problem in document.problems:
            yield problem.at(self._where.get(id(problem.owner), problem.path))
        if not document.schema or self._is_valid(document.schema, document.content):
            return
        for violation in validate(document.schema, parsed(document)):
            if not self._is_told(document, violation):
                yield from self._violated(document, violation)

    def _is_valid(self, name: SchemaName, content: object) -> bool:
        if name == "dashboard":
            return is_valid_dashboard(content, self._kinds)
        return is_valid(name, content)

    def _is_told(self, document: Document, violation: Violation) -> bool:
        if self._prefix_told and violation.pointer[-1:] and violation.pointer[-1] in _UIDS:
            return True
        return document.schema == "mute-timings" and bool(self._told_of & set(violation.pointer))

    def _violated(self, document: Document, violation: Violation) -> Iterator[Problem]:
        thing, title, rest = _inside(document, violation.pointer)
        if isinstance(document.owner, Dashboard) and is_raw(document.owner, thing, rest):
            return
        if is_raw_alerting(thing, rest):
            return
        path = self._where.get(id(thing), document.path)
        parts = (path, title if thing is document.owner else "", "/".join(map(str, rest)))
        yield Problem(
            display_path(*(part for part in parts if part)),
            violation.message,
            violation.hint,
            getattr(thing, "source", None),
            thing,
            field(rest),
        )


def _inside(document: Document, pointer: tuple[str | int, ...]) -> tuple[object, str, tuple[str | int, ...]]:
    """The panel that a place in a dashboard's JSON comes from and its title, or the rule of a place in a group's
    file; and the rest of the way."""
    if isinstance(document.owner, AlertGroup) and pointer[:1] == ("groups",) and len(pointer) >= 4:
        return document.owner.every_rule[int(pointer[3])], "", pointer[4:]
    at: object = parsed(document)
    found, title, rest = document.owner, "", pointer
    by_id = {panel_id(p.slug): p for p in getattr(document.owner, "panels", ())}
    for i, step in enumerate(pointer):
        try:
            at = at[step]  # type: ignore[index]  # JSON data, walked by a pointer into it
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(at, dict) and "gridPos" in at:
            found, title, rest = by_id.get(at.get("id", 0), found), str(at.get("title") or ""), pointer[i + 1 :]
    return found, title, rest
