"""`dashgen ddl` and `dashgen docs` as a person calls them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.command_server import run_command
from tests.tree_snapshot import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(ROOT, arguments)


def test_ddl_prints_tables_then_views() -> None:
    done = run("ddl")
    tables = (ROOT / "build/prod/questdb/tables.sql").read_text().partition("\n\n")[2]
    views = (ROOT / "build/prod/questdb/views.sql").read_text().partition("\n\n")[2]
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tables}\n{views}", "")


def test_ddl_of_one_table_and_as_data() -> None:
    one = run("ddl", "--table", "trading_metrics")
    assert one.stdout.startswith("CREATE TABLE IF NOT EXISTS trading_metrics (")
    assert one.stdout.count("CREATE") == 1
    data = json.loads(run("ddl", "--table", "pipeline_metrics", "--format", "json").stdout)
    assert list(data["tables"]) == ["pipeline_metrics"]
    wrong = run("ddl", "--table", "nope")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: no table 'nope' in PROJECT\n  it has daemon_metrics, ")


def test_docs_to_stdout_to_a_file_and_as_a_check(tmp_path: Path) -> None:
    page = run("docs")
    assert page.returncode == 0
    assert page.stdout.startswith("# Tables\n")
    file = tmp_path / "new" / "tables.md"
    stale = run("docs", "--out", str(file), "--check")
    assert stale.returncode == 1
    assert f"{file} is out of date: dashgen docs --out {file}" in stale.stderr
    assert not file.exists()
    assert run("docs", "--out", str(file)).returncode == 0
    assert file.read_text(encoding="utf-8") == page.stdout
    assert run("docs", "--out", str(file), "--check").returncode == 0
    assert run("docs", "--check").returncode == 2
    assert "can't write" in run("docs", "--out", str(tmp_path)).stderr
