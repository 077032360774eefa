"""A build of what changed leaves the same tree, and says the same, as one of everything."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashgen import own_files
from dashgen.incremental import record
from dashgen.incremental import versions as kept_versions
from tests.incremental.scratch_project import ScratchProject
from tests.scratch import Ran, dashgen, specs


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def said(ran: Ran) -> str:
    """Without the time, and what `--explain` adds."""
    lines = [line for line in ran.err.splitlines() if "execute" not in line and not line.startswith("done in")]
    return "\n".join(lines)


class Project:
    """Specs, built in parts and, into another folder, as a whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"DASHGEN_CACHE": str(folder / "cache")}

    def build(self, *arguments: str) -> Ran:
        return dashgen(self.folder, "build", "--explain", *arguments, env=self.environment)

    def same(self, *arguments: str) -> Ran:
        """Builds both ways and compares."""
        ran = self.build(*arguments)
        whole = dashgen(
            self.folder, "build", "--no-cache", "--out", "whole", *arguments, env=self.environment
        )  # fmt: skip
        assert (ran.code, said(ran)) == (whole.code, said(whole)), ran.err
        assert content(self.folder / "build") == content(self.folder / "whole")
        return ran

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    @property
    def record(self) -> Path:
        (found,) = (self.folder / "cache" / "build").glob("*.json")
        return found


def executed(ran: Ran) -> set[str]:
    """The modules that a build says it executed; none where all."""
    found = re.search(r"executed \d+ modules? \((.*)\), left out", ran.err)
    assert found or "executed all" in ran.err or "everything is executed" in ran.err, ran.err
    return set(found[1].split(", ")) if found else set()


