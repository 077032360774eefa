"""`dashgen build` as its user meets it: what it writes and says, and every sort of wrong input."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.build import SPECS
from benchmarks.startup import Start, imported
from tests.scratch import BEGINS, dashgen, specs

HERE = f"specs/__init__.py:{BEGINS}"

# a spec → the errors of the run; each must be an error with its place, what was expected, and what to do
FINDINGS: dict[str, tuple[str, list[str]]] = {
    "duplicate uid": (
        "PROJECT = project(dash(), dash(title='Y'))",
        ["specs/__init__.py:7:22: x: another dashboard has the uid 'x' | Grafana would stop"
        " updating each provider involved"],
    ),
    "duplicate title": (
        "PROJECT = project(dash(), dash(uid='y'))",
        ["specs/__init__.py:7:31: y: another dashboard of folder 'default' has the title 'X'"
         " | Grafana would stop updating each provider involved"],
    ),
    "unknown variable": (
        "PROJECT = project(dash(stat('A $b', Q + ' AND h = $host', description='see ${c}')))",
        ["specs/__init__.py:11:24: x › A $b: the SQL uses $host, which is not a variable of this dashboard"
         " | its variables: none",
         "specs/__init__.py:11:17: x › A $b: title: $b is not a variable of this dashboard | its variables: none",
         "specs/__init__.py:11:12: x › A $b: description: $c is not a variable of this"
         " dashboard | its variables: none"],
    ),
    "unknown option": (
        "PROJECT = project(dash(Panel('piechart', 'A', Q, options={'pieTipe': 'donut'}, custom={'zz': 1}),"
        " Panel('pichart', 'B', Q)))",
        [f"{HERE}:88: x › A › fieldConfig/defaults/custom/zz: unknown key | known keys: hideFrom",
         f"{HERE}:59: x › A › options/pieTipe: unknown key | did you mean 'pieType'?",
         f"{HERE}:105: x › B › type: 'pichart' is not allowed here | did you mean 'piechart'?"],
    ),
    "unknown override property": (
        "PROJECT = project(dash(stat(overrides=(Override('v', custom={'nope': 1}),))))",
        ["specs/__init__.py:11:12: x › A › fieldConfig/overrides/0/properties/0/id: 'custom.nope' is not allowed here"
         " | known values: description, color, displayName, unit, min and 12 more"],
    ),
    "unknown macro": (
        "PROJECT = project(dash(stat(query='SELECT v FROM t WHERE $__timeFiltr(ts)')))",
        [f"{HERE}:58: x › A › query: the questdb datasource has no macro $__timeFiltr"
         " | did you mean $__timeFilter?"],
    ),
    "no description": (
        "PROJECT = project(dash(Stat('A', Q)))",
        [f"{HERE}:24: x › A: has no description | describe what it shows and what to do when it is bad"],
    ),
    "link to a dashboard that is not listed": (
        "PROJECT = project(dash(links=(Link('there', dashboard=dash(uid='other')),)))",
        [f"{HERE}:45: x › Link 'there': links to 'other', which PROJECT does not list | add it to dashboards"],
    ),
    "two environments of one Grafana": (
        "PROJECT = Project(environments=(Environment('a', instance='g'), Environment('b', instance='g')),"
        " dashboards=(dash(),))",
        [f"{HERE}:65: environment b: environment 'a', which goes to the same Grafana and org, has the dashboard uid"
         " 'x', the datasource uid 'questdb', the folder uid 'dashgen' too | give one of them another uid_prefix"],
    ),
    "unknown folder and datasource": (
        "PROJECT = project(dash(stat(datasource='other'), folder='team'))",
        ["specs/__init__.py:7:12: x: environment 'prod' has no folder 'team' | it has default",
         "specs/__init__.py:11:12: x › A: environment 'prod' has no datasource 'other' | it has questdb"],
    ),
}  # fmt: skip
UNLOADABLE: dict[str, tuple[str, list[str]]] = {
    "unit": ("PROJECT = project(dash(stat(unit='msec')))",
             ["specs/__init__.py:11:12: x › A: unit: expected a unit of Grafana's list, got 'msec'"
              " | did you mean 'ms'?"]),
    "colour": ("PROJECT = project(dash(stat(color='grene', thresholds=Thresholds('red', (1, '#f00')))))",
               ["specs/__init__.py:11:12: x › A: color: expected a colour of Grafana's palette, got 'grene'"
                " | did you mean 'green'?",
                f"{HERE}:73: x › A › Thresholds: a step's colour: expected a colour of Grafana's palette, got '#f00'"
                " | write Hex('#f00')"]),
    "threshold order": ("PROJECT = project(dash(stat(thresholds=Thresholds('red', (5, 'green'), (1, 'blue')))))",
                        [f"{HERE}:58: x › A › Thresholds: steps must ascend, but 1 follows 5"
                         " | order the steps by value"]),
    "width": ("PROJECT = project(dash(stat(width=25), stat('B', width=0)))",
              ["specs/__init__.py:11:12: x › A: width: expected a whole number from 1 to 24, got 25",
               "specs/__init__.py:11:12: x › B: width: expected a whole number from 1 to 24, got 0"]),
    "duration": ("PROJECT = project(dash(stat(min_interval='5 min', time_shift='soon')))",
                 ["specs/__init__.py:11:12: x › A: min_interval: expected a duration like '30s', '5m', '1h', got"
                  " '5 min' | one number and one of ms, s, m, h, d, w",
                  "specs/__init__.py:11:12: x › A: time_shift: expected a range like '1h' or '1d/d', got 'soon'"
                  " | one number and one of s, m, h, d, w, M, y"]),
    "uid": ("PROJECT = project(dash(uid='a b'))",
            ["specs/__init__.py:7:22: Dashboard 'X': uid: expected a uid of at most 40 letters, digits, '-' and '_',"
             " got 'a b'"]),
    "unserialisable option": (
        "PROJECT = project(dash(Panel('piechart', 'A', Q, options={'a': {1: 2}, 'b': [object(), float('nan')]})))",
        [f"{HERE}:50: x › A: options: expected JSON data, got the key 1 in a, <object object> at b[0], nan at b[1]"
         " | texts, numbers, booleans, lists and dicts"]),
    "raises": ("raise ValueError('boom')", [f"{HERE}:1: specs: raises ValueError: boom"]),
    "exits": ("import sys; sys.exit(0)",
              [f"{HERE}:13: specs: exits with 0 while it loads | specs may only declare at import"]),
    "prints": ("print('hello'); PROJECT = project()",
               [f"{HERE}:1: specs: prints to stdout while it loads: 'hello' | remove the print"]),
    "hangs": ("import time\ntime.sleep(60)",
              [f"specs/__init__.py:{BEGINS + 1}:1: specs: is still loading after 6 s"
               " | specs may only declare at import: no network, no waiting; or raise --load-timeout"]),
    "os._exit": ("import os; os._exit(0)",
                 ["specs: ended the process while it was loaded (exit status 0)"
                  " | specs may only declare at import: no os._exit, no signals"]),
    "kills itself": ("import os; os.kill(os.getpid(), 9)",
                     ["specs: ended the process while it was loaded (signal 9)"
                      " | specs may only declare at import: no os._exit, no signals"]),
    "syntax error": ("x = (", [f"{HERE}:5: specs: SyntaxError: '(' was never closed"]),
    "missing module": ("import nowhere_to_be_found",
                       [f"{HERE}:1: specs: No module named 'nowhere_to_be_found'"
                        " | install it where dashgen runs, or put nowhere_to_be_found.py next to specs/ or inside it"]),
    "circular import": ("from specs.a import A",
                        ["specs/b.py:1:1: specs.b: imports in a circle: specs.a → specs.b → specs.a"
                         " | move what both need into a module that imports neither"]),
    "no PROJECT": ("X = 1", ["specs/__init__.py:1:1: specs: exports no PROJECT | PROJECT = Project(…)"]),
    "a secret": ("PROJECT = Project(environments=(Environment('p', datasources={'q': QuestDB(password='hunter2')}),))",
                 [f"{HERE}:76: environment p › QuestDB 'questdb': password: expected a reference to an environment"
                  " variable like '${QUESTDB_PASSWORD}', got a str that is not shown"
                  " | secrets are never in the output"]),
}  # fmt: skip
OTHERS = {"circular import": {"a.py": "from specs.b import B\nA = 1", "b.py": "from specs.a import A\nB = 1"}}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    specs(folder, "PROJECT = project(dash(stat(), uid='before'))")
    assert dashgen(folder, "build").code == 0
    return folder / "build"


@pytest.fixture
def built(tmp_path: Path, first: Path) -> Iterator[Path]:
    """A folder with a tree that was built; at the end it must be as it was."""
    shutil.copytree(first, tmp_path / "build")

    def files() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in (tmp_path / "build").rglob("*") if p.is_file()}

    before = files()
    yield tmp_path
    assert files() == before


@pytest.mark.parametrize("case", [*FINDINGS, *UNLOADABLE])
def test_wrong_input_is_an_error_and_the_tree_is_not_touched(built: Path, case: str) -> None:
    text, errors = (FINDINGS | UNLOADABLE)[case]
    specs(built, text, OTHERS.get(case))
    ran = dashgen(built, "build", "--load-timeout", "6" if case == "hangs" else "60")
    assert ran.errors == errors
    summary = f"{len(errors)} problem{'s' * (len(errors) > 1)}; nothing was written\n"
    assert ran.err.endswith(summary)
    assert ran.out == ""
    assert ran.code == (1 if case in FINDINGS else 2)
    assert "hunter2" not in ran.err


def test_all_that_is_wrong_comes_in_one_run(built: Path) -> None:
    """Also what spans objects, although the specs did not load; what only rendering finds comes once they do."""
    start = "PROJECT = project(dash(stat("
    cases = [c for c in FINDINGS | UNLOADABLE if c not in ("unknown macro", "unknown override property")]
    texts = {c: (FINDINGS | UNLOADABLE)[c] for c in cases if (FINDINGS | UNLOADABLE)[c][0].startswith(start)}
    dashboards = ",".join(text.removeprefix("PROJECT = project(").removesuffix(")") for text, _ in texts.values())
    specs(built, f"PROJECT = project({dashboards})")
    ran = dashgen(built, "build")
    assert ran.code == 2
    assert len(texts) > 5
    column = re.compile(r"(py:\d+):\d+")  # another one here, behind the others
    told = [column.sub(r"\1", error) for error in ran.errors]
    for _, errors in texts.values():
        for error in errors:
            assert column.sub(r"\1", error) in told
    assert "specs/__init__.py:7:22: x: another dashboard has the uid 'x'" in " ".join(ran.errors)


def test_problems_as_json(built: Path) -> None:
    specs(built, FINDINGS["unknown macro"][0])
    ran = dashgen(built, "build", "--format", "json")
    assert json.loads(ran.out) == {
        "problems": [
            {
                "path": "x › A › query",
                "message": "the questdb datasource has no macro $__timeFiltr",
                "hint": "did you mean $__timeFilter?",
                "source": f"{HERE}:58",
            }
        ]
    }
    specs(built, "import time\ntime.sleep(60)")
    ran = dashgen(built, "build", "--format", "json", "--load-timeout", "0.5")
    assert [p["message"] for p in json.loads(ran.out)["problems"]] == ["is still loading after 0.5 s"]
    assert ran.code == 2


def test_a_missing_specs_folder(tmp_path: Path) -> None:
    ran = dashgen(tmp_path, "build", "--specs", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: nowhere: there is no such folder\n  write nowhere/__init__.py with PROJECT = Project(…), or name"
        " another folder: --specs DIR\n"
        "1 problem; nothing was written\n"
    )
    assert not (tmp_path / "build").exists()


def test_an_unknown_environment(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash())")
    ran = dashgen(tmp_path, "build", "--env", "prd")
    assert ran.code == 2
    assert ran.err == "error: no environment 'prd' in PROJECT\n  did you mean 'prod'?\n"


def _theirs(out: Path) -> None:
    out.mkdir(parents=True)
    (out / "thesis.tex").write_text("years of work")


def _link(out: Path) -> None:
    (out.parent.parent / "elsewhere").mkdir(parents=True)
    out.parent.mkdir()
    out.symlink_to(out.parent.parent / "elsewhere", target_is_directory=True)


def _file(out: Path) -> None:
    out.parent.mkdir(parents=True)
    out.write_text("")


def _ledger(text: str, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "published.json").write_text(text)


def _link_inside(out: Path) -> None:
    _ledger('{"format": 1, "published": []}', out)
    (out / "dashboards").symlink_to(out.parent.parent, target_is_directory=True)


def _folder_for_a_file(out: Path) -> None:
    _ledger('{"format": 1, "published": []}', out)
    (out / "environment.example").mkdir()


def _file_for_a_folder(out: Path) -> None:
    _ledger('{"format": 1, "published": []}', out)
    (out / "provisioning").write_text("")


RESTORE = "restore it from a backup; in an emptied folder a build begins a new ledger, without what was published"
FOLDERS = {
    "somebody else's": (_theirs, "build/prod: is not empty and has no published.json: it is not a tree that dashgen"
                        " rendered | give another folder with --out, or empty this one"),
    "a symlink": (_link, "build/prod: is a symbolic link | give its target: --out DIR"),
    "a file": (_file, "build/prod: is not a folder | give another one: --out DIR"),
    "no JSON": (lambda out: _ledger("{", out), "build/prod/published.json: is not JSON: unexpected end of data:"
                f" line 1 column 2 (char 1) | {RESTORE}"),
    "binary": (lambda out: _ledger("\0", out), "build/prod/published.json: is not JSON: unexpected character,"
               f" expected a JSON value: line 1 column 1 (char 0) | {RESTORE}"),
    "other JSON": (lambda out: _ledger("[]", out), "build/prod/published.json: does not have the form of a ledger: a"
                   f" format, and the list of what was published | {RESTORE}"),
    "newer": (lambda out: _ledger('{"format": 9, "published": []}', out), "build/prod/published.json: was written"
              " by a newer dashgen: it has format 9, and this one reads up to 2"
              " | upgrade dashgen; the file is valid"),
    "a link inside": (_link_inside, "build/prod/dashboards: is a symbolic link in a rendered tree"
                      " | remove it: writing would leave the tree"),
    "a folder where a file belongs": (_folder_for_a_file, "build/prod/environment.example: is a folder, where a file"
                                      " belongs | remove it"),
    "a file where a folder belongs": (_file_for_a_folder, "build/prod/provisioning: is a file, where a folder belongs"
                                      " | remove it"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_that_is_not_dashgens_is_refused_beside_what_else_is_wrong(tmp_path: Path, case: str) -> None:
    prepare, error = FOLDERS[case]
    prepare(tmp_path / "build" / "prod")
    there = sorted(str(p) for p in tmp_path.rglob("*"))
    (tmp_path / "sub").mkdir()
    specs(tmp_path / "sub", "PROJECT = project(dash())")
    ran = dashgen(tmp_path, "build", "--specs", "sub/specs")
    assert ran.errors == [error]
    assert (ran.code, ran.out) == (2, "")
    if "where a" not in case:  # found while writing, when nothing else can be wrong
        specs(tmp_path / "sub", FINDINGS["no description"][0])
        ran = dashgen(tmp_path, "build", "--specs", "sub/specs")
        assert len(ran.errors) == 2
        assert "has no description" in ran.errors[0]
        assert ran.code == 2
    assert sorted(str(p) for p in tmp_path.rglob("*") if "sub" not in p.parts) == there


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash())")
    (tmp_path / "file").write_text("")
    ran = dashgen(tmp_path, "build", "--out", "file/build")
    assert ran.code == 2
    assert ran.errors == [
        "file/build: can't be written: Not a directory | check its permissions and the free space, then build again"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_must_not_be_written(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash())")
    (tmp_path / "locked").mkdir(mode=0o500)
    ran = dashgen(tmp_path, "build", "--out", "locked")
    assert ran.code == 2
    assert "Permission denied" in ran.err


def test_what_a_build_says(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat()))")
    ran = dashgen(tmp_path, "build", "--dry-run")
    assert ran.code == 1
    assert "prod: 1 dashboard, all valid; would change" in ran.out
    assert not (tmp_path / "build").exists()

    ran = dashgen(tmp_path, "build")
    assert ran.code == 0
    assert "  + build/prod/dashboards/dashgen/x.json\n" in ran.out
    assert ran.err.startswith("done in ")

    ran = dashgen(tmp_path, "build", "--dry-run", "--format", "json")
    assert ran.code == 0
    told = json.loads(ran.out)["environments"][0]
    assert (told["added"], told["changed"], told["removed"]) == ([], [], [])

    specs(tmp_path, "PROJECT = project(dash(stat(), uid='y'))")
    ran = dashgen(tmp_path, "build")
    assert "  - build/prod/dashboards/dashgen/x.json\n" in ran.out
    assert "removed 1" in ran.out
    assert json.loads((tmp_path / "build/prod/published.json").read_text())["published"] == [
        "dashboard x",
        "dashboard y",
        "~",
    ]


def test_a_build_notes_what_grafana_will_not_do(tmp_path: Path) -> None:
    environment = "Environment('prod', folders={{'default': Folder('f', {!r})}})"
    for title in ("Old", "New"):
        text = f"PROJECT = Project(environments=({environment.format(title)},), dashboards=(dash(stat()),))"
        specs(tmp_path, f"from dashgen import *\n{text}")
        ran = dashgen(tmp_path, "build", *(("--dry-run",) if title == "New" else ()))
        assert ran.err.count("note:") == (title == "New")
    assert (
        "note: environment prod: the dashboards' folder 'f' was 'Old' and is 'New': Grafana finds it by its uid and"
        " leaves the title\n  rename the folder in Grafana too\n" in ran.err
    )
    ran = dashgen(tmp_path, "build", "--format", "json")
    ((note,),) = (told["notes"] for told in json.loads(ran.out)["environments"])
    assert (note["path"], note["hint"]) == ("environment prod", "rename the folder in Grafana too")
    assert "note:" not in dashgen(tmp_path, "build").err  # it is written now


def test_a_second_build_touches_nothing(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat()))")
    assert dashgen(tmp_path, "build").code == 0

    def stamps() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in (tmp_path / "build").rglob("*")}

    before = stamps()
    ran = dashgen(tmp_path, "build")
    assert "nothing to change" in ran.out
    assert stamps() == before


def test_files_of_others_in_a_tree_stay_and_are_named_once(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project(dash(stat()))")
    assert dashgen(tmp_path, "build").code == 0
    tree = tmp_path / "build/prod"
    mine = [tree / "dashboards/default/mine.json", tree / "provisioning/plugins/apps.yaml", tree / "NOTES.md"]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    specs(tmp_path, "PROJECT = project(dash(stat(), uid='other'))")
    ran = dashgen(tmp_path, "build")
    assert ran.code == 0
    assert "removed 1" in ran.out
    assert all(path.exists() for path in mine)
    assert ran.err.splitlines()[:4] == [
        "note: build/prod: keeps files that dashgen did not write, and Grafana"
        " reads them: dashboards/default/mine.json, "
        "provisioning/plugins/apps.yaml",
        "  remove them, or move them out of the tree",
        "note: build/prod: keeps files that dashgen did not write: NOTES.md",
        "  remove them, or move them out of the tree",
    ]
    told = json.loads(dashgen(tmp_path, "build", "--dry-run", "--format", "json").out)["environments"][0]
    assert told["foreign"] == ["NOTES.md", "dashboards/default/mine.json", "provisioning/plugins/apps.yaml"]
    assert told["removed"] == []
    (tmp_path / "copy").mkdir()
    shutil.copytree(tree, tmp_path / "copy/prod")
    for path in mine:
        (tmp_path / "copy/prod" / path.relative_to(tree)).unlink()
    assert dashgen(tmp_path, "diff", "./copy", "./build").code == 0


def test_a_build_of_one_panel_loads_what_it_needs(tmp_path: Path) -> None:
    """A project without tables, alerts and notifications pays for none of their readers; nor does any for what only
    messages, other formats and servers need. (The validator of JSON Schema brings `email` and `socket`.)"""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "__init__.py").write_text(SPECS.format(dashboards=1, panels=1))
    modules = imported(Start("build", ("-m", "dashgen", "build"), "."), tmp_path)
    assert {"dashgen.pipeline", "dashgen.render.dashboards", "jsonschema_rs"} <= modules
    other_work = {
        "dashgen.sql.parser", "dashgen.sql.ast", "dashgen.grafana.gotemplate", "dashgen.grafana.notification_policies",
        "dashgen.grafana.mute_timings", "dashgen.model.tables.table", "dashgen.schema.explain", "dashgen.check",
        "dashgen.questdb.server",
    }  # fmt: skip
    heavy = {
        "asyncio", "pydantic", "jsonschema", "rich", "libcst", "psycopg", "grafanalib", "zoneinfo", "fractions",
        "importlib.resources", "importlib.metadata", "zipfile", "http.client", "ssl", "multiprocessing",
    }  # fmt: skip
    assert not modules & (other_work | heavy)


WATCHER = """
class Watcher:
    def new_schema_validator(self, *_, **__):
        return None, None, None


