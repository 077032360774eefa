"""Who is answered, and with what."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from dashgen.preview.server import HEADER, MOST_BYTES
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import Served, dashboard, loaded, panel, span, target

pytestmark = pytest.mark.questdb
API = ("/api/dashboards", "/api/dashboards/one", "/api/events")
ANSWERS = ("query", "variables", "annotations", "alerts")


@pytest.fixture(scope="module")
def served(questdb: EmbeddedQuestDB) -> Iterator[Served]:
    board = dashboard(panel(1, target("SELECT 1 AS one", format_=1)))
    with Served(questdb.readonly_dsn, loaded([board])) as running:
        yield running


def _cookie(served: Served) -> dict[str, str]:
    return {"Cookie": f"{served.server.cookie}={served.server.token}"}


def _is_guarded(reply_headers: object) -> bool:
    headers = dict(reply_headers.items())  # type: ignore[attr-defined]  # of http.client
    return (
        headers["X-Content-Type-Options"] == "nosniff"
        and "default-src 'none'" in headers["Content-Security-Policy"]
        and headers["Cache-Control"] == "no-store"
        and headers["Referrer-Policy"] == "no-referrer"
        and headers["X-Frame-Options"] == "DENY"
    )


def test_the_token_of_the_address_becomes_a_cookie(served: Served) -> None:
    path = served.server.url.removeprefix(served.server.origin)
    reply = served.ask("GET", path, with_token=False)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith(f"dashgen-preview-{served.server.port}={served.server.token};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    again = served.ask("GET", "/d/one?from=now-6h", headers=_cookie(served), with_token=False)
    assert (again.status, again.headers["Set-Cookie"]) == (200, None)
    assert served.server.token not in again.body.decode()


@pytest.mark.parametrize("path", ["/", "/d/one", "/d/one/a-slug", "/assets/app.js", *API])
def test_nothing_is_told_without_the_token(served: Served, path: str) -> None:
    for headers in ({}, {"Cookie": f"{served.server.cookie}=wrong"}, {HEADER: "wrong"}, {"Cookie": "other=1"}):
        reply = served.ask("GET", path, headers=headers, with_token=False)
        assert reply.status == 403
        assert _is_guarded(reply.headers)
    assert served.ask("GET", f"{path}?token=wrong", with_token=False).status == 403
    if path not in ("/", "/d/one", "/d/one/a-slug"):  # the address in the terminal is of a page
        assert served.ask("GET", f"{path}?token={served.server.token}", with_token=False).status == 403


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_without_the_token(served: Served, name: str) -> None:
    assert served.ask("POST", f"/api/{name}", {"uid": "one"}, with_token=False).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_another_name_than_the_loopbacks_is_refused(served: Served, host: str) -> None:
    """A name of an attacker that leads to 127.0.0.1: DNS rebinding."""
    reply = served.ask("GET", "/api/dashboards", headers={"Host": host.format(port=served.server.port)})
    assert reply.status in (400, 403)


def test_localhost_is_a_name_of_the_loopback(served: Served) -> None:
    port = served.server.port
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}
    assert served.ask("GET", "/api/dashboards", headers=own).status == 200
    mixed = {"Host": f"localhost:{port}", "Origin": f"http://127.0.0.1:{port}"}
    assert served.ask("GET", "/api/dashboards", headers=mixed).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_another_pages_requests_are_refused(served: Served, origin: str) -> None:
    headers = {"Origin": origin.format(port=served.server.port), **_cookie(served)}
    body = {**span(), "uid": "one", "panelId": 1}
    assert served.ask("POST", "/api/query", body, headers, with_token=False).status == 403
    assert served.ask("POST", "/api/query", body, headers).status == 403
    assert served.ask("GET", "/api/dashboards", headers=headers, with_token=False).status == 403


def test_a_cookie_alone_asks_nothing_without_an_origin(served: Served) -> None:
    body = {**span(), "uid": "one", "panelId": 1}
    assert served.ask("POST", "/api/query", body, _cookie(served), with_token=False).status == 403
    own = {**_cookie(served), "Origin": served.server.origin}
    assert served.ask("POST", "/api/query", body, own, with_token=False).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_of_the_asking_page_counts(served: Served, site: str) -> None:
    headers = {**_cookie(served), "Sec-Fetch-Site": site}
    assert served.ask("GET", "/api/dashboards", headers=headers, with_token=False).status == 403
    assert served.ask("GET", "/assets/app.js", headers=headers, with_token=False).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/assets/", "/assets", "/assets/../server.py", "/assets/..%2fserver.py", "/assets/%2e%2e%2fserver.py",
        "/assets/....//server.py", "/assets/NOTICE", "/assets/build.sha256", "/assets/app.js%00.txt", "/etc/passwd",
        "//etc/passwd", "/api", "/api/", "/api/nothing", "/..", "/assets/app.js/..",
    ],
)  # fmt: skip
def test_only_what_is_named_is_served(served: Served, path: str) -> None:
    reply = served.ask("GET", path)
    assert reply.status in (400, 404)
    if reply.status == 404:
        assert _is_guarded(reply.headers)
    assert b"import" not in reply.body
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_no_other_method(served: Served, method: str) -> None:
    assert served.ask(method, "/api/query").status == 405
    assert served.ask("GET", "/api/query").status == 405
    assert served.ask("POST", "/api/dashboards", {}).status == 405


@pytest.mark.parametrize("name", ANSWERS)
def test_bodies_that_are_none(served: Served, name: str) -> None:
    path = f"/api/{name}"
    big = b'{"uid": "' + b"x" * MOST_BYTES + b'"}'
    assert served.ask("POST", path, raw=big).status == 413
    assert served.ask("POST", path, raw=b"{nonsense").status == 400
    assert served.ask("POST", path, raw=b"\xff\xfe").status == 400
    assert served.ask("POST", path, raw=b"[" * 100_000).status == 400
    assert served.ask("POST", path, raw=b"[1]").data == {"error": "expected a JSON object"}
    assert served.ask("POST", path, raw=b"").status == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert served.ask("POST", path, raw=b"uid=one", headers=form).status == 415
    assert served.ask("POST", path, raw=b"{}", headers={"Content-Type": "text/plain"}).status == 415


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"uid": 1}, "uid: expected a text"),
        ({"uid": None}, "uid: expected a text"),
        ({"panelId": "1"}, "panelId: expected a whole number"),
        ({"panelId": True}, "panelId: expected a whole number"),
        ({"panelId": 1e300}, "panelId: expected a whole number"),
        ({"from": "now-6h"}, "from: expected a whole number"),
        ({"from": -1}, "from, to: expected milliseconds since 1970, from before to"),
        ({"from": 2, "to": 1}, "from, to: expected milliseconds since 1970, from before to"),
        ({"to": 10**15}, "from, to: expected milliseconds since 1970, from before to"),
        ({"variables": []}, "variables: expected an object"),
        ({"variables": {"a": {"b": 1}}}, "variables.a: expected a text or a list of texts"),
        ({"variables": {"a": [[1]]}}, "variables.a: expected a text or a list of texts"),
        ({"scopedVars": 3}, "scopedVars: expected an object"),
        ({"maxDataPoints": "many"}, "maxDataPoints: expected a whole number"),
    ],
)
def test_what_is_wrong_is_said(served: Served, wrong: dict[str, object], said: str) -> None:
    reply = served.ask("POST", "/api/query", {**span(), "uid": "one", "panelId": 1, **wrong})
    assert (reply.status, reply.data) == (400, {"error": said})


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_none(served: Served, number: bytes) -> None:
    raw = b'{"uid": "one", "panelId": ' + number + b', "from": 0, "to": 1}'
    assert served.ask("POST", "/api/query", raw=raw).data == {"error": "panelId: expected a whole number"}


def test_what_is_not_there(served: Served) -> None:
    reply = served.ask("POST", "/api/query", {**span(), "uid": "two", "panelId": 1})
    assert (reply.status, reply.data) == (404, {"error": "there is no dashboard 'two'"})
    reply = served.ask("POST", "/api/query", {**span(), "uid": "one", "panelId": 7})
    assert (reply.status, reply.data) == (404, {"error": "dashboard 'one' has no panel 7"})
    assert served.ask("GET", "/api/dashboards/%3Cscript%3E").data == {"error": "there is no dashboard '<script>'"}


def test_a_browser_can_send_no_sql(served: Served) -> None:
    """Whatever else stands in a request, the panel's own query is what runs."""
    sql = "SELECT 2 AS two"
    more = {"rawSql": sql, "sql": sql, "targets": [target(sql)], "query": sql, "panel": panel(1, target(sql))}
    result = served.result(1, **more)
    assert result["sql"] == "SELECT 1 AS one"
    assert result["frames"][0]["data"]["values"] == [[1]]


