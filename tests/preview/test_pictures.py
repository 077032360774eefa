"""Pictures and pages with their data inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashgen.preview.chromium import Chromium
from dashgen.preview.errors import PreviewError
from dashgen.preview.pictures import Picture, PictureStyle, take, write_page
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import Served, dashboard, loaded, panel, target
from tests.preview.test_live import demo
from tests.scratch import dashgen, specs

pytestmark = pytest.mark.questdb
Json = dict[str, Any]
SERIES = (
    "SELECT cast(cast($__fromTime AS LONG) + x * 600000000L AS TIMESTAMP) AS time, concat('h', x % 3) AS metric,"
    " x % 7 AS value FROM long_sequence(36)"
)


@pytest.fixture(scope="module")
def served(questdb: EmbeddedQuestDB) -> Iterator[Served]:
    hosts = {"name": "host", "type": "custom", "query": "a,b,c", "multi": True, "current": {"value": ["a", "b"]}}
    panels = [
        panel(1, target(SERIES), title="Over time"),
        panel(2, target("SELECT 4711 AS n", format_=1), type="stat", title="A number"),
        panel(3, target("SELECT '$host' AS host", format_=1), type="table", title="Of $host", repeat="host"),
    ]
    panels[1]["gridPos"] = {"x": 12, "y": 0, "w": 12, "h": 8}
    panels[2]["gridPos"] = {"x": 0, "y": 8, "w": 24, "h": 6}
    broken = dashboard(panel(1, target("SELECT nope"), title="Broken"), uid="broken")
    with Served(questdb.readonly_dsn, loaded([dashboard(*panels, variables=[hosts]), broken])) as running:
        yield running


def taken(
    served: Served, folder: Path, style: PictureStyle, chromium: Chromium, dashboards: tuple[str, ...] = ("one",),
    panels: tuple[str, ...] = (),
) -> dict[str, bytes]:  # fmt: skip
    told: list[Picture] = []
    work = take(served.session, served.server, folder, style, dashboards, panels, chromium, told.append)
    made = served.do(work)
    assert list(made) == told
    return {picture.path.name: picture.path.read_bytes() for picture in made}


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_the_same_bytes_twice(served: Served, chromium: Chromium, tmp_path: Path) -> None:
    style = PictureStyle(width=900)
    first = taken(served, tmp_path / "a" / "b", style, chromium)
    assert list(first) == ["one.png"]
    assert size(first["one.png"])[0] == 900
    assert taken(served, tmp_path, style, chromium) == first
    light = taken(served, tmp_path, PictureStyle(width=900, theme="light"), chromium)
    assert size(light["one.png"]) == size(first["one.png"])
    assert light != first
    assert taken(served, tmp_path, PictureStyle(width=900, span=("now-1h", "now")), chromium) != first


def test_pictures_of_panels(served: Served, chromium: Chromium, tmp_path: Path) -> None:
    style = PictureStyle(width=500)
    made = taken(served, tmp_path, style, chromium, panels=("A *", "1"))
    assert {name: size(png) for name, png in made.items()} == {
        "one-1-over-time.png": (500, 400), "one-2-a-number.png": (500, 400),
    }  # fmt: skip
    high = taken(served, tmp_path, PictureStyle(width=500, height=200), chromium, panels=("A number",))
    assert size(high["one-2-a-number.png"]) == (500, 200)
    with pytest.raises(PreviewError, match="no panel is called 'Nothing'") as raised:
        taken(served, tmp_path, style, chromium, panels=("Nothing",))
    assert "A number" in raised.value.hint
    with pytest.raises(PreviewError, match="there is no dashboard 'two'"):
        taken(served, tmp_path, style, chromium, dashboards=("two",))


def test_a_panel_that_fails_is_counted(served: Served, chromium: Chromium, tmp_path: Path) -> None:
    work = take(
        served.session, served.server, tmp_path, PictureStyle(width=600), ("broken",), (), chromium, lambda one: None
    )
    (picture,) = served.do(work)
    assert picture.failed == 1


def test_a_page_with_its_data_inside(served: Served, chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "page.html"
    work = write_page(served.session, served.server, path, PictureStyle(width=900), ("one",), chromium)
    assert served.do(work) == path.stat().st_size
    again = tmp_path / "again.html"
    served.do(write_page(served.session, served.server, again, PictureStyle(width=900), ("one",), chromium))
    assert again.read_bytes() == path.read_bytes()
    text = path.read_text()
    assert served.server.token not in text
    assert f":{served.server.port}" not in text  # five digits alone are in it now and then
    with chromium.page(900, 700) as page:
        page.go(f"file://{path}")
        page.wait("document.documentElement.dataset.ready === 'true'")
        shown = page.evaluate("document.body.innerText")
        assert "4711" in shown
        assert "Of a" in shown
        assert "Of b" in shown
        assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert (page.errors, page.violations, page.dialogs) == ([], [], [])


def test_texts_of_the_data_stay_data(questdb: EmbeddedQuestDB, chromium: Chromium, tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script><!--<script>\u2028"
    sql = f"SELECT '{hostile}' AS name"
    board = dashboard(panel(1, target(sql, format_=1), type="table", title=hostile))
    board["title"] = hostile
    with Served(questdb.readonly_dsn, loaded([board])) as served:
        path = tmp_path / "page.html"
        served.do(write_page(served.session, served.server, path, PictureStyle(), (), chromium))
    with chromium.page(900, 700) as page:
        page.go(f"file://{path}")
        page.wait("document.documentElement.dataset.ready === 'true'")
        assert "alert(1)" in page.evaluate("document.body.innerText")
        assert (page.errors, page.violations, page.dialogs) == ([], [], [])


def test_the_command_makes_the_same_pictures_twice(chromium: Chromium, tmp_path: Path) -> None:
    more = ', TimeSeries("Load", "SELECT timestamp AS time, host AS metric, v AS value FROM load WHERE '
    more += '$__timeFilter(timestamp)", description="d", key="load")'
    specs(tmp_path, demo(shown=more))
    asked = ("--at", "2025-01-31T12:00", "--hours", "0.5", "--range", "15m", "--width", "700", "--format", "json")
    first = dashgen(tmp_path, "preview", "--png", "one", "--html", "page.html", *asked)
    assert first.code == 0, first.err
    made = json.loads(first.out)
    assert made["at"] == 1_738_324_800_000
    assert [(one["path"], one.get("failed")) for one in made["files"]] == [("one/x.png", 0), ("page.html", None)]
    second = dashgen(tmp_path, "preview", "--png", "two", *asked)
    assert second.code == 0, second.err
    assert (tmp_path / "one" / "x.png").read_bytes() == (tmp_path / "two" / "x.png").read_bytes()
