"""From the tree that Grafana has to the one that it gets: what it would not survive, or never hear of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from dashgen.tree.errors import TreeError
from dashgen.tree.read import JsonObject, RenderedRule, RenderedTree

Deleted = Literal["mute timing", "contact point"]


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

    what: Deleted
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

    rule: RenderedRule
    holder: RenderedRule


def renamed(before: RenderedTree, after: RenderedTree) -> Iterator[Renamed]:
    """Datasources that Grafana does not take: it finds one by its name and updates it by its uid. Another uid under
    the same name is "data source not found", and the rest of the file is not read (grafana#110740); another name with
    the same uid stops it at start (grafana#111667)."""
    for new in after.datasources:
        for old in before.datasources:
            if new.org == old.org and (new.name == old.name) != (new.uid == old.uid):
                yield Renamed(old.org, old.name, old.uid, new.name, new.uid)


def still_used(before: RenderedTree, after: RenderedTree, *, by_rules: bool) -> Iterator[StillUsed]:
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
            named = tuple(sorted({rule.uid for rule in before.rules if rule.org == org and name in rule.timings}))
            if named:
                deleted.discard((what, org, name))
                yield StillUsed(what, org, name, named)
    for org in sorted(set(before.policies) - set(after.policies)):
        for route in before.policies[org].walk():
            names = {*route.mute_timings, *route.active_timings}
            for what, at, name in sorted(deleted):
                if at == org and (name in names if what == "mute timing" else name == route.receiver):
                    deleted.discard((what, at, name))
                    yield StillUsed(what, org, name, ())


def deletions(before: RenderedTree, after: RenderedTree) -> Iterator[tuple[Deleted, int, str]]:
    """The mute timings and contact points of `before`, with their orgs, that `after` deletes. A contact point is
    deleted with its last receiver; one whose receiver has another name is renamed, with all that names it."""
    timings = {(org, name) for org, found in before.mute_timings.items() for name in found}
    for org, name in sorted(timings & after.deleted("deleteMuteTimes", "name")):
        yield "mute timing", org, name
    gone = after.deleted("deleteContactPoints", "uid")
    kept = {(point.org, point.name) for point in after.contact_points}
    for point in before.contact_points:
        if (point.org, point.name) not in kept and {(point.org, uid) for uid in point.uids} <= gone:
            yield "contact point", point.org, point.name


def retitled(before: RenderedTree, after: RenderedTree) -> Iterator[RetitledFolder]:
    """Folders of dashboards with another title. Grafana finds a provider's folder by its uid and leaves the title as
    it is, without a word in its log (seen on 12.4.0)."""
    had = {(one.org, one.folder_uid): one.folder for one in before.providers}
    for one in after.providers:
        old = had.get((one.org, one.folder_uid), one.folder)
        if one.folder_uid and old != one.folder:
            yield RetitledFolder(one.folder_uid, old, one.folder)


def emptied(before: RenderedTree, after: RenderedTree) -> tuple[str, ...]:
    """The titles of alert folders that no rule of `after` is in. Rules move, or are deleted; Grafana keeps the folder
    (seen on 12.4.0)."""
    left = {(rule.org, rule.folder) for rule in before.rules} - {(rule.org, rule.folder) for rule in after.rules}
    return tuple(sorted({folder for _, folder in left}))


def deleted_at_restart(providers: Iterable[JsonObject]) -> bool:
    """Whether Grafana 12.4 and newer would delete the dashboards of these providers at each start and make them anew:
    all have one folder title, none allows updates from the browser (provisioning_cleanup.go, grafana#115103; seen on
    12.4.0, which took two dashboards of one provider for duplicates of each other)."""
    found = list(providers)
    titles = {str(provider.get("folder") or "") for provider in found}
    return len(titles) == 1 and titles != {""} and not any(provider.get("allowUiUpdates") for provider in found)


def clashes(before: RenderedTree, after: RenderedTree) -> Iterator[Clash]:
    """The titles that are still taken when Grafana applies the rules of `after` one by one to those of `before`: two
    that swap theirs, or one that takes what a rule further down gives up. Titles are unique in a folder, and Grafana
    9.4 died at start over one (docs/facts/grafana.md, Alert rules in files). Deletions come first, so that a new uid
    can take a title over."""
    held = {(rule.org, rule.folder, rule.title): rule for rule in before.rules}
    has = {(rule.org, rule.uid): rule for rule in before.rules}
    for key in after.deleted("deleteRules", "uid"):
        gone = has.pop(key, None)
        if gone is not None:
            held.pop((gone.org, gone.folder, gone.title), None)
    for rule in after.rules:
        title = (rule.org, rule.folder, rule.title)
        holder = held.get(title)
        if holder is not None and holder.uid != rule.uid:
            yield Clash(rule, holder)
        was = has.get((rule.org, rule.uid))
        if was is not None and held.get((was.org, was.folder, was.title)) is was:
            del held[was.org, was.folder, was.title]
        has[rule.org, rule.uid] = held[title] = rule


def lost_entries(before: RenderedTree, after: RenderedTree) -> tuple[str, ...]:
    """What the ledger of `before` has and that of `after` has not: `git revert` of "add a rule" reverts the ledger too,
    so that no deletion is written and the rule pages for ever (docs/facts/grafana.md, Alert rules in files). A ledger
    that can't be read has lost nothing: whoever reads it says so."""
    try:
        return tuple(sorted(before.ledger - after.ledger))
    except TreeError:
        return ()
