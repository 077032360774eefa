"""All documents of `provisioning/alerting/`, and what they publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from dashgen.model.alerting.alert import AlertGroup, AlertRule
from dashgen.model.core.ids import slug
from dashgen.model.core.problems import Problem
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import alerts, notifications, query_problems
from dashgen.render.serialise import yaml_bytes
from dashgen.render.targets import Datasources
from dashgen.schema.validate import SchemaName
from dashgen.tree import paths
from dashgen.tree.read import RenderedTree

if TYPE_CHECKING:
    from dashgen.grafana.notification_policies import RouteNode


class AlertingFile(NamedTuple):
    """One file, the object that it comes from, and what was found wrong in its SQL."""

    path: str
    data: bytes
    schema: SchemaName
    owner: object = None
    problems: tuple[Problem, ...] = ()


def files(project: Project, environment: Environment, datasources: Datasources) -> Iterator[AlertingFile]:
    """Everything but the deletions, which need the ledger. A kind that the project has nothing of has no file."""
    root = tree(project, environment)
    for name, group in file_names(project):
        rules = [
            alerts.rule(rule, environment, datasources, _settings(rule, root, environment)) for rule in group.rules
        ]
        problems = tuple(query_problems.of_alerts(group, environment, datasources))
        yield AlertingFile(
            paths.rules(name), yaml_bytes(alerts.group(group, environment, rules)), "rules", group, problems
        )
    if project.contact_points:
        data = yaml_bytes(notifications.contact_point_file(project, environment))
        yield AlertingFile(paths.CONTACT_POINTS, data, "contact-points")
    if project.mute_timings:
        yield AlertingFile(
            paths.MUTE_TIMINGS,
            yaml_bytes(notifications.mute_timing_file(project, environment)),
            "mute-timings",
        )
    if environment.owns_policy_tree and project.policy is not None:
        data = yaml_bytes(notifications.policy_file(project, project.policy, environment))
        yield AlertingFile(paths.POLICIES, data, "policies", project.policy)
    if project.templates:
        yield AlertingFile(paths.TEMPLATES, yaml_bytes(notifications.template_file(project, environment)), "templates")


def tree(project: Project, environment: Environment) -> RouteNode | None:
    """The project's policies as the environment would have them, whether or not they are the org's."""
    if project.policy is None:
        return None
    data = yaml_bytes(notifications.policy_file(project, project.policy, environment))
    return RenderedTree(environment.name, {paths.POLICIES: data}).policies.get(environment.org_id)


def _settings(rule: AlertRule, root: RouteNode | None, environment: Environment) -> dict[str, object] | None:
    if environment.owns_policy_tree:
        return None
    labels = {"alertname": rule.title, **alerts.labels(rule, environment)}
    return notifications.rule_settings(rule.channels, labels, root, environment)


def file_names(project: Project) -> Iterator[tuple[str, AlertGroup]]:
    """The groups that have rules, each with what its file is named by. Two names that give one file get their folder's
    too, and where that is not enough ("a b" and "a-b") a digest of both."""
    groups = [group for group in project.alerts if group.every_rule]
    short = [slug(group.name) or "group" for group in groups]
    uses = Counter(short)
    names = [
        name if uses[name] == 1 else f"{slug(group.folder) or 'folder'}-{name}"
        for name, group in zip(short, groups, strict=True)
    ]
    uses = Counter(names)
    for name, group in zip(names, groups, strict=True):
        yield name if uses[name] == 1 else f"{name}-{_digest(group)}", group


def _digest(group: AlertGroup) -> str:
    return sha256(f"{group.folder}\0{group.name}".encode()).hexdigest()[:6]


def published(project: Project, environment: Environment) -> Iterator[str]:
    """What Grafana will have because of this build, as entries of the ledger."""
    for group in project.alerts:
        for rule in group.every_rule:
            yield f"rule {environment.uid_prefix}{rule.uid}"
    for _, receivers in notifications.contact_points(project, environment):
        for uid, _ in receivers:
            yield f"receiver {uid}"
    for timing in project.mute_timings:
        yield f"mute-timing {notifications.org_name(environment, timing.name)}"
    for template in project.templates:
        yield f"template {template.name}"
