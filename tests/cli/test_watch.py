"""`--watch`: the work is done again after each change, whatever way a file is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashgen.check.finding import CheckReport, Finding, Place
from dashgen.cli.finding_changes import FindingChanges
from dashgen.cli.options import OutputFormat
from dashgen.watching import changes
from tests.scratch import dashgen, specs

Json = dict[str, Any]
BOARD = """
from dashgen import Dashboard, Row, Stat
import beside

BOARD = Dashboard(uid="b", title="{title}" + beside.NAME, rows=(
    Row("All", (Stat("A", "SELECT {column} AS value FROM daemon", description="d"),)),
))
"""
INIT = """
from datetime import datetime
from typing import Annotated

from dashgen import Designated, Environment, Project, table
from specs.board import BOARD


@table(name="daemon", write_interval="10s")
class Daemon:
    'What it did.'

    timestamp: Annotated[datetime, Designated()]
    rate: float


PROJECT = Project(environments=(Environment("prod"),), dashboards=(BOARD,), tables=(Daemon,))
"""


def project(folder: Path) -> Path:
    """Specs with a module, and one beside them."""
    (folder / "specs").mkdir()
    (folder / "specs/__init__.py").write_text(INIT)
    (folder / "beside.py").write_text("NAME = ''\n")
    return board(folder)


def board(folder: Path, title: str = "First", column: str = "rate") -> Path:
    """Writes the module as editors do: another file takes its place."""
    path = folder / "specs/board.py"
    written = path.with_name("board.py~")
    written.write_text(BOARD.format(title=title, column=column))
    written.replace(path)
    return path


class Watched:
    """A command that goes on, and the lines that it writes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def until(self, is_it: Callable[[Json], bool]) -> Json:
        """The next line that is it; an editor's save may give several."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found: Json = json.loads(line)
            if is_it(found):
                return found
        raise AssertionError(self.process.wait(timeout=60))

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=120)


@contextmanager
def watched(folder: Path, *arguments: str) -> Iterator[Watched]:
    command = [sys.executable, "-m", "dashgen", *arguments, "--watch", "--format", "json"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Watched(process)
        finally:
            process.kill()


def changed(name: str) -> Callable[[Json], bool]:
    """Whether a build wrote a file."""
    return lambda line: any(name in one["changed"] for one in line.get("environments", ()))


def failed(line: Json) -> bool:
    return bool(line.get("problems"))


def test_a_build_follows_its_specs(tmp_path: Path) -> None:
    path = project(tmp_path)
    document = "dashboards/dashgen/b.json"
    with watched(tmp_path, "build") as build:
        first = build.until(lambda line: "environments" in line)
        assert document in first["environments"][0]["added"]
        board(tmp_path, "Second")
        build.until(changed(document))
        (tmp_path / "beside.py").write_text("NAME = ' by a module beside'\n")
        build.until(changed(document))
        path.write_text("1 +\n")
        assert "SyntaxError" in build.until(failed)["problems"][0]["message"]
        path.unlink()
        missing = build.until(lambda line: failed(line) and "SyntaxError" not in line["problems"][0]["message"])
        assert "specs.board" in missing["problems"][0]["message"]
        board(tmp_path, "Third")
        build.until(changed(document))
        (tmp_path / "specs").rename(tmp_path / "gone")
        assert "there is no such folder" in build.until(failed)["problems"][0]["message"]
        (tmp_path / "gone").rename(tmp_path / "specs")
        build.until(lambda line: "environments" in line)
        board(tmp_path, "Fourth")
        build.until(changed(document))
        assert build.end() == 0
    assert "Fourth by a module beside" in (tmp_path / "build/prod" / document).read_text()
    assert dashgen(tmp_path, "build", "--no-cache", "--dry-run").code == 0


def test_a_check_tells_what_appeared_and_went(tmp_path: Path) -> None:
    project(tmp_path)
    with watched(tmp_path, "check", "--select", "DG101") as check:
        assert not check.until(lambda line: "findings" in line)["findings"]
        board(tmp_path, column="rates")
        wrong = check.until(lambda line: bool(line.get("appeared")))
        assert "rates" in wrong["findings"][wrong["appeared"][0]]["message"]
        (tmp_path / "specs/__init__.py").write_text(INIT.replace("rate:", "rates:"))
        mended = check.until(lambda line: bool(line.get("gone")))
        assert not mended["findings"]
        assert "rates" in mended["gone"][0]["message"]
        assert check.end() == 0


def test_a_check_that_goes_on_excludes_what_is_done_once(tmp_path: Path) -> None:
    specs(tmp_path, 'PROJECT = project(dash(stat("A")))\n')
    ran = dashgen(tmp_path, "check", "--watch", "--run")
    assert ran.code == 2
    assert "--watch excludes --run" in ran.err


def test_findings_are_told_when_they_appear_and_when_they_go(tmp_path: Path, capsys: Any) -> None:
    """Lines move: what moved is no news."""

    def finding(message: str, line: int) -> Finding:
        return Finding("DG101", "refused", "error", "b › A", message, place=Place("specs/board.py", line))

    told = FindingChanges(tmp_path / "findings.json", OutputFormat.TEXT)
    first = CheckReport((finding("one", 1), finding("two", 2)), ())
    told.tell(first, lambda some: f"{[one.message for one in some.findings]}\n")
    told.tell(CheckReport((finding("two", 9), finding("three", 3)), ()), lambda some: f"{len(some.findings)} more\n")
    told.tell(CheckReport((finding("two", 9), finding("three", 3)), ()), lambda _: "nothing")
    assert capsys.readouterr().out.splitlines() == [
        "['one', 'two']",
        "gone: DG101 b › A: one",
        "1 more",
        "0 queries checked, no new findings; 2 findings as before",
    ]


def test_a_rendered_tree_beside_the_specs_is_not_watched(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "build").mkdir()
    found = changes(tmp_path / "specs", lambda: ())
    assert next(found) == ()
    (tmp_path / "build/prod.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("beside, no module")
    path = board(tmp_path, "Second")
    assert next(found) == (path,)
