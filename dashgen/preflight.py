"""Before publishing: does the process of Grafana have what the rendered files refer to, and does it look right.

Unset, a variable is the empty text: some stop Grafana at its start, others leave a receiver or a datasource that fails
when it is used (`dashgen.grafana.needed_variables`). Values are judged and never shown.
"""

from __future__ import annotations

import re

from dashgen.grafana.needed_variables import Need
from dashgen.grafana.provisioning_variables import HOSTNAME, is_no_text, is_read_again
from dashgen.model.core.problems import DashgenError

_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?#]\S*)?\Z")
_FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "address": (_ADDRESS, "an address like https://host/path"),
    "chat id": (re.compile(r"-?\d+\Z"), "a chat's number like -1001234567890"),
    "bot token": (re.compile(r"\d+:[\w-]{20,}\Z"), "a bot's token like 123456789:AA…"),
    "mail address": (
        re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+(?:[,;]\s*[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+)*\Z"),
        "mail addresses like on-call@example.org, with ';' between them",
    ),
    "folder": (
        re.compile(r"(?:/|[A-Za-z]:[/\\])[^\0\n\r]*\Z"),
        "a folder's absolute path like /etc/grafana/dashboards",
    ),
    "number": (re.compile(r"-?\d+\Z"), "a whole number"),
    "secret": (re.compile(r"\S(?:.*\S)?\Z", re.DOTALL), "a text"),
}
_PLACEHOLDER = re.compile(
    r"(?:change[-_ ]?me|todo|xxx+|secret|password|example|your[-_ ].*|<.*>|\.\.\.|…)\Z", re.IGNORECASE
)


def fault(need: Need, value: str | None) -> str:
    """What is wrong with a value, without a word of it; empty where it looks right."""
    if not value and need.name == HOSTNAME:
        return ""
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
    if is_read_again(value):
        return "has a '$', behind which Grafana would read a variable once more: choose a value without one"
    form, expected = _FORMS[need.kind]
    return "" if form.match(value) else f"does not look right: expected {expected}"


class EnvironmentFileError(DashgenError, ValueError):
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
