"""The page over its live server in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dashgen.preview.chromium import Chromium, Page
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import AT, HOUR, SOURCE, Served, dashboard, loaded, panel, target
from tests.preview.test_alerts import rule

pytestmark = pytest.mark.questdb
Json = dict[str, Any]
READY = "document.documentElement.dataset.ready === 'true'"
HOSTILE = "</script><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>[l](javascript:alert(3))\"'>"


@pytest.fixture(scope="module")
def rows(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    questdb.execute("DROP TABLE IF EXISTS preview_page")  # a worker may come back to this module
    questdb.execute(
        "CREATE TABLE preview_page (at TIMESTAMP, name VARCHAR, v DOUBLE) TIMESTAMP(at) PARTITION BY DAY WAL"
    )
    begin = (AT - 6 * HOUR) * 1000
    name = HOSTILE.replace("'", "''")
    questdb.execute(
        f"INSERT INTO preview_page SELECT cast({begin} + x * 60000000L AS TIMESTAMP), '{name}', x"
        " FROM long_sequence(350)"
    )
    questdb.settle()
    return questdb


def opened(chromium: Chromium, served: Served, path: str = "/", **asked: str) -> Page:
    page = chromium.page(1200, 900)
    query = "&".join(f"{key}={value}" for key, value in {"token": served.server.token, **asked}.items())
    page.go(f"{served.server.origin}{path}?{query}")
    return page


def is_harmless(page: Page, served: Served, *, has_pictures: bool = False) -> None:
    """It ran no script of a text and asked nobody else. Pictures are what a text panel may have: the policy keeps those
    of others away."""
    assert page.dialogs == []
    assert page.errors == []
    assert set(page.violations) == ({"img-src http://evil.example/x"} if has_pictures else set())
    assert set(page.blocked) == ({"http://evil.example/x"} if has_pictures else set())
    others = [url for url in page.requests if not url.startswith((served.server.origin, "data:", "blob:"))]
    assert others == []


def text(page: Page) -> str:
    found: str = page.evaluate("document.body.innerText")
    return found


@pytest.fixture(scope="module")
def hostile(rows: EmbeddedQuestDB) -> Iterator[Served]:
    sql = "SELECT at AS time, name AS metric, v AS value FROM preview_page WHERE $__timeFilter(at)"
    table = f"SELECT name, v FROM preview_page ORDER BY v DESC LIMIT 3 -- {HOSTILE}"
    link = {"title": HOSTILE, "url": "javascript:alert(4)", "targetBlank": True}
    said: Json = {"title": HOSTILE, "description": HOSTILE, "links": [link]}
    field: Json = {"defaults": {"links": [link], "displayName": HOSTILE, "noValue": HOSTILE}, "overrides": []}
    kinds = ("timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "histogram", "state-timeline", HOSTILE)
    panels = [panel(n, target(sql), type=kind, fieldConfig=field, **said) for n, kind in enumerate(kinds, 1)]
    panels.append(panel(20, target(table, format_=1), type="table", fieldConfig=field, **said))
    panels.append(panel(21, target(f'SELECT "{HOSTILE.replace(chr(34), "")}" FROM preview_page'), type="table", **said))
    panels += [
        panel(30 + n, type="text", options={"mode": mode, "content": HOSTILE}, **said)
        for n, mode in enumerate(("markdown", "html", "code"))
    ]
    every = dict.fromkeys(("firing", "pending", "noData", "normal", "error"), True)
    panels.append(panel(40, type="alertlist", options={"stateFilter": every, "viewMode": "list"}, **said))
    for n, one in enumerate(panels):
        one["gridPos"] = {"x": n % 2 * 12, "y": n // 2 * 6, "w": 12, "h": 6}
    variables: list[Json] = [
        {"name": "v", "label": HOSTILE, "type": "custom", "query": f"a,{HOSTILE}", "current": {"value": HOSTILE}},
        {"name": "q", "label": HOSTILE, "type": "query", "query": "SELECT name FROM preview_page", "datasource": SOURCE,
         "refresh": 2},
        {"name": "t", "label": HOSTILE, "type": "textbox", "query": HOSTILE},
    ]  # fmt: skip
    event = "SELECT at AS time, name AS text, name AS tags, name AS title FROM preview_page WHERE v = 100"
    annotation = {"name": HOSTILE, "enable": True, "iconColor": HOSTILE, "datasource": SOURCE,
                  "target": target(event, "Anno", 1)}  # fmt: skip
    board = dashboard(
        *panels, variables=variables, annotations={"list": [annotation]}, description=HOSTILE, tags=[HOSTILE],
        links=[{"type": "link", "title": HOSTILE, "tooltip": HOSTILE, "url": "javascript:alert(5)"}],
    )  # fmt: skip
    board["title"] = HOSTILE
    alert = rule("hostile", "SELECT name AS host, 9 AS v FROM preview_page LIMIT 1", annotations={"summary": HOSTILE})
    fault = {"message": HOSTILE, "file": HOSTILE, "line": 3, "hint": HOSTILE}
    with Served(rows.readonly_dsn, loaded([board], [{**alert, "title": HOSTILE}], [fault])) as served:
        yield served


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_hostile_dashboard_runs_nothing(chromium: Chromium, hostile: Served, theme: str) -> None:
    asked = {"from": "now-6h", "to": "now", "theme": theme, "all": "1"}
    with opened(chromium, hostile, "/d/one", **asked) as page:
        page.wait(READY, 60)
        assert "alert(1)" in text(page)  # it is shown as the text that it is
        is_harmless(page, hostile, has_pictures=True)
        links = "[...document.querySelectorAll('a, area')].map((a) => a.getAttribute('href') || '')"
        assert [href for href in page.evaluate(links) if "javascript" in href.lower().split("?")[0][:20]] == []
        assert (
            page.evaluate("document.querySelectorAll('[onerror], [onclick], #root script, iframe, object').length") == 0
        )
        for selector in ("#root a", "#root button"):  # what can be clicked leads nowhere else
            page.evaluate(f"document.querySelectorAll({json.dumps(selector)}).forEach((e) => e.dispatchEvent("
                          "new MouseEvent('mouseover', {bubbles: true})))")  # fmt: skip
        is_harmless(page, hostile, has_pictures=True)


def test_the_list_of_a_hostile_dashboard(chromium: Chromium, hostile: Served) -> None:
    with opened(chromium, hostile) as page:
        page.wait("document.body.innerText.includes('alert(1)')")
        is_harmless(page, hostile)


def test_the_token_leaves_the_address(chromium: Chromium, hostile: Served) -> None:
    with opened(chromium, hostile) as page:
        page.wait("document.body.innerText.includes('alert(1)')")
        assert "token" not in page.evaluate("location.href")
        assert page.evaluate("document.cookie") == ""  # no script reads it
        page.call("Page.reload")
        page.wait("document.body.innerText.includes('alert(1)')")


def test_another_page_learns_nothing(chromium: Chromium, hostile: Served, questdb: EmbeddedQuestDB) -> None:
    """A page of another origin in the browser that has the cookie."""
    with opened(chromium, hostile) as page:
        page.wait("document.body.innerText.includes('alert(1)')")
        page.go(f"{questdb.http_url}/")  # QuestDB's console: another origin on this machine
        page.wait("document.readyState === 'complete'")
        url = f"{hostile.server.origin}/api/dashboards"
        for options in ("{credentials: 'include'}", "{}", "{credentials: 'include', mode: 'no-cors'}"):
            asked = f"fetch({json.dumps(url)}, {options}).then((r) => r.text()).catch((e) => 'refused')"
            assert page.evaluate(asked) in ("refused", "")
        body = json.dumps({"uid": "one", "panelId": 1, "from": 0, "to": 1})
        post = f"fetch('{hostile.server.origin}/api/query', {{method: 'POST', body: {json.dumps(body)}, "
        post += "mode: 'no-cors', credentials: 'include'}).then((r) => r.type + r.status).catch((e) => 'refused')"
        assert page.evaluate(post) in ("refused", "opaque0")


def test_a_saved_spec_is_drawn_anew(chromium: Chromium, rows: EmbeddedQuestDB) -> None:
    def board(title: str, value: int) -> Json:
        made = dashboard(panel(1, target(f"SELECT {value} AS n", format_=1), type="stat"))
        return made | {"panels": [{**made["panels"][0], "title": title}]}

    fault = {"message": "specs: broken here", "file": "specs/a.py", "line": 3, "hint": "mend it"}
    answers = [loaded([board("Before", 4711)]), loaded([board("After", 4712)]), {"is_loaded": False, "faults": [fault]}]
    answers.append(loaded([board("Last", 4713)]))
    with Served(rows.readonly_dsn, *answers) as served:
        asked = {"from": "now-3h", "to": "now-1h"}
        with opened(chromium, served, "/d/one", **asked) as page:
            page.wait("document.body.innerText.includes('4711')")
            served.do(served.session.reload())
            page.wait("document.body.innerText.includes('4712')")
            assert "After" in text(page)
            assert page.evaluate("new URLSearchParams(location.search).get('from')") == "now-3h"
            served.do(served.session.reload())
            page.wait("document.body.innerText.includes('broken here')")
            assert "4712" in text(page)  # the last good one stays
            served.do(served.session.reload())
            page.wait("document.body.innerText.includes('4713')")
            assert "broken here" not in text(page)
            is_harmless(page, served)
