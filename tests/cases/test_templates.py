"""Templates of alerts and of messages that people brought, through build, check and test as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scratch import Ran, dashgen, specs

HEAD = """\
from datetime import datetime
from typing import Annotated

from dashgen import *
from dashgen.model.tables.table import Designated, Symbol, table


@table(name="trades", write_interval="1s", dedup=("timestamp", "symbol"))
class Trades:
    timestamp: Annotated[datetime, Designated()]
    symbol: Annotated[str, Symbol(256)]
    price: float


PROD = Environment("prod", grafana="12.3", owns_policy_tree=True, datasources={"questdb": QuestDB()})
SQL = "SELECT symbol, sum(price) AS value FROM trades WHERE $__timeFilter(timestamp) GROUP BY symbol"


def rule(uid, summary, **fields):
    return AlertRule(uid=uid, title=uid, query=SQL, threshold=5, for_duration="0s", severity="critical",
                     channels=("hook",), summary=summary, **fields)


def project(*rules, receivers=(Webhook("hook-1", url="https://example.com/hook"),), **fields):
    hook = ContactPoint("hook", receivers)
    groups = (AlertGroup("g", folder="Alerts", interval="1m", rules=rules),) if rules else ()
    return Project(environments=(PROD,), tables=(Trades,), alerts=groups, contact_points=(hook,),
                   policy=Policy(hook, group_by=("alertname",)), **fields)


"""
MESSAGES = """
PAGE = Template("page", '{{ define "page" }}{{ len .Alerts.Firing }} {{ .NotAField }} '
                        '{{ range .Alerts }}{{ .Value }}{{ end }}{{ end }}')
PROJECT = project(receivers=(
    Slack("s-1", url="${SLACK_URL}", title="{{ .Annotations.summary }}", text='{{ template "page" . }}'),
    Telegram("tg", message="{{ range .Alerts }}{{ range .Labels }}{{ .Name }}={{ .Value }}{{ end }}{{ end }}"),
), templates=(PAGE,))
"""
RULES = """
PROJECT = project(
    rule("value", "now {{ $value }}"),
    rule("humane", "now {{ humanize $values.B }}"),
    rule("lower", "now {{ $values.B.value }}"),
    rule("secret", "now {{ filterLabels $labels }}"),
)
"""
SHOWN = """\
tests:
  - name: what Grafana 12.3 makes of them
    rows: [{table: trades, from: -5m, values: {symbol: BTC-USD, price: 1}}]
    expect:
      - at: 3m
        alerts:
          - {rule: value, state: Alerting, annotations: {summary: now 301}}
          - {rule: humane, state: Alerting, annotations: {summary: "now {{ humanize $values.B }}"}}
          - {rule: lower, state: Alerting, annotations: {summary: "now {{ $values.B.value }}"}}
          - {rule: secret, state: Alerting}
"""


def run(folder: Path, text: str, *arguments: str) -> Ran:
    specs(folder, text, head=HEAD)
    return dashgen(folder, *arguments)


@pytest.mark.parametrize("verb", ["build", "check"])
def test_fields_that_a_notification_does_not_have(tmp_path: Path, verb: str) -> None:
    ran = run(tmp_path, MESSAGES, verb)
    assert ran.code == 1
    said = [line.partition("can't evaluate field ")[2].partition(":")[0] for line in ran.errors]
    assert said == ["Annotations", "NotAField", "Value", "Name"]
    assert all("specs/__init__.py:" in line for line in ran.errors)


def test_a_label_that_fails_is_refused_and_a_summary_is_found(tmp_path: Path) -> None:
    ran = run(tmp_path, 'PROJECT = project(rule("r", "s", labels={"size": "{{ humanize $values.B }}"}))', "build")
    assert ran.code == 1
    assert "labels.size: '{{ humanize $values.B }}' fails in Grafana 12.3: error calling humanize" in ran.errors[0]
    ran = run(tmp_path, RULES, "check", "--offline", "--format", "json")
    found = json.loads(ran.out)["findings"]
    assert [f["path"] for f in found if f["code"] == "DG512"] == ["alerts › g › humane", "alerts › g › lower"]


@pytest.mark.questdb
def test_what_is_shown_and_what_is_not_verified(tmp_path: Path) -> None:
    (tmp_path / "tests" / "alerts").mkdir(parents=True)
    (tmp_path / "tests" / "alerts" / "shown.yaml").write_text(SHOWN)
    ran = run(tmp_path, RULES, "test")
    assert ran.code == 0, ran.out + ran.err
    said = "not verified: secret, annotation summary: dashgen does not run filterLabels; tests see the template's text"
    assert said in ran.out
