"""`dashgen routes` and `dashgen preflight` as their user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scratch import Ran, dashgen

ROOT = Path(__file__).resolve().parents[2]

SPECS = """
from dashgen import Environment
from tests.alerting_project import OWNED, SHARED, project
PROJECT = project()
"""

ROUTES = """\
prod: silent fires (alertname=Silent, channels=email,telegram, env=prod, grafana_folder=Alerts, host=a, severity=critical)
  → email (email)
    by default policy › channels=~"(.*,)?email(,.*)?"
    group_by env, host; group_wait 1m, group_interval 5m, repeat_interval 2h (repeats after 2h5m, at a flush of the group)
  → telegram (telegram)
    by default policy › channels=~"(.*,)?telegram(,.*)?"
    group_by env, host; group_wait 30s, group_interval 5m, repeat_interval 2h (repeats after 2h5m, at a flush of the group)
prod: silent its query fails (alertname=DatasourceError, channels=email,telegram, env=prod, grafana_folder=Alerts, rulename=Silent, severity=critical)
  → platform (discord)
    by default policy › alertname=~"DatasourceError|DatasourceNoData"
    group_by alertname, env; group_wait 30s, group_interval 5m, repeat_interval 1h (repeats after 1h5m, at a flush of the group)
prod: silent its query has no rows (alertname=DatasourceNoData, channels=email,telegram, env=prod, grafana_folder=Alerts, rulename=Silent, severity=critical)
  → platform (discord)
    by default policy › alertname=~"DatasourceError|DatasourceNoData"
    group_by alertname, env; group_wait 30s, group_interval 5m, repeat_interval 1h (repeats after 1h5m, at a flush of the group)
