"""Where a project is rendered for: a Grafana, its data sources, its folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from dashgen.model.core import validators
from dashgen.model.core.fields import Check, checked
from dashgen.model.core.node import Node, Wrong, WrongSecret, node
from dashgen.model.core.validators import Items

Plugin = Literal["questdb", "postgres"]
DEFAULT_PLUGIN: Plugin = "questdb"
_ENV_REF = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}\Z")
_FOLDER_PATH = re.compile(r"(?:\$\{[A-Z][A-Z0-9_]*\}(?=[/\\]|\Z)|/|[A-Za-z]:[/\\])[^\0\n\r]*\Z")
_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\Z")


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


def _name(value: object) -> object:
    return value if value == "" else validators.text(value)


@node
class QuestDB(Node):
    """A QuestDB data source in Grafana, through the QuestDB plugin or the PostgreSQL plugin: `QuestDB(host="questdb",
    is_default=True)`.
    """

    uid: str = checked(validators.uid, default="questdb")
    """Uid of the data source in Grafana, which panels and rules refer to. Never change it for a `name` that is in use
    (`datasources.uid`)."""
    plugin: Plugin = checked(validators.literal(), default=DEFAULT_PLUGIN)
    """Plugin that queries QuestDB: the QuestDB plugin, or Grafana's built-in PostgreSQL plugin. Queries are translated
    for it (`datasources.type`)."""
    name: str = checked(_name, default="")
    """Name in Grafana, unique in its org. Empty: `dashgen-` and the uid with the environment's prefix, which is
    unlikely to exist. Grafana does not start if the org has a data source of this name with another uid, or of this uid
    with another name; `QuestDB` is a common name (`datasources.name`)."""
    host: str = checked(validators.text, default="questdb")
    """Host name of QuestDB, as seen from Grafana: `host="questdb.internal"` (`datasources.jsonData.server`)."""
    port: int = checked(validators.whole(1, 65535), default=8812)
    """Port of QuestDB's PostgreSQL wire protocol (`datasources.jsonData.port`)."""
    database: str = checked(validators.text, default="qdb")
    """Name of the database; QuestDB has only one. Rendered for the plugin `postgres` only
    (`datasources.jsonData.database`)."""
    user: str = checked(validators.text, default="user")
    """User name. Use QuestDB's read-only user: the plugins run any SQL that they receive
    (`datasources.jsonData.username`)."""
    password: str = checked(secret("QUESTDB_PASSWORD"), default="${QUESTDB_PASSWORD}")
    """Reference to an environment variable of Grafana's process that holds the password:
    `password="${QUESTDB_PASSWORD}"` (`datasources.secureJsonData.password`)."""
    tls: Literal["disable", "require", "verify-ca", "verify-full"] = checked(validators.literal(), default="disable")
    """Whether the connection is encrypted, and whether the server's certificate (`verify-ca`) and name (`verify-full`)
    are checked (`datasources.jsonData.tlsMode`)."""
    is_default: bool = checked(validators.flag, default=False)
    """True makes it the org's default data source (`datasources.isDefault`)."""


def _folder_path(value: object) -> object:
    if isinstance(value, str) and _FOLDER_PATH.match(value):
        return value.rstrip("/") or "/"
    raise Wrong(
        "an absolute path like '/etc/grafana/dashgen/dashboards'",
        "one that differs from machine to machine begins with a variable: '${DASHBOARDS_PATH}'",
    )


def _folder_uid(value: object) -> object:
    if value in ("general", "sharedwithme"):
        raise Wrong("another uid than 'general' and 'sharedwithme'", "Grafana reserves those")
    return validators.uid(value)


@node
class Folder(Node):
    """A folder of dashboards: `Folder("daemons", "Market data daemons")`. Folders of provisioned dashboards can't
    be nested (grafana#73271).
    """

    uid: str = checked(_folder_uid, kw_only=False)
    """Uid of the folder in Grafana: `uid="daemons"` (`providers.folderUid`)."""
    title: str = checked(validators.text, kw_only=False)
    """Title of the folder when Grafana creates it, without `/`. An existing folder keeps its title
    (`providers.folder`)."""

    def __post_init__(self) -> None:
        if "/" in self.title:
            self.problem(
                f"title: {self.title!r} has a '/'", "folders of provisioned dashboards can't be nested", field="title"
            )


_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,39}\Z")


