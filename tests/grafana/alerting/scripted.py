"""A rule over answers that a test writes down, so that one sentence about a state takes one line to check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashgen.grafana.alerting.queries import Answer, SqlFailed
from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.alerting.rule_runner import RuleRun
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.versions import Version, semantics

Row = Mapping[str, float | None] | float | None | str
"""One tick: values by host, one value, no rows (None), or the text of an SQL error."""

HOST, VALUE = WireColumn("host", 1043), WireColumn("v", 701)


def a_rule(**overrides: Any) -> dict[str, Any]:
    """Value > 10, every 10 s. A keyword ends in `_` where its key is one of Python's."""
    model = {"refId": "A", "datasource": {"type": "postgres", "uid": "q"}, "format": "table", "rawSql": "SELECT 1"}
    fires = {
        "type": "threshold",
        "refId": "C",
        "expression": "A",
        "conditions": [{"evaluator": {"type": "gt", "params": [10]}}],
    }
    return {
        "uid": "r", "title": "Rule", "folder": "F", "group": "g", "interval": "10s", "condition": "C", "for": "0s",
        "noDataState": "NoData", "execErrState": "Error",
        "data": [
            {"refId": "A", "datasourceUid": "q", "relativeTimeRange": {"from": 60, "to": 0}, "model": model},
            {"refId": "C", "datasourceUid": "-100", "model": fires},
        ],
    } | {key.rstrip("_"): value for key, value in overrides.items()}  # fmt: skip


def run(
    ticks: Sequence[Row], version: Version = (9, 4), rule: dict[str, Any] | None = None, **overrides: Any
) -> RuleRun:
    """Not started: `states` runs it."""
    given = rule or a_rule(**overrides)
    remaining = list(ticks)

    def answer(_: str) -> Answer:
        row = remaining.pop(0)
        if isinstance(row, str):
            raise SqlFailed(row)
        if row is None:
            return Answer((VALUE,), ())
        if isinstance(row, Mapping):
            return Answer((HOST, VALUE), tuple(row.items()))
        return Answer((VALUE,), ((row,),))

    return RuleRun(rule_spec(given), semantics(version), answer)


def states(ticks: Sequence[Row], version: Version = (9, 4), **overrides: Any) -> list[str]:
    """After every tick, each instance as `host=a Alerting`, sorted, commas between; `*` marks one that was not
    evaluated."""
    rule = run(ticks, version, **overrides)
    step = rule.rule.interval
    texts = []
    for number in range(len(ticks)):
        shown = []
        for one in rule.tick(number * step).instances:
            labels = ",".join(f"{k}={v}" for k, v in sorted(one.own_labels().items()))
            shown.append(f"{labels} {one.described}{'' if one.evaluated else '*'}".strip())
        texts.append(", ".join(sorted(shown)))
    return texts
