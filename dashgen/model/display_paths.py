"""Where every object stands in the project's tree: `daemon-health › Fetches › rate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from dashgen.model.core.display_path import display_path
from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node
from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.query import Query
from dashgen.model.project import Project

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
        yield problem.at(where.get(id(problem.owner), problem.path))


def environments(project: Project) -> Iterator[tuple[object, str]]:
    for environment in project.environments:
        at = f"environment {environment.name}".rstrip()
        yield environment, at
        yield from inside(environment, at)


def dashboards(project: Project) -> Iterator[tuple[object, str]]:
    for dashboard in project.dashboards:
        at = dashboard.uid or dashboard.called()
        yield dashboard, at
        if not isinstance(dashboard, Dashboard):
            continue
        for part in (*dashboard.variables, *dashboard.annotations, *dashboard.links):
            yield part, display_path(at, part.called())
            yield from inside(part, display_path(at, part.called()))
        for row in dashboard.rows:
            yield row, display_path(at, row.title or "row")
            for panel in row.panels:
                yield panel, display_path(at, panel.title or panel.called())
                yield from inside(panel, display_path(at, panel.title or panel.called()))


def alerts(project: Project) -> Iterator[tuple[object, str]]:
    for group in project.alerts:
        at = display_path("alerts", group.name)
        yield group, at
        for rule in group.rules:
            below = display_path(at, rule.uid or rule.title or rule.called())
            yield rule, below
            for letter, what in rule.steps:
                yield what, display_path(below, getattr(what, "name", "") or letter)
            yield from inside(rule, below)
        for raw in group.raw_rules:
            yield raw, display_path(at, raw.uid)


def notifications(project: Project) -> Iterator[tuple[object, str]]:
    named = (
        ("contact point", project.contact_points),
        ("mute timing", project.mute_timings),
        ("message template", project.templates),
    )
    for kind, nodes in named:
        for node in nodes:
            yield node, f"{kind} {node.name}"
            yield from inside(node, f"{kind} {node.name}")
    if project.policy is not None:
        yield project.policy, "policy"
        yield from inside(project.policy, "policy")


WALKS: tuple[Walk, ...] = (environments, dashboards, alerts, notifications)


def inside(owner: Node, at: str) -> Iterator[tuple[object, str]]:
    """The objects that an object is made of, each below its path. Another dashboard that is referred to is none."""
    for name in fields(type(owner)):
        for part in _nodes(getattr(owner, name)):
            path = display_path(at, _label(part))
            yield part, path
            yield from inside(part, path)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node) and not isinstance(value, Dashboard):
        yield value
    elif isinstance(value, (tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _nodes(item)


def _label(part: Node) -> str:
    return part.name or "query" if isinstance(part, Query) else part.called()
