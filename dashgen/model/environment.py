"""Where a project is rendered for: a Grafana, its datasources, its folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from dashgen.model import checks
from dashgen.model.checks import Items
from dashgen.model.node import Check, Node, Wrong, WrongSecret, checked, node

Plugin = Literal["questdb", "postgres"]
PLUGIN_IDS: dict[str, str] = {
    "questdb": "questdb-questdb-datasource",
    # every Grafana from 9 to 13 knows the built-in PostgreSQL datasource by this id
    "postgres": "postgres",
}
_ENV_REF = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}\Z")
_FOLDER_PATH = re.compile(r"(?:\$\{[A-Z][A-Z0-9_]*\}(?=[/\\]|\Z)|/|[A-Za-z]:[/\\])[^\0\n\r]*\Z")
_VERSION = re.compile(r"(\d+)\.(\d+)\Z")


def secret(name: str) -> Check:
    """A secret is named, never written: `${QUESTDB_PASSWORD}`. `name` is the one that the error proposes."""

    def check(value: object) -> object:
        if isinstance(value, str) and _ENV_REF.match(value):
            return value
        raise WrongSecret(
            f"a reference to an environment variable like '${{{name}}}'", "secrets are never in the output"
        )

    return check


def version(value: object) -> object:
    if isinstance(value, str) and _VERSION.match(value):
        return value
    raise Wrong("a Grafana version like '12.3'")


@node
class QuestDB(Node):
    """A datasource. `plugin` is QuestDB's own or Grafana's built-in PostgreSQL one, over the same PG wire port.

    `user` should be QuestDB's read-only login: the plugins run any SQL that they are given.
    """

    uid: str = checked(checks.uid, default="questdb")
    plugin: Plugin = checked(checks.one_of(get_args(Plugin)), default="questdb")
    name: str = checked(checks.text, default="QuestDB")
    host: str = checked(checks.text, default="questdb")
    port: int = checked(checks.whole(1, 65535), default=8812)
    database: str = checked(checks.text, default="qdb")
    user: str = checked(checks.text, default="user")
    password: str = checked(secret("QUESTDB_PASSWORD"), default="${QUESTDB_PASSWORD}")
    tls: Literal["disable", "require", "verify-ca", "verify-full"] = checked(
        checks.one_of(("disable", "require", "verify-ca", "verify-full")), default="disable"
    )
    is_default: bool = checked(checks.flag, default=False)

    @property
    def type(self) -> str:
        """The plugin's id."""
        return PLUGIN_IDS[self.plugin]


def _folder_path(value: object) -> object:
    if isinstance(value, str) and _FOLDER_PATH.match(value):
        return value.rstrip("/") or "/"
    raise Wrong(
        "an absolute path like '/etc/grafana/dashgen/dashboards'",
        "one that differs from machine to machine begins with a variable: '${DASHBOARDS_PATH}'",
    )


def _folder_uid(value: object) -> object:
    if value in ("general", "sharedwithme"):
        raise Wrong("another uid than 'general' and 'sharedwithme'", "Grafana keeps those for itself")
    return checks.uid(value)


@node
class Folder(Node):
    """A folder of dashboards. Folders of provisioned dashboards can't be nested (grafana#73271)."""

    uid: str = checked(_folder_uid, kw_only=False)
    title: str = checked(checks.text, kw_only=False)

    def __post_init__(self) -> None:
        if "/" in self.title:
            self.problem(f"title: {self.title!r} has a '/'", "folders of provisioned dashboards can't be nested")


@node
class Environment(Node):
    """One Grafana that the project is rendered for. `env` is what the variable `env` is at first, and what alert
    rules are bound to; `hosts` is the fleet that must be alive."""

    name: str = checked(checks.uid, kw_only=False)
    grafana: str = checked(version, default="12.3")
    org_id: int = checked(checks.whole(1, 2**31), default=1)
    env: str = checked(checks.text, default="")
    hosts: tuple[str, ...] = checked(checks.many(checks.text), default=())
    instance: str = checked(checks.any_text, default="")
    """Which Grafana, where several environments go to one: its name is theirs to agree on. By default each has its
    own. In one instance and org no two environments may have a uid in common: see `uid_prefix`."""
    owns_policy_tree: bool = checked(checks.flag, default=False)
    uid_prefix: str = checked(checks.any_text, default="")
    datasources: Mapping[str, QuestDB] = checked(
        checks.mapping(checks.a(QuestDB)), default=Items({"questdb": QuestDB()})
    )
    folders: Mapping[str, Folder] = checked(
        checks.mapping(checks.a(Folder)), default=Items({"default": Folder("dashgen", "dashgen")})
    )
    dashboards_path: str = checked(_folder_path, default="/etc/grafana/dashgen/dashboards")
    """Where Grafana finds the folder `dashboards/` of the rendered tree. `${NAME}` at its start is a variable of
    Grafana's process."""
    disable_deletion: bool = checked(checks.flag, default=True)
    """True keeps a dashboard whose file is gone: a lost mount must not delete all of them (operator-wishes)."""
    allow_ui_updates: bool = checked(checks.flag, default=False)
    update_seconds: int = checked(checks.whole(10, 86400), default=30)

    def __post_init__(self) -> None:
        for own in ("env", "instance"):
            if not getattr(self, own):
                object.__setattr__(self, own, self.name)
        if self.uid_prefix:
            try:
                checks.uid(self.uid_prefix)
            except Wrong as wrong:
                self.problem(f"uid_prefix: expected {wrong.expected}, got {self.uid_prefix!r}")

    def datasource(self, name: str) -> QuestDB | None:
        """The datasource of a logical name."""
        return self.datasources.get(name)

    def folder(self, name: str) -> Folder | None:
        return self.folders.get(name)

    @property
    def version(self) -> tuple[int, int]:
        major, minor = self.grafana.split(".")
        return int(major), int(minor)
