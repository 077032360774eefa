"""Receivers: the services that a contact point notifies.

Fields are those of grafana/alerting receivers/*/v1/config.go that Grafana 9.4 has too. A secret is named, never
written: `${TELEGRAM_BOT_TOKEN}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from dashgen.model import checks, clear_secrets
from dashgen.model.checks import NOTHING
from dashgen.model.environment import secret
from dashgen.model.node import Node, Wrong, WrongSecret, checked, node

REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_CHAT_ID = re.compile(r"-?\d+\Z|@\w{5,}\Z")
_ADDRESS = re.compile(r"https?://[^\s/@]+(?:/\S*)?\Z")


def is_reference(value: object) -> bool:
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def _chat_id(value: object) -> object:
    if is_reference(value) or (isinstance(value, str) and _CHAT_ID.match(value)):
        return value
    raise Wrong("a chat's number as a text, like '-1001234', '@channel', or '${TELEGRAM_CHAT_ID}'")


def _address(value: object) -> object:
    """An address that holds no secret; one that does is a reference, or has one in the secret's place."""
    if is_reference(value):
        return value
    if isinstance(value, str) and _ADDRESS.match(value) and not clear_secrets.in_address(value):
        return value
    raise WrongSecret("an http(s) address without a password or another secret, or a reference like '${WEBHOOK_URL}'")


def _mail(value: object) -> object:
    if is_reference(value) or (isinstance(value, str) and re.fullmatch(r"[^@\s,;]+@[^@\s,;]+", value)):
        return value
    raise Wrong("a mail address, or a reference like '${ON_CALL_EMAIL}'")


@node
class Receiver(Node):
    """What all receivers share. `uid` is unique in the org, and not changed later: Grafana would keep both."""

    KIND: ClassVar[str] = ""
    uid: str = checked(checks.uid, kw_only=False)
    disable_resolve_message: bool = checked(checks.flag, default=False)

    @property
    def kind(self) -> str:
        """Grafana's type."""
        return self.KIND

    def settings_given(self) -> dict[str, object]:
        """Grafana's settings by their keys; what is None is left out."""
        raise NotImplementedError


@node
class RawReceiver(Receiver):
    """Any of Grafana's receivers by its type: `RawReceiver("line-on-call", "line", {"token": "${LINE_TOKEN}"})`.

    In `settings` a `${NAME}` in capitals is a variable of Grafana's process, as every secret must be; any other `$` is
    meant as it is.
    """

    type: str = checked(checks.text, kw_only=False)
    settings: Mapping[str, Any] = checked(checks.json_object, kw_only=False)

    def __post_init__(self) -> None:
        if not self.settings and "settings" not in self.refused:
            self.problem("settings is empty", "Grafana would not start", "settings")
        if self.refused.isdisjoint({"type", "settings"}):
            for path in clear_secrets.in_settings(self.type, self.settings):
                self.problem(
                    f"settings.{path}: expected a reference to an environment variable like"
                    f" '${{{_variable(self, path)}}}', got a secret that is not shown",
                    "secrets are never in the output",
                    f"settings.{path}",
                )

    @property
    def kind(self) -> str:
        return self.type

    def settings_given(self) -> dict[str, object]:
        settings: dict[str, object] = checks.thaw(self.settings)
        return settings


