"""The alert list: rules evaluated over the rows of the last minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashgen.grafana.notification_policies import Matcher
from dashgen.preview.alerts import AlertStates, matchers
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import AT, SOURCE, Served, dashboard, loaded, panel

pytestmark = pytest.mark.questdb
Json = dict[str, Any]
EVERY = dict.fromkeys(("firing", "pending", "noData", "normal", "error", "recovering"), True)


def rule(uid: str, sql: str, pending: str = "0s", **more: object) -> Json:
    query = {"datasource": SOURCE, "rawSql": sql, "format": 1, "refId": "A"}
    conditions = [{"evaluator": {"type": "gt", "params": [5]}}]
    threshold = {"type": "threshold", "expression": "A", "conditions": conditions, "refId": "C"}
    return {
        "uid": uid, "title": f"Rule {uid}", "condition": "C", "for": pending, "execErrState": "Error",
        "labels": {"severity": "page"},
        "annotations": {"summary": "{{ $labels.host }} is at {{ $values.A.Value }}", "__dashboardUid__": "one",
                        "__panelId__": "3"},
        "data": [
            {"refId": "A", "datasourceUid": "qdb", "relativeTimeRange": {"from": 60, "to": 0}, "model": query},
            {"refId": "C", "datasourceUid": "__expr__", "model": threshold},
        ],
        **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    """Ten minutes up to `AT`, a row each ten seconds: b is high in the last 50 seconds."""
    questdb.execute("DROP TABLE IF EXISTS preview_load")  # a worker may come back to this module
    questdb.execute("CREATE TABLE preview_load (at TIMESTAMP, host SYMBOL, v LONG) TIMESTAMP(at) PARTITION BY DAY WAL")
    begin = (AT - 600_000) * 1000
    questdb.execute(
        f"INSERT INTO preview_load SELECT cast({begin} + (x / 2) * 10000000L AS TIMESTAMP), CASE x % 2 WHEN 0 THEN 'a'"
        " ELSE 'b' END, CASE WHEN x % 2 = 1 AND x / 2 >= 55 THEN 9 ELSE 1 END FROM long_sequence(121)"
    )
    questdb.settle()
    return questdb


LAST = "SELECT host, last(v) AS v FROM preview_load WHERE $__timeFilter(at) ORDER BY host"


@pytest.fixture(scope="module")
def served(rows: EmbeddedQuestDB) -> Iterator[Served]:
    rules = [
        rule("high", LAST),
        rule("waiting", LAST, "1m"),
        rule("none", f"{LAST} LIMIT 0"),
        rule("broken", "SELECT nope FROM preview_load", annotations={"summary": "s"}),
        rule("paused", LAST, isPaused=True),
    ]
    options: dict[int, Json] = {
        1: {"stateFilter": EVERY},
        2: {"stateFilter": {"firing": True}},
        3: {"alertName": "WAIT", "stateFilter": EVERY},
        4: {"alertInstanceLabelFilter": '{host="$host"}', "stateFilter": EVERY},
        5: {"folder": {"title": "Other alerts"}},
        6: {"dashboardAlerts": True, "stateFilter": {"error": True, "firing": True}},
        7: {"alertInstanceLabelFilter": 'host=~"(", severity="page"'},
    }
    panels = [panel(number, type="alertlist", options=given) for number, given in options.items()]
    variable = {"name": "host", "type": "custom", "query": "a,b"}
    with Served(rows.readonly_dsn, loaded([dashboard(*panels, variables=[variable])], rules)) as running:
        yield running


def listed(served: Served, number: int, **more: object) -> list[Json]:
    reply = served.ask("POST", "/api/alerts", {"uid": "one", "panelId": number, **more})
    assert reply.status == 200, reply.body
    assert all(group["name"] == "group" for group in reply.data["groups"])
    return [one for group in reply.data["groups"] for one in group["rules"]]


def brief(alerts: list[Json]) -> list[tuple[str, str, str | None]]:
    return [(one["uid"], one["state"], one["labels"].get("host")) for one in alerts]


def test_every_instance_with_its_state(served: Served) -> None:
    assert brief(listed(served, 1)) == [
        ("high", "normal", "a"), ("high", "firing", "b"), ("waiting", "normal", "a"), ("waiting", "pending", "b"),
        ("none", "nodata", None), ("broken", "error", None),
    ]  # fmt: skip


def test_what_is_known_of_one(served: Served) -> None:
    (alert,) = listed(served, 2)
    assert alert == {
        "uid": "high", "name": "Rule high", "state": "firing", "since": AT - 50_000, "folder": "Alerts",
        "labels": {"alertname": "Rule high", "grafana_folder": "Alerts", "host": "b", "severity": "page"},
        "annotations": {"summary": "b is at 9"}, "dashboardUid": "one", "panelId": 3,
    }  # fmt: skip


def test_what_a_list_is_of(served: Served) -> None:
    assert {uid for uid, _, _ in brief(listed(served, 3))} == {"waiting"}
    assert {host for _, _, host in brief(listed(served, 4, variables={"host": "a"}))} == {"a"}
    assert {host for _, _, host in brief(listed(served, 4, variables={"host": "b"}))} == {"b"}
    assert listed(served, 5) == []
    assert brief(listed(served, 6)) == [("high", "firing", "b")]
    assert listed(served, 7) == []  # no regular expression: nothing
    assert served.ask("POST", "/api/alerts", {"uid": "one", "panelId": 99}).status == 404


def test_it_goes_on_from_where_it_was(rows: EmbeddedQuestDB, monkeypatch: pytest.MonkeyPatch) -> None:
    board = dashboard(panel(1, type="alertlist", options={"stateFilter": EVERY}))
    with Served(rows.readonly_dsn, loaded([board], [rule("waiting", LAST, "40s")]), at=AT - 60_000) as served:
        alerts = served.session._alerts
        moment = AT - 60_000
        alerts.now = lambda: moment
        found = {}
        for moment in range(AT - 60_000, AT + 1, 10_000):
            found[(AT - moment) // 1000] = {host: state for _, state, host in brief(listed(served, 1))}["b"]
        assert found == {
            60: "normal",
            50: "pending",
            40: "pending",
            30: "pending",
            20: "pending",
            10: "firing",
            0: "firing",
        }
        with monkeypatch.context() as nothing_new:
            nothing_new.delattr(AlertStates, "_advance")
            assert {host: state for _, state, host in brief(listed(served, 1))}["b"] == "firing"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ('{a="b", c!="d"}', [("a", "=", "b"), ("c", "!=", "d")]),
        ("a=b,c=~d.*", [("a", "=", "b"), ("c", "=~", "d.*")]),
        ('{a="with \\"quotes\\", and commas"}', [("a", "=", 'with "quotes", and commas')]),
        ('a !~ "x|y"', [("a", "!~", "x|y")]),
    ],
)
def test_matchers(text: str, found: list[tuple[str, str, str]]) -> None:
    assert list(matchers(text)) == [Matcher(*one) for one in found]
