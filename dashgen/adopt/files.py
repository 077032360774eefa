"""Files of others: JSON that is whole, of a depth that a dashboard has, without doubt in it; YAML; any other text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dashgen.grafana.dashboards.document import DEEPEST
from dashgen.input_files import read_bytes
from dashgen.model.core.problems import DashgenError
from dashgen.schema.located import YamlError, load

_EXACT = 2**53
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


class UnreadableFile(DashgenError, ValueError):
    """A file that can't be read as what it should be: what is wrong, where, and what to do."""

    def __init__(self, path: Path, message: str, hint: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint, f"{path}:{line}:{column}" if line else str(path))


class _Twice(DashgenError):
    pass


class _NoNumber(DashgenError):
    pass


def content(path: Path) -> Any:
    """The data of a file of JSON or YAML, and the text of one of SQL. Raises UnreadableFile."""
    if path.suffix in (".yaml", ".yml"):
        return _yaml(path)
    if path.suffix in (".tf", ".hcl"):
        raise UnreadableFile(path, "is Terraform's HCL, which is not read", "export it from Grafana as YAML or JSON")
    return _text(path) if path.suffix == ".sql" else document(path)


def _yaml(path: Path) -> Any:
    """As Grafana's own reader has it: `17:30` and `2026-01-05` are texts."""
    try:
        return load(_text(path)).data
    except YamlError as error:
        raise UnreadableFile(path, f"is not YAML: {error}", error.hint, error.line, error.column) from None


def document(path: Path) -> Any:
    """The JSON of a file. Raises UnreadableFile."""
    text = _text(path)
    try:
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_number, parse_float=_fraction
        )
    except _NoNumber as error:
        line, column = _place_of(text, str(error))
        raise UnreadableFile(path, f"is not JSON: {error} is not a number", "export it again", line, column) from None
    except json.JSONDecodeError as error:
        raise _cut(path, text, error) from None
    except _Twice as twice:
        line, column = _second(text)
        what = f"the key {twice} stands twice in one object"
        raise UnreadableFile(path, what, "remove one of them", line, column) from None
    except RecursionError:
        raise _too_deep(path) from None
    _check(path, found)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except OSError as error:
        raise UnreadableFile(path, f"can't be read: {error.strerror or error}") from None


def _text(path: Path) -> str:
    data = _bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise UnreadableFile(path, "is not UTF-8 here", "save it as UTF-8", line, column) from None


def _cut(path: Path, text: str, error: json.JSONDecodeError) -> UnreadableFile:
    if not text.strip():
        return UnreadableFile(path, "is empty", "export the dashboard again")
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
        return UnreadableFile(path, "is cut: the JSON ends too early", "export it again", error.lineno, error.colno)
    return UnreadableFile(path, f"is not JSON: {error.msg}", "export it again", error.lineno, error.colno)


def _too_deep(path: Path) -> UnreadableFile:
    return UnreadableFile(path, f"is nested more than {DEEPEST} levels deep, deeper than any dashboard")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(repr(key))
            seen.add(key)
    return found


def _no_number(text: str) -> Any:
    raise _NoNumber(text)


def _place_of(text: str, word: str) -> tuple[int, int]:
    """Line and column of the first such word outside of texts."""
    found = re.finditer(rf'"(?:[^"\\]|\\.)*"|{re.escape(word)}', text, re.DOTALL)
    start = next(match.start() for match in found if match[0] == word)
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _number(text: str) -> int | float:
    """A whole number as JavaScript reads it."""
    if len(text) < 16:
        return int(text)
    return int(text) if len(text) < 18 and abs(int(text)) <= _EXACT else float(text)


def _fraction(text: str) -> int | float:
    """`1e9` is the whole number that it is to JavaScript."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def _second(text: str) -> tuple[int, int]:
    """Line and column of the first key that its object has already."""
    objects: list[set[str] | None] = []
    is_key = False
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign == "{":
            objects.append(set())
        elif sign == "[":
            objects.append(None)
        elif sign in "}]":
            objects.pop()
        elif sign[0] == '"' and is_key and objects and objects[-1] is not None:
            key = json.loads(sign)
            if key in objects[-1]:
                line = text.count("\n", 0, match.start()) + 1
                return line, match.start() - text.rfind("\n", 0, match.start())
            objects[-1].add(key)
        is_key = sign in "{,"
    return 0, 0


def _check(path: Path, value: Any) -> None:
    """Neither too deep nor with half of a surrogate pair, which no file can hold. Not by recursion."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            raise _too_deep(path)
        if isinstance(one, str):
            _whole(path, one)
        elif isinstance(one, dict):
            for key, item in one.items():
                _whole(path, key)
                waiting.append((item, depth + 1))
        elif isinstance(one, list):
            waiting.extend((item, depth + 1) for item in one)


def _whole(path: Path, text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            what = f"the text {text!r:.60} has half of a surrogate pair, which is not a character"
            raise UnreadableFile(path, what, f"see its character {error.start + 1}") from None
