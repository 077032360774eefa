"""Alert rules in YAML: the same model, every mistake with its line and column."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from dashgen import AlertGroup, AlertRule
from dashgen import schema as schema_room
from dashgen.loading.load import load
from dashgen.model.core.fields import fields
from dashgen.project_checks import check

SPECS = """
from dashgen import AlertGroup, ContactPoint, Dashboard, Email, Environment, Policy, Project, Row, Stat, Telegram
from dashgen import yaml_rules

HEALTH = Dashboard(
    uid="health",
    title="Health",
    rows=(
        Row(
            "Now",
            (
                Stat("Up", "SELECT 1 AS up", key="up", description="Is it."),
                Stat("Older", "SELECT 1 AS up", description="Was it."),
            ),
        ),
    ),
)
DAEMONS = AlertGroup("daemons", folder="Alerts")
PROJECT = Project(
    environments=(Environment("prod", hosts=("a",), owns_policy_tree=True),),
    dashboards=(HEALTH,),
    alerts=yaml_rules("alerts/*.yaml", groups=(DAEMONS,), dashboards=(HEALTH,)),
    contact_points=(ContactPoint("telegram", (Telegram("tg"),)), ContactPoint("email", (Email("mail"),))),
    policy=Policy("email"),
)
"""
SILENT = """
uid: silent
title: Daemon silent
group: daemons
sql: |
  SELECT host, age
  FROM (${hosts:rows})
