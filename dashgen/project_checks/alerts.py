"""Checks what alert rules refer to, and what must be unique among them."""

from __future__ import annotations

from collections.abc import Iterator, Set

from dashgen.grafana.datasources.alert_binding import FORMS, needs_hosts, unbound
from dashgen.grafana.datasources.plugins import AUTHORS
from dashgen.grafana.versions import KEEP_LAST, TITLES_REPEAT, semantics
from dashgen.loading.fstrings import doubled, substituted
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.node import shown
from dashgen.model.core.problems import Problem
from dashgen.model.core.source_map.position import Spot
from dashgen.model.core.suggestions import listed
from dashgen.model.dashboards.deferred import panel_keys, variable_names
from dashgen.model.dashboards.query import Query
from dashgen.model.project import Project
from dashgen.project_checks.findings import finding, known
from dashgen.sql.lexer import macros


def check(project: Project) -> Iterator[Problem]:
    yield from _unique(project)
    for group in project.alerts:
        if not group.every_rule and {"rules", "raw_rules"}.isdisjoint(group.refused):
            yield finding(group, "has no rules", "add rules, or remove the group")
    listed_dashboards = None if "dashboards" in project.refused else {id(dashboard) for dashboard in project.dashboards}
    for rule in project.rules:
        yield from _panel(rule, listed_dashboards)
        yield from _templates(rule)
        yield from _labels(rule, project)
        for query in rule.queries:
            yield from _sql(rule, query)
    yield from _in(project)


def _unique(project: Project) -> Iterator[Problem]:
    uids: set[str] = set()
    titles: set[tuple[str, str]] = set()
    groups: set[tuple[str, str]] = set()
    strict = next((e for e in project.environments if not TITLES_REPEAT.holds(e.version)), None)
    for group in project.alerts:
        if (group.folder, group.name) in groups:
            yield finding(
                group,
                f"another group of folder {group.folder!r} has this name",
                "merge their rules",
                field="name",
            )
            continue
        groups.add((group.folder, group.name))
        for rule in group.every_rule:
            if rule.uid in uids:
                yield finding(
                    rule, f"another rule has the uid {rule.uid!r}", "Grafana would keep only one of them", field="uid"
                )
                continue
            uids.add(rule.uid)
            if strict is not None and (group.folder, rule.title) in titles:
                yield finding(
                    rule, f"another rule of folder {group.folder!r} has the title {rule.title!r}",
                    f"Grafana {strict.grafana} of {strict.name!r} would not start; {TITLES_REPEAT} and newer take it",
                    field="title",
                )  # fmt: skip
            titles.add((group.folder, rule.title))


def _panel(rule: AlertRule, dashboards: Set[int] | None) -> Iterator[Problem]:
    """`dashboards`: of those that the project lists, where it is known which."""
    if rule.panel is None:
        if rule.link_variables:
            yield finding(
                rule, "link_variables: it has no panel to link to", "panel=DASHBOARD['key']", field="link_variables"
            )
        return
    dashboard = rule.panel.dashboard
    if dashboards is not None and id(dashboard) not in dashboards:
        yield finding(
            rule, f"panel: PROJECT does not list the dashboard {dashboard.uid!r}", "add it to dashboards", field="panel"
        )
    if "key" not in rule.panel.refused and rule.panel.key not in panel_keys(dashboard):
        yield finding(
            rule, f"panel: {dashboard.uid!r} has no panel with key={rule.panel.key!r}",
            "give the panel that key: a key made from its title would change with the title", field="panel"
        )  # fmt: skip
    variables = variable_names(dashboard)
    for name in rule.link_variables:
        if name not in variables:
            yield finding(
                rule,
                f"link_variables: {dashboard.uid!r} has no variable {name!r}",
                known(variables),
                field="link_variables",
            )


def _templates(rule: AlertRule) -> Iterator[Problem]:
    """Grafana shows a template that fails as it is written, to whoever is on call."""
    from dashgen.grafana.gotemplate.validation import faults, values  # a project without rules need not load it

    letters = [rule.ref_id(step.ref_id) for step in rule.steps]
    for name, text in rule.texts.items():
        for fault in faults(text):
            yield finding(
                rule, f"{name}: {fault.message} in {shown(text)}", "a Go template, like '{{ $labels.host }}'",
                field=name, spot=Spot(text, fault.at),
            )  # fmt: skip
        for letter in sorted(values(text)):
            # a classic condition's values have a number: B0, B1
            if letter.rstrip("0123456789") not in letters:
                yield finding(
                    rule, f"{name}: $values has no {letter!r}, only {', '.join(letters)}",
                    "it would read [no value]: name one of the rule's queries and expressions", field=name,
                    spot=Spot(text, 0),
                )  # fmt: skip


