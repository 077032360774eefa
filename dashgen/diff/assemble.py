"""Two trees → a `Review`: what changed, in words, with what it means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dashgen.diff.compare import edits
from dashgen.diff.descriptions import Words, at, words
from dashgen.diff.documents import SECTIONS, Seen, sections
from dashgen.diff.edits import Added, Edit, Moved, Removed
from dashgen.diff.meaning import DiffContext, Meaning, judge
from dashgen.diff.recipients import Notified, notified
from dashgen.diff.references import References
from dashgen.diff.secrets import shown, without_secrets
from dashgen.diff.values import Value
from dashgen.grafana.provisioning_variables import expand
from dashgen.tree.errors import TreeError
from dashgen.tree.paths import ALERTING, QUESTDB
from dashgen.tree.read import RenderedTree
from dashgen.tree.transition import clashes, deletions, emptied, still_used

ALERTING_SECTIONS = frozenset(
    {"rules", "groups", "contact points", "policies", "mute timings", "templates", "deletions"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One edit, said and judged."""

    edit: Edit
    words: Words
    meaning: Meaning
    why: str = ""


@dataclass(frozen=True, slots=True)
class ObjectDiff:
    """A dashboard, a rule, a table …: its changes, the worst first."""

    section: str
    identity: str
    title: str
    changes: tuple[Change, ...]

    @property
    def worst(self) -> Meaning:
        return max(change.meaning for change in self.changes)

    @property
    def state(self) -> str:
        """`new`, `gone` or `changed`."""
        edit = self.changes[0].edit
        if len(edit.path) == 2 and isinstance(edit, (Added, Removed)):
            return "new" if isinstance(edit, Added) else "gone"
        return "changed"

    @property
    def counts(self) -> dict[Meaning, int]:
        """How many changes of each class, the worst first."""
        found = Counter(change.meaning for change in self.changes)
        return {meaning: found[meaning] for meaning in sorted(found, reverse=True)}


@dataclass(frozen=True, slots=True)
class EnvironmentDiff:
    """One environment's tree, compared. `notified` is what follows from the changes of rules and policies."""

    name: str
    subjects: tuple[ObjectDiff, ...]
    notified: tuple[Notified, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be found out, and why."""

    @property
    def changes(self) -> Iterable[Change]:
        return (change for subject in self.subjects for change in subject.changes)

    @property
    def alerting_changed(self) -> bool:
        return any(subject.section in ALERTING_SECTIONS for subject in self.subjects)

    @property
    def new_variables(self) -> tuple[str, ...]:
        """Names that Grafana's process did not need before."""
        return tuple(
            s.identity for s in self.subjects if s.section == "variables" and isinstance(s.changes[0].edit, Added)
        )


@dataclass(frozen=True, slots=True)
class Review:
    """Everything between two sides. `apart` are environments that only one side has, and which."""

    base: str
    head: str
    environments: tuple[EnvironmentDiff, ...]
    apart: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(environment.subjects for environment in self.environments)

    @property
    def worst(self) -> Meaning | None:
        found = [subject.worst for environment in self.environments for subject in environment.subjects]
        return max(found, default=None)


def review(name: str, old: RenderedTree, new: RenderedTree) -> EnvironmentDiff:
    """One environment. Files with the same bytes on both sides are not read, unless what they say is needed to judge
    the others."""
    a, b = _differing(old, new)
    if not a and not b:
        return EnvironmentDiff(name, ())
    seen: Seen = {}
    trees = sections(a, seen), sections(b, seen)
    notes: list[str] = []
    taken, deleted, empty = _order(a, b, trees[0]["groups"], notes)
    hidden = without_secrets(trees[0]), without_secrets(trees[1])
    context = DiffContext(*trees, References(old, new, sections), taken, deleted, empty)
    found: dict[tuple[str, str], list[Change]] = {}
    for edit in edits(*trees):
        judged = judge(edit, context)
        told = shown(edit, *hidden)
        change = _shorter(Change(told, words(told, *trees), judged.meaning, judged.why), trees)
        found.setdefault((edit.path[0], edit.path[1]), []).append(change)
    subjects = [
        ObjectDiff(section, identity, _title(section, identity, trees), _sorted(changes))
        for (section, identity), changes in found.items()
    ]
    subjects.sort(key=lambda s: (SECTIONS.index(s.section), s.identity))
    return EnvironmentDiff(name, tuple(subjects), _notified(trees, notes), tuple(notes))


_ODD = (AttributeError, KeyError, TypeError, ValueError, re.error, TreeError)
"""What alerting files that Grafana would refuse come to where their form is taken for granted."""


def _order(
    old: RenderedTree, new: RenderedTree, groups: Value, notes: list[str]
) -> tuple[dict[str, str], dict[tuple[str, str], str], dict[str, str]]:
    """What follows from the order in which Grafana applies a tree to another: rules that take a title which is taken,
    by their uids; what is deleted, with the reason why Grafana refuses to, by section and identity; and the alert
    folders that stay empty, by one of the `groups` that were in them."""
    try:
        taken = {clash.rule.uid: clash.holder.uid for clash in clashes(old, new)}
        deleted = {_place(*one): "" for one in deletions(old, new)}
        for one in still_used(old, new, by_rules=True):
            users = f"rule {', '.join(one.rules)}" if one.rules else "the policy tree, which stays in Grafana,"
            deleted[_place(one.what, one.org, one.name)] = f"{users} still names it when Grafana deletes it"
        named = groups if isinstance(groups, dict) else {}
        folders = {expand(str(at(group, ("folder",)))): name for name, group in sorted(named.items(), reverse=True)}
        return taken, deleted, {folders[title]: title for title in emptied(old, new)}
    except _ODD as error:
        notes.append(f"rules whose titles clash, and what can't be deleted, are not known: {error}")
        return {}, {}, {}


def _place(what: str, org: int, name: str) -> tuple[str, str]:
    return f"{what}s", name if org == 1 else f"{name} of org {org}"


def _notified(trees: tuple[dict[str, Value], dict[str, Value]], notes: list[str]) -> tuple[Notified, ...]:
    try:
        return notified(*trees)
    except _ODD as error:
        notes.append(f"who is notified is not known: {error}")
        return ()


def _differing(old: RenderedTree, new: RenderedTree) -> tuple[RenderedTree, RenderedTree]:
    """What must be read: files that differ; of alerting all or nothing, since rules and policies judge each other."""
    paths = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    if any(path.startswith(ALERTING) for path in paths):
        paths |= {path for path in {*old, *new} if path.startswith(ALERTING)}
    return old.only(paths), new.only(paths)


def _shorter(change: Change, trees: tuple[Mapping[str, Value], Mapping[str, Value]]) -> Change:
    """DDL repeats what the tables say: its lines are left out where the tables are compared."""
    path = change.edit.path
    if path[0] == "texts" and path[1].startswith(QUESTDB) and any(tree["tables"] for tree in trees):
        return replace(change, words=change.words._replace(lines=()), why="as the tables say")
    return change


def _title(section: str, identity: str, trees: tuple[Mapping[str, Value], Mapping[str, Value]]) -> str:
    for tree in reversed(trees):
        title = at(tree[section], (identity, "title"))
        if isinstance(title, str):
            return title
    return ""


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The worst first; what only moved last; else as in the tree."""
    return tuple(sorted(changes, key=lambda c: (-c.meaning, isinstance(c.edit, Moved))))
