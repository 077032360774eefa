"""One build that executes what changed: the load, what has to hold of it, and the record for the next build."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from dashgen.digests import digest
from dashgen.incremental import record as records
from dashgen.incremental.record import BuildRecord, ModuleRecord
from dashgen.incremental.unchanged import changed_modules, deferral, nothing_deferred, with_importers
from dashgen.incremental.versions import versions
from dashgen.loading.deferral import Deferral, DeferredModule, Export, exported
from dashgen.loading.load import Loaded, load
from dashgen.loading.tracing import ModuleTrace, Tracer
from dashgen.model.core.counts import counted
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import (
    DashboardFacts,
    LinkTarget,
    NeedsExecution,
    environment_variables,
    facts_of,
    panel_keys,
    variable_names,
)
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.project_checks.links import links_of
from dashgen.render import intervals
from dashgen.render.render_key import exact
from dashgen.tree import paths
from dashgen.tree.file_digests import FileDigests
from dashgen.tree.writer import TreeComparison

_SHOWN = 10
_OTHER_TREES = 8
"""Of which the files' statuses are kept, besides those of a build."""
UNKNOWN = "?"
"""Owns a dashboard that no module holds under a name."""


class IncrementalBuild:
    """The load of one build. With `is_whole` all modules are executed. `explain` is told why. `running` are versions
    that this process has loaded, where it started earlier."""

    def __init__(
        self, specs: Path, *, is_whole: bool, explain: Callable[[str], None] = lambda _: None, running: str = ""
    ) -> None:
        self._explain = explain
        self.root = specs.resolve()
        self._versions = running or versions(self.root)
        self._before = records.read(self.root, self._versions)
        if self._before is None:
            self._tracer = Tracer()
        elif is_whole or self._before.reason:
            self._tracer = Tracer(nothing_deferred(self._before))
        else:
            self._tracer = Tracer(deferral(self._before, self.root))

    @property
    def is_partial(self) -> bool:
        """Whether modules are left out, so that all may have to be executed after all."""
        return bool(self._deferral.modules)

    @property
    def _deferral(self) -> Deferral:
        return self._tracer.deferral

    def load(self, specs: Path) -> Loaded:
        """Loads the specs. Raises NeedsExecution where that does not do in parts."""
        loaded = load(specs, self._tracer)
        if self.is_partial:
            self._check(loaded)
        return loaded

    def _check(self, loaded: Loaded) -> None:
        if self._deferral.needed:
            raise NeedsExecution(f"more is needed of {self._deferral.needed[0]} than its dashboards")
        if loaded.project is None:
            raise NeedsExecution("the specs have problems")
        if self._tracer.reason:
            raise NeedsExecution(self._tracer.reason)
        if self._before is not None and self._before.rendering != rendering(loaded.project):
            raise NeedsExecution("an environment or the interval of a table changed")
        if not self._links_hold(loaded.project):
            raise NeedsExecution("a dashboard that others link to changed")

    def require_whole(self) -> None:
        """Has all modules executed if some were left out: problems are those of a whole build. Raises
        NeedsExecution."""
        if self.is_partial:
            raise NeedsExecution("the specs have problems")

    def _explanation(self) -> Iterator[str]:
        """Lines that say what was executed."""
        executed, left_out = self._tracer.modules, self._deferral.left_out
        if not left_out:
            yield f"executed all {counted(len(executed), 'module')}"
        else:
            shown = ", ".join(sorted(executed)[:_SHOWN]) + (", …" if len(executed) > _SHOWN else "")
            yield f"executed {counted(len(executed), 'module')} ({shown}), left out {len(left_out)}"
            reasons = [(name, why) for name, why in sorted(self._deferral.reasons.items()) if name in executed]
            yield from (f"{name} is executed: {why}" for name, why in reasons[:_SHOWN])
            if len(reasons) > _SHOWN:
                yield f"{len(reasons) - _SHOWN} more are executed for reasons like these"
        if self._tracer.reason:
            yield f"the next build will execute everything: {self._tracer.reason}"
        for name, trace in executed.items():
            if trace.looks_inside:
                yield f"{name} {trace.looks_inside}: all modules are executed each time"
            if trace.unsteady:
                yield f"{name} is executed each time, with all that import it: it {trace.unsteady}"

    def give_up(self, why: NeedsExecution) -> None:
        """Keeps for the next build which modules others look into: those are executed then."""
        self._explain(f"everything is executed: {why}")
        if self._before is not None and self._deferral.needed:
            self._before.needed.update(self._deferral.needed)
            records.write(self.root, self._before)

    def _links_hold(self, project: Project) -> bool:
        """Whether the links of dashboards that are not executed have their targets, and these the variables."""
        by_uid = {one.uid: one for one in project.dashboards}
        for dashboard in project.deferred_dashboards:
            for link in facts_of(dashboard).link_targets:
                target = by_uid.get(link.uid)
                if target is None or (link.owner and target is not self._deferral.dashboards.get(link.owner)):
                    return False
                if isinstance(target, Dashboard) and not variable_names(target).issuperset(link.variables):
                    return False
        return True

    # --- the record

    def know(self, tree: TreeComparison) -> None:
        """Gives a comparison what is known of the files that are there."""
        known = self._before.files.get(str(tree.folder.resolve()), {}) if self._before else {}
        tree.there = FileDigests(tree.folder, known)

    def finish(self, project: Project, trees: Mapping[str, TreeComparison]) -> None:
        """Keeps what the next build needs to know. `trees` are those of the environments that were rendered, by
        name."""
        before = self._before.modules if self._before else {}
        digests = {name: tree.digests for name, tree in trees.items()}
        kept = {name: before[name] for name in self._deferral.reached if name in before}
        environments = [one for one in project.environments if one.name in digests]
        made = _Modules(self._tracer.modules, self._tracer.executed_modules, self._deferral)
        documents = {id(one): _documents(one, environments, digests) for one in project.dashboards}
        found = kept | made.records(documents)
        if len(environments) < len(project.environments):
            self._keep_documents(found, project)
        needed = set(self._before.needed if self._before else ()) & found.keys()
        for name in self._deferral.left_out:
            _renew(found[name], name, self._deferral, documents)
        files = {str(tree.folder.resolve()): tree.there.noted(tree.digests) for tree in trees.values()}
        others = list(self._before.files.items())[-_OTHER_TREES:] if self._before else []
        files = {folder: known for folder, known in others if folder not in files} | files
        record = BuildRecord(self._versions, self._tracer.reason, rendering(project), found, needed, files)
        records.write(self.root, record)
        for line in self._explanation():
            self._explain(line)

    def _keep_documents(self, found: Mapping[str, ModuleRecord], project: Project) -> None:
        """Those of environments that this build did not render, of modules that would have given the same."""
        if self._before is None or self._before.rendering != rendering(project):
            return
        before = self._before.modules
        changed = with_importers(changed_modules(self._before, self.root), before)
        for name in (found.keys() & before.keys()) - changed.keys():
            now, then = found[name].dashboards, before[name].dashboards
            if [one.uid for one in now] == [one.uid for one in then]:
                pairs = zip(now, then, strict=True)
                now[:] = [one._replace(documents={**old.documents, **one.documents}) for one, old in pairs]


