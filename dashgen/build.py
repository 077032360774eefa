"""Render, validate, write: what `dashgen build` does for one environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dashgen import tree
from dashgen.model.environment import Environment
from dashgen.model.ids import panel_id
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.project import SEPARATOR, paths
from dashgen.render import Document, parsed, render
from dashgen.schema.validate import validate


@dataclass(frozen=True, slots=True)
class Built:
    """What one environment's build did. With problems nothing was written."""

    environment: str
    folder: Path
    changes: tree.Changes
    problems: tuple[Problem, ...]
    documents: int
    dashboards: int


def build(project: Project, environment: Environment, folder: Path, *, dry_run: bool = False) -> Built:
    """Renders and validates everything; only then the tree in `folder` is replaced. Raises TreeError for a folder
    that is not dashgen's."""
    remembered = tree.ledger(folder)
    documents = list(render(project, environment, remembered))
    problems = tuple(invalid(documents, project))
    changes = tree.Changes()
    if not problems:
        files = {d.path: d.data for d in documents}
        changes = tree.compare(folder, files) if dry_run else tree.write(folder, files)
    dashboards = sum(d.schema == "dashboard" for d in documents)
    return Built(environment.name, folder, changes, problems, len(documents), dashboards)


def invalid(documents: Iterable[Document], project: Project) -> Iterable[Problem]:
    """What the closed schemas refuse, said of the author's object instead of the rendered file."""
    where: dict[int, str] | None = None
    for document in documents:
        if not document.schema:
            continue
        violations = validate(document.schema, parsed(document))
        if not violations:
            continue
        where = where if where is not None else paths(project)
        owner = document.owner
        for violation in violations:
            thing, rest = _inside(owner, document, violation.pointer)
            path = where.get(id(thing), document.path)
            at = "/".join(map(str, rest))
            yield Problem(
                f"{path}{SEPARATOR}{at}" if at else path,
                violation.message,
                violation.hint,
                getattr(thing, "source", None),
                thing,
            )


def _inside(owner: object, document: Document, pointer: tuple[str | int, ...]) -> tuple[object, tuple[str | int, ...]]:
    """The panel that a place in a dashboard's JSON comes from, and the rest of the way."""
    at: object = parsed(document)
    found, rest = owner, pointer
    by_id = {panel_id(p.slug): p for p in getattr(owner, "panels", ())}
    for i, step in enumerate(pointer):
        try:
            at = at[step]  # type: ignore[index]  # JSON data, walked by a pointer into it
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(at, dict) and "gridPos" in at and at.get("id") in by_id:
            found, rest = by_id[at["id"]], pointer[i + 1 :]
    return found, rest
