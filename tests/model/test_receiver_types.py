"""What a class of receivers declares is what is written, and is read back."""

from __future__ import annotations

import pytest

from dashgen import Discord, Email, Opsgenie, PagerDuty, RawReceiver, Slack, SpecError, Teams, Telegram, Webhook
from dashgen.grafana.needed_variables import Need
from dashgen.model.alerting.receiver import CLASSES, TYPES, Receiver
from dashgen.model.core.documentation import own_sentences
from dashgen.preflight import fault
from dashgen.schema.validate import validate

WHOLE: dict[type[Receiver], Receiver] = {
    type(one): one
    for one in (
        Telegram("a", message="m", parse_mode="HTML", silent=True),
        Email("a", addresses=("x@example.org", "${TO}"), single=True, subject="s", message="m"),
        Discord("a", message="m", title="t", avatar_url="https://example.org/a.png", use_discord_username=False),
        Slack(
            "a", token="${T}", recipient="#r", title="t", text="x", username="u", icon_emoji=":x:",
            mention_channel="here", mention_users=("U1", "U2"), mention_groups=("S1",),
        ),
        Webhook(
            "a", url="https://example.org/hook", method="PUT", max_alerts=7, username="u", password="${P}", title="t",
            message="m", authorization_scheme="Basic",
        ),
        PagerDuty(
            "a", pd_severity="error", pd_class="c", component="d", group="g", summary="s", details={"env": "prod"}
        ),
        Opsgenie(
            "a", api_url="https://example.org", message="m", description="d", auto_close=False, override_priority=True,
            send_tags_as="both",
        ),
        Teams("a", title="t", section_title="s", message="m"),
    )
}  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_settings_are_read_back(cls: type[Receiver]) -> None:
    given = WHOLE[cls]
    settings = given.settings_given()
    read, rest = cls.fields_given({**settings, "another": 1})
    assert cls("a", **read) == given
    assert rest == {"another": 1}
    point = {"name": "p", "receivers": [{"uid": "a", "type": cls.KIND, "settings": settings}]}
    assert validate("contact-points", {"apiVersion": 1, "contactPoints": [point]}) == []


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_fields_sentence_names_its_setting(cls: type[Receiver]) -> None:
    sentences = own_sentences(cls)
    for name, setting in cls.declared_settings().items():
        assert f"(`settings.{setting.key}`)" in sentences[name], name


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_secret_setting_in_the_clear_is_refused(cls: type[Receiver]) -> None:
    for key in TYPES[cls.KIND].secrets:
        with pytest.raises(SpecError, match=rf"settings\.{key}: expected a reference") as caught:
            RawReceiver("a", cls.KIND, {key: "hunter2"})
        assert "hunter2" not in str(caught.value)


def test_preflight_knows_what_each_setting_holds() -> None:
    for known in TYPES.values():
        for setting in known.settings.values():
            form = setting.form.variable
            told = fault(Need("NAME", form, "where"), "neither one thing nor another")
            assert told.startswith("does not look right") is (form != "secret")
