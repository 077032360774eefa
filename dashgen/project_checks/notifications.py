"""Checks that whoever is named to be notified is there, and that whoever is there is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashgen.grafana.receiver_settings import lacks
from dashgen.model.alerting.notification import ChannelRoute, MuteTiming, Policy, Route, Template
from dashgen.model.alerting.receiver import RawReceiver, Receiver
from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node
from dashgen.model.core.problems import Problem
from dashgen.model.core.source_map.position import Spot
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.project import Project
from dashgen.project_checks.environments import UID_LENGTH
from dashgen.project_checks.findings import finding

TAIL = 7
"""Characters that a receiver's uid grows by where it is part of several channels' contact point."""


def check(project: Project) -> Iterator[Problem]:
    yield from _contact_points(project)
    yield from _mute_timings(project)
    yield from _twice(project.templates, "message template")
    yield from _templates(project)
    if project.policy is not None:
        yield from _policy(project, project.policy)
    yield from _unreached(project)
    yield from _missing_points(project)
    owners = [environment for environment in project.environments if environment.owns_policy_tree]
    notifies = bool(project.rules or project.contact_points)
    if owners and notifies and project.policy is None and "policy" not in project.refused:
        yield finding(
            owners[0], "owns_policy_tree: PROJECT has no policy",
            "policy=Policy('contact point', …), or owns_policy_tree=False", field="owns_policy_tree"
        )  # fmt: skip


def _templates(project: Project) -> Iterator[Problem]:
    """Message templates, and what receivers say by them: a text that fails is a message that nobody gets."""
    if not (project.templates or project.contact_points):
        return
    from dashgen.grafana.gotemplate import messages  # with the reader of Go templates
    from dashgen.grafana.gotemplate.notification_data import field_faults

    known: dict[str, Template] = {}
    for template in project.templates:
        for name, at in messages.defined(template.name, template.text).items():
            other = known.setdefault(name, template)
            if other.name != template.name:
                yield finding(
                    template, f"text: the template {name!r} is defined in {other.name!r} too",
                    "one of them would replace the other", spot=Spot(template.text, at), field="text"
                )  # fmt: skip
    for template in project.templates:
        for fault in messages.group_faults(template.text, known):
            yield finding(
                template, f"text: {fault.message}", fault.hint or "Grafana would not load it",
                spot=Spot(template.text, fault.at), field="text"
            )  # fmt: skip
    texts: list[tuple[tuple[Receiver, str, str], str]] = []
    for point in project.contact_points:
        for receiver in point.receivers:
            for field, text in _texts(receiver):
                texts.append(((receiver, field, text), text))
                for fault in messages.faults(text, known):
                    yield finding(
                        receiver, f"{field}: {fault.message}", fault.hint or "its notifications would go nowhere",
                        field=field, spot=Spot(text, fault.at),
                    )  # fmt: skip
    groups = {template.name: template for template in project.templates}
    for owner, fault in field_faults(texts, {name: template.text for name, template in groups.items()}):
        node, field, text = owner if isinstance(owner, tuple) else (groups[owner], "text", groups[owner].text)
        yield finding(
            node, f"{field}: {fault.message}", fault.hint or "Grafana would send a cut message, or none",
            field=field, spot=Spot(text, fault.at),
        )  # fmt: skip


def _texts(receiver: Receiver) -> Iterator[tuple[str, str]]:
    """What a receiver has that is filled in with a notification's data, by its field."""
    given: dict[str, object] = {name: getattr(receiver, name) for name in fields(type(receiver))}
    if isinstance(receiver, RawReceiver):
        given = {f"settings.{key}": value for key, value in receiver.settings.items()}
    for field, value in given.items():
        if isinstance(value, str) and "{{" in value:
            yield field, value


def _twice(nodes: Iterable[Node], what: str) -> Iterator[Problem]:
    names: set[str] = set()
    for node in nodes:
        name = str(getattr(node, "name", ""))
        if name in names:
            yield finding(node, f"another {what} has the name {name!r}", "give one another name", field="name")
        names.add(name)


