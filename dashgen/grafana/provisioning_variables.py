"""What Grafana reads from a text of a provisioning file: a port of its expansion of `$`.

Source: Grafana 12.3 pkg/services/provisioning/values/values.go, pkg/setting/expanders.go and Go's `os.Expand`. The
text is split at `$$`, each part is expanded, the parts are joined by `$`. So `$$` says `$`; a variable that is not set
becomes the empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_EXPANDER = re.compile(r"\$__(env|file|vault)\{([^}]+)\}")
_SPECIAL = frozenset("*#$@!?-0123456789")
_BOOLEANS = frozenset({"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"})
_HEX_FLOAT = re.compile(r"[+-]?0[xX]")


def escape(text: str) -> str:
    """The text that Grafana expands to `text`."""
    return text.replace("$", "$$")


def expand(text: str, variables: Mapping[str, str] | None = None) -> str:
    """What Grafana makes of `text` where its process has those variables. `$__file{…}` is left as it is: no file is
    read here. Without `variables` references stay, and only `$$` is undone."""
    parts = text.split("$$")
    if variables is not None:
        parts = [_expand_part(part, variables) for part in parts]
    return "$".join(parts)


def is_no_text(value: str) -> bool:
    """Whether Grafana makes a number or a boolean of a setting that is a variable with this value: what Go's ParseInt,
    ParseFloat or ParseBool take (since 9.4, grafana#63085). Where a receiver wants a text it does not start then."""
    if value in _BOOLEANS:
        return True
    try:
        float.fromhex(value) if _HEX_FLOAT.match(value) else float(value)
    except ValueError:
        return False
    return value == value.strip()


def references(text: str) -> frozenset[str]:
    """The variables that Grafana would look up."""
    found: set[str] = set()

    def note(name: str) -> str:
        found.add(name)
        return ""

    for part in text.split("$$"):
        for kind, name in _EXPANDER.findall(part):
            if kind == "env":
                found.add(name)
        _os_expand(_EXPANDER.sub("", part), note)
    return frozenset(found)


def _expand_part(part: str, variables: Mapping[str, str]) -> str:
    def value(name: str) -> str:
        return variables.get(name, "")

    # Grafana expands its own form first, and what came of it once more as the shell's.
    out = _EXPANDER.sub(lambda match: value(match[2]) if match[1] == "env" else match[0], part)
    pieces, done = [], 0
    for kept in _EXPANDER.finditer(out):
        pieces += [_os_expand(out[done : kept.start()], value), kept[0]]
        done = kept.end()
    return "".join(pieces) + _os_expand(out[done:], value)


def _os_expand(text: str, value: Callable[[str], str]) -> str:
    """Go's `os.Expand`: `$name`, `${name}`, and `$` with one of the shell's special characters. A `$` at the end, or
    before what is no name, stays."""
    out: list[str] = []
    done = at = 0
    while at < len(text):
        if text[at] != "$" or at + 1 >= len(text):
            at += 1
            continue
        out.append(text[done:at])
        name, width = _shell_name(text[at + 1 :])
        if name:
            out.append(value(name))
        elif width == 0:
            out.append("$")
        at += width + 1
        done = at
    return "".join(out) + text[done:]


def _shell_name(text: str) -> tuple[str, int]:
    """The name at the start of `text`, and how many characters it takes; bad syntax is eaten."""
    first = text[0]
    if first == "{":
        if len(text) > 2 and text[1] in _SPECIAL and text[2] == "}":
            return text[1], 3
        for at, char in enumerate(text[1:], 1):
            if char == "}":
                return ("", 2) if at == 1 else (text[1:at], at + 1)
        return "", 1
    if first in _SPECIAL:
        return first, 1
    at = 0
    while at < len(text) and (text[at] == "_" or (text[at].isascii() and text[at].isalnum())):
        at += 1
    return text[:at], at
