"""A project, rendered, as what its rules are tested in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dashgen.alert_tests.suite import Fixture
from dashgen.grafana.alerting.routing_result import notifications
from dashgen.grafana.alerting.rule import RuleSpec, rule_specs
from dashgen.grafana.versions import semantics
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.render import Document, parsed, render


def fixture_of(project: Project, environment: Environment, documents: Iterable[Document] | None = None) -> Fixture:
    """What `run_alert_tests` needs to know of a project.

    Args:
        project: The project that declares the rules and tables.
        environment: The environment whose Grafana evaluates the rules.
        documents: What was rendered for the environment, where it is at hand; rendered anew unless given.
    """
    rendered = render(project, environment) if documents is None else documents
    data = {d.path: parsed(d) for d in rendered if "/alerting/" in d.path}
    return Fixture(
        rules=rules_of(data),
        classes={table_of(cls).name: cls for cls in project.tables},
        notifications=notifications(data, environment.org_id),
        semantics=semantics(environment.version),
        env=environment.env,
        org_id=environment.org_id,
    )


def base_fixture(files: Mapping[str, bytes], fixture: Fixture) -> Fixture:
    """The rules and receivers of another revision's tree, in what else there is of `fixture`. Notifications are those
    of the tree's own org: an environment may have changed its org since."""
    import yaml

    documents = {
        path: yaml.safe_load(data)
        for path, data in files.items()
        if "provisioning/alerting/" in path and path.endswith(".yaml")
    }
    orgs = {
        int(entry.get("orgId") or 1)
        for document in documents.values()
        for section in ("groups", "policies", "contactPoints")
        for entry in (document or {}).get(section) or ()
    }
    org = min(orgs) if len(orgs) == 1 else fixture.org_id
    return replace(fixture, rules=rules_of(documents), notifications=notifications(documents, org), org_id=org)


def rules_of(documents: Mapping[str, Any]) -> dict[str, RuleSpec]:
    """The rules of parsed documents by uid."""
    return {
        rule.uid: rule
        for path in sorted(documents)
        if path.rpartition("/")[2].startswith("rules-")
        for rule in rule_specs(documents[path])
    }
