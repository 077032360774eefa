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
    one message for each env, host; after 1m, news after 5m, again after 2h
  → telegram (telegram)
    by default policy › channels=~"(.*,)?telegram(,.*)?"
    one message for each env, host; after 30s, news after 5m, again after 2h
prod: silent its query fails (alertname=DatasourceError, channels=email,telegram, env=prod, grafana_folder=Alerts, rulename=Silent, severity=critical)
  → platform (discord)
    by default policy › alertname=~"DatasourceError|DatasourceNoData"
    one message for each alertname, env; after 30s, news after 5m, again after 1h
prod: silent its query has no rows (alertname=DatasourceNoData, channels=email,telegram, env=prod, grafana_folder=Alerts, rulename=Silent, severity=critical)
  → platform (discord)
    by default policy › alertname=~"DatasourceError|DatasourceNoData"
    one message for each alertname, env; after 30s, news after 5m, again after 1h
test: silent fires (alertname=Silent, channels=email,telegram, env=dev, grafana_folder=Alerts (test), host=a, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    one message for each grafana_folder, alertname, env, host; after 1m, news after 5m, again after 2h
test: silent its query fails (alertname=DatasourceError, channels=email,telegram, env=dev, grafana_folder=Alerts (test), rulename=Silent, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    one message for each grafana_folder, alertname, env, host; after 1m, news after 5m, again after 2h
test: silent its query has no rows (alertname=DatasourceNoData, channels=email,telegram, env=dev, grafana_folder=Alerts (test), rulename=Silent, severity=critical)
  → t-email + telegram (email, telegram)
    by notification settings of the rule
    one message for each grafana_folder, alertname, env, host; after 1m, news after 5m, again after 2h
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
    assert without.count("taken as missing: host, which policies ask for") == 1
    assert "→ platform" not in without
    given = run(tmp_path, "routes", "silent", "--env", "prod", "--label", "host=a").out
    assert "taken as missing" not in given
    assert "→ platform" in given


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("routes", "silnt"), "error: no alert rule 'silnt' in PROJECT\n  did you mean 'silent'?"),
        (("routes", "silent", "--label", "host"), "--label takes name=value"),
        (("routes", "silent", "--label", "severity=info"), "--label severity: the rule sets this label itself"),
        (("routes", "silent", "--at", "tomorrow"), "--at 'tomorrow' is no time"),
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


def test_a_preflight_that_finds_all_set(place: Path) -> None:
    (place / "good.env").write_text(GOOD)
    ran = run(place, "preflight", "--env", "prod", "--file", "good.env")
    assert (ran.code, ran.out) == (0, "prod: 5 variables, all set\n"), ran.err


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
  Grafana starts, and has an empty text: datasource QuestDB, secureJsonData.password
prod: TELEGRAM_CHAT_ID does not look right: expected a chat's number like -1001234567890
  used by contact point telegram, receiver tg, chatid
prod: 5 variables, 4 to mend
"""
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
