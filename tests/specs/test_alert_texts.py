"""What whoever is on call reads: the shipped rules' texts and the message, for alerts, errors and no data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from dashgen.grafana.alerting.evaluation import Capture, Failure, Result
from dashgen.grafana.alerting.labels import instance_annotations, instance_labels, notification_labels
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.fault_states import FAULTS
from dashgen.grafana.gotemplate import validation
from dashgen.grafana.gotemplate.notification import Alert, message
from dashgen.grafana.provisioning_variables import expand
from dashgen.grafana.versions import semantics
from dashgen.render import render, rendered_tree
from specs import PROJECT
from specs.environments import LOCAL, PROD

TELEGRAM_LENGTH = 4096
ERROR = (
    "[sse.dataQueryError] failed to execute query [A]: db query error: failed to connect to server - please inspect"
    " Grafana server log for details"
)
SPECS: list[tuple[str, RuleSpec]] = [
    (environment.name, spec)
    for environment in (PROD, LOCAL)
    for spec in rendered_tree(environment, render(PROJECT, environment)).rule_specs.values()
]
RULES = [pytest.param(spec, id=f"{name}-{spec.uid}") for name, spec in SPECS]
PROD_RULES = [spec for name, spec in SPECS if name == PROD.name]
GRAFANA = semantics(PROD.version)
HOST, EXCHANGE = "prod-server-01", "binance-coin-futures"


def result(spec: RuleSpec, state: str) -> Result:
    if state == "Error":
        return Result((), "Error", failure=Failure(ERROR, "A"))
    if state == "NoData":
        return Result((("datasource_uid", "questdb"), ("ref_id", "A")), "NoData")
    names = sorted({name for text in spec.annotations.values() for name in validation.labels(text)})
    labels = tuple((name, HOST if name == "host" else EXCHANGE) for name in names)
    return Result(labels, "Alerting", captures={letter: Capture(12345.6, labels) for letter in "ABC"})


def page(spec: RuleSpec, state: str) -> Alert:
    found = result(spec, state)
    labels = notification_labels(instance_labels(spec, found, GRAFANA), state)
    annotations = instance_annotations(spec, found, GRAFANA)
    return Alert(labels, annotations | ({"Error": ERROR} if state == "Error" else {}))


@pytest.mark.parametrize("state", ["Alerting", *FAULTS])
@pytest.mark.parametrize("spec", RULES)
def test_no_text_has_a_hole(spec: RuleSpec, state: str) -> None:
    one = page(spec, state)
    for name, text in (*one.annotations.items(), *one.labels.items()):
        assert "no value" not in text, name
        assert "{{" not in text, name
        assert "%!" not in text, name
        assert text.strip() == text != "", name
        assert "  " not in text, name


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("spec", RULES)
def test_an_error_says_what_is_true_then(spec: RuleSpec, fault: str) -> None:
    texts = page(spec, fault).annotations
    if spec.uid == "watchdog":  # sends nothing then
        return
    assert texts["summary"].startswith("Nobody sees ")
    assert texts["command"] == "curl -s http://questdb:9000/ping"
    assert texts["runbook"] == "docs/runbooks.md#datasource-errors"
    assert page(spec, "Alerting").annotations["summary"] != texts["summary"]


@cache
def alerting_files() -> Mapping[str, Any]:
    return {
        document.path.rpartition("/")[2]: yaml.safe_load(document.data)
        for document in render(PROJECT, PROD)
        if document.path.startswith("provisioning/alerting/")
    }


def sent(receiver: str, *alerts: Alert) -> str:
    """As one receiver of production gets it."""
    files = alerting_files()
    groups = {group["name"]: group["template"] for group in files["templates.yaml"]["templates"]}
    receivers = {
        one["uid"]: one for point in files["contact-points.yaml"]["contactPoints"] for one in point["receivers"]
    }
    return message(expand(receivers[receiver]["settings"]["message"]), groups, alerts)


@pytest.mark.parametrize("fault", FAULTS)
def test_many_errors_at_once_fit_into_a_message(fault: str) -> None:
    failing = [page(spec, fault) for spec in PROD_RULES if spec.uid != "watchdog"]
    failing = [*failing, *failing][:18]
    text = sent("telegram-on-call", *failing)
    assert len(text) < TELEGRAM_LENGTH // 2
    assert "no value" not in text
    assert text.startswith("18 firing\n- Daemon silent: Nobody sees which daemons are silent\n")
    for one in failing:
        assert f"- {one.labels['rulename']}: " in text
    assert text.count("$ curl -s http://questdb:9000/ping") == 1
    assert text.count("docs/runbooks.md#datasource-errors") == 1
    assert text.count(ERROR) == (fault == "Error")


def test_the_longest_message_is_not_cut() -> None:
    worst = Alert(
        {"alertname": "A" * 190, "env": "prod", "severity": "critical"}, {"summary": "s" * 300, "command": "c" * 300}
    )
    over = [Alert({"alertname": "B" * 40}, {"summary": "s" * 300}, firing=False)] * 12
    text = sent("telegram-on-call", *[worst] * 8, *over)
    assert len(text) < TELEGRAM_LENGTH
    many = [Alert({"alertname": "A" * 40}, {"summary": "s" * 300})] * 100
    text = sent("telegram-on-call", *many)
    assert len(text) < TELEGRAM_LENGTH
    assert text.endswith("20 of 100 are listed\n")


@pytest.mark.parametrize("spec", PROD_RULES, ids=lambda spec: spec.uid)
@pytest.mark.parametrize("state", ["Alerting", *FAULTS])
def test_three_come_whole(spec: RuleSpec, state: str) -> None:
    one = page(spec, state)
    for receiver in ("telegram-on-call", "discord-on-call"):
        text = sent(receiver, *[one] * 3)
        assert "no value" not in text
        assert text.count(f"$ {one.annotations['command']}\n") == 3
        assert text.count(one.annotations["summary"]) == 3
        assert len(text) < TELEGRAM_LENGTH


def test_what_is_over_is_a_line() -> None:
    one, two = (page(spec, "Alerting") for spec in PROD_RULES[:2])
    over = Alert(two.labels, two.annotations, firing=False)
    text = sent("telegram-on-call", one, over)
    assert text.startswith("1 firing\n")
    assert text.endswith(f"1 resolved\n- Daemon not running: {two.annotations['summary']}\n")
    assert sent("telegram-on-call", over) == f"1 resolved\n- Daemon not running: {two.annotations['summary']}\n"
