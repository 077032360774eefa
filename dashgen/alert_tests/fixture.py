"""A project, rendered, as what its rules are tested in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dashgen.alert_tests.suite import Fixture
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.versions import semantics
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.render import Document, render, rendered_tree
from dashgen.tree.read import RenderedTree


def fixture_of(project: Project, environment: Environment, documents: Iterable[Document] | None = None) -> Fixture:
    """Makes the fixture for `run_alert_tests` from a project: its rules, tables and notifications.

    Args:
        project: The project that declares the rules and tables.
        environment: The environment whose Grafana evaluates the rules.
        documents: The documents rendered for the environment. Default: they are rendered.
    """
    tree = rendered_tree(environment, render(project, environment) if documents is None else documents)
    return Fixture(
        rules=tree.rule_specs,
        classes={table_of(cls).name: cls for cls in project.tables},
        notifications=notifications_of(tree),
        semantics=semantics(environment.version),
        env=environment.env,
        org_id=environment.org_id,
    )


def base_fixture(tree: RenderedTree, fixture: Fixture) -> Fixture:
    """The rules and receivers of another revision's tree, in what else there is of `fixture`. Notifications are those
    of the tree's own org: an environment may have changed its org since."""
    return replace(fixture, rules=tree.rule_specs, notifications=notifications_of(tree), org_id=tree.org)


def notifications_of(tree: RenderedTree) -> Notifications:
    """The policies, mute timings and contact points of the org that the tree is for."""
    return Notifications(
        tree.policies.get(tree.org),
        tree.mute_timings.get(tree.org, {}),
        {
            point.name: frozenset(not one.get("disableResolveMessage") for one in point.receivers)
            for point in tree.contact_points
            if point.org == tree.org
        },
    )
