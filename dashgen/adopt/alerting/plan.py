"""What alerting documents become: modules of rules, one of notifications, and entries of PROJECT."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dashgen.adopt.alerting import forms
from dashgen.adopt.alerting import notifications as reading
from dashgen.adopt.alerting.contact_points import references as named_variables
from dashgen.adopt.alerting.document import AlertingDocument, AlertingError
from dashgen.adopt.alerting.receivers import form as receiver_form
from dashgen.adopt.alerting.report import ImportedAlerting
from dashgen.adopt.alerting.rules import AdoptedRule, RuleScope, adopt
from dashgen.adopt.differences import leaves, paths
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.source import names
from dashgen.adopt.source.alerting import group_module, notification_module
from dashgen.adopt.source.project import Addition
from dashgen.adopt.source_kind import ImportRefused, ImportTarget, LinkedPanel, PlanPart, TakenNames
from dashgen.adopt.target import DATASOURCE
from dashgen.adopt.values import made
from dashgen.grafana.durations import duration
from dashgen.grafana.provisioning_variables import expand, references
from dashgen.model.alerting.alert import AlertGroup, AlertRule, RawRule
from dashgen.model.alerting.notification import ChannelRoute, ContactPoint, MuteTiming, Policy, Template
from dashgen.model.core.display_path import display_path
from dashgen.model.core.durations import Duration
from dashgen.model.core.ids import panel_id
from dashgen.model.core.node import Node
from dashgen.model.dashboards.dashboard import Dashboard, PanelRef
from dashgen.model.environment import DEFAULT_PLUGIN

Json = dict[str, Any]
FOLDER = "alerts"
NOTIFICATIONS = "notifications"
Notification = ContactPoint | MuteTiming | Template | Policy
_KINDS: tuple[tuple[type[Notification], str, str, str], ...] = (
    (ContactPoint, "contact_points", "contact point", "CONTACT_POINT"),
    (MuteTiming, "mute_timings", "mute timing", "MUTE_TIMING"),
    (Template, "templates", "message template", "TEMPLATE"),
)
"""Of each kind: PROJECT's argument, what it is called, and the name of a constant that its own gives none."""


