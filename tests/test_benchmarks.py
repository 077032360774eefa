"""Peers draw the same dashboards, and docs/benchmarks.md says what was measured."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from benchmarks import checking_at_scale, scale
from benchmarks.caches import CACHES
from benchmarks.peers import dashgen_build, stages
from benchmarks.peers.measure import PEERS, Peer, Run, launched, measure
from benchmarks.peers.report import chart, page
from benchmarks.peers.results import Results, Target, targets
from benchmarks.peers.store import OtherMeasurement, Store
from benchmarks.scale_page import ROWS
from benchmarks.scale_page import page as scale_page

ROOT = Path(__file__).resolve().parents[1]


def caches(source: str) -> set[str]:
    """The cached functions of a module, and the empty dictionaries that it fills while it runs."""
    found = set()
    for item in ast.walk(ast.parse(source)):
        if isinstance(item, ast.FunctionDef) and any("cache" in ast.unparse(one) for one in item.decorator_list):
            found |= {item.name} - {one.name for one in ast.walk(item) if _is_property(one)}
    for statement in ast.parse(source).body:
        match statement:
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=ast.Subscript(value=ast.Name("dict")), value=ast.Dict(keys=[])
            ):
                found.add(name)
    return found


def _is_property(item: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(item, ast.FunctionDef) and any("property" in ast.unparse(one) for one in item.decorator_list)


def test_each_cache_is_measured() -> None:
    package = ROOT / "dashgen"
    found = {
        f"{'.'.join(path.relative_to(package).with_suffix('').parts).removesuffix('.__init__')}.{name}"
        for path in package.rglob("*.py")
        for name in caches(path.read_text(encoding="utf-8"))
    }
    assert found == set(CACHES), "python -m benchmarks.caches shows what one saves"


@pytest.fixture(scope="module")
def dashboards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One dashboard as each peer writes it."""
    folder = tmp_path_factory.mktemp("dashgen")
    dashgen_build.write_specs(2, folder)
    subprocess.run(dashgen_build.command(folder), check=True, capture_output=True)
    (built,) = folder.glob("build/prod/dashboards/*/d1.json")
    others = [peer for peer in PEERS if peer.module != "dashgen_build"]
    texts = {peer.name: importlib.import_module(f"benchmarks.peers.{peer.module}").text(1) for peer in others}
    return {"dashgen": json.loads(built.read_text())} | {name: json.loads(text) for name, text in texts.items()}


def test_every_peer_draws_the_same_panels(dashboards: dict[str, dict[str, Any]]) -> None:
    def panels(dashboard: dict[str, Any]) -> list[tuple[object, ...]]:
        found = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
        return [
            (
                panel["type"],
                panel["title"],
                panel["description"],
                panel["gridPos"],
                panel["fieldConfig"]["defaults"]["unit"],
                [step["color"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]],
                [(target["rawSql"], target["format"]) for target in panel["targets"]],
            )
            for panel in found
        ]

    assert len(panels(dashboards["dashgen"])) == 20
    for name, dashboard in dashboards.items():
        assert panels(dashboard) == panels(dashboards["dashgen"]), name
        assert (dashboard["title"], dashboard["uid"]) == ("Dashboard 1", "d1"), name


def test_the_page_and_the_chart_are_made_from_the_figures() -> None:
    figures = json.loads((ROOT / "docs" / "benchmarks.json").read_text())
    assert (ROOT / "docs" / "benchmarks.md").read_text() == page(figures)
    assert (ROOT / "docs" / "benchmarks.svg").read_text() == chart(figures)


