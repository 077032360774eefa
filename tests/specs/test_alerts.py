"""The shipped alert rules, rendered and evaluated as Grafana does it, on a real QuestDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from dashgen import AlertRule, Environment
from dashgen.alert_tests.connection import QueryConnection
from dashgen.grafana import notification_policies
from dashgen.grafana.alerting.queries import Answer, SqlFailed
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import RuleRun, Tick
from dashgen.grafana.gotemplate import validation
from dashgen.grafana.gotemplate.functions import LabelMap
from dashgen.grafana.gotemplate.language import Record, expand
from dashgen.grafana.versions import semantics
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render import render, rendered_tree
from specs import PROJECT
from specs.environments import PROD
from tests.specs.staging import END

pytestmark = pytest.mark.questdb

NOW = int(END.timestamp())
VERSION = (12, 3)
STAGING = Environment("staging", env="staging", hosts=("steady", "stopper", "never"), folders=PROD.folders)
BROKEN = Environment("broken", env="broken", hosts=("calm",), folders=PROD.folders)
ALWAYS = {"watchdog": {()}}


@cache
def rules(environment: Environment) -> Mapping[str, RuleSpec]:
    """By uid. The paused ones run too."""
    specs = rendered_tree(environment, render(PROJECT, environment)).rule_specs
    return {uid: replace(spec, paused=False) for uid, spec in specs.items()}


UIDS = sorted(rule.uid for rule in PROJECT.rules)


@pytest.fixture(scope="module")
def connection(monitored: EmbeddedQuestDB) -> Iterator[QueryConnection]:
    with QueryConnection(monitored.readonly_dsn) as opened:
        yield opened


def last_tick(spec: RuleSpec, connection: QueryConnection, now: int = NOW) -> tuple[RuleRun, Tick]:
    """After as many evaluations as its pending time asks for."""
    run = RuleRun(spec, semantics(VERSION), connection.run)
    ticks = round(spec.pending / spec.interval) + 2
    return run, [run.tick(now - spec.interval * back) for back in range(ticks, -1, -1)][-1]


def alerting(tick: Tick) -> set[tuple[str, ...]]:
    """The query's labels of what fires."""
    static = {"env", "severity", "channels"}
    return {
        tuple(value for name, value in sorted(one.own_labels().items()) if name not in static)
        for one in tick.instances
        if one.state == "Alerting"
    }


SILENT_THERE = {
    "daemon-silent": {("never",), ("stopper",)},
    "daemon-errors": {("steady",), ("holey",), ("o'brien",)},  # one of seven fails there
    "exchange-no-messages": {("bybit", "steady")},
    "pipeline-stalled-oi": {("oi", "binance")},
    "pipeline-stalled-liquidation": {("liquidation", "okx")},
} | ALWAYS


@pytest.mark.parametrize("uid", UIDS)
def test_while_well(connection: QueryConnection, uid: str) -> None:
    """Every rule has rows, and fires for exactly what stopped in `staging`."""
    _, tick = last_tick(rules(STAGING)[uid], connection)
    states = {one.described for one in tick.instances}
    if uid != "pipeline-stalled-funding":  # there is none in staging
        assert states <= {"Normal", "Alerting"}
    assert states
    assert alerting(tick) == SILENT_THERE.get(uid, set())
    assert {one.labels.get("env") for one in tick.instances} == {"staging"}


BAD_THERE = {
    "daemon-down": {("down",)},
    "daemon-errors": {("failing",)},
    "daemon-restarts": {("looping",)},
    "exchange-disconnected": {("okx", "calm")},
    "exchange-no-messages": {("bybit", "calm")},
    "exchange-reconnects": {("binance",)},
    "exchange-latency": {("dydx",)},
    "pipeline-stalled-oi": {("oi", "okx")},
    "pipeline-stalled-funding": {("funding", "bybit")},
    "pipeline-stalled-liquidation": {("liquidation", "binance")},
    "pipeline-gaps": {("dydx",)},
    "trading-drawdown": {("falling",)},
    "trading-fill-rate": {("falling",)},
} | ALWAYS


