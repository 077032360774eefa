"""Files of variables as Compose reads them: `.env`, and those that `env_file` names.

Follows compose-go's dotenv package (read): `NAME=value`, `export` and `#` comments; single quotes keep all as it is;
without them `$NAME` is interpolated, by what was set before; without quotes a ` #` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dashgen.deploy.interpolation import InterpolationError, interpolate
from dashgen.model.core.problems import DashgenError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:](.*)\Z", re.ASCII | re.DOTALL)
_ONLY_A_NAME = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*\Z", re.ASCII)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


class EnvFileError(DashgenError, ValueError):
    """A line that sets nothing; it is not repeated, since it may hold a secret."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class EnvEntry:
    """One variable. `lost` are names behind a `$` in its value that nobody set, so that they were cut out of it."""

    value: str
    line: int
    lost: tuple[str, ...] = ()


def entries(text: str, variables: Mapping[str, str]) -> dict[str, EnvEntry]:
    """By name; `variables` are those that values may refer to beside those before them. Raises EnvFileError."""
    found: dict[str, EnvEntry] = {}
    lines = text.removeprefix("\ufeff").split("\n")
    number = 0
    while number < len(lines):
        line, start = lines[number].rstrip("\r"), number + 1
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            only = _ONLY_A_NAME.match(line)
            if only is None:
                raise EnvFileError("is not NAME=value", start)
            if only[1] in variables:  # handed on
                found[only[1]] = EnvEntry(variables[only[1]], start)
            continue
        raw = match[2].strip()
        quote = raw[:1] if raw[:1] in ("'", '"') else ""
        if quote:
            while (end := _closing(raw, quote)) < 0 and number < len(lines):
                raw += "\n" + lines[number].rstrip("\r")
                number += 1
            if end < 0:
                raise EnvFileError(f"a quote {quote} is not closed", start)
            raw = raw[1:end]
        else:
            raw = re.split(r"\s#", raw, maxsplit=1)[0].rstrip()
        known = {**{name: entry.value for name, entry in found.items()}, **variables}
        found[match[1]] = _entry(raw, quote, start, known)
    return found


def _closing(raw: str, quote: str) -> int:
    at = 1
    while at < len(raw):
        if raw[at] == "\\" and quote == '"':
            at += 1
        elif raw[at] == quote:
            return at
        at += 1
    return -1


def _entry(raw: str, quote: str, line: int, known: Mapping[str, str]) -> EnvEntry:
    if quote == "'" or "$" not in raw:
        return EnvEntry(_unescaped(raw) if quote == '"' else raw, line)
    try:
        text = interpolate(raw, known)
    except InterpolationError:  # which Compose takes as it is
        return EnvEntry(raw, line)
    return EnvEntry(_unescaped(text.value) if quote == '"' else text.value, line, (*text.unset, *text.required))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text)
