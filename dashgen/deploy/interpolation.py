"""`${NAME}` in a Compose file and in the files of variables that it names.

Follows compose-go's template package (read): `$$` is a `$`; `$NAME`, `${NAME}`; `:-` and `-` give a default,
`:+` and `+` another text where it is set, `:?` and `?` refuse to start; with a colon the empty text counts as unset.
Defaults are interpolated themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dashgen.model.core.problems import DashgenError

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATOR = re.compile(r":?[-+?]")


class InterpolationError(DashgenError, ValueError):
    """A `$` that Compose does not take; the text is not repeated, since it may hold a secret."""


@dataclass(frozen=True, slots=True)
class InterpolatedText:
    """What became of a text. `unset` are variables that were replaced by the empty text, `required` those without which
    Compose does not start."""

    value: str
    unset: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    is_written: bool = True
    """Whether the value is all in the file itself, and none of it from a variable."""


def interpolate(text: str, variables: Mapping[str, str]) -> InterpolatedText:
    """Raises InterpolationError."""
    reader = _Reader(text, variables)
    value = reader.read(0, False)[0]
    return InterpolatedText(value, tuple(reader.unset), tuple(reader.required), not reader.from_variables)


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        self.text, self.variables = text, variables
        self.unset: list[str] = []
        self.required: list[str] = []
        self.from_variables = False

    def read(self, at: int, inside: bool) -> tuple[str, int]:
        """Up to the end, or to the brace that closes what is inside of one; and where that is."""
        out: list[str] = []
        while at < len(self.text):
            char = self.text[at]
            if inside and char == "}":
                return "".join(out), at
            if char != "$":
                out.append(char)
                at += 1
            elif self.text.startswith("$$", at):
                out.append("$")
                at += 2
            elif self.text.startswith("${", at):
                value, at = self._braced(at + 2)
                out.append(value)
            elif name := _NAME.match(self.text, at + 1):
                out.append(self._plain(name[0]))
                at = name.end()
            else:
                raise InterpolationError(f"the '$' at character {at + 1} names no variable")
        if inside:
            raise InterpolationError("a '${' is not closed")
        return "".join(out), at

    def _plain(self, name: str) -> str:
        if name not in self.variables:
            self.unset.append(name)
            return ""
        self.from_variables = self.from_variables or bool(self.variables[name])
        return self.variables[name]

    def _braced(self, at: int) -> tuple[str, int]:
        name = _NAME.match(self.text, at)
        if name is None:
            raise InterpolationError(f"the '${{' at character {at - 1} names no variable")
        operator = _OPERATOR.match(self.text, name.end())
        if operator is None:
            if not self.text.startswith("}", name.end()):
                raise InterpolationError(f"the '${{' at character {at - 1} is not closed behind {name[0]}")
            return self._plain(name[0]), name.end() + 1
        unset, required, outside = len(self.unset), len(self.required), self.from_variables
        other, end = self.read(operator.end(), True)
        value = self.variables.get(name[0])
        is_set = bool(value) if operator[0].startswith(":") else value is not None
        takes_other = is_set if operator[0].endswith("+") else operator[0].endswith("-") and not is_set
        if not takes_other:  # what it refers to is not asked for
            del self.unset[unset:], self.required[required:]
            self.from_variables = outside
        if takes_other:
            return other, end + 1
        if operator[0].endswith("+"):
            return "", end + 1
        if not is_set:
            self.required.append(name[0])
            return "", end + 1
        return self._plain(name[0]), end + 1