def _environment_name(value: object) -> object:
    if isinstance(value, str) and _NAME.match(value):
        return value
    near = re.sub(r"[^a-zA-Z0-9_-]+", "-", value).strip("-_")[:40] if isinstance(value, str) else ""
    hint = f"such as {near!r}" if _NAME.match(near) else "such as 'prod'"
    raise Wrong(
        "a name of at most 40 letters, digits, '-' and '_', first a letter, since build/<name> is a folder",
        hint,
        kept="",
    )


@node
class Environment(Node):
    """One Grafana that the project is rendered for: `Environment("prod", grafana="12.4",
    hosts=("prod-server-01",))`.
    """

    name: str = checked(_environment_name, kw_only=False)
    """Name of the rendered tree, `build/<name>`, and of the environment on the command line."""
    grafana: str = checked(version, default="12.3")
    """Version of that Grafana. It decides which features may be rendered: `grafana="12.4"`."""
    org_id: int = checked(validators.whole(1, 2**31), default=1)
    """Id of the org that everything is provisioned in (`providers.orgId`)."""
    env: str = checked(validators.text, default="")
    """Default value of the dashboard variable `env`, and the value of `${env:sqlstring}` in alert queries:
    `env="prod"`. Empty: the environment's `name`."""
    hosts: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Hosts that are expected to report. Alert queries read them as `${hosts:rows}`: `hosts=("prod-server-01",
    "prod-server-02")`.
    """
    instance: str = checked(validators.any_text, default="")
    """Name of the Grafana instance, where several environments share one: give all of them the same name. Empty: an
    instance that no other environment uses. Environments of one instance and org must not have a uid in common: see
    `uid_prefix`."""
    owns_policy_tree: bool = checked(validators.flag, default=False)
    """True renders the project's policies as the org's whole notification policy tree, which replaces the existing one.
    False does not change the org's tree: each rule names its contact point itself."""
    uid_prefix: str = checked(validators.any_text, default="")
    """Prefix of each uid, and of the names of contact points and mute timings: `uid_prefix="stage-"`. Titles of alert
    folders get the environment's name as a suffix."""
    datasources: Mapping[str, QuestDB] = checked(
        validators.mapping(validators.a(QuestDB, hint="QuestDB(host='…')")), default=Items({"questdb": QuestDB()})
    )
    """The data sources, by the names that panels and rules refer to: `datasources={"questdb":
    QuestDB(host="questdb")}`."""
    folders: Mapping[str, Folder] = checked(
        validators.mapping(validators.a(Folder, hint="Folder('uid', 'Title')")),
        default=Items({"default": Folder("dashgen", "dashgen")}),
    )
    """The dashboard folders, by the names that dashboards refer to: `folders={"daemons": Folder("daemons", "Market data
    daemons")}`."""
    dashboards_path: str = checked(_folder_path, default="/etc/grafana/dashgen/dashboards")
    """Path under which Grafana's process finds the folder `dashboards/` of the rendered tree. `${NAME}` at its start
    is an environment variable of that process: `dashboards_path="${DASHBOARDS_PATH}/dashgen"`
    (`providers.options.path`)."""
    disable_deletion: bool = checked(validators.flag, default=True)
    """True keeps a dashboard in Grafana when its file is removed, so that a missing mount does not delete all
    dashboards (`providers.disableDeletion`)."""
    allow_ui_updates: bool = checked(validators.flag, default=False)
    """True lets users save changes to provisioned dashboards in the UI. The next change of the file overwrites them
    (`providers.allowUiUpdates`)."""
    update_seconds: int = checked(validators.whole(10, 86400), default=30)
    """Interval in seconds at which Grafana looks for changed dashboard files (`providers.updateIntervalSeconds`)."""

    def __post_init__(self) -> None:
        for own in ("env", "instance"):
            if not getattr(self, own):
                object.__setattr__(self, own, self.name)
        if self.uid_prefix:
            try:
                validators.uid(self.uid_prefix)
            except Wrong as wrong:
                self.problem(f"uid_prefix: expected {wrong.expected}, got {self.uid_prefix!r}", field="uid_prefix")

    def datasource(self, name: str) -> QuestDB | None:
        """The data source of a logical name."""
        return self.datasources.get(name)

    def datasource_name(self, datasource: QuestDB) -> str:
        """What Grafana calls it."""
        return datasource.name or f"dashgen-{self.uid_prefix}{datasource.uid}"

    def folder(self, name: str) -> Folder | None:
        return self.folders.get(name)

    @property
    def version(self) -> tuple[int, int]:
        major, minor = self.grafana.split(".")
        return int(major), int(minor)
