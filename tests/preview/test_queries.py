"""The data of panels: the rows of their own SQL, as Grafana's datasources make frames of them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

import pytest

from dashgen.preview.database import CONNECTIONS, Database
from dashgen.preview.errors import PreviewError
from dashgen.preview.queries import _own_range
from dashgen.preview.requests import Range
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import (
    AT,
    HOUR,
    POSTGRES,
    Served,
    columns,
    dashboard,
    loaded,
    panel,
    span,
    target,
)

pytestmark = pytest.mark.questdb
Json = dict[str, Any]
SLOW = (
    "SELECT sum(a.x * b.x) AS v FROM long_sequence(1000000) a CROSS JOIN long_sequence(1000000) b WHERE a.x + b.x > 5"
)
SERIES = (
    "SELECT at AS time, host AS metric, avg(v) AS value FROM preview_rows"
    " WHERE $__timeFilter(at) SAMPLE BY $__sampleByInterval ORDER BY time"
)


@pytest.fixture(scope="module")
def rows(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    """Ten hours up to `AT`, a row a minute and host; b is silent in the last hour, c has a NULL in every second row."""
    questdb.execute("DROP TABLE IF EXISTS preview_rows")  # a worker may come back to this module
    questdb.execute(
        "CREATE TABLE preview_rows (at TIMESTAMP, host SYMBOL, v DOUBLE, n LONG, ok BOOLEAN, note VARCHAR)"
        " TIMESTAMP(at) PARTITION BY DAY WAL"
    )
    begin = (AT - 10 * HOUR) * 1000
    questdb.execute(
        "INSERT INTO preview_rows SELECT at, host, CASE WHEN host = 'c' AND x % 2 = 0 THEN null ELSE x END, x,"
        f" x % 3 = 0, concat('note ', x) FROM (SELECT cast({begin} + (x / 3) * 60000000L AS TIMESTAMP) AS at,"
        " CASE x % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END AS host, x FROM long_sequence(1800))"
        f" WHERE host != 'b' OR at < cast({(AT - HOUR) * 1000} AS TIMESTAMP)"
    )
    questdb.settle()
    return questdb


@pytest.fixture(scope="module")
def served(rows: EmbeddedQuestDB) -> Iterator[Served]:
    pg: Json = {"datasource": POSTGRES}
    postgres = SERIES.replace("$__sampleByInterval", "$__interval")
    table = "SELECT at, host, v, n, ok, note FROM preview_rows WHERE host = 'c' ORDER BY at DESC LIMIT 4"
    panels = [
        panel(
            1, target(SERIES), target("SELECT count() AS rows FROM preview_rows", "B", 1), target(SLOW, "C", hide=True)
        ),
        panel(2, target(postgres, format_="time_series", **pg), datasource=POSTGRES),
        panel(3, target(table, format_=1)),
        panel(4, target(table, format_="table", **pg), datasource=POSTGRES),
        panel(5, target("SELECT nope FROM preview_rows"), target("SELECT 1 AS fine", "B", 1)),
        panel(6, target("SELECT nope FROM preview_rows", format_="table", **pg)),
        panel(7, target("SELECT $__timeFilter() FROM preview_rows")),
        panel(8, target("up", datasource={"type": "prometheus", "uid": "p"})),
        panel(9, target(SLOW, format_=1)),
        panel(10, target("SELECT 0.0 / 0.0 AS a, 1 / 0.0 AS b, null::double AS c, null::long AS d", format_=1)),
        panel(11, target("SELECT x FROM long_sequence(5000)", format_=1)),
        panel(12, target("DROP TABLE preview_rows", format_=1)),
        panel(13, target("/* see */ ( INSERT INTO preview_rows (v) VALUES (1)", format_=1)),
        panel(14, datasource={"type": "datasource", "uid": "-- Dashboard --"}, targets=[{"panelId": 1, "refId": "A"}]),
        panel(15, datasource={"type": "datasource", "uid": "-- Dashboard --"}, targets=[{"panelId": 15, "refId": "A"}]),
        panel(16, target("SELECT $__from AS f, $__to AS t, '$__interval' AS i, $__interval_ms AS ms", format_=1)),
        panel(17, target("SELECT $__from AS f, $__to AS t", format_=1), timeFrom="1h", timeShift="1d"),
        panel(18, target("SELECT '$__interval' AS i", format_=1), interval="5m", maxDataPoints=10),
        panel(19, target("SELECT at AS time, host, v FROM preview_rows ORDER BY at DESC LIMIT 9")),
        panel(20, target("SELECT v FROM preview_rows WHERE v < 0", format_=1), target("", "B"), target(SERIES, "C")),
        panel(21, target("SELECT 1; DROP TABLE preview_rows", format_=1)),
        panel(
            22,
            target(
                "SELECT timestamp_ns AS t FROM (SELECT '2026-01-01T00:00:00.1239Z'::timestamp timestamp_ns)", format_=1
            ),
        ),
    ]
    collapsed = {"type": "row", "id": 50, "collapsed": True, "panels": [panel(51, target("SELECT 51 AS n", format_=1))]}
    with Served(rows.readonly_dsn, loaded([dashboard(*panels, collapsed)])) as running:
        yield running


def _expected(rows: EmbeddedQuestDB, width: str, hours: float = 6) -> dict[str, dict[int, float | None]]:
    """Straight from SQL: for each host its mean by the milliseconds of its bucket."""
    begin, end = (AT - int(hours * HOUR)) * 1000, AT * 1000
    answer = rows.query(
        f"SELECT at, host, avg(v) FROM preview_rows WHERE at >= {begin} AND at <= {end}"
        f" SAMPLE BY {width} ALIGN TO CALENDAR"
    )
    found: dict[str, dict[int, float | None]] = {}
    for at, host, value in answer:
        assert isinstance(at, datetime)
        found.setdefault(str(host), {})[int(at.timestamp() * 1000)] = value if isinstance(value, float) else None
    return found


@pytest.mark.parametrize(
    ("number", "hours", "points", "width"), [(1, 6, 600, "30s"), (1, 6, 100, "5m"), (2, 3, 700, "1m")]
)
def test_the_series_are_those_of_the_sql(
    served: Served, rows: EmbeddedQuestDB, number: int, hours: float, points: int, width: str
) -> None:
    result = served.result(number, width=points, **span(hours))
    (name, _, times), *series = columns(result)
    assert name.lower() == "time"
    expected = _expected(rows, width, hours)
    assert [labels["metric"] if labels else field for field, labels, _ in series] == ["a", "b", "c"]
    assert times == sorted({at for values in expected.values() for at in values})
    for host, (_, _, values) in zip("abc", series, strict=True):
        assert values == [expected[host].get(at) for at in times]  # type: ignore[call-overload]  # milliseconds
    assert None in series[1][2]  # b is silent
    assert result["rows"] == sum(map(len, expected.values()))


def test_the_interval_is_told(served: Served) -> None:
    assert served.query(1, width=600)["interval"] == {"text": "30s", "ms": 30_000}
    assert served.query(1, maxDataPoints=50, width=600)["interval"] == {"text": "5m", "ms": 300_000}
    assert served.query(2, width=6000)["interval"] == {"text": "1m", "ms": 60_000}  # PostgreSQL's least
    assert served.query(18)["interval"] == {"text": "30m", "ms": 1_800_000}


@pytest.mark.parametrize("number", [3, 4])
def test_a_table_stays_one(served: Served, rows: EmbeddedQuestDB, number: int) -> None:
    result = served.result(number)
    found = columns(result)
    assert [(name, labels) for name, labels, _ in found] == [(n, {}) for n in ("at", "host", "v", "n", "ok", "note")]
    answer = rows.query("SELECT at, host, v, n, ok, note FROM preview_rows WHERE host = 'c' ORDER BY at DESC LIMIT 4")
    assert [values for _, _, values in found] == [
        [int(v.timestamp() * 1000) if isinstance(v, datetime) else v for v in column]
        for column in zip(*answer.rows, strict=True)
    ]
    assert None in found[2][2]
    types = [field["type"] for field in result["frames"][0]["schema"]["fields"]]
    assert types == ["time", "string", "number", "number", "boolean", "string"]


def test_every_target_but_hidden_ones_is_run(served: Served) -> None:
    data = served.query(1)
    assert list(data["results"]) == ["A", "B"]
    assert columns(data["results"]["B"])[0][2] == [1740]


def test_the_servers_words_of_an_error(served: Served) -> None:
    results = served.query(5)["results"]
    assert results["A"]["status"] == 400
    assert results["A"]["error"] == "error querying the database: pq: Invalid column: nope"
    assert results["A"]["sql"] == "SELECT nope FROM preview_rows"
    assert results["B"]["status"] == 200  # the others are shown
    assert served.result(6)["error"] == "db query error: pq: Invalid column: nope"


def test_a_macro_that_can_t_be_expanded(served: Served) -> None:
    result = served.result(7)
    assert (result["status"], result["frames"]) == (400, [])
    assert "unexpected number of arguments" in result["error"]


def test_another_datasource_is_not_previewed(served: Served) -> None:
    result = served.result(8)
    assert (result["status"], result["error"]) == (501, "not previewed: prometheus")


def test_numbers_that_json_lacks(served: Served) -> None:
    (frame,) = served.result(10)["frames"]
    names = [field["name"] for field in frame["schema"]["fields"]]
    assert names == ["a", "b", "c", "d"]
    assert frame["data"]["values"] == [[None]] * 4  # QuestDB has one NULL for all of these
    from dashgen.grafana.datasources.frames import Frame, FrameField
    from dashgen.preview.frame_json import frame_json

    numbers = (1.0, math.nan, None, math.inf, -math.inf)
    data = frame_json(Frame((FrameField("v", "float64", numbers), FrameField("s", "string", ("a",) * 5))), "A", "")[
        "data"
    ]
    assert data["values"][0] == [1.0, None, None, None, None]
    assert data["entities"] == [{"NaN": [1], "Inf": [3], "NegInf": [4]}, None]


def test_parts_of_a_millisecond_are_cut(served: Served) -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)
    assert columns(served.result(22))[0][2] == [int(moment.timestamp() * 1000)]


def test_a_panel_that_shows_the_data_of_another(served: Served) -> None:
    assert columns(served.result(14)) == columns(served.result(1))
    assert "does not exist or shows the data of this one" in served.result(15)["error"]


def test_a_panel_in_a_collapsed_row(served: Served) -> None:
    assert columns(served.result(51))[0][2] == [51]


def test_what_the_browser_puts_into_a_query(served: Served) -> None:
    values = [column[2][0] for column in columns(served.result(16, width=600))]
    assert values == [AT - 6 * HOUR, AT, "30s", 30_000]


def test_a_panels_own_range(served: Served) -> None:
    day = 24 * HOUR
    data = served.query(17)
    assert [column[2] for column in columns(data["results"]["A"])] == [[AT - HOUR - day], [AT - day]]
    assert data["range"] == {"from": AT - HOUR - day, "to": AT - day}
    absolute = {"range": {"from": "2026-01-01T06:00", "to": "2026-01-01T12:00"}}
    data = served.query(17, **absolute)  # an own range counts for relative ones only
    assert data["range"] == {"from": AT - 6 * HOUR - day, "to": AT - day}


@pytest.mark.parametrize(
    ("own", "shift", "start", "end"),
    [
        ("now/d", None, "2026-01-01T00:00:00", "2026-01-01T23:59:59.999"),
        ("now-1d/d", None, "2025-12-31T00:00:00", "2026-01-01T12:00:00"),
        ("90m", "1h", "2026-01-01T09:30:00", "2026-01-01T11:00:00"),
        (None, "1M", "2025-12-01T06:00:00", "2025-12-01T12:00:00"),
        ("nonsense", None, "2026-01-01T06:00:00", "2026-01-01T12:00:00"),
    ],
)
def test_own_ranges(own: str | None, shift: str | None, start: str, end: str) -> None:
    given = Range(AT - 6 * HOUR, AT, ("now-6h", "now"))
    found = _own_range({"timeFrom": own, "timeShift": shift}, given, AT)
    moments = [
        datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None).isoformat() for ms in (found.from_ms, found.to_ms)
    ]
    assert [text[:23] for text in moments] == [start, end]


def test_rows_that_make_no_series(served: Served) -> None:
    assert served.result(19)["error"] == "long series must be sorted ascending by time to be converted"


def test_no_rows(served: Served) -> None:
    results = served.query(20, **span(1, AT - 9 * 24 * HOUR))["results"]
    assert [name for name, _, values in columns(results["A"]) if values == []] == ["v"]
    assert columns(results["B"]) == []
    assert columns(results["C"]) == []


def test_more_rows_than_a_panel_can_have(rows: EmbeddedQuestDB) -> None:
    board = dashboard(
        panel(1, target("SELECT x FROM long_sequence(1000000000000)", format_=1)),
        panel(2, target("SELECT 1 AS n", format_=1)),
    )
    with Served(rows.readonly_dsn, loaded([board]), most_rows=1234) as served:
        began = time.monotonic()
        result = served.result(1)
        assert columns(result)[0][2] == list(range(1, 1235))
        notices = result["frames"][0]["schema"]["meta"]["notices"]
        text = "Results have been limited to 1234 because the SQL row limit was reached"
        assert notices == [{"severity": "warning", "text": text}]
        assert time.monotonic() - began < 60  # the rest was not read
        for _ in range(20):  # nor does it cost a connection
            assert columns(served.result(2))[0][2] == [1]


# --- queries only read


@pytest.mark.parametrize("number", [12, 13, 21])
def test_what_writes_is_not_run(served: Served, rows: EmbeddedQuestDB, number: int) -> None:
    assert served.result(number)["status"] == 400
    assert rows.query("SELECT count() FROM preview_rows").value == 1740


@pytest.mark.parametrize(
    "sql", ["DROP TABLE preview_rows", "COPY preview_rows TO 'x'", "-- c\nalter table x", "(insert"]
)
def test_what_writes_is_not_sent_even_with_a_login_that_may(rows: EmbeddedQuestDB, sql: str) -> None:
    with Served(rows.pg_dsn, loaded([dashboard(panel(1, target(sql, format_=1)))])) as served:
        assert "expected a query that reads rows" in served.result(1)["error"]
        assert served.do(served.session.database.can_write()) is True
    assert rows.query("SELECT count() FROM preview_rows").value == 1740


def test_a_statement_without_columns(rows: EmbeddedQuestDB) -> None:
    with Served(rows.readonly_dsn, loaded([dashboard(panel(1, target("begin", format_=1)))])) as served:
        assert served.result(1)["status"] == 400


def test_the_embedded_servers_login_only_reads(served: Served) -> None:
    assert served.do(served.session.database.can_write()) is False


# --- queries end


def _running(rows: EmbeddedQuestDB) -> int:
    return len([query for (query,) in rows.query("SELECT query FROM query_activity()") if "CROSS JOIN" in str(query)])


def _is_gone(rows: EmbeddedQuestDB) -> bool:
    deadline = time.monotonic() + 120
    while _running(rows) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _running(rows)


def test_a_query_that_nobody_waits_for_is_cancelled(served: Served, rows: EmbeddedQuestDB) -> None:
    body = b'{"uid": "one", "panelId": 9, "from": 0, "to": 1000, "width": 100}'
    connection = served.connect()
    headers = {"X-Preview-Token": served.server.token, "Content-Type": "application/json"}
    connection.request("POST", "/api/query", body, headers)
    deadline = time.monotonic() + 120
    while not _running(rows) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _running(rows) == 1
    assert columns(served.result(51))[0][2] == [51]  # others are answered meanwhile
    assert _running(rows) == 1
    connection.close()
    assert _is_gone(rows)
    assert columns(served.result(51))[0][2] == [51]


def test_a_query_that_takes_too_long_is_cancelled(rows: EmbeddedQuestDB) -> None:
    with Served(rows.readonly_dsn, loaded([dashboard(panel(1, target(SLOW, format_=1)))]), timeout=0.4) as served:
        result = served.result(1)
        assert (result["status"], result["error"]) == (400, "cancelled, as it took more than 0.4 s")
        assert _is_gone(rows)


def test_many_slow_queries_leave_room() -> None:
    board = dashboard(
        panel(1, *(target(SLOW, letter, 1) for letter in "ABCDEF")), panel(2, target("SELECT 1 AS n", format_=1))
    )
    with EmbeddedQuestDB(pg_workers=CONNECTIONS + 4) as db, Served(db.readonly_dsn, loaded([board])) as served:

        def ask() -> None:
            with suppress(OSError, HTTPException):  # the server is stopped meanwhile
                served.query(1)

        thread = threading.Thread(target=ask)
        thread.start()
        deadline = time.monotonic() + 120
        while _running(db) < 6 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert _running(db) == 6
        assert columns(served.result(2))[0][2] == [1]
        assert _running(db) == 6
    thread.join(120)
    assert not thread.is_alive()


def test_no_server(questdb: EmbeddedQuestDB) -> None:
    async def connect(dsn: str) -> None:
        async with Database(dsn):
            pass

    import asyncio

    with pytest.raises(PreviewError, match="no connection to QuestDB") as raised:
        asyncio.run(connect("postgresql://somebody:a-secret@127.0.0.1:9/qdb"))
    assert "a-secret" not in str(raised.value)
    with pytest.raises(PreviewError, match="no connection to QuestDB") as raised:
        asyncio.run(connect(f"postgresql://admin:a-secret@{questdb.pg_address}/qdb"))
    assert "a-secret" not in str(raised.value)
