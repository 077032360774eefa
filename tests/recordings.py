"""Recorded timelines as files: a folder of cases, one JSON object each, and what must stand in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashgen.simulate.rule import rule_spec

Case = dict[str, Any]


class FormError(ValueError):
    """A file that holds no case; one line a reason."""


def files(place: Path) -> list[Path]:
    """The cases in a folder's `cases`, or else those of the folder itself, by name; or the one file."""
    if place.is_file():
        return [place]
    return sorted(place.glob("cases/*.json")) or sorted(place.glob("*.json"))


def read(file: Path) -> Case:
    """Raises FormError with everything that is wrong."""
    try:
        case = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FormError(f"expected JSON: {error}") from error
    if problems := list(_problems(case)):
        raise FormError("\n".join(problems))
    case["rule"] = {"interval": f"{case.get('interval_seconds', 60)}s", **case["rule"]}
    case["expected"].sort(key=lambda tick: tick["at"])
    return dict(case)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_start(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_Fields = Mapping[str, tuple[Callable[[object], bool], str]]
_TICK: _Fields = {"at": (_is_number, "seconds"), "rule_state": (_is_text, "a text"), "health": (_is_text, "a text")}
_INSTANCE: _Fields = {"labels": (lambda v: isinstance(v, dict), "an object"), "state": (_is_text, "a text")}
_ROW: _Fields = {
    "at": (_is_number, "seconds"),
    "table": (_is_text, "a table's name"),
    "values": (lambda v: isinstance(v, dict), "an object"),
}
_EVENT: _Fields = {"at": (_is_number, "seconds"), "sql": (_is_text, "a statement")}


def _problems(case: object) -> Iterator[str]:
    if not isinstance(case, dict):
        yield f"expected an object, got {type(case).__name__}"
        return
    if not _is_start(case.get("t0")):
        yield f"t0: expected a moment with its zone (2026-01-31T12:00:00Z), got {case.get('t0')!r}"
    for number, sql in enumerate(case.get("ddl") or ()):
        if not _is_text(sql):
            yield f"ddl[{number}]: expected a statement, got {sql!r}"
    yield from _each(case, "rows", _ROW)
    yield from _each(case, "events", _EVENT, required=False)
    yield from _each(case, "expected", _TICK)
    for number, tick in enumerate(case.get("expected") or ()):
        for key, required in (("instances", True), ("removed_missing_series", False)):
            fields = _INSTANCE if required else {"labels": _INSTANCE["labels"]}
            yield from (f"expected[{number}].{text}" for text in _each(tick, key, fields, required=required))
    try:
        rule_spec(case["rule"])
    except KeyError as error:
        yield f"rule: expected the key {error}"
    except (TypeError, ValueError, AttributeError) as error:
        yield f"rule: expected an alert rule as it is provisioned: {error}"


def _each(around: object, key: str, fields: _Fields, *, required: bool = True) -> Iterator[str]:
    found = around.get(key) if isinstance(around, dict) else None
    if found is None and not required:
        return
    if not isinstance(found, list):
        yield f"{key}: expected a list, got {found!r:.60}"
        return
    for number, one in enumerate(found):
        for name, (fits, wanted) in fields.items():
            value = one.get(name) if isinstance(one, dict) else None
            if not fits(value):
                yield f"{key}[{number}].{name}: expected {wanted}, got {value!r:.60}"
