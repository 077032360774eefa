"""Receivers: the services that a contact point notifies.

Fields are those of grafana/alerting receivers/*/v1/config.go that Grafana 9.4 has too. A secret is named, never
written: `${TELEGRAM_BOT_TOKEN}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from dashgen.model.core import clear_secrets, validators
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, WrongSecret, node
from dashgen.model.core.validators import NOTHING
from dashgen.model.environment import secret

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
    """What all receivers share."""

    KIND: ClassVar[str] = ""
    uid: str = checked(validators.uid, kw_only=False)
    """What Grafana knows the receiver by, unique in the org: `uid="telegram-on-call"`. With another uid it is another
    receiver; the build then writes the deletion of the old one (`uid`)."""
    disable_resolve_message: bool = checked(validators.flag, default=False)
    """True sends no message when an alert is over (`disableResolveMessage`)."""

    @property
    def kind(self) -> str:
        """Grafana's type."""
        return self.KIND

    def settings_given(self) -> dict[str, object]:
        """Grafana's settings by their keys; what is None is left out."""
        raise NotImplementedError


@node
class RawReceiver(Receiver):
    """Any of Grafana's receivers by its type: `RawReceiver("line-on-call", "line", {"token": "${LINE_TOKEN}"})`."""

    type: str = checked(validators.text, kw_only=False)
    """Grafana's name of the receiver's type: `type="line"` (`type`)."""
    settings: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """Its settings by Grafana's names. `${NAME}` in capitals is a variable of Grafana's process, as every secret must
    be: `settings={"token": "${LINE_TOKEN}"}` (`settings`)."""

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
        settings: dict[str, object] = validators.thaw(self.settings)
        return settings


