"""JSON documents of others: copies with a bound on nesting, and lookups that ask for a type."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeGuard

Json = dict[str, Any]

DEEPEST = 200
"""Levels of nesting that a dashboard may have. Real ones have about 20."""


class DashboardError(ValueError):
    """A document that is no dashboard, or one that can't be brought to the classic form.

    `pointer` is the place in the document, as a JSON path such as `$.spec.elements.panel-1`.
    """

    def __init__(self, problem: str, pointer: str = "$") -> None:
        super().__init__(f"{pointer}: {problem}")
        self.problem = problem
        self.pointer = pointer


def at(pointer: str, *steps: str | int) -> str:
    """The path of a value below `pointer`, such as `$.panels[3]["a b"]`."""
    for step in steps:
        if isinstance(step, int):
            pointer += f"[{step}]"
        elif step.replace("-", "_").isidentifier():
            pointer += f".{step}"
        else:
            pointer += f"[{_quoted(step)}]"
    return pointer


def _quoted(step: str) -> str:
    return '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'


def copied(value: object, pointer: str = "$") -> Any:
    """A deep copy. Raises DashboardError for nesting beyond DEEPEST and for values that JSON does not have."""
    return _copied(value, pointer, DEEPEST)


def _copied(value: object, pointer: str, levels: int) -> Any:
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise DashboardError(f"{value} is no number of JSON", pointer)
    if levels == 0:
        raise DashboardError(f"nested deeper than {DEEPEST} levels", pointer)
    if isinstance(value, dict):
        copy: Json = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise DashboardError(f"{key!r} is no name of JSON", pointer)
            copy[key] = item if isinstance(item, str) else _copied(item, at(pointer, key), levels - 1)
        return copy
    if isinstance(value, list | tuple):
        return [_copied(item, at(pointer, index), levels - 1) for index, item in enumerate(value)]
    raise DashboardError(f"{type(value).__name__} is no type of JSON", pointer)


def mapping(value: object) -> Json:
    """The object itself, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[Json]:
    """The objects of a list; nothing for anything else."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def text(value: object, otherwise: str = "") -> str:
    return value if isinstance(value, str) else otherwise


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: object, other: object) -> bool:
    """Equality of JSON values: 1 equals 1.0 but not true, at any depth."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
