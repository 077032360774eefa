"""From the tree that Grafana has to the one that it gets: what it would not survive, or never hear of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import yaml

from dashgen.grafana.provisioning_variables import expand
from dashgen.tree.ledger import MemoryLost, decode

LEDGER = "published.json"
DATASOURCES = "provisioning/datasources/dashgen.yaml"
PROVIDERS = "provisioning/dashboards/dashgen.yaml"
ALERTING = "provisioning/alerting/"


class Published(NamedTuple):
    """A rule as Grafana has it, or gets it."""

    uid: str
    org: int
    folder: str
    title: str


class Renamed(NamedTuple):
    """A datasource whose name or uid changed while the other stayed: what Grafana has, and what it gets."""

    org: int
    name: str
    uid: str
    new_name: str
    new_uid: str


class StillUsed(NamedTuple):
    """A mute timing or contact point that is to be deleted while something in Grafana names it. `rules` are the uids
    of those that do; none where it is the policy tree, which stays when dashgen no longer owns it."""

    what: Literal["mute timing", "contact point"]
    org: int
    name: str
    rules: tuple[str, ...]


class RetitledFolder(NamedTuple):
    """A folder of dashboards that is to have another title."""

    uid: str
    old: str
    new: str


class Clash(NamedTuple):
    """`rule` gets a title that `holder` still has at that moment."""

    rule: Published
    holder: Published


def documents(files: Mapping[str, bytes]) -> Iterator[Mapping[str, Any]]:
    """The alerting files of a tree in the order in which Grafana applies them."""
    for path in sorted(files):
        if path.startswith(ALERTING) and path.endswith(".yaml"):
            yield _document(files[path])


@lru_cache(maxsize=128)  # several questions are asked of the same files
def _document(data: bytes) -> Mapping[str, Any]:
    """Empty for what is no YAML: a merge is not done yet."""
    try:
        loaded = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe ones
    except yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def renamed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Renamed]:
    """Datasources that Grafana does not take: it finds one by its name and updates it by its uid. Another uid under
    the same name is "data source not found", and the rest of the file is not read (grafana#110740); another name with
    the same uid stops it at start (grafana#111667)."""
    had = _datasources(before)
    for org, name, uid in _datasources(after):
        for old_org, old_name, old_uid in had:
            if org == old_org and (name == old_name) != (uid == old_uid):
                yield Renamed(org, old_name, old_uid, name, uid)


def _datasources(files: Mapping[str, bytes]) -> tuple[tuple[int, str, str], ...]:
    listed = _document(files.get(DATASOURCES, b"")).get("datasources") or ()
    return tuple((int(d.get("orgId") or 1), expand(str(d["name"])), expand(str(d["uid"]))) for d in listed)


def still_used(before: Mapping[str, bytes], after: Mapping[str, bytes], *, by_rules: bool) -> Iterator[StillUsed]:
    """What Grafana refuses to delete, and does not start.

    It sets contact points, mute timings, templates and policies, then deletes mute timings and templates, then applies
    the rules, then deletes contact points (pkg/services/provisioning/alerting/provisioner.go, read for 12; seen on
    12.3.0 and 12.4.0: "Time interval is used"). So a mute timing goes while the rules of `before` are there. Policies
    are those of `after`; where it has none, those of `before` stay. What is still named is not deleted
    (ngalert/provisioning: contactpoints.go, mute_timings.go, read); of templates nobody asks. `by_rules` says whether
    rules name mute timings in this Grafana.
    """
    deleted = set(deletions(before, after))
    if by_rules:
        for what, org, name in sorted(one for one in deleted if one[0] == "mute timing"):
            named = tuple(sorted({uid for at, uid, names in _muted(before) if at == org and name in names}))
            if named:
                deleted.discard((what, org, name))
                yield StillUsed(what, org, name, named)
    left = set(_policies(before)) - set(_policies(after))
    for org in sorted(left):
        for route in _routes(_policies(before)[org]):
            names = {_text(name) for key in _TIMINGS for name in route.get(key) or ()}
            receiver = _text(route.get("receiver") or "")
            for what, at, name in sorted(deleted):
                if at == org and (name in names if what == "mute timing" else name == receiver):
                    deleted.discard((what, at, name))
                    yield StillUsed(what, org, name, ())


def deletions(
    before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> Iterator[tuple[Literal["mute timing", "contact point"], int, str]]:
    """The mute timings and contact points of `before`, with their orgs, that `after` deletes. A contact point is
    deleted with its last receiver; one whose receiver has another name is renamed, with all that names it."""
    timings = {(org, name) for org, name, _ in _entries(before, "muteTimes")}
    gone = {(org, name) for org, name, _ in _entries(after, "deleteMuteTimes")}
    for org, name in sorted(timings & gone):
        yield "mute timing", org, name
    uids = {(org, _text(entry.get("uid"))) for org, _, entry in _entries(after, "deleteContactPoints")}
    kept = {(org, name) for org, name, _ in _entries(after, "contactPoints")}
    for org, name, point in _entries(before, "contactPoints"):
        receivers = {(org, _text(receiver["uid"])) for receiver in point["receivers"]}
        if (org, name) not in kept and receivers <= uids:
            yield "contact point", org, name


_TIMINGS = ("mute_time_intervals", "active_time_intervals")


def _text(value: object) -> str:
    return expand(str(value))


def _entries(files: Mapping[str, bytes], section: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The entries of a section of the alerting files: org, name, all of it. Mute timings are not expanded."""
    for document in documents(files):
        for entry in document.get(section) or ():
            name = str(entry.get("name") or "")
            yield int(entry.get("orgId") or 1), name if section == "muteTimes" else expand(name), entry


def _policies(files: Mapping[str, bytes]) -> dict[int, Mapping[str, Any]]:
    return {org: root for org, _, root in _entries(files, "policies")}


def _routes(route: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield route
    for child in route.get("routes") or ():
        yield from _routes(child)


def _muted(files: Mapping[str, bytes]) -> Iterator[tuple[int, str, frozenset[str]]]:
    """The rules that name mute timings themselves: org, uid, the names."""
    for org, _, group in _entries(files, "groups"):
        for rule in group["rules"]:
            settings = rule.get("notification_settings") or {}
            names = frozenset(_text(name) for key in _TIMINGS for name in settings.get(key) or ())
            if names:
                yield org, _text(rule["uid"]), names


def retitled(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[RetitledFolder]:
    """Folders of dashboards with another title. Grafana finds a provider's folder by its uid and leaves the title as
    it is, without a word in its log (seen on 12.4.0)."""
    had = dict(_provided(before))
    for uid, title in _provided(after):
        if had.get(uid, title) != title:
            yield RetitledFolder(uid[1], had[uid], title)


def _provided(files: Mapping[str, bytes]) -> Iterator[tuple[tuple[int, str], str]]:
    for provider in _document(files.get(PROVIDERS, b"")).get("providers") or ():
        if provider.get("folderUid"):
            key = (int(provider.get("orgId") or 1), _text(provider["folderUid"]))
            yield key, _text(provider.get("folder") or "")


def emptied(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[str, ...]:
    """The titles of alert folders that no rule of `after` is in. Rules move, or are deleted; Grafana keeps the folder
    (seen on 12.4.0)."""
    left = {(rule.org, rule.folder) for rule in rules(before)} - {(rule.org, rule.folder) for rule in rules(after)}
    return tuple(sorted({folder for _, folder in left}))


def deleted_at_restart(providers: Iterable[Mapping[str, Any]]) -> bool:
    """Whether Grafana 12.4 and newer would delete the dashboards of these providers at each start and make them anew:
    all have one folder title, none allows updates from the browser (provisioning_cleanup.go, grafana#115103; seen on
    12.4.0, which took two dashboards of one provider for duplicates of each other)."""
    found = list(providers)
    titles = {str(provider.get("folder") or "") for provider in found}
    return len(titles) == 1 and titles != {""} and not any(provider.get("allowUiUpdates") for provider in found)


def rules(files: Mapping[str, bytes]) -> tuple[Published, ...]:
    """The rules of a tree in the order in which Grafana applies them."""
    return tuple(
        Published(
            expand(str(rule["uid"])),
            int(group.get("orgId") or 1),
            expand(str(group["folder"])),
            expand(str(rule["title"])),
        )
        for document in documents(files)
        for group in document.get("groups") or ()
        for rule in group["rules"]
    )


def clashes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Clash]:
    """The titles that are still taken when Grafana applies the rules of `after` one by one to those of `before`: two
    that swap theirs, or one that takes what a rule further down gives up. Titles are unique in a folder, and Grafana
    9.4 died at start over one (docs/facts/grafana.md, Alert rules in files). Deletions come first, so that a new uid
    can take a title over."""
    held = {(rule.org, rule.folder, rule.title): rule for rule in rules(before)}
    has = {(rule.org, rule.uid): rule for rule in rules(before)}
    for document in documents(after):
        for entry in document.get("deleteRules") or ():
            gone = has.pop((int(entry.get("orgId") or 1), expand(str(entry["uid"]))), None)
            if gone is not None:
                held.pop((gone.org, gone.folder, gone.title), None)
    for rule in rules(after):
        key = (rule.org, rule.folder, rule.title)
        holder = held.get(key)
        if holder is not None and holder.uid != rule.uid:
            yield Clash(rule, holder)
        was = has.get((rule.org, rule.uid))
        if was is not None and held.get((was.org, was.folder, was.title)) == was:
            del held[was.org, was.folder, was.title]
        has[rule.org, rule.uid] = held[key] = rule


def vanished(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[str, ...]:
    """What the memory of `before` has and that of `after` has not: `git revert` of "add a rule" reverts the memory of
    it too, so that no deletion is written and the rule pages for ever (docs/facts/grafana.md, Alert rules in files). A
    memory that can't be read is nothing that vanished: whoever reads it says so."""
    if LEDGER not in before:
        return ()
    try:
        return tuple(sorted(decode(before[LEDGER]) - decode(after.get(LEDGER, b"{}"))))
    except MemoryLost:
        return ()
