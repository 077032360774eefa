"""Which settings a receiver of Grafana can't be without: where one is empty, Grafana does not start.

A provisioned contact point is read as `NewConfig` of its type reads it (grafana/alerting receivers/*/v1/config.go,
August 2026), and the first error ends the start. Seen on Grafana 12.4 with an unset variable: Telegram's token,
Discord's address, mail addresses, a webhook's address. Read there, and not seen: all others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Alternatives = tuple[frozenset[str], ...]
"""Sets of settings, by their paths, of which one must be whole."""


def _each(*names: str) -> tuple[Alternatives, ...]:
    return tuple((frozenset({name}),) for name in names)


def _one_of(*sets: Collection[str]) -> tuple[Alternatives, ...]:
    return (tuple(frozenset(names) for names in sets),)


REQUIRED: Mapping[str, tuple[Alternatives, ...]] = {
    "discord": _each("url"),
    "email": _each("addresses"),
    "opsgenie": _each("apiKey"),
    "pagerduty": _each("integrationKey"),
    # without `url` it writes through Slack's API
    "slack": _one_of({"url"}, {"token", "recipient"}),
    "teams": _each("url"),
    "telegram": _each("bottoken", "chatid"),
    "webhook": _each("url"),
    # RawReceiver only
    "dingding": _each("url"),
    "googlechat": _each("url"),
    "jira": (*_each("api_url", "project", "issue_type"), *_one_of({"api_token"}, {"user", "password"})),
    "kafka": _each("kafkaRestProxy", "kafkaTopic"),
    "line": _each("token"),
    "mqtt": _each("brokerUrl", "topic"),
    "oncall": _each("url"),
    "prometheus-alertmanager": _each("url"),
    "pushover": _each("userKey", "apiToken"),
    "sensugo": _each("url", "apikey"),
    "sns": _one_of({"topic_arn"}, {"target_arn"}, {"phone_number"}),
    "threema": _each("gateway_id", "recipient_id", "api_secret"),
    "victorops": _each("url"),
    "webex": (),
    "wecom": _one_of({"url"}, {"secret", "agent_id", "corp_id"}),
}
"""By Grafana's type. All of a type's alternatives must hold."""


def texts(settings: object, path: str = "") -> dict[str, str]:
    """The texts of a receiver's settings by their paths (`sigv4.profile`); those of a list have its path."""
    if isinstance(settings, str):
        return {path: settings}
    found: dict[str, str] = {}
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            found |= texts(value, f"{path}.{key}" if path else str(key))
    elif isinstance(settings, list):
        for value in settings:
            for at, text in texts(value, path).items():
                found[at] = found.get(at, "") + text
    return found


def lacks(kind: str, settings: Mapping[str, Any]) -> str:
    """What a receiver's settings, as Grafana has them, lack so that it does not start: `url`, `url, or token and
    recipient`; empty where nothing. Of a type that is not known nothing is said."""
    filled = {path for path, text in texts(settings).items() if text}
    given = filled | {str(key) for key, value in settings.items() if not isinstance(value, (str, type(None)))}
    for alternatives in REQUIRED.get(kind, ()):
        if not any(names <= given for names in alternatives):
            return ", or ".join(" and ".join(sorted(names)) for names in alternatives)
    return ""
