from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.alert_tests import evaluation_trace, trace_report
from dashgen.alert_tests.suite import run_alert_tests
from dashgen.alert_tests.test_file import SuiteFile, files, parse
from dashgen.alert_tests.test_model import (
    START,
    AlertTest,
    At,
    DatabaseFailure,
    Event,
    ExpectedAlert,
    Fires,
    Messages,
    NamedAlert,
    Never,
    Rows,
    SentMessage,
)
from dashgen.alert_tests.update import updated
from dashgen.questdb import EmbeddedQuestDB
from tests.alert_tests.worlds import WORLD

TEXT = """\
defaults:
  start: 2026-01-10T12:00:00Z
  rows:
    daemon_metrics: {env: prod, uptime_seconds: 600+10}
tests:
  - name: a dead daemon pages
    rows:
      - table: daemon_metrics
        values: {host: a, running: "true x6, false"}
        until: 2m
    run: {to: 2m}
    expect:
      # quiet at first
      - {at: 50s, alerts: []}
      - at: 90s
        alerts:
          - {rule: daemon-down, state: Alerting, labels: {host: a}, value: 0, notifies: [email]}   # muted: oncall
      - {fires: daemon-down, after: 1m, within: 30s, resolves: {after: 5m, within: 1m}}
      - {never: errors}
  - name: another
    start: 2026-01-05T12:00:00
    rules: [errors]
    rows:
      - {table: daemon_metrics, from: -1m, every: 5s, unchecked: true, values: {host: b}}
    events: [{at: 25s, sql: "ALTER TABLE daemon_metrics DROP COLUMN running"}]
    database: [{away: true, from: 1m, until: 2m}, {refuses: busy, from: 3m}]
    expect:
      - {never: [errors, records], labels: {host: b}}
      - messages: email
        sent:
          - {at: 30s, firing: [{rule: errors, labels: {host: b}}], group: {env: prod}}
          - {at: 5m, resolved: 1}
"""


def read(text: str = TEXT) -> SuiteFile:
    file, problems = parse(Path("alerts.yaml"), text)
    assert problems == []
    assert file is not None
    return file


def test_a_file_says_what_python_says() -> None:
    first, second = read().tests
    base = {"env": "prod", "uptime_seconds": "600+10"}
    assert first == AlertTest(
        "a dead daemon pages",
        (Rows("daemon_metrics", {**base, "host": "a", "running": "true x6, false"}, until=120),),
        (
            At(50, ()),
            At(90, (ExpectedAlert("daemon-down", "Alerting", {"host": "a"}, value=0, notifies=("email",)),)),
            Fires("daemon-down", 30, 60, recovered=300, resolves_within=60),
            Never("errors"),
        ),
        end=120,
        start=START.replace(day=10),
        place="alerts.yaml:6",
    )
    assert second == AlertTest(
        "another",
        (Rows("daemon_metrics", {**base, "host": "b"}, start=-60, every=5, unchecked=True),),
        (
            Never("errors", {"host": "b"}),
            Never("records", {"host": "b"}),
            Messages(
                "email",
                (
                    SentMessage(30, (NamedAlert("errors", {"host": "b"}),), group={"env": "prod"}),
                    SentMessage(300, resolved=1),
                ),
            ),
        ),
        rules=("errors",),
        events=(Event(25, "ALTER TABLE daemon_metrics DROP COLUMN running"),),
        database=(DatabaseFailure(60, 120), DatabaseFailure(180, refusal="busy")),
        place="alerts.yaml:20",
    )
    assert first.tested == ("daemon-down", "errors")
    assert (first.last, second.last) == (120, 300)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    run: {to: 2m}",
            "    runs: {to: 2m}",
            "alerts.yaml:11:5: a dead daemon pages › runs: unknown key (did you mean 'run'?)",
        ),
        ("at: 90s", "at: 90", "alerts.yaml:15:9: a dead daemon pages › expect › at: expected"),
        (
            "state: Alerting",
            "state: Firing",
            "alerts.yaml:17:33: a dead daemon pages › expect › alerts › state: 'Firing' is not",
        ),
        ("within: 30s, ", "", "alerts.yaml:18:9: a dead daemon pages › expect: missing key 'within'"),
        (
            "name: another",
            "name: a dead daemon pages",
            "alerts.yaml:20:5: a dead daemon pages › name: two tests are named",
        ),
        ("2026-01-05T12:00:00", "noon", "alerts.yaml:21:5: another › start: expected a moment like 2026"),
        ("tests:", "tests: [", "alerts.yaml:6:"),
        (
            "within: 30s, ",
            "within: -30s, ",
            "alerts.yaml:18:41: a dead daemon pages › expect › within: expected a length of time",
        ),
        ("every: 5s", "every: 0", "alerts.yaml:24:44: another › rows › every: expected a length of time, got 0"),
        (
            "every: 5s",
            "until: -2m",
            "alerts.yaml:24:44: another › rows › until: expected a time at or after from, got -2m",
        ),
        ("away: true, ", "", "alerts.yaml:26:16: another › database: expected either away or refuses"),
        ("away: true", "away: 1m", "alerts.yaml:26:17: another › database › away: "),
        ("until: 2m}, {", "until: 1m}, {", "alerts.yaml:26:39: another › database › until: expected a time after from"),
        (
            "{never: errors}",
            "{maybe: x}",
            "alerts.yaml:19:9: a dead daemon pages › expect: one of these keys is missing: at, fires, messages, never",
        ),
    ],
)
def test_mistakes_have_line_and_column(old: str, new: str, said: str) -> None:
    file, problems = parse(Path("alerts.yaml"), TEXT.replace(old, new, 1))
    assert file is None
    assert any(str(problem).startswith(said) for problem in problems), list(map(str, problems))


