"""deploy/: the Compose file is one, fits build/prod, and what it tells QuestDB has the effect that it is meant for."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
import yaml
from jsonschema import Draft202012Validator

from dashgen.deploy.env_file import entries
from dashgen.deploy.interpolation import interpolate
from dashgen.questdb import Client, EmbeddedQuestDB, QuestDBError
from dashgen.questdb.address import address
from dashgen.questdb.jar import VERSION
from specs.environments import PROD
from tests.scratch import dashgen
from tests.tree_snapshot import ROOT, TREE

COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES: Mapping[str, Any] = COMPOSE["services"]
SCHEMA = json.loads((Path(__file__).parent / "compose-spec/compose-spec.json").read_text())
EXAMPLE = (ROOT / "deploy/env.example").read_text()
SET = {
    "QUESTDB_PASSWORD": "may-read",
    "QUESTDB_ADMIN_PASSWORD": "may-write",
    "GF_SECURITY_ADMIN_PASSWORD": "may-all",
    "DISCORD_WEBHOOK_URL": "https://discord.example.org/hook",
    "ON_CALL_EMAIL": "on-call@example.org",
    "TELEGRAM_BOT_TOKEN": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAA",
    "TELEGRAM_CHAT_ID": "-1001",
    "WATCHDOG_URL": "https://watchdog.example.org/beat",
}


def test_it_is_a_compose_file() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"grafana": {**SERVICES["grafana"], "volume": []}}}
    assert list(Draft202012Validator(SCHEMA).iter_errors(broken))


def test_versions_are_pinned_and_ports_are_on_loopback() -> None:
    assert SERVICES["questdb"]["image"] == f"questdb/questdb:{VERSION}"
    assert re.fullmatch(rf"grafana/grafana:{re.escape(PROD.grafana)}\.\d+", SERVICES["grafana"]["image"])
    for service in SERVICES.values():
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_example_has_every_variable_that_is_asked_for_and_no_value() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "deploy/compose.yaml").read_text()))
    example = entries(EXAMPLE, {})
    assert set(example) == asked == set(SET)
    assert {entry.value for entry in example.values()} == {""}
    needed = set(re.findall(r"^(\w+)=", (TREE / "environment.example").read_text(), re.MULTILINE))
    assert needed <= asked


def test_it_fits_the_tree() -> None:
    command = ("deploy", "check", "--env", "prod", "--compose", "deploy/compose.yaml")
    ran = dashgen(ROOT, *command, env=SET)
    assert (ran.code, ran.out) == (0, "prod: service grafana: nothing to fix\n")
    without = dashgen(ROOT, *command, env=dict.fromkeys(SET, ""))
    assert without.code == 0
    assert "note[not-verified] deploy/compose.yaml:" in without.out
    moved = dashgen(ROOT, *command, env={**SET, "DASHGEN_TREE": "/nowhere"})
    assert moved.code == 1
    assert moved.out.count("error[source-missing]") == 2


class Deployed(EmbeddedQuestDB):
    """The embedded server as the Compose file sets it up, but for its ports."""

    def _environment(self) -> dict[str, str]:
        given = {name: interpolate(value, SET).value for name, value in SERVICES["questdb"]["environment"].items()}
        kept = {
            k: v for k, v in super()._environment().items() if not k.startswith("QDB_") or "BIND_TO" in k or "LOG" in k
        }
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.min_port = probe.getsockname()[1]
        return kept | given | {"QDB_HTTP_MIN_NET_BIND_TO": f"127.0.0.1:{self.min_port}"}

    def _wait_until_ready(self, process: Any) -> None:
        super()._wait_until_ready(process)
        self._client = Client(address(self.http_url, user="admin", password=SET["QUESTDB_ADMIN_PASSWORD"]))


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with Deployed() as server:
        yield server


@pytest.mark.questdb
def test_every_setting_of_questdb_is_one(deployed: Deployed) -> None:
    """A misspelt one would be passed over."""
    known = {str(row["env_var_name"]): row for row in deployed.query("(SHOW PARAMETERS)").records()}
    for name in SERVICES["questdb"]["environment"]:
        assert known[name]["value_source"] == "env", name


@pytest.mark.questdb
def test_the_logins_are_those_that_are_meant(deployed: Deployed) -> None:
    datasource = yaml.safe_load((TREE / "provisioning/datasources/dashgen.yaml").read_text())["datasources"][0]
    deployed.execute("CREATE TABLE kept (at TIMESTAMP, n LONG) TIMESTAMP(at) PARTITION BY DAY TTL 9 DAYS WAL")
    host, port = deployed.pg_address.split(":")

    def login(user: str, password: str) -> psycopg.Connection[Any]:
        return psycopg.connect(host=host, port=port, dbname="qdb", user=user, password=password, autocommit=True)

    with login(datasource["jsonData"]["username"], SET["QUESTDB_PASSWORD"]) as reader:
        assert reader.execute("SELECT count() FROM kept").fetchone() == (0,)
        with pytest.raises(psycopg.Error, match="permission denied"):
            reader.execute("INSERT INTO kept VALUES (now(), 1)")
    for user, password in (("admin", "quest"), ("user", "quest")):
        with pytest.raises(psycopg.OperationalError):
            login(user, password)
    with pytest.raises(QuestDBError):
        Client(deployed.http_url).query("SELECT 1")


@pytest.mark.questdb
def test_rows_for_a_table_that_is_not_there_make_none(deployed: Deployed) -> None:
    from questdb import QuestDBError as ClientError
    from questdb import Sender, TimestampNanos

    login = f"username=admin;password={SET['QUESTDB_ADMIN_PASSWORD']}"
    with Sender.from_conf(f"http::addr={deployed.http_url.removeprefix('http://')};{login};auto_flush=off;") as sender:
        sender.row("misspelt", columns={"n": 1}, at=TimestampNanos.now())
        with pytest.raises(ClientError, match="creating new tables is disabled"):
            sender.flush()
    assert deployed.query("SELECT count() FROM tables() WHERE table_name = 'misspelt'").value == 0


@pytest.mark.questdb
def test_the_health_check_asks_what_answers_without_a_login(deployed: Deployed) -> None:
    (script,) = [part for part in SERVICES["questdb"]["healthcheck"]["test"] if "/dev/tcp" in part]
    assert "/9003 " in script
    with urlopen(f"http://127.0.0.1:{deployed.min_port}/") as answer:
        assert answer.status == 200


@pytest.mark.questdb
def test_the_health_check_tells_a_server_that_answers_from_one_that_does_not(deployed: Deployed) -> None:
    import shutil
    import subprocess

    if shutil.which("bash") is None:
        pytest.skip("no bash")
    (script,) = [part for part in SERVICES["questdb"]["healthcheck"]["test"] if "/dev/tcp" in part]
    script = script.replace("$$", "$")

    def code(port: int) -> int:
        done = subprocess.run(["bash", "-c", script.replace("9003", str(port))], capture_output=True, check=False)
        return done.returncode

    assert code(deployed.min_port) == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert code(probe.getsockname()[1]) != 0
