"""Contact points, policies, mute timings: what their constructors refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashgen import (
    ContactPoint,
    Discord,
    Email,
    Match,
    MuteTiming,
    Opsgenie,
    PagerDuty,
    Policy,
    RawReceiver,
    Route,
    Slack,
    SpecError,
    Teams,
    Telegram,
    Template,
    TimeInterval,
    Webhook,
)
from dashgen.model.alerting.notification import ChannelRoute


def test_contact_points_and_timings_are_named_or_given() -> None:
    chat = ContactPoint("chat", (Telegram("chat-1"),))
    nights = MuteTiming("nights", (TimeInterval(times=(("00:00", "06:00"),)),))
    by_value = Policy(chat, routes=(Route(chat, matchers=(Match("a", "=", "b"),), mute_timings=(nights,)),))
    by_name = Policy("chat", routes=(Route("chat", matchers=(Match("a", "=", "b"),), mute_timings=("nights",)),))
    assert by_value == by_name
    assert ChannelRoute(chat) == ChannelRoute("chat")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Telegram("t", bot_token="123:abc"), "bot_token: expected a reference"),
        (lambda: Telegram("t", chat_id="my chat"), "a chat's number as a text"),
        (lambda: Telegram("t", chat_id=-100123), "a chat's number as a text"),  # type: ignore[arg-type]
        (lambda: Discord("d", url="https://discord.com/api/webhooks/1/secret"), "url: expected a reference"),
        (lambda: Slack("s"), "needs either url or token"),
        (lambda: Slack("s", url="${A}", token="${B}"), "needs either url or token"),
        (lambda: Slack("s", token="${B}"), "needs recipient"),
        (lambda: Webhook("w", url="https://me:secret@example.org"), "without a password"),
        (lambda: Webhook("w", url="example.org"), "an http"),
        (lambda: Webhook("w", password="${A}", authorization_credentials="${B}"), "one way to authenticate"),
        (lambda: PagerDuty("p", integration_key="abc"), "integration_key: expected a reference"),
        (lambda: Opsgenie("o", api_key="abc"), "api_key: expected a reference"),
        (lambda: Teams("t", url="https://x.webhook.office.com/secret"), "url: expected a reference"),
        (lambda: Email("e", addresses=("on call",)), "a mail address"),
        (lambda: Email("e", addresses=()), "addresses is empty"),
        (lambda: RawReceiver("x", "line", {}), "settings is empty"),
        (lambda: RawReceiver("x y", "line", {"token": "${A}"}), "a uid of at most 40"),
        (lambda: ContactPoint("chat", ()), "has no receivers"),
        (lambda: ContactPoint("a,b", (Telegram("t"),)), "without ',' and"),
        (lambda: ContactPoint(" a", (Telegram("t"),)), "without spaces around it"),
        (lambda: Match("a", "==", "b"), "one of '=', '!='"),  # type: ignore[arg-type]
        (lambda: Match("a", "=~", "("), "is not a regular expression"),
        (lambda: Match("a", "=~", "(?=x)"), "is not RE2"),
        (lambda: Match("a", "!~", r"(x)\1"), "is not RE2"),
        (lambda: Route("chat"), "has no matchers"),
        (lambda: Policy("chat", group_by=("...", "host")), "must be the only entry"),
        (lambda: Policy("chat", group_wait="soon"), "a duration like"),
        (lambda: Policy("chat", group_by=("host", "env", "host")), "each once"),
        (lambda: Policy("chat", group_interval="0s"), "a duration above 0"),
        (lambda: ChannelRoute("chat", repeat_interval="0m"), "a duration above 0"),
        (lambda: TimeInterval(), "says no time"),
        (lambda: TimeInterval(times=("09:00",)), "start and end"),  # type: ignore[arg-type]
        (lambda: MuteTiming("x", ()), "has no intervals"),
        (lambda: Template("t", ""), "a text that is not empty"),
    ],
)
def test_what_is_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(SpecError, match=text):
        make()


@pytest.mark.parametrize(
    ("kind", "settings", "path"),
    [
        ("line", {"token": "hunter2"}, "token"),
        ("pushover", {"userKey": "${PUSHOVER_USER_KEY}", "apiToken": "hunter2"}, "apiToken"),
        ("kafka", {"kafkaRestProxy": "https://k", "password": "hunter2"}, "password"),
        ("sns", {"sigv4": {"access_key": "${K}", "secret_key": "hunter2"}}, "sigv4.secret_key"),
        ("threema", {"api_secret": "hunter2"}, "api_secret"),
        ("sensugo", {"url": "https://s", "apikey": 12345}, "apikey"),
        ("webhook", {"url": "${A}", "headers": {"Authorization": "Bearer hunter2"}}, "headers.Authorization"),
        ("webhook", {"url": "https://me:hunter2@example.org"}, "url"),
        ("webhook", {"url": "https://example.org/?token=hunter2"}, "url"),
        ("googlechat", {"url": "https://example.org/hunter2"}, "url"),
        ("wecom", {"url": "${A}", "endpoints": ["https://hooks.slack.com/services/hunter2"]}, "endpoints"),
    ],
)
def test_a_secret_among_raw_settings_is_refused_and_not_shown(
    kind: str, settings: dict[str, object], path: str
) -> None:
    with pytest.raises(SpecError) as caught:
        RawReceiver("r", kind, settings)
    assert [p.message.split(": expected a reference")[0] for p in caught.value.problems] == [f"settings.{path}"]
    assert "hunter2" not in str(caught.value)
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("line", {"token": "Bearer ${LINE_TOKEN}"}),
        ("webhook", {"url": "https://example.org/?token=${TOKEN}", "maxAlerts": 3, "password": ""}),
        ("mqtt", {"brokerUrl": "tcp://mqtt:1883", "topic": "alerts", "tlsConfig": {"insecureSkipVerify": True}}),
        ("jira", {"dedupKeyFieldName": "10000", "project": "KEY", "issue_type": "Bug"}),
        ("email", {"addresses": "on-call@example.org", "message": "see https://runbooks/x?tab=1"}),
    ],
)
def test_raw_settings_without_a_secret_are_taken(kind: str, settings: dict[str, object]) -> None:
    assert RawReceiver("r", kind, settings).settings_given() == settings


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T0/B0/hunter2",
        "https://discord.com/api/webhooks/1/hunter2",
        "https://example.org/notify?api_key=hunter2",
        "https://hc-ping.com/hunter2",
    ],
)
def test_an_address_that_is_a_secret_is_refused(url: str) -> None:
    with pytest.raises(SpecError, match="or another secret") as caught:
        Webhook("w", url=url)
    assert "hunter2" not in str(caught.value)
    assert Webhook("w", url=url.replace("hunter2", "${TOKEN}")).url.endswith("${TOKEN}")


def test_a_refused_field_of_slack_is_told_once() -> None:
    with pytest.raises(SpecError) as caught:
        Slack("s", token="xoxb-hunter2", recipient="#alerts")
    assert len(caught.value.problems) == 1


def test_a_secret_is_not_repeated_in_the_error() -> None:
    for make in (
        lambda: Telegram("t", bot_token="123456:hunter2"),
        lambda: Webhook("w", url="https://me:hunter2@example.org"),
    ):
        with pytest.raises(SpecError, match="got a str that is not shown") as caught:
            make()
        assert "hunter2" not in str(caught.value)
