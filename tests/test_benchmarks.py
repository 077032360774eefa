"""Peers draw the same dashboards, and docs/benchmarks.md says what was measured."""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import dashgen_build
from benchmarks.peers.measure import PEERS
from benchmarks.peers.report import chart, page

ROOT = Path(__file__).resolve().parents[1]


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
