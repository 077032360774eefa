"""What the page does: variables, ranges, refresh, rows, repeats, links, the inspector, and specs that change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashgen.preview.chromium import Chromium, Page
from tests.preview.drawn import Drawn
from tests.preview.page_server import PageServer
from tests.preview.pages import FROM, NOW, Json, answer, dashboard, frame, panel, series

Opened = Callable[..., tuple[Page, PageServer]]
READY = "document.documentElement.dataset.ready === 'true'"


@pytest.fixture(scope="module")
def window(chromium: Chromium) -> Iterator[tuple[Page, PageServer]]:
    """One tab and one server for all: what the browser has once read of the page's script it keeps."""
    with PageServer({}).running() as server, chromium.page(1200, 900) as page:
        yield page, server


@pytest.fixture
def opened(window: tuple[Page, PageServer]) -> Opened:
    """Opens the dashboard `board` of a server that answers as it is told."""
    page, server = window

    def open_page(board: Json, search: str = "", *, path: str = "/d/board", **answers: Any) -> tuple[Page, PageServer]:
        boards = answers.pop("boards", {})
        page.go("about:blank")
        server.reset({"board": board, **boards}, **answers)
        page.go(f"{server.url}{path}{search or '?'}&opening={server.opening}")
        page.wait(READY)
        return page, server

    return open_page


def place(one: Json, x: int, y: int, w: int = 12, h: int = 8) -> Json:
    return one | {"gridPos": {"x": x, "y": y, "w": w, "h": h}}


def address(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(
        "Object.fromEntries([...new Set(new URLSearchParams(location.search).keys())].map((k) =>"
        " [k, new URLSearchParams(location.search).getAll(k)]))"
    )
    return found


def boxes(page: Page) -> dict[str, list[int]]:
    """Left, top, width and height of each panel by its key."""
    found: dict[str, list[int]] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-panel-key]')].map((e) => { const r ="
        " e.getBoundingClientRect(); return [e.dataset.panelKey, [r.x, r.y, r.width, r.height].map(Math.round)]; }))"
    )
    return found


def until_asked(page: Page, server: PageServer, times: int) -> None:
    """Waits for so many queries."""
    end = time.monotonic() + 120
    while len(server.asked["query"]) < times and time.monotonic() < end:
        page.evaluate("new Promise((r) => setTimeout(r, 50))")
    assert len(server.asked["query"]) >= times


HOSTS = ("a", "b", "c")


def variable(name: str, values: tuple[str, ...], current: object, *, multi: bool = False, **more: object) -> Json:
    """One as the server answers it."""
    options = [{"text": v, "value": v, "selected": v == current} for v in values]
    if more.get("includeAll"):
        options.insert(0, {"text": "All", "value": "$__all", "selected": current == "$__all"})
    text = "All" if current in ("$__all", ["$__all"]) else current
    return {
        "name": name,
        "type": "query",
        "multi": multi,
        "options": options,
        "current": {"text": text, "value": current},
        **more,
    }


def resolved(asked: Json) -> Json:
    """`host` is one of three, or all of them; `disk` is a disk of the host."""
    given = asked["variables"].get("host", "a")
    host = given if given == ["$__all"] or given == "$__all" else ([given] if isinstance(given, str) else given)
    first = "all" if host in ("$__all", ["$__all"]) else host[0]
    disks = (f"{first}-disk-1", f"{first}-disk-2")
    disk = asked["variables"].get("disk")
    return {
        "variables": [
            variable("host", HOSTS, host, multi=True, includeAll=True),
            variable("disk", disks, disk if disk in disks else disks[0]),
        ]
    }


TEMPLATING = {
    "list": [{"name": "host", "type": "query", "includeAll": True, "multi": True}, {"name": "disk", "type": "query"}]
}
USES_DISK = [{"refId": "A", "rawSql": "SELECT ${disk}"}]


