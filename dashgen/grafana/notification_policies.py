"""Where an alert goes: notification policies walked as Alertmanager walks them.

Works on parsed provisioning documents (`policies.yaml`, a rule of `rules-*.yaml`), so that a committed tree can be
judged without its specs. Sources: prometheus/alertmanager dispatch/route.go and pkg/labels; for a rule's own
notification settings Grafana 12.3 pkg/services/ngalert/notifier/autogen_alertmanager.go.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from dashgen.grafana.durations import seconds
from dashgen.grafana.mute_timings import ProvisionedMuteTiming
from dashgen.grafana.provisioning_variables import expand

GROUP_WAIT, GROUP_INTERVAL, REPEAT_INTERVAL = 30.0, 300.0, 14400.0
"""Alertmanager's defaults, in seconds."""
EVERY_LABEL = "..."
"""In `group_by`: each label set is a group of its own."""
RULE_GROUP_BY = ("grafana_folder", "alertname")
"""What a rule with notification settings is always grouped by."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """`name operator value`; a label that an alert lacks is the empty text."""

    name: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        have = labels.get(self.name, "")
        if self.operator == "=":
            return have == self.value
        if self.operator == "!=":
            return have != self.value
        return (_regex(self.value).fullmatch(have) is not None) == (self.operator == "=~")

    def __str__(self) -> str:
        return f'{self.name}{self.operator}"{self.value}"'


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@dataclass(frozen=True, slots=True)
class RouteNode:
    """A node of the tree. Of what can be inherited it has what holds for it; mute and active timings never are."""

    receiver: str
    group_by: tuple[str, ...] = ()
    group_wait: float = GROUP_WAIT
    group_interval: float = GROUP_INTERVAL
    repeat_interval: float = REPEAT_INTERVAL
    mute_timings: tuple[str, ...] = ()
    active_timings: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    """`continue`: siblings after it are tried as well."""
    position: tuple[int, ...] = ()
    """Which child at each level: () is the root, (0, 2) the third child of its first."""
    steps: tuple[str, ...] = ("default policy",)
    """The same for people: `default policy`, `severity="critical"`."""
    children: tuple[RouteNode, ...] = field(default=(), repr=False)

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.matches(labels) for matcher in self.matchers)

    def is_due(self, since: float) -> bool:
        """Whether what goes on is sent again at a flush so many seconds after it was sent. Sending took a moment, so a
        repetition that is due with a flush comes with the next one (prometheus/alertmanager notify/notify.go,
        DedupStage.needsUpdate)."""
        return since > self.repeat_interval

    @property
    def repeats_after(self) -> float:
        """Seconds after which what goes on is really sent again: at the first flush at which it is due. A repetition
        every minute, flushed every minute, comes every two (seen on Grafana 12.4)."""
        if not self.group_interval:
            return self.repeat_interval
        first = max(1, int(self.repeat_interval // self.group_interval))
        flushes = (n * self.group_interval for n in itertools.count(first))
        return next(flush for flush in flushes if self.is_due(flush))

    def group_labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels by which an alert's group is told from others."""
        if EVERY_LABEL in self.group_by:
            return dict(labels)
        return {name: labels[name] for name in sorted(self.group_by) if name in labels}

    def walk(self) -> Iterator[RouteNode]:
        """This node and all below it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree(policies: Mapping[str, Any] | None, org_id: int = 1) -> RouteNode | None:
    """The tree of an org from a parsed `policies.yaml`; None where the file has none. The last entry of an org
    wins, as in Grafana."""
    roots = [p for p in (policies or {}).get("policies") or () if int(p.get("orgId") or 1) == org_id]
    return _route(roots[-1], None, ()) if roots else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(expand(str(item)) for item in value) if isinstance(value, Sequence) else ()


def _route(data: Mapping[str, Any], parent: RouteNode | None, position: tuple[int, ...]) -> RouteNode:
    base = parent or RouteNode("")
    matchers = tuple(Matcher(*map(expand, map(str, m))) for m in data.get("object_matchers") or ())
    step = ", ".join(map(str, matchers)) or "every alert"
    node = RouteNode(
        receiver=expand(str(data.get("receiver") or base.receiver)),
        group_by=_texts(data["group_by"]) if data.get("group_by") else base.group_by,
        group_wait=_seconds(data, "group_wait", base.group_wait),
        group_interval=_seconds(data, "group_interval", base.group_interval),
        repeat_interval=_seconds(data, "repeat_interval", base.repeat_interval),
        mute_timings=_texts(data.get("mute_time_intervals")),
        active_timings=_texts(data.get("active_time_intervals")),
        matchers=matchers,
        goes_on=bool(data.get("continue")),
        position=position,
        steps=(*parent.steps, step) if parent else base.steps,
    )
    children = tuple(_route(child, node, (*position, i)) for i, child in enumerate(data.get("routes") or ()))
    return replace(node, children=children)


def _seconds(data: Mapping[str, Any], key: str, inherited: float) -> float:
    return seconds(expand(str(data[key]))) if data.get(key) else inherited


def reached(root: RouteNode, labels: Mapping[str, str]) -> tuple[RouteNode, ...]:
    """The nodes that notify of an alert with these labels: depth first, the first child that matches unless it goes
    on, the node itself where no child matches. A receiver that several nodes name is notified by each."""
    if not root.matches(labels):
        return ()
    found: list[RouteNode] = []
    for child in root.children:
        matched = reached(child, labels)
        found += matched
        if matched and not child.goes_on:
            break
    return tuple(found) or (root,)


def rule_route(rule: Mapping[str, Any], root: RouteNode | None) -> RouteNode | None:
    """The one node of a rule with `notification_settings`, which passes by the tree; None for a rule without them.
    What they don't say comes from the root of the org's tree, the grouping apart: folder and alert name always belong
    to it."""
    settings = rule.get("notification_settings")
    if not settings:
        return None
    own = _route({k: v for k, v in settings.items() if k != "group_by"}, root or RouteNode(""), ())
    given = _texts(settings.get("group_by"))
    by = (EVERY_LABEL,) if EVERY_LABEL in given else (*RULE_GROUP_BY, *sorted({*given} - {*RULE_GROUP_BY}))
    return replace(own, group_by=by, steps=("notification settings of the rule",))


def route_alert(rule: Mapping[str, Any], labels: Mapping[str, str], root: RouteNode | None) -> tuple[RouteNode, ...]:
    """The nodes that notify of an alert of a rule: its own settings, else the tree's; none where there is neither."""
    own = rule_route(rule, root)
    if own is not None:
        return (own,)
    return reached(root, labels) if root else ()


def muted_by(route: RouteNode, timings: Mapping[str, ProvisionedMuteTiming], moment: datetime) -> tuple[str, ...]:
    """The mute timings that keep a node silent at a moment: those of its mute timings that contain it, or all of its
    active timings where none does. Empty: it notifies. A name that `timings` lacks never mutes."""
    muting = tuple(name for name in route.mute_timings if name in timings and timings[name].contains(moment))
    if muting or not route.active_timings:
        return muting
    if any(name in timings and timings[name].contains(moment) for name in route.active_timings):
        return ()
    return route.active_timings
