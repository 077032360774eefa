"""What Alertmanager's rules make of alerts over time, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.grafana.alerting.message_dispatch import SentAlert, alerts, messages
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.mute_timings import mute_timings
from dashgen.grafana.notification_policies import RouteNode, tree
from dashgen.grafana.versions import Version
from tests.grafana.alerting.scripted import Row, a_rule, run

MONDAY = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp())
RULE = rule_spec(a_rule())
POLICY = {
    "receiver": "mail", "group_by": ["env"], "group_wait": "30s", "group_interval": "5m", "repeat_interval": "1h",
}  # fmt: skip


def alert(host: str, start: int, end: int | None = None, env: str = "prod") -> SentAlert:
    labels: Labels = (("env", env), ("host", host))
    return SentAlert(RULE.uid, labels, MONDAY + start, None if end is None else MONDAY + end)


def told(
    *given: SentAlert, until: int = 3600, notifications: Notifications | None = None, **policy: object
) -> list[str]:
    """`90 +a -b`: seconds, hosts that fire, hosts that are over."""
    root = tree({"policies": [{**POLICY, **policy}]})
    known = notifications or Notifications(root, {})
    return [
        " ".join(
            [
                f"{one.at - MONDAY:g}",
                *(f"+{dict(a.labels)['host']}" for a in one.firing),
                *(f"-{dict(a.labels)['host']}" for a in one.resolved),
            ]
        )
        for one in messages(given, {RULE.uid: RULE}, known, MONDAY + until)
    ]


def test_the_first_waits_for_others_of_its_group() -> None:
    assert told(alert("a", 0), alert("b", 30), alert("c", 31), until=330) == ["30 +a +b", "330 +a +b +c"]
    assert told(alert("a", 0), alert("b", 10, env="test"), until=60) == ["30 +a", "40 +b"]
    assert told(alert("a", 0), alert("b", 10), until=60, group_by=["..."]) == ["30 +a", "40 +b"]


def test_what_is_over_before_the_first_is_never_told() -> None:
    assert told(alert("a", 0, 30)) == []
    assert told(alert("a", 0, 20), alert("b", 10)) == ["30 +b -a"]


def test_an_end_comes_with_the_next_flush() -> None:
    assert told(alert("a", 0, 100)) == ["30 +a", "330 -a"]
    assert told(alert("a", 0, 100), alert("b", 0, 400)) == ["30 +a +b", "330 +b -a", "630 -b"]


def test_what_flaps_between_two_flushes_is_no_news() -> None:
    assert told(alert("a", 0, 100), alert("a", 200), until=700) == ["30 +a"]


def test_a_group_that_was_empty_waits_again() -> None:
    assert told(alert("a", 0, 100), alert("a", 1000)) == ["30 +a", "330 -a", "1030 +a"]


def test_a_repetition_comes_with_the_flush_after_it_is_due() -> None:
    assert told(alert("a", 0), until=8000) == ["30 +a", "3930 +a", "7830 +a"]
    assert told(alert("a", 0), until=300, group_wait="0s", group_interval="1m", repeat_interval="1m") == [
        "0 +a", "120 +a", "240 +a",
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    group_wait=st.integers(0, 300), group_interval=st.integers(1, 1000), repeat_interval=st.integers(1, 20_000)
)  # fmt: skip
def test_a_repetition_is_sent_when_the_route_says(group_wait: int, group_interval: int, repeat_interval: int) -> None:
    """What texts say (`Route.repeats_after`) and what is simulated are one calculation."""
    root = tree({"policies": [{**POLICY, "group_wait": f"{group_wait}s", "group_interval": f"{group_interval}s",
                               "repeat_interval": f"{repeat_interval}s"}]})  # fmt: skip
    assert root is not None
    found = messages([alert("a", 0)], {RULE.uid: RULE}, Notifications(root, {}), MONDAY + group_wait + 50_000)
    assert found[0].at == MONDAY + group_wait
    assert found[1].at - found[0].at == root.repeats_after


def test_receivers_that_want_no_end_get_none() -> None:
    root = tree({"policies": [POLICY]})
    quiet = Notifications(root, {}, {"mail": frozenset({False})})
    assert told(alert("a", 0, 100), alert("a", 1000), notifications=quiet) == ["30 +a", "1030 +a"]
    both = Notifications(root, {}, {"mail": frozenset({False, True})})
    assert told(alert("a", 0, 100), notifications=both) == ["30 +a", "330 -a"]


def test_a_mute_timing_keeps_back_what_is_flushed_then() -> None:
    noon = {"times": [{"start_time": "12:00", "end_time": "12:10"}]}
    timings = mute_timings({"muteTimes": [{"orgId": 1, "name": "noon", "time_intervals": [noon]}]})
    child = {"receiver": "mail", "mute_time_intervals": ["noon"]}
    muted = Notifications(tree({"policies": [{**POLICY, "routes": [child]}]}), timings)
    assert told(alert("a", 0), notifications=muted) == ["630 +a"]
    assert told(alert("a", 0, 400), notifications=muted) == []
    # told before, over while muted, again afterwards: the receiver is thought to know
    late = [replace(one, start=one.start - 300, end=one.end and one.end - 300) for one in (alert("a", 0, 500),)]
    assert told(*late, alert("a", 900), until=1500, notifications=muted) == ["-270 +a"]


def test_sibling_routes_that_go_on_each_tell() -> None:
    routes = [{"receiver": "phone", "group_wait": "10s", "continue": True}, {"receiver": "chat"}]
    root: RouteNode | None = tree({"policies": [{**POLICY, "routes": routes}]})
    sent = messages([alert("a", 0)], {RULE.uid: RULE}, Notifications(root, {}), MONDAY + 60)
    assert [(one.contact_point, one.at - MONDAY) for one in sent] == [("phone", 10), ("chat", 30)]


def sent(*rows: Row, version: Version = (12, 3)) -> list[tuple[str, int, int | None]]:
    rule = run(rows, version)
    found = alerts(rule.rule, [rule.tick(number * 10) for number in range(len(rows))])
    return [(dict(one.labels)["alertname"], one.start, one.end) for one in found]


def test_what_evaluations_send() -> None:
    assert sent({"a": 20}, {"a": 30}, {"a": 5}, {"a": 20}) == [("Rule", 0, 20), ("Rule", 30, None)]
    assert sent({"a": 5}, {"a": 5}) == []
    # a series that is missing ends with its instance, two evaluations later
    assert sent({"a": 20, "b": 5}, {"b": 5}, {"b": 5}, {"b": 5}) == [("Rule", 0, 20)]
    # the error is an instance of its own, beside what is only missing
    assert sent(20.0, 20.0, "boom", 5.0) == [("Rule", 0, 30), ("DatasourceError", 20, 30)]
    # the same instance under the name of the error is another alert; the old one is no longer sent and expires
    assert sent(20.0, 20.0, "boom", 5.0, version=(12, 2)) == [("Rule", 0, 130), ("DatasourceError", 20, 30)]