BOARDS = """
from dashgen import Dashboard, Row, Stat
from specs.shared import SQL

BOARD = Dashboard(uid="{name}", title="{title}", rows=(Row("All", (Stat("A", SQL, description="d"),)),))
"""
INIT = """
from dashgen import Environment, Project
from specs.a import BOARD as A
from specs.b import BOARD as B
from specs.c import BOARD as C

PROJECT = Project(environments=(Environment("prod"),), dashboards=(A, B, C))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("specs/__init__.py", INIT)
    made.write("specs/shared.py", "SQL = 'SELECT 1 AS value'\n")
    for name in "abc":
        made.write(f"specs/{name}.py", BOARDS.format(name=name, title=name))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits(seed: int, tmp_path: Path) -> None:
    scratch, project = ScratchProject(tmp_path, seed), Project(tmp_path)
    in_parts = good = 0
    ran = project.same()
    for _ in range(16):
        done = scratch.edit() if ran.code == 0 or scratch.random.random() < 0.4 else scratch.mend()
        project.environment |= scratch.environment
        try:
            ran = project.same()
        except AssertionError as error:
            raise AssertionError(f"after: {done}") from error
        good += ran.code == 0
        in_parts += bool(executed(ran))
    assert good > 6
    assert in_parts > 3


def test_one_change_executes_one_module_and_those_that_import_it(project: Project) -> None:
    assert not executed(project.same())
    project.write("specs/b.py", BOARDS.format(name="b", title="Other"))
    ran = project.same()
    assert executed(ran) == {"specs", "specs.b", "specs.shared"}
    assert "specs.b is executed: it changed, or what it reads did\n" in ran.err
    assert "specs is executed: it imports specs.b\n" in ran.err
    assert executed(project.same()) == {"specs"}
    project.write("specs/shared.py", "SQL = 'SELECT 2 AS value'\n")
    assert not executed(project.same())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("import subprocess; subprocess.run(['true'])", "causes 'subprocess.Popen'"),
        ("import socket; socket.socket().close()", "causes 'socket.__new__'"),
        ("open(__file__ + '.log', 'w').close()", "writes a file"),
        ("import os; os.environ['SCRATCH_SET'] = '1'", "causes 'os.putenv'"),
        ("import decimal; decimal.getcontext().prec = 7", "changes the context of decimals"),
        ("from dashgen import Stat; Stat.width = 12", "changes dashgen.model.dashboards.panel.Stat"),
        ("open('/dev/null').read()", "is no regular file"),
    ],
)
def test_what_is_not_understood_has_the_next_build_execute_everything(line: str, reason: str, project: Project) -> None:
    project.write("specs/a.py", BOARDS.format(name="a", title="a") + f"\n{line}\n")
    assert reason in project.build().err
    project.write("specs/a.py", BOARDS.format(name="a", title="a"))
    assert not executed(project.build())
    assert executed(project.build()) == {"specs"}


@pytest.mark.parametrize(
    ("helper", "use"),
    [
        ("FOUND = []", "helper.FOUND.append(1)\nTITLE = str(len(helper.FOUND))"),
        ("import itertools\nCOUNT = itertools.count()", "TITLE = str(next(helper.COUNT))"),
        ("class Box:\n    last = 0\nBOX = Box()", "helper.BOX.last += 1\nTITLE = str(helper.BOX.last)"),
        ("class Box:\n    last = 0", "helper.Box.last += 1\nTITLE = str(helper.Box.last)"),
        ("def tell(seen=[]):\n    seen.append(1)\n    return len(seen)", "TITLE = str(helper.tell())"),
        (
            "def make():\n    n = 0\n    def tell():\n        nonlocal n\n        n += 1\n        return n\n"
            "    return tell\nTELL = make()",
            "TITLE = str(helper.TELL())",
        ),
        ("LAST = 0", "helper.LAST += 1\nTITLE = str(helper.LAST)"),
        ("from collections import deque\nFOUND = deque()", "helper.FOUND.append(1)\nTITLE = str(len(helper.FOUND))"),
    ],
    ids=["list", "iterator", "object", "class", "default", "closure", "global", "deque"],
)
def test_modules_that_change_each_other_are_executed_together(helper: str, use: str, project: Project) -> None:
    """What one of them sees depends on those that were executed before."""
    for name in "abc":
        board = BOARDS.format(name=name, title=name).replace(f'title="{name}"', f'title="{name}" + TITLE')
        project.write(f"specs/{name}.py", f"from specs import helper\n{use}\n{board}" if name != "a" else board)
    project.write("specs/a.py", BOARDS.format(name="a", title="a"))
    project.write("specs/helper.py", helper + "\n")
    project.build()
    project.write("specs/c.py", (project.folder / "specs/c.py").read_text() + "\nMORE = 1\n")
    ran = project.same()
    assert executed(ran) == {"specs", "specs.b", "specs.c", "specs.helper", "specs.shared"}, ran.err
    assert "specs.helper is executed each time" in ran.err


def test_a_module_that_begins_to_change_another_is_seen(project: Project) -> None:
    project.write("specs/shared.py", "SQL = 'SELECT 1 AS value'\nFOUND = []\n")
    reads = BOARDS.format(name="c", title="c").replace('title="c"', 'title=f"c{len(FOUND)}"')
    project.write("specs/c.py", "from specs.shared import FOUND\n" + reads)
    project.build()
    project.write("specs/b.py", BOARDS.format(name="b", title="b") + "from specs.shared import FOUND\nFOUND.append(1)")
    assert "another module changes objects of specs.shared" in project.same().err


@pytest.mark.parametrize("line", ["datetime.now().isoformat()", "date.today().isoformat()"])
def test_a_clock_is_read_in_each_build(line: str, project: Project) -> None:
    board = BOARDS.format(name="b", title="b")
    project.write("specs/b.py", f"from datetime import date, datetime\nNOW = {line}\n{board}")
    project.build()
    assert executed(project.same()) == {"specs", "specs.b", "specs.shared"}


def test_specs_that_look_into_a_dashboard_have_its_module_executed(project: Project) -> None:
    project.write("specs/__init__.py", INIT + "\nROWS = [len(one.rows) for one in (A, B)]\n")
    project.build()
    needed = ["more is needed of the dashboard 'a'", "more is needed of the dashboard 'b'"]
    assert all(text in project.same().err for text in needed)
    assert executed(project.same()) == {"specs", "specs.a", "specs.b", "specs.shared"}


def test_a_type_that_specs_ask_for_is_the_real_one(project: Project) -> None:
    project.build()
    project.write("specs/__init__.py", INIT + "\nassert type(A).__name__ == 'Dashboard'\n")
    told = "uses type, which tells a stand-in from the object"
    assert told in project.same().err
    assert f"{told}: all modules are executed each time" in project.same().err
    project.write("specs/__init__.py", INIT + "\nKINDS = [one.title.type for one in () if one.id]\n")
    project.same()
    assert executed(project.same()) == {"specs"}


RULED = """
from dashgen import AlertGroup, AlertRule, Environment, Project
from specs.a import BOARD as A
from specs.b import BOARD as B
from specs.c import BOARD as C

RULE = AlertRule(uid="rule", title="Rule", panel=A["{key}"], query="SELECT 1 AS value, 'a' AS host", threshold=1,
                 link_variables=({variable},), for_duration="1m", severity="critical", channels=())
PROJECT = Project(environments=(Environment("prod"),), dashboards=(A, B, C),
                  alerts=(AlertGroup("rules", folder="Alerts", rules=(RULE,)),))
