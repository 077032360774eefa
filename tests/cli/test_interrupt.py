"""`dashgen … &` in a script: the shell starts it with SIGINT ignored, and `kill -INT` ends it and its server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scratch import specs
from tests.tree_snapshot import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
HANGS = "import pathlib, time\npathlib.Path('there').touch()\ntime.sleep(60)\n"


def ignoring() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def job(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dashgen", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=ignoring,  # what a shell does before it starts a job without job control
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def session(leader: int) -> list[int]:
    """The processes below one, the servers in sessions of their own too."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            rest = (entry / "stat").read_text().rpartition(") ")[2]
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if state != "Z":
            parents[int(entry.name)] = int(parent)
    found = [leader]
    for one in found:
        found += [pid for pid, parent in parents.items() if parent == one]
    return [pid for pid in found if pid in parents]


def ended(program: subprocess.Popen[str], below: list[int]) -> tuple[int, str]:
    program.send_signal(signal.SIGINT)
    _, told = program.communicate(timeout=120)
    until(lambda: not any(session(pid) for pid in below))
    return program.returncode, told


@pytest.mark.questdb
@pytest.mark.parametrize("options", [[], ["--bare"]])
def test_db_up(options: list[str], tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat()))")
    program = job(tmp_path, "db", "up", "--port", "0", "--pg-port", "0", "--format", "json", *options)
    assert program.stdout is not None
    server = json.loads(program.stdout.readline())["pid"]
    below = session(program.pid)
    assert server in below
    assert ended(program, below) == (0, "stopped\n")


@pytest.mark.parametrize("verb", ["build", "check", "test", "ddl"])
def test_a_verb_whose_specs_take_long(verb: str, tmp_path: Path) -> None:
    specs(tmp_path, HANGS, head="")
    program = job(tmp_path, verb)
    until((tmp_path / "there").exists)
    assert ended(program, session(program.pid)) == (130, "interrupted\n")


@pytest.mark.questdb
def test_a_run_of_tests() -> None:
    program = job(ROOT, "test", "--replay", "all")
    until(lambda: len(session(program.pid)) > 2 or program.poll() is not None)
    assert program.poll() is None
    code, told = ended(program, session(program.pid))
    assert code == 130
    assert "Traceback" not in told
