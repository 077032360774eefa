"""`dashgen test` as it is called: specs, test files, exit codes, what goes where."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.command_server import run_command

SPECS = '''
from dashgen import *
from dashgen.model.tables.demo import Demo, Outage
from dashgen.model.tables.table import table_of
from datetime import datetime
from typing import Annotated
from dashgen.model.tables.table import Designated, Symbol, table

@table(name="daemons", dedup=("timestamp", "host"), write_interval="10s")
class Daemons:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    running: bool

SQL = """SELECT host, running::int AS up FROM daemons WHERE $__timeFilter(timestamp)
    LATEST ON timestamp PARTITION BY host"""
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True),),
    tables=(Daemons,),
    alerts=(AlertGroup("daemons", folder="Alerts", interval="10s", rules=(
        AlertRule(uid="down", title="Down", query=SQL, threshold=1, fires="below", for_duration="20s", window="1m",
                  severity="critical", channels=("email",)),
    )),),
    contact_points=(ContactPoint("email", (Email("email-ops", addresses=("ops@example.org",)),)),),
    policy=Policy(receiver="email"),
    demo_parameters={"hosts": 9}, replay_parameters={"hosts": 2},
    demos=(Demo(table=table_of(Daemons), series=lambda given: given["hosts"],
                columns={"host": "concat('h', i)", "running": "t % 3600 >= 60 OR i = 0"}),),
    outages=(Outage(name="down", rule="down", within="40s", query="""
        SELECT host, min(timestamp) AS since, max(timestamp) AS until FROM daemons
        WHERE NOT running AND timestamp BETWEEN {start} AND {end} GROUP BY host, timestamp_floor('h', timestamp)"""),),
)
'''

TESTS = """\
tests:
  - name: it fires
    rows: [{table: daemons, values: {host: a, running: "true x3, false x6"}}]
    expect:
      - {fires: down, after: 30s, within: 30s, notifies: [email]}
  - name: it stays quiet
    rows: [{table: daemons, values: {host: a, running: true}}]
    run: {to: 1m}
    expect: [{never: down}]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "specs").mkdir()
    (root / "specs" / "__init__.py").write_text(SPECS)
    return root