watcher = Watcher()
"""
TABLE = """
from datetime import datetime
from typing import Annotated

from annotated_types import Ge
from dashgen import Dashboard, Designated, Environment, Project, Row, Stat, Symbol, table


@table(name="workers", dedup=("timestamp", "host"), write_interval="10s")
class Workers:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    jobs: Annotated[int, Ge(0)] = 0


JOBS = Stat("Jobs", "SELECT jobs FROM workers WHERE $__timeFilter(timestamp)", description="What to do.")
DASHBOARD = Dashboard(uid="x", title="X", rows=(Row("Now", (JOBS,)),))
PROJECT = Project(environments=(Environment("prod"),), dashboards=(DASHBOARD,), tables=(Workers,))
"""


def test_a_build_of_a_table_loads_no_plugins_of_pydantic(tmp_path: Path) -> None:
    (tmp_path / "watcher.py").write_text(WATCHER)
    metadata = tmp_path / "watcher-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: watcher\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[pydantic]\nwatcher = watcher:watcher\n")
    code = "import sys, pydantic; pydantic.TypeAdapter(int); sys.exit('watcher' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "__init__.py").write_text(TABLE)
    modules = imported(Start("build", ("-m", "dashgen", "build"), "."), tmp_path)
    assert "pydantic.plugin._loader" in modules
    assert not modules & {"watcher", "dashgen.check", "dashgen.questdb.server", "http.client"}
