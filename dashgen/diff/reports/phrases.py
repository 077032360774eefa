"""What all reports say in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashgen.diff.assemble import Change, EnvironmentDiff, ObjectDiff
from dashgen.diff.edits import Moved
from dashgen.diff.lines import Line
from dashgen.diff.meaning import Meaning
from dashgen.diff.recipients import Notified
from dashgen.model.core.counts import counted
from dashgen.model.core.display_path import display_path

KINDS = {
    "dashboards": "dashboard",
    "rules": "alert rule",
    "groups": "rule group",
    "contact points": "contact point",
    "policies": "policy tree",
    "mute timings": "mute timing",
    "templates": "template",
    "deletions": "deletion",
    "tables": "table",
    "datasources": "datasource",
    "providers": "provider",
    "published": "published uid",
    "variables": "environment variable",
    "headers": "file",
    "texts": "file",
}
"""A section's subjects, one of them."""


def kind(subject: ObjectDiff) -> str:
    return KINDS[subject.section]


def arrow(change: Change) -> str:
    """`none → ms`, `new: …`, `gone: …`; empty for a change that its lines say."""
    w = change.words
    if w.old and w.new:
        return f"{w.old} → {w.new}"
    if w.new:
        return f"new: {w.new}" if _whole(change) else f"set to {w.new}"
    if w.old:
        return f"gone: {w.old}" if _whole(change) else f"no longer {w.old}"
    return {"Added": "new", "Removed": "gone"}.get(type(change.edit).__name__, "")


def _whole(change: Change) -> bool:
    """A thing rather than a value of one."""
    return not change.words.what or isinstance(getattr(change.edit, "value", None), dict)


def headline(change: Change) -> str:
    """`Fetches › unit: none → ms`."""
    w = change.words
    where = display_path(*filter(None, (w.place, w.what)))
    said = arrow(change)
    return f"{where}: {said}" if where and said else where or said


def moves(changes: Iterable[Change]) -> tuple[list[Change], list[Change]]:
    """Changes, and those of them that only moved a panel: many, of which few are worth a line."""
    rest: list[Change] = []
    moved: list[Change] = []
    for change in changes:
        (moved if isinstance(change.edit, Moved) else rest).append(change)
    return (rest, moved) if len(moved) > 3 else ([*rest, *moved], [])


def moved_together(moved: list[Change]) -> str:
    names = [change.words.place for change in moved]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{counted(len(names), 'panel')} moved: {', '.join(names[:6])}{more}"


def counted_by_class(counts: Mapping[Meaning, int]) -> str:
    """`1 breaking, 3 cosmetic`."""
    return ", ".join(f"{count} {meaning.word}" for meaning, count in counts.items())


def totals(environment: EnvironmentDiff) -> str:
    """`2 dashboards, 1 alert rule changed`, by section."""
    found: dict[str, int] = {}
    for subject in environment.subjects:
        name = kind(subject)
        found[name] = found.get(name, 0) + 1
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in found.items())


def people(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "nobody"


def condition(entry: Notified) -> str:
    """` when exchange is binance`; empty for the rule's plain alerts."""
    said = [f"{name} is {value}" for name, value in entry.labels if name != "rulename"]
    return f" when {' and '.join(said)}" if said else ""


class Repeats:
    """Texts that change in the same lines in many places: they are shown once."""

    def __init__(self) -> None:
        self._first: dict[tuple[Line, ...], str] = {}

    def of(self, subject: ObjectDiff, change: Change) -> str:
        """Where the same lines were shown before (`daemon-health › Fetches › query A`); empty where they were not."""
        lines = tuple(line for line in change.words.lines if line.sign in "-+")
        if not lines:
            return ""
        where = display_path(*filter(None, (subject.identity, change.words.place, change.words.what)))
        first = self._first.setdefault(lines, where)
        return first if first != where else ""