def test_it_listens_on_loopback_only(served: Served) -> None:
    assert served.server._runner is not None
    assert [address[0] for address in served.server._runner.addresses] == ["127.0.0.1"]
    outside = socket.gethostbyname(socket.gethostname())
    if not outside.startswith("127."):
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((outside, served.server.port)) != 0


def test_two_previews_share_no_cookie(served: Served, questdb: EmbeddedQuestDB) -> None:
    with Served(questdb.readonly_dsn, loaded([dashboard()])) as other:
        assert other.server.cookie != served.server.cookie
        assert other.server.token != served.server.token
        assert other.ask("GET", "/api/dashboards", headers=_cookie(served), with_token=False).status == 403


def test_a_port_that_is_taken(served: Served, questdb: EmbeddedQuestDB) -> None:
    from dashgen.preview.errors import PreviewError
    from dashgen.preview.server import Server

    async def start() -> None:
        await Server(served.session).start(served.server.port)

    with pytest.raises(PreviewError, match=f"port {served.server.port} of 127.0.0.1 can't be listened on"):
        asyncio.run(start())


def test_the_list_of_dashboards(served: Served) -> None:
    data = served.ask("GET", "/api/dashboards").data
    assert data["dashboards"] == [
        {"uid": "one", "title": "One", "folder": "The folder", "tags": ["a tag"], "panels": 1}
    ]
    assert (data["environment"], data["environments"]) == ("prod", ["prod", "local"])
    assert (data["datasource"], data["errors"], data["revision"]) == ({"kind": "url"}, [], 1)
    one = served.ask("GET", "/api/dashboards/one").data
    assert one["revision"] == 1
    assert one["dashboard"]["panels"][0]["targets"][0]["rawSql"] == "SELECT 1 AS one"


