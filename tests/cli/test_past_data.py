"""`dashgen test` over past data, as a process: a deployed QuestDB with a login over both of its interfaces, and the
demo."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from dashgen.cli.test_replay import span_until
from dashgen.questdb import EmbeddedQuestDB
from tests.cli.test_test import SPECS, TESTS, write
from tests.command_server import run_command

PASSWORD = "s3cret-of-http"
SPAN = ("--from", "2026-02-01T12:00", "--to", "2026-02-01T12:05")


class Guarded(EmbeddedQuestDB):
    """With a login for HTTP too."""

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"QDB_HTTP_USER": "grafana", "QDB_HTTP_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def deployed() -> Iterator[EmbeddedQuestDB]:
    """One host, down for a minute from 12:01:00."""
    with Guarded(compiler="quick") as server:
        with psycopg.connect(server.pg_dsn, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE daemons (timestamp TIMESTAMP, host SYMBOL, running BOOLEAN)"
                " TIMESTAMP(timestamp) PARTITION BY DAY BYPASS WAL"
            )
            connection.execute(
                "INSERT INTO daemons SELECT cast(1769947200000000 + (x - 1) * 10000000 AS TIMESTAMP), 'a',"
                " x NOT BETWEEN 7 AND 12 FROM long_sequence(31)"
            )
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("past")
    (root / "specs").mkdir()
    (root / "specs" / "__init__.py").write_text(SPECS)
    return root


def dashgen(
    project: Path, *arguments: str, user: str = "", password: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    login = {"DASHGEN_QUESTDB_USER": user, "DASHGEN_QUESTDB_PASSWORD": password}
    done = run_command(project, ("test", *arguments), login)
    assert done.returncode == code, done.stdout + done.stderr
    assert not password or password not in done.stdout + done.stderr
    return done


def pg(server: EmbeddedQuestDB) -> tuple[str, str]:
    """The address without a login, and the read-only login's password."""
    return f"postgresql://{server.pg_address}/qdb", urlsplit(server.readonly_dsn).password or ""


def test_both_interfaces_with_a_login_give_the_same(deployed: EmbeddedQuestDB, project: Path) -> None:
    url, password = pg(deployed)
    over_pg = dashgen(project, "--replay", "down", *SPAN, "--against", url, user="readonly", password=password)
    assert [re.split("  +", line) for line in over_pg.stdout.splitlines()[1:]] == [
        ["2026-02-01 12:01:20", "40s", 'down{channels="email", env="prod", host="a", severity="critical"}', "Alerting",
         "email"],
    ]  # fmt: skip
    assert over_pg.stderr == "note: evaluated as Grafana 12.3 does (recorded)\n"
    http = deployed.http_url
    over_http = dashgen(project, "--replay", "down", *SPAN, "--against", http, user="grafana", password=PASSWORD)
    assert over_http.stdout == over_pg.stdout
    inside = f"postgresql://readonly:{password}@{deployed.pg_address}/qdb"
    data = json.loads(
        dashgen(project, "--replay", "all", *SPAN, "--against", inside, "--format", "json", password=password).stdout
    )
    assert [(i["since"], i["states"], i["error"]) for i in data["incidents"]] == [
        ("2026-02-01T12:01:20+00:00", ["Alerting"], "")
    ]
    assert (data["evaluations"], data["notes"]) == (31, [])


def test_a_wrong_login_is_refused_and_not_shown(deployed: EmbeddedQuestDB, project: Path) -> None:
    url, _ = pg(deployed)
    done = dashgen(project, "--replay", "down", *SPAN, "--against", url, user="readonly", password="wr0ng-one", code=2)
    assert "invalid username/password" in done.stderr
    inside = url.replace("://", "://readonly:wr0ng-one@")
    assert "wr0ng-one" not in dashgen(project, "--replay", "down", *SPAN, "--against", inside, code=2).stderr
    done = dashgen(
        project, "--replay", "down", *SPAN, "--against", deployed.http_url, user="grafana", password="wr0ng-one", code=2
    )
    assert f"{deployed.http_url} refuses the user or password (401)" in done.stderr
    done = dashgen(project, "--replay", "down", *SPAN, "--against", "postgresql://a:wr0ng one@h:x/qdb", code=2)
    assert done.stderr.startswith("error: expected a URL such as postgresql://localhost:8812/qdb, got 'postgresql://…'")
    done = dashgen(project, "--replay", "down", *SPAN, "--against", "ftp://a:wr0ng-one@h/", code=2)
    assert "got '…@h/'" in done.stderr
    assert done.stdout == ""


