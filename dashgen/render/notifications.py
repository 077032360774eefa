"""Contact points, notification policies, mute timings and message templates as provisioning files.

Sources: pkg/services/provisioning/alerting/{contact_point,notification_policy,mute_times,text_templates}_types.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dashgen.grafana.durations import duration
from dashgen.model.alerting.notification import CHANNELS, ChannelRoute, Grouping, Match, Policy, Route
from dashgen.model.alerting.receiver import Receiver
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render.raw import merged
from dashgen.render.serialise import Interpolated, literal, referenced

if TYPE_CHECKING:
    from dashgen.grafana.notification_policies import RouteNode

Json = dict[str, Any]


def org_name(environment: Environment, name: str) -> str:
    """The name of a contact point or mute timing: unique in an org, so environments that share one have their own."""
    return environment.uid_prefix + name


def together(channels: Iterable[str]) -> str:
    """The name of the contact point that reaches all of several channels."""
    return " + ".join(sorted(channels))


def contact_points(project: Project, environment: Environment) -> list[tuple[str, list[tuple[str, Receiver]]]]:
    """Names, and the receivers with their uids. Where the org's policies are not dashgen's a rule can name one
    contact point only, so each set of channels that a rule has gets one."""
    found = [(p.name, [(r.uid, r) for r in p.receivers]) for p in project.contact_points]
    if not environment.owns_policy_tree:
        by_name = {p.name: p for p in project.contact_points}
        sets = {tuple(sorted(rule.channels)) for rule in project.rules if len(rule.channels) > 1}
        for channels in sorted(sets):
            points = [by_name[name] for name in channels if name in by_name]
            # uids are unique in an org; this one is stable for a receiver in a set
            tail = sha256(together(channels).encode()).hexdigest()[:6]
            found.append((together(channels), [(f"{r.uid}-{tail}", r) for p in points for r in p.receivers]))
    return [
        (org_name(environment, name), [(environment.uid_prefix + uid, r) for uid, r in receivers])
        for name, receivers in found
    ]


def contact_point_file(project: Project, environment: Environment) -> Json:
    entries = [
        {
            "orgId": environment.org_id,
            "name": Interpolated(name),
            "receivers": [_receiver(uid, receiver) for uid, receiver in receivers],
        }
        for name, receivers in contact_points(project, environment)
    ]
    return {"apiVersion": 1, "contactPoints": entries}


def _receiver(uid: str, receiver: Receiver) -> Json:
    settings = {key: value for key, value in receiver.settings_given().items() if value is not None}
    return {
        "uid": Interpolated(uid),
        "type": Interpolated(receiver.kind),
        "settings": referenced(settings),
        "disableResolveMessage": receiver.disable_resolve_message,
    }


def policy_file(project: Project, policy: Policy, environment: Environment) -> Json:
    """The whole tree. Channels that rules name and no ChannelRoute is written for follow the author's routes."""
    written = {route.channel for route in policy.routes if isinstance(route, ChannelRoute)}
    used = {name for rule in project.rules for name in rule.channels}
    routes = [*policy.routes, *(ChannelRoute(name) for name in sorted(used - written))]
    root = {
        "orgId": environment.org_id,
        "receiver": Interpolated(org_name(environment, str(policy.receiver))),
        **_grouping(policy),
    }
    if routes:
        root["routes"] = [_route(route, environment) for route in routes]
    return {"apiVersion": 1, "policies": [merged(root, referenced(policy.raw))]}


def rendered_policy(policy: Policy) -> Json:
    """The root of a tree alone, where nothing has a prefix."""
    out = {"receiver": Interpolated(str(policy.receiver)), **_grouping(policy)}
    return merged(out, referenced(policy.raw)) if policy.raw else out


def rendered_route(route: Route | ChannelRoute) -> Json:
    """A policy as it stands in a tree, where nothing has a prefix."""
    return _route(route, Environment("alone"))


def _grouping(node: Grouping) -> Json:
    out: Json = {"group_by": [Interpolated(name) for name in node.group_by]} if node.group_by else {}
    for name in ("group_wait", "group_interval", "repeat_interval"):
        if getattr(node, name):
            out[name] = Interpolated(getattr(node, name))
    return out