@pytest.mark.parametrize("uid", UIDS)
def test_what_each_is_for(connection: QueryConnection, uid: str) -> None:
    _, tick = last_tick(rules(BROKEN)[uid], connection)
    assert alerting(tick) == BAD_THERE.get(uid, set())
    for one in tick.instances:
        if one.state == "Alerting":
            texts = one.annotations
            assert "no value" not in " ".join(texts.values())
            assert texts["__dashboardUid__"] in texts["dashboard_url"]
            assert f"var-env={BROKEN.env}" in texts["dashboard_url"]
            for name, value in one.own_labels().items():
                if name in ("host", "exchange", "strategy"):
                    assert f"var-{name}={value}" in texts["dashboard_url"]


def test_silence_lasts(connection: QueryConnection) -> None:
    """An hour and half a day later it still fires, now for the whole fleet."""
    for later in (3600, 43_200):
        _, tick = last_tick(rules(STAGING)["daemon-silent"], connection, NOW + later)
        assert alerting(tick) == {("never",), ("stopper",), ("steady",)}


def test_a_suspended_table(connection: QueryConnection) -> None:
    """QuestDB suspends on request only in its developers' mode, so the server's answer is changed."""

    def suspended(sql: str) -> Answer:
        return connection.run(
            sql.replace("wal_tables()", "(SELECT name, name = 'trading_metrics' AS suspended FROM wal_tables())")
        )

    run = RuleRun(rules(STAGING)["questdb-suspended"], semantics(VERSION), suspended)
    assert alerting(run.tick(NOW)) == {("trading_metrics",)}


def test_a_view_that_is_gone(connection: QueryConnection) -> None:
    def without_views(sql: str) -> Answer:
        return connection.run(sql.replace("materialized_views()", "(materialized_views() WHERE view_name = 'other')"))

    run = RuleRun(rules(STAGING)["questdb-view-invalid"], semantics(VERSION), without_views)
    assert alerting(run.tick(NOW)) == {("exchange_1m",), ("pipeline_1m",)}


def test_without_a_database() -> None:
    """Each becomes an error that can be routed by its static labels; the heartbeat stops."""

    def down(_: str) -> Answer:
        raise SqlFailed("connection refused")

    for uid, spec in rules(STAGING).items():
        run = RuleRun(spec, semantics(VERSION), down)
        (one,) = [run.tick(NOW + spec.interval * n) for n in range(3)][-1].instances
        assert one.labels["env"] == "staging"
        assert one.state == ("Error" if spec.on_error == "Error" else "Normal"), uid


def test_who_hears_of_what() -> None:
    (policies,) = (d for d in render(PROJECT, PROD) if d.path.endswith("policies.yaml"))
    root = notification_policies.tree(yaml.safe_load(policies.data))
    assert root is not None

    def receivers(labels: Mapping[str, str]) -> set[str]:
        return {route.receiver for route in notification_policies.reached(root, labels)}

    for rule in PROJECT.rules:
        labels = dict(rules(PROD)[rule.uid].labels) | {"alertname": rule.title}
        assert receivers(labels) == set(rule.channels)
        for fault in ("DatasourceError", "DatasourceNoData"):
            assert receivers(labels | {"alertname": fault}) == {"telegram"}


def test_what_ships_paused() -> None:
    assert {rule.uid for rule in PROJECT.rules if rule.paused} == {"trading-drawdown", "trading-fill-rate"}


def sections() -> dict[str, str]:
    text = Path("docs/runbooks.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def filled(rule: AlertRule) -> dict[str, str]:
    """An alert's texts, each label's value its own name in capitals."""
    named = LabelMap({name: name.upper() for text in rule.texts.values() for name in validation.labels(text)})
    data = Record({"Labels": named, "Values": {}, "Value": ""})
    known = {"$labels": named, "$values": {}, "$value": ""}
    return {name: expand(text, data, known) for name, text in rule.texts.items()}


def test_every_rule_has_its_runbook() -> None:
    assert sorted(sections()) == sorted([*UIDS, "datasource-errors"])
    for rule in PROJECT.rules:
        texts = filled(rule)
        assert texts["annotations.runbook"] == f"docs/runbooks.md#{rule.uid}"
        first = re.search(r"```console\n\$ (.+)\n", sections()[rule.uid])
        assert first is not None, rule.uid
        assert first[1] == texts["command"]
        assert rule.owner
        assert rule.summary
        assert rule.description
        assert rule.panel is not None


def test_the_first_commands_run(monitored: EmbeddedQuestDB) -> None:
    asked = [re.search(r'"query=(.*)"$', filled(rule)["command"]) for rule in PROJECT.rules]
    found = [match[1] for match in asked if match]
    assert len(found) > 8
    for sql in found:
        assert monitored.query(sql).names
