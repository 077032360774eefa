"""Variables judged before publishing; their values are in no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen import ContactPoint, Project, RawReceiver, Webhook
from dashgen.grafana.needed_variables import Need, needs
from dashgen.model.environment import Environment
from dashgen.preflight import EnvironmentFileError, fault, variables
from dashgen.render import parsed, render
from tests.alerting_project import OWNED, POINTS, SHARED, project


def listed(of: Project, environment: Environment) -> list[tuple[str, str]]:
    documents = [d for d in render(of, environment) if d.path.startswith("provisioning/")]
    return [(n.name, n.kind) for n in needs(parsed(d) for d in documents)]  # type: ignore[misc]  # they are mappings


def test_every_reference_with_what_it_should_look_like() -> None:
    extra = (
        Webhook("w", url="${HOOK_URL}", authorization_credentials="${HOOK_TOKEN}"),
        RawReceiver("r", "line", {"token": "Bearer ${LINE_TOKEN}"}),
    )
    of = project(contact_points=(*POINTS[:2], ContactPoint("platform", (*POINTS[2].receivers, *extra))))
    assert listed(of, OWNED) == [
        ("DISCORD_WEBHOOK_URL", "address"),
        ("HOOK_TOKEN", "secret"),
        ("HOOK_URL", "address"),
        ("LINE_TOKEN", "secret"),
        ("ON_CALL_EMAIL", "mail address"),
        ("QUESTDB_PASSWORD", "secret"),
        ("TELEGRAM_BOT_TOKEN", "bot token"),
        ("TELEGRAM_CHAT_ID", "chat id"),
    ]


@pytest.mark.parametrize("environment", [OWNED, SHARED], ids=lambda e: e.name)
def test_they_are_those_of_environment_example(environment: Environment) -> None:
    (example,) = [d for d in render(project(), environment) if d.path == "environment.example"]
    lines = example.data.decode().splitlines()
    assert [f"{name}=" for name, _ in listed(project(), environment)] == [
        x for x in lines if x and not x.startswith("#")
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("chat id", "-1001234567890"),
        ("bot token", "123456789:AAE-abcdefghijklmnopqrstuvwxyz_01"),
        ("address", "https://discord.com/api/webhooks/1/x?y=z"),
        ("address", "http://localhost:8080"),
        ("mail address", "a@example.org;b@example.org"),
        ("secret", "pa ss"),
    ],
)
def test_what_looks_right(kind: str, value: str) -> None:
    assert fault(Need("X", kind, ""), value) == ""


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("secret", None, "is not set"),
        ("secret", "", "is empty"),
        ("secret", " x", "has spaces or line ends around it"),
        ("secret", "x\n", "has spaces or line ends around it"),
        ("secret", '"x"', "has quotes around it"),
        ("secret", "changeme", "is a placeholder"),
        ("bot token", "<token>", "is a placeholder"),
        ("chat id", "market alerts", "expected a chat's number"),
        ("chat id", "12.5", "expected a chat's number"),
        ("chat id", "@market_alerts", "expected a chat's number"),
        ("address", "discord.com/api", "expected an address"),
        ("address", "https://", "expected an address"),
        ("mail address", "on-call", "expected mail addresses"),
        ("bot token", "123:short", "expected a bot's token"),
    ],
)
def test_what_does_not(kind: str, value: str | None, said: str) -> None:
    assert said in fault(Need("X", kind, ""), value)


@pytest.mark.parametrize("value", ["12345678", "-1", "1e5", "0x1p-2", "inf", "NaN", "true", "T", "0"])
def test_a_text_that_grafana_would_take_for_something_else(value: str) -> None:
    """A receiver's password of digits: 'cannot unmarshal number into Go struct field', and Grafana does not start."""
    assert "would not start" in fault(Need("X", "secret", "", text=True), value)
    assert fault(Need("X", "secret", ""), value) == ""


def test_which_variables_must_stay_texts() -> None:
    hook = Webhook("w", url="${HOOK_URL}", authorization_credentials="${HOOK_TOKEN}", password=None)
    line = RawReceiver("r", "line", {"token": "Bearer ${LINE_TOKEN}"})
    of = project(contact_points=(*POINTS[:2], ContactPoint("platform", (*POINTS[2].receivers, hook, line))))
    documents = [parsed(d) for d in render(of, OWNED) if d.path.startswith("provisioning/")]
    texts = {need.name for need in needs(documents) if need.text}  # type: ignore[arg-type]  # they are mappings
    assert {"HOOK_URL", "HOOK_TOKEN", "TELEGRAM_BOT_TOKEN"} <= texts
    assert texts.isdisjoint({"LINE_TOKEN", "TELEGRAM_CHAT_ID", "QUESTDB_PASSWORD"})


@given(st.sampled_from(["chat id", "address", "bot token", "mail address", "secret", "number"]), st.text(min_size=8))
def test_no_fault_repeats_the_value(kind: str, value: str) -> None:
    assert value not in fault(Need("X", kind, ""), value)


def test_an_environment_file() -> None:
    text = "# said\n\nA=1\nexport B='two words'\n C = no\n".replace(" C = no\n", 'C="x=y"\r\nD=\n')
    assert variables(text) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


def test_a_line_that_is_none_is_not_repeated() -> None:
    with pytest.raises(EnvironmentFileError, match="line 2 is not NAME=value") as caught:
        variables("A=1\nhunter2\n")
    assert "hunter2" not in str(caught.value)


def test_a_value_that_grafana_would_expand_once_more_is_warned_of_without_showing_it() -> None:
    for value in ("pa$word", "pa$$word", "${OTHER}", "https://h/$path?x=1"):
        for kind in ("secret", "address", "folder"):
            told = fault(Need("X", kind, "datasource q, secureJsonData.password"), value)
            assert told == "has a '$', behind which Grafana would read a variable once more: choose a value without one"
    assert fault(Need("X", "secret", "w"), "costs 5$") == ""


def test_grafana_knows_its_machine_s_name_itself() -> None:
    assert fault(Need("HOSTNAME", "secret", "w"), None) == ""
