"""The local path: `dashgen db up --seed` has what build/local asks for, `dashgen demo` starts a Grafana on it."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import psycopg
import pytest
import yaml

from dashgen.deploy.local import Login, Setting
from dashgen.deploy.variables import needed
from dashgen.preflight import fault
from specs import PROJECT
from tests.command_server import run_command
from tests.scratch import specs
from tests.specs.grafana import Grafana, dashboards, queries
from tests.tree_snapshot import ROOT

pytestmark = [pytest.mark.questdb, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]
FREE = ("--port", "0", "--pg-port", "0")

ALWAYS = ("timeseries", "stat", "bargauge", "gauge", "heatmap", "variable")
"""Kinds of panels that show something at any moment; a table of what is wrong may be empty."""

FAKE = """\
#!{python}
import http.server, json, os, sys
with open({record!r}, "w") as file:
    json.dump({{"argv": sys.argv[1:], "env": dict(os.environ), "pid": os.getpid()}}, file)
print("fake Grafana")
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
    def log_message(self, *_): pass
if os.environ.get("FAKE_ENDS"):
    sys.exit("no such datasource")
address = os.environ["GF_SERVER_HTTP_ADDR"], int(os.environ["GF_SERVER_HTTP_PORT"])
http.server.HTTPServer(address, Health).serve_forever()
"""
"""A Grafana that writes down how it was started."""


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_grafana(folder: Path) -> Path:
    """An unpacked archive with the fake in it; returns what it will write down."""
    record = folder / "record.json"
    program(folder, "grafana-11/bin/grafana", FAKE.format(python=sys.executable, record=str(record)))
    (folder / "grafana-11/conf").mkdir()
    (folder / "grafana-11/conf/defaults.ini").touch()
    return record


def only(*folders: Path) -> dict[str, str]:
    """An environment whose PATH has those folders, and no Grafana or Docker of this machine."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("GF_", "DOCKER_", "QUESTDB_"))}
    return {**inherited, "PATH": os.pathsep.join(map(str, folders))}


@dataclass
class Running:
    """A command that goes on until it is interrupted."""

    told: dict[str, Any]
    out: str = ""
    err: str = ""
    code: int = -1


@contextmanager
def running(
    *arguments: str, env: Mapping[str, str], cwd: Path = ROOT, number: signal.Signals = signal.SIGINT
) -> Iterator[Running]:
    """Ended by Ctrl-C, as a terminal sends it: to the whole group; other signals go to the process that was started."""
    command = [sys.executable, "-m", "dashgen", *arguments]
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            one = Running(json.loads(line) if line.startswith("{") else {}, line)
            yield one
        finally:
            if number == signal.SIGINT:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            try:
                rest, err = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # else leaving this block waits for it
                raise
    one.out, one.err, one.code = line + rest, err, process.returncode


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status")
        try:
            if "\nState:\tZ" in status.read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def rendered_datasource(tree: Path) -> dict[str, Any]:
    (one,) = yaml.safe_load((tree / "provisioning/datasources/dashgen.yaml").read_text())["datasources"]
    return dict(one)