def dashgen(project: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = run_command(project, ("test", *arguments))
    assert done.returncode == code, done.stdout + done.stderr
    return done


def write(project: Path, text: str) -> None:
    (project / "tests" / "alerts").mkdir(parents=True, exist_ok=True)
    (project / "tests" / "alerts" / "a.yaml").write_text(text)


def test_a_suite_that_passes(project: Path) -> None:
    write(project, TESTS)
    done = dashgen(project)
    assert done.stdout.startswith("2 passed; 14 evaluations in ")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


def test_failures_for_people_programs_and_ci(project: Path) -> None:
    write(project, TESTS.replace("within: 30s", "within: 10s"))
    data = json.loads(dashgen(project, "--format", "json", code=1).stdout)
    assert [test["passed"] for test in data["tests"]] == [False, True]
    assert data["tests"][0]["failures"][0]["message"] == "expected down Alerting by 40s, it never was"
    assert data["tests"][0]["place"] == "tests/alerts/a.yaml:2"
    suite = ET.fromstring(dashgen(project, "--format", "junit", "-k", "it fires", code=1).stdout)
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("1", "1")
    assert "got" in (suite.findtext("testcase/failure") or "")


def test_a_file_that_cannot_be_used(project: Path) -> None:
    write(project, TESTS.replace("fires: down", "fire: down").replace("run:", "runs:"))
    done = dashgen(project, code=2)
    assert done.stdout == ""
    assert "error: tests/alerts/a.yaml:5:10: it fires › expect › fire: unknown key" in done.stderr
    assert "error: tests/alerts/a.yaml:8:5: it stays quiet › runs: unknown key" in done.stderr
    assert "no test was run" in done.stderr
    write(project, TESTS)
    assert "no tests named like 'nope'" in dashgen(project, "-k", "nope", code=2).stderr
    assert "no rule 'nope'" in dashgen(project, "--explain", "nope", code=2).stderr


def test_a_rule_is_explained(project: Path) -> None:
    write(project, TESTS)
    done = dashgen(project, "--explain", "down", "--at", "50s")
    assert done.stdout.startswith(
        "tests/alerts/a.yaml:2: it fires, at 50s\ndown (Down) evaluated at 2026-01-05 12:00:50"
    )
    assert "→ email in the group" in done.stdout


@pytest.mark.slow
def test_past_data_and_outages(project: Path) -> None:
    done = dashgen(project, "--replay", "all", "--from", "2026-01-05T00:30", "--to", "2026-01-05T02:30")
    assert [line.split("  ")[:2] for line in done.stdout.splitlines()[1:]] == [
        ["2026-01-05 01:00:20", "40s"], ["2026-01-05 02:00:20", "40s"],
    ]  # fmt: skip
    done = dashgen(project, "--demo", "--from", "2026-01-05T00:30", "--to", "2026-01-05T02:30")
    assert done.stdout == (
        "recall 1.000: 2 of 2 outages raised their alert in time\nprecision 1.000: 2 of 2 alerts had an outage\n"
    )
    assert (
        "expected --from before --to"
        in dashgen(project, "--replay", "down", "--from", "2026-01-05", "--to", "2026-01-04", code=2).stderr
    )


@pytest.mark.slow
def test_before_and_after_by_the_trees_of_two_revisions(project: Path) -> None:
    def run(*command: str) -> None:
        subprocess.run(command, cwd=project, check=True, capture_output=True)

    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    run("git", "init", "-q")
    assert run_command(project, ("build", "--env", "prod")).returncode == 0
    run("git", "add", "build")
    run("git", *who, "commit", "-qm", "base")
    specs = project / "specs" / "__init__.py"
    text = specs.read_text()
    specs.write_text(text.replace('for_duration="20s"', 'for_duration="30s"'))
    span = ("--from", "2026-01-05T00:30", "--to", "2026-01-05T01:30")
    done = dashgen(project, "--replay", "down", *span, "--base", "HEAD", code=1)
    assert re.sub(r"  +", " | ", done.stdout.splitlines()[1]) == (
        '~ | down{channels="email", env="prod", host="h1", severity="critical"} | 2026-01-05 01:00:20, 40s'
        " | 2026-01-05 01:00:30, 30s | email → nobody"
    )
    specs.write_text(text)
    assert (
        "'nope' is neither a git revision nor a folder"
        in dashgen(project, "--replay", "down", "--base", "nope", code=2).stderr
    )


AWAY = """\
tests:
  - name: the database is away for a moment
    rows: [{table: daemons, values: {host: a, running: true}}]
    run: {to: 1m}
    database: [{away: true, from: 20s, until: 40s}]
    expect: [{at: 30s, alerts: [{rule: down, state: Error, labels: {ref_id: A}}]}]
"""


def test_what_an_upgrade_changes(project: Path) -> None:
    write(project, AWAY)
    assert "evaluated as Grafana 12.3 does (recorded)" in dashgen(project).stdout
    newer = dashgen(project, "--grafana", "12.4", "--format", "json", code=1)
    assert json.loads(newer.stdout)["grafana"] == {"version": "12.4", "toggles": [], "known": "recorded"}
    told = dashgen(project, "--upgrade", "13.0", code=1).stdout
    assert "to   Grafana 13.0 (as 12.4, which was recorded last; what is newer was read)" in told
    assert "rules fire differently in 1 of 1 test; 1 test passes now and would fail" in told
    assert "every rule fires as before" in dashgen(project, "--upgrade", "12.3").stdout
    data = json.loads(dashgen(project, "--upgrade", "12.4", "--format", "json", code=1).stdout)
    assert [one["before"]["states"] for one in data["changed"][0]["incidents"]] == [["Error"]]
    span = ("--from", "2026-01-05T00:00", "--to", "2026-01-05T00:30")
    past = dashgen(project, "--replay", "down", "--upgrade", "12.4", "--format", "json", *span)
    assert json.loads(past.stdout)["to"]["version"] == "12.4"
    for wrong in (
        ("--upgrade", "new"),
        ("--grafana", "8.0"),
        ("--upgrade", "12.4", "--update"),
        ("--demo", "--upgrade", "13.0"),
    ):
        assert "expected" in (said := dashgen(project, *wrong, code=2).stderr) or "takes no" in said


def test_what_update_can_not_write_is_listed(project: Path) -> None:
    write(project, TESTS.replace("within: 30s", "within: 10s") + "  - {name: empty, expect: [{never: dwn}]}\n")
    before = (project / "tests" / "alerts" / "a.yaml").read_text()
    assert dashgen(project, "--update", code=2).stderr == (
        "tests/alerts/a.yaml:2: expected down Alerting by 40s, it never was\n"
        "tests/alerts/a.yaml:10: not run\n"
        "  tests/alerts/a.yaml:10:36: no rule 'dwn'; did you mean 'down'?\n"
        "  no expectation names a moment, so that it ends at 0s: say how long, run: {to: 5m}\n"
        "only the alerts of `at` are updated; edit these by hand\n"
    )
    assert (project / "tests" / "alerts" / "a.yaml").read_text() == before


def test_mistakes_of_files_are_data_for_programs(project: Path) -> None:
    write(project, TESTS.replace("fires: down", "fire: down"))
    done = dashgen(project, "--format", "json", code=2)
    assert json.loads(done.stdout)["problems"][0]["source"].startswith("tests/alerts/a.yaml:5:")


def test_junit_tells_failures_from_what_could_not_be_run(project: Path) -> None:
    """As the schema that Jenkins publishes has it: counts, and one `failure` or `error` a case."""
    odd = TESTS.replace("within: 30s", "within: 10s").replace("it fires", 'a "b" <c> & d')
    write(project, odd + "  - {name: broken, run: {to: 1m}, rows: [{table: nope}], expect: [{never: down}]}\n")
    suite = ET.fromstring(dashgen(project, "--format", "junit", code=2).stdout)
    assert suite.tag == "testsuite"
    assert [suite.attrib[key] for key in ("name", "tests", "failures", "errors")] == ["dashgen test", "3", "1", "1"]
    assert [(c.attrib["name"], c.attrib["line"], [child.tag for child in c]) for c in suite] == [
        ('a "b" <c> & d', "2", ["failure"]), ("it stays quiet", "6", []), ("broken", "10", ["error"]),
    ]  # fmt: skip
    assert all(case.attrib["classname"] == "tests/alerts/a.yaml" for case in suite)
    wrong = suite.find("testcase/error")
    assert wrong is not None
    assert wrong.attrib["message"] == "tests/alerts/a.yaml:10:42: no table 'nope' is declared; there are daemons"
    assert float(suite.attrib["time"]) > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_it_and_its_server(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashgen", "test", "--replay", "all"]
    process = subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("dashgen-questdb-*/dashgen.log")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert list(tmp_path.glob("dashgen-questdb-*")) == []
