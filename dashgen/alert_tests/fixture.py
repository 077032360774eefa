"""A project, rendered, as what its rules are tested in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashgen.alert_tests.suite import World
from dashgen.grafana.alerting.routing_result import notifications
from dashgen.grafana.alerting.rule import RuleSpec, rule_specs
from dashgen.grafana.versions import semantics
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.render import Document, parsed


def world_of(project: Project, environment: Environment, documents: Iterable[Document]) -> World:
    """`documents` are those rendered for the environment."""
    data = {d.path: parsed(d) for d in documents if "/alerting/" in d.path}
    return World(
        rules=rules_of(data),
        classes={table_of(cls).name: cls for cls in project.tables},
        notifications=notifications(data, environment.org_id),
        semantics=semantics(environment.version),
        env=environment.env,
    )


def rules_of(documents: Mapping[str, Any]) -> dict[str, RuleSpec]:
    """The rules of parsed documents by uid."""
    return {
        rule.uid: rule
        for path in sorted(documents)
        if path.rpartition("/")[2].startswith("rules-")
        for rule in rule_specs(documents[path])
    }
