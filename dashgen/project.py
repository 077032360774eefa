"""Loads a specs package by its path, and checks what spans objects: uniqueness, references, variables."""

from __future__ import annotations

import importlib.util
import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from dashgen.model.dashboard import Annotation, Dashboard
from dashgen.model.environment import Environment
from dashgen.model.field import ByQuery, DataLink
from dashgen.model.foreign import ForeignPanel
from dashgen.model.link import Link
from dashgen.model.node import Node
from dashgen.model.panel import Panel
from dashgen.model.problems import Collector, Problem, Source, SpecError, collecting, here
from dashgen.model.project import Project
from dashgen.model.query import Query
from dashgen.model.sql import variables
from dashgen.model.variable import DatasourceVariable, EnvironmentVariable, QueryVariable

SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a specs package gave. `project` is None if it could not be loaded; problems then say why."""

    root: Path
    project: Project | None
    problems: tuple[Problem, ...]


class _Talk(io.TextIOBase):
    """Stands in for stdout while specs load. A module that prints would spoil the one document on stdout, and acts
    at import, which specs must not do."""

    def __init__(self, collector: Collector, stream: str) -> None:
        self.collector, self.stream, self.told = collector, stream, False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip() and not self.told:
            self.told = True
            first = text.strip().splitlines()[0][:60]
            self.collector.problems.append(
                Problem("specs", f"prints to {self.stream} while it loads: {first!r}", "remove the print", here())
            )
        return len(text)


def load(specs: Path) -> Loaded:
    """Imports the package at `specs` under its folder's name and takes its PROJECT. Collects every problem on the
    way: after a module that raises, the other modules are imported one by one to hear of theirs too."""
    root = specs.resolve()
    init = root / "__init__.py"
    if not root.is_dir():
        return _failed(root, Problem(str(specs), "there is no such folder", "give the specs folder: --specs DIR"))
    if not init.is_file():
        return _failed(root, Problem(str(specs), "has no __init__.py", "a package that exports PROJECT is needed"))
    name = root.name
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[module]
    with collecting(root) as collector:
        out, err = _Talk(collector, "stdout"), _Talk(collector, "stderr")
        with redirect_stdout(out), redirect_stderr(err):
            package = _import(name, init, [str(root)], collector)
            failed = package is None
            for path in _modules(root):
                module = _module_name(name, root, path)
                if failed and module not in sys.modules:
                    _import(module, path, None, collector)
    problems = list(collector.problems)
    project = getattr(package, "PROJECT", None)
    if package is not None:
        if project is None:
            problems.append(Problem(name, "exports no PROJECT", "PROJECT = Project(…)", Source(str(init), 1)))
        elif not isinstance(project, Project):
            problems.append(
                Problem(
                    name,
                    f"PROJECT: expected a Project, got {type(project).__name__}",
                    "",
                    Source(str(init), 1),
                )
            )
            project = None
        problems += _unreached(name, root)
    if isinstance(project, Project):
        problems = list(_placed(problems, project))
    problems.sort(key=_order)
    return Loaded(root, project if not problems else None, tuple(dict.fromkeys(problems)))


def _failed(root: Path, problem: Problem) -> Loaded:
    return Loaded(root, None, (problem,))


def _order(problem: Problem) -> tuple[str, int, str]:
    source = problem.source
    return (source.file if source else "", source.line if source else 0, problem.message)


def _modules(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*.py") if "__pycache__" not in p.parts and p != root / "__init__.py")


def _module_name(name: str, root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join((name, *parts))


def _import(name: str, path: Path, search: list[str] | None, collector: Collector) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SpecError as error:
        collector.problems.extend(error.problems)
    except SystemExit as error:
        collector.problems.append(_raised(name, error, collector.root, f"exits with {error.code!r} while it loads"))
    except Exception as error:  # whatever a spec raises is a problem of the spec
        collector.problems.append(_raised(name, error, collector.root))
    else:
        return module
    sys.modules.pop(name, None)
    return None


def _raised(name: str, error: BaseException, root: str, message: str = "") -> Problem:
    source = None
    if isinstance(error, SyntaxError) and error.filename:
        source = Source(error.filename, error.lineno or 1)
    else:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.startswith(root):
                source = Source(frame.filename, frame.lineno or 1)
                break
    text = str(error) if not isinstance(error, SyntaxError) else error.msg
    return Problem(name, message or f"raises {type(error).__name__}: {text}", "", source)


def _unreached(name: str, root: Path) -> Iterator[Problem]:
    for path in _modules(root):
        module = _module_name(name, root, path)
        if module not in sys.modules:
            yield Problem(
                module,
                "is reached by no import from PROJECT",
                "import it, or remove the file",
                Source(str(path), 1),
            )


def paths(project: Project) -> dict[int, str]:
    """The path of every object of the project, by `id(object)`: `daemon-health › Fetches › rate`."""
    out: dict[int, str] = {}
    for environment in project.environments:
        out[id(environment)] = f"environment {environment.name}"
        for _, thing in (*environment.datasources.items(), *environment.folders.items()):
            out.setdefault(id(thing), f"environment {environment.name}{SEPARATOR}{thing.called()}")
    for dashboard in project.dashboards:
        out[id(dashboard)] = dashboard.uid
        if not isinstance(dashboard, Dashboard):
            continue
        parts: tuple[Node, ...] = (*dashboard.variables, *dashboard.annotations, *dashboard.links)
        for thing in parts:
            out.setdefault(id(thing), f"{dashboard.uid}{SEPARATOR}{thing.called()}")
        for row in dashboard.rows:
            out.setdefault(id(row), f"{dashboard.uid}{SEPARATOR}{row.title}")
            for panel in row.panels:
                path = f"{dashboard.uid}{SEPARATOR}{panel.title}"
                out.setdefault(id(panel), path)
                if isinstance(panel, Panel):
                    inner = (
                        *panel.queries,
                        *panel.overrides,
                        *panel.links,
                        *panel.data_links,
                        *panel.mappings,
                    )
                    for part in (*inner, *([panel.thresholds] if panel.thresholds else [])):
                        out.setdefault(id(part), f"{path}{SEPARATOR}{_part(part)}")
    return out


def _part(part: object) -> str:
    if isinstance(part, Query):
        return part.name or "query"
    return str(part.called()) if hasattr(part, "called") else type(part).__name__


def _placed(problems: list[Problem], project: Project) -> Iterator[Problem]:
    where = paths(project) if problems else {}
    for problem in problems:
        yield replace(problem, path=where.get(id(problem.owner), problem.path))


def check(project: Project) -> tuple[Problem, ...]:
    """What can only be seen over the whole project, for every environment."""
    found: list[Problem] = []
    for dashboard in project.dashboards:
        if isinstance(dashboard, Dashboard):
            found += _dashboard(dashboard, project)
        elif not dashboard.uid:
            found.append(_problem(dashboard, "needs a uid", "set the dashboard's uid"))
    for environment in project.environments:
        found += _environment(environment, project)
    return tuple(dict.fromkeys(_placed(found, project)))


def _problem(owner: object, message: str, hint: str = "") -> Problem:
    label = owner.called() if hasattr(owner, "called") else ""
    return Problem(label, message, hint, getattr(owner, "source", None), owner)


def _dashboard(dashboard: Dashboard, project: Project) -> Iterator[Problem]:
    known = {v.name for v in dashboard.variables}
    seen: dict[int, str] = {}
    from dashgen.model.ids import panel_id  # the allocator's one place

    for row in dashboard.rows:
        if row.repeat and row.repeat not in known:
            yield _problem(row, f"repeat: the dashboard has no variable {row.repeat!r}", _known(known))
        slugs = [(row.slug, row)] if row.title else []
        for slug, thing in (*slugs, *((p.slug, p) for p in row.panels)):
            other = seen.setdefault(panel_id(slug), slug)
            if other != slug:
                yield _problem(thing, f"its key {slug!r} gives the panel id that {other!r} has", "give it another key")
        for panel in row.panels:
            if isinstance(panel, ForeignPanel):
                continue
            if panel.repeat and panel.repeat not in known:
                yield _problem(panel, f"repeat: the dashboard has no variable {panel.repeat!r}", _known(known))
            if panel.NEEDS_QUERY and not panel.description:
                yield _problem(panel, "has no description", "say what it means and what to do when it is bad")
            for query in panel.queries:
                yield from _unknown_variables(query, panel, known)
            names = {q.name for q in panel.queries}
            for override in panel.overrides:
                if isinstance(override.match, ByQuery) and override.match.query not in names:
                    yield _problem(override, f"names the query {override.match.query!r}", _known(names, "queries"))
            links: tuple[Link | DataLink, ...] = (
                *panel.links,
                *panel.data_links,
                *(x for o in panel.overrides for x in o.data_links),
            )
            for link in links:
                yield from _link(link, project)
    for annotation in dashboard.annotations:
        yield from _unknown_variables(annotation.query, annotation, known)
    for variable in dashboard.variables:
        if isinstance(variable, QueryVariable):
            yield from _unknown_variables(variable.query, variable, known - {variable.name})
    for own in dashboard.links:
        yield from _link(own, project)


def _known(names: set[str], what: str = "variables") -> str:
    return f"its {what}: {', '.join(sorted(n for n in names if n)) or 'none'}"


def _unknown_variables(query: Query, owner: Panel | Annotation | QueryVariable, known: set[str]) -> Iterator[Problem]:
    for name in sorted({v.name for v in variables(query.sql)} - known):
        yield Problem(
            owner.called(), f"the SQL uses ${name}, which is no variable of this dashboard", _known(known),
            query.source or owner.source, owner,
        )  # fmt: skip


def _link(link: Link | DataLink, project: Project) -> Iterator[Problem]:
    if link.dashboard is not None and all(link.dashboard is not d for d in project.dashboards):
        yield _problem(link, f"links to {link.dashboard.uid!r}, which PROJECT does not list", "add it to dashboards")
    if isinstance(link, DataLink) and link.dashboard is not None:
        theirs = {v.name for v in link.dashboard.variables}
        for name in link.variables:
            if name not in theirs:
                yield _problem(link, f"{link.dashboard.uid!r} has no variable {name!r}", _known(theirs))


def _environment(environment: Environment, project: Project) -> Iterator[Problem]:
    uids: dict[str, object] = {}
    titles: dict[tuple[str, str], object] = {}
    folder_uids: dict[str, str] = {}
    folder_titles: dict[str, str] = {}
    for name, folder in environment.folders.items():
        if folder_uids.setdefault(folder.uid, folder.title) != folder.title:
            yield _problem(environment, f"the folder uid {folder.uid!r} has two titles", f"see folder {name!r}")
        if folder_titles.setdefault(folder.title, folder.uid) != folder.uid:
            yield _problem(environment, f"two folders have the title {folder.title!r}", f"see folder {name!r}")
        if len(environment.uid_prefix + folder.uid) > 40:
            yield _problem(environment, f"with uid_prefix, the folder uid {folder.uid!r} is longer than 40 characters")
    by_uid: dict[str, str] = {}
    for name, datasource in environment.datasources.items():
        if datasource.uid in by_uid:
            yield _problem(environment, f"datasources {by_uid[datasource.uid]!r} and {name!r} have one uid")
        by_uid[datasource.uid] = name
    datasource_names = [d.name for d in environment.datasources.values()]
    for name in sorted({n for n in datasource_names if datasource_names.count(n) > 1}):
        yield _problem(environment, f"two datasources have the name {name!r}")
    if sum(d.is_default for d in environment.datasources.values()) > 1:
        yield _problem(environment, "more than one datasource is the default")
    for dashboard in project.dashboards:
        uid = environment.uid_prefix + dashboard.uid
        if len(uid) > 40:
            yield _problem(dashboard, f"its uid in {environment.name!r}, {uid!r}, is longer than 40 characters")
        if uid in uids:
            yield _problem(
                dashboard, f"another dashboard has the uid {uid!r}",
                "Grafana would freeze every provider involved",
            )  # fmt: skip
        uids[uid] = dashboard
        if environment.folder(dashboard.folder) is None:
            names = ", ".join(environment.folders)
            yield _problem(
                dashboard,
                f"environment {environment.name!r} has no folder {dashboard.folder!r}",
                f"it has {names}",
            )
        if (dashboard.folder, dashboard.title) in titles:
            yield _problem(dashboard, f"another dashboard of folder {dashboard.folder!r} has this title")
        titles[dashboard.folder, dashboard.title] = dashboard
        if isinstance(dashboard, Dashboard):
            yield from _datasources(dashboard, environment)


def _datasources(dashboard: Dashboard, environment: Environment) -> Iterator[Problem]:
    known = set(environment.datasources)

    def missing(owner: object, *names: str | None) -> Iterator[Problem]:
        for name in names:
            if name is not None and name not in known:
                yield _problem(
                    owner,
                    f"environment {environment.name!r} has no datasource {name!r}",
                    _known(known, "datasources"),
                )

    for panel in dashboard.panels:
        if isinstance(panel, Panel):
            yield from missing(
                panel, panel.datasource if panel.queries else None, *(q.datasource for q in panel.queries)
            )
    for annotation in dashboard.annotations:
        yield from missing(annotation, annotation.datasource, annotation.query.datasource)
    for variable in dashboard.variables:
        if isinstance(variable, QueryVariable):
            yield from missing(variable, variable.datasource, variable.query.datasource)
        elif isinstance(variable, DatasourceVariable):
            yield from missing(variable, variable.datasource)
        elif isinstance(variable, EnvironmentVariable):
            default = variable.default or environment.env
            if default not in variable.values:
                # Grafana would silently take the first one (operator-wishes)
                yield _problem(
                    variable, f"its default in {environment.name!r}, {default!r}, is not among its values",
                    ", ".join(variable.values),
                )  # fmt: skip
