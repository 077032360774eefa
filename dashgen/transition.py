"""From the tree that Grafana has to the one that it gets: what it would not survive, or never hear of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from dashgen.expansion import expand
from dashgen.memory import MemoryLost, decode

LEDGER = "published.json"
DATASOURCES = "provisioning/datasources/dashgen.yaml"
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


class Clash(NamedTuple):
    """`rule` gets a title that `holder` still has at that moment."""

    rule: Published
    holder: Published


def documents(files: Mapping[str, bytes]) -> Iterator[Mapping[str, Any]]:
    """The alerting files of a tree in the order in which Grafana applies them."""
    for path in sorted(files):
        if path.startswith(ALERTING) and path.endswith(".yaml"):
            yield _document(files[path])


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