class AlertingPlanner:
    """Collects documents, and makes modules of all of them: an org has one tree of policies."""

    def __init__(self, target: ImportTarget, taken: TakenNames, *, force: bool) -> None:
        self.target, self.taken, self.force = target, taken, force
        plugins = {name: one.plugin for name, one in target.datasources.items()} or {DATASOURCE: DEFAULT_PLUGIN}
        self.scope = ImportScope(dict(plugins), dict(target.claimed))
        self.documents: list[tuple[str, AlertingDocument]] = []
        self.files: dict[str, str] = {}
        self.additions: list[Addition] = []
        self.replaced: list[str] = []
        self.origins: dict[str, str] = {}
        self.panels: dict[tuple[str, int], LinkedPanel] = {}

    def read(self, origin: str, data: object) -> None:
        environment = self.target.environment
        try:
            found = forms.read(data, self.scope.named, environment.org_id if environment else 1, self._variables())
        except AlertingError as error:
            raise _refused(origin, error) from None
        self.documents.append((origin, found))

    def _variables(self) -> dict[str, set[str]]:
        """The variables that PROJECT and the documents before name, and in which contact points."""
        found: dict[str, set[str]] = {}
        points = self.target.project.contact_points if self.target.project else ()
        settings = [(one.name, receiver_form(each)["settings"]) for one in points for each in one.receivers]
        for _, document in self.documents:
            settings += [
                (one["name"], each["settings"]) for one in document.contact_points for each in one["receivers"]
            ]
        for point, held in settings:
            for name in named_variables(held):
                found.setdefault(name, set()).add(point)
        return found

    def part(self) -> PlanPart:
        rules = self._rule_scope()
        imported = []
        notifications: list[tuple[str, Notification]] = []
        for origin, document in self.documents:
            one = ImportedAlerting(origin, document.form, notes=document.notes, variables=document.variables)
            imported.append(one)
            try:
                for group in document.groups:
                    self._group(group, origin, rules, one)
                notifications += self._notifications(document, origin, one)
            except AlertingError as error:
                raise _refused(origin, error) from None
            one.counts |= {"deletion": len(document.deleted)}
        self._write_notifications(notifications, imported)
        has_groups = any(path.startswith(f"{FOLDER}/") for path in self.files)
        if has_groups and not (self.target.root / FOLDER / "__init__.py").exists():
            self.files[f"{FOLDER}/__init__.py"] = '"""Alert rules, one module a group."""\n'
        deleted = tuple(dict.fromkeys(entry for _, document in self.documents for entry in document.deleted))
        return PlanPart(self.files, imported, self.additions, self.replaced, deleted)

    def _rule_scope(self) -> RuleScope:
        project, environment = self.target.project, self.target.environment
        channels = {name for _, document in self.documents for name in reading.channels(document.policy)}
        if project is not None and project.policy is not None:
            channels |= {str(one.channel) for one in project.policy.routes if isinstance(one, ChannelRoute)}
        dashboards = project.dashboards if project is not None else ()
        panels = {
            (one.uid, panel_id(panel.key)): LinkedPanel(PanelRef(one, panel.key), *place)
            for one in dashboards
            if isinstance(one, Dashboard) and (place := _constant_of(one, self.target)) is not None
            for panel in one.panels
            if panel.key
        }
        self.panels = panels | dict(self.target.panels)
        return RuleScope(self.scope, environment.env if environment else "prod", frozenset(channels), self.panels)

    def _claim(self, what: str, origin: str) -> None:
        """A thing that only one document may hold."""
        if what in self.origins:
            raise ImportRefused(origin, f"has {what}, which {self.origins[what]} has too", "import one of them")
        self.origins[what] = origin

    def _group(self, given: Json, origin: str, scope: RuleScope, told: ImportedAlerting) -> None:
        name, folder = expand(given["name"]), expand(given["folder"])
        self._claim(f"the group {name!r} of folder {folder!r}", origin)
        adopted = [adopt(one, scope) for one in given["rules"]]
        for one in adopted:
            self._claim(f"the rule {one.rule.uid!r}", origin)
        group = _group(given, adopted)
        module, constant = self._module(group, adopted, origin)
        used = {one.rule.panel for one in adopted if isinstance(one.rule, AlertRule)} - {None}
        panels = [one for one in self.panels.values() if one.ref in used]
        self.files[module] = group_module(group, constant, self.target.width, self.target.package, panels)
        told.modules.append(module)
        told.counts["group"] = told.counts.get("group", 0) + 1
        told.counts["rule"] = told.counts.get("rule", 0) + len(adopted)
        if "/" in folder:
            told.notes.append(f"the folder {folder!r} is nested: Grafana below 13 makes one folder of that title")
        if group.raw:
            told.raw.append(f"AlertGroup {name!r}: {', '.join(group.raw)}")
        for form, one in zip(given["rules"], adopted, strict=True):
            _tell(form, one, name, told)

    def _module(self, group: AlertGroup, rules: Iterable[AdoptedRule], origin: str) -> tuple[str, str]:
        """The path and the constant of a group; those that it has already where it is imported again."""
        project = self.target.project
        groups = project.alerts if project is not None else ()
        before = next((one for one in groups if (one.name, one.folder) == (group.name, group.folder)), None)
        uids = {one.rule.uid for one in rules}
        others = {rule.uid for one in groups if one is not before for rule in one.every_rule}
        if both := sorted(uids & others):
            raise ImportRefused(origin, f"PROJECT has a rule of the uid {both[0]!r} already", "remove it there first")
        if before is None:
            stem = self.taken.module(FOLDER, names.module(group.name, "group"))
            constant = self.taken.constant(names.constant(group.name, "GROUP").removesuffix("_ALERTS") + "_ALERTS")
            self.additions.append(Addition(f"{FOLDER}.{stem}", constant, "alerts"))
            return f"{FOLDER}/{stem}.py", constant
        if not self.force:
            what = f"PROJECT has the group {group.name!r} of folder {group.folder!r} already"
            raise ImportRefused(origin, what, "--force replaces its module")
        module, constant = _place(before, self.target.root)
        if not module.startswith(f"{FOLDER}/"):
            what = f"the group {group.name!r} has no module of its own to replace"
            raise ImportRefused(origin, what, "remove it there, and import again")
        self.replaced.append(module)
        return module, constant

    def _notifications(
        self, document: AlertingDocument, origin: str, told: ImportedAlerting
    ) -> Iterable[tuple[str, Notification]]:
        sections: tuple[tuple[list[Json], Callable[[Json], Notification]], ...] = (
            (document.contact_points, reading.contact_point),
            (document.mute_timings, reading.mute_timing),
            (document.templates, reading.template),
        )
        found: list[tuple[str, Notification]] = []
        for (given, make), (_, argument, called, otherwise) in zip(sections, _KINDS, strict=True):
            told.counts[called] = len(given)
            for one in given:
                thing = make(one)
                name = str(getattr(thing, "name", ""))
                self._claim(f"the {called} {name!r}", origin)
                told.paths.add(f"{called} {name}")
                if self._is_new(thing, name, argument, called, origin, told):
                    found.append((self.taken.constant(names.constant(name, otherwise)), thing))
        if document.policy is not None:
            self._claim("a tree of policies", origin)
            told.counts["policy tree"] = 1
            told.paths.add("policy")
            policy = reading.policy(document.policy)
            told.raw += [f"policies: {path}" for path in _raw_of(policy)]
            self._one_tree(policy, origin, told)
            found.append((self.taken.constant("POLICY"), policy))
        return found

    def _is_new(self, thing: Node, name: str, argument: str, called: str, origin: str, told: ImportedAlerting) -> bool:
        project = self.target.project
        there = getattr(project, argument) if project is not None else ()
        before = next((one for one in there if one.name == name), None)
        if before is None:
            return True
        if before == thing:
            told.notes.append(f"the {called} {name!r} is in PROJECT already, as it is here")
            return False
        raise ImportRefused(origin, f"PROJECT has another {called} {name!r}", "remove one of them")

    def _one_tree(self, policy: Policy, origin: str, told: ImportedAlerting) -> None:
        project, environment = self.target.project, self.target.environment
        if project is not None and project.policy is not None:
            raise ImportRefused(origin, "PROJECT has a policy already", "an org has one tree: take that one out first")
        if environment is not None and not environment.owns_policy_tree:
            told.notes.append(
                f"{environment.name!r} leaves the org's tree of policies alone: owns_policy_tree=True renders this one"
            )

    def _write_notifications(self, found: list[tuple[str, Notification]], imported: list[ImportedAlerting]) -> None:
        if not found:
            return
        stem = self.taken.module("", NOTIFICATIONS)
        self.files[f"{stem}.py"] = notification_module(found, self.target.width)
        for one in imported:
            if one.paths - {path for path in one.paths if path.startswith("alerts")}:
                one.modules.append(f"{stem}.py")
        arguments = {cls: argument for cls, argument, _, _ in _KINDS}
        for name, thing in found:
            whole = isinstance(thing, Policy)
            argument = "policy" if whole else arguments[type(thing)]
            self.additions.append(Addition(stem, name, argument, is_whole=whole))


