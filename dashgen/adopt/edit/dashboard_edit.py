"""The edit of a spec that makes it render what Grafana has of its dashboard."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from dashgen.adopt import normalise
from dashgen.adopt.dashboard_source import DashboardSource, dashboards
from dashgen.adopt.dashboards import adopt, every_panel
from dashgen.adopt.differences import differences
from dashgen.adopt.edit.changes import Reading, changes
from dashgen.adopt.edit.merge import merge_changes
from dashgen.adopt.edit.placement import PlacedChanges, place
from dashgen.adopt.edit.spec_module import SpecModule, imported_names
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.source_kind import ImportRefused
from dashgen.adopt.target import target
from dashgen.adopt.variables import chosen
from dashgen.diff.assemble import EnvironmentDiff, review
from dashgen.grafana.dashboards.document import copied
from dashgen.input_files import read_text
from dashgen.model.core.node import Node
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import intervals
from dashgen.render.dashboards import RenderContext
from dashgen.render.dashboards import dashboard as rendered
from dashgen.render.serialise import json_bytes
from dashgen.render.targets import Datasources
from dashgen.tree import paths
from dashgen.tree.read import RenderedTree

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DashboardEdit:
    """What an edit of a module would be. `module` is its path, `before` its text."""

    dashboard: Dashboard
    environment: Environment
    module: Path
    before: str
    diff: EnvironmentDiff
    """What was changed, by meaning."""
    placed: PlacedChanges
    form: Json
    """What the specs are to render, in the form that documents are compared in."""
    claimed: Mapping[str, str]

    def unified(self, name: str) -> str:
        """The edit of the source as a unified diff; empty where nothing changes."""
        lines = (self.before.splitlines(keepends=True), self.placed.text.splitlines(keepends=True))
        return "".join(difflib.unified_diff(*lines, f"a/{name}", f"b/{name}"))

    def remaining(self, project: Project) -> tuple[str, ...]:
        """The places in which what a project renders is not what Grafana has."""
        environment = project.environment(self.environment.name) or self.environment
        found = next((one for one in project.dashboards if one.uid == self.dashboard.uid), None)
        if not isinstance(found, Dashboard):
            return ("the dashboard is gone",)
        return tuple(differences(_form(_rendered(found, project, environment), environment, self.claimed), self.form))


def edit(
    project: Project, root: Path, module: Path, source: DashboardSource, named: Mapping[str, str], width: int
) -> DashboardEdit:
    """The edit of a module by a dashboard that was changed in Grafana. Raises ImportRefused."""
    environment = project.environments[0]
    spec = _spec(project, environment, module, source)
    (before,) = dashboards(_rendered(spec, project, environment), str(module))
    source = replace(source, dashboard=_with_known_ids(source.dashboard, before.dashboard))
    to = target(root, project, environment, named, (before, source), "")
    claimed = dict(to.claimed)
    plugins = {name: one.plugin for name, one in environment.datasources.items()}
    readings = [Reading(one.dashboard, adopt(one.dashboard, spec.uid, plugins, claimed)) for one in (before, source)]
    old, new = (_form(one.dashboard, environment, claimed) for one in (before, source))
    text = read_text(module)
    others = [read_text(path) for path in sorted(root.rglob("*.py")) if path.resolve() != module.resolve()]
    held = SpecModule(module, text, tuple(_nodes(project)), imported_names(others, module.stem))
    placed = place(held, changes(spec, *readings), spec, width)
    name = paths.dashboard(spec.folder, spec.uid)
    there = merge_changes(before.dashboard, source.dashboard, old, new)
    trees = [
        RenderedTree(environment.name, {name: orjson.dumps({**one, "uid": environment.uid_prefix + spec.uid})})
        for one in (before.dashboard, there)
    ]
    return DashboardEdit(spec, environment, module, text, review(environment.name, *trees), placed, new, claimed)


def _spec(project: Project, environment: Environment, module: Path, source: DashboardSource) -> Dashboard:
    """The dashboard of a module that a document is the edit of."""
    found = {
        environment.uid_prefix + one.uid: one
        for one in project.dashboards
        if isinstance(one, Dashboard) and one.source and Path(one.source.file).resolve() == module.resolve()
    }
    if not found:
        raise ImportRefused(
            module, "defines no dashboard of PROJECT", "give the module that does, or a folder of specs"
        )
    if source.uid in found:
        return found[source.uid]
    if not source.uid and len(found) == 1:
        return next(iter(found.values()))
    hint = nearest_or_all(source.uid, found, f"{module.name} has")
    raise ImportRefused(source.origin, f"is the dashboard {source.uid!r}, which {module} does not define", hint)


def _with_known_ids(document: Json, before: Json) -> Json:
    """A document whose panels have the ids that they have in the specs: those by other ids, as before they were
    imported, are known by their titles."""
    out: Json = copied(document)
    given, known = list(every_panel(out)), list(every_panel(before))
    there = {one.get("id") for one in given}
    free: dict[object, list[object]] = {}
    for one in known:
        if one.get("id") not in there:
            free.setdefault(_title(one), []).append(one.get("id"))
    numbers = {one.get("id") for one in known}
    for one in given:
        if one.get("id") not in numbers and len(found := free.get(_title(one), [])) == 1:
            _renumber(out, one, found.pop())
    return out


def _title(panel: Json) -> tuple[bool, object]:
    return panel.get("type") == "row", panel.get("title")


def _renumber(document: Json, panel: Json, number: object) -> None:
    """Gives a panel another id, to those too that show its results."""
    before = panel.get("id")
    panel["id"] = number
    for one in every_panel(document):
        for query in one.get("targets") or []:
            shows_results = normalise.is_uid(query.get("datasource"), normalise.DASHBOARD)
            if shows_results and before is not None and query.get("panelId") == before:
                query["panelId"] = number


def _rendered(dashboard: Dashboard, project: Project, environment: Environment) -> Json:
    context = RenderContext(environment, project.env_values, Datasources.of(environment), intervals(project))
    found: Json = orjson.loads(json_bytes(rendered(dashboard, context)))
    return found


def _form(document: Json, environment: Environment, claimed: Mapping[str, str]) -> Json:
    plugins = {name: one.plugin for name, one in environment.datasources.items()}
    variables = [one for one in (document.get("templating") or {}).get("list") or [] if isinstance(one, dict)]
    return normalise.normalised(document, ImportScope(plugins, dict(claimed), chosen(variables, plugins)).named)


def _nodes(project: Project) -> Iterator[Node]:
    """Every object of a project, as often as others have it; what is inside of one is told once."""
    seen: set[int] = set()

    def inside(value: object) -> Iterator[Node]:
        if isinstance(value, tuple):
            for one in value:
                yield from inside(one)
        elif isinstance(value, Node):
            yield value
            if id(value) not in seen:
                seen.add(id(value))
                for one in list(vars(value).values()):
                    yield from inside(one)

    yield from inside(project)
