"""Who is notified of each alert before and after: both trees' policies walked with the labels that its alerts have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from dashgen.diff.values import Value, plain
from dashgen.grafana.fault_states import FAULTS, arises, sent_labels
from dashgen.grafana.notification_policies import RouteNode, route_alert, tree
from dashgen.grafana.provisioning_variables import expand

_VARIANTS = 256
"""At most so many sets of labels a rule: the values that matchers ask for, combined."""


class Notified(NamedTuple):
    """`labels` are what an alert must have beside the rule's own; empty for one of its plain alerts."""

    rule: str
    title: str
    labels: tuple[tuple[str, str], ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


def notified(old: dict[str, Value], new: dict[str, Value]) -> tuple[Notified, ...]:
    """Where the two differ; of label sets with the same difference the smallest."""
    out: list[Notified] = []
    sides = _Side(old), _Side(new)
    uids = dict.fromkeys([*sides[0].rules, *sides[1].rules])
    wanted = _wanted(sides[0], sides[1])
    for uid in uids:
        seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        for labels in _variants(uid, sides, wanted):
            before, after = (side.told(uid, labels) for side in sides)
            if before != after and (before, after) not in seen:
                seen.add((before, after))
                rule = sides[1].rules.get(uid) or sides[0].rules[uid]
                out.append(Notified(uid, str(rule.get("title", "")), tuple(sorted(labels.items())), before, after))
    return tuple(out)


class _Side:
    """One tree's rules and policies, as `dashgen.grafana.notification_policies` takes them."""

    def __init__(self, sections: dict[str, Value]) -> None:
        self.rules = {uid: cast("dict[str, Any]", plain(rule)) for uid, rule in _entries(sections, "rules").items()}
        policies = cast("dict[str, Any]", {"policies": [plain(p) for p in _entries(sections, "policies").values()]})
        self.groups = _entries(sections, "groups")
        self.roots = {org: tree(policies, org) for org in {1, *map(_org, self.groups.values())}}

    def told(self, uid: str, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Contact points that an alert reaches, with what mutes them; none for a rule that is not there or paused."""
        rule = self.rules.get(uid)
        if rule is None or rule.get("isPaused") is True:
            return ()
        if "alertname" in labels and not arises(rule, labels["alertname"]):
            return ()
        group = self.groups.get(str(rule.get("@group")))
        folder = group.get("folder", "") if isinstance(group, dict) else ""
        own = {str(k): expand(str(v)) for k, v in (rule.get("labels") or {}).items()}
        all_labels = {
            "alertname": expand(str(rule.get("title", ""))),
            "grafana_folder": expand(str(folder)),
            **own,
            **labels,
        }
        root = self.roots.get(_org(group))
        return tuple(dict.fromkeys(_receiver(route) for route in route_alert(rule, all_labels, root)))


def _org(group: Value) -> int:
    org = group.get("orgId") if isinstance(group, dict) else None
    return org if isinstance(org, int) and org else 1


def _entries(sections: dict[str, Value], name: str) -> dict[str, Value]:
    found = sections[name]
    return found if isinstance(found, dict) else {}


def _receiver(route: RouteNode) -> str:
    said = [f"muted in {name}" for name in route.mute_timings] + [f"only in {name}" for name in route.active_timings]
    return route.receiver + (f" ({', '.join(said)})" if said else "")


def _wanted(*sides: _Side) -> dict[str, tuple[str, ...]]:
    """The values that the policies ask for, by label. Of a regular expression only its plain alternatives."""
    found: dict[str, dict[str, None]] = {}
    for side in sides:
        for root in filter(None, side.roots.values()):
            for matcher in itertools.chain.from_iterable(route.matchers for route in root.walk()):
                values = matcher.value.split("|") if "~" in matcher.operator else [matcher.value]
                plain_ones = [v for v in values if v and not set(v) & set(".*+?()[]{}^$\\")]
                found.setdefault(matcher.name, {}).update(dict.fromkeys(plain_ones))
    return {name: tuple(values) for name, values in found.items() if values}


def _variants(uid: str, sides: tuple[_Side, _Side], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Sets of labels beyond the rule's own, the smaller first: none, and what a query may add or an error state
    does."""
    rules = [side.rules[uid] for side in sides if uid in side.rules]
    own = {"alertname", "grafana_folder", *(name for rule in rules for name in rule.get("labels") or {})}
    free = {name: values for name, values in wanted.items() if name not in own}
    title = str(rules[-1].get("title", ""))
    states = [{}] if "alertname" not in wanted else [{}, *_states(title, wanted["alertname"])]
    sets: Iterator[dict[str, str]] = (
        {**state, **dict(zip(names, values, strict=True))}
        for count in range(len(free) + 1)
        for names in itertools.combinations(sorted(free), count)
        for values in itertools.product(*(free[name] for name in names))
        for state in states
    )
    return itertools.islice(sets, _VARIANTS)


def _states(title: str, wanted: tuple[str, ...]) -> list[dict[str, str]]:
    """Of a query that fails or finds nothing Grafana makes alerts of other names, which policies match."""
    found = [sent_labels(fault, fault, title) or {} for fault in FAULTS]
    return [labels for labels in found if labels["alertname"] in wanted]
