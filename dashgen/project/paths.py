"""Where every object stands in the project's tree: `daemon-health › Fetches › rate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from dashgen.model.dashboard import Dashboard
from dashgen.model.node import Node
from dashgen.model.panel import Panel
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.model.query import Query

SEPARATOR = " › "
Walk = Callable[[Project], Iterator[tuple[object, str]]]
"""Goes through one kind of object and yields each part with its path."""


def paths(project: Project) -> dict[int, str]:
    """The path of every object of the project, by `id(object)`. An object that is used in several places goes by
    the first."""
    out: dict[int, str] = {}
    for walk in WALKS:
        for thing, path in walk(project):
            out.setdefault(id(thing), path)
    return out


def placed(problems: Iterable[Problem], project: Project) -> Iterator[Problem]:
    """The problems, each under the path of its owner where the project reaches it."""
    where: dict[int, str] | None = None
    for problem in problems:
        where = where if where is not None else paths(project)
        yield replace(problem, path=where.get(id(problem.owner), problem.path))


def environments(project: Project) -> Iterator[tuple[object, str]]:
    for environment in project.environments:
        at = f"environment {environment.name}"
        yield environment, at
        for thing in (*environment.datasources.values(), *environment.folders.values()):
            yield thing, f"{at}{SEPARATOR}{thing.called()}"


def dashboards(project: Project) -> Iterator[tuple[object, str]]:
    for dashboard in project.dashboards:
        yield dashboard, dashboard.uid
        if not isinstance(dashboard, Dashboard):
            continue
        parts: tuple[Node, ...] = (*dashboard.variables, *dashboard.annotations, *dashboard.links)
        for part in parts:
            yield part, f"{dashboard.uid}{SEPARATOR}{part.called()}"
        for row in dashboard.rows:
            yield row, f"{dashboard.uid}{SEPARATOR}{row.title}"
            for panel in row.panels:
                at = f"{dashboard.uid}{SEPARATOR}{panel.title}"
                yield panel, at
                if isinstance(panel, Panel):
                    for inner in _inside(panel):
                        yield inner, f"{at}{SEPARATOR}{_label(inner)}"


WALKS: tuple[Walk, ...] = (environments, dashboards)


def _inside(panel: Panel) -> Iterator[Node]:
    yield from panel.queries
    yield from panel.overrides
    yield from panel.links
    yield from panel.data_links
    yield from panel.mappings
    if panel.thresholds:
        yield panel.thresholds


def _label(part: Node) -> str:
    return part.name or "query" if isinstance(part, Query) else part.called()
