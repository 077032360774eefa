"""Where a project is rendered for: a Grafana, its datasources, its folders."""

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
    """A QuestDB that Grafana asks, through QuestDB's plugin or the PostgreSQL one: `QuestDB(host="questdb",
    is_default=True)`.
    """

    uid: str = checked(validators.uid, default="questdb")
    """What panels and rules know the datasource by in Grafana; never change it for a name that is in use
    (`datasources.uid`)."""
    plugin: Plugin = checked(validators.literal(), default=DEFAULT_PLUGIN)
    """Which of Grafana's datasources asks QuestDB: QuestDB's own plugin, or the PostgreSQL one that Grafana brings;
    queries are translated for it (`datasources.type`)."""
    name: str = checked(_name, default="")
    """Name in Grafana, unique in its org; empty is `dashgen-` and the uid with the environment's prefix, which nobody
    has by chance. A datasource of this name with another uid, or of this uid with another name, keeps Grafana from
    starting, and people call theirs `QuestDB` (`datasources.name`)."""
    host: str = checked(validators.text, default="questdb")
    """QuestDB's host as Grafana reaches it: `host="questdb.internal"` (`datasources.jsonData.server`)."""
    port: int = checked(validators.whole(1, 65535), default=8812)
    """Port of QuestDB's PostgreSQL wire protocol (`datasources.jsonData.port`)."""
    database: str = checked(validators.text, default="qdb")
    """Name of the database, of which QuestDB has one. Only the plugin `postgres` is told
    (`datasources.jsonData.database`)."""
    user: str = checked(validators.text, default="user")
    """The login, best QuestDB's read-only one: the plugins run any SQL that they are given
    (`datasources.jsonData.username`)."""
    password: str = checked(secret("QUESTDB_PASSWORD"), default="${QUESTDB_PASSWORD}")
    """A reference to a variable of Grafana's process that holds the password: `password="${QUESTDB_PASSWORD}"`
    (`datasources.secureJsonData.password`)."""
    tls: Literal["disable", "require", "verify-ca", "verify-full"] = checked(validators.literal(), default="disable")
    """Whether the connection is encrypted, and whether the server's certificate (`verify-ca`) and name (`verify-full`)
    are checked (`datasources.jsonData.tlsMode`)."""
    is_default: bool = checked(validators.flag, default=False)
    """True makes it the datasource that new panels in Grafana begin with (`datasources.isDefault`)."""


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
    """What Grafana knows the folder by: `uid="daemons"` (`providers.folderUid`)."""
    title: str = checked(validators.text, kw_only=False)
    """The folder's title when it is made, without `/`. A folder that is there keeps its own (`providers.folder`)."""

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
    """Version of that Grafana, which decides what may be rendered for it: `grafana="12.4"`."""
    org_id: int = checked(validators.whole(1, 2**31), default=1)
    """Id of the org that everything is provisioned in (`providers.orgId`)."""
    env: str = checked(validators.text, default="")
    """What the variable `env` is at first, and what `${env:sqlstring}` is in alerts: `env="prod"`. Empty: the name."""
    hosts: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """The hosts that must be alive, which alerts read as `${hosts:rows}`: `hosts=("prod-server-01", "prod-server-02")`.
    """
    instance: str = checked(validators.any_text, default="")
    """Which Grafana this is, where several environments share one: they give the same name. Empty: one of its own. In
    one instance and org no two environments may have a uid in common: see `uid_prefix`."""
    owns_policy_tree: bool = checked(validators.flag, default=False)
    """True renders the project's policies as the org's whole tree, which replaces what is there. False leaves the org's
    tree alone, and each rule carries its contact point itself."""
    uid_prefix: str = checked(validators.any_text, default="")
    """What stands before each uid, and before the names of contact points and mute timings: `uid_prefix="stage-"`.
    Titles of alert folders get the environment's name behind them."""
    datasources: Mapping[str, QuestDB] = checked(
        validators.mapping(validators.a(QuestDB, hint="QuestDB(host='…')")), default=Items({"questdb": QuestDB()})
    )
    """The datasources by the names that panels and rules use: `datasources={"questdb": QuestDB(host="questdb")}`."""
    folders: Mapping[str, Folder] = checked(
        validators.mapping(validators.a(Folder, hint="Folder('uid', 'Title')")),
        default=Items({"default": Folder("dashgen", "dashgen")}),
    )
    """The folders of dashboards by the names that dashboards use: `folders={"daemons": Folder("daemons", "Market data
    daemons")}`."""
    dashboards_path: str = checked(_folder_path, default="/etc/grafana/dashgen/dashboards")
    """Where Grafana's process finds the folder `dashboards/` of the rendered tree. `${NAME}` at its start is a variable
    of that process: `dashboards_path="${DASHBOARDS_PATH}/dashgen"` (`providers.options.path`)."""
    disable_deletion: bool = checked(validators.flag, default=True)
    """True keeps a dashboard in Grafana whose file is gone, so that a lost mount does not delete all of them
    (`providers.disableDeletion`)."""
    allow_ui_updates: bool = checked(validators.flag, default=False)
    """True lets users save provisioned dashboards; the next change of the file overwrites what they saved
    (`providers.allowUiUpdates`)."""
    update_seconds: int = checked(validators.whole(10, 86400), default=30)
    """Seconds after which Grafana looks for changed files of dashboards (`providers.updateIntervalSeconds`)."""

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
        """The datasource of a logical name."""
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