def _route(node: Route | ChannelRoute, environment: Environment) -> Json:
    channel = node.channel if isinstance(node, ChannelRoute) else None
    receiver = channel if channel is not None else node.receiver  # type: ignore[union-attr]  # a Route then
    matchers = (channel_match(str(channel)),) if channel is not None else node.matchers  # type: ignore[union-attr]
    out: Json = {"receiver": Interpolated(org_name(environment, str(receiver)))} if receiver is not None else {}
    out["object_matchers"] = [list(map(Interpolated, (m.label, m.operator, m.value))) for m in matchers]
    out |= _grouping(node)
    for key, names in (("mute_time_intervals", node.mute_timings), ("active_time_intervals", node.active_timings)):
        if names:
            out[key] = [Interpolated(org_name(environment, str(name))) for name in names]
    if channel is not None or (isinstance(node, Route) and node.goes_on):
        out["continue"] = True
    if node.routes:
        out["routes"] = [_route(child, environment) for child in node.routes]
    return merged(out, referenced(node.raw)) if node.raw else out


def channel_match(channel: str) -> Match:
    """Takes the alerts of rules that name a channel, which may be one of several in the label."""
    return Match(CHANNELS, "=~", f"(.*,)?{re.escape(channel)}(,.*)?")


def rule_settings(
    channels: Iterable[str],
    labels: Mapping[str, str],
    root: RouteNode | None,
    environment: Environment,
) -> Json | None:
    """A rule's own `notification_settings`, for an org whose policies are not dashgen's: the contact point of its
    channels, grouped and timed as the project's policy would for the first that it reaches, and muted where all that
    it reaches are. None where nothing says whom to notify: the org's own policies decide."""
    from dashgen.grafana.notification_policies import (  # with the data of time zones
        EVERY_LABEL,
        GROUP_INTERVAL,
        GROUP_WAIT,
        REPEAT_INTERVAL,
        RULE_GROUP_BY,
        reached,
    )

    wanted = tuple(sorted(channels))
    nodes = reached(root, labels) if root else ()
    if wanted:
        names = {org_name(environment, name) for name in wanted}
        nodes = tuple(node for node in nodes if node.receiver in names)
        receiver = org_name(environment, together(wanted))
    elif nodes:
        receiver = nodes[0].receiver
    else:
        return None
    out: Json = {"receiver": Interpolated(receiver)}
    if not nodes:
        return out
    first = nodes[0]
    if EVERY_LABEL in first.group_by:
        out["group_by"] = [Interpolated(EVERY_LABEL)]
    elif first.group_by:
        own = sorted({*first.group_by} - {*RULE_GROUP_BY})
        out["group_by"] = [Interpolated(name) for name in (*RULE_GROUP_BY, *own)]
    for key, value, default in (
        ("group_wait", first.group_wait, GROUP_WAIT),
        ("group_interval", first.group_interval, GROUP_INTERVAL),
        ("repeat_interval", first.repeat_interval, REPEAT_INTERVAL),
    ):
        if value != default:
            out[key] = Interpolated(duration(value))
    muted = [name for name in first.mute_timings if all(name in node.mute_timings for node in nodes)]
    if muted:
        out["mute_time_intervals"] = [Interpolated(name) for name in muted]
    return out


def mute_timing_file(project: Project, environment: Environment) -> Json:
    """Not expanded by Grafana, names included."""
    entries = [
        {
            "orgId": environment.org_id,
            **literal(
                {
                    "name": org_name(environment, timing.name),
                    "time_intervals": [interval.document for interval in timing.intervals],
                }
            ),
        }
        for timing in project.mute_timings
    ]
    return {"apiVersion": 1, "muteTimes": entries}


def template_file(project: Project, environment: Environment) -> Json:
    """Not expanded by Grafana."""
    entries = [
        {"orgId": environment.org_id, **literal({"name": t.name, "template": t.text})} for t in project.templates
    ]
    return {"apiVersion": 1, "templates": entries}
