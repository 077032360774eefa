"""Specs, as they are loaded, followed and filled with demo data; and that all of it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dashgen.preview.loader_process import LoaderProcess
from dashgen.preview.session import PreviewSession, Processes, Settings
from dashgen.questdb import EmbeddedQuestDB
from tests.scratch import dashgen, specs

pytestmark = [pytest.mark.questdb, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]
Json = dict[str, Any]
PATIENCE = 120
"""Seconds; machines are busy."""
GOOD = 'PROJECT = project(dash(stat("Shown")), dash(stat("Other"), uid="y", title="Y"))\n'
DEMO = """
from datetime import datetime
from typing import Annotated

from dashgen.model.tables.demo import Demo
from dashgen.model.tables.table import Designated, Symbol, table, table_of


@table(name="load", dedup=("timestamp", "host"), write_interval="1s", ttl="1 DAY")
class Load:
    \"\"\"How busy hosts are.\"\"\"

    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    v: int
{more}

DEMOS = (Demo(table=table_of(Load), series=lambda given: 2,
              columns={{"host": "concat('h', i)", "v": "t - {{start}}"{values}}}),)
COUNT = Stat("Rows", Query("SELECT count() AS rows FROM load", format="table"), description="d", key="rows")
ENVIRONMENTS = (Environment("prod"), Environment("dev", uid_prefix="dev-"))
PROJECT = Project(environments=ENVIRONMENTS, tables=(Load,), demos=DEMOS, dashboards=(dash(COUNT{shown}),))
"""


def demo(more: str = "", values: str = "", shown: str = "") -> str:
    return DEMO.format(more=more, values=values, shown=shown)


def ask(loader: LoaderProcess, **request: object) -> Json:
    loader.ask({"do": "load", "env": "", **request})
    answer = loader.read()
    assert answer is not None
    return answer


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoaderProcess]:
    monkeypatch.chdir(tmp_path)
    specs(tmp_path, GOOD)
    process = LoaderProcess(Path("specs"), 60.0)
    yield process
    process.stop()


def test_every_load_begins_anew(loader: LoaderProcess, tmp_path: Path) -> None:
    first = ask(loader)
    assert first["is_loaded"]
    assert sorted(path for path in first["documents"] if path.endswith(("x.json", "y.json"))) == [
        "dashboards/dashgen/x.json", "dashboards/dashgen/y.json",
    ]  # fmt: skip
    assert (first["environment"], first["environments"], first["faults"]) == ("prod", ["prod"], [])
    specs(tmp_path, GOOD.replace("Shown", "Named"))
    assert '"Named"' in ask(loader)["documents"]["dashboards/dashgen/x.json"]
    specs(tmp_path, "import os\nos.environ['LEFT'] = 'behind'\nPROJECT = project(dash(stat()))\n")
    ask(loader)
    specs(tmp_path, "import os\nPROJECT = project(dash(stat(os.environ.get('LEFT', 'clean'))))\n")
    assert '"clean"' in ask(loader)["documents"]["dashboards/dashgen/x.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PROJECT = nothing\n", "NameError"),
        ("PROJECT = project(dash(\n", "never closed"),
        ("import time\nwhile True:\n    time.sleep(1)\n", "is still loading after 3 s"),
        ("import os\nos._exit(3)\n", "ended the process while it was loaded"),
        ("print('hello')\nPROJECT = project(dash(stat()))\n", "prints to stdout"),
        ("PROJECT = project(dash(stat(unit=3)))\n", "unit"),
    ],
)
def test_specs_that_can_t_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    specs(tmp_path, text)
    process = LoaderProcess(Path("specs"), 60.0)
    try:
        answer = ask(process, timeout=3.0 if "while True" in text else 60.0)
        assert not answer["is_loaded"]
        fault = next(one for one in answer["faults"] if said in one["message"])
        if said != "ended the process while it was loaded":
            assert fault["file"] == "specs/__init__.py"
            assert fault["line"] > 0
        specs(tmp_path, GOOD)
        assert ask(process)["is_loaded"]  # the next one is none the worse
    finally:
        process.stop()


def test_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: LoaderProcess) -> None:
    specs(tmp_path, demo())
    assert next(iter(ask(loader, env="dev")["documents"])) == "dashboards/dashgen/dev-x.json"
    wrong = ask(loader, env="prd")
    assert not wrong["is_loaded"]
    assert wrong["faults"][0]["message"] == "no environment 'prd' in PROJECT"
    assert wrong["faults"][0]["hint"] == "it has prod, dev"


def test_what_is_rendered_wrong_is_shown_with_what_is_wrong(tmp_path: Path, loader: LoaderProcess) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat(query='SELECT $__nothing FROM t')))\n")
    answer = ask(loader)
    assert answer["is_loaded"]
    assert "dashboards/dashgen/x.json" in answer["documents"]
    assert any("$__nothing" in fault["message"] and fault["line"] for fault in answer["faults"])


def test_saved_specs_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questdb: EmbeddedQuestDB) -> None:
    monkeypatch.chdir(tmp_path)
    root = specs(tmp_path, GOOD, {"notes.txt": ""})

    async def follow() -> None:
        settings = Settings(Path("specs"))
        session = PreviewSession(settings, questdb.readonly_dsn, None, Processes.begun(settings, is_embedded=False))
        try:
            await session.start()
            events = session.subscribe()
            session.watch()
            await asyncio.sleep(0.3)

            async def saved(text: str) -> Json:
                specs(tmp_path, text)
                async with asyncio.timeout(20):
                    return await events.get()

            event = await saved(GOOD.replace("Shown", "Named"))
            assert (event["revision"], event["changed"], event["errors"]) == (2, ["x"], [])
            event = await saved("PROJECT = nothing\n")
            assert event["changed"] == []
            assert "NameError" in event["errors"][0]["message"]
            assert event["errors"][0]["file"] == "specs/__init__.py"
            shown = await session.dashboards()
            assert [one["uid"] for one in shown["dashboards"]] == ["x", "y"]
            assert shown["errors"] == event["errors"]
            event = await saved('PROJECT = project(dash(stat("Named")), dash(stat("New"), uid="z", title="Z"))\n')
            assert (event["changed"], event["errors"]) == (["y", "z"], [])
            assert list(session.revision.boards) == ["x", "z"]
        finally:
            await session.stop()

    asyncio.run(follow())
    assert root.is_dir()


# --- the command


class Running:
    """`dashgen preview` as a process."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashgen", "preview", "--format", "json", *arguments],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        self.url = urlsplit(json.loads(line)["url"])
        self.started = self.descendants()

    def ask(self, path: str, body: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.url.port or 0, timeout=PATIENCE)
        headers = {"X-Preview-Token": self.url.query.removeprefix("token="), "Content-Type": "application/json"}
        connection.request("GET" if body is None else "POST", path, json.dumps(body) if body else None, headers)
        reply = connection.getresponse()
        data = json.loads(reply.read())
        assert reply.status == 200, data
        connection.close()
        return data

    def rows(self, dashboard: str = "x") -> int:
        panels = self.ask(f"/api/dashboards/{dashboard}")["dashboard"]["panels"]
        number = next(one["id"] for one in panels if one["title"] == "Rows")
        now = int(time.time() * 1000)
        body = {"uid": dashboard, "panelId": number, "from": now - 3_600_000, "to": now}
        return int(self.ask("/api/query", body)["results"]["A"]["frames"][0]["data"]["values"][0][0])

    def descendants(self) -> list[int]:
        found, open_ = [], [self.process.pid]
        parents: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(
                    int(path.parent.name)
                )
            except (OSError, IndexError):
                continue
        while open_:
            one = open_.pop()
            found.append(one)
            open_ += parents.get(one, [])
        return found

    def all_ended(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        while any(map(_lives, self.started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return not any(map(_lives, self.started))

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def _name(pid: int) -> str:
    """Of a process; empty when it has ended, as those have that look for packages at the start."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_demo_data_are_made_and_go_on(tmp_path: Path) -> None:
    specs(tmp_path, demo())
    began = time.monotonic()
    running = Running(tmp_path, "--hours", "0.5")
    try:
        first = running.rows()
        assert 3600 <= first <= 3602 + 2 * (time.monotonic() - began)
        assert len(running.started) >= 4  # the loader, the one that fills, Java, itself
        deadline = time.monotonic() + PATIENCE
        while running.rows() == first and time.monotonic() < deadline:
            time.sleep(0.2)
        assert running.rows() > first
        more = demo(
            "    load: float",
            ", 'load': '0.5'",
            ', Stat("Load", Query("SELECT max(load) AS m FROM load", format="table"), description="d", key="load")',
        )
        specs(tmp_path, more)
        deadline = time.monotonic() + PATIENCE
        while len(running.ask("/api/dashboards/x")["dashboard"]["panels"]) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert running.rows() >= 3600  # with the new column
        running.started = sorted({*running.started, *running.descendants()})
        running.process.send_signal(signal.SIGTERM)
        out, err = running.process.communicate(timeout=PATIENCE)
        assert (running.process.returncode, out) == (0, "")
        assert err.endswith("stopped\n")
        assert running.all_ended()
    finally:
        running.end()


def test_everything_ends_with_it(tmp_path: Path) -> None:
    specs(tmp_path, demo())
    running = Running(tmp_path, "--hours", "0.1", "--env", "dev")
    try:
        assert running.rows("dev-x") >= 720
        running.started = sorted({*running.started, *running.descendants()})
        running.process.kill()
        running.process.communicate(timeout=PATIENCE)
        assert running.all_ended()
    finally:
        running.end()


def test_a_server_that_runs(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    specs(tmp_path, GOOD)
    running = Running(tmp_path, "--against", questdb.pg_dsn)
    try:
        assert running.ask("/api/dashboards")["datasource"] == {"kind": "url"}
        assert "java" not in "".join(map(_name, running.started))
        running.process.send_signal(signal.SIGINT)
        _, err = running.process.communicate(timeout=PATIENCE)
        assert running.process.returncode == 0
        assert running.all_ended()
        assert "note: this login may write" in err
        assert "quest" not in err
    finally:
        running.end()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--against", "http://localhost:9000"), "--against: expected postgresql://user@host:8812/qdb"),
        (("--against", "postgresql://u:secret@127.0.0.1:9/qdb"), "no connection to QuestDB"),
        (("--at", "yesterday"), "--at: expected a moment such as 2026-01-31T12:00, got 'yesterday'"),
        (("--range", "soon"), "--range: expected one such as 6h"),
        (("--range", "now,now-1h"), "--range: now is not before now-1h"),
        (("--panel", "A"), "--panel needs --png"),
        (("--specs", "nowhere"), "nowhere is not a specs package"),
        (("--png", "p", "--chromium", "/nowhere"), "--chromium: /nowhere is not an executable program"),
    ],
)
def test_what_is_asked_wrongly(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    specs(tmp_path, GOOD)
    ran = dashgen(tmp_path, "preview", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "secret" not in ran.err
    assert "Traceback" not in ran.err
