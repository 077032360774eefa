from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from dashgen.questdb import Client, EmbeddedQuestDB, QueryError, ServerError

pytestmark = pytest.mark.questdb


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_answers(questdb: EmbeddedQuestDB) -> None:
    answer = questdb.query("SELECT 1 AS n, 'ä😀' AS t, '2026-01-01T00:00:00Z'::timestamp AS at, null::double AS d")
    assert answer.names == ("n", "t", "at", "d")
    assert answer.types == ("INT", "STRING", "TIMESTAMP", "DOUBLE")
    (row,) = answer
    assert row[:2] == (1, "ä😀")
    assert str(row[2]) == "2026-01-01 00:00:00+00:00"
    assert row[3] is None


def test_an_error_says_where(questdb: EmbeddedQuestDB) -> None:
    with pytest.raises(QueryError) as caught:
        questdb.query("SELECT '😀', nope FROM tables()")
    assert caught.value.message == "Invalid column: nope"
    assert caught.value.sql[caught.value.position :] == "nope FROM tables()"


def test_only_loopback_and_no_more_than_two_ports(questdb: EmbeddedQuestDB) -> None:
    log = (questdb.folder / "dashgen.log").read_text()
    listening = [line.split("listening on ")[1].split(":")[0] for line in log.splitlines() if "listening on" in line]
    assert listening == ["127.0.0.1", "127.0.0.1"]
    assert questdb.query("SELECT count() FROM tables() WHERE table_name = 'telemetry'").value == 0


def test_idle_threads_soon_sleep(questdb: EmbeddedQuestDB) -> None:
    asked = "SELECT property_path, value FROM (SHOW PARAMETERS) WHERE property_path LIKE 'shared.worker.%'"
    values = {str(path): value for path, value in questdb.query(asked).rows}
    assert [values[f"shared.worker.{name}"] for name in ("nap.threshold", "sleep.threshold", "sleep.timeout")] == [
        "100", "500", "20",
    ]  # fmt: skip


def test_several_at_once_keep_their_data_apart(questdb: EmbeddedQuestDB, tmp_path: Path) -> None:
    with EmbeddedQuestDB(tmp_path / "named") as other:
        assert other.http_url != questdb.http_url
        other.execute("CREATE TABLE only_here (a LONG)")
        pid = other.pid
        with pytest.raises(QueryError, match="does not exist"):
            questdb.query("only_here")
        with pytest.raises(ServerError, match="QuestDB stopped with exit code"):
            EmbeddedQuestDB(tmp_path / "named").start()
    assert not alive(pid)
    with pytest.raises(ServerError, match="not running"):
        _ = other.http_url
    with EmbeddedQuestDB(tmp_path / "named") as again:
        assert again.query("SELECT count() FROM only_here").value == 0


def test_stops_on_an_exception_and_leaves_nothing() -> None:
    server = EmbeddedQuestDB()

    def run() -> NoReturn:
        with server:
            seen.append((server.pid, server.folder))
            raise KeyError

    seen: list[tuple[int, Path]] = []
    with pytest.raises(KeyError):
        run()
    ((pid, folder),) = seen
    assert not alive(pid)
    assert not folder.exists()


SCRIPT = """
import sys, time
from dashgen.questdb import EmbeddedQuestDB
with EmbeddedQuestDB() as db:
    print(db.pid, db.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_stops_with_its_program(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        pid, folder = program.stdout.readline().split()
        program.send_signal(number)
        program.wait(120)
    assert gone_within(int(pid), 60)
    if number == signal.SIGTERM:
        assert program.returncode == 143
        assert not Path(folder).exists()


STARTING = """
import sys
from pathlib import Path
from dashgen.questdb import EmbeddedQuestDB
print("started", flush=True)
with EmbeddedQuestDB(Path(sys.argv[1]), compiler="quick"):
    sys.stdin.read()
"""


def commands_with(text: str) -> list[str]:
    """The command lines of running processes that have it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        found += [line] if text in line else []
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_no_server_outlives_a_parent_killed_while_it_starts(tmp_path: Path) -> None:
    """At sixteen moments of its start, from the first on until it is ready."""
    kills = 16
    begin = time.monotonic()
    with EmbeddedQuestDB(tmp_path / "server", compiler="quick"):
        takes = 1.2 * (time.monotonic() - begin)
    for number in range(kills):
        folder = tmp_path / f"server-{number}-of-{os.getpid()}"
        command = [sys.executable, "-c", STARTING, str(folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"started\n"
            time.sleep(takes * number / (kills - 1))
            program.kill()
            program.wait(120)
        deadline = time.monotonic() + 60
        while left := commands_with(str(folder)):
            assert time.monotonic() < deadline, left
            time.sleep(0.02)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ServerError, match="does not answer"):
        Client("http://127.0.0.1:9", timeout=1).query("SELECT 1")
    with pytest.raises(ValueError, match="expected a URL such as http://localhost:9000, got 'localhost'"):
        Client("localhost")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_server_leaves_no_library_behind(tmp_path: Path) -> None:
    def libraries() -> set[str]:
        return set(re.findall(r"/\S*libquestdb\S*", Path(f"/proc/{server.pid}/maps").read_text()))

    with EmbeddedQuestDB(tmp_path / "data", compiler="quick") as server:
        unpacked = libraries()
        server.restart()
        unpacked |= libraries()
    assert len(unpacked) == 4
    assert [path for path in unpacked if Path(path).exists()] == []
