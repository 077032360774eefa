"""What an edit says in the words of the author: `threshold red from 80 → 90`, never a pointer into JSON.

A key that has no words here is shown under its own name, so that nothing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dashgen.diff import summaries
from dashgen.diff.edits import Added, Changed, Edit, Moved, Path, Removed, Reordered, Resized, Retitled, Rewritten
from dashgen.diff.lines import Line, changes, sql_lines
from dashgen.diff.values import Value, shown
from dashgen.model.core.display_path import display_path


class Words(NamedTuple):
    """`place` is the thing inside its dashboard or rule (`Fetches`), `what` the part of it (`unit`). `old` and `new`
    are empty where a thing is new or gone; `lines` are those of a text."""

    place: str
    what: str
    old: str = ""
    new: str = ""
    lines: tuple[Line, ...] = ()


_NAMES = {
    "@file": "file",
    "@group": "group",
    "@row": "row",
    "allValue": "value of All",
    "allowUiUpdates": "edits in Grafana allowed",
    "annotations": "annotation",
    "bucketSeconds": "bucket in seconds",
    "calcs": "calculations",
    "choices": "allowed values",
    "continue": "continues to the next policy",
    "dashboardUid": "dashboard",
    "datasourceUid": "datasource",
    "dedup": "deduplication keys",
    "designated": "designated timestamp",
    "disableDeletion": "keeps dashboards whose files are removed",
    "disableResolveMessage": "silent when resolved",
    "displayName": "display name",
    "execErrState": "state on an error",
    "fieldConfig": "field config",
    "gridPos": "grid",
    "isPaused": "paused",
    "keepFiringFor": "keeps firing for",
    "labels": "label",
    "mute_time_intervals": "muted in",
    "active_time_intervals": "active in",
    "noDataState": "state on no data",
    "noValue": "text for no value",
    "maxDataPoints": "max data points",
    "object_matchers": "matchers",
    "panelId": "panel",
    "partitionBy": "partition by",
    "rawSql": "SQL",
    "reduceOptions": "value",
    "relativeTimeRange": "time range",
    "refId": "refId",
    "secureJsonData": "secret",
    "sql": "SQL",
    "targetBlank": "opens a new tab",
    "timeFrom": "separate time range",
    "ttl": "retention",
    "type": "kind",
    "uid": "uid",
    "wal": "WAL",
    "writeIntervalSeconds": "write interval in seconds",
}
_UNSET = {"ttl": "for ever", "writeIntervalSeconds": "as events occur"}
"""What a table does where nothing is given."""
_SILENT = frozenset(
    {"options", "custom", "defaults", "fieldConfig", "model", "properties", "value", "jsonData", "list"}
)
"""Steps of a path that an author never writes."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FIRES = {"gt": "above", "gte": "at or above", "lt": "below", "lte": "at or below", "eq": "at", "ne": "not at"}


def name(step: str) -> str:
    """A key as words: `lineWidth` → `line width`."""
    return _NAMES.get(step) or _HUMP.sub(" ", step).replace("_", " ").lower()


def phrase(steps: Sequence[str]) -> str:
    """A path as words, without the steps that say nothing."""
    said = [name(step) for step in steps if step not in _SILENT] or [name(step) for step in steps[-1:]]
    return " ".join(said)


def place_and_what(path: Path, old: dict[str, Value], new: dict[str, Value]) -> tuple[str, str]:
    """The thing inside its dashboard, rule or table, and the part of it that the rest of the path names."""
    section, rest = path[0], path[2:]
    if section == "dashboards":
        return _in_dashboard(path, rest, old, new)
    if section == "rules":
        return "", _in_rule(path, rest, new)
    if section == "policies":
        return _in_policy(rest)
    if section == "tables" and rest and rest[0] in ("columns", "views"):
        if len(rest) == 1:
            return "", rest[0]
        return f"{rest[0][:-1]} {rest[1]}", phrase(rest[2:]) if len(rest) > 2 else ""
    if section == "contact points" and len(rest) > 1 and rest[0] == "receivers":
        return f"receiver {rest[1]}", phrase([r for r in rest[2:] if r != "settings"]) if len(rest) > 2 else ""
    return "", phrase(rest) if rest else ""


_LISTS = {"templating": "variable", "annotations": "annotation query"}


def _in_dashboard(path: Path, rest: Path, old: dict[str, Value], new: dict[str, Value]) -> tuple[str, str]:
    if len(rest) >= 2 and rest[0] == "panels":
        title = summaries.panel_title(at(new, path[:4]) or at(old, path[:4]), rest[1])
        return title, _in_panel(rest[2:])
    if len(rest) >= 3 and rest[0] in _LISTS and rest[1] == "list":
        return f"{_LISTS[rest[0]]} {rest[2]}", phrase([r for r in rest[3:] if r != "target"])
    if len(rest) >= 2 and rest[0] == "links":
        return f"link {rest[1]}", phrase(rest[2:])
    if rest[:2] == ("templating", "list"):
        return "", "variables"
    return "", phrase(rest) if rest else ""


