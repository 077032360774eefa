"""The names of all files of a rendered tree, relative to its folder, with '/'."""

from __future__ import annotations

LEDGER = "published.json"
GIT_ATTRIBUTES = ".gitattributes"
VARIABLES = "environment.example"
"""The variables that Grafana's process must have."""

DASHBOARDS = "dashboards/"
RESTART_GUARD = f"{DASHBOARDS}_restart-guard/.gitkeep"
"""In the folder of the provider that has no dashboards: no folder's uid begins with '_'."""

PROVISIONING = "provisioning/"
PROVIDERS = f"{PROVISIONING}dashboards/dashgen.yaml"
DATASOURCES = f"{PROVISIONING}datasources/dashgen.yaml"
ALERTING = f"{PROVISIONING}alerting/"
DELETIONS = f"{ALERTING}00-deletions.yaml"
"""Must sort before all others: Grafana applies the files of this folder by their names."""
CONTACT_POINTS = f"{ALERTING}contact-points.yaml"
MUTE_TIMINGS = f"{ALERTING}mute-timings.yaml"
POLICIES = f"{ALERTING}policies.yaml"
TEMPLATES = f"{ALERTING}templates.yaml"

QUESTDB = "questdb/"
TABLES_SQL = f"{QUESTDB}tables.sql"
VIEWS_SQL = f"{QUESTDB}views.sql"
SCHEMA = f"{QUESTDB}schema.json"
"""The declared tables as data."""

FOLDERS = (DASHBOARDS, PROVISIONING, QUESTDB)
FILES = (GIT_ATTRIBUTES, VARIABLES, LEDGER)
"""What stands in a tree at its top."""


_FIXED = frozenset(
    {*FILES, RESTART_GUARD, PROVIDERS, DATASOURCES, DELETIONS, CONTACT_POINTS, MUTE_TIMINGS, POLICIES, TEMPLATES}
    | {TABLES_SQL, VIEWS_SQL, SCHEMA}
)
_RULES = f"{ALERTING}rules-"


def dashboard(folder_uid: str, uid: str) -> str:
    return f"{DASHBOARDS}{folder_uid}/{uid}.json"


def rules(name: str) -> str:
    """The file of a group of alert rules."""
    return f"{_RULES}{name}.yaml"


def is_fixed(path: str) -> bool:
    """Whether it is one of the files that have the same name in every tree."""
    return path in _FIXED


def is_rules(path: str) -> bool:
    """Whether it has the name of a group's file."""
    return path.startswith(_RULES) and path.endswith(".yaml") and "/" not in path.removeprefix(_RULES)


def is_dashboard(path: str) -> bool:
    return path.startswith(DASHBOARDS) and path.endswith(".json")


def is_provisioned(path: str) -> bool:
    """Whether Grafana reads the file when it starts."""
    return path.startswith(PROVISIONING) and path.endswith((".yaml", ".yml"))


def dashboard_uid(path: str) -> str:
    """The uid by which a dashboard's file is named."""
    return path.rpartition("/")[2].removesuffix(".json")
