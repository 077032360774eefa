"""What panels look like, held against a small picture of them that was looked at: `looks.png`.

Letters differ between versions of Chromium and of fonts, so pictures are compared at an eighth of their size, and a
share of the pixels may differ. `python -m tests.preview.test_looks` writes the picture anew; look at it before you
commit it.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

import pytest

from dashgen.preview.chromium import Chromium
from tests.preview.drawn import opened
from tests.preview.pages import Json, answer, dashboard, data, frame, minutes, panel, series

REFERENCE = Path(__file__).with_name("looks.png")
WIDTH, HEIGHT = 1000, 640
SMALL = (125, 80)
PLACES = {"timeseries": (0, 0), "state-timeline": (1, 0), "table": (0, 1), "bargauge": (1, 1)}
"""Column and row of each panel; each has a quarter of the page."""
FAR = 40
"""Of 255: a difference of one channel that is more than that of a letter's edge."""
LIMIT = 0.06
Pixels = list[int]

UP_AND_DOWN = [
    {"type": "value", "options": {"0": {"text": "UP", "color": "green"}, "1": {"text": "DOWN", "color": "red"}}}
]


def page_data(lines: Json) -> Json:
    states = frame(
        {"time": minutes(), "a": [0] * 30 + [1] * 30, "b": [1] * 60}, {"a": {"host": "h1"}, "b": {"host": "h2"}}
    )
    rows = frame({"host": ["a", "b", "c", "d"], "state": [0, 1, 0, 1]})
    bars = frame({"name": ["a", "b", "c"], "value": [90.0, 45.0, 10.0]})
    colored = {"matcher": {"id": "byName", "options": "state"},
               "properties": [{"id": "custom.cellOptions", "value": {"type": "color-background"}},
                              {"id": "mappings", "value": UP_AND_DOWN}]}  # fmt: skip
    given: dict[str, tuple[Json, Json]] = {
        "timeseries": ({"fieldConfig": {"defaults": {"custom": {"fillOpacity": 60}}, "overrides": []}}, lines),
        "state-timeline": (
            {"fieldConfig": {"defaults": {"mappings": UP_AND_DOWN, "custom": {"fillOpacity": 100}}, "overrides": []}},
            states,
        ),
        "table": ({"fieldConfig": {"defaults": {}, "overrides": [colored]}}, rows),
        "bargauge": (
            {"options": {"reduceOptions": {"values": True, "calcs": [], "fields": ""}, "orientation": "horizontal",
                         "displayMode": "basic"},
             "fieldConfig": {"defaults": {"links": [{"title": "More", "url": "/d/other"}]}, "overrides": []}},
            bars,
        ),
    }  # fmt: skip
    panels, answers = [], {}
    for number, (kind, (more, rows_of_it)) in enumerate(given.items(), 1):
        column, row = PLACES[kind]
        made = panel(kind, number, title="", **more)
        made["gridPos"] = {"x": 12 * column, "y": 8 * row, "w": 12, "h": 8}
        panels.append(made)
        answers[str(number)] = answer(rows_of_it)
    return data(dashboard(*panels), answers)


def small_picture(chromium: Chromium, folder: Path, given: Json) -> bytes:
    """A PNG of the page, made small by the browser."""
    with opened(chromium, folder, given, width=WIDTH, query="?kiosk&all") as page:
        page.resize(WIDTH, HEIGHT)
        whole = page.screenshot(full=False)
    return base64.b64decode(_on_canvas(chromium, whole, "c.toDataURL('image/png').split(',')[1]"))


def pixels(chromium: Chromium, png: bytes) -> Pixels:
    found: Pixels = json.loads(_on_canvas(chromium, png, "JSON.stringify([...x.getImageData(0, 0, W, H).data])"))
    return found


def _on_canvas(chromium: Chromium, png: bytes, result: str) -> str:
    width, height = SMALL
    with chromium.page(200, 200) as page:
        found: str = page.evaluate(
            f"""(async () => {{ const W = {width}, H = {height}, i = new Image();
            i.src = 'data:image/png;base64,{base64.b64encode(png).decode()}'; await i.decode();
            const c = document.createElement('canvas'); c.width = W; c.height = H;
            const x = c.getContext('2d'); x.imageSmoothingQuality = 'high'; x.drawImage(i, 0, 0, W, H);
            return {result}; }})()"""
        )
    return found


def difference(one: Pixels, other: Pixels, kind: str) -> float:
    """Share of the pixels of a panel that differ."""
    width, height = SMALL
    column, row = PLACES[kind]
    far = 0
    for y in range(row * height // 2, (row + 1) * height // 2):
        for x in range(column * width // 2, (column + 1) * width // 2):
            at = 4 * (y * width + x)
            far += any(abs(a - b) > FAR for a, b in zip(one[at : at + 3], other[at : at + 3], strict=True))
    return far / (width // 2 * (height // 2))


@pytest.fixture(scope="module")
def reference(chromium: Chromium) -> Pixels:
    return pixels(chromium, REFERENCE.read_bytes())


@pytest.fixture(scope="module")
def drawn(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Pixels:
    return pixels(chromium, small_picture(chromium, tmp_path_factory.mktemp("looks"), page_data(series(3))))


@pytest.mark.parametrize("kind", PLACES)
def test_a_panel_looks_as_it_did(reference: Pixels, drawn: Pixels, kind: str) -> None:
    assert difference(reference, drawn, kind) <= LIMIT


def test_other_series_look_otherwise(chromium: Chromium, reference: Pixels, tmp_path: Path) -> None:
    """The limit is not so wide that nothing goes beyond it."""
    other = pixels(chromium, small_picture(chromium, tmp_path, page_data(series(1))))
    assert difference(reference, other, "timeseries") > 2 * LIMIT
    assert difference(reference, other, "table") <= LIMIT


if __name__ == "__main__":
    with Chromium(timeout=60) as browser, tempfile.TemporaryDirectory() as made:
        REFERENCE.write_bytes(small_picture(browser, Path(made), page_data(series(3))))
