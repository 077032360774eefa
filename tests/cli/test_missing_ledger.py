"""A file that dashgen needs and that is gone, damaged or of a newer dashgen: what brings it back is what is said."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from dashgen.diff.publish import MANIFEST
from tests.diff.repository import commit, git, repository
from tests.scratch import dashgen, specs

TABLE = '''
from datetime import datetime
from typing import Annotated
from dashgen.model.tables.table import Designated, Doc, table

@table(name="trips", ttl="7 DAYS", write_interval="10s")
class Trips:
    """Trips."""

    at: Annotated[datetime, Designated(), Doc("When.")]
    n: Annotated[int, Doc("How many.")]

'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose rendered tree is committed."""
    root = repository(tmp_path / "project")
    specs(root, "PROJECT = project(dash(stat()))")
    assert dashgen(root, "build").code == 0
    commit(root, "one")
    return root


def carried_out(folder: Path, said: str) -> None:
    """Runs the command that an error names."""
    command = said.partition("   (")[0]
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("gone", ["build/prod/published.json", "build/prod", "build"])
def test_a_ledger_that_git_knows_is_not_made_anew(project: Path, gone: str) -> None:
    path = project / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    ran = dashgen(project, "build")
    (error,) = ran.errors
    what, _, command = error.partition(" | ")
    assert ran.code == 2
    assert what.startswith("build/prod/published.json: is missing, and git tracks it")
    assert command.startswith("git checkout -- build/prod/published.json ")
    assert not path.exists()
    carried_out(project, command)
    assert dashgen(project, "build").code == 0


def test_also_where_its_removal_was_added(project: Path) -> None:
    git(project, "rm", "-rq", "build")
    ran = dashgen(project, "build")
    assert ran.code == 2
    assert "git checkout HEAD -- build/prod/published.json" in ran.err
    commit(project, "begin anew")
    assert dashgen(project, "build").code == 0


def test_a_damaged_ledger(project: Path) -> None:
    ledger = project / "build/prod/published.json"
    ledger.write_text('{"format": 2, "publ')
    (error,) = dashgen(project, "build").errors
    assert error.endswith(" | git checkout -- build/prod/published.json")
    other = dashgen(project, "diff", "HEAD", "./build")
    assert other.code == 2
    assert other.err.endswith("\n  git checkout -- build/prod/published.json\n")


def test_a_damaged_ledger_that_git_does_not_know(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat()))")
    assert dashgen(tmp_path, "build").code == 0
    (tmp_path / "build/prod/published.json").write_text("[]")
    (error,) = dashgen(tmp_path, "build").errors
    assert "git checkout" not in error
    assert "restore it from a backup" in error


@pytest.mark.parametrize("verb", [["diff", "HEAD", "./build"], ["publish", "--to", "there"]])
def test_a_folder_whose_ledger_is_gone_is_no_tree(project: Path, verb: list[str]) -> None:
    (project / "there").mkdir()
    (project / "build/prod/published.json").unlink()
    ran = dashgen(project, *verb)
    assert ran.code == 2
    assert "build/prod/published.json is missing, and git tracks it" in ran.err
    assert "git checkout -- build/prod/published.json" in ran.err


@pytest.mark.parametrize("verb", [["build"], ["diff", "HEAD", "./build"], ["publish", "--to", "there"]])
def test_a_ledger_of_a_newer_dashgen_is_not_called_damaged(project: Path, verb: list[str]) -> None:
    (project / "there").mkdir()
    (project / "build/prod/published.json").write_text('{"format": 3, "entries": {}}')
    ran = dashgen(project, *verb)
    assert ran.code == 2
    assert "was written by a newer dashgen: it has format 3, and this one reads up to 2" in ran.err
    assert "upgrade dashgen" in ran.err
    assert "git checkout" not in ran.err


def test_declared_tables_of_a_newer_dashgen(tmp_path: Path) -> None:
    specs(tmp_path, TABLE + "PROJECT = project(dash(stat()), tables=(Trips,))")
    assert dashgen(tmp_path, "build").code == 0
    path = tmp_path / "build/prod/questdb/schema.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 9}))
    ran = dashgen(tmp_path, "diff", "./build")
    assert ran.code == 2
    assert "build/prod/questdb/schema.json was written by a newer dashgen: it has format 9" in ran.err


def test_the_manifest_of_where_a_tree_is_published(project: Path, tmp_path: Path) -> None:
    target = repository(tmp_path / "grafana")
    there = target / "prod"
    there.mkdir()
    publish = ("publish", "--to", "../grafana/prod")
    assert dashgen(project, *publish).code == 0
    commit(target, "published")
    whole = (there / MANIFEST).read_text()

    (there / MANIFEST).unlink()
    ran = dashgen(project, *publish)
    assert ran.code == 2
    command = f"git -C ../grafana/prod checkout -- {MANIFEST}"
    assert f"\n  {command}\n" in ran.err
    carried_out(project, command)
    assert (there / MANIFEST).read_text() == whole

    (there / MANIFEST).write_text(json.dumps({**json.loads(whole), "format": 2}))
    newer = dashgen(project, *publish)
    assert newer.code == 2
    assert "was written by a newer dashgen: it has format 2, and this one reads up to 1" in newer.err
    (there / MANIFEST).write_text("{")
    damaged = dashgen(project, *publish)
    assert damaged.code == 2
    assert command in damaged.err
