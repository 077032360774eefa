"""Receivers: the services that a contact point notifies.

A class is all that dashgen knows of its type: each field says which of Grafana's settings it is, what it holds, whether
it is secret, whether Grafana needs it. The schema, the check of secrets, preflight, environment.example and the review
follow from that. Fields are those of grafana/alerting receivers/*/v1/config.go that Grafana 9.4 has too. A secret is
named, never written: `${TELEGRAM_BOT_TOKEN}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from dashgen.model.alerting.receiver_types import (
    ADDRESS,
    CHAT_ID,
    COUNT,
    FLAG,
    IDS,
    MAIL_ADDRESSES,
    MAYBE_ADDRESS,
    NEEDED_TEXT,
    NUMBER_IN_TEXT,
    RESPONDERS,
    TEXT,
    TEXTS,
    WITHOUT_CLASS,
    Alternatives,
    ReceiverSetting,
    ReceiverType,
    any_of,
    choice,
    each,
    secret,
    setting,
)
from dashgen.model.core import clear_secrets, validators
from dashgen.model.core.fields import checked, fields
from dashgen.model.core.node import Node, node
from dashgen.model.core.validators import NOTHING

ParseMode = Literal["None", "HTML", "Markdown", "MarkdownV2"]
Mention = Literal["here", "channel"]
Method = Literal["POST", "PUT"]
TagsAs = Literal["tags", "details", "both"]


@node
class Receiver(Node):
    """Fields that all receivers have."""

    KIND: ClassVar[str] = ""
    NEEDS: ClassVar[tuple[Alternatives, ...]] = ()
    """What Grafana needs besides the settings that are required."""
    WITHOUT_FIELD: ClassVar[tuple[ReceiverSetting, ...]] = ()
    """Settings of Grafana's that a `RawReceiver` of this type may have, and no field writes."""
    uid: str = checked(validators.uid, kw_only=False)
    """Uid of the receiver in Grafana, unique in the org: `uid="telegram-on-call"`. With a changed uid it is a new
    receiver; the build then writes the deletion of the old one (`uid`)."""
    disable_resolve_message: bool = checked(validators.flag, default=False)
    """True sends no notification when an alert is resolved (`disableResolveMessage`)."""

    @property
    def kind(self) -> str:
        """Grafana's type."""
        return self.KIND

    @classmethod
    def declared_settings(cls) -> dict[str, ReceiverSetting]:
        """Grafana's settings by the fields that hold them."""
        return {name: f.metadata for name, f in fields(cls).items() if isinstance(f.metadata, ReceiverSetting)}

    @classmethod
    def type_declared(cls) -> ReceiverType:
        """What the class says of Grafana's type."""
        settings = (*cls.declared_settings().values(), *cls.WITHOUT_FIELD)
        required = each(*(one.key for one in settings if one.required))
        return ReceiverType(cls.KIND, {one.key: one for one in settings}, (*required, *cls.NEEDS), has_class=True)

    def settings_given(self) -> dict[str, object]:
        """Grafana's settings by their keys, without those that are not given."""
        written = {
            one.key: one.form.write(value)
            for name, one in self.declared_settings().items()
            if (value := getattr(self, name)) is not None
        }
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def fields_given(cls, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The way back: the fields that hold Grafana's settings, and the settings that no field holds."""
        held = {one.key: (name, one.form) for name, one in cls.declared_settings().items()}
        found = {name: form.read(settings[key]) for key, (name, form) in held.items() if key in settings}
        return found, {key: value for key, value in settings.items() if key not in held}


@node
class RawReceiver(Receiver):
    """Any receiver of Grafana, by its type: `RawReceiver("line-on-call", "line", {"token": "${LINE_TOKEN}"})`."""

    type: str = checked(validators.text, kw_only=False)
    """Grafana's name of the receiver's type: `type="line"` (`type`)."""
    settings: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """Settings under Grafana's names. `${NAME}` in capitals is an environment variable of Grafana's process; secrets
    must be given that way: `settings={"token": "${LINE_TOKEN}"}` (`settings`)."""

    def __post_init__(self) -> None:
        if not self.settings and "settings" not in self.refused:
            self.problem("settings is empty", "Grafana would not start", "settings")
        if self.refused.isdisjoint({"type", "settings"}):
            for path in clear_secrets.in_settings(secret_settings(self.type), self.settings):
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

    Grafana converts an environment variable with a numeric value to a number (grafana#63085). Versions before
    grafana/alerting#558 reject a number as the chat's id and don't start. With a trailing space the value stays a text,
    from which Telegram reads the number (tdlib/telegram-bot-api `Client::check_chat`, `to_integer`).
    """

    KIND = "telegram"
    WITHOUT_FIELD = (
        ReceiverSetting("message_thread_id", NUMBER_IN_TEXT),
        ReceiverSetting("disable_web_page_preview", FLAG),
        ReceiverSetting("protect_content", FLAG),
    )
    bot_token: str = setting(
        "bottoken", secret("TELEGRAM_BOT_TOKEN", "bot token"), default="${TELEGRAM_BOT_TOKEN}", required=True
    )
    """Reference to an environment variable of Grafana's process that holds the bot's token (`settings.bottoken`)."""
    chat_id: str = setting("chatid", CHAT_ID, default="${TELEGRAM_CHAT_ID}", required=True)
    """The chat's number as a text, a channel's name, or a reference to an environment variable: `chat_id="-1001234"`,
    `chat_id="@channel"`. The variable must contain a number (`settings.chatid`)."""
    message: str | None = setting("message", TEXT, default=None)
    """The text, a Go template: `message='{{ template "page" . }}'`. None: Grafana's default (`settings.message`)."""
    parse_mode: ParseMode | None = setting("parse_mode", choice(ParseMode, ""), default=None)
    """Markup language of the text. None: Grafana's default, HTML (`settings.parse_mode`)."""
    silent: bool | None = setting("disable_notifications", FLAG, default=None)
    """True sends the message without a notification sound. None: with a sound (`settings.disable_notifications`)."""


@node
class Discord(Receiver):
    """A Discord webhook: `Discord("discord-on-call")`."""

    KIND = "discord"
    url: str = setting("url", secret("DISCORD_WEBHOOK_URL", "address"), default="${DISCORD_WEBHOOK_URL}", required=True)
    """Reference to an environment variable of Grafana's process that holds the webhook's address (`settings.url`)."""
    message: str | None = setting("message", TEXT, default=None)
    """The text, a Go template. None: Grafana's default (`settings.message`)."""
    title: str | None = setting("title", TEXT, default=None)
    """The message's title, a Go template. None: Grafana's default (`settings.title`)."""
    avatar_url: str | None = setting("avatar_url", ADDRESS, default=None)
    """Address of the sender's picture: `avatar_url="https://example.com/bell.png"`. None: Grafana's
    (`settings.avatar_url`)."""
    use_discord_username: bool | None = setting("use_discord_username", FLAG, default=None)
    """True uses the name of the webhook in Discord as the sender. None or False: Grafana
    (`settings.use_discord_username`)."""


@node
class Email(Receiver):
    """Mail through Grafana's SMTP settings: `Email("email-on-call", addresses=("ops@example.com",))`."""

    KIND = "email"
    addresses: tuple[str, ...] = setting("addresses", MAIL_ADDRESSES, default=("${ON_CALL_EMAIL}",), required=True)
    """Recipients of the mails: `addresses=("ops@example.com", "${ON_CALL_EMAIL}")` (`settings.addresses`)."""
    single: bool | None = setting("singleEmail", FLAG, default=None)
    """True sends one mail to all addresses. None or False: one mail to each address (`settings.singleEmail`)."""
    subject: str | None = setting("subject", TEXT, default=None)
    """The subject, a Go template. None: Grafana's default (`settings.subject`)."""
    message: str | None = setting("message", TEXT, default=None)
    """The text, a Go template. None: Grafana's default (`settings.message`)."""

    def __post_init__(self) -> None:
        if not self.addresses and "addresses" not in self.refused:
            self.problem("addresses is empty", field="addresses")


@node
class Slack(Receiver):
    """Slack, by an incoming webhook's `url`, or a bot's `token` with the `recipient` channel.

    `Slack("slack-on-call", token="${SLACK_TOKEN}", recipient="#alerts")`
    """

    KIND = "slack"
    # without `url` it writes through Slack's API
    NEEDS = any_of({"url"}, {"token", "recipient"})
    WITHOUT_FIELD = (
        ReceiverSetting("icon_url", ADDRESS),
        ReceiverSetting("endpointUrl", ADDRESS),
        ReceiverSetting("color", TEXT),
    )
    url: str | None = setting("url", secret("SLACK_WEBHOOK_URL", "address"), default=None)
    """Reference to an environment variable of Grafana's process that holds an incoming webhook's address. Give either
    `url` or `token` (`settings.url`)."""
    token: str | None = setting("token", secret("SLACK_TOKEN"), default=None)
    """Reference to an environment variable of Grafana's process that holds a bot's token; it needs `recipient`
    (`settings.token`).
    """
    recipient: str | None = setting("recipient", NEEDED_TEXT, default=None)
    """The channel or user that a bot writes to: `recipient="#alerts"` (`settings.recipient`)."""
    title: str | None = setting("title", TEXT, default=None)
    """The message's title, a Go template. None: Grafana's default (`settings.title`)."""
    text: str | None = setting("text", TEXT, default=None)
    """The text, a Go template. None: Grafana's default (`settings.text`)."""
    username: str | None = setting("username", TEXT, default=None)
    """Name of the sender. None: Grafana (`settings.username`)."""
    icon_emoji: str | None = setting("icon_emoji", TEXT, default=None)
    """The sender's picture as an emoji: `icon_emoji=":rotating_light:"` (`settings.icon_emoji`)."""
    mention_channel: Mention | None = setting("mentionChannel", choice(Mention), default=None)
    """Mentions the channel's active members (`here`) or all members (`channel`). None: nobody
    (`settings.mentionChannel`)."""
    mention_users: tuple[str, ...] = setting("mentionUsers", IDS, default=())
    """Slack's ids of users who are mentioned: `mention_users=("U012ABC",)` (`settings.mentionUsers`)."""
    mention_groups: tuple[str, ...] = setting("mentionGroups", IDS, default=())
    """Slack's ids of user groups that are mentioned: `mention_groups=("S012ABC",)` (`settings.mentionGroups`)."""

    def __post_init__(self) -> None:
        if not self.refused.isdisjoint({"url", "token"}):
            return
        if (self.url is None) == (self.token is None):
            self.problem("needs either url or token", "give exactly one of them")
        elif self.token is not None and self.recipient is None and "recipient" not in self.refused:
            self.problem("needs recipient", "a token writes to a channel: recipient='#alerts'")


@node
class Webhook(Receiver):
    """A JSON document that is sent to a URL: `Webhook("hook", url="${WEBHOOK_URL}")`."""

    KIND = "webhook"
    url: str = setting("url", ADDRESS, default="${WEBHOOK_URL}", required=True)
    """The URL, which must not contain a secret in plain text: `url="https://hooks.example.com/grafana"`
    (`settings.url`)."""
    method: Method | None = setting("httpMethod", choice(Method), default=None)
    """HTTP method of the request. None: POST (`settings.httpMethod`)."""
    max_alerts: int | None = setting("maxAlerts", COUNT, default=None)
    """Maximum number of alerts in one request; further alerts are omitted. None or 0: no limit
    (`settings.maxAlerts`)."""
    username: str | None = setting("username", TEXT, default=None)
    """User name for HTTP basic authentication, with `password` (`settings.username`)."""
    password: str | None = setting("password", secret("WEBHOOK_PASSWORD"), default=None)
    """Reference to an environment variable of Grafana's process that holds the password:
    `password="${WEBHOOK_PASSWORD}"` (`settings.password`)."""
    authorization_scheme: str | None = setting("authorization_scheme", TEXT, default=None)
    """Scheme of the header Authorization, with `authorization_credentials`. None: Bearer
    (`settings.authorization_scheme`)."""
    authorization_credentials: str | None = setting(
        "authorization_credentials", secret("WEBHOOK_CREDENTIALS"), default=None
    )
    """Reference to an environment variable of Grafana's process that holds the token:
    `authorization_credentials="${WEBHOOK_TOKEN}"` (`settings.authorization_credentials`)."""
    title: str | None = setting("title", TEXT, default=None)
    """The field `title` of the document, a Go template. None: Grafana's default (`settings.title`)."""
    message: str | None = setting("message", TEXT, default=None)
    """The field `message` of the document, a Go template. None: Grafana's default (`settings.message`)."""

    def __post_init__(self) -> None:
        if self.password and self.authorization_credentials:
            self.problem("has a password and credentials", "Grafana accepts one way to authenticate")


@node
class PagerDuty(Receiver):
    """PagerDuty's Events API v2: `PagerDuty("pagerduty-on-call")`."""

    KIND = "pagerduty"
    WITHOUT_FIELD = (
        ReceiverSetting("source", TEXT),
        ReceiverSetting("client", TEXT),
        ReceiverSetting("client_url", MAYBE_ADDRESS),
        ReceiverSetting("url", ADDRESS),
    )
    integration_key: str = setting(
        "integrationKey", secret("PAGERDUTY_INTEGRATION_KEY"), default="${PAGERDUTY_INTEGRATION_KEY}", required=True
    )
    """Reference to an environment variable of Grafana's process that holds the integration's key
    (`settings.integrationKey`)."""
    pd_severity: str | None = setting("severity", TEXT, default=None)
    """PagerDuty's severity: critical, error, warning or info, or a Go template that gives one of them: `pd_severity="{{
    .CommonLabels.severity }}"`. None: critical (`settings.severity`)."""
    pd_class: str | None = setting("class", TEXT, default=None)
    """Kind of the event: `pd_class="feed"`. None: Grafana's default (`settings.class`)."""
    component: str | None = setting("component", TEXT, default=None)
    """The component that is affected: `component="market-data-daemon"`. None: Grafana (`settings.component`)."""
    group: str | None = setting("group", TEXT, default=None)
    """Group to which the component belongs: `group="feeds"`. None: Grafana's default (`settings.group`)."""
    summary: str | None = setting("summary", TEXT, default=None)
    """The incident's text, a Go template. None: Grafana's default (`settings.summary`)."""
    details: Mapping[str, str] = setting("details", TEXTS, default=NOTHING)
    """Further texts by name; Go templates: `details={"env": "{{ .CommonLabels.env }}"}`. Empty: Grafana's default
    (`settings.details`)."""


@node
class Opsgenie(Receiver):
    """Opsgenie's alert API: `Opsgenie("opsgenie-on-call")`."""

    KIND = "opsgenie"
    WITHOUT_FIELD = (ReceiverSetting("responders", RESPONDERS),)
    api_key: str = setting("apiKey", secret("OPSGENIE_API_KEY"), default="${OPSGENIE_API_KEY}", required=True)
    """Reference to an environment variable of Grafana's process that holds the integration's key
    (`settings.apiKey`)."""
    api_url: str | None = setting("apiUrl", ADDRESS, default=None)
    """URL of the API: `api_url="https://api.eu.opsgenie.com/v2/alerts"`. None: the URL of the US region
    (`settings.apiUrl`).
    """
    message: str | None = setting("message", TEXT, default=None)
    """The alert's message, a Go template. None: Grafana's default (`settings.message`)."""
    description: str | None = setting("description", TEXT, default=None)
    """The alert's description, a Go template. None: Grafana's default (`settings.description`)."""
    auto_close: bool | None = setting("autoClose", FLAG, default=None)
    """False leaves the Opsgenie alert open when the Grafana alert is resolved. None: it is closed
    (`settings.autoClose`)."""
    override_priority: bool | None = setting("overridePriority", FLAG, default=None)
    """False ignores the annotation `og_priority`. None: it sets the priority (`settings.overridePriority`)."""
    send_tags_as: TagsAs | None = setting("sendTagsAs", choice(TagsAs), default=None)
    """Whether the alert's labels become tags, details or both. None: tags (`settings.sendTagsAs`)."""


@node
class Teams(Receiver):
    """Microsoft Teams, by a workflow's webhook: `Teams("teams-on-call")`."""

    KIND = "teams"
    url: str = setting("url", secret("TEAMS_WEBHOOK_URL", "address"), default="${TEAMS_WEBHOOK_URL}", required=True)
    """Reference to an environment variable of Grafana's process that holds the workflow's address (`settings.url`)."""
    title: str | None = setting("title", TEXT, default=None)
    """The message's title, a Go template. None: Grafana's default (`settings.title`)."""
    section_title: str | None = setting("sectiontitle", TEXT, default=None)
    """Title of the section with the text, a Go template. None: no title (`settings.sectiontitle`)."""
    message: str | None = setting("message", TEXT, default=None)
    """The text, a Go template. None: Grafana's default (`settings.message`)."""


CLASSES: tuple[type[Receiver], ...] = (Telegram, Email, Discord, Slack, Webhook, PagerDuty, Opsgenie, Teams)
"""The classes of single types."""
TYPES: Mapping[str, ReceiverType] = {one.name: one for one in (*WITHOUT_CLASS, *(c.type_declared() for c in CLASSES))}
"""Every type of receivers that is known, by Grafana's name."""


def secret_settings(kind: str) -> frozenset[str]:
    """The settings of one of Grafana's types that are known to be secret."""
    known = TYPES.get(kind.lower())
    return known.secrets if known else frozenset()