def test_a_page_hears_of_revisions(questdb: EmbeddedQuestDB) -> None:
    wrong = {"message": "specs: broken", "file": "specs/a.py", "line": 3, "hint": "mend it"}
    boards = [dashboard(uid="one"), dashboard(uid="two")]
    changed = [dashboard(panel(1), uid="one"), dashboard(uid="three")]
    failed = {"is_loaded": False, "faults": [wrong]}
    with Served(questdb.readonly_dsn, loaded(boards), failed, loaded(changed)) as served:
        connection = served.connect()
        connection.request("GET", "/api/events", headers={HEADER: served.server.token})
        stream = connection.getresponse()
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.readline() == b": connected\n"
        served.do(served.session.reload())
        assert _event(stream) == {"revision": 2, "changed": [], "errors": [wrong]}
        shown = served.ask("GET", "/api/dashboards").data
        assert [one["uid"] for one in shown["dashboards"]] == ["one", "two"]  # the last good ones
        assert shown["errors"] == [wrong]
        served.do(served.session.reload())
        assert _event(stream) == {"revision": 3, "changed": ["one", "two", "three"], "errors": []}
        assert served.ask("GET", "/api/dashboards/two").status == 404
        connection.close()


def _event(stream: object) -> object:
    while not (line := stream.readline()).startswith(b"data: "):  # type: ignore[attr-defined]  # of http.client
        assert line
    return json.loads(line[6:])