def test_a_server_that_is_away_is_no_finding_of_a_rule(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (f"postgresql://127.0.0.1:{port}/qdb", f"http://127.0.0.1:{port}"):
        for command in (("--replay", "down", *SPAN), ("--explain", "down", "--at", "2026-02-01T12:02")):
            done = dashgen(project, *command, "--against", url, user="readonly", password="s3cret", code=2)
            assert done.stdout == ""
            assert done.stderr.startswith("error: ")
            assert str(port) in done.stderr
            assert "Traceback" not in done.stderr


def test_a_table_that_is_missing_is_told(questdb: EmbeddedQuestDB, project: Path) -> None:
    url, password = pg(questdb)
    questdb.execute("DROP TABLE IF EXISTS daemons")
    done = dashgen(project, "--replay", "down", *SPAN, "--against", url, user="readonly", password=password)
    assert done.stdout.endswith("  Error  email\n")
    assert "note: down: " in done.stderr
    assert "table does not exist [table=daemons]" in done.stderr
    explain = ("--explain", "down", "--at", "2026-02-01T12:02", "--against", url)
    done = dashgen(project, *explain, user="readonly", password=password, code=2)
    assert done.stderr == "error: table does not exist [table=daemons]\n"


def test_a_moment_is_explained_with_the_state_that_its_past_gave_it(deployed: EmbeddedQuestDB, project: Path) -> None:
    url, password = pg(deployed)
    explain = ("--explain", "down", "--against", url, "--at")
    done = dashgen(project, *explain, "2026-02-01T12:01:25", user="readonly", password=password)
    assert done.stdout.splitlines()[:4] == [
        "past data, at 2026-02-01 12:01:25 UTC; evaluated every 10s from 2026-02-01 11:46:20 on, 15m before",
        "  daemons has rows from 2026-02-01 12:00:00 to 2026-02-01 12:05:00",
        "down (Down) evaluated at 2026-02-01 12:01:20 UTC",
        "  every 10s, for 20s, no data: NoData, error: Error",
    ]
    assert '   | host  up\n   | a     0\n   = 0 {host="a"}\n' in done.stdout
    assert (
        '  Alerting {channels="email", env="prod", host="a", severity="critical"}\n    since 2026-02-01 12:01:20\n'
        in done.stdout
    )
    done = dashgen(
        project, *explain[:2], "--against", deployed.http_url, "--at", "2026-02-01T12:01:10", "--format", "json",
        user="grafana", password=PASSWORD,
    )  # fmt: skip
    data = json.loads(done.stdout)
    assert [(i["state"], i["since"], i["may_be_older"]) for i in data["instances"]] == [
        ("Pending", "2026-02-01T12:01:00+00:00", False)
    ]
    assert [field["values"] for field in data["queries"][0]["frame"]] == [["a"], [0]]
    assert data["queries"][2]["values"] == [{"kind": "number", "labels": {"host": "a"}, "value": 1.0}]
    done = dashgen(project, *explain, "2026-02-01T11:59", user="readonly", password=password, code=2)
    assert done.stderr == (
        "error: no rows up to 2026-02-01 11:59:00: daemons has rows from 2026-02-01 12:00:00 to 2026-02-01 12:05:00\n"
    )
    # now: the newest row is long ago
    done = dashgen(project, *explain[:4], user="readonly", password=password)
    assert "NoData {" in done.stdout
    assert " or before\n" in done.stdout


def test_a_moment_of_the_demo_is_explained(project: Path) -> None:
    done = dashgen(project, "--explain", "down", "--at", "2026-01-05T01:00:30")
    assert done.stdout.startswith("demo data, at 2026-01-05 01:00:30 UTC; evaluated every 10s from 2026-01-05 00:45:30")
    assert '  Alerting {channels="email", env="prod", host="h1", severity="critical"}' in done.stdout
    other = '  Normal {channels="email", env="prod", host="h0", severity="critical"}'
    assert f"{other}\n    since 2026-01-05 00:45:30 or before\n" in done.stdout


def test_which_test_is_explained(project: Path) -> None:
    write(project, TESTS)
    done = dashgen(project, "--explain", "down")
    assert done.stdout.startswith("tests/alerts/a.yaml:2: it fires, at 1m\n")
    assert done.stderr == "note: this is 'it fires'; -k takes another test about down: 'it stays quiet'\n"
    done = dashgen(project, "--explain", "down", "-k", "quiet", "--at", "10s")
    assert done.stdout.startswith("tests/alerts/a.yaml:6: it stays quiet, at 10s\n")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--explain", "dwn"), "error: no rule 'dwn'\n  did you mean 'down'?\n"),
        (("--explain", "down", "--at", "noon"), "error: --at: expected a time in a test (90s)"
        " or an absolute time, got 'noon'\n"),
        (("--explain", "down", "--at", "90s", "--against", "http://h"), "error: --at 90s is relative to a test"),
        (("--explain", "down", "--at", "2026-02-01", "-k", "x"), "error: PATH and --name choose"
        " a test, and an absolute time"),
        (("--explain", "down", "--base", "main"), "error: --explain takes no --base; use it with --replay\n"),
        (("--explain", "down", "--replay", "down"), "error: --explain and --replay are different commands"),
        (("--from", "2026-01-05"), "error: a run of tests takes no --from; use it with --replay or --demo\n"),
        (("--update", "--format", "json"), "error: --update writes files, not json\n"),
        (("--replay", "dwn"), "error: no rule 'dwn'\n  did you mean 'down'?\n"),
        (("--demo", "--against", "http://h"), "error: --demo takes no --against; use it with --explain or --replay"),
        (("--replay", "down", "--from", "yesterday"), "error: --from: expected a moment like 2026-01-05T12:00:00Z"),
        (("--replay", "down", "--from", "2026-01-06", "--to", "2026-01-05"), "error: expected --from before --to"),
    ],
)  # fmt: skip
def test_wrong_use(project: Path, arguments: tuple[str, ...], said: str) -> None:
    done = dashgen(project, *arguments, code=2)
    assert done.stdout == ""
    assert done.stderr.startswith(said)