test: silent fires (alertname=Silent, channels=email,telegram, env=dev, grafana_folder=Alerts (test), host=a, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    group_by grafana_folder, alertname, env, host; group_wait 1m, group_interval 5m, repeat_interval 2h (repeats after 2h5m, at a flush of the group)
test: silent its query fails (alertname=DatasourceError, channels=email,telegram, env=dev, grafana_folder=Alerts (test), rulename=Silent, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    group_by grafana_folder, alertname, env, host; group_wait 1m, group_interval 5m, repeat_interval 2h (repeats after 2h5m, at a flush of the group)
test: silent its query has no rows (alertname=DatasourceNoData, channels=email,telegram, env=dev, grafana_folder=Alerts (test), rulename=Silent, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    group_by grafana_folder, alertname, env, host; group_wait 1m, group_interval 5m, repeat_interval 2h (repeats after 2h5m, at a flush of the group)
"""  # noqa: E501  # as printed


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("alerting")
    (at / "specs").mkdir()
    (at / "specs" / "__init__.py").write_text(SPECS)
    return at


def run(place: Path, *arguments: str, **env: str) -> Ran:
    return dashgen(place, *arguments, env={"PYTHONPATH": str(ROOT), **env})


def test_whom_a_rule_reaches_in_each_environment(place: Path) -> None:
    ran = run(place, "routes", "silent", "--label", "host=a")
    assert ran.code == 0, ran.err
    assert ran.out == ROUTES


def test_routes_for_a_program(place: Path) -> None:
    ran = run(place, "routes", "silent", "--env", "prod", "--at", "2026-01-03T03:00Z", "--format", "json")
    told = json.loads(ran.out)["environments"]["prod"][0]
    assert [node["contact_point"] for node in told["reaches"]] == ["email", "telegram"]
    assert told["reaches"][0]["muted_by"] == []


STATES = """
from dashgen import Environment
from tests.alerting_project import POINTS, project, rule
OWNED = Environment("prod", grafana="12.3", hosts=("a", "b"), owns_policy_tree=True)
OLD = Environment("old", env="dev", grafana="9.4", hosts=("a", "b"), owns_policy_tree=True)
PROJECT = project(
    rule(uid="quiet", title="Quiet", no_data="OK", on_error="OK"),
    rule(uid="alerting", title="Alerting", no_data="Alerting", on_error="Alerting"),
    rule(uid="mixed", title="Mixed", no_data="Alerting", on_error="OK"),
    rule(uid="paused", title="Paused", paused=True),
    rule(uid="both", title="Both", paused=True, no_data="OK", on_error="OK"),
    environments=(OWNED, OLD),
)
"""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("states")
    (at / "specs").mkdir()
    (at / "specs" / "__init__.py").write_text(STATES)
    return at


def test_errors_that_are_ok_name_no_receiver(states: Path) -> None:
    ran = run(states, "routes", "quiet", "--env", "prod")
    assert ran.code == 0, ran.err
    _, errors = ran.out.split("prod: quiet its query fails")
    assert (
        errors
        == """\
: nothing is sent (on_error=OK)
  every instance becomes Normal: firing alerts are resolved
prod: quiet its query has no rows: nothing is sent (no_data=OK)
  every instance becomes Normal: firing alerts are resolved
"""
    )
    old = run(states, "routes", "quiet", "--env", "old").out
    assert "  firing alerts are resolved two evaluations later, as their series are missing\n" in old


def test_errors_that_alert_go_as_the_rules_own(states: Path) -> None:
    ran = run(states, "routes", "alerting", "--env", "prod", "--label", "host=a")
    assert (
        "prod: alerting fires (alertname=Alerting, channels=email,telegram, env=prod, grafana_folder=Alerts, host=a,"
        in ran.out
    )
    for what, field in (("its query fails", "on_error"), ("its query has no rows", "no_data")):
        case = ran.out.split(f"prod: alerting {what} ")[1]
        assert case.startswith(
            "(alertname=Alerting, channels=email,telegram, env=prod, grafana_folder=Alerts, severity=critical)\n"
        )
        assert case.splitlines()[1] == (
            f"  {field}=Alerting: every existing instance fires, with its labels; without any, this one"
        )
        assert "→ email" in case.splitlines()[2]
    assert "platform" not in ran.out


def test_each_fault_has_its_own_state(states: Path) -> None:
    cases = json.loads(run(states, "routes", "mixed", "--env", "prod", "--format", "json").out)["environments"]["prod"]
    assert [(case["state"], case["sent"], bool(case["reaches"])) for case in cases] == [
        (None, True, True),
        ("on_error=OK", False, False),
        ("no_data=Alerting", True, True),
    ]


def test_a_paused_rule_sends_nothing(states: Path) -> None:
    ran = run(states, "routes", "paused", "--env", "prod")
    assert ran.code == 0
    assert ran.out.startswith(
        "prod: paused is paused: Grafana does not evaluate it, and sends nothing. Unpaused:\n"
        "prod: paused fires (alertname=Paused, "
    )
    told = json.loads(run(states, "routes", "paused", "--env", "prod", "--format", "json").out)
    cases = told["environments"]["prod"]
    assert [(c["paused"], c["sent"], c["reaches"], bool(c["reaches_unpaused"])) for c in cases] == [
        (True, False, [], True)
    ] * 3
    both = run(states, "routes", "both", "--env", "prod").out
    assert both.count("nothing is sent") == 2


def test_a_repetition_comes_when_it_really_comes(place: Path) -> None:
    told = json.loads(run(place, "routes", "silent", "--env", "prod", "--format", "json").out)
    node = told["environments"]["prod"][0]["reaches"][0]
    assert (node["repeat_interval"], node["group_interval"], node["repeats_after"]) == ("2h", "5m", "2h5m")


def test_a_label_that_only_the_query_can_give_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "__init__.py").write_text(
        """
from dashgen import Match, Policy, Route
from tests.alerting_project import project
ROUTES = (Route("platform", matchers=(Match("host", "=", "a"),)),)
PROJECT = project(policy=Policy("email", routes=ROUTES))
"""
    )
    without = run(tmp_path, "routes", "silent", "--env", "prod").out
    assert without.count("assumed to be missing: host, which policies match") == 1
    assert "→ platform" not in without
    given = run(tmp_path, "routes", "silent", "--env", "prod", "--label", "host=a").out
    assert "assumed to be missing" not in given
    assert "→ platform" in given


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("routes", "silnt"), "error: no alert rule 'silnt' in PROJECT\n  did you mean 'silent'?"),
        (("routes", "silent", "--label", "host"), "--label takes name=value"),
        (("routes", "silent", "--label", "severity=info"), "--label severity: the rule sets this label itself"),
        (("routes", "silent", "--at", "tomorrow"), "--at 'tomorrow' is not a time"),
        (("routes", "silent", "--env", "prd"), "no environment 'prd'"),
        (("preflight", "--file", "nowhere.env"), "nowhere.env can't be read: No such file"),
    ],
)
def test_wrong_use(place: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = run(place, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


GOOD = """
QUESTDB_PASSWORD=hunter2-db
TELEGRAM_BOT_TOKEN=123456789:AAE-hunter2-hunter2-hunter2-00
TELEGRAM_CHAT_ID=-1001234567890
ON_CALL_EMAIL=on-call@example.org
DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/1/hunter2
"""


LOOK = (
    "prod: check in Grafana, which is not contacted: the datasource 'dashgen-questdb' must have"
    " the uid 'questdb', and no other datasource may have it, or Grafana does not start\n"
)


def test_a_preflight_that_finds_all_set(place: Path) -> None:
    (place / "good.env").write_text(GOOD)
    ran = run(place, "preflight", "--env", "prod", "--file", "good.env")
    assert (ran.code, ran.out) == (0, f"prod: 5 variables, all set\n{LOOK}"), ran.err


def test_a_preflight_that_does_not_and_shows_no_value(place: Path) -> None:
    bad = GOOD.replace("-1001234567890", "hunter2-chat").replace("https://", "").replace("QUESTDB_PASSWORD", "OTHER")
    bad = bad.replace("on-call@example.org", "")
    (place / "bad.env").write_text(bad)
    ran = run(place, "preflight", "--env", "prod", "--file", "bad.env")
    assert ran.code == 1
    assert (
        ran.out
        == """\
prod: DISCORD_WEBHOOK_URL does not look right: expected an address like https://host/path
  used by contact point platform, receiver dc, url
prod: ON_CALL_EMAIL is empty
  Grafana does not start, as email needs addresses: contact point email, receiver mail, addresses
prod: QUESTDB_PASSWORD is not set
  Grafana starts, and has an empty text: datasource dashgen-questdb, secureJsonData.password
prod: TELEGRAM_CHAT_ID does not look right: expected a chat's number like -1001234567890
  used by contact point telegram, receiver tg, chatid
prod: 5 variables, 4 to fix
"""
        + LOOK
    )
    assert "hunter2" not in ran.out + ran.err
    (place / "broken.env").write_text("hunter2\n")
    ran = run(place, "preflight", "--file", "broken.env")
    assert ran.code == 2
    assert "line 1 is not NAME=value" in ran.err
    assert "hunter2" not in ran.out + ran.err


def test_a_preflight_of_this_process(place: Path) -> None:
    values = dict(line.split("=", 1) for line in GOOD.split())
    ran = run(place, "preflight", "--env", "prod", "--format", "json", **values)
    assert ran.code == 0
    rows = json.loads(ran.out)["environments"]["prod"]
    assert {row["problem"] for row in rows} == {None}
    assert {row["name"]: row["stops_grafana"] for row in rows} == {
        "DISCORD_WEBHOOK_URL": True, "ON_CALL_EMAIL": True, "QUESTDB_PASSWORD": False, "TELEGRAM_BOT_TOKEN": True,
        "TELEGRAM_CHAT_ID": False,
    }  # fmt: skip
    assert "hunter2" not in ran.out


def test_a_reader_that_has_seen_enough_is_no_error(place: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "dashgen", "routes", "silent"], cwd=place, stdout=writing, stderr=subprocess.PIPE,
        text=True, check=False, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
