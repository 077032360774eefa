"""Every query of a project as one environment runs it, and what can't be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashgen.check.imported_variables import Theirs, datasource, panels, repeated, variables_of
from dashgen.check.panel_columns import transformations
from dashgen.check.rule import Role, Subject
from dashgen.check.run_variants import uninterpreted
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.grafana.datasources.macro_names import check
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import AUTHORS, BY_ID
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.display_path import display_path
from dashgen.model.core.node import Node
from dashgen.model.core.problems import Source, built_at
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.dashboard import Dashboard, RawAnnotation
from dashgen.model.dashboards.foreign import ForeignDashboard, ForeignPanel, RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import REF_IDS, Format, Query
from dashgen.model.dashboards.variable import QueryVariable, RawVariable
from dashgen.model.environment import Environment, Plugin
from dashgen.model.project import Project
from dashgen.render import intervals
from dashgen.render.dashboards import min_interval
from dashgen.render.foreign import refer, sql_of

Json = dict[str, Any]
OTHER = "a query of another datasource"
RAW_RULE = "a rule in Grafana's words"


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A query that nothing is said about, and why."""

    path: str
    reason: str
    environment: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """What there is to check in one environment."""

    subjects: tuple[Subject, ...]
    unchecked: tuple[Unchecked, ...]


def collect_queries(project: Project, environment: Environment) -> Collected:
    """Collects the queries of all panels, variables and annotations, in the order of the dashboards, then those of all
    alert rules.

    Args:
        project: The project whose queries are collected.
        environment: The environment that the queries are rendered for.
    """
    walker = _Walker(project, environment, intervals(project))
    for value in project.dashboards:
        if isinstance(value, Dashboard):
            walker.dashboard(value)
        else:
            walker.foreign_dashboard(value)
    for group in project.alerts:
        for rule in group.rules:
            walker.alert(rule, display_path("alerts", group.name, rule.uid))
        for raw in group.raw_rules:
            walker.skip(display_path("alerts", group.name, raw.uid), RAW_RULE, raw.source)
    return Collected(tuple(walker.subjects), tuple(walker.unchecked))


