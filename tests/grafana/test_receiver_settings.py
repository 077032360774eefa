"""What Grafana can't be without in a receiver, and what follows where a variable of one is not set."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import (
    ContactPoint,
    Discord,
    Email,
    Opsgenie,
    PagerDuty,
    RawReceiver,
    Slack,
    Teams,
    Telegram,
    Webhook,
)
from dashgen.grafana.needed_variables import Need, needs
from dashgen.grafana.receiver_settings import REQUIRED, lacks
from dashgen.render import parsed, render
from tests.alerting_project import OWNED, POINTS, project


def needed(*receivers: Any) -> dict[str, Need]:
    of = project(contact_points=(*POINTS[:2], ContactPoint("platform", (*POINTS[2].receivers, *receivers))))
    documents = [d for d in render(of, OWNED) if d.path.startswith("provisioning/")]
    return {n.name: n for n in needs(parsed(d) for d in documents)}  # type: ignore[misc]  # they are mappings


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("telegram", {"bottoken": "", "chatid": "1"}, "bottoken"),
        ("telegram", {"bottoken": "x"}, "chatid"),
        ("telegram", {"bottoken": "x", "chatid": " "}, ""),
        ("telegram", {"bottoken": "x", "chatid": -100}, ""),
        ("slack", {"url": "https://a"}, ""),
        ("slack", {"token": "x", "recipient": "#a"}, ""),
        ("slack", {"token": "x"}, "url, or recipient and token"),
        ("slack", {"url": "", "recipient": "#a"}, "url, or recipient and token"),
        ("webhook", {"url": "", "password": "x"}, "url"),
        ("webhook", {"url": "https://a", "password": ""}, ""),
        ("sns", {"phone_number": "1", "topic_arn": ""}, ""),
        ("sns", {"message": "x"}, "topic_arn, or target_arn, or phone_number"),
        ("wecom", {"secret": "x", "agent_id": "1"}, "url, or agent_id and corp_id and secret"),
        ("jira", {"api_url": "u", "project": "p", "issue_type": "i", "user": "u"}, "api_token, or password and user"),
        ("email", {"addresses": ""}, "addresses"),
        ("webex", {}, ""),
        ("a-new-one", {}, ""),
    ],
)
def test_what_settings_lack(kind: str, settings: dict[str, Any], said: str) -> None:
    assert lacks(kind, settings) == said


TYPED = {
    "TELEGRAM_BOT_TOKEN": (Telegram("x"), True),
    "TELEGRAM_CHAT_ID": (Telegram("x"), False),  # the space behind it is left
    "DISCORD_WEBHOOK_URL": (Discord("x"), True),
    "AVATAR": (Discord("x", avatar_url="${AVATAR}"), False),
    "ON_CALL_EMAIL": (Email("x"), True),
    "SECOND": (Email("x", addresses=("a@example.org", "${SECOND}")), False),
    "SLACK_HOOK": (Slack("x", url="${SLACK_HOOK}"), True),
    "SLACK_TOKEN": (Slack("x", token="${SLACK_TOKEN}", recipient="#a"), True),
    "CHANNEL": (Slack("x", url="${SLACK_HOOK}", recipient="${CHANNEL}"), False),
    "API_CHANNEL": (Slack("x", token="${SLACK_TOKEN}", recipient="${API_CHANNEL}"), True),
    "WEBHOOK_URL": (Webhook("x"), True),
    "HOOK_PASSWORD": (Webhook("x", username="u", password="${HOOK_PASSWORD}"), False),
    "HOOK_CREDENTIALS": (Webhook("x", authorization_credentials="${HOOK_CREDENTIALS}"), False),
    "PAGERDUTY_INTEGRATION_KEY": (PagerDuty("x"), True),
    "OPSGENIE_API_KEY": (Opsgenie("x"), True),
    "OPSGENIE_URL": (Opsgenie("x", api_url="${OPSGENIE_URL}"), False),
    "TEAMS_WEBHOOK_URL": (Teams("x"), True),
    "LINE_TOKEN": (RawReceiver("x", "line", {"token": "${LINE_TOKEN}"}), True),
    "PART": (RawReceiver("x", "line", {"token": "Bearer ${PART}"}), False),
    "BOTH": (RawReceiver("x", "dingding", {"url": "${BOTH}", "message": "${BOTH}"}), True),
    "ROOM": (RawReceiver("x", "a-new-one", {"room": "${ROOM}"}), None),
    "DEEP": (RawReceiver("x", "sns", {"topic_arn": "a", "sigv4": {"role_arn": "${DEEP}"}}), False),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_follows_where_a_receivers_variable_is_not_set(name: str) -> None:
    receiver, stops = TYPED[name]
    need = needed(receiver)[name]
    assert need.stops is stops
    begins = {True: "Grafana does not start, as", False: "Grafana starts, and", None: "it is not known"}[stops]
    assert need.unset.startswith(begins)


def test_a_datasources_password_is_silent() -> None:
    need = needed()["QUESTDB_PASSWORD"]
    name = OWNED.datasource_name(OWNED.datasources["questdb"])
    where = f"datasource {name}, secureJsonData.password"
    assert (need.stops, need.unset) == (False, f"Grafana starts, and has an empty text: {where}")


def test_of_several_uses_the_worst_is_told() -> None:
    first = RawReceiver("y", "webex", {"bot_token": "${SHARED_TOKEN}"})
    second = RawReceiver("x", "line", {"token": "${SHARED_TOKEN}"})
    for receivers in ((first, second), (second, first)):
        need = needed(*receivers)["SHARED_TOKEN"]
        assert need.unset == "Grafana does not start, as line needs token: contact point platform, receiver x, token"


def test_each_stands_under_what_follows_in_environment_example() -> None:
    (example,) = [d for d in render(project(), OWNED) if d.path == "environment.example"]
    lines = example.data.decode().splitlines()
    above = dict(zip(lines[1:], lines, strict=False))
    assert above["DISCORD_WEBHOOK_URL="] == (
        "# Unset: Grafana does not start, as discord needs url: contact point platform, receiver dc, url"
    )
    assert above["TELEGRAM_CHAT_ID="] == (
        "# Unset: Grafana starts, and has an empty text in its place: contact point telegram, receiver tg, chatid"
    )
    assert "silently" not in example.data.decode()


def test_a_receiver_without_what_its_type_needs_is_an_error() -> None:
    from dashgen.project_checks import check

    point = ContactPoint("platform", (RawReceiver("x", "pushover", {"userKey": "${USER_KEY}"}), Discord("dc")))
    found = [str(p.message) for p in check(project(contact_points=(*POINTS[:2], point)))]
    assert "a receiver of type pushover needs apiToken" in found


@pytest.mark.parametrize("cls", [Telegram, Discord, Email, Webhook, PagerDuty, Opsgenie, Teams, Slack])
def test_every_class_of_receivers_is_known(cls: type) -> None:
    assert REQUIRED[cls("x").kind if cls is not Slack else "slack"]