def _refused(origin: str, error: AlertingError) -> ImportRefused:
    message = f"{error.path}: {error.message}" if error.path else error.message
    return ImportRefused(origin, message, error.hint)


def _group(given: Json, adopted: Iterable[AdoptedRule]) -> AlertGroup:
    """The group; what its fields don't take is raw."""
    name, folder = expand(given["name"]), expand(given["folder"])
    rules = [one.rule for one in adopted]
    shared: Json = {
        "rules": tuple(one for one in rules if isinstance(one, AlertRule)),
        "raw_rules": tuple(one for one in rules if isinstance(one, RawRule)),
    }
    raw: Json = {key: item for key, item in given.items() if key not in ("name", "folder", "interval", "rules")}
    plain = folder.rpartition("/")[2].strip() or "Alerts"
    if plain != folder or references(given["folder"]):
        raw["folder"] = folder
    if references(given["name"]):
        raw["name"] = name
    length = given["interval"]
    one = made(AlertGroup, name, folder=plain, interval=str(Duration(length)) if length else "0s", **shared)
    if one is None:
        raise AlertingError(f"the group {name!r} has a name or folder that Grafana does not take")
    if Duration.parse(one.interval).seconds != length:
        raw["interval"] = duration(length)
    if "interval" not in raw:
        shared["interval"] = one.interval
    return AlertGroup(name, folder=plain, **shared, raw=raw) if raw else one


def _tell(form: Json, one: AdoptedRule, group: str, told: ImportedAlerting) -> None:
    rule = one.rule
    told.paths.add(display_path("alerts", group, rule.uid))
    told.unchecked += [(rule.uid, reason) for reason in one.unchecked]
    told.leaves += leaves(form)
    if isinstance(rule, RawRule):
        told.raw.append(f"rule {rule.uid!r}, whole")
        told.raw_leaves += leaves(form)
    else:
        told.own += 1
        if rule.raw:
            told.raw.append(f"rule {rule.uid!r}: {', '.join(paths(rule.raw))}")
            told.raw_leaves += leaves(rule.raw)
    if one.difference and not told.difference:
        told.difference = f"rule {rule.uid!r}: {one.difference}"
    if isinstance(rule, AlertRule) and "panelId" in rule.raw:
        told.notes.append(
            f"rule {rule.uid!r} links to panel {rule.raw['panelId']} of {rule.raw.get('dashboardUid', '')!r}, "
            "which is none with a key in PROJECT: write panel=DASHBOARD['key'] in its place"
        )


def _constant_of(dashboard: Dashboard, target: ImportTarget) -> tuple[str, str] | None:
    """The module of a dashboard of the project below its package, and its constant there."""
    path, constant = target.written.get(dashboard.uid, (target.root, ""))
    root = target.root.resolve()
    if not constant or not path.resolve().is_relative_to(root):
        return None
    return ".".join(path.resolve().relative_to(root).with_suffix("").parts), constant


def _raw_of(policy: Any, at: str = "") -> Iterable[str]:
    if policy.raw:
        yield f"{at or 'root'}: {', '.join(policy.raw)}"
    for number, route in enumerate(policy.routes):
        yield from _raw_of(route, f"{at}routes[{number}]")


def _place(node: Node, root: Path) -> tuple[str, str]:
    """The module of an object, relative to the project, and the constant that it is assigned to."""
    source = node.source
    if source is None:
        return "", ""
    path = Path(source.file).resolve()
    if not path.is_relative_to(root.resolve()):
        return "", ""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.lineno <= source.line <= (statement.end_lineno or 0):
            first = statement.targets[0]
            if isinstance(first, ast.Name):
                return path.relative_to(root.resolve()).as_posix(), first.id
    return "", ""