def _contact_points(project: Project) -> Iterator[Problem]:
    yield from _twice(project.contact_points, "contact point")
    uids: set[str] = set()
    longest = max((len(e.uid_prefix) for e in project.environments), default=0)
    if any(len(rule.channels) > 1 for rule in project.rules):
        longest += TAIL
    named: set[str] = set()
    for point in project.contact_points:
        if point.name in named:
            continue  # told, and its receivers with it
        named.add(point.name)
        for receiver in point.receivers:
            if receiver.uid in uids:
                yield finding(
                    receiver, f"another receiver has the uid {receiver.uid!r}", "Grafana would not start", field="uid"
                )
            uids.add(receiver.uid)
            if needed := lacks(receiver.kind, receiver.settings_given()):
                yield finding(
                    receiver, f"a receiver of type {receiver.kind} needs {needed}", "Grafana would not start",
                    field="settings" if isinstance(receiver, RawReceiver) else "",
                )  # fmt: skip
            if len(receiver.uid) + longest > UID_LENGTH:
                yield finding(
                    receiver, f"its uid {receiver.uid!r} is {longest} characters too long with the prefix",
                    f"an environment's prefix and several channels add them; Grafana takes {UID_LENGTH}", field="uid",
                )  # fmt: skip


def _mute_timings(project: Project) -> Iterator[Problem]:
    if not project.mute_timings:
        return
    from dashgen.grafana.mute_timings import IntervalError, interval  # with the data of time zones

    yield from _twice(project.mute_timings, "mute timing")
    for timing in project.mute_timings:
        for part in timing.intervals:
            try:
                interval(part.document)
            except IntervalError as error:
                part.refuse(error.field)
                yield finding(part, f"{error.field}: {error}", "Grafana would not start", field=error.field)


def routes(policy: Policy) -> Iterator[Route | ChannelRoute]:
    """Every policy below the root, depth first."""

    def below(nodes: Iterable[Route | ChannelRoute]) -> Iterator[Route | ChannelRoute]:
        for node in nodes:
            yield node
            yield from below(node.routes)

    return below(policy.routes)


def _receiver(node: Policy | Route | ChannelRoute) -> str | None:
    named = node.channel if isinstance(node, ChannelRoute) else node.receiver
    return None if named is None else str(named)


def _policy(project: Project, policy: Policy) -> Iterator[Problem]:
    timings = {timing.name for timing in project.mute_timings}
    channels: set[str] = set()
    missing: dict[str, list[tuple[Node, str]]] = {}
    for node in routes(policy):
        name = _receiver(node)
        for field in ("mute_timings", "active_timings"):
            for timing in getattr(node, field):
                wanted = str(timing.name if isinstance(timing, MuteTiming) else timing)
                if wanted not in timings and "mute_timings" not in project.refused:
                    missing.setdefault(wanted, []).append((node, field))
        if isinstance(node, ChannelRoute):
            if name in channels:
                yield finding(
                    node,
                    f"another ChannelRoute has the channel {name!r}",
                    "it would be notified twice",
                    field="channel",
                )
            channels.add(str(name))
    for wanted, uses in missing.items():
        yield _told_once(uses, f"there is no mute timing {wanted!r}", nearest_or_all(wanted, timings))


def _missing_points(project: Project) -> Iterator[Problem]:
    """Contact points that rules and policies name and that are not there: each name is one mistake."""
    if "contact_points" in project.refused:
        return
    points = {point.name for point in project.contact_points}
    missing: dict[str, list[tuple[Node, str]]] = {}
    for rule in project.rules:
        for channel in rule.channels:
            if channel not in points:
                missing.setdefault(channel, []).append((rule, "channels"))
    for node in (project.policy, *routes(project.policy)) if project.policy is not None else ():
        name = _receiver(node)
        if name is not None and name not in points:
            missing.setdefault(name, []).append((node, "channel" if isinstance(node, ChannelRoute) else "receiver"))
    for name, uses in missing.items():
        yield _told_once(uses, f"there is no contact point {name!r}", nearest_or_all(name, points))


def _told_once(uses: list[tuple[Node, str]], message: str, hint: str) -> Problem:
    """At the first of those that name it."""
    node, field = uses[0]
    more = f"; {len(uses) - 1} more name{'s' if len(uses) == 2 else ''} it" if len(uses) > 1 else ""
    prefix = f"{field}: " if field == "channels" else ""
    return finding(node, f"{prefix}{message}{more}", hint, field=field)


def _unreached(project: Project) -> Iterator[Problem]:
    if {"alerts", "policy", "contact_points"} & project.refused:
        return
    if any("rules" in group.refused for group in project.alerts) or any("channels" in r.refused for r in project.rules):
        return  # who would be reached is not known
    reached = {channel for rule in project.rules for channel in rule.channels}
    if project.policy is not None:
        reached |= {str(_receiver(node)) for node in (project.policy, *routes(project.policy))}
    for point in project.contact_points:
        if point.name not in reached:
            yield finding(point, "nothing routes to it", "name it in a rule's channels or in the policy, or remove it")
