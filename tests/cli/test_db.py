"""`dashgen db …` as a person calls it: processes, a real server, exit codes and what is read on the screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from dashgen.questdb import EmbeddedQuestDB, QuestDBError
from dashgen.questdb.ingest import ingest
from specs.tables import DaemonMetrics
from tests.command_server import run_command
from tests.tree_snapshot import ROOT

pytestmark = pytest.mark.questdb


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_command(ROOT, arguments, environment)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedQuestDB]:
    """One of its own: the shipped names are used."""
    with EmbeddedQuestDB() as db:
        yield db


def test_migrate_seed_retention(server: EmbeddedQuestDB) -> None:
    url = server.http_url
    dry = run("db", "migrate", "--to", url)
    assert dry.returncode == 1
    assert dry.stdout.count("CREATE TABLE IF NOT EXISTS") == 4
    assert dry.stdout.startswith("-- daemon_metrics is not there\nCREATE TABLE")
    assert dry.stderr == "6 statements to run; nothing was applied: add --apply\n"
    assert server.query("SELECT count() FROM tables()").value == 0

    early = run("db", "seed", "--to", url, "--days", "0.1")
    assert early.returncode == 2
    assert "daemon_metrics is not there" in early.stderr
    assert f"dashgen db migrate --to {url} --apply" in early.stderr

    applied = run("db", "migrate", "--apply", "--format", "json", DASHGEN_QUESTDB_URL=url)
    assert applied.returncode == 0
    assert json.loads(applied.stdout)["applied"] is True
    again = run("db", "migrate", "--to", url, "--apply")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", f"{url} has what is declared\n")

    # Three days that end an hour into a day, so that two partitions are wholly older than the last one.
    seeded = run("db", "seed", "--to", url, "--days", "2", "--until", "2025-11-03T01:00", "--hosts=2", "--symbols", "1")
    assert seeded.returncode == 0, seeded.stderr
    tables = ("daemon_metrics", "exchange_status", "pipeline_metrics", "trading_metrics")
    count = sum(cast("int", server.query(f"SELECT count() FROM {table}").value) for table in tables)
    expected = 2 * 8640 * (2 + 2 * 4 + 12 + 3)
    assert expected * 0.95 < count < expected  # hosts are silent at times
    assert seeded.stdout == f"{count:,} rows of env 'dev' from 2025-11-01 01:00 to 2025-11-03 01:00 UTC\n"
    assert server.query("SELECT count_distinct(host) FROM daemon_metrics").value == 2
    mixed = run("db", "seed", "--to", url, "--days", "1")
    assert mixed.returncode == 2
    assert "hold rows already" in mixed.stderr
    unknown = run("db", "seed", "--to", url, "--hots", "5")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("error: no such option: --hots\n  the specs' demo parameters: --hosts (5), ")

    shown = run("db", "retention", "--at", url)
    assert shown.returncode == 0
    (line,) = [line for line in shown.stdout.splitlines() if line.startswith("daemon_metrics")]
    assert "90 DAY" in line
    assert "2025-11-01 01:00" in line
    day = cast("int", server.query("SELECT count() FROM daemon_metrics WHERE timestamp IN '2025-11-01'").value)
    assert f"2025-11-01: {day:,} rows" in line
    assert line.endswith("2026-01-31 00:00")
    data = json.loads(run("db", "retention", "--at", url, "--format", "json").stdout)
    assert [t["table"] for t in data["tables"] if t["viewOf"] == "pipeline_metrics"] == ["pipeline_1m"]

    drop = ("db", "retention", "--at", url, "--table", "pipeline_metrics", "--drop-before", "2025-11-02T12:00")
    dry = run(*drop)
    assert dry.returncode == 1
    assert "ALTER TABLE pipeline_metrics DROP PARTITION LIST '2025-11-01';" in dry.stdout
    assert "warning: this makes pipeline_1m invalid" in dry.stderr
    assert dry.stderr.endswith("dry run: nothing was dropped; add --apply to drop\n")
    assert server.query("SELECT count() FROM pipeline_metrics WHERE timestamp IN '2025-11-01'").value
    assert run(*drop, "--apply").returncode == 0
    server.settle()
    assert server.query("SELECT count() FROM pipeline_metrics WHERE timestamp IN '2025-11-01'").value == 0
    refused = run("db", "migrate", "--to", url, "--apply")
    assert refused.returncode == 1
    assert "error: pipeline_1m: expected a valid view, got an invalid one (drop partition operation)" in refused.stderr
    assert "the server has:\n  CREATE MATERIALIZED VIEW 'pipeline_1m' WITH BASE 'pipeline_metrics'" in refused.stderr


def test_a_shorter_ttl_needs_to_be_meant(server: EmbeddedQuestDB) -> None:
    server.execute("CREATE TABLE IF NOT EXISTS kept (at TIMESTAMP, n LONG) TIMESTAMP(at) PARTITION BY DAY WAL")
    server.execute("INSERT INTO kept VALUES ('2025-01-01', 1), ('2025-01-02', 1), ('2025-11-01', 1)")
    server.settle()
    specs = Path(__file__).parent / "kept_specs"
    blocked = run("db", "migrate", "--to", server.http_url, "--specs", str(specs), "--apply")
    assert blocked.returncode == 1
    assert "drops 2 rows at once: 2025-01-01 to 2025-01-02" in blocked.stdout
    assert blocked.stderr == "1 statement would drop 2 rows; nothing was applied: add --drop-rows to allow it\n"
    assert server.query("SELECT count() FROM kept").value == 3
    meant = run("db", "migrate", "--to", server.http_url, "--specs", str(specs), "--apply", "--drop-rows")
    assert meant.returncode == 0
    assert server.query("SELECT count() FROM kept").value == 1
    server.execute("DROP TABLE kept")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["migrate", "--to", "localhost"], "expected a URL such as http://localhost:9000, got 'localhost'"),
        (["migrate", "--to", "htp://me:hunter2@host"], "got '…@host'"),
        (["migrate", "--to", "http://me:hunter2@127.0.0.1:9"], "http://127.0.0.1:9 does not answer"),
        (["migrate"], "Missing option '--to' (env var: 'DASHGEN_QUESTDB_URL')"),
        (["migrate", "--to", "http://127.0.0.1:9", "--specs", "nowhere"], "nowhere"),
        (["retention", "--at", "http://127.0.0.1:9", "--drop-before", "soon"], "an age such as 90d, got 'soon'"),
        (["retention", "--at", "http://127.0.0.1:9", "--drop-before", "2999-01-01"], "expected a moment that is past"),
        (["retention", "--at", "http://127.0.0.1:9", "--apply"], "--apply goes with --drop-before"),
        (["retention", "--at", "http://127.0.0.1:9", "--table", "nope"], "no table 'nope' in PROJECT"),
        (["seed", "--to", "http://db.example:9000"], "http://db.example:9000 is not on this machine"),
        (["seed", "--to", "http://127.0.0.1:9", "--days", "0"], "--days"),
        (["seed", "--to", "http://127.0.0.1:9", "--days", "many"], "--days"),
        (["seed", "--to", "http://127.0.0.1:9", "--hosts", "five"], "expected a number from 1 to 1000000, got 'five'"),
        (["seed", "--to", "http://127.0.0.1:9", "--hosts"], "expected a number from 1 to 1000000, got ''"),
        (["seed", "--to", "http://127.0.0.1:9", "--until", "2999-01-01"], "expected a moment that is past"),
        (["up", "--bare", "--seed"], "--seed needs the tables that --bare leaves out"),
    ],
)
def test_wrong_use(arguments: list[str], said: str) -> None:
    done = run("db", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


class Guarded(EmbeddedQuestDB):
    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"QDB_HTTP_USER": "me", "QDB_HTTP_PASSWORD": "hunter2"}


def test_a_login_comes_from_the_environment() -> None:
    with Guarded() as db:
        url = db.http_url
        refused = run("db", "migrate", "--to", url, DASHGEN_QUESTDB_USER="me", DASHGEN_QUESTDB_PASSWORD="swordfish")
        assert refused.returncode == 2
        assert f"{url} refuses the user or password (401)" in refused.stderr
        allowed = run("db", "migrate", "--to", url, DASHGEN_QUESTDB_USER="me", DASHGEN_QUESTDB_PASSWORD="hunter2")
        assert allowed.returncode == 1
        given = run("db", "migrate", "--to", url.replace("//", "//me:hunter2@"), "--apply")
        assert given.returncode == 0
        row = DaemonMetrics(
            timestamp=datetime(2025, 1, 1, tzinfo=UTC), host="a", env="dev", fetch_count=1, error_count=0,
            liquidation_count=0, uptime_seconds=1.0, running=True,
        )  # fmt: skip
        assert ingest([row], url.replace("//", "//me:hunter2@")).written == 1
        with pytest.raises(QuestDBError) as wrong:
            ingest([row], url.replace("//", "//me:swordfish@"), retry_seconds=1)
        told = str(wrong.value) + refused.stderr + allowed.stderr + allowed.stdout + given.stderr + given.stdout
        assert "hunter2" not in told
        assert "swordfish" not in told


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_up_ends_with_its_program(number: signal.Signals) -> None:
    """SIGINT goes to the whole group, as a terminal sends it; the others to the process that was started."""
    command = [sys.executable, "-m", "dashgen", "db", "up", "--port", "0", "--pg-port", "0", "--format", "json"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        told = json.loads(program.stdout.readline())
        assert alive(told["pid"])
        if number == signal.SIGINT:
            os.killpg(program.pid, number)
        else:
            program.send_signal(number)
        rest = program.stderr.read()
        code = program.wait(120)
    deadline = time.monotonic() + 120
    while alive(told["pid"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(told["pid"])
    assert "Traceback" not in rest
    if number in (signal.SIGINT, signal.SIGTERM):
        assert (code, rest) == (0, "stopped\n")


def test_up_keeps_named_data_and_refuses_a_port_that_is_taken(server: EmbeddedQuestDB, tmp_path: Path) -> None:
    taken = run("db", "up", "--port", server.http_url.rpartition(":")[2])
    assert taken.returncode == 2
    assert "is taken\n  --port 0 takes any free one" in taken.stderr
    (tmp_path / "file").write_text("")
    no_folder = run("db", "up", "--bare", "--port", "0", "--pg-port", "0", "--data", str(tmp_path / "file"))
    assert no_folder.returncode == 2
    assert "can't keep data in" in no_folder.stderr


def test_a_server_without_demo_data_is_not_started_to_be_seeded(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    specs.mkdir()
    (specs / "__init__.py").write_text(
        'from dashgen import Environment, Project\nPROJECT = Project(environments=(Environment("prod"),))\n'
    )
    done = run("db", "up", "--seed", "--port", "0", "--pg-port", "0", "--specs", str(specs))
    assert (done.returncode, done.stdout) == (2, "")
    assert "PROJECT has no demo data" in done.stderr