def _variable(receiver: RawReceiver, path: str) -> str:
    """A name for the variable of a setting: LINE_TOKEN."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.rpartition(".")[2])
    return re.sub(r"\W", "_", f"{receiver.type}_{name}").upper()


@node
class Telegram(Receiver):
    """A Telegram bot that writes to a chat: `Telegram("telegram-on-call", silent=True)`.

    Grafana makes a number of a variable that holds one (grafana#63085), and until grafana/alerting#558 refuses it
    as a chat's id: it would not start. With a space behind it stays a text, of which Telegram reads the number
    (tdlib/telegram-bot-api `Client::check_chat`, `to_integer`).
    """

    KIND = "telegram"
    bot_token: str = checked(secret("TELEGRAM_BOT_TOKEN"), default="${TELEGRAM_BOT_TOKEN}")
    """A reference to a variable of Grafana's process that holds the bot's token (`settings.bottoken`)."""
    chat_id: str = checked(_chat_id, default="${TELEGRAM_CHAT_ID}")
    """The chat's number as a text, a channel's name, or a reference: `chat_id="-1001234"`, `chat_id="@channel"`. A
    variable must hold a number (`settings.chatid`)."""
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The text, a Go template: `message='{{ template "page" . }}'`. None: Grafana's own (`settings.message`)."""
    parse_mode: Literal["None", "HTML", "Markdown", "MarkdownV2"] | None = checked(
        validators.maybe(validators.one_of(("None", "HTML", "Markdown", "MarkdownV2"))), default=None
    )
    """How Telegram reads marks in the text. None: Grafana's default, HTML (`settings.parse_mode`)."""
    silent: bool | None = checked(validators.maybe(validators.flag), default=None)
    """True delivers without a sound. None: with one (`settings.disable_notifications`)."""

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
    """A Discord webhook: `Discord("discord-on-call")`."""

    KIND = "discord"
    url: str = checked(secret("DISCORD_WEBHOOK_URL"), default="${DISCORD_WEBHOOK_URL}")
    """A reference to a variable of Grafana's process that holds the webhook's address (`settings.url`)."""
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The text, a Go template. None: Grafana's own (`settings.message`)."""
    title: str | None = checked(validators.maybe(validators.text), default=None)
    """The message's title, a Go template. None: Grafana's own (`settings.title`)."""
    avatar_url: str | None = checked(validators.maybe(_address), default=None)
    """Address of the sender's picture: `avatar_url="https://example.com/bell.png"`. None: Grafana's
    (`settings.avatar_url`)."""
    use_discord_username: bool | None = checked(validators.maybe(validators.flag), default=None)
    """True sends under the name that the webhook has in Discord. None or False: as Grafana
    (`settings.use_discord_username`)."""

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
    """Mail through Grafana's SMTP settings: `Email("email-on-call", addresses=("ops@example.com",))`."""

    KIND = "email"
    addresses: tuple[str, ...] = checked(validators.many(_mail), default=("${ON_CALL_EMAIL}",))
    """Where mails go: `addresses=("ops@example.com", "${ON_CALL_EMAIL}")` (`settings.addresses`)."""
    single: bool | None = checked(validators.maybe(validators.flag), default=None)
    """True sends one mail to all addresses. None or False: one to each (`settings.singleEmail`)."""
    subject: str | None = checked(validators.maybe(validators.text), default=None)
    """The subject, a Go template. None: Grafana's own (`settings.subject`)."""
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The text, a Go template. None: Grafana's own (`settings.message`)."""

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
    """Slack, by an incoming webhook's `url`, or a bot's `token` with the `recipient` channel.

    `Slack("slack-on-call", token="${SLACK_TOKEN}", recipient="#alerts")`
    """

    KIND = "slack"
    url: str | None = checked(validators.maybe(secret("SLACK_WEBHOOK_URL")), default=None)
    """A reference to a variable of Grafana's process that holds an incoming webhook's address. Give either this or
    `token` (`settings.url`)."""
    token: str | None = checked(validators.maybe(secret("SLACK_TOKEN")), default=None)
    """A reference to a variable of Grafana's process that holds a bot's token; it needs `recipient` (`settings.token`).
    """
    recipient: str | None = checked(validators.maybe(validators.text), default=None)
    """The channel or user that a bot writes to: `recipient="#alerts"` (`settings.recipient`)."""
    title: str | None = checked(validators.maybe(validators.text), default=None)
    """The message's title, a Go template. None: Grafana's own (`settings.title`)."""
    text: str | None = checked(validators.maybe(validators.text), default=None)
    """The text, a Go template. None: Grafana's own (`settings.text`)."""
    username: str | None = checked(validators.maybe(validators.text), default=None)
    """Name of the sender. None: Grafana (`settings.username`)."""
    icon_emoji: str | None = checked(validators.maybe(validators.text), default=None)
    """The sender's picture as an emoji: `icon_emoji=":rotating_light:"` (`settings.icon_emoji`)."""
    mention_channel: Literal["here", "channel"] | None = checked(
        validators.maybe(validators.one_of(("here", "channel"))), default=None
    )
    """Mentions the channel's active members, or all of them. None: nobody (`settings.mentionChannel`)."""
    mention_users: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Slack's ids of users who are mentioned: `mention_users=("U012ABC",)` (`settings.mentionUsers`)."""
    mention_groups: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Slack's ids of user groups that are mentioned: `mention_groups=("S012ABC",)` (`settings.mentionGroups`)."""

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
    """A JSON document sent to an address: `Webhook("hook", url="${WEBHOOK_URL}")`."""

    KIND = "webhook"
    url: str = checked(_address, default="${WEBHOOK_URL}")
    """The address, which may not hold a secret in the clear: `url="https://hooks.example.com/grafana"`
    (`settings.url`)."""
    method: Literal["POST", "PUT"] | None = checked(validators.maybe(validators.one_of(("POST", "PUT"))), default=None)
    """HTTP method of the request. None: POST (`settings.httpMethod`)."""
    max_alerts: int | None = checked(validators.maybe(validators.whole(0, 10**6)), default=None)
    """Alerts in one request, at most; the others are left out. None or 0: all (`settings.maxAlerts`)."""
    username: str | None = checked(validators.maybe(validators.text), default=None)
    """Name for HTTP's basic authentication, with `password` (`settings.username`)."""
    password: str | None = checked(validators.maybe(secret("WEBHOOK_PASSWORD")), default=None)
    """A reference to a variable of Grafana's process that holds the password: `password="${WEBHOOK_PASSWORD}"`
    (`settings.password`)."""
    authorization_scheme: str | None = checked(validators.maybe(validators.text), default=None)
    """First word of the header Authorization, with `authorization_credentials`. None: Bearer
    (`settings.authorization_scheme`)."""
    authorization_credentials: str | None = checked(validators.maybe(secret("WEBHOOK_CREDENTIALS")), default=None)
    """A reference to a variable of Grafana's process that holds the token:
    `authorization_credentials="${WEBHOOK_TOKEN}"` (`settings.authorization_credentials`)."""
    title: str | None = checked(validators.maybe(validators.text), default=None)
    """The field `title` of the document, a Go template. None: Grafana's own (`settings.title`)."""
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The field `message` of the document, a Go template. None: Grafana's own (`settings.message`)."""

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
    """PagerDuty's Events API v2: `PagerDuty("pagerduty-on-call")`."""

    KIND = "pagerduty"
    integration_key: str = checked(secret("PAGERDUTY_INTEGRATION_KEY"), default="${PAGERDUTY_INTEGRATION_KEY}")
    """A reference to a variable of Grafana's process that holds the integration's key (`settings.integrationKey`)."""
    pd_severity: str | None = checked(validators.maybe(validators.text), default=None)
    """PagerDuty's severity: critical, error, warning or info, or a Go template that gives one of them: `pd_severity="{{
    .CommonLabels.severity }}"`. None: critical (`settings.severity`)."""
    pd_class: str | None = checked(validators.maybe(validators.text), default=None)
    """Kind of the event: `pd_class="feed"`. None: Grafana's own (`settings.class`)."""
    component: str | None = checked(validators.maybe(validators.text), default=None)
    """The part that is broken: `component="market-data-daemon"`. None: Grafana (`settings.component`)."""
    group: str | None = checked(validators.maybe(validators.text), default=None)
    """What the part belongs to: `group="feeds"`. None: Grafana's own (`settings.group`)."""
    summary: str | None = checked(validators.maybe(validators.text), default=None)
    """The incident's text, a Go template. None: Grafana's own (`settings.summary`)."""
    details: Mapping[str, str] = checked(validators.mapping(validators.any_text), default=NOTHING)
    """Further texts by name; Go templates: `details={"env": "{{ .CommonLabels.env }}"}`. Empty: Grafana's own
    (`settings.details`)."""

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
    """Opsgenie's alert API: `Opsgenie("opsgenie-on-call")`."""

    KIND = "opsgenie"
    api_key: str = checked(secret("OPSGENIE_API_KEY"), default="${OPSGENIE_API_KEY}")
    """A reference to a variable of Grafana's process that holds the integration's key (`settings.apiKey`)."""
    api_url: str | None = checked(validators.maybe(_address), default=None)
    """Address of the API: `api_url="https://api.eu.opsgenie.com/v2/alerts"`. None: that of the US (`settings.apiUrl`).
    """
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The alert's message, a Go template. None: Grafana's own (`settings.message`)."""
    description: str | None = checked(validators.maybe(validators.text), default=None)
    """The alert's description, a Go template. None: Grafana's own (`settings.description`)."""
    auto_close: bool | None = checked(validators.maybe(validators.flag), default=None)
    """False leaves Opsgenie's alert open when Grafana's is over. None: it is closed (`settings.autoClose`)."""
    override_priority: bool | None = checked(validators.maybe(validators.flag), default=None)
    """False ignores the annotation `og_priority`. None: it sets the priority (`settings.overridePriority`)."""
    send_tags_as: Literal["tags", "details", "both"] | None = checked(
        validators.maybe(validators.one_of(("tags", "details", "both"))), default=None
    )
    """Whether the alert's labels become tags, details or both. None: tags (`settings.sendTagsAs`)."""

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
    """Microsoft Teams, by a workflow's webhook: `Teams("teams-on-call")`."""

    KIND = "teams"
    url: str = checked(secret("TEAMS_WEBHOOK_URL"), default="${TEAMS_WEBHOOK_URL}")
    """A reference to a variable of Grafana's process that holds the workflow's address (`settings.url`)."""
    title: str | None = checked(validators.maybe(validators.text), default=None)
    """The message's title, a Go template. None: Grafana's own (`settings.title`)."""
    section_title: str | None = checked(validators.maybe(validators.text), default=None)
    """Title of the section with the text, a Go template. None: no title (`settings.sectiontitle`)."""
    message: str | None = checked(validators.maybe(validators.text), default=None)
    """The text, a Go template. None: Grafana's own (`settings.message`)."""

    def settings_given(self) -> dict[str, object]:
        return {
            "url": self.url,
            "title": self.title,
            "sectiontitle": self.section_title,
            "message": self.message,
        }
