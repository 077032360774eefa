"""A small world to test in: two rules over one table of the shipped specs, routed by severity, muted at the weekend."""

from __future__ import annotations

from typing import Any

import yaml

from dashgen.alert_tests.fixture import notifications_of
from dashgen.alert_tests.suite import Fixture
from dashgen.grafana.versions import semantics
from dashgen.model.tables.table import table_of
from dashgen.tree.read import RenderedTree
from specs.tables import DaemonMetrics, PipelineMetrics

DOWN = """SELECT host, running::int AS up FROM daemon_metrics WHERE $__timeFilter(timestamp)
    LATEST ON timestamp PARTITION BY host"""
ERRORS = """SELECT host, max(error_count) - min(error_count) AS errors FROM daemon_metrics
    WHERE $__timeFilter(timestamp) GROUP BY host"""
RECORDS = """SELECT exchange, sum(records) AS records FROM pipeline_1m
    WHERE timestamp >= timestamp_floor('1m', $__fromTime) AND timestamp <= $__toTime GROUP BY exchange"""


def a_rule(uid: str, sql: str, kind: str, limit: float, severity: str, pending: str = "0s") -> dict[str, Any]:
    model = {
        "refId": "A", "queryType": "sql", "rawSql": sql, "format": 1,
        "datasource": {"type": "questdb-questdb-datasource", "uid": "questdb"},
    }  # fmt: skip
    expression = {"datasource": {"type": "__expr__", "uid": "__expr__"}}
    reduce = {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last", "settings": {"mode": "dropNN"}}
    fires = {
        "refId": "C", "type": "threshold", "expression": "B",
        "conditions": [{"evaluator": {"type": kind, "params": [limit]}}],
    }  # fmt: skip
    return {
        "uid": uid, "title": uid.replace("-", " "), "condition": "C", "for": pending, "noDataState": "NoData",
        "execErrState": "Error", "labels": {"severity": severity, "env": "prod"},
        "annotations": {"summary": "{{ $labels.host }} is at {{ $values.A }}"},
        "data": [
            {"refId": "A", "datasourceUid": "questdb", "relativeTimeRange": {"from": 60, "to": 0}, "model": model},
            {"refId": "B", "datasourceUid": "__expr__", "model": {**reduce, **expression}},
            {"refId": "C", "datasourceUid": "__expr__", "model": {**fires, **expression}},
        ],
    }  # fmt: skip


DOCUMENTS: dict[str, Any] = {
    "provisioning/alerting/rules-daemons.yaml": {
        "apiVersion": 1,
        "groups": [
            {
                "name": "daemons", "folder": "Alerts", "interval": "10s",
                "rules": [
                    a_rule("daemon-down", DOWN, "lt", 1, "critical", "20s"),
                    a_rule("errors", ERRORS, "gt", 10, "warning"),
                    a_rule("records", RECORDS, "lt", 50, "warning"),
                ],
            }
        ],
    },
    "provisioning/alerting/policies.yaml": {
        "apiVersion": 1,
        "policies": [
            {
                "orgId": 1, "receiver": "email", "group_by": ["env", "host"],
                "routes": [
                    {"receiver": "oncall", "object_matchers": [["severity", "=", "critical"]], "continue": True,
                     "mute_time_intervals": ["weekend"]},
                    {"receiver": "platform", "object_matchers": [["alertname", "=~", "Datasource.*"]]},
                    {"receiver": "email", "object_matchers": [["env", "=", "prod"]]},
                ],
            }
        ],
    },
    "provisioning/alerting/mute-timings.yaml": {
        "apiVersion": 1,
        "muteTimes": [{"orgId": 1, "name": "weekend", "time_intervals": [{"weekdays": ["saturday", "sunday"]}]}],
    },
}  # fmt: skip

TREE = RenderedTree("test", {path: yaml.safe_dump(document).encode() for path, document in DOCUMENTS.items()})
WORLD = Fixture(
    rules=TREE.rule_specs,
    classes={table_of(cls).name: cls for cls in (DaemonMetrics, PipelineMetrics)},
    notifications=notifications_of(TREE),
    semantics=semantics((12, 3)),
)
