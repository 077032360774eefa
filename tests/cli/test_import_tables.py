"""`dashgen import` of tables as its user meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashgen.adopt.source_kind import NotThisKind
from dashgen.adopt.table_source import live
from dashgen.cli import app
from dashgen.questdb import EmbeddedQuestDB
from tests.cli.test_import import board, tree
from tests.scratch import dashgen

pytestmark = pytest.mark.questdb

CPU = "CREATE TABLE cpu (ts TIMESTAMP, host SYMBOL, load DOUBLE) TIMESTAMP(ts) PARTITION BY DAY;"


def test_dashboards_are_proved_against_the_tables_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    board(tmp_path / "given")
    (tmp_path / "given" / "schema.sql").write_text(CPU)
    (tmp_path / "given" / "query.sql").write_text("SELECT 1")
    ran = dashgen(tmp_path, "import", "given")
    assert ran.code == 0, ran.out + ran.err
    assert "skipped given/query.sql: has no CREATE TABLE" in ran.err
    assert "given/schema.sql:1:1: the table cpu" in ran.out
    assert "checked 1 query: 0 errors" in ran.out
    files = tree(tmp_path / "specs")
    assert "    tables=(Cpu,),\n    dashboards=(CPU_2,),\n" in files["__init__.py"]
    assert "    load: float | None\n" in files["tables/cpu.py"]
    again = dashgen(tmp_path, "import", "given/schema.sql", "--no-check")
    assert again.code == 2
    assert "PROJECT has a table 'cpu' already, in " in again.err
    (tmp_path / "given" / "schema.sql").write_text(CPU.replace("load DOUBLE", "load FLOAT"))
    forced = dashgen(tmp_path, "import", "given/schema.sql", "--no-check", "--force")
    assert forced.code == 0, forced.err
    now = tree(tmp_path / "specs")
    assert now["__init__.py"] == files["__init__.py"]
    assert 'Stored("FLOAT")' in now["tables/cpu.py"]


def test_every_wrong_statement_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(f"{CPU}\nDROP TABLE cpu;\nCREATE TABLE x (\n  n NUMBER\n);")
    (tmp_path / "b.sql").write_text(CPU)
    ran = dashgen(tmp_path, "import", "a.sql", "b.sql")
    assert ran.code == 2
    places = [line.partition(": ")[2].partition(": ")[0] for line in ran.err.splitlines() if line.startswith("error: ")]
    assert places == ["a.sql:2:1", "a.sql:4:5", "b.sql:1:14"]
    assert "nothing was written" in ran.err
    assert not (tmp_path / "specs").exists()


@pytest.fixture
def deployed(questdb: EmbeddedQuestDB) -> Iterator[str]:
    questdb.execute(CPU)
    questdb.execute("CREATE TABLE disk (ts TIMESTAMP) TIMESTAMP(ts) PARTITION BY DAY")
    yield questdb.http_url
    questdb.execute("DROP TABLE cpu")
    questdb.execute("DROP TABLE disk")


def test_tables_of_a_server(tmp_path: Path, deployed: str) -> None:
    ran = dashgen(tmp_path, "import", "--from-questdb", deployed, "--table", "CPU", "--no-check", "--format", "json")
    assert ran.code == 0, ran.err
    (told,) = json.loads(ran.out)["tables"]
    assert (told["table"], told["name"], told["columns"]) == ("cpu", "Cpu", 3)
    assert sorted(tree(tmp_path / "specs")) == ["__init__.py", "tables/__init__.py", "tables/cpu.py"]
    with pytest.raises(NotThisKind, match="the server has no table 'gpu'"):
        live(deployed, ("gpu",))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is nothing to import"),
        (("x.sql", "--table", "x"), "--table names tables of a server"),
        (("--from-questdb", "http://joe:hunter2@127.0.0.1:1"), "does not answer"),
        (("--from-questdb", "localhost"), "expected"),
    ],
)
def test_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["import", *arguments])
    assert (ran.exit_code, message in ran.stderr, "hunter2" in ran.output) == (2, True, False), ran.output
    assert not (tmp_path / "specs").exists()