def test_folders_are_searched(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.txt", "sub/d.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [p.relative_to(tmp_path).as_posix() for p in files([tmp_path, tmp_path / "b.yaml"])] == [
        "a.yml", "b.yaml", "sub/d.yaml",
    ]  # fmt: skip


def test_what_came_is_written_into_the_file(questdb: EmbeddedQuestDB) -> None:
    wrong = TEXT.replace("state: Alerting, labels: {host: a}, value: 0, notifies: [email]", "state: Normal")
    wrong = wrong.replace("resolves: {after: 5m, within: 1m}", "resolves: {after: 1m, within: 30s}")
    text, left = renewed(questdb, wrong)
    assert left == ("alerts.yaml:6: expected daemon-down resolved by 1m30s, it is still Alerting",)
    assert text == wrong.replace(
        "          - {rule: daemon-down, state: Normal}   # muted: oncall\n",
        "          - {rule: daemon-down, state: Alerting}   # muted: oncall\n",
    )
    again = run_alert_tests(read(text).tests[:1], WORLD, questdb).outcomes[0]
    assert [f.expectation for f in again.failures] == [2]


def renewed(questdb: EmbeddedQuestDB, text: str) -> tuple[str, tuple[str, ...]]:
    file = read(text)
    return updated(file, run_alert_tests(file.tests[:1], WORLD, questdb).outcomes, WORLD.notifications)


RIGHT = "state: Alerting, labels: {host: a}, value: 0, notifies: [email]"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("state: Pending, labels: {host: a}, value: 7, notifies: []", RIGHT),
        (
            'labels: {host: a}, values: {A: 1}, group: {env: x}, annotations: {summary: "no"}',
            'labels: {host: a}, values: {A: 0}, group: {env: prod, host: a}, annotations: {summary: "a is at 0"}',
        ),
        ("state: Alerting, reason: NoData, notifies: [email]", 'state: Alerting, reason: "", notifies: [email]'),
    ],
)
def test_an_alert_keeps_the_keys_that_it_had(old: str, new: str, questdb: EmbeddedQuestDB) -> None:
    """What a test asserts is not made less by an update."""
    text, left = renewed(questdb, TEXT.replace(RIGHT, old).replace(", resolves: {after: 5m, within: 1m}", ""))
    assert left == ()
    line = next(line for line in text.splitlines() if "# muted: oncall" in line)
    assert line.strip() == f"- {{rule: daemon-down, {new}}}   # muted: oncall"


def test_alerts_come_and_go_in_the_style_of_the_list(questdb: EmbeddedQuestDB) -> None:
    item = f"- {{rule: daemon-down, {RIGHT}}}   # muted: oncall\n"
    gone = item + "          - {rule: daemon-down, labels: {host: nope}}\n"
    text, _ = renewed(questdb, TEXT.replace(item, gone))
    assert f"        alerts:\n          - {{rule: daemon-down, {RIGHT}}}\n" in text
    none, _ = renewed(questdb, TEXT.replace(item, "[]\n"))
    assert "          [{rule: daemon-down, state: Alerting, labels: {host: a}, value: 0}]\n" in none


def test_a_rule_is_explained(questdb: EmbeddedQuestDB) -> None:
    found = evaluation_trace.in_test(read().tests[0], WORLD, questdb, "daemon-down", 95)
    text = trace_report.text(found, WORLD.notifications)
    assert (
        text
        == """\
alerts.yaml:6: a dead daemon pages, at 1m35s
daemon-down (daemon down) evaluated at 2026-01-10 12:01:30 UTC
  every 10s, for 20s, no data: NoData, error: Error

A  questdb, 1m to 0s ago
   SELECT host, running::int AS up FROM daemon_metrics WHERE timestamp >= cast(1768046430000000 as timestamp) AND \
timestamp <= cast(1768046490000000 as timestamp)
       LATEST ON timestamp PARTITION BY host
   | host  up
   | a     0
   = 0 {host="a"}

B  reduce A: last, dropNN
   = 0 {host="a"}

C  threshold B: lt 1  ← condition
   = 1 {host="a"}

instances
  Alerting {env="prod", host="a", severity="critical"}
    since 2026-01-10 12:01:20
    → oncall in the group {env="prod", host="a"} (default policy › severity="critical"), muted by weekend
    → email in the group {env="prod", host="a"} (default policy › env="prod")
    summary: a is at 0
"""
    )
