"""What Grafana reads from a text of a provisioning file: a port of its expansion of `$`.

Source: Grafana 12.3 pkg/services/provisioning/values/values.go, pkg/setting/expanders.go and Go's `os.Expand`. The
text is split at `$$`, each part is expanded, the parts are joined by `$`. So `$$` says `$`; a variable that is not set
becomes the empty text.

A part is expanded in three rounds, each over what the one before made: `${NAME}` and `$__env{NAME}`, then
`$__file{PATH}`, then all of it as a shell would. So a `$` in a variable's value is read once more, unless the reference
is a bare `$NAME`, which only the last round knows; and no `$$` in a value keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

_EXPANDER = re.compile(r"\$(|__\w+)\{([^}]+)\}", re.ASCII)
_ENVIRONMENT = frozenset({"", "__env"})
_KEPT = frozenset({"__file", "__vault"})
HOSTNAME = "HOSTNAME"
"""The variable for which Grafana puts in its machine's name where it is not set."""
_SPECIAL = frozenset("*#$@!?-0123456789")
_BOOLEANS = frozenset({"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"})
_HEX_FLOAT = re.compile(r"[+-]?0[xX]")


def escape(text: str) -> str:
    """The text that Grafana expands to `text`."""
    return text.replace("$", "$$")


def expand(
    text: str, variables: Mapping[str, str] | None = None, files: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What Grafana makes of `text` where its process has those variables, and those contents of files by their paths.
    A `$__file{…}` of another one is left as it is: no file is read here, and Grafana does not start without it. Without
    `variables` references stay, and only `$$` is undone."""
    parts = text.split("$$")
    if variables is not None:
        parts = [_expand_part(part, variables, files) for part in parts]
    return "$".join(parts)


def map_texts(value: Any, text: Callable[[str], str]) -> Any:
    """The same JSON data with `text` of every text in it, at any depth; keys stay."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {key: map_texts(item, text) for key, item in value.items()}
    return [map_texts(item, text) for item in value] if isinstance(value, (list, tuple)) else value


def is_read_again(value: str) -> bool:
    """Whether Grafana makes something else of a variable's value that a file names as `${NAME}`, as it has a `$`."""
    return "$" in value and (_EXPANDER.search(value) is not None or expand("${_}", {"_": value}) != value)


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
        found |= {name for kind, name in _EXPANDER.findall(part) if kind in _ENVIRONMENT}
        _os_expand(_EXPANDER.sub(lambda match: "" if match[1] in _ENVIRONMENT | _KEPT else match[0], part), note)
    return frozenset(found)


def _expand_part(part: str, variables: Mapping[str, str], files: Mapping[str, str]) -> str:
    def value(name: str) -> str:
        return variables.get(name, "")

    out = part
    for kind, name in _EXPANDER.findall(part):
        if kind in _ENVIRONMENT:
            out = out.replace(f"${kind}{{{name}}}", value(name), 1)
    for kind, path in _EXPANDER.findall(out):
        if kind == "__file" and path in files:
            out = out.replace(f"${kind}{{{path}}}", files[path].strip(), 1)
    pieces, done = [], 0
    for match in _EXPANDER.finditer(out):
        if match[1] in _KEPT:
            pieces += [_os_expand(out[done : match.start()], value), match[0]]
            done = match.end()
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