def variables(text: str) -> dict[str, str]:
    """Of an environment file for a shell, as a shell reads it."""
    done = subprocess.run(["sh", "-c", text + "\nenv -0"], capture_output=True, text=True, check=True, env={})
    exported = subprocess.run(
        ["sh", "-ac", text + "\nenv -0"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert "GF_SERVER" not in done.stdout  # without `set -a` nothing is handed on
    return dict(entry.split("=", 1) for entry in exported.stdout.split("\0") if "=" in entry)


def test_db_up_has_the_login_and_the_rows_that_the_rendered_tree_asks_for(tmp_path: Path) -> None:
    build = run_command(ROOT, ("build", "--env", "local", "--out", str(tmp_path)))
    assert build.returncode == 0, build.stderr
    datasource = rendered_datasource(tmp_path / "local")
    seed = ("--seed", "--days", "0.3", "--hosts", "3", "--symbols", "6")
    with running("db", "up", *seed, *FREE, "--format", "json", "--out", str(tmp_path), env=only(tmp_path)) as up:
        file = Path(up.told["environmentFile"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        given = variables(file.read_text())
        # What the datasource refers to is what the file sets, and what the server takes.
        assert datasource["secureJsonData"]["password"] == "${QUESTDB_PASSWORD}"
        assert datasource["url"].partition(":")[0] == "localhost"
        password = given["QUESTDB_PASSWORD"]
        dsn = {"host": "127.0.0.1", "port": up.told["pg"]["port"], "dbname": datasource["jsonData"]["database"]}
        with psycopg.connect(**dsn, user=datasource["user"], password=password, autocommit=True) as connection:
            with pytest.raises(psycopg.Error, match="permission denied"):
                connection.execute("DROP TABLE daemon_metrics")
            grafana, now = Grafana(connection, "postgres"), datetime.now(UTC)
            for uid, dashboard in dashboards("postgres").items():
                opened = next(v for v in dashboard["templating"]["list"] if v["name"] == "env")["current"]["value"]
                assert opened == "dev", uid
            asked = [one for one in queries("postgres") if one.kind in ALWAYS]
            frames = {str(one): grafana.ask(one, now, 6, env="dev") for one in asked}
            hosts = grafana.panel("daemon-health", "$host", now, 6, env="dev")
        logs = "".join(path.read_text(errors="replace") for path in file.parent.rglob("*.log"))
        assert password not in logs
        assert "localhost" in hosts.fields[0].values
    assert len(frames) > 30
    assert [name for name, frame in frames.items() if not frame.fields or not frame.fields[0].values] == []
    assert (up.code, password in up.out + up.err) == (0, False)
    assert not file.exists()
    assert gone(up.told["pid"])


def test_the_commands_that_db_up_shows_start_a_grafana_on_the_tree(tmp_path: Path) -> None:
    """They are typed into a shell as they are shown, with a Grafana that writes down what it got."""
    record = fake_grafana(tmp_path)
    env = only(tmp_path / "grafana-11/bin", Path(sys.executable).parent, Path("/usr/bin"), Path("/bin"))
    out = tmp_path / "my trees"
    with running("db", "up", *FREE, "--format", "json", "--out", str(out), env=env) as up:
        build, load, start = up.told["start"]
        assert build.startswith("dashgen build --env local --out ")
        port = free_port()
        typed = f"{build} >/dev/null\n{load}\nexport GF_SERVER_HTTP_PORT={port}\nexec {start}\n"
        with subprocess.Popen(["sh", "-ec", typed], cwd=ROOT, env=env, stderr=subprocess.DEVNULL) as shell:
            deadline = time.monotonic() + 120
            while not (record.exists() and record.read_text()) and time.monotonic() < deadline:
                assert shell.poll() is None
                time.sleep(0.1)
            shell.terminate()
        told = json.loads(record.read_text())
        settings = told["env"]
        home, configuration = (argument.partition("=")[2] for argument in told["argv"][1:])
        assert told["argv"][0] == "server"
        assert (Path(home) / "conf/defaults.ini").is_file()
        assert Path(configuration).read_text() == ""
        assert settings["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
        tree = (out / "local").resolve()
        assert settings["GF_PATHS_PROVISIONING"] == str(tree / "provisioning")
        (provider,) = (
            one
            for one in yaml.safe_load((tree / "provisioning/dashboards/dashgen.yaml").read_text())["providers"]
            if "folderUid" in one
        )
        path = provider["options"]["path"].replace("${DASHGEN_DASHBOARDS}", settings["DASHGEN_DASHBOARDS"])
        assert list(Path(path).glob("*.json"))
        # every variable that the tree refers to is set
        wanted = re.findall(r"^([A-Z_]+)=", (tree / "environment.example").read_text(), re.MULTILINE)
        assert [name for name in wanted if not settings.get(name)] == []


SPECS = """
    from datetime import datetime
    from typing import Annotated

    from dashgen.model.tables.demo import Demo
    from dashgen.model.tables.table import Designated, Symbol, table, table_of


    @table(name="demonstrated", dedup=("at", "env"), write_interval="1m")
    class Demonstrated:
        at: Annotated[datetime, Designated()]
        env: Annotated[str, Symbol(16)]
        v: int


    HERE = Environment(
        "here", grafana="11.6", env="it's", {path}
        datasources={{"questdb": QuestDB(plugin="postgres", host="127.0.0.1", port={port}, user="viewer")}},
    )
    PROJECT = Project(
        environments=(Environment("prod"), HERE), tables=(Demonstrated,),
        dashboards=(dash(stat(query="SELECT count() AS n FROM demonstrated")),),
        demos=(Demo(table=table_of(Demonstrated), series=lambda _: 1, columns={{"env": "'{{env}}'", "v": "t"}}),),
    )
"""


@dataclass
class Scratch:
    """A project whose datasource is at a port of its own."""

    folder: Path
    port: int
    grafana_port: int

    def demo(self, *more: str) -> tuple[str, ...]:
        ports = ("--port", "0", "--grafana-port", str(self.grafana_port))
        return ("demo", *ports, "--days", "0.02", "--format", "json", *more)


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    made = Scratch(tmp_path, free_port(), free_port())
    path = 'dashboards_path="${DASHGEN_DASHBOARDS}",'
    specs(tmp_path, SPECS.format(path=path, port=made.port))
    return made


def test_demo_starts_both_and_ends_both(scratch: Scratch) -> None:
    record = fake_grafana(scratch.folder)
    env = {
        **only(scratch.folder / "grafana-11/bin"),
        "QUESTDB_PASSWORD": "mine-and-secret",
        "GF_DATABASE_URL": "postgres://prod",
    }
    with running(*scratch.demo(), env=env, cwd=scratch.folder) as demo:
        assert demo.told["grafana"] == f"http://127.0.0.1:{scratch.grafana_port}"
        settings = json.loads(record.read_text())["env"]
        dsn = {"host": "127.0.0.1", "port": scratch.port, "user": "viewer", "password": settings["QUESTDB_PASSWORD"]}
        with psycopg.connect(**dsn, autocommit=True) as connection:
            rows = connection.execute("SELECT DISTINCT env FROM demonstrated").fetchall()
        assert rows == [("it's",)]
        assert list(Path(settings["DASHGEN_DASHBOARDS"]).rglob("x.json"))
        # this machine's own Grafana has another database
        assert "GF_DATABASE_URL" not in settings
        assert settings["HTTPS_PROXY"] == "http://127.0.0.1:9"
        assert settings["QUESTDB_PASSWORD"] == "mine-and-secret"
    assert all(gone(pid) for pid in demo.told["pids"])
    assert demo.code == 0
    assert demo.err.endswith("stopped\n")
    assert "mine-and-secret" not in demo.out + demo.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_demo_leaves_nothing_behind_when_it_is_ended(scratch: Scratch, number: signal.Signals) -> None:
    fake_grafana(scratch.folder)
    env = only(scratch.folder / "grafana-11/bin")
    with running(*scratch.demo(), env=env, cwd=scratch.folder, number=number) as demo:
        assert len(demo.told["pids"]) == 2
    assert all(gone(pid) for pid in demo.told["pids"])


def test_a_grafana_that_does_not_start_ends_all_and_its_log_is_shown(scratch: Scratch) -> None:
    fake_grafana(scratch.folder)
    env = {**only(scratch.folder / "grafana-11/bin"), "FAKE_ENDS": "1"}
    done = finished(*scratch.demo(), env=env, cwd=scratch.folder)
    assert done.returncode == 2
    assert "error: Grafana ended at its start:\nfake Grafana\nno such datasource\n" in done.stderr
    assert is_free(scratch.port)


def test_docker_gets_the_paths_that_the_tree_names_and_no_secret(scratch: Scratch) -> None:
    """A stand-in for its client, which checks what is mounted and plays the container."""
    specs(scratch.folder, SPECS.format(path="", port=scratch.port))
    record = scratch.folder / "record.json"
    fake = FAKE.format(python=sys.executable, record=str(record))
    head, _, rest = fake.partition("\n")
    info = 'import sys\nif sys.argv[1] == "info": sys.exit(print("28.0"))\nif sys.argv[1] == "rm": sys.exit()\n'
    program(scratch.folder, "bin/docker", f"{head}\n{info}{rest}")
    env = {**only(scratch.folder / "bin"), "QUESTDB_PASSWORD": "mine-and-secret"}
    with running(*scratch.demo(), env=env, cwd=scratch.folder):
        told = json.loads(record.read_text())
        arguments, settings = told["argv"], told["env"]
        assert arguments[:2] == ["run", "--rm"]
        assert arguments[-1] == "grafana/grafana:11.6.0"
        assert arguments[arguments.index("--network") + 1] == "host"
        assert settings["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
        mounts = [dict(f.partition("=")[::2] for f in a.split(",")) for a in arguments if a.startswith("type=bind")]
        assert all("readonly" in mount for mount in mounts)
        inside = {mount["target"]: Path(mount["source"]) for mount in mounts}
        assert (inside[settings["GF_PATHS_PROVISIONING"]] / "dashboards/dashgen.yaml").is_file()
        assert list(inside["/etc/grafana/dashgen/dashboards"].rglob("x.json"))
        handed_on = {arguments[i + 1] for i, argument in enumerate(arguments) if argument == "--env"}
        assert {"QUESTDB_PASSWORD", "GF_PATHS_PROVISIONING", "GF_SERVER_HTTP_ADDR"} <= handed_on
        assert not any("mine-and-secret" in argument for argument in arguments)


def test_where_there_is_no_grafana_it_says_what_is_missing(scratch: Scratch) -> None:
    none = finished(*scratch.demo(), env=only(scratch.folder), cwd=scratch.folder)
    assert none.returncode == 2
    looked = "no program `grafana` or `grafana-server` is on the PATH, nor is `docker`"
    assert none.stderr.startswith(f"error: no Grafana to start was found: {looked}\n")
    broken = f"#!{sys.executable}\nimport sys\nsys.exit('Cannot connect to the Docker daemon')\n"
    program(scratch.folder, "bin/docker", broken)
    done = finished(*scratch.demo(), env=only(scratch.folder / "bin"), cwd=scratch.folder)
    assert done.returncode == 2
    assert "and Docker does not work: Cannot connect to the Docker daemon\n" in done.stderr
    program(scratch.folder, "alone/grafana", broken)
    done = finished(*scratch.demo(), env=only(scratch.folder / "alone"), cwd=scratch.folder)
    assert done.returncode == 2
    assert "alone/grafana is there, but not its home folder, the one with conf/defaults.ini\n" in done.stderr


def test_a_path_of_dashboards_that_is_not_here_is_told_and_not_an_empty_grafana(scratch: Scratch) -> None:
    specs(scratch.folder, SPECS.format(path='dashboards_path="/nowhere/dashboards",', port=scratch.port))
    fake_grafana(scratch.folder)
    done = finished(*scratch.demo(), env=only(scratch.folder / "grafana-11/bin"), cwd=scratch.folder)
    assert done.returncode == 2
    assert "environment 'here' has dashboards_path='/nowhere/dashboards', which is no folder of this" in done.stderr
    assert "dashboards_path='${DASHGEN_DASHBOARDS}'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "prod"], "environment 'prod' has no datasource on this machine"),
        (["--env", "nope"], "no environment 'nope' in PROJECT"),
        (["--pg-port", "1"], "--pg-port 1: the datasource of 'here' expects port"),
        (["--hots", "3"], "no such option: --hots"),
    ],
)
def test_wrong_use(scratch: Scratch, arguments: list[str], said: str) -> None:
    done = finished(*scratch.demo(*arguments), env=only(scratch.folder), cwd=scratch.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_placeholders_are_what_receivers_take(tmp_path: Path) -> None:
    """Grafana does not start with a value that a receiver refuses: what preflight says of them is nothing."""
    for environment in PROJECT.environments:
        needs = needed(PROJECT, environment)
        setting = Setting(environment, tmp_path, tmp_path, Login("user", "secret-1", "QUESTDB_PASSWORD"), needs)
        values = setting.variables()
        assert len(needs) > 5
        assert [(need.name, why) for need in needs if (why := fault(need, values.get(need.name)))] == []


def finished(*arguments: str, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashgen", *arguments],
        cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def is_free(port: int) -> bool:
    with socket() as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