def files_read(specs: Path, running: str) -> Iterator[Path]:
    """What the last build of these versions read: modules, and files, folders and paths that they ask for."""
    before = records.read(specs.resolve(), running)
    for module in before.modules.values() if before else ():
        yield Path(module.file)
        yield from (Path(what.name) for what in module.inputs if what.kind != "variable")


def rendering(project: Project) -> str:
    """A digest of what a dashboard's document and its checks depend on besides the dashboard."""
    return digest(repr([exact(one) for one in project.environments]), repr(sorted(intervals(project).items())))


def _documents(
    dashboard: object, environments: Sequence[Environment], digests: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    found = {}
    if isinstance(dashboard, Dashboard):
        for environment in environments:
            folder = environment.folder(dashboard.folder)
            path = paths.dashboard(folder.uid, environment.uid_prefix + dashboard.uid) if folder else ""
            if path in digests[environment.name]:
                found[environment.name] = digests[environment.name][path]
    return found


def _renew(module: ModuleRecord, name: str, left_out: Deferral, documents: Mapping[int, dict[str, str]]) -> None:
    """Has the documents of this build besides those of environments that it did not render."""
    for number, facts in enumerate(module.dashboards):
        one = left_out.dashboards.get(f"{name}:{number}")
        if one is not None:
            module.dashboards[number] = facts._replace(documents={**facts.documents, **documents.get(id(one), {})})


class _Modules:
    """The modules that were executed, and whose dashboards are whose: of the first that holds one under a name."""

    def __init__(self, traces: Mapping[str, ModuleTrace], executed: Sequence[ModuleType], left_out: Deferral) -> None:
        self._traces = traces
        self._executed = [one for one in executed if not isinstance(one, DeferredModule)]
        self._owners = {id(one): reference for reference, one in left_out.dashboards.items()}
        self._own: dict[str, list[Dashboard]] = {}
        self._exports: dict[str, dict[str, Export]] = {}
        for module in self._executed:
            self._add(module)

    def _add(self, module: ModuleType) -> None:
        own = self._own[module.__name__] = []
        exports = self._exports[module.__name__] = {}

        def reference(value: object) -> str | None:
            if type(value) is Dashboard and id(value) not in self._owners:
                own.append(value)
                self._owners[id(value)] = f"{module.__name__}:{len(own) - 1}"
            return self._owners.get(id(value)) if isinstance(value, Dashboard) else None

        for name, value in vars(module).items():
            if not name.startswith("__"):
                export = exported(value, reference)
                if export is not None:
                    exports[name] = export

    def records(self, documents: Mapping[int, dict[str, str]]) -> dict[str, ModuleRecord]:
        return {
            name: ModuleRecord(
                trace.file, trace.source, trace.is_package, sorted(trace.imports), sorted(trace.absent),
                {asked: sorted(names) for asked, names in sorted(trace.asks.items())}, trace.inputs, trace.unsteady,
                trace.looks_inside, self._exports.get(name, {}),
                [self._facts(one, documents.get(id(one), {})) for one in self._own.get(name, ())],
            )
            for name, trace in self._traces.items()
        }  # fmt: skip

    def _facts(self, dashboard: Dashboard, documents: dict[str, str]) -> DashboardFacts:
        links = []
        for link in links_of(dashboard):
            if isinstance(link.dashboard, Dashboard):
                owner = self._owners.get(id(link.dashboard), f"{UNKNOWN}:0")
                links.append(LinkTarget(link.dashboard.uid, _handed_over(link), owner))
            elif link.dashboard is not None:
                links.append(LinkTarget(str(link.dashboard), _handed_over(link)))
        return DashboardFacts(
            dashboard.uid, dashboard.title, dashboard.folder, tuple(sorted(variable_names(dashboard))), tuple(links),
            tuple(sorted(panel_keys(dashboard))), environment_variables(dashboard), documents,
        )  # fmt: skip


def _handed_over(link: object) -> tuple[str, ...]:
    """The variables that a link to a dashboard gives it."""
    return tuple(getattr(link, "variables", ()))
