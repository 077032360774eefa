"""Dashboards as a kind of source: JSON in every form that Grafana exports or serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from dashgen.adopt import dashboard_types
from dashgen.adopt.dashboard_report import ImportedDashboard, next_steps
from dashgen.adopt.dashboards import adopt
from dashgen.adopt.source import names
from dashgen.adopt.source.module import source
from dashgen.adopt.source.project import Addition
from dashgen.adopt.source_kind import (
    ImportRefused,
    ImportTarget,
    NotThisKind,
    PlanPart,
    SourceFile,
    TakenNames,
    Verdict,
)
from dashgen.adopt.target import DATASOURCE, references
from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.forms import read_forms
from dashgen.grafana.datasources.plugins import BY_ID
from dashgen.model.core.node import Wrong
from dashgen.model.core.validators import grafana_uid
from dashgen.model.environment import DEFAULT_PLUGIN

Json = dict[str, Any]
FOLDER = "dashboards"


@dataclass(frozen=True, slots=True)
class DashboardSource:
    """A dashboard as it was found: its file, the form of the document, and the classic JSON of schemaVersion 42."""

    origin: str
    form: str
    uid: str
    dashboard: Json
    notes: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    """Plugin and name of each datasource that the document leaves open."""

    @property
    def kind(self) -> str:
        return DashboardKind.name

    def with_notes(self, notes: Iterable[str]) -> DashboardSource:
        """With further notes, before its own."""
        return replace(self, notes=(*notes, *self.notes))

    def datasources(self) -> Iterator[tuple[str, str]]:
        yield from references(self.dashboard)
        yield from self.inputs


def dashboards(data: object, origin: str) -> Iterator[DashboardSource]:
    """The dashboards of a document. Raises DashboardError."""
    for one in read_forms(data):
        dashboard_types.check(one.dashboard)
        open_inputs = tuple((one_input.plugin, f"${{{one_input.name}}}") for one_input in one.inputs)
        notes = [*one.notes]
        notes += [
            f"leaves open which {plugin} datasource {name} is: write its uid where the module says so"
            for plugin, name in open_inputs
            if plugin not in BY_ID
        ]
        yield DashboardSource(origin, one.form, one.uid, one.dashboard, tuple(notes), open_inputs)


class DashboardKind:
    """Dashboards of Grafana."""

    name = "dashboards"
    suffixes = frozenset({".json"})

    def recognises(self, file: SourceFile) -> bool:
        """JSON that no other kind recognises: `read` says what it is where it is no dashboard."""
        return file.path.suffix not in (".yaml", ".yml", ".sql")

    def read(self, file: SourceFile) -> Sequence[DashboardSource]:
        try:
            return tuple(dashboards(file.value, str(file.path)))
        except DashboardError as error:
            raise NotThisKind(str(error), "export the dashboard as JSON from Grafana") from None

    def plan(
        self, sources: Sequence[DashboardSource], target: ImportTarget, taken: TakenNames, *, force: bool
    ) -> PlanPart:
        files: dict[str, str] = {}
        imported: list[ImportedDashboard] = []
        additions: list[Addition] = []
        replaced: list[str] = []
        uids: dict[str, str] = {}
        plugins = {name: one.plugin for name, one in target.datasources.items()} or {DATASOURCE: DEFAULT_PLUGIN}
        for one in sources:
            uid, notes = _uid(one, uids)
            if uid in uids:
                what = f"has the uid {uid!r}, which {uids[uid]} has too"
                raise ImportRefused(one.origin, what, "Grafana keeps one of them only")
            uids[uid] = one.origin
            adopted = adopt(
                one.dashboard,
                uid,
                dict(plugins),
                dict(target.claimed),
                target.folder,
                target.linked.get(uid, frozenset()),
            )
            title = adopted.dashboard.title
            if uid in target.written:
                module, name = _again(one, uid, target, force)
                replaced.append(module)
            else:
                stem = taken.module(FOLDER, names.module(title, "dashboard"))
                name = taken.constant(names.constant(title, "DASHBOARD"))
                module = f"{FOLDER}/{stem}.py"
                additions.append(Addition(f"{FOLDER}.{stem}", name))
            files[module] = source(adopted.dashboard, name, target.width)
            imported.append(ImportedDashboard(one.origin, one.form, module, name, adopted, (*one.notes, *notes)))
        if additions and not (target.root / FOLDER / "__init__.py").exists():
            files[f"{FOLDER}/__init__.py"] = '"""Dashboards, one module each."""\n'
        return PlanPart(files, imported, additions, replaced)

    def next_steps(self, imported: Sequence[ImportedDashboard], verdict: Verdict) -> Iterable[str]:
        return next_steps(imported, verdict)


def _uid(source: DashboardSource, taken: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The document's uid, or one made of its title that no other has."""
    if source.uid:
        try:
            return grafana_uid(source.uid), ()
        except Wrong:
            pass
    title = str(source.dashboard.get("title") or PurePath(source.origin).stem)
    made = "-".join(word.lower() for word in names.words(title))[:36].strip("-") or "dashboard"
    made = names.unique(made, taken).replace("_", "-")
    if not source.uid:
        return made, (f"has no uid: it gets {made!r}, made of its title",)
    return made, (f"its uid {source.uid!r} is none that Grafana takes: it gets {made!r}",)


def _again(source: DashboardSource, uid: str, to: ImportTarget, force: bool) -> tuple[str, str]:
    """The module and the constant of a dashboard that the project has already."""
    path, name = to.written[uid]
    if not force:
        raise ImportRefused(
            source.origin, f"PROJECT has a dashboard of the uid {uid!r} already, in {path}", "--force replaces it"
        )
    root = to.root.resolve()
    if not name or not path.resolve().is_relative_to(root / FOLDER):
        hint = "remove it there, and import again"
        raise ImportRefused(source.origin, f"the dashboard {uid!r} of {path} has no module of its own to replace", hint)
    return path.resolve().relative_to(root).as_posix(), name
