"""Grafana's types of receivers: their settings, what each setting holds, which are secret, which Grafana needs.

A class of `receiver.py` declares its type by its fields; types without a class stand below. A provisioned contact
point is read as `NewConfig` of its type reads it (grafana/alerting receivers/*/v1/config.go, August 2026), and the
first error ends Grafana's start. Seen on Grafana 12.4 with an unset variable: Telegram's token, Discord's address, mail
addresses, a webhook's address. Read there, and not seen: all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple, get_args

from dashgen.model.core import clear_secrets, validators
from dashgen.model.core.fields import Check, checked
from dashgen.model.core.node import Wrong, WrongSecret
from dashgen.model.environment import secret as secret_reference

REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_CHAT_ID = re.compile(r"-?\d+\Z|@\w{5,}\Z")
_ADDRESS = re.compile(r"https?://[^\s/@]+(?:/\S*)?\Z")

VariableForm = Literal["secret", "address", "chat id", "bot token", "mail address", "number"]
"""What a variable looks like that is all of a setting; "secret" is any text."""
Alternatives = tuple[frozenset[str], ...]
"""Sets of settings, by their paths, of which one must be whole."""


def is_reference(value: object) -> bool:
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def _as_it_is(value: Any) -> Any:
    return value


class Form(NamedTuple):
    """What a setting holds."""

    check: Check
    """Of what an author gives."""
    schema: Mapping[str, Any]
    """Of what stands in Grafana's file."""
    variable: VariableForm = "secret"
    secret: bool = False
    write: Callable[[Any], Any] = _as_it_is
    """From the value of the field to that of the file; None where nothing is written."""
    read: Callable[[Any], Any] = _as_it_is
    """The way back."""


class ReceiverSetting(NamedTuple):
    """One of Grafana's settings of a type of receiver."""

    key: str
    form: Form
    required: bool = False
    """Whether Grafana needs it."""


def setting(key: str, form: Form, *, default: Any, required: bool = False) -> Any:
    """A field of a receiver that is Grafana's setting `key`. One whose default is None takes None."""
    check = validators.maybe(form.check) if default is None else form.check
    return checked(check, default=default, metadata=ReceiverSetting(key, form, required))


class ReceiverType(NamedTuple):
    """What is known of one of Grafana's types of receivers."""

    name: str
    settings: Mapping[str, ReceiverSetting]
    """By their keys. Those of a type without a class are open: it may have others."""
    needs: tuple[Alternatives, ...]
    """All must hold."""
    has_class: bool = False

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(key for key, one in self.settings.items() if one.form.secret)


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


_STRING = {"type": "string"}
_FILLED = {"$ref": "#/$defs/text"}

TEXT = Form(validators.text, _STRING)
NEEDED_TEXT = Form(validators.text, _FILLED)
"""A text that Grafana refuses where it is empty."""
FLAG = Form(validators.flag, {"type": "boolean"})
ADDRESS = Form(_address, _FILLED, "address")
NUMBER_IN_TEXT = Form(validators.text, _STRING, "number")
MAYBE_ADDRESS = Form(_address, _STRING, "address")
CHAT_ID = Form(
    _chat_id,
    {"type": "string", "minLength": 1, "description": "a quoted string: Grafana refuses a number"},
    "chat id",
    # Grafana makes a number of a variable that holds one, unless a space follows it
    write=lambda value: f"{value} " if is_reference(value) else value,
    read=lambda value: value.rstrip(" "),
)
MAIL_ADDRESSES = Form(
    validators.many(_mail),
    _FILLED,
    "mail address",
    write=";".join,
    read=lambda value: tuple(part.strip() for part in re.split(r"[,;\n]", value) if part.strip()),
)
IDS = Form(
    validators.many(validators.text),
    _STRING,
    write=lambda value: ",".join(value) or None,
    read=lambda value: tuple(part.strip() for part in value.split(",") if part.strip()),
)
"""Several ids, which Grafana has in one text with commas between them."""
COUNT = Form(
    validators.whole(0, 10**6),
    {"type": ["string", "integer"]},
    # a text, as Grafana's own user interface keeps it
    write=str,
    read=int,
)
TEXTS = Form(
    validators.mapping(validators.any_text),
    {"type": "object", "additionalProperties": _STRING},
    write=lambda value: dict(value) or None,
)
"""Texts by names that the author gives."""
RESPONDERS = Form(
    validators.json_object,
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": _STRING, "name": _STRING, "username": _STRING, "type": _FILLED},
            "additionalProperties": False,
            "required": ["type"],
        },
    },
)
"""Who hears of an Opsgenie alert."""


def secret(variable: str, form: VariableForm = "secret") -> Form:
    """Reference to an environment variable of Grafana's process; an error proposes that name."""
    return Form(secret_reference(variable), _FILLED, form, secret=True)


def choice(alias: object, *more: str) -> Form:
    """One of a `Literal[…]`. A file may have one of `more` as well."""
    return Form(validators.one_of(get_args(alias)), {"enum": [*more, *get_args(alias)]})


def each(*keys: str) -> tuple[Alternatives, ...]:
    """Needs all of these settings."""
    return tuple((frozenset({key}),) for key in keys)


def any_of(*sets: Collection[str]) -> tuple[Alternatives, ...]:
    """Needs all settings of one of these sets."""
    return (tuple(frozenset(keys) for keys in sets),)


def _without_class(name: str, *needs: Alternatives, webhook: str = "") -> ReceiverType:
    """`webhook` is the setting with an address that lets anybody write who knows it."""
    known = (ReceiverSetting(webhook, secret(f"{name.upper()}_URL", "address")),) if webhook else ()
    return ReceiverType(name, {one.key: one for one in known}, needs)


WITHOUT_CLASS = (
    _without_class("dingding", *each("url"), webhook="url"),
    _without_class("googlechat", *each("url"), webhook="url"),
    _without_class("jira", *each("api_url", "project", "issue_type"), *any_of({"api_token"}, {"user", "password"})),
    _without_class("kafka", *each("kafkaRestProxy", "kafkaTopic")),
    _without_class("line", *each("token")),
    _without_class("mqtt", *each("brokerUrl", "topic")),
    _without_class("oncall", *each("url")),
    _without_class("prometheus-alertmanager", *each("url")),
    _without_class("pushover", *each("userKey", "apiToken")),
    _without_class("sensugo", *each("url", "apikey")),
    _without_class("sns", *any_of({"topic_arn"}, {"target_arn"}, {"phone_number"})),
    _without_class("threema", *each("gateway_id", "recipient_id", "api_secret")),
    _without_class("victorops", *each("url"), webhook="url"),
    _without_class("webex"),
    _without_class("wecom", *any_of({"url"}, {"secret", "agent_id", "corp_id"}), webhook="url"),
)
"""The types that only a `RawReceiver` has."""