"""
WATCHED = """
from dashgen import CustomVariable, Dashboard, EnvironmentVariable, Row, Stat
from specs.shared import SQL

BOARD = Dashboard(uid="a", title="a", variables=(EnvironmentVariable("env"), CustomVariable("host", values=("x",))),
                  rows=(Row("All", (Stat("A", SQL, key="state", description="d"),)),))
"""


def test_a_rule_points_to_a_panel_of_a_module_that_is_left_out(project: Project) -> None:
    project.write("specs/a.py", WATCHED)
    project.write("specs/__init__.py", RULED.format(key="state", variable="'host'"))
    project.same()
    assert executed(project.same()) == {"specs"}
    project.write("specs/b.py", BOARDS.format(name="b", title="Other"))
    assert executed(project.same()) == {"specs", "specs.b", "specs.shared"}
    rules = next(file for name, file in content(project.folder / "build").items() if name.endswith("rules.yaml"))
    assert b"var-env=prod" in rules
    assert b"with $labels.host" in rules


@pytest.mark.parametrize(
    ("key", "variable", "said"),
    [("other", "'host'", "has no panel of key 'other'"), ("state", "'shop'", "'a' has no variable 'shop'")],
)
def test_a_rule_that_points_to_what_is_not_there_is_an_error(
    key: str, variable: str, said: str, project: Project
) -> None:
    project.write("specs/a.py", WATCHED)
    project.write("specs/__init__.py", RULED.format(key="state", variable="'host'"))
    project.same()
    project.write("specs/__init__.py", RULED.format(key=key, variable=variable))
    ran = project.same()
    assert ran.code != 0
    assert said in ran.err


def test_a_key_that_goes_is_missed_by_the_rule(project: Project) -> None:
    project.write("specs/a.py", WATCHED)
    project.write("specs/__init__.py", RULED.format(key="state", variable="'host'"))
    project.same()
    project.write("specs/a.py", WATCHED.replace('key="state", ', ""))
    ran = project.same()
    assert ran.code != 0
    assert "has no panel of key 'state'" in ran.err


def test_a_module_of_which_more_than_dashboards_is_imported_is_executed(project: Project) -> None:
    """And no other for that."""
    project.write("specs/a.py", BOARDS.format(name="a", title="a") + "\nNAMES = ('prod',)\n")
    project.write("specs/__init__.py", INIT.replace("import BOARD as A", "import BOARD as A, NAMES"))
    project.build()
    ran = project.same()
    assert executed(ran) == {"specs", "specs.a", "specs.shared"}
    assert "specs.a is executed: specs imports NAMES of it\n" in ran.err
    project.write("specs/b.py", "from specs.a import NAMES\n" + BOARDS.format(name="b", title="b"))
    assert executed(project.same()) == {"specs", "specs.a", "specs.b", "specs.shared"}


def test_a_function_of_a_package_may_have_the_name_of_its_module(project: Project) -> None:
    """`from specs.sql.words import words` in a package hides the module, in each load."""
    project.write("specs/sql/__init__.py", "from specs.sql.words import words\n")
    (project.folder / "specs/shared.py").unlink()
    project.write("specs/sql/words.py", "def words():\n    return 'SELECT 1 AS value'\n")
    for name in "abc":
        board = BOARDS.format(name=name, title=name).replace("specs.shared import SQL", "specs.sql import words")
        project.write(f"specs/{name}.py", board.replace("SQL", "words()"))
    project.build()
    project.write("specs/b.py", (project.folder / "specs/b.py").read_text().replace('title="b"', 'title="Other"'))
    assert executed(project.same()) == {"specs", "specs.b", "specs.sql", "specs.sql.words"}


def test_a_module_that_another_one_hides_in_its_package(project: Project) -> None:
    project.write("specs/sql/__init__.py", "")
    project.write("specs/sql/words.py", "SQL = 'SELECT 1 AS value'\n")
    project.write("specs/a.py", BOARDS.format(name="a", title="a").replace("specs.shared", "specs.sql.words"))
    late = "import specs.sql\nspecs.sql.words = 1\n"
    project.write("specs/c.py", BOARDS.format(name="c", title="c") + late)
    project.build()
    project.write("specs/b.py", BOARDS.format(name="b", title="Other"))
    assert not executed(project.same())


@pytest.mark.parametrize("gone", ["a", "b"])
def test_a_link_to_a_dashboard_that_is_gone_is_an_error(gone: str, project: Project) -> None:
    """Of a dashboard whose module did not change."""
    linked = "from dashgen import Link\nfrom specs.a import BOARD as A\n" + BOARDS.format(name="c", title="c").replace(
        "rows=", 'links=(Link("To", dashboard=A), Link("To", dashboard="b")), rows='
    )
    project.write("specs/c.py", linked)
    project.same()
    project.write("specs/__init__.py", INIT.replace(f"{gone.upper()}, ", ""))
    ran = project.same()
    assert ran.code == 1
    assert f"links to '{gone}', which PROJECT does not list" in ran.err


def test_environments_are_built_in_turn(project: Project) -> None:
    both = INIT.replace('Environment("prod"),', 'Environment("prod"), Environment("local", uid_prefix="l-"),')
    project.write("specs/__init__.py", both)
    project.same("--env", "prod")
    assert "lacks the document" in project.same("--env", "local").err
    for name in ("prod", "local"):
        assert executed(project.same("--env", name)) == {"specs"}
    assert executed(project.same()) == {"specs"}


def test_a_changed_environment_renders_all(project: Project) -> None:
    project.build()
    project.write("specs/__init__.py", INIT.replace('"prod"', '"prod", grafana="11.6"'))
    assert "an environment or the interval of a table changed" in project.same().err


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "removed", "of another version"])
def test_a_record_that_is_not_whole_is_as_good_as_none(damage: str, project: Project) -> None:
    project.build()
    text = project.record.read_bytes()
    if damage == "removed":
        project.record.unlink()
    else:
        wrong = {
            "cut": text[: len(text) // 2],
            "changed": text.replace(b"specs.a", b"specs.x", 1),
            "emptied": b"",
            "of another version": text.partition(b"\n")[2],
        }
        project.record.write_bytes(wrong[damage])
    project.write("specs/b.py", BOARDS.format(name="b", title="Other"))
    assert "executed all" in project.build().err
    assert executed(project.same()) == {"specs"}


def test_a_cache_that_can_not_be_written_costs_time_only(project: Project) -> None:
    project.write("cache", "a file")
    project.build()
    assert "executed all" in project.same().err


def test_a_tree_that_somebody_changed_is_rendered_again(project: Project) -> None:
    project.build()
    path = project.folder / "build/prod/dashboards/dashgen/a.json"
    status, text = path.stat(), path.read_text()
    path.write_text(text.replace('"a"', '"b"'))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "lacks the document of 'a' as it was" in project.same().err
    assert path.read_text() == text


def test_values_of_the_environment_are_not_kept(project: Project) -> None:
    project.environment["SCRATCH_SECRET"] = "hunter2-of-the-cache"
    board = BOARDS.format(name="b", title="b")
    project.write("specs/b.py", f"import os\nSECRET = os.environ['SCRATCH_SECRET']\n{board}")
    project.build()
    assert "hunter2" not in project.record.read_text()
    assert "SCRATCH_SECRET" in project.record.read_text()
    project.environment["SCRATCH_SECRET"] = "another"
    assert executed(project.same()) == {"specs", "specs.b", "specs.shared"}


def python(project: Project, *arguments: str) -> Ran:
    """`python -m dashgen build`, which writes bytecode."""
    environment = {**os.environ, **project.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "dashgen", "build", *arguments]
    ran = subprocess.run(
        command, cwd=project.folder, env=environment, check=True, capture_output=True, text=True, timeout=240
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.parametrize("prefix", ["", "elsewhere"])
def test_bytecode_that_python_writes_is_no_file_that_specs_write(prefix: str, project: Project) -> None:
    """Beside the modules, or where PYTHONPYCACHEPREFIX says; of the specs and of what they import."""
    project.environment["PYTHONPATH"] = str(project.folder / "libraries")
    if prefix:
        project.environment["PYTHONPYCACHEPREFIX"] = str(project.folder / prefix)
    project.write("libraries/others.py", "NAME = 'others'\n")
    project.write("specs/a.py", "import others\n" + BOARDS.format(name="a", title="a"))
    assert "executed all" in python(project, "--explain").err
    assert executed(python(project, "--explain")) == {"specs"}
    for title in ("Other", "Another"):
        project.write("specs/b.py", BOARDS.format(name="b", title=title))
        assert executed(python(project, "--explain")) == {"specs", "specs.b", "specs.shared"}
    project.write("libraries/more.py", "NAME = 'more'\n")
    project.write("specs/a.py", "import more\n" + BOARDS.format(name="a", title="a"))
    assert executed(python(project, "--explain")) == {"more", "specs", "specs.a", "specs.shared"}
    assert executed(python(project, "--explain")) == {"specs"}
    folder = project.folder / (prefix or "specs")
    assert [path for path in folder.rglob("*.pyc") if path.name.startswith("b.")]


def test_bytecode_of_a_source_of_the_same_time_and_size_is_not_used(project: Project) -> None:
    python(project)
    path = project.folder / "specs/b.py"
    status = path.stat()
    path.write_text(path.read_text().replace('title="b"', 'title="x"'))
    later = status.st_mtime_ns - 10**10
    os.utime(path, ns=(later, later))
    python(project)
    assert b'"title": "x"' in content(project.folder / "build")["prod/dashboards/dashgen/b.json"]
    path.write_text(path.read_text().replace('title="x"', 'title="y"'))
    os.utime(path, ns=(later, later))
    python(project)
    assert b'"title": "y"' in content(project.folder / "build")["prod/dashboards/dashgen/b.json"]


KILLED = """
import os, signal, sys
from pathlib import Path

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