class TestVariables:
    def test_a_choice_is_asked_for_kept_in_the_address_and_leads_to_others(self, opened: Opened) -> None:
        board = dashboard(
            place(panel("timeseries", 1, targets=USES_DISK), 0, 0),
            place(panel("stat", 2), 12, 0),
            templating=TEMPLATING,
        )
        page, server = opened(board, "?var-host=b", variables=resolved)
        assert [q["variables"] for q in server.asked["query"]] == [{"host": ["b"], "disk": "b-disk-1"}] * 2
        server.asked["query"].clear()
        page.click("[data-testid=variable-disk] input")
        page.wait("!!document.querySelector('[role=option]')")
        page.evaluate("[...document.querySelectorAll('[role=option]')].find((e) => e.innerText === 'b-disk-2').click()")
        page.wait("location.search.includes('b-disk-2')")
        page.wait(READY)
        assert address(page)["var-disk"] == ["b-disk-2"]
        # the other panel does not say `disk`
        assert [(q["panelId"], q["variables"]["disk"]) for q in server.asked["query"]] == [(1, "b-disk-2")]

    def test_a_value_that_is_gone_gives_way(self, opened: Opened) -> None:
        page, server = opened(
            dashboard(panel("stat"), templating=TEMPLATING), "?var-host=b&var-disk=a-disk-1", variables=resolved
        )
        assert server.asked["query"][-1]["variables"]["disk"] == "b-disk-1"
        assert address(page)["var-disk"] == ["b-disk-1"]

    def test_all(self, opened: Opened) -> None:
        page, server = opened(
            dashboard(panel("stat", title="of $host"), templating=TEMPLATING), "?var-host=All", variables=resolved
        )
        assert server.asked["variables"][0]["variables"]["host"] == "$__all"
        assert "of {a,b,c}" in Drawn(page).text

    def test_several(self, opened: Opened) -> None:
        page, server = opened(
            dashboard(panel("stat", title="of $host"), templating=TEMPLATING),
            "?var-host=a&var-host=c",
            variables=resolved,
        )
        assert server.asked["query"][0]["variables"]["host"] == ["a", "c"]
        assert "of {a,c}" in Drawn(page).text


class TestRange:
    def test_the_address_says_the_range(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("timeseries")), "?from=now-30m&to=now")
        asked = server.asked["query"][0]
        assert (asked["from"], asked["to"]) == (NOW - 1_800_000, NOW)
        assert asked["range"] == {"from": "now-30m", "to": "now"}
        toolbar = Drawn(page, "[data-testid=toolbar]")
        assert "Last 30 minutes" in toolbar.text
        assert toolbar.count("[aria-label='Move time range backwards'] svg g[transform^='matrix(-1']") == 1

    def test_dragging_over_a_chart_zooms(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("timeseries")))
        left, top, width, height = page.evaluate(
            "(() => { const r = document.querySelector('.u-over').getBoundingClientRect();"
            " return [r.x, r.y, r.width, r.height]; })()"
        )
        page.drag((left + width / 4, top + height / 2), (left + width * 3 / 4, top + height / 2))
        page.wait("/from=\\d+/.test(location.search)")
        page.wait(READY)
        asked = server.asked["query"][-1]
        quarter = (NOW - FROM) / 4
        assert asked["from"] == pytest.approx(FROM + quarter, abs=quarter / 20)
        assert asked["to"] == pytest.approx(NOW - quarter, abs=quarter / 20)

    def test_a_panel_has_a_range_of_its_own(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("timeseries", timeFrom="10m", timeShift="1h")))
        asked = server.asked["query"][0]
        assert (asked["from"], asked["to"]) == (NOW - 4_200_000, NOW - 3_600_000)
        assert "Last 10 minutes timeshift -1h" in Drawn(page, "[data-testid=panel-range]").text

    def test_quick_ranges_and_a_typed_one(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("timeseries")))
        page.click("[data-testid='data-testid TimePicker Open Button']")
        page.wait("[...document.querySelectorAll('label')].some((e) => e.innerText === 'Last 3 hours')")
        page.evaluate("[...document.querySelectorAll('label')].find((e) => e.innerText === 'Last 3 hours').click()")
        page.wait("location.search.includes('now-3h')")
        page.wait(READY)
        assert server.asked["query"][-1]["from"] == NOW - 3 * 3_600_000

    def test_refresh_asks_again(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("stat")), "?refresh=100ms", now=None)
        until_asked(page, server, 3)

    def test_a_refresh_waits_for_queries_that_are_slower_than_it(self, opened: Opened) -> None:
        running: list[int] = [0]
        most: list[int] = []

        def slowly(asked: Json) -> Json:
            running[0] += 1
            most.append(running[0])
            time.sleep(0.25)
            running[0] -= 1
            return answer(series(1))

        page, server = opened(dashboard(panel("stat")), "?refresh=50ms", now=None, query=slowly)
        until_asked(page, server, 3)
        assert max(most) == 1

    def test_panels_leave_connections_for_other_questions(self, opened: Opened) -> None:
        """A browser has six to a server, and the events take one."""
        running: list[int] = [0]
        most: list[int] = []
        lock = threading.Lock()

        def slowly(asked: Json) -> Json:
            with lock:
                running[0] += 1
                most.append(running[0])
            time.sleep(0.2)
            with lock:
                running[0] -= 1
            return answer(series(1))

        panels = [place(panel("stat", n), 2 * (n - 1), 0, 2, 4) for n in range(1, 13)]
        _, server = opened(dashboard(*panels), query=slowly)
        assert max(most) <= 4
        assert sorted(q["panelId"] for q in server.asked["query"]) == list(range(1, 13))

    def test_a_page_that_is_not_seen_listens_to_nothing_and_asks_when_it_returns(self, opened: Opened) -> None:
        hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
        tell = "document.dispatchEvent(new Event('visibilitychange'))"
        page, server = opened(dashboard(panel("stat", title="Before")))
        page.evaluate(f"{hide % 'true'} {tell}")
        server.boards["board"] = dashboard(panel("stat", title="After"))
        server.change("board")
        page.evaluate("new Promise((r) => setTimeout(r, 200))")
        assert "Before" in Drawn(page).text
        page.evaluate(f"{hide % 'false'} {tell}")
        page.wait("document.body.innerText.includes('After')")


