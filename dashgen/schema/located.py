"""YAML that knows where its values stand, so that an error can name line and column.

Plain scalars are read as YAML 1.2's core schema reads them: `true`, `12`, `1.5`, `null` are what they look like; `on`,
`12:30` and `2026-01-05` stay texts. Anchors and merge keys (`<<`) are read as YAML 1.1 has them, and go-yaml.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from dashgen.input_files import endless
from dashgen.model.core.problems import DashgenError
from dashgen.schema.yaml_faults import TEMPLATE, fault

Pointer = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_MOST_VALUES = 200_000


@dataclass(frozen=True, slots=True)
class TextPosition:
    """Line and column count from 1; `start` and `end` are offsets of the value's text."""

    line: int
    column: int
    start: int
    end: int


class YamlError(DashgenError, ValueError):
    """Not YAML, or not the kind that can be read here. `hint` says what to write, `excerpt` is the line."""

    def __init__(self, message: str, line: int, column: int, hint: str = "", excerpt: str = "") -> None:
        super().__init__(message, hint)
        self.line, self.column, self.excerpt = line, column, excerpt


@dataclass(frozen=True, slots=True)
class Located:
    """Parsed data with the place of each value and, under `keys`, of each key."""

    data: Any
    places: dict[Pointer, TextPosition] = field(repr=False)
    keys: dict[Pointer, TextPosition] = field(repr=False)
    tags: dict[Pointer, str] = field(repr=False, default_factory=dict)
    """Of values that have a tag of an application, such as `!reset`."""

    def place(self, pointer: Pointer) -> TextPosition:
        """Of the value there; of a missing one, of what it is missing from."""
        while pointer not in self.places and pointer not in self.keys and pointer:
            pointer = pointer[:-1]
        return self.keys.get(pointer) or self.places.get(pointer) or TextPosition(1, 1, 0, 0)


def load(text: str) -> Located:
    """Raises YamlError."""
    import yaml

    text = text.removeprefix("\ufeff")
    if found_endless := endless(text, math.inf):
        message, line, column = found_endless
        raise YamlError(message, line, column, "deeper than files written by hand", _line(text, line))
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise _error(text, error.problem or "", error.problem_mark, error.context or "", error.context_mark) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = fault(error.reason, text, error.position)
        begin = text.rfind("\n", 0, error.position) + 1
        raise YamlError(found.message, line, error.position - begin + 1, found.hint, _line(text, line)) from error
    except RecursionError:
        raise YamlError("is nested too deeply", 1, 1, "deeper than files written by hand") from None
    reader = _Reader()
    try:
        data = reader.value(node, ()) if node is not None else None
    except RecursionError:
        raise YamlError("is nested too deeply, or refers to itself", 1, 1, "leave the reference out") from None
    except YamlError as error:
        error.excerpt = _line(text, error.line)
        raise
    return Located(data, reader.places, reader.keys, reader.tags)


def _error(text: str, problem: str, mark: Any, context: str, start: Any) -> YamlError:
    """In an author's words, where the mistake is."""
    mark = mark or start
    lines = text.split("\n")
    offset = sum(len(line) + 1 for line in lines[: mark.line]) + mark.column if mark else 0
    words = f"{context}, {problem}" if problem.startswith("but ") else problem
    found = fault(words, text, offset)
    where = start if found.at_start and start is not None else mark
    line, column = (where.line + 1, where.column + 1) if where else (1, 1)
    return YamlError(found.message, line, column, found.hint, _line(text, line))


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1] if number <= len(lines) else ""


class _Reader:
    def __init__(self) -> None:
        self.places: dict[Pointer, TextPosition] = {}
        self.keys: dict[Pointer, TextPosition] = {}
        self.tags: dict[Pointer, str] = {}

    def value(self, node: Any, pointer: Pointer) -> Any:
        import yaml

        place = _place(node)
        self.places[pointer] = place
        if len(self.places) > _MOST_VALUES:
            raise YamlError(f"more than {_MOST_VALUES} values", place.line, place.column)
        if node.tag.startswith("!"):
            self.tags[pointer] = node.tag
        if isinstance(node, yaml.ScalarNode):
            if node.style or node.tag == "tag:yaml.org,2002:binary":
                return node.value
            try:
                return _scalar(node.value)
            except ValueError:
                raise YamlError(f"a number of {len(node.value):,} digits", place.line, place.column) from None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, (*pointer, index)) for index, one in enumerate(node.value)]
        found: dict[str, Any] = {}
        for name, (at, one) in _entries(node, set()).items():
            self.keys[(*pointer, name)] = at
            found[name] = self.value(one, (*pointer, name))
        return found


_MERGE = "tag:yaml.org,2002:merge"


def _entries(node: Any, merged_before: set[int]) -> dict[str, tuple[TextPosition, Any]]:
    """Those that stand there, then what is merged into them and is not there yet. What was merged before, by its id,
    adds nothing."""
    import yaml

    found: dict[str, tuple[TextPosition, Any]] = {}
    merged: list[Any] = []
    for key, one in node.value:
        at = _place(key)
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(
                "a text that begins with '{' or '[' must be in quotes", at.line, max(at.column - 1, 1), TEMPLATE
            )
        if key.tag == _MERGE:
            merged += one.value if isinstance(one, yaml.SequenceNode) else [one]
            continue
        if key.value in found:
            raise YamlError(f"the key {key.value!r} is there twice", at.line, at.column, "remove one of them")
        found[key.value] = at, one
    for other in merged:
        if not isinstance(other, yaml.MappingNode):
            at = _place(other)
            raise YamlError("expected a mapping to merge", at.line, at.column, "<<: *name of a mapping's anchor")
        if id(other) not in merged_before:
            merged_before.add(id(other))
            for name, entry in _entries(other, merged_before).items():
                found.setdefault(name, entry)
    return found


def _place(node: Any) -> TextPosition:
    return TextPosition(
        node.start_mark.line + 1, node.start_mark.column + 1, node.start_mark.index, node.end_mark.index
    )


def _scalar(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
