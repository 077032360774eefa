"""JSON documents of others: copies with a bound on nesting, and lookups that ask for a type."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeGuard

from dashgen.model.core.problems import DashgenError

Json = dict[str, Any]

DEEPEST = 200
"""Levels of nesting that a dashboard may have. Real ones have about 20."""


class DashboardError(DashgenError, ValueError):
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
    try:
        return _copied(value, DEEPEST)
    except _NoJsonError as error:
        raise DashboardError(str(error), at(pointer, *reversed(error.steps))) from None


class _NoJsonError(Exception):
    """Collects the way to the value from the inside out, which costs nothing where there is none."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.steps: list[str | int] = []


def _copied(value: object, levels: int) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if isinstance(value, dict):
        return _copied_members(value, levels)
    if isinstance(value, list | tuple):
        return _copied_items(value, levels)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise _NoJsonError(f"{value} is no number of JSON")
    if isinstance(value, str | int):
        return value
    raise _NoJsonError(f"{kind.__name__} is no type of JSON")


def _copied_members(value: dict[Any, Any], levels: int) -> Json:
    if levels == 0:
        raise _NoJsonError(f"nested deeper than {DEEPEST} levels")
    copy: Json = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise _NoJsonError(f"{key!r} is no name of JSON")
        try:
            copy[key] = _copied(item, levels - 1)
        except _NoJsonError as error:
            error.steps.append(key)
            raise
    return copy


def _copied_items(value: list[Any] | tuple[Any, ...], levels: int) -> list[Any]:
    if levels == 0:
        raise _NoJsonError(f"nested deeper than {DEEPEST} levels")
    copy = []
    for index, item in enumerate(value):
        try:
            copy.append(_copied(item, levels - 1))
        except _NoJsonError as error:
            error.steps.append(index)
            raise
    return copy


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