threshold: 60
for_duration: 30s
severity: critical
channels: [telegram, email]
panel: health/up
summary: "{{ $labels.host }} says nothing"
"""


def specs(at: Path, **files: str) -> Path:
    folder = at / "specs"
    (folder / "alerts").mkdir(parents=True)
    (folder / "__init__.py").write_text(SPECS)
    for name, text in files.items():
        (folder / "alerts" / f"{name}.yaml").write_text(textwrap.dedent(text).lstrip("\n"))
    return folder


def said(folder: Path) -> list[str]:
    loaded = load(folder)
    problems = loaded.problems or check(loaded.project)  # type: ignore[arg-type]  # there is one without problems
    return [
        f"{p.source.relative_to(folder.parent) if p.source else ''}: {p.path}: {p.message}"
        + (f" ({p.hint})" if p.hint else "")
        for p in problems
    ]


def test_a_rule_in_yaml_is_the_rule_in_python(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, silent=SILENT))
    assert loaded.problems == ()
    assert loaded.project is not None
    assert check(loaded.project) == ()
    (group,) = loaded.project.alerts
    assert group == AlertGroup(
        "daemons",
        folder="Alerts",
        rules=(
            AlertRule(
                uid="silent",
                title="Daemon silent",
                query="SELECT host, age\nFROM (${hosts:rows})\n",
                threshold=60,
                for_duration="30s",
                severity="critical",
                channels=("telegram", "email"),
                panel=loaded.project.dashboards[0]["up"],  # type: ignore[index]  # a Dashboard
                summary="{{ $labels.host }} says nothing",
            ),
        ),
    )
    (rule,) = group.rules
    assert rule.source is not None
    assert rule.source.relative_to(tmp_path) == "specs/alerts/silent.yaml:1:1"


def test_every_field_is_a_key(tmp_path: Path) -> None:
    """But `expressions`, which are Python objects, and what only an import gives."""
    schema = json.loads(Path(schema_room.__file__).with_name("alert-rule.schema.json").read_text())
    given = {name for name, field in fields(AlertRule).items() if field.init}
    assert set(schema["properties"]) == given - {"query", "expressions", "imported", "raw", "ref_ids"} | {
        "sql",
        "group",
    }
    every = """
    uid: every
    title: Every key
    group: daemons
    sql: SELECT host, age FROM x
    threshold: [1, 5]
    fires: outside
    condition: A
    for_duration: 30s
    keep_firing_for: 2m
    severity: warning
    channels: [telegram]
    reducer: max
    nulls: replace
    replace_with: 3
    window: 10m
    delay: 30s
    no_data: Alerting
    on_error: KeepLast
    labels: {team: core}
    summary: s
    description: d
    runbook_url: https://x/y
    owner: me
    command: ssh
    annotations: {extra: v}
    panel: health/up
    paused: true
    datasource: questdb
    """
    loaded = load(specs(tmp_path, every=every))
    assert loaded.problems == ()
    assert loaded.project is not None
    assert loaded.project.rules == (
        AlertRule(
            uid="every",
            title="Every key",
            query="SELECT host, age FROM x",
            threshold=(1, 5),
            fires="outside",
            condition="A",
            for_duration="30s",
            keep_firing_for="2m",
            severity="warning",
            channels=("telegram",),
            reducer="max",
            nulls="replace",
            replace_with=3,
            window="10m",
            delay="30s",
            no_data="Alerting",
            on_error="KeepLast",
            labels={"team": "core"},
            summary="s",
            description="d",
            runbook_url="https://x/y",
            owner="me",
            command="ssh",
            annotations={"extra": "v"},
            panel=loaded.project.dashboards[0]["up"],  # type: ignore[index]  # a Dashboard
            paused=True,
            datasource="questdb",
        ),
    )


def test_several_rules_in_a_file_and_several_queries(tmp_path: Path) -> None:
    two = """
    - {uid: a, title: A, group: daemons, sql: [SELECT 1, SELECT 2], condition: B, threshold: 1, severity: info}
    - uid: b
      title: B
      group: daemons
      sql: [SELECT 1, SELECT 2]
      math: $A / $B
      threshold: [1, 5]
      fires: inside
      severity: warning
      labels: {team: data}
      paused: true
    """
    loaded = load(specs(tmp_path, two=two, silent=SILENT))
    assert loaded.problems == ()
    assert loaded.project is not None
    silent, a, b = loaded.project.rules
    assert [r.uid for r in (silent, a, b)] == ["silent", "a", "b"]  # by file name, then as written
    assert (a.condition, len(a.queries), b.threshold, b.paused) == ("B", 2, (1, 5), True)
    assert b.source is not None
    assert (b.source.line, b.source.column) == (2, 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("threshold: 60", "treshold: 60"), [
            "specs/alerts/silent.yaml:7:1: silent.yaml › silent: treshold: unknown key (did you mean 'threshold'?)",
        ]),
        (("for_duration: 30s", "for_duration: 1d"), [
            "specs/alerts/silent.yaml:8:1: silent.yaml › silent: for_duration: '1d' does not have the form that is"
            " needed (a duration like 30s, 5m, 1h)",
        ]),
        (("severity: critical", "severity: high"), [
            "specs/alerts/silent.yaml:9:1: silent.yaml › silent: severity: 'high' is not allowed here"
            " (known values: critical, warning, info)",
        ]),
        (("threshold: 60", "threshold: sixty"), [
            "specs/alerts/silent.yaml:7:1: silent.yaml › silent: threshold: expected a number or a list, got 'sixty'",
        ]),
        (("title: Daemon silent", f"title: {'x' * 191}"), [
            "specs/alerts/silent.yaml:2:1: silent.yaml › silent: title: expected at most 190 characters, got"
            f" '{'x' * 58}…",
        ]),
        (("channels: [telegram, email]", "channels: [telegram, 5]"), [
            "specs/alerts/silent.yaml:10:22: silent.yaml › silent: channels: expected a string, got 5 (write it in"
            " quotes: '5')",
        ]),
        (("group: daemons", "group: demons"), [
            "specs/alerts/silent.yaml:3:1: silent.yaml › silent: group: there is no group 'demons' (did you mean"
            " 'daemons'?)",
        ]),
        (("panel: health/up", "panel: health/upp"), [
            "specs/alerts/silent.yaml:11:1: silent.yaml › silent: panel: 'health' has no panel with the key 'upp' (did"
            " you mean 'up'?)",
        ]),
        (("panel: health/up", "panel: health/older"), [
            "specs/alerts/silent.yaml:11:1: silent.yaml › silent: panel: the panel 'Older' of 'health' has no explicit"
            " key (a reference by its title would break with it: give it key='older')",
        ]),
        (("panel: health/up", "panel: heath/up"), [
            "specs/alerts/silent.yaml:11:1: silent.yaml › silent: panel: there is no dashboard 'heath' (did you mean"
            " 'health'?)",
        ]),
        (("threshold: 60", "threshold: [1, 2]"), [
            "specs/alerts/silent.yaml:7:1: silent.yaml › silent: threshold: expected one number for fires='above', got"
            " (1, 2)",
        ]),
        (("threshold: 60", "threshold: 60\ncondition: B"), [
            "specs/alerts/silent.yaml:8:1: silent.yaml › silent: condition: expected one of A, got 'B' (Grafana would"
            " accept it, and the rule would fail at every evaluation)",
        ]),
        (("panel: health/up", "runbook_url: runbooks.md"), [
            "specs/alerts/silent.yaml:11:1: silent.yaml › silent: runbook_url: expected an address that starts with"
            " http://, https:// or /, got 'runbooks.md'",
        ]),
        (("title: Daemon silent", "title: [Daemon"), [
            "specs/alerts/silent.yaml:2:8: silent.yaml: the list that begins here is not closed (a ']' or a ',' is"
            " missing)",
        ]),
        (("title: Daemon silent", "uid: again"), [
            "specs/alerts/silent.yaml:2:1: silent.yaml: the key 'uid' is there twice (remove one of them)",
        ]),
        (("channels: [telegram, email]", "channels: [telegram, mail]"), [
            "specs/alerts/silent.yaml:10:1: alerts › daemons › silent: channels: there is no contact point 'mail' (did"
            " you mean 'email'?)",
        ]),
        (("FROM (${hosts:rows})", "FROM $table"), [
            "specs/alerts/silent.yaml:4:1: alerts › daemons › silent: the SQL uses $table, which only a browser"
            " replaces (an alert can use ${env:sqlstring}, ${hosts:sqlstring}, ${hosts:rows})",
        ]),
    ],
)  # fmt: skip
def test_every_mistake_has_its_place(tmp_path: Path, change: tuple[str, str], expected: list[str]) -> None:
    assert sorted(said(specs(tmp_path, silent=SILENT.replace(*change)))) == sorted(expected)


def test_all_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    found = said(specs(tmp_path, a="- 5\n- uid: x", b="text", c=SILENT.replace("critical", "bad")))
    assert [line.split(" ")[0] for line in found] == sorted(line.split(" ")[0] for line in found)
    assert len([line for line in found if "a.yaml:2:3" in line and "missing key" in line]) == 5
    assert any("a.yaml:1:3" in line and "expected an object, got 5" in line for line in found), found
    assert any("b.yaml:1:1" in line for line in found)
    assert any("c.yaml:9:1" in line for line in found)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("alert/*.yaml", "no file below specs/ matches"),
        ("../*.yaml", "leads out of the specs folder"),
        ("/etc/*.yaml", "leads out of the specs folder"),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, text: str) -> None:
    folder = specs(tmp_path, silent=SILENT)
    (folder / "__init__.py").write_text(SPECS.replace("alerts/*.yaml", pattern))
    assert any(text in line for line in said(folder))


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    folder = specs(tmp_path)
    (folder / "alerts" / "x.yaml").write_bytes(b"uid: \xff\n")
    assert "alerts/x.yaml" in said(folder)[0]
    assert "a file in UTF-8" in said(folder)[0]


EXPORT = """
apiVersion: 1
groups:
  - orgId: 1
    name: daemons
    folder: Alerts
    interval: 10s
    rules:
      - uid: a
        title: A
        condition: C
        data: [{refId: A, datasourceUid: q, model: {rawSql: SELECT 1}}]