def _variable(receiver: RawReceiver, path: str) -> str:
    """A name for the variable of a setting: LINE_TOKEN."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.rpartition(".")[2])
    return re.sub(r"\W", "_", f"{receiver.type}_{name}").upper()


@node
class Telegram(Receiver):
    """A Telegram bot that writes to a chat. A variable for `chat_id` holds a number; a channel's name is written here.

    Grafana makes a number of a variable that holds one (grafana#63085), and until grafana/alerting#558 refuses it as a
    chat's id: it would not start. With a space behind it stays a text, of which Telegram reads the number
    (tdlib/telegram-bot-api `Client::check_chat`, `to_integer`).
    """

    KIND = "telegram"
    bot_token: str = checked(secret("TELEGRAM_BOT_TOKEN"), default="${TELEGRAM_BOT_TOKEN}")
    chat_id: str = checked(_chat_id, default="${TELEGRAM_CHAT_ID}")
    message: str | None = checked(checks.maybe(checks.text), default=None)
    parse_mode: Literal["None", "HTML", "Markdown", "MarkdownV2"] | None = checked(
        checks.maybe(checks.one_of(("None", "HTML", "Markdown", "MarkdownV2"))), default=None
    )
    silent: bool | None = checked(checks.maybe(checks.flag), default=None)

    def settings_given(self) -> dict[str, object]:
        return {
            "bottoken": self.bot_token,
            "chatid": f"{self.chat_id} " if is_reference(self.chat_id) else self.chat_id,
            "message": self.message,
            "parse_mode": self.parse_mode,
            "disable_notifications": self.silent,
        }


@node
class Discord(Receiver):
    """A Discord webhook; its address is a secret."""

    KIND = "discord"
    url: str = checked(secret("DISCORD_WEBHOOK_URL"), default="${DISCORD_WEBHOOK_URL}")
    message: str | None = checked(checks.maybe(checks.text), default=None)
    title: str | None = checked(checks.maybe(checks.text), default=None)
    avatar_url: str | None = checked(checks.maybe(_address), default=None)
    use_discord_username: bool | None = checked(checks.maybe(checks.flag), default=None)

    def settings_given(self) -> dict[str, object]:
        return {
            "url": self.url,
            "message": self.message,
            "title": self.title,
            "avatar_url": self.avatar_url,
            "use_discord_username": self.use_discord_username,
        }


@node
class Email(Receiver):
    """Mail through Grafana's SMTP settings. `single` sends one mail to all."""

    KIND = "email"
    addresses: tuple[str, ...] = checked(checks.many(_mail), default=("${ON_CALL_EMAIL}",))
    single: bool | None = checked(checks.maybe(checks.flag), default=None)
    subject: str | None = checked(checks.maybe(checks.text), default=None)
    message: str | None = checked(checks.maybe(checks.text), default=None)

    def __post_init__(self) -> None:
        if not self.addresses and "addresses" not in self.refused:
            self.problem("addresses is empty", field="addresses")

    def settings_given(self) -> dict[str, object]:
        return {
            "addresses": ";".join(self.addresses),
            "singleEmail": self.single,
            "subject": self.subject,
            "message": self.message,
        }


@node
class Slack(Receiver):
    """Slack, by an incoming webhook's `url`, or a bot's `token` with the `recipient` channel."""

    KIND = "slack"
    url: str | None = checked(checks.maybe(secret("SLACK_WEBHOOK_URL")), default=None)
    token: str | None = checked(checks.maybe(secret("SLACK_TOKEN")), default=None)
    recipient: str | None = checked(checks.maybe(checks.text), default=None)
    title: str | None = checked(checks.maybe(checks.text), default=None)
    text: str | None = checked(checks.maybe(checks.text), default=None)
    username: str | None = checked(checks.maybe(checks.text), default=None)
    icon_emoji: str | None = checked(checks.maybe(checks.text), default=None)
    mention_channel: Literal["here", "channel"] | None = checked(
        checks.maybe(checks.one_of(("here", "channel"))), default=None
    )
    mention_users: tuple[str, ...] = checked(checks.many(checks.text), default=())
    mention_groups: tuple[str, ...] = checked(checks.many(checks.text), default=())

    def __post_init__(self) -> None:
        if not self.refused.isdisjoint({"url", "token"}):
            return
        if (self.url is None) == (self.token is None):
            self.problem("needs either url or token", "give exactly one of them")
        elif self.token is not None and self.recipient is None and "recipient" not in self.refused:
            self.problem("needs recipient", "a token writes to a channel: recipient='#alerts'")

    def settings_given(self) -> dict[str, object]:
        return {
            "url": self.url,
            "token": self.token,
            "recipient": self.recipient,
            "title": self.title,
            "text": self.text,
            "username": self.username,
            "icon_emoji": self.icon_emoji,
            "mentionChannel": self.mention_channel,
            "mentionUsers": ",".join(self.mention_users) or None,
            "mentionGroups": ",".join(self.mention_groups) or None,
        }


@node
class Webhook(Receiver):
    """A JSON document sent to an address."""

    KIND = "webhook"
    url: str = checked(_address, default="${WEBHOOK_URL}")
    method: Literal["POST", "PUT"] | None = checked(checks.maybe(checks.one_of(("POST", "PUT"))), default=None)
    max_alerts: int | None = checked(checks.maybe(checks.whole(0, 10**6)), default=None)
    username: str | None = checked(checks.maybe(checks.text), default=None)
    password: str | None = checked(checks.maybe(secret("WEBHOOK_PASSWORD")), default=None)
    authorization_scheme: str | None = checked(checks.maybe(checks.text), default=None)
    authorization_credentials: str | None = checked(checks.maybe(secret("WEBHOOK_CREDENTIALS")), default=None)
    title: str | None = checked(checks.maybe(checks.text), default=None)
    message: str | None = checked(checks.maybe(checks.text), default=None)

    def __post_init__(self) -> None:
        if self.password and self.authorization_credentials:
            self.problem("has a password and credentials", "Grafana takes one way to authenticate")

    def settings_given(self) -> dict[str, object]:
        return {
            "url": self.url,
            "httpMethod": self.method,
            # a text, as Grafana's own user interface keeps it
            "maxAlerts": None if self.max_alerts is None else str(self.max_alerts),
            "username": self.username,
            "password": self.password,
            "authorization_scheme": self.authorization_scheme,
            "authorization_credentials": self.authorization_credentials,
            "title": self.title,
            "message": self.message,
        }


@node
class PagerDuty(Receiver):
    """PagerDuty's Events API v2. `pd_severity` may be a template of critical, error, warning, info."""

    KIND = "pagerduty"
    integration_key: str = checked(secret("PAGERDUTY_INTEGRATION_KEY"), default="${PAGERDUTY_INTEGRATION_KEY}")
    pd_severity: str | None = checked(checks.maybe(checks.text), default=None)
    pd_class: str | None = checked(checks.maybe(checks.text), default=None)
    component: str | None = checked(checks.maybe(checks.text), default=None)
    group: str | None = checked(checks.maybe(checks.text), default=None)
    summary: str | None = checked(checks.maybe(checks.text), default=None)
    details: Mapping[str, str] = checked(checks.mapping(checks.any_text), default=NOTHING)

    def settings_given(self) -> dict[str, object]:
        return {
            "integrationKey": self.integration_key,
            "severity": self.pd_severity,
            "class": self.pd_class,
            "component": self.component,
            "group": self.group,
            "summary": self.summary,
            "details": dict(self.details) or None,
        }


@node
class Opsgenie(Receiver):
    """Opsgenie's alert API."""

    KIND = "opsgenie"
    api_key: str = checked(secret("OPSGENIE_API_KEY"), default="${OPSGENIE_API_KEY}")
    api_url: str | None = checked(checks.maybe(_address), default=None)
    message: str | None = checked(checks.maybe(checks.text), default=None)
    description: str | None = checked(checks.maybe(checks.text), default=None)
    auto_close: bool | None = checked(checks.maybe(checks.flag), default=None)
    override_priority: bool | None = checked(checks.maybe(checks.flag), default=None)
    send_tags_as: Literal["tags", "details", "both"] | None = checked(
        checks.maybe(checks.one_of(("tags", "details", "both"))), default=None
    )

    def settings_given(self) -> dict[str, object]:
        return {
            "apiKey": self.api_key,
            "apiUrl": self.api_url,
            "message": self.message,
            "description": self.description,
            "autoClose": self.auto_close,
            "overridePriority": self.override_priority,
            "sendTagsAs": self.send_tags_as,
        }


@node
class Teams(Receiver):
    """Microsoft Teams, by a workflow's webhook; its address is a secret."""

    KIND = "teams"
    url: str = checked(secret("TEAMS_WEBHOOK_URL"), default="${TEAMS_WEBHOOK_URL}")
    title: str | None = checked(checks.maybe(checks.text), default=None)
    section_title: str | None = checked(checks.maybe(checks.text), default=None)
    message: str | None = checked(checks.maybe(checks.text), default=None)

    def settings_given(self) -> dict[str, object]:
        return {
            "url": self.url,
            "title": self.title,
            "sectiontitle": self.section_title,
            "message": self.message,
        }
