"""A whole build: the same bytes everywhere, safe from kills and from a second build."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from dashgen import AlertGroup, AlertRule, Dashboard, Environment, Project, Row, Stat
from dashgen.loading.load import load
from dashgen.pipeline import invalid, prepare, write
from dashgen.project_checks import check
from dashgen.render import Document, render
from dashgen.tree.writer import StagedTree, only_writer
from tests.scratch import dashgen, specs

ROOT = Path(__file__).resolve().parent.parent


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def modules(specs: Path) -> list[str]:
    """Every module of the package but itself, sorted."""
    found = sorted(path.relative_to(specs.parent).with_suffix("").parts for path in specs.rglob("*.py"))
    return [".".join(parts).removesuffix(".__init__") for parts in found if parts != ("specs", "__init__")]


@pytest.mark.slow
def test_same_specs_same_bytes(tmp_path: Path) -> None:
    """Whatever the hash seed, locale (one that is not installed too), time zone, current folder, path of the checkout,
    and order in which the modules of the specs are imported."""
    trees = []
    for number, env in enumerate(
        (
            {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "LANG": "C"},
            {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONUTF8": "0"},
            {"PYTHONHASHSEED": "7", "LC_ALL": "xx_NONE", "LANG": "xx_NONE", "TZ": "No/Where", "PYTHONUTF8": "0"},
        )
    ):
        checkout = tmp_path / f"another place {number}" / ("deep/er" * number)
        shutil.copytree(ROOT / "specs", checkout / "specs", ignore=shutil.ignore_patterns("__pycache__"))
        if number:  # the modules of the package are imported before its __init__ asks for them, in another order
            init = checkout / "specs" / "__init__.py"
            names = modules(checkout / "specs")
            assert len(names) > 15
            if number == 1:
                names.reverse()
            else:
                random.Random(number).shuffle(names)
            init.write_text("".join(f"import {name}\n" for name in names) + init.read_text())
        at = checkout if not number else tmp_path
        ran = dashgen(at, "build", "--specs", str(checkout / "specs"), "--out", str(checkout / "out"), env=env)
        assert ran.code == 0, ran.err
        trees.append(content(checkout / "out"))
    assert trees[0] == trees[1] == trees[2]
    assert str(tmp_path).encode() not in b"".join(trees[0].values())
    committed = content(ROOT / "build" / "prod")
    committed.pop("published.json")  # it remembers, where a first build does not
    committed.pop("provisioning/alerting/00-deletions.yaml", None)
    fresh = {path.removeprefix("prod/"): data for path, data in trees[0].items() if path.startswith("prod/")}
    fresh.pop("published.json")
    assert fresh == committed


MANY = """
PROJECT = project(*(
    dash(*(stat(f"P{{p}}", f"SELECT {{p}} AS v, '{0}' FROM t{{p}}") for p in range(20)), uid=f"d{{d}}", title=f"D{{d}}")
    for d in range({1})
))
"""


@pytest.mark.slow
def test_a_killed_build_leaves_every_file_old_or_new_and_the_next_is_right(tmp_path: Path) -> None:
    versions = {}
    for name, count in (("old", 60), ("new", 61)):
        specs(tmp_path / name, MANY.format(name, count))
        assert dashgen(tmp_path / name, "build").code == 0
        versions[name] = content(tmp_path / name / "build" / "prod")
    out = tmp_path / "build"
    rng = random.Random(3)
    command = [sys.executable, "-m", "dashgen", "build", "--out", str(out)]
    start = time.perf_counter()
    subprocess.run(command, cwd=tmp_path / "old", check=True, capture_output=True)
    takes = time.perf_counter() - start
    left: dict[str, bytes] = {}
    for i in range(12):
        which = ("new", "old")[i % 2]
        build = subprocess.Popen(
            command, cwd=tmp_path / which, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(rng.uniform(0.5 * takes, 1.1 * takes))
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        left = content(out / "prod")
        for path, data in left.items():
            assert path == "published.json" or data in (versions["old"].get(path), versions["new"].get(path))
    assert left.keys() >= versions["old"].keys()
    for which in ("new", "old"):
        subprocess.run(command, cwd=tmp_path / which, check=True, capture_output=True)
        fresh = content(out / "prod")
        fresh.pop("published.json")
        assert fresh == {p: d for p, d in versions[which].items() if p != "published.json"}
    assert [p.name for p in out.iterdir()] == ["prod"]


@pytest.mark.slow
def test_two_builds_at_once(tmp_path: Path) -> None:
    specs(tmp_path, MANY.format("x", 30))
    command = [sys.executable, "-m", "dashgen", "build"]
    builds = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for build in builds:
        _, err = build.communicate(timeout=120)
        assert build.returncode == 0, err
    once = content(tmp_path / "build")
    shutil.rmtree(tmp_path / "build")
    assert dashgen(tmp_path, "build").code == 0
    assert content(tmp_path / "build") == once


def test_a_tree_with_problems_is_not_written(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, "PROJECT = project(dash(stat(query='SELECT $__nope(x)')))"))
    assert loaded.project is not None
    prepared = prepare(loaded.project, loaded.project.environments[0], tmp_path / "out")
    assert [(p.path, p.message) for p in prepared.problems] == [
        ("x › A › query", "the questdb datasource has no macro $__nope")
    ]
    with pytest.raises(ValueError, match="with problems is not written"):
        write(prepared)
    assert not (tmp_path / "out").exists()


LARGE = """
many = (
    Dashboard(uid=f"d{{d}}", title=f"D{{d}}", rows=(Row("", (Text("T", "x" * 200_000),)),)) for d in range(100)
)
PROJECT = project(*many, dash(stat(query={!r})))
"""


@pytest.mark.parametrize("query", ["SELECT 1", "SELECT $__nope(x)"])
def test_dashboards_are_written_one_by_one(tmp_path: Path, query: str) -> None:
    """No build holds all of them; and none of them is in the tree before the last one is known to be right."""
    loaded, wrong = load(specs(tmp_path, LARGE.format(query))), "nope" in query
    assert loaded.project is not None
    environment, folder = loaded.project.environments[0], tmp_path / "out" / "prod"
    prepare(loaded.project, environment, folder)  # which imports
    tracemalloc.start()
    with only_writer(folder.parent), StagedTree(folder) as staged:
        prepared = prepare(loaded.project, environment, folder, staged)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10_000_000
        assert not folder.exists()
        assert bool(prepared.problems) == wrong
        if not wrong:
            write(prepared)
    assert len(list(folder.rglob("d*.json"))) == (0 if wrong else 100)
    assert [p.name for p in tmp_path.iterdir() if p.name != "specs"] == ([] if wrong else ["out"])


def test_what_a_schema_refuses_is_said_of_the_authors_object(tmp_path: Path) -> None:
    text = "PROJECT = project(dash(stat(), Panel('text', 'B', custom={'a': 1}), stat('C', options={'graphMod': 'x'})))"
    loaded = load(specs(tmp_path, text))
    assert loaded.project is not None
    prepared = prepare(loaded.project, loaded.project.environments[0], tmp_path / "out")
    assert [(p.path, p.hint, p.source is not None) for p in prepared.problems] == [
        ("x › C › options/graphMod", "did you mean 'graphMode'?", True)
    ]


def test_a_document_of_no_object_is_named_by_its_path(tmp_path: Path) -> None:
    loaded = load(specs(tmp_path, "PROJECT = project(dash())"))
    assert loaded.project is not None
    bad = Document("published.json", b'{"format": 2}', "published")
    assert [(p.path, p.message) for p in invalid([bad], loaded.project)] == [
        ("published.json", "missing key 'published'")
    ]


def grown(count: int) -> Project:
    """`count` dashboards, each with a group of one rule on its panel."""
    boards = tuple(
        Dashboard(
            uid=f"d{n}", title=f"D{n}", rows=(Row("", (Stat("A", f"SELECT {n} AS v", key="a", description="d"),)),)
        )
        for n in range(count)
    )
    rules = [
        AlertRule(uid=f"r{n}", title=f"R{n}", severity="warning", panel=board["a"], query="SELECT 1 AS v", threshold=1)
        for n, board in enumerate(boards)
    ]
    groups = tuple(AlertGroup(f"g{n}", rules=(rule,), folder="f") for n, rule in enumerate(rules))
    return Project(environments=(Environment("prod"),), dashboards=boards, alerts=groups)


def calls(work: Callable[[], object]) -> int:
    """The calls, and resumed generators, of a piece of work."""
    seen = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


def test_the_work_of_checks_and_rendering_grows_with_the_project_alone() -> None:
    few, many = grown(50), grown(200)
    works: list[Callable[[Project], object]] = [check, lambda p: [*render(p, p.environments[0])]]
    for work in works:
        work(few)  # fills the caches
        work(many)
        assert calls(lambda: work(many)) < 4.4 * calls(lambda: work(few))  # noqa: B023  # run at once