"""
OF_GRAFANA = "is Grafana's own export of alerting, not a rule of dashgen (write it as dashgen's: dashgen import "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (EXPORT, OF_GRAFANA),
        ("apiVersion: 1\ncontactPoints:\n  - name: x\n", OF_GRAFANA),
        ("contactPoints: []\npolicies: []\n", OF_GRAFANA),
        ("apiVersion: 1\nmuteTimes: [{name: n}]\n", OF_GRAFANA),
        ("- {uid: a, title: A, ruleGroup: g, folderUID: f, orgID: 1, condition: C, data: []}\n", OF_GRAFANA),
        ('{"uid": "a", "title": "A", "ruleGroup": "g", "folderUID": "f", "data": []}', OF_GRAFANA),
        ("groups:\n- name: x\n  rules:\n  - grafana_alert: {uid: a}\n    for: 1m\n", OF_GRAFANA),
        ("apiVersion: rules.alerting.grafana.app/v0alpha1\nkind: AlertRule\nspec: {title: A}\n", OF_GRAFANA),
        ("groups:\n- name: x\n  rules:\n  - {alert: Down, expr: up == 0}\n", "is a rule file of Prometheus, whose"),
        ("- {alert: Down, expr: up == 0, for: 1m}\n", "is a rule file of Prometheus, whose"),
    ],
)
def test_a_file_of_another_tool_is_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    (only,) = said(specs(tmp_path, silent=SILENT, export=text))
    assert only.startswith(f"specs/alerts/export.yaml:1:1: export.yaml: {told}")
    assert not told.endswith("import ") or only.endswith("specs/alerts/export.yaml)")


def test_a_rule_with_a_key_of_grafana_s_is_still_a_rule(tmp_path: Path) -> None:
    (only,) = said(specs(tmp_path, silent=SILENT + "data: []\n"))
    assert only.startswith("specs/alerts/silent.yaml:13:1: silent.yaml › silent: data: unknown key")