@pytest.fixture
def figures() -> dict[str, Any]:
    """Of two peers, with figures that are easy to tell apart."""

    def runs(*processor: float, memory: float = 50e6) -> list[dict[str, float]]:
        return [Run(2 * one, one, memory, 1000)._asdict() for one in processor]

    def profile(count: int, peak: float) -> dict[str, Any]:
        found = [stages.Stage("start", 1, 1, 0, 0), stages.Stage("load", 1, 1, count * 10, 0)]
        return {"count": count, "stages": [s._asdict() for s in (*found, stages.Stage("write", 1, 1, 0, int(peak)))]}

    return {
        "machine": {"processor": "P", "cores": "2", "memory": "1 GiB", "system": "Linux", "python": "3.11"},
        "versions": {"dashgen": "1", "Foundation SDK": "2"},
        "runs": 3,
        "budget": 9,
        "loads": [0.5, 2.5],
        "results": [
            {"peer": "dashgen", "count": 1, "runs": runs(0.1, 0.1, 0.1)},
            {"peer": "dashgen", "count": 100, "runs": runs(0.9, 1.1, 1.0)},
            {"peer": "dashgen", "count": 1000, "runs": runs(10.0, 10.2, 10.1)},
            {"peer": "Foundation SDK", "count": 1, "runs": runs(0.1)},
            {"peer": "Foundation SDK", "count": 100, "runs": runs(2.0)},
            {"peer": "Foundation SDK", "count": 1000, "runs": runs(20.2)},
        ],
        "commands": [
            {"name": "dashgen --help", "runs": [{"processor": 60, "wall": 70}, {"processor": 62, "wall": 72}]}
        ],
        "profiles": [profile(100, 100 * 10 + 7), profile(1000, 1000 * 10 + 7 + 90)],
        "functions": {"count": 100, "stages": [{"processor": 2}], "functions": [["f.py:1 f", 200, 0.5]]},
    }


def test_targets_are_held_against_the_medians(figures: dict[str, Any]) -> None:
    found = {target.what: target for target in targets(Results(figures))}
    assert {what: (round(one.measured, 4), one.is_met) for what, one in found.items()} == {
        "share of the time of Foundation SDK, 1,000 dashboards": (0.5, False),
        "one more dashboard at 1,000, as a multiple of that at 100": (1.1011, True),
        "memory beyond the specs, a byte written": (0.1, True),
        "dashgen --help, of the wall": (71, True),
    }
    text = page(figures)
    assert "| share of the time of Foundation SDK, 1,000 dashboards | 0.33 | 0.50 | 150% | **missed** |" in text
    assert "| dashgen | 100.00 (100.00–100.00) | 10.00 (9.00–11.00) | 10.10 (10.00–10.20) |" in text
    assert "| Foundation SDK | 100.00 (1 run) |" in text
    assert "Load average during the run: 0.5 to 2.5. **The machine was busy" in text
    assert "| `f.py:1 f` | 2.0 | 25.0% |" in text
    assert Target("x", 1, 1).is_met


def test_what_no_trimming_takes_away_is_told(figures: dict[str, Any]) -> None:
    floor = [{"peer": "dict and orjson", "count": count, "runs": [Run(9, count / 200, 1, 1000)._asdict()]}
             for count in (1, 100, 1000)]  # fmt: skip
    figures["results"] += floor
    figures["versions"]["dict and orjson"] = "3"
    said = (
        "- 0.33 of what Foundation SDK takes is 6.73 ms a dashboard. The start takes 1.00, the objects of the specs, "
    )
    assert said in page(figures)
    assert "1.00, and dict and orjson, the floor, 5.00: together 7.00, 1.0 times as much." in page(figures)


def test_functions_are_listed_only_where_a_target_is_missed(figures: dict[str, Any]) -> None:
    figures["results"] = [one for one in figures["results"] if one["peer"] == "dashgen"]
    assert "Why a target is missed" not in page(figures)


