"""Alert rules: what they evaluate, and what a constructor refuses."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import (
    AlertGroup,
    AlertRule,
    Expression,
    Math,
    Query,
    Reduce,
    Resample,
    SpecError,
    Threshold,
)


def rule(**fields: Any) -> AlertRule:
    given: dict[str, Any] = {"uid": "r", "title": "R", "query": "SELECT 1", "severity": "critical", "threshold": 1}
    return AlertRule(**{**given, **fields})


def shown(value: AlertRule) -> list[str]:
    return [f"{letter}: {what!r}" for letter, what in value.steps]


def test_one_query_and_one_threshold() -> None:
    assert shown(rule(fires="below")) == [
        "A: Query(sql='SELECT 1')",
        "B: Reduce(input='A')",
        "C: Threshold(input='B', threshold=1, fires='below')",
    ]
    assert rule().condition_ref == "C"


def test_condition_names_the_query_that_is_judged() -> None:
    two = rule(query=("SELECT 1", "SELECT 2"), condition="B", reducer="max", nulls="strict")
    assert shown(two)[2:] == [
        "C: Reduce(input='B', reducer='max', nulls='strict')",
        "D: Threshold(input='C', threshold=1)",
    ]


def test_math_reads_each_query_reduced() -> None:
    ratio = rule(query=("SELECT 1", "SELECT 2"), math="100 * $A / ${B} + $A", threshold=(1, 5), fires="inside")
    assert shown(ratio)[2:] == [
        "C: Reduce(input='A')",
        "D: Reduce(input='B')",
        "E: Math(expression='100 * $C / $D + $C')",
        "F: Threshold(input='E', threshold=(1, 5), fires='inside')",
    ]


def test_expressions_say_all_of_it() -> None:
    own = rule(
        query=Query("SELECT 1", format="time_series"),
        threshold=None,
        expressions=(
            Resample("A", window="1m"),
            Reduce("B", "mean"),
            Expression({"type": "math", "expression": "$C > 1"}),
        ),
    )
    assert [letter for letter, _ in own.steps] == ["A", "B", "C", "D"]
    assert own.condition_ref == "D"
    chosen = rule(expressions=(Reduce("A"), Math("$B * 2")), condition="B", threshold=None)
    assert chosen.condition_ref == "B"
    appended = rule(expressions=(Reduce("A"), Math("$B * 2")))
    assert appended.condition_ref == "D"


def test_an_sdk_expression_is_frozen_when_it_is_given() -> None:
    from grafana_foundation_sdk.builders.expr import TypeMath

    builder = TypeMath().expression("$A * 2").ref_id("X")
    kept = Expression(builder)
    builder.expression("$A * 3")
    assert dict(kept.model) == {"expression": "$A * 2", "type": "math"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"threshold": None}, "needs threshold"),
        ({"threshold": (1, 2)}, r"expected one number for fires='above', got \(1, 2\)"),
        ({"threshold": 1, "fires": "inside"}, "expected \\(low, high\\) for fires='inside', got 1"),
        ({"threshold": (2, 1), "fires": "inside"}, "low below high"),
        ({"threshold": float("nan")}, "a finite number"),
        ({"fires": "over"}, "one of 'above', 'below', 'inside', 'outside', got 'over'"),
        ({"title": "x" * 191}, "at most 190 characters"),
        ({"for_duration": "1d"}, "a duration like '30s', '5m', '1h', got '1d'"),
        ({"for_duration": "-5s"}, "a duration like"),
        ({"labels": {"__x": "1", "env": "2"}}, "'__x' is none, and labels of your own; 'env' is set by dashgen"),
        ({"window": "0s"}, "at least '1s'"),
        ({"window": "500ms"}, "whole seconds"),
        ({"delay": "1500ms"}, "whole seconds"),
        ({"severity": "warn"}, "did you mean 'warning'"),
        ({"condition": "B"}, "condition: expected one of A, got 'B'"),
        ({"condition": "first"}, "the letter of a query"),
        ({"query": ("SELECT 1", "SELECT 2")}, "has 2 queries and no condition"),
        ({"query": ("SELECT 1",) * 5, "condition": "A"}, r"at most 4 queries \(A to D\), got 5"),
        ({"math": "$A / $B"}, "math: names B; it has A"),
        ({"math": "1 > 0"}, "math: names no query"),
        ({"math": "$A", "condition": "A"}, "math is the condition already"),
        ({"expressions": (Threshold("A", 1),), "query": Query("SELECT 1", format="time_series"), "threshold": None},
         "compares the time series A"),
        ({"expressions": (Math("$A"),), "query": Query("SELECT 1", format="time_series"), "threshold": None},
         "its condition B is a time series"),
        ({"expressions": (Reduce("C"), Reduce("A"))}, "B reads C, which is not before it"),
        ({"expressions": (Math("$B"),)}, "B reads B"),
        ({"channels": ("mail", "mail")}, "named twice"),
        ({"channels": ("a,b",)}, "has a comma"),
        ({"labels": {"severity": "low"}}, "'severity' is set by dashgen"),
        ({"labels": {"a-b": "x"}}, "'a-b' is none"),
        ({"labels": {"__x__": "x"}}, "'__x__' is none"),
        ({"annotations": {"summary": "x"}}, "'summary' has a field of its own"),
        ({"summary": "costs ${PRICE}"}, "a text without '\\${'"),
        ({"runbook_url": "docs/runbooks.md"}, "an address that starts with"),
        ({"nulls": "replace"}, 'replace_with belongs to nulls="replace"'),
        ({"replace_with": 0.0}, 'replace_with belongs to nulls="replace"'),
        ({"uid": "1st"}, "a uid of at most 40"),
        ({"uid": "x" * 41}, "a uid of at most 40"),
        ({"no_data": "Ok"}, "one of 'Alerting', 'NoData', 'OK', 'KeepLast'"),
        ({"treshold": 1}, "has no field 'treshold'"),
    ],
)  # fmt: skip
def test_what_a_rule_refuses(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(SpecError, match=text):
        rule(**fields)


@pytest.mark.parametrize("interval", ["15s", "5s", "1ms", "95s", "0s", "1h1m"])
def test_an_interval_that_would_stop_grafana(interval: str) -> None:
    with pytest.raises(SpecError, match="interval: expected"):
        AlertGroup("daemons", folder="Alerts", interval=interval)


@pytest.mark.parametrize("interval", ["10s", "30s", "1m", "90s", "1h"])
def test_an_interval_that_the_scheduler_takes(interval: str) -> None:
    assert AlertGroup("daemons", folder="Alerts", interval=interval).interval == interval


def test_a_folder_of_alerts_is_flat() -> None:
    with pytest.raises(SpecError, match="without '/'"):
        AlertGroup("daemons", folder="Alerts/Daemons")


def test_rules_are_values() -> None:
    assert rule() == rule()
    assert hash(rule(labels={"team": "x"})) == hash(rule(labels={"team": "x"}))
    assert rule() != rule(threshold=2)


def test_hysteresis_and_other_models_pass_through() -> None:
    condition = {"evaluator": {"type": "gt", "params": [5]}, "unloadEvaluator": {"type": "lt", "params": [3]}}
    own = Expression({"type": "threshold", "expression": "B", "conditions": [condition], "refId": "Z"})
    assert own.inputs == ("B",)
    assert "refId" not in own.model
    with pytest.raises(SpecError, match="a Foundation SDK expression builder"):
        Expression("$A")
    with pytest.raises(SpecError, match="with its type"):
        Expression({"expression": "$A"})