NOW = datetime(2026, 2, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        (("", ""), "2026-01-31T12:30", "2026-02-01T12:30"),
        (("2026-02-01T12:00", ""), "2026-02-01T12:00", "2026-02-01T12:30"),
        (("2026-02-01T12:00", "2026-02-03"), "2026-02-01T12:00", "2026-02-01T12:30"),
        (("2026-01-05", ""), "2026-01-05T00:00", "2026-01-06T00:00"),
    ],
)
def test_a_replay_of_a_server_ends_now_at_the_latest(given: tuple[str, str], start: str, end: str) -> None:
    """An alert would else have lasted into the future."""
    span = span_until(NOW, *given)
    shown = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M") for at in (span.start, span.end)]
    assert shown == [start, end]


def test_a_replay_of_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="expected --from before now, got 2026-02-02: the server has no rows of it"):
        span_until(NOW, "2026-02-02", "")


@pytest.mark.parametrize(
    "command",
    [
        ("db", "migrate", "--to", "http://127.0.0.1:9?user=a&password=hunter2"),
        ("db", "migrate", "--to", "http://me:hunter2@127.0.0.1:9"),
        ("db", "seed", "--to", "http://127.0.0.1:9#hunter2"),
        ("db", "retention", "--at", "host=127.0.0.1 port=9 password=hunter2"),
        ("check", "--against", "http://me:hunter2"),
        ("test", "--replay", "down", "--against", "postgresql://127.0.0.1:9/qdb?user=a&password=hunter2"),
        (
            "test",
            "--format",
            "json",
            "--explain",
            "down",
            "--at",
            "2026-02-01T12:00:30",
            "--against",
            "h password=hunter2",
        ),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_no_command_repeats_a_password(project: Path, command: tuple[str, ...]) -> None:
    """In an address that can't be read, and of a server that is not there."""
    done = run_command(project, command)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