def test_a_measurement_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    floor = Peer("floor", "floor", ("orjson",))
    said: list[str] = []

    def results(runs: int, budget: float = 60, *, resume: bool = True) -> list[tuple[str, int, list[Run]]]:
        return list(measure([floor], [1, 2], runs, budget, Store(path, {"of": 1}, resume=resume), said.append))

    first = results(1, resume=False)
    assert said == ["1 dashboards, run 1 of 1: floor", "2 dashboards, run 1 of 1: floor"]
    assert [(count, len(runs)) for _, count, runs in first] == [(1, 1), (2, 1)]
    assert results(1) == first
    assert len(said) == 2
    assert [runs[:1] for _, _, runs in results(2, budget=0)] == [runs for _, _, runs in first]
    assert len(said) == 2, "no further run, as both would take too long"
    assert [len(runs) for _, _, runs in results(2)] == [2, 2]
    with pytest.raises(OtherMeasurement):
        Store(path, {"of": 2}, resume=True)


def test_the_peak_is_that_of_the_command_and_its_children_alone(tmp_path: Path) -> None:
    ballast = bytearray(200_000_000)  # a fork of this process would begin with it
    ballast[::4096] = b"x" * len(ballast[::4096])

    def peak(code: str) -> float:
        return launched([sys.executable, "-I", "-S", "-c", code], tmp_path, tmp_path)[2] / 1e6

    assert peak("pass") < 40
    assert 100 < peak("x = b'x' * 100_000_000") < 150
    assert 100 < peak("import os; os.fork() or b'x' * 100_000_000; os.wait()") < 150
    with pytest.raises(RuntimeError, match=r"exits with 3: said"):
        launched([sys.executable, "-c", "print('said'); raise SystemExit(3)"], tmp_path, tmp_path)


def test_the_stages_of_a_build_are_those_of_the_command(tmp_path: Path) -> None:
    dashgen_build.write_specs(2, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.stages", "2", str(tmp_path / "staged"), "--functions"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    subprocess.run(dashgen_build.command(tmp_path), check=True, capture_output=True)
    told = json.loads(done.stdout)
    assert [stage["name"] for stage in told["stages"]] == ["start", "load", "check", "render", "validate", "write"]
    assert all(0 < stage["memory"] <= stage["peak"] for stage in told["stages"])
    assert len(told["functions"]) == stages.FUNCTIONS

    def files(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert files(tmp_path / "staged" / "build") == files(tmp_path / "build") != {}


SCALE = {
    "machine": {"processor": "P", "cores": "2", "memory": "1 GiB", "system": "Linux", "python": "3.11"},
    "results": [
        {"count": count, "commands": {key: [8 * count, 2 * count, 3e6 * count] for key in ROWS}, "size": [5e6, 1e6]}
        for count in (10, 20)
    ],
}


def test_the_page_of_scale_has_the_figures_of_the_largest_tree() -> None:
    text = scale_page(SCALE)
    assert "| `git status` | 20.0 | 40.0 | 80.0 | 160 | 30 | 60 |" in text
    assert "Trees of 10 and 20 dashboards" in text
    assert (
        "parse 20 files once takes 40.0 s of the processor in Python with orjson (measured): more than one core" in text
    )
    assert "git keeps 1 MB of 5 MB" in text
    assert scale_page(json.loads((ROOT / "docs" / "scale.json").read_text())) == (ROOT / "docs/scale.md").read_text()


def test_scale_is_measured_on_a_real_tree(tmp_path: Path) -> None:
    assert scale.main(["measure", "--counts", "2", "--out", str(tmp_path), "--scratch", str(tmp_path / "runs")]) == 0
    (told,) = json.loads((tmp_path / "scale.json").read_text())["results"]
    assert told["count"] == 2
    assert told["commands"].keys() == ROWS.keys()
    assert all(memory > 1e6 for _, _, memory in told["commands"].values())
    tree, kept = told["size"]
    assert 2 * 30_000 < tree < 2 * 60_000
    assert kept > 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["scale.jsonl"]


def test_the_page_of_checks_and_back_tests_is_made_from_the_figures() -> None:
    figures = json.loads((ROOT / "docs" / "checking-at-scale.json").read_text())
    assert (ROOT / "docs" / "checking-at-scale.md").read_text() == checking_at_scale.page(figures)
