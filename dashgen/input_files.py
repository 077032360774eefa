"""What files that others wrote may be: regular, of a size that is read, and with JSON or YAML that ends.

PyYAML's and libyaml's readers call themselves for each level: text that is nested deep enough ends the process (seen:
200,000 brackets, PyYAML 6.0.3). What an alias repeats has no bound either. Both are counted before anything is built.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Any, NamedTuple

MOST_BYTES = 64 * 1024 * 1024
MOST_LEVELS = 500
MOST_VALUES = 1_000_000
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def read_bytes(path: Path) -> bytes:
    """The content of a regular file. Raises OSError, whose `strerror` says what else it is, or that it is too long."""
    _check(path.stat(), path)  # before it is opened: a socket can't be
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # which a named pipe would wait for
    with os.fdopen(handle, "rb") as file:
        _check(os.fstat(handle), path)
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it has more than the {MOST_BYTES:,} bytes that are read", str(path))
    return data


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Raises as `read_bytes` does, and UnicodeDecodeError. Line ends become `\\n`."""
    return read_bytes(path).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _check(found: os.stat_result, path: Path) -> None:
    for holds, what in _KINDS:
        if holds(found.st_mode):
            raise OSError(errno.EINVAL, f"it is {what}, not a file", str(path))
    if found.st_size > MOST_BYTES:
        size = f"it has {found.st_size:,} bytes, more than the {MOST_BYTES:,} that are read"
        raise OSError(errno.EFBIG, size, str(path))


def json_value(data: bytes | str) -> Any:
    """Raises ValueError, with the place."""
    import orjson

    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None


def toml_value(text: str) -> dict[str, Any]:
    """Raises ValueError, with the place."""
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("is no TOML that can be read: it is nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and what Python says of a number of 5,000 digits
        raise ValueError(f"is not TOML: {error}") from None


def yaml_value(data: bytes) -> Any:
    """Raises ValueError, with the place."""
    import yaml

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: {error}") from None
    if found := endless(text):
        raise ValueError(f"is not valid YAML: line {found.line}, column {found.column}: {found.message}")
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        # not only YAMLError: `2024-13-41` and numbers of 5,000 digits raise what Python says of them
        raise ValueError(f"is not YAML: {error}") from None


class Endless(NamedTuple):
    """Why a text of YAML is not read, and where."""

    message: str
    line: int
    column: int


def endless(text: str, most: float = MOST_VALUES) -> Endless | None:
    """Where a text is nested too deeply, refers to what it stands in, or has more than `most` values with what aliases
    repeat. What is not YAML is left to its reader."""
    if not ("*" in text and "&" in text) and not _may_be_deep(text):
        return None
    import yaml

    open_at: list[tuple[str | None, int]] = []
    sizes: dict[str, int] = {}
    values = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            if isinstance(event, yaml.AliasEvent):
                if any(anchor == event.anchor for anchor, _ in open_at):
                    return Endless(f"*{event.anchor} refers to what it stands in", line, column)
                values += sizes.get(event.anchor or "", 0)
            elif isinstance(event, yaml.CollectionStartEvent):
                open_at.append((event.anchor, values))
                values += 1
                if len(open_at) > MOST_LEVELS:
                    return Endless(f"is nested deeper than {MOST_LEVELS} levels", line, column)
            elif isinstance(event, yaml.CollectionEndEvent):
                anchor, before = open_at.pop()
                if anchor:
                    sizes[anchor] = values - before
            elif isinstance(event, yaml.ScalarEvent):
                values += 1
            if values > most:
                return Endless(f"has more than {most:,} values", line, column)
    except yaml.YAMLError:
        return None
    return None


_OPENING = re.compile(r"[\[{\]}]")
_BLOCKS = re.compile(r"^[ \t]*(?:[-?:][ \t]+)*", re.MULTILINE)


def _may_be_deep(text: str) -> bool:
    """Whether brackets or the beginning of a line could be as many levels, whatever is quoted."""
    if text.count("[") + text.count("{") > MOST_LEVELS // 2:
        depth = 0
        for found in _OPENING.finditer(text):
            depth = depth + 1 if found[0] in "[{" else max(0, depth - 1)
            if depth > MOST_LEVELS // 2:
                return True
    return any(len(found[0]) > MOST_LEVELS // 2 for found in _BLOCKS.finditer(text))
