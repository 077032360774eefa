"""Edits of a tree: typed, complete, and applied by one function.

`path` leads from the tree's root through sections, identities and keys to what is edited. Applied in the order in
which `compare.edits` gives them, the edits of (a, b) turn a into b.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from dashgen.diff.values import Ordered, Value, same
from dashgen.model.core.problems import DashgenError

Path: TypeAlias = tuple[str, ...]


class Conflict(DashgenError):
    """An edit does not fit the tree that it is applied to."""


class PanelPosition(NamedTuple):
    """Where a panel is. `row` is the collapsed row that holds it, empty outside of one."""

    x: Value
    y: Value
    row: str = ""


class Size(NamedTuple):
    """In units of the dashboard's grid."""

    w: Value
    h: Value


@dataclass(frozen=True, slots=True)
class Added:
    """`after` is the neighbour before it in an ordered list, None for the first and where there is no order."""

    path: Path
    value: Value
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Changed:
    path: Path
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text that is compared by its lines: SQL, a notification template, a file."""

    path: Path
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Retitled:
    """The title of a dashboard, a panel or an alert rule."""

    path: Path
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reordered:
    """The entries of an ordered list that both sides have, in their two orders."""

    path: Path
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """`path` is the panel's."""

    path: Path
    old: PanelPosition
    new: PanelPosition


@dataclass(frozen=True, slots=True)
class Resized:
    """`path` is the panel's."""

    path: Path
    old: Size
    new: Size


Edit: TypeAlias = Added | Removed | Changed | Rewritten | Retitled | Reordered | Moved | Resized


def apply(edits: Iterable[Edit], tree: dict[str, Value]) -> dict[str, Value]:
    """A new tree. Raises Conflict where something is not as an edit says that it was."""
    out = copy.deepcopy(tree)
    for edit in edits:
        _apply(edit, out)
    return out


def _apply(edit: Edit, tree: dict[str, Value]) -> None:
    if isinstance(edit, Moved):
        panel = _dict(tree, edit.path)
        grid = _dict(panel, ("gridPos",))
        _replace(grid, "x", edit.old.x, edit.new.x)
        _replace(grid, "y", edit.old.y, edit.new.y)
        _replace(panel, "@row", edit.old.row, edit.new.row)
        return
    if isinstance(edit, Resized):
        grid = _dict(tree, (*edit.path, "gridPos"))
        _replace(grid, "w", edit.old.w, edit.new.w)
        _replace(grid, "h", edit.old.h, edit.new.h)
        return
    if isinstance(edit, Reordered):
        _reorder(_dict(tree, edit.path), edit)
        return
    parent, key = _dict(tree, edit.path[:-1]), edit.path[-1]
    if isinstance(edit, Added):
        if key in parent:
            raise Conflict(f"{edit.path} is there already")
        _insert(parent, key, edit)
    elif isinstance(edit, Removed):
        if key not in parent or not same(parent[key], edit.value):
            raise Conflict(f"{edit.path} is not what was removed")
        del parent[key]
    else:
        _replace(parent, key, edit.old, edit.new)


def _dict(tree: Value, path: Path) -> dict[str, Value]:
    at = tree
    for step in path:
        if not isinstance(at, dict) or step not in at:
            raise Conflict(f"{path} is not there")
        at = at[step]
    if not isinstance(at, dict):
        raise Conflict(f"{path} has no entries")
    return at


def _replace(parent: dict[str, Value], key: str, old: Value, new: Value) -> None:
    if key not in parent or not same(parent[key], old):
        raise Conflict(f"{key} is not {old!r}")
    parent[key] = copy.deepcopy(new)


def _reorder(at: dict[str, Value], edit: Reordered) -> None:
    if tuple(at) != edit.old:
        raise Conflict(f"{edit.path} has another order")
    entries = dict(at)
    at.clear()
    at.update((key, entries[key]) for key in edit.new)


def _insert(parent: dict[str, Value], key: str, edit: Added) -> None:
    value = copy.deepcopy(edit.value)
    if not isinstance(parent, Ordered):
        parent[key] = value
        return
    if edit.after is not None and edit.after not in parent:
        raise Conflict(f"{edit.path}: {edit.after} is not there")
    entries = list(parent.items())
    at = next((i + 1 for i, (name, _) in enumerate(entries) if name == edit.after), 0)
    entries.insert(at, (key, value))
    parent.clear()
    parent.update(entries)