def _labels(rule: AlertRule, project: Project) -> Iterator[Problem]:
    """A label whose template fails is the template's own text: policies that match it route the alert elsewhere."""
    from dashgen.grafana.gotemplate.validation import failure, failure_hint, faults

    for name, text in rule.labels.items():
        if faults(text):
            continue
        for environment in project.environments:
            number = semantics(environment.version).value_of_one_query
            if reason := failure(text, (rule.ref_id(step.ref_id) for step in rule.steps), number=number):
                yield finding(
                    rule, f"labels.{name}: {shown(text)} fails in Grafana {environment.grafana}: {reason}",
                    f"the label would be the template's own text; {failure_hint(text)}",
                    field=f"labels.{name}", spot=Spot(text, 0),
                )  # fmt: skip
                break


def _sql(rule: AlertRule, query: Query) -> Iterator[Problem]:
    def problem(at: int, message: str, hint: str) -> Problem:
        return Problem(rule.called(), message, hint, query.source or rule.source, rule, "sql", Spot(query.sql, at))

    for ref in unbound(query.sql):
        written = query.sql[ref.start : ref.end]
        bindable = ", ".join(f"${{{name}:{form}}}" for name, forms in FORMS.items() for form in forms)
        replaced = substituted(query.sql, query.source)
        yield problem(
            ref.start,
            f"the SQL uses {written}, which only a browser replaces",
            doubled(replaced) if replaced else f"an alert can use {bindable}",
        )
    for macro in macros(query.sql):
        found = AUTHORS.macros.find(macro.name)
        used = f"the SQL uses $__{macro.name}"
        if found is not None and found.side == "browser":
            yield problem(
                macro.start, f"{used}, which only a browser replaces",
                "an alert can use $__timeFilter(column), $__fromTime, $__toTime",
            )  # fmt: skip
        elif macro.name in ("interval", "interval_ms", "sampleByInterval"):
            # in alerts the two can disagree, 1m against 90000 (docs/facts/grafana.md, Alert rules in files)
            yield problem(macro.start, f"{used}, which no viewer chooses in an alert rule", "write the length: 1m")


def _in(project: Project) -> Iterator[Problem]:
    told: set[str] = set()
    for environment in project.environments:
        dashboards = {folder.title for folder in environment.folders.values()}
        for group in project.alerts:
            if group.folder in dashboards and group.folder not in told:
                told.add(group.folder)
                yield finding(
                    group, f"folder {group.folder!r} is a folder of dashboards in {environment.name!r}",
                    "a new Grafana would create it with another uid, and put the dashboards elsewhere",
                    field="folder",
                )  # fmt: skip
    yield from _fleet(project)
    for rule in project.rules:
        yield from _versions(rule, project)


def _fleet(project: Project) -> Iterator[Problem]:
    without = [e for e in project.environments if not e.hosts and "hosts" not in e.refused]
    rules = [rule for rule in project.rules if any(needs_hosts(query.sql) for query in rule.queries)]
    if rules and without:
        others = f", nor has {listed(repr(e.name) for e in without[1:])}" if without[1:] else ""
        more = f" and {len(rules) - 1} more" if len(rules) > 1 else ""
        yield finding(
            without[0], f"has no hosts{others}, and the SQL of {rules[0].called()}{more} reads the hosts",
            "hosts=('server-01', …): a host without rows can only be found by a declared list", field="hosts",
        )  # fmt: skip


def _versions(rule: AlertRule, project: Project) -> Iterator[Problem]:
    for field in ("no_data", "on_error"):
        old = [e for e in project.environments if not KEEP_LAST.holds(e.version)]
        if old and getattr(rule, field) == "KeepLast":
            where = " and ".join(f"Grafana {e.grafana} of {e.name!r}" for e in old)
            yield finding(
                rule, f"{field}: {where} does not know 'KeepLast'",
                f"Grafana would not start; {KEEP_LAST} and newer know it", field=field,
            )  # fmt: skip