class _Walker:
    def __init__(self, project: Project, environment: Environment, every: Mapping[str, float]) -> None:
        self.project = project
        self.environment = environment
        self.every = every
        self.subjects: list[Subject] = []
        self.unchecked: list[Unchecked] = []

    def dashboard(self, value: Dashboard) -> None:
        for variable in value.variables:
            if isinstance(variable, QueryVariable):
                path = display_path(value.uid, variable.called())
                self.add("variable", variable, variable.query, variable.datasource, "table", path, value)
        for annotation in value.annotations:
            path = display_path(value.uid, annotation.called())
            if isinstance(annotation, RawAnnotation):
                self.skip(path, OTHER, annotation.source)
                continue
            self.add("annotation", annotation, annotation.query, annotation.datasource, "table", path, value)
        for panel in value.panels:
            path = display_path(value.uid, panel.title)
            if isinstance(panel, Panel):
                self.panel(panel, path, value)
            else:
                self.foreign_panel(panel, panel.data, path, value)

    def alert(self, rule: AlertRule, path: str) -> None:
        begin = len(self.subjects)
        dashboard = rule.panel.dashboard if rule.panel else None
        for letter, query in zip(REF_IDS, rule.targets, strict=False):
            named = query.name or (rule.ref_id(letter) if len(rule.targets) > 1 else "")
            full = display_path(path, named) if named else path
            if not isinstance(query, Query):
                self.skip(full, OTHER, query.source)
                continue
            self.add("alert", rule, query, rule.datasource, "table", full, dashboard)
        self.introduce(begin)

    def panel(self, panel: Panel, path: str, dashboard: Dashboard) -> None:
        lowest = min_interval(panel, self.every)
        begin = len(self.subjects)
        for ref_id, query in zip(panel.ref_ids, panel.targets, strict=True):
            named = query.name or (ref_id if len(panel.targets) > 1 else "")
            full = display_path(path, named) if named else path
            if not isinstance(query, Query):
                self.skip(full, OTHER, query.source)
                continue
            self.add("panel", panel, query, panel.datasource, panel.FORMAT, full, dashboard, lowest)
        self.introduce(begin)
        self.fields_unknown(begin)

    def fields_unknown(self, begin: int) -> None:
        """Says of a panel whose transformations make fields of which nothing is known what is not checked."""
        for subject in self.subjects[begin : begin + 1]:
            if made := transformations(subject):
                reason = f"the names and kinds of its fields: {', '.join(made)} makes others of them"
                self.skip(subject.path, reason, subject.query.source)

    def introduce(self, begin: int) -> None:
        """Tells the queries of one panel of each other."""
        of_panel = self.subjects[begin:]
        for index, subject in enumerate(of_panel):
            others = tuple(other for other in of_panel if other is not subject)
            self.subjects[begin + index] = replace(subject, beside=others)

    def add(
        self, role: Role, owner: Node, query: Query, named: str, format_: Format, path: str,
        dashboard: Dashboard | None, lowest: str | None = None,
    ) -> None:  # fmt: skip
        name = query.datasource or named
        name = dashboard.logical(name) if dashboard else name
        found = self.environment.datasource(name)
        if found is None:
            self.skip(path, f"the environment has no datasource {name!r}", query.source or owner.source)
            return
        self.take(
            Subject(
                self.project, self.environment, role, owner, query, found.plugin, query.format or format_, path,
                dashboard, min_interval=lowest, theirs=_raw_variables(dashboard),
            )
        )  # fmt: skip

    def take(self, subject: Subject) -> None:
        """Among the subjects, unless it can't be told what reaches the server."""
        reason = uninterpreted(subject)
        if reason:
            self.skip(subject.path, reason, subject.query.source)
        else:
            self.subjects.append(subject)

    def skip(self, path: str, reason: str, source: Source | None) -> None:
        self.unchecked.append(Unchecked(path, reason, self.environment.name, source))

    def foreign_dashboard(self, value: ForeignDashboard) -> None:
        data = value.data
        theirs = variables_of(data)
        for variable in (data.get("templating") or {}).get("list") or []:
            if isinstance(variable, dict) and variable.get("type") == "query":
                called = f"Variable {variable.get('name')!r}"
                path = display_path(value.uid, called)
                asked = variable.get("query")
                target = {**(asked if isinstance(asked, dict) else {"rawSql": asked}), "format": "table"}
                given = variable.get("datasource")
                self.foreign_target("variable", value, target, given, path, None, theirs, called=called)
        for annotation in (data.get("annotations") or {}).get("list") or []:
            if isinstance(annotation, dict) and not annotation.get("builtIn"):
                called = f"Annotation {annotation.get('name')!r}"
                path = display_path(value.uid, called)
                target = annotation.get("target") or {"rawSql": annotation.get("rawQuery"), "format": "table"}
                given = annotation.get("datasource")
                self.foreign_target("annotation", value, target, given, path, None, theirs, called=called)
        for panel, repeats in panels(data):
            path = display_path(value.uid, panel.get("title") or "untitled")
            self.foreign_panel(value, panel, path, None, repeated(theirs, repeats))

    def foreign_panel(
        self, owner: ForeignPanel | ForeignDashboard | RawPanel, data: Json, path: str, dashboard: Dashboard | None,
        theirs: tuple[Theirs, ...] = (),
    ) -> None:  # fmt: skip
        targets = [t for t in data.get("targets") or [] if isinstance(t, dict)]
        lowest = str(data.get("interval") or "") or None
        begin = len(self.subjects)
        for ref_id, target in zip(REF_IDS, targets, strict=False):
            full = display_path(path, target.get("refId") or ref_id) if len(targets) > 1 else path
            given = target.get("datasource") or data.get("datasource")
            self.foreign_target("panel", owner, target, given, full, dashboard, theirs, lowest, data)
        self.introduce(begin)
        self.fields_unknown(begin)

    def foreign_target(
        self, role: Role, owner: ForeignPanel | ForeignDashboard | RawPanel, target: Json, given: object, path: str,
        dashboard: Dashboard | None, theirs: tuple[Theirs, ...], lowest: str | None = None,
        panel: Json | None = None, called: str = "",
    ) -> None:  # fmt: skip
        given = datasource(given, theirs)
        ref = refer(self.environment, given) or {}
        plugin = BY_ID.get(str(ref.get("type")))
        if plugin is None:
            kind = ref.get("type") or (given.get("type") if isinstance(given, dict) else given)
            self.skip(path, f"a query of another datasource ({kind})", owner.source)
            return
        sql = sql_of(target)
        if not sql or not sql.strip():
            self.skip(path, "a query without SQL", owner.source)
            return
        format_: Format = "table" if target.get("format") in ("table", 1) else "time_series"
        dialect: Plugin = plugin if _knows(plugin, sql) else AUTHORS.name
        with built_at(owner.source):
            query = Query(sql, name=str(target.get("refId") or ""), hide=bool(target.get("hide")))
        self.take(
            Subject(
                self.project, self.environment, role, owner, query, plugin, format_, path, dashboard,
                dialect=dialect, min_interval=lowest, theirs=theirs, foreign=panel, called=called,
            )
        )  # fmt: skip


def _raw_variables(dashboard: Dashboard | None) -> tuple[Theirs, ...]:
    """The variables that the author gave as Grafana's JSON."""
    given = [v for v in dashboard.variables if isinstance(v, RawVariable)] if dashboard else []
    return variables_of({"templating": {"list": [{**thaw(v.json), "name": v.name} for v in given]}}) if given else ()


def _knows(plugin: Plugin, sql: str) -> bool:
    try:
        check(cleaned(sql).text, plugin)
    except MacroError:
        return False
    return True
