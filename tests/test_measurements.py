"""docs/queries.md and docs/capacity.md say what was measured, and what missed its target."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import benchmarks.capacity.page
import benchmarks.queries.page
from benchmarks.capacity.sizes import gigabytes, series
from benchmarks.markdown import load_line, p95
from benchmarks.viewers import requests
from dashgen.model.tables.table import table_of
from specs import PROJECT
from specs.demo import DEFAULTS, DEMOS
from tests.specs.grafana import queries

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("module", [benchmarks.queries.page, benchmarks.capacity.page], ids=["queries", "capacity"])
def test_the_pages_of_measurements_are_made_from_their_figures(module: ModuleType) -> None:
    name = module.__name__.split(".")[1]
    figures = json.loads((ROOT / "docs" / f"{name}.json").read_text())
    assert (ROOT / "docs" / f"{name}.md").read_text() == module.page(figures)


def figures_of(*, ms: float, refused: bool = False) -> dict[str, Any]:
    """Of one query, one dashboard and one load."""
    found: dict[str, Any] = {"refusal": "Invalid column: x"} if refused else {"ms": [ms] * 3, "rows": 7}
    query = {
        "query": "b › P", "dashboard": "b", "kind": "stat", "name": "P", "plan": "",
        "found": {str(hours): found for hours in (1, 24, 168, 720)},
    }  # fmt: skip
    return {
        "machine": {"processor": "x", "cores": "2", "memory": "1 GiB", "system": "Linux", "python": "3"},
        "questdb": "9", "loads": [0.5, 1.0], "runs": 3, "days": 30,
        "tables": [{"name": "t", "rows": 5, "bytes": 10**6}],
        "floor": {"ms": [0.1]}, "shipped": [query], "draft": [], "plans": {"b › P": "Sort"} if ms > 50 else {},
        "viewers": [{"dashboard": "b", "hours": 6, "queries": 1, "loads": [
            {"seconds": ms / 10, "waited": ms / 100, "failures": []}
        ]}],
    }  # fmt: skip


def test_the_page_says_what_misses_its_target() -> None:
    good = benchmarks.queries.page.page(figures_of(ms=20))
    assert "at most 50 ms: 1 of 1 queries. Met." in good
    assert "issed" not in good
    slow = benchmarks.queries.page.page(figures_of(ms=300))
    assert "at most 50 ms: 0 of 1 queries. **Missed**: b › P (300.0 (300.0) ms, best 300.0)." in slow
    assert "A whole load of b within 3 s, of 95 in 100: **missed**." in slow
    assert "b › P:\n\n    Sort\n" in slow
    assert "0 of 1 queries. **Missed**" in benchmarks.queries.page.page(figures_of(ms=0, refused=True))


def test_a_busy_machine_is_told() -> None:
    assert "busy" in load_line([1.0, 9.0], 4.0)
    assert "busy" not in load_line([1.0, 3.0], 4.0)
    assert load_line([1.0] * 8 + [9.0] * 4, 4.0) == "Load average during the run: 1.0 to 9.0, median 1.0."
    assert "median 9.0. **The machine was busy" in load_line([1.0] * 4 + [9.0] * 8, 4.0)
    assert (p95([5.0]), p95([1.0] * 99 + [9.0])) == (5.0, 1.0)


def test_viewers_ask_each_query_of_a_dashboard_once() -> None:
    for uid in {one.dashboard for one in queries("questdb")}:
        variables, rest = requests(uid)
        asked = [one for request in (*variables, *rest) for one in request]
        assert sorted(map(id, asked)) == sorted(id(one) for one in queries("questdb") if one.dashboard == uid)
        assert {request[0].kind for request in variables} <= {"variable"}


def test_capacity_knows_each_table_and_view() -> None:
    tables = [table_of(cls) for cls in PROJECT.tables]
    shipped = series(DEFAULTS["hosts"], DEFAULTS["symbols"])
    assert set(shipped) == {name for table in tables for name in (table.name, *(view.name for view in table.views))}
    assert {demo.table.name: demo.count(DEFAULTS) for demo in DEMOS} == {
        table.name: shipped[table.name][0] for table in tables
    }
    each = [{"table": name, "rows": 10, "bytes": 600} for name in shipped]
    assert gigabytes(each, 5, 20, 90)["pipeline_metrics"] == pytest.approx(60 * 240 * 8640 * 90 / 1e9)
