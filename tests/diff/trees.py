"""A small tree with one of everything, to be changed by tests, and what becomes of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import yaml

from dashgen.diff.assemble import Change, EnvironmentDiff, review
from dashgen.tree.read import RenderedTree
from tests.schema import documents

Files = dict[str, bytes]
HEALTH = "dashboards/daemons/daemon-health.json"
OTHER = "dashboards/daemons/other.json"
RULES = "provisioning/alerting/rules-daemons.yaml"
POLICIES = "provisioning/alerting/policies.yaml"
CONTACTS = "provisioning/alerting/contact-points.yaml"
MUTES = "provisioning/alerting/mute-timings.yaml"
TEMPLATES = "provisioning/alerting/templates.yaml"
DELETIONS = "provisioning/alerting/00-deletions.yaml"
PROVIDERS = "provisioning/dashboards/dashgen.yaml"
DATASOURCES = "provisioning/datasources/dashgen.yaml"
SCHEMA = "questdb/schema.json"
LEDGER = "published.json"
VARIABLES = "environment.example"

SQL = "SELECT timestamp AS time, host, avg(v) AS value\nFROM load\nWHERE $__timeFilter(timestamp)\nORDER BY time"


class Tree:
    """Documents by their paths; `changed` gives another tree."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self.documents = documents

    @property
    def files(self) -> Files:
        return {path: dumped(path, document) for path, document in self.documents.items()}

    @property
    def rendered(self) -> RenderedTree:
        return RenderedTree("prod", self.files)

    def changed(self) -> Tree:
        """A copy to be changed."""
        return Tree(copy.deepcopy(self.documents))

    @property
    def panel(self) -> Any:
        return self.documents[HEALTH]["panels"][0]

    @property
    def rule(self) -> Any:
        return self.documents[RULES]["groups"][0]["rules"][0]


def dumped(path: str, document: Any) -> bytes:
    if path.endswith(".json"):
        return json.dumps(document).encode()
    if path.endswith(".yaml"):
        return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
    return str(document).encode()


def tree() -> Tree:
    """One of everything that a tree can have."""
    kinds = documents.provisioning()
    health = documents.dashboard(documents.panel(number=7), documents.panel(kind="stat", number=8))
    health["panels"][0]["targets"][0]["rawSql"] = SQL
    health["panels"][1]["title"] = "State"
    other = {"id": None, "uid": "other", "title": "Other", "panels": [documents.panel(number=1)], "schemaVersion": 42}
    provider = copy.deepcopy(kinds["dashboards"])
    provider["providers"][0] |= {"disableDeletion": True, "options": {"path": "/etc/grafana/dashboards/daemons"}}
    return Tree(
        {
            HEALTH: health,
            OTHER: other,
            RULES: kinds["rules"],
            POLICIES: kinds["policies"],
            CONTACTS: kinds["contact-points"],
            MUTES: kinds["mute-timings"],
            TEMPLATES: kinds["templates"],
            DELETIONS: kinds["deletions"],
            PROVIDERS: provider,
            DATASOURCES: kinds["datasources"],
            SCHEMA: kinds["tables"],
            LEDGER: {"format": 1, "published": ["dashboard daemon-health", "dashboard other", "rule daemon-down"]},
            VARIABLES: "# must\nQUESTDB_PASSWORD=\n",
        }
    )


def compared(old: Tree, new: Tree) -> EnvironmentDiff:
    return review("prod", old.rendered, new.rendered)


def changes(old: Tree, new: Tree) -> list[Change]:
    return list(compared(old, new).changes)


def said(old: Tree, new: Tree) -> list[tuple[str, str, str]]:
    """Of each change its class, its headline, and why."""
    from dashgen.diff.reports.phrases import headline

    return [(change.meaning.word, headline(change), change.why) for change in changes(old, new)]
