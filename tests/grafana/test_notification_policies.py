"""Policies walked against a definition of what is notified that walks nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.durations import seconds
from dashgen.grafana.mute_timings import mute_timings
from dashgen.grafana.notification_policies import Matcher, RouteNode, muted_by, reached, route_alert, rule_route, tree

VALUES = st.sampled_from(["", "a", "b", "ab"])
NAMES = st.sampled_from(["x", "y"])
MATCHERS = st.lists(
    st.tuples(NAMES, st.sampled_from(["=", "!=", "=~", "!~"]), st.sampled_from(["", "a", "a|b", "a.*"])), max_size=2
)
LABELS = st.dictionaries(NAMES, VALUES)


def _node(children: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"object_matchers": MATCHERS.map(lambda ms: [list(m) for m in ms])},
        optional={
            "receiver": st.sampled_from(["r1", "r2", "r3"]),
            "continue": st.booleans(),
            "group_by": st.sampled_from([[], ["host"], ["..."]]),
            "group_wait": st.sampled_from(["10s", "1m30s"]),
            "mute_time_intervals": st.just(["nights"]),
            "routes": children,
        },
    )


NODES = st.recursive(_node(st.just([])), lambda inner: _node(st.lists(inner, max_size=3)), max_leaves=12)
TREES = st.lists(NODES, max_size=4).map(
    lambda routes: {"policies": [{"receiver": "root", "group_by": ["alertname"], "routes": routes}]}
)


def _notified(root: RouteNode, labels: dict[str, str]) -> list[tuple[int, ...]]:
    """A node notifies if it and all above it match, none of its children does, and no sibling before it or before
    one above it matched without going on."""
    by_position = {node.position: node for node in root.walk()}
    found = []
    for position, node in by_position.items():
        line = [by_position[position[:n]] for n in range(len(position) + 1)]
        before = [
            by_position[(*position[:level], i)] for level in range(len(position)) for i in range(position[level])
        ]  # fmt: skip
        if (
            all(n.matches(labels) for n in line)
            and not any(child.matches(labels) for child in node.children)
            and not any(n.matches(labels) and not n.goes_on for n in before)
        ):
            found.append(position)
    return found


@given(TREES, LABELS)
def test_what_is_reached_is_what_the_definition_says(document: dict[str, Any], labels: dict[str, str]) -> None:
    root = tree(document)
    assert root is not None
    got = reached(root, labels)
    assert [node.position for node in got] == _notified(root, labels)
    assert got  # the root takes every alert


@given(TREES)
def test_what_is_inherited_and_what_is_not(document: dict[str, Any]) -> None:
    def check(data: dict[str, Any], node: RouteNode, parent: RouteNode | None) -> None:
        inherited = parent or RouteNode("")
        assert node.receiver == data.get("receiver", inherited.receiver)
        assert node.group_by == (tuple(data.get("group_by") or ()) or inherited.group_by)
        assert node.group_wait == (seconds(data["group_wait"]) if "group_wait" in data else inherited.group_wait)
        assert node.mute_timings == tuple(data.get("mute_time_intervals", ()))
        for child, below in zip(data.get("routes", []), node.children, strict=True):
            check(child, below, node)

    root = tree(document)
    assert root is not None
    check(document["policies"][0], root, None)


@pytest.mark.parametrize(
    ("operator", "value", "have", "matches"),
    [
        ("=", "a", "a", True),
        ("=", "", None, True),
        ("!=", "a", None, True),
        ("=~", "a|b", "ab", False),  # anchored, both ends of each alternative
        ("=~", "a|b", "b", True),
        ("=~", ".*", None, True),
        ("=~", ".+", None, False),
        ("!~", "prod.*", "production", False),
        ("!~", "prod", "production", True),
        ("=~", "a", "a\n", False),
        ("=~", r"\d", "٣", False),  # RE2's classes are ASCII's
    ],
)
def test_matchers(operator: str, value: str, have: str | None, matches: bool) -> None:
    assert Matcher("x", operator, value).matches({} if have is None else {"x": have}) is matches


POLICIES = {
    "apiVersion": 1,
    "policies": [
        {
            "orgId": 1,
            "receiver": "mail",
            "group_by": ["alertname", "env", "host"],
            "group_interval": "2m",
            "routes": [
                {"receiver": "platform", "object_matchers": [["alertname", "=~", "DatasourceError|DatasourceNoData"]]},
                {"receiver": "chat", "object_matchers": [["severity", "=", "critical"]], "continue": True,
                 "mute_time_intervals": ["nights"]},
                {"object_matchers": [["price", "=", "5$$"]], "group_by": ["..."]},
            ],
        }
    ],
}  # fmt: skip


def test_the_path_says_the_way() -> None:
    root = tree(POLICIES)
    assert root is not None
    (chat,) = reached(root, {"severity": "critical", "host": "a"})
    assert (chat.receiver, chat.position, chat.steps) == ("chat", (1,), ("default policy", 'severity="critical"'))
    assert (chat.group_interval, chat.group_wait, chat.repeat_interval) == (120, 30, 14400)
    assert chat.group_labels({"host": "a", "severity": "critical"}) == {"host": "a"}
    chat, other = reached(root, {"severity": "critical", "price": "5$"})
    assert (other.receiver, other.group_labels({"price": "5$"})) == ("mail", {"price": "5$"})
    assert [n.receiver for n in reached(root, {"alertname": "DatasourceError", "severity": "critical"})] == ["platform"]


def test_another_org_has_no_tree() -> None:
    assert tree(POLICIES, org_id=2) is None
    assert tree(None) is None


def test_a_rules_own_settings_pass_by_the_tree() -> None:
    root = tree(POLICIES)
    rule = {"notification_settings": {"receiver": "own", "group_by": ["host", "alertname"], "repeat_interval": "1h"}}
    (own,) = route_alert(rule, {"severity": "critical"}, root)
    assert own == rule_route(rule, root)
    assert (own.receiver, own.repeat_interval, own.group_interval) == ("own", 3600, 120)
    assert own.group_by == ("grafana_folder", "alertname", "host")
    assert own.steps == ("notification settings of the rule",)
    (alone,) = route_alert({"notification_settings": {"receiver": "own"}}, {}, None)
    assert (alone.group_by, alone.group_wait) == (("grafana_folder", "alertname"), 30)
    assert route_alert({}, {}, None) == ()
    assert [n.receiver for n in route_alert({}, {"severity": "critical"}, root)] == ["chat"]


def test_what_mutes_a_node() -> None:
    timings = mute_timings(
        {
            "muteTimes": [
                {"name": "nights", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "06:00"}]}]},
                {"name": "office", "time_intervals": [{"weekdays": ["monday:friday"]}]},
            ]
        }
    )
    night, day, sunday = (datetime(2026, 11, d, h, tzinfo=UTC) for d, h in ((24, 3), (24, 12), (22, 12)))
    assert muted_by(RouteNode("r", mute_timings=("nights",)), timings, night) == ("nights",)
    assert muted_by(RouteNode("r", mute_timings=("nights",)), timings, day) == ()
    assert muted_by(RouteNode("r", active_timings=("office",)), timings, day) == ()
    assert muted_by(RouteNode("r", active_timings=("office",)), timings, sunday) == ("office",)
    assert muted_by(RouteNode("r", mute_timings=("gone",)), timings, night) == ()


@pytest.mark.parametrize(
    ("group_interval", "repeat_interval", "after"),
    [(60, 60, 120), (300, 14400, 14700), (600, 43200, 43800), (300, 60, 300), (30, 60, 90), (300, 14399, 14400)],
)
def test_a_repetition_waits_for_the_flush_after_it_is_due(
    group_interval: int, repeat_interval: int, after: int
) -> None:
    assert RouteNode("r", group_interval=group_interval, repeat_interval=repeat_interval).repeats_after == after