def _in_panel(rest: Path) -> str:
    if not rest:
        return ""
    if rest[0] == "targets" and len(rest) > 1:
        return f"query {rest[1]}" + (f" {phrase(rest[2:])}" if len(rest) > 2 and rest[2] != "rawSql" else "")
    if rest[0] == "transformations" and len(rest) > 1:
        return f"transformation {rest[1]}" + (f" {phrase(rest[2:])}" if len(rest) > 2 else "")
    if rest[0] == "links" and len(rest) > 1:
        return f"link {rest[1]}" + (f" {phrase(rest[2:])}" if len(rest) > 2 else "")
    if rest[:2] == ("fieldConfig", "defaults"):
        return _field(rest[2:])
    if rest[:2] == ("fieldConfig", "overrides") and len(rest) > 2:
        what = f"override of {summaries.matched(rest[2])}"
        if len(rest) > 4 and rest[3] == "properties":
            return f"{what}: {_field((rest[4].removeprefix('custom.'), *rest[6:]))}"
        return f"{what}: {phrase(rest[3:])}" if len(rest) > 3 else what
    if rest == ("interval",):
        return "min interval"
    return phrase(rest)


def _field(rest: Path) -> str:
    """An option of a field, in the defaults or in an override."""
    if rest[:2] == ("thresholds", "steps") and len(rest) > 2:
        if rest[2] == "base":
            return "threshold base color"
        part = phrase(rest[3:]) if len(rest) > 3 else ""
        return f"threshold {rest[2]}" + (" from" if part == "value" else f" {part}" if part else "")
    if rest[:1] == ("mappings",) and len(rest) > 1:
        inner = rest[2:]
        if rest[1] == "value" and len(inner) > 1 and inner[0] == "options":
            return f"mapping of {inner[1]}" + (f" {phrase(inner[2:])}" if len(inner) > 2 else "")
        of = "values" if rest[1] == "value" else rest[1]
        return f"mapping of {of}" + (f" {phrase([s for s in inner if s != 'result'])}" if inner else "")
    if rest[:1] == ("links",) and len(rest) > 1:
        return f"data link {rest[1]}" + (f" {phrase(rest[2:])}" if len(rest) > 2 else "")
    return phrase(rest) if rest else "field options"


def _in_rule(path: Path, rest: Path, new: dict[str, Value]) -> str:
    if not rest:
        return ""
    if rest[0] in ("labels", "annotations") and len(rest) > 1:
        if rest == ("labels", "severity"):
            return "severity"
        return f"{name(rest[0])} {rest[1]}"
    if rest[0] == "data" and len(rest) > 1:
        inner = rest[2:]
        if inner[:1] == ("model",) and "evaluator" in inner:
            if inner[-1] == "params":
                kind = at(new, (*path[:-1], "type"))
                return f"threshold: fires {_fires(kind)}"
            return "threshold: fires"
        said = [step for step in inner if step not in ("model", "rawSql")]
        return f"query {rest[1]}" + (f" {phrase(said)}" if said else "")
    return phrase(rest)


def _in_policy(rest: Path) -> tuple[str, str]:
    steps: list[str] = []
    while len(rest) >= 2 and rest[0] == "routes":
        steps.append(rest[1])
        rest = rest[2:]
    place = "policy " + display_path(*steps) if steps else "default policy"
    return place, "order of policies" if rest == ("routes",) else phrase(rest) if rest else ""


def at(tree: Value, path: Path) -> Value:
    """What is at a path, None where nothing is."""
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return None
        tree = tree[step]
    return tree


def words(edit: Edit, old: dict[str, Value], new: dict[str, Value]) -> Words:
    """An edit of the trees `old` → `new`."""
    place, what = place_and_what(edit.path, old, new)
    if isinstance(edit, Moved):
        rows = summaries.row(old, edit.path, edit.old.row), summaries.row(new, edit.path, edit.new.row)
        was, now = (f"x {shown(p.x)}, y {shown(p.y)}" for p in (edit.old, edit.new))
        return Words(place, "moved", was + rows[0], now + rows[1])
    if isinstance(edit, Resized):
        small, big = (f"{shown(s.w)} × {shown(s.h)}" for s in (edit.old, edit.new))
        return Words(place, "resized", small, big)
    if isinstance(edit, Retitled):
        return Words(place if edit.new != place else edit.new, "title", edit.old, edit.new)
    if isinstance(edit, Reordered):
        return Words(place, _order(what), " ".join(edit.old), " ".join(edit.new))
    if isinstance(edit, Rewritten):
        return Words(place, what or "text", lines=_rewritten(edit))
    if isinstance(edit, Added):
        text, lines = summaries.summary(edit.path, edit.value, "+")
        return Words(place, what, "", text, lines)
    if isinstance(edit, Removed):
        text, lines = summaries.summary(edit.path, edit.value, "-")
        return Words(place, what, text, "", lines)
    return _changed(edit, place, what)


def _fires(kind: Value) -> str:
    return _FIRES.get(str(kind)) or shown(kind).replace("_", " ")


def _order(what: str) -> str:
    return what if what.startswith("order") else f"order of {what or 'entries'}"


def _rewritten(edit: Rewritten) -> tuple[Line, ...]:
    if edit.path[-1] in ("rawSql", "sql"):
        found = changes(sql_lines(edit.old), sql_lines(edit.new))
        if found:
            return found
    return changes(edit.old.split("\n"), edit.new.split("\n"))


def _changed(edit: Changed, place: str, what: str) -> Words:
    if edit.path[-2:-1] == ("evaluator",) and edit.path[-1] == "type":
        return Words(
            place, what, _FIRES.get(str(edit.old), shown(edit.old)), _FIRES.get(str(edit.new), shown(edit.new))
        )
    unset = _UNSET.get(edit.path[-1])
    if unset:
        return Words(place, what, shown(edit.old or unset), shown(edit.new or unset))
    return Words(place, what, summaries.value(edit.path, edit.old), summaries.value(edit.path, edit.new))