class TestLayout:
    def test_a_row_collapses_and_opens(self, opened: Opened) -> None:
        row = {"id": 9, "type": "row", "title": "Row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}, "collapsed": True}
        row["panels"] = [place(panel("stat", 2), 0, 1)]
        page, server = opened(dashboard(row))
        assert server.asked["query"] == []
        page.click("[data-row] > button[aria-expanded=false]")
        page.wait("!!document.querySelector('[data-panel-id=\"2\"]')")
        page.wait(READY)
        assert [q["panelId"] for q in server.asked["query"]] == [2]
        page.click("[data-row] > button[aria-expanded=true]")
        page.wait("!document.querySelector('[data-panel-id=\"2\"]')")

    def test_a_panel_is_repeated_beside_itself(self, opened: Opened) -> None:
        repeated = panel("stat", 1, repeat="host", repeatDirection="h", maxPerRow=2, title="of $host")
        below = place(panel("stat", 2), 0, 8)
        board = dashboard(place(repeated, 0, 0), below, templating=TEMPLATING)
        page, server = opened(board, "?var-host=$__all&all", variables=resolved)
        assert sorted(q["scopedVars"].get("host", "") for q in server.asked["query"]) == ["", "a", "b", "c"]
        seen = boxes(page)
        (ax, ay, aw, _), (bx, by, _, _), (cx, cy, _, _) = (seen[f"1/{v}"] for v in HOSTS)
        assert (ax, ay) == (cx, by - (by - ay)) == (ax, by)
        assert bx - ax > aw
        assert cy - ay == 8 * 38
        assert seen["2"][1] - cy == 8 * 38
        assert [t for t in ("of a", "of b", "of c") if t not in Drawn(page).text] == []

    @pytest.mark.parametrize(("asked", "host"), [("1/b", "b"), ("1", "a")])
    def test_a_copy_alone_has_its_own_value(self, opened: Opened, asked: str, host: str) -> None:
        board = dashboard(panel("stat", 1, repeat="host", title="of $host"), templating=TEMPLATING)
        page, server = opened(board, f"?var-host=$__all&viewPanel={asked}", variables=resolved)
        assert [q["scopedVars"] for q in server.asked["query"]] == [{"host": host}]
        assert f"of {host}" in Drawn(page).text

    def test_a_row_is_repeated_with_its_panels(self, opened: Opened) -> None:
        row = {
            "id": 9,
            "type": "row",
            "title": "Row of $host",
            "repeat": "host",
            "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1},
        }
        board = dashboard(row, place(panel("stat", 1), 0, 1), templating=TEMPLATING)
        page, server = opened(board, "?var-host=a&var-host=c&all", variables=resolved)
        assert page.evaluate("[...document.querySelectorAll('[data-row] > button')].map((e) => e.innerText)") == [
            "Row of a",
            "Row of c",
        ]
        assert sorted(q["scopedVars"]["host"] for q in server.asked["query"]) == ["a", "c"]

    def test_a_panel_out_of_view_is_asked_for_when_it_comes_into_view(self, opened: Opened) -> None:
        far = place(panel("stat", 2), 0, 60)
        page, server = opened(dashboard(place(panel("text", 3), 0, 0, 24, 60), far))
        assert server.asked["query"] == []
        page.evaluate("window.scrollTo(0, 3000)")
        page.wait("document.querySelector('[data-panel-id=\"2\"]').dataset.panelDrawn === 'true'")
        assert [q["panelId"] for q in server.asked["query"]] == [2]

    def test_one_panel_fills_the_window(self, opened: Opened) -> None:
        board = dashboard(place(panel("stat", 1), 0, 0, 4, 4), place(panel("stat", 2), 4, 0, 4, 4))
        page, _ = opened(board, "?viewPanel=2&kiosk")
        seen = boxes(page)
        assert list(seen) == ["2"]
        assert seen["2"][2] > 1100
        assert page.evaluate("document.documentElement.scrollHeight") <= 900
        assert not page.evaluate("document.querySelector('header')")


class TestLinks:
    def test_data_links_panel_links_and_dashboard_links_lead_to_the_other_previews(self, opened: Opened) -> None:
        link = {
            "title": "More of ${__data.fields.host}",
            "url": "/d/other?${__url_time_range}&var-host=${__data.fields.host}&var-env=${env}",
        }
        rule = {"matcher": {"id": "byName", "options": "host"}, "properties": [{"id": "links", "value": [link]}]}
        one = panel(
            "table", fieldConfig={"defaults": {}, "overrides": [rule]}, links=[{"title": "Panel", "url": "/d/other"}]
        )
        leads = [{"type": "dashboards", "title": "All", "tags": ["t"], "keepTime": True, "includeVars": True}]
        board = dashboard(one, links=leads, templating={"list": [{"name": "env", "type": "query"}]})
        page, _ = opened(
            board, "?from=now-1h&to=now",
            boards={"other": dashboard(uid="other", title="Other", tags=["t"]) | {"uid": "other"}},
            query=lambda asked: answer(frame({"host": ["a b"], "n": [1]})),
            variables=lambda asked: {"variables": [variable("env", ("prod",), "prod")]},
        )  # fmt: skip
        hrefs = page.evaluate(
            "[...document.querySelectorAll('[data-panel-id] a, [data-testid=dashboard-link]')]"
            ".map((a) => a.pathname + a.search)"
        )
        assert "/d/other?from=now-1h&to=now&var-env=prod" in hrefs
        assert "/d/other" in hrefs
        assert "/d/other?from=now-1h&to=now&var-host=a%20b&var-env=prod" in hrefs
        page.click("[data-testid=dashboard-link]")
        page.wait("document.title.startsWith('Other')")
        assert page.evaluate("performance.getEntriesByType('navigation').length") == 1

    def test_a_band_of_a_timeline_leads_to_where_its_series_links(self, opened: Opened) -> None:
        link = {"title": "Host ${__field.labels.host}", "url": "/d/other?var-host=${__field.labels.host}"}
        one = panel("state-timeline", fieldConfig={"defaults": {"links": [link]}, "overrides": []})
        page, _ = opened(dashboard(one), boards={"other": dashboard(title="Other") | {"uid": "other"}})
        page.click(".u-over")
        page.wait("!!document.querySelector('[data-testid=chart-tooltip] a')")
        said = Drawn(page, "[data-testid=chart-tooltip]")
        assert "Host host-00" in said.text
        page.click("[data-testid=chart-tooltip] a")
        page.wait("document.title.startsWith('Other') && location.search.includes('var-host=host-00')")

    def test_the_list(self, opened: Opened) -> None:
        page, _ = opened(dashboard(panel("stat")), path="/")
        assert "Folder" in Drawn(page).text
        page.click("a[href='/d/board']")
        page.wait("!!document.querySelector('[data-panel-id]')")


class TestInspector:
    def test_it_shows_the_sql_rows_and_time(self, opened: Opened) -> None:
        page, _ = opened(dashboard(panel("timeseries")))
        page.evaluate("document.querySelector('[data-panel-id] section').focus()")
        page.click("[data-testid^='data-testid Panel menu']")
        page.wait("[...document.querySelectorAll('[role=menuitem]')].some((e) => e.innerText.includes('Inspect'))")
        page.evaluate(
            "[...document.querySelectorAll('[role=menuitem]')].find((e) => e.innerText.includes('Inspect')).click()"
        )
        page.wait("!!document.querySelector('[data-testid=inspector]')")
        page.evaluate("[...document.querySelectorAll('[role=tab]')].find((e) => e.innerText === 'Query').click()")
        page.wait("!!document.querySelector('[data-testid=inspect-query-A]')")
        said = Drawn(page, "[data-testid=inspector]").text
        assert [word for word in ("SELECT 1", "1 rows", "3.5 ms", "interval 1m") if word not in said] == []


class TestSpecs:
    def test_a_change_redraws_only_what_changed_and_keeps_range_and_variables(self, opened: Opened) -> None:
        board = dashboard(
            place(panel("stat", 1), 0, 0), place(panel("stat", 2, title="old"), 12, 0), templating=TEMPLATING
        )
        page, server = opened(board, "?from=now-30m&to=now&var-host=b", variables=resolved)
        server.asked["query"].clear()
        changed = json.loads(json.dumps(board))
        changed["panels"][1]["title"] = "new"
        server.boards["board"] = changed
        server.change("board")
        page.wait("document.querySelector('#root').innerText.includes('new')")
        page.wait(READY)
        assert [q["panelId"] for q in server.asked["query"]] == [2]
        assert server.asked["query"][0]["variables"]["host"] == ["b"]
        assert server.asked["query"][0]["range"]["from"] == "now-30m"

    def test_errors_stand_over_the_last_good_picture(self, opened: Opened) -> None:
        page, server = opened(dashboard(panel("stat", title="good")))
        server.change(
            errors=[{"message": "no such unit: <b>ms", "file": "specs/a.py", "line": 7, "hint": "milliseconds"}]
        )
        page.wait("!!document.querySelector('[data-testid=spec-errors]')")
        said = Drawn(page).text
        assert [
            word for word in ("specs/a.py:7", "no such unit: <b>ms", "milliseconds", "good") if word not in said
        ] == []
        server.change()
        page.wait("!document.querySelector('[data-testid=spec-errors]')")


def test_a_click_in_the_legend_shows_one_series_alone(opened: Opened) -> None:
    page, _ = opened(dashboard(panel("timeseries")), query=lambda asked: answer(series(2)))
    page.click("[data-testid='data-testid VizLegend series load host-01'] button")
    page.wait(READY)
    drawn = Drawn(page, "[data-panel-id]")
    page.wait("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
    assert "#73bf69" not in drawn.colors()
    assert "#f2cc0c" in drawn.colors()
    assert drawn.legend == ["load host-00", "load host-01"]


def test_annotations_are_marks_that_can_be_switched_off(opened: Opened) -> None:
    listed = {"list": [{"name": "deploys", "enable": True, "datasource": {}}]}
    events = [
        {"time": NOW - 1_800_000, "text": "deploy <b>7</b>"},
        {"time": NOW - 1_200_000, "timeEnd": NOW - 600_000, "text": "m"},
    ]
    page, server = opened(
        dashboard(panel("timeseries"), annotations=listed),
        annotations=lambda asked: {"annotations": [{"name": "deploys", "color": "purple", "events": events}]},
    )
    page.wait("document.querySelectorAll('[data-testid=annotation]').length === 2")
    assert server.asked["annotations"][0]["from"] == FROM
    page.evaluate("document.querySelector('[data-testid=toolbar] input[type=checkbox]').click()")
    page.wait("document.querySelectorAll('[data-testid=annotation]').length === 0")
