"""Panels that others have published, drawn with rows made up for their kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dashgen.preview.chromium import Chromium
from tests.preview.drawn import opened
from tests.preview.pages import Json, answer, dashboard, data, frame, minutes

SOURCES = Path(__file__).resolve().parents[2].parent / "shared" / "dashboards"
OVER_TIME = {"timeseries", "state-timeline", "status-history", "heatmap", "candlestick", "stat", "gauge", "bargauge"}
EVERY = 3
"""Of the panels that differ, so that one page holds them."""


def _every(panels: list[Json] | None) -> Iterator[Json]:
    for panel in panels or []:
        yield panel
        yield from _every(panel.get("panels"))


def _different() -> list[Json]:
    """Panels whose options, custom field config or transformations no other has."""
    found: dict[str, Json] = {}
    for path in sorted(SOURCES.glob("*/*.json")):
        given: dict[str, Any] = json.loads(path.read_text())
        for panel in _every(given.get("dashboard", given).get("panels")):
            if panel.get("type", "row") == "row":
                continue
            custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom")
            steps = [step["id"] for step in panel.get("transformations", [])]
            found.setdefault(json.dumps([panel["type"], panel.get("options"), custom, steps], sort_keys=True), panel)
    return list(found.values())


def _rows(kind: str) -> Json:
    if kind in OVER_TIME:
        columns: dict[str, Sequence[object]] = {
            "time": minutes(20),
            "a#1": [float(i) for i in range(20)],
            "a#2": [None, 2.5] * 10,
        }
        return frame(columns, {"a#1": {"host": "h1"}, "a#2": {"host": "h2"}})
    return frame({"name": ["a", "b", "c"], "value": [1.0, 2.0, None], "other": [5.0, 3.0, 2.0]})


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the published dashboards are not beside this checkout")
def test_each_is_drawn(chromium: Chromium, tmp_path: Path) -> None:
    panels = []
    for number, panel in enumerate(_different()[::EVERY], 1):
        place = {"x": (number - 1) % 4 * 6, "y": (number - 1) // 4 * 6, "w": 6, "h": 6}
        kept = {key: value for key, value in panel.items() if key not in {"repeat", "libraryPanel", "panels"}}
        panels.append(kept | {"id": number, "gridPos": place, "targets": [{"refId": "A"}]})
    assert len(panels) > 100
    given = data(dashboard(*panels), {str(p["id"]): answer(_rows(p["type"])) for p in panels})
    with opened(chromium, tmp_path, given, width=1600) as page:
        broken = page.evaluate(
            "[...document.querySelectorAll('[data-panel-kind]')].filter((e) => e.innerText.includes('could not draw'))"
            ".map((e) => `${e.dataset.panelKind}: ${e.innerText}`)"
        )
        assert broken == []
        drawn = page.evaluate("[document.documentElement.dataset.panels, document.documentElement.dataset.failed]")
        assert drawn == [str(len(panels)), "0"]
