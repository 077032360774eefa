"""Two trees → the edits that turn one into the other, by identity, in an order in which they apply."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.diff.edits import (
    Added,
    Changed,
    Edit,
    Moved,
    PanelPosition,
    Path,
    Removed,
    Reordered,
    Resized,
    Retitled,
    Rewritten,
    Size,
)
from dashgen.diff.values import Ordered, Value, same

_TEXTS = frozenset({"rawSql", "query", "definition", "sql", "template", "text", "content", "description", "doc"})
_TITLED = frozenset({2, 4})
"""Depths of a path that ends in a title: (dashboards, uid) + title, (dashboards, uid, panels, id) + title."""


def edits(old: dict[str, Value], new: dict[str, Value]) -> tuple[Edit, ...]:
    """Everything that differs; nothing for trees that are the same."""
    return tuple(_entries((), old, new))


def _entries(path: Path, old: dict[str, Value], new: dict[str, Value]) -> Iterator[Edit]:
    yield from (Removed((*path, key), value) for key, value in old.items() if key not in new)
    common = [key for key in old if key in new]
    if isinstance(new, Ordered):
        order = [key for key in new if key in old]
        if order != common:
            yield Reordered(path, tuple(common), tuple(order))
        before: str | None = None
        for key, value in new.items():
            if key not in old:
                yield Added((*path, key), value, before)
            before = key
    else:
        yield from (Added((*path, key), value) for key, value in new.items() if key not in old)
    if len(path) == 3 and path[0] == "dashboards" and path[2] == "panels":
        for key in common:
            yield from _panel((*path, key), old[key], new[key])
        return
    for key in common:
        yield from _value((*path, key), old[key], new[key])


def _value(path: Path, old: Value, new: Value) -> Iterator[Edit]:
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and isinstance(old, Ordered) is isinstance(new, Ordered):
        yield from _entries(path, old, new)
    elif not same(old, new):
        if isinstance(old, str) and isinstance(new, str):
            yield _text(path, old, new)
        else:
            yield Changed(path, old, new)


def _text(path: Path, old: str, new: str) -> Edit:
    if path[-1] == "title" and len(path) - 1 in _TITLED and path[0] in ("dashboards", "rules"):
        return Retitled(path, old, new)
    if (path[-1] in _TEXTS and (path[-1] in ("rawSql", "sql") or "\n" in old + new)) or path[0] == "texts":
        return Rewritten(path, old, new)
    return Changed(path, old, new)


def _panel(path: Path, old: Value, new: Value) -> Iterator[Edit]:
    """A panel's place and size are edits of their own; the rest is as anywhere."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield from _value(path, old, new)
        return
    was, now = old.get("gridPos"), new.get("gridPos")
    if not (isinstance(was, dict) and isinstance(now, dict) and set("xywh") <= set(was) & set(now)):
        yield from _entries(path, old, new)
        return
    places = PanelPosition(was["x"], was["y"], str(old["@row"])), PanelPosition(now["x"], now["y"], str(new["@row"]))
    sizes = Size(was["w"], was["h"]), Size(now["w"], now["h"])
    if not all(map(same, *places)):
        yield Moved(path, *places)
    if not all(map(same, *sizes)):
        yield Resized(path, *sizes)
    apart = {"gridPos", "@row"}
    rest = [{key: value for key, value in panel.items() if key not in apart} for panel in (old, new)]
    yield from _entries(path, *rest)
    further = [{key: value for key, value in grid.items() if key not in "xywh"} for grid in (was, now)]
    yield from _entries((*path, "gridPos"), *further)
