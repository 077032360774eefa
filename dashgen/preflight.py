"""Before publishing: does the process of Grafana have what the rendered files refer to, and does it look right.

An unset variable becomes the empty text in Grafana, silently; an alert then goes nowhere. Values are judged and never
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashgen.expansion import is_no_text, references

_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?#]\S*)?\Z")
_FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "address": (_ADDRESS, "an address like https://host/path"),
    "chat id": (re.compile(r"-?\d+\Z"), "a chat's number like -1001234567890"),
    "bot token": (re.compile(r"\d+:[\w-]{20,}\Z"), "a bot's token like 123456789:AA…"),
    "mail address": (
        re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+(?:[,;]\s*[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+)*\Z"),
        "mail addresses like on-call@example.org, with ';' between them",
    ),
    "number": (re.compile(r"-?\d+\Z"), "a whole number"),
    "secret": (re.compile(r"\S(?:.*\S)?\Z", re.DOTALL), "a text"),
}
_KINDS = {
    ("telegram", "bottoken"): "bot token",
    ("telegram", "chatid"): "chat id",
    ("telegram", "message_thread_id"): "number",
    ("email", "addresses"): "mail address",
    ("opsgenie", "apiUrl"): "address",
    ("discord", "avatar_url"): "address",
}
_ALONE = re.compile(r"\$\{[^}$]*\}\s*\Z")
_PLACEHOLDER = re.compile(
    r"(?:change[-_ ]?me|todo|xxx+|secret|password|example|your[-_ ].*|<.*>|\.\.\.|…)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Need:
    """A variable, what it should look like, and where it is used."""

    name: str
    kind: str
    where: str
    text: bool = False
    """Whether it is all of a setting that a receiver wants as a text."""


def needs(documents: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    """The variables of parsed provisioning files, by name. Where one is used for several things, by its strictest
    use."""
    found: dict[str, Need] = {}
    for document in documents:
        for need in _of(document):
            known = found.get(need.name)
            if known is None or (known.kind == "secret" and need.kind != "secret"):
                found[need.name] = replace(need, text=need.text or (known is not None and known.text))
            elif need.text:
                found[need.name] = replace(known, text=True)
    return tuple(found[name] for name in sorted(found))


def _of(document: Mapping[str, Any]) -> Iterator[Need]:
    for point in document.get("contactPoints") or ():
        for receiver in point["receivers"]:
            where = f"contact point {point['name']}, receiver {receiver['uid']}"
            for path, text in _texts(receiver["settings"]):
                kind = _kind(str(receiver["type"]), path)
                # a reference inside of a longer text is only known not to be empty
                alone = _ALONE.match(text) is not None
                for name in references(text):
                    yield Need(name, kind if alone else "secret", f"{where}, {path}", alone and text == text.strip())
    for datasource in document.get("datasources") or ():
        for path, text in _texts(datasource):
            for name in references(text):
                yield Need(name, "secret", f"datasource {datasource['name']}, {path}")


def _kind(receiver: str, path: str) -> str:
    key = path.split(".")[-1]
    return _KINDS.get((receiver, key)) or ("address" if key.lower().endswith("url") else "secret")


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)


def fault(need: Need, value: str | None) -> str:
    """What is wrong with a value, without a word of it; empty where it looks right."""
    if value is None:
        return "is not set"
    if not value:
        return "is empty"
    if value != value.strip():
        return "has spaces or line ends around it"
    if value[0] in "'\"" and value[-1:] == value[0]:
        return "has quotes around it, which would be part of it"
    if _PLACEHOLDER.match(value):
        return "is a placeholder"
    if need.text and need.kind != "number" and is_no_text(value):
        return "is a number or a boolean to Grafana, which wants a text here and would not start"
    form, expected = _FORMS[need.kind]
    return "" if form.match(value) else f"does not look right: expected {expected}"


class EnvironmentFileError(ValueError):
    """A line that sets nothing. The line itself is not repeated: it may hold a secret."""


_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)\Z", re.ASCII)


def variables(text: str) -> dict[str, str]:
    """An environment file as systemd and Docker Compose read it: `NAME=value` lines, `#` comments, quotes around a
    value are not part of it. Raises EnvironmentFileError."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise EnvironmentFileError(f"line {number} is not NAME=value")
        value = match[2].strip()
        if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
            value = value[1:-1]
        found[match[1]] = value
    return found
