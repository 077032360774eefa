"""Peers draw the same dashboards, and docs/benchmarks.md says what was measured."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from benchmarks.caches import CACHES
from benchmarks.peers import dashgen_build
from benchmarks.peers.measure import PEERS
from benchmarks.peers.report import chart, page

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