from dashgen import cache_folder
from dashgen.incremental import record
from dashgen.tree import writer
sys.argv = ["dashgen", "build"]
at = os.environ["SCRATCH_KILL"]
if at == "record":
    cache_folder._forget = kill
elif at == "before the record":
    record.write = kill
else:
    real, count = os.replace, [0]
    def replace(*args, **kwargs):
        count[0] += 1
        if count[0] > 1:
            kill()
        return real(*args, **kwargs)
    os.replace = replace
from dashgen.cli import main
main()
"""


@pytest.mark.parametrize("at", ["renames", "before the record", "record"])
def test_a_killed_build_is_healed_by_the_next(at: str, project: Project) -> None:
    project.build()
    for name in "ab":
        project.write(f"specs/{name}.py", BOARDS.format(name=name, title=f"Other {name}"))
    environment = {**os.environ, **project.environment, "SCRATCH_KILL": at}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=project.folder, env=environment, check=False, capture_output=True,
        timeout=240,
    )  # fmt: skip
    assert ran.returncode == 128 + signal.SIGKILL
    project.same()


def test_two_builds_at_once(project: Project) -> None:
    project.build()
    for number in range(2):
        project.write("specs/b.py", BOARDS.format(name="b", title=f"Number {number}"))
        environment = {**os.environ, **project.environment}
        command, quiet = [sys.executable, "-m", "dashgen", "build"], subprocess.DEVNULL
        builds = [
            subprocess.Popen(command, cwd=project.folder, env=environment, stdout=quiet, stderr=quiet) for _ in range(2)
        ]
        assert [build.wait(timeout=240) for build in builds] == [0, 0]
        project.same()


# --- versions


def upgrade_python(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setattr(sys, "version", "3.99.0")


def upgrade_sdk(_: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "grafana_foundation_sdk-1.dist-info").rename(folder / "grafana_foundation_sdk-2.dist-info")


def reinstall_sdk(_: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "grafana_foundation_sdk-1.dist-info" / "RECORD").write_text("another file")


def edit_dashgen(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "dashgen" / "render").mkdir()
    (folder / "dashgen" / "render" / "__init__.py").write_text("edited")


def another_format(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setattr(kept_versions, "FORMAT", 0)


@pytest.mark.parametrize("change", [upgrade_python, upgrade_sdk, reinstall_sdk, edit_dashgen, another_format])
def test_an_upgrade_makes_another_version(
    change: Callable[[pytest.MonkeyPatch, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "grafana_foundation_sdk-1.dist-info"
    installed.mkdir()
    (installed / "RECORD").write_text("a file")
    (tmp_path / "dashgen").mkdir()
    (tmp_path / "dashgen" / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(own_files, "_PACKAGE", tmp_path / "dashgen")
    before = kept_versions.versions(tmp_path)
    assert kept_versions.versions(tmp_path) == before
    change(monkeypatch, tmp_path)
    assert kept_versions.versions(tmp_path) != before


def test_a_record_of_another_version_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path))
    record.write(tmp_path, record.BuildRecord("one"))
    assert record.read(tmp_path, "one") is not None
    assert record.read(tmp_path, "two") is None


def test_old_records_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path))
    monkeypatch.setattr(record, "FILES", 2)
    for number in range(4):
        root = tmp_path / f"specs{number}"
        record.write(root, record.BuildRecord("one"))
        os.utime(record.record_file(root), (number, number))
    assert len(list((tmp_path / "build").iterdir())) <= 3


def test_a_whole_build_keeps_nothing(tmp_path: Path) -> None:
    specs(tmp_path, 'PROJECT = project(dash(stat("A")))\n')
    ran = dashgen(tmp_path, "build", "--no-cache", "--format", "json", env={"DASHGEN_CACHE": str(tmp_path / "cache")})
    assert json.loads(ran.out)["environments"][0]["dashboards"] == 1
    assert not (tmp_path / "cache").exists()
