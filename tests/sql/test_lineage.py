"""What a query reads, where its columns come from, and which time it asks for."""

from __future__ import annotations

import pytest

from dashgen.sql import ast
from dashgen.sql.conditions import Bounds, alternatives, bounds, columns, conjuncts
from dashgen.sql.lineage import Schema, is_time, origin, origins, raw_counter, schema, series_keys
from dashgen.sql.parser import parse, parse_expression
from dashgen.sql.reads import functions, is_opaque, readers, reads, relations
from specs import PROJECT

KNOWN: Schema = schema(PROJECT)


def outer(sql: str) -> ast.Select:
    return parse(sql).selects[0]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM a JOIN b ON x, (SELECT * FROM c WHERE y IN (SELECT y FROM d))", "a b c d"),
        ("WITH a AS (SELECT * FROM b) SELECT * FROM a", "b"),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", "a"),  # its body reads the table
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) JOIN a ON x", "a"),  # the name is gone outside
        ("a WHERE x = 'SELECT * FROM b'", "a"),
        ("SELECT 1 -- FROM a\n FROM b", "b"),
        ("SELECT extract(hour FROM ts) FROM a", "a"),
        ("SELECT ts FROM a SAMPLE BY 1h FROM '2026' TO '2027'", "a"),
        ("SELECT x IS DISTINCT FROM y FROM a", "a"),
        ("DECLARE @x := (SELECT max(v) FROM a) SELECT @x FROM b", "a b"),
        ('SELECT * FROM "My Table" x JOIN `b` y ON x.s = y.s', "My Table,b"),
        ("SELECT * FROM tables() JOIN a ON x", "a"),
        ("SELECT from_, join_ FROM a", "a"),
        ("SELECT * FROM a.b", "a.b"),
        ("SELECT * FROM $t JOIN a ON x", "a"),
        ("SELECT * FROM trades_${m} x", ""),
        ("SELECT avg(p) OVER v FROM a WINDOW w AS (PARTITION BY s), v AS (ORDER BY ts)", "a"),
        ("(SELECT * FROM a) UNION (WITH x AS (SELECT * FROM b) SELECT * FROM x)", "a b"),
        ("SELECT 1", ""),
        ("select * from t", "t"),
        ("SELECT * FROM t1 a, t2 AS b WHERE a.x IN (1, 2)", "t1 t2"),
        ("SELECT * FROM a ASOF JOIN b ON (x, y) LEFT JOIN c ON a.z = c.z", "a b c"),
        ('SELECT * FROM "two words"', "two words,"),
        ("SELECT * FROM 'quoted'", "quoted"),
        ("SELECT `a from b` FROM `quoted`", "quoted"),
        ("SELECT * FROM information_schema.columns", "information_schema.columns"),
        ("SELECT * FROM tables() t JOIN wal_tables() w ON t.n = w.n JOIN real r ON r.n = t.n", "real"),
        ("SELECT * FROM (SELECT * FROM t LATEST ON ts PARTITION BY a, b) x, u", "t u"),
        ("WITH b AS (SELECT * FROM t), s AS (SELECT * FROM b) SELECT * FROM s JOIN u ON 1 = 1", "t u"),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", "t"),
        ("SELECT * FROM (WITH b AS (SELECT 1) SELECT * FROM b) JOIN b ON 1 = 1", "b"),
        ("SELECT extract(epoch from timestamp), a FROM t, u", "t u"),
        ("SELECT a FROM t SAMPLE BY 1h FROM dateadd('h', -1, $__fromTime) TO $__toTime FILL(0, NULL)", "t"),
        ("SELECT a FROM t WHERE b IN (SELECT b FROM u) GROUP BY a, b ORDER BY a, b", "t u"),
        ("SELECT a FROM t UNION ALL SELECT b FROM u", "t u"),
        ("SELECT a FROM t UNION u", "t u"),
        (
            "SELECT 1 FROM (SELECT 'x' AS host UNION ALL SELECT 'y') i JOIN (SELECT h FROM d) e ON 1 = 1",
            "d",
        ),
        ("daemon_metrics LATEST ON timestamp PARTITION BY host, env", "daemon_metrics"),
        ("SELECT * FROM (daemon_metrics LATEST ON timestamp PARTITION BY host, env)", "daemon_metrics"),
        ("SELECT a, lag(b) OVER (PARTITION BY c ORDER BY d) FROM t, u", "t u"),
        ("SELECT 'from x', \"from\" FROM t -- from u\n/* from v */", "t"),
        ("SELECT * FROM $table", ""),
        ("SELECT * FROM t_$suffix, u", "u"),
        ("SELECT * FROM t AS $alias", "t"),
        ("EXPLAIN SELECT * FROM t", "t"),
        ("SELECT a FROM t SAMPLE BY 1h ALIGN TO CALENDAR WITH OFFSET '01:00'", "t"),
        ("SELECT a IS DISTINCT FROM b FROM t", "t"),
        ("DECLARE @x := 5 SELECT * FROM t WHERE a = @x", "t"),
        ("DECLARE @x := 5 WITH b AS (SELECT * FROM t WHERE a = @x) SELECT * FROM b", "t"),
    ],
)
def test_relations(sql: str, expected: str) -> None:
    wanted = expected.split("," if "," in expected else None)
    assert relations(sql) == frozenset(filter(None, wanted))


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SHOW TABLES",
        "CREATE VIEW v AS (SELECT * FROM t)",
        "SELECT a FROM t; SELECT b FROM u",
        "SELECT * FROM t $rest",  # an alias, or a whole WHERE: nobody knows
    ],
)
def test_what_is_not_one_query_is_not_guessed(sql: str) -> None:
    assert relations(sql) is None


def test_reads_are_counted_and_functions_are_none() -> None:
    query = parse("SELECT * FROM a x JOIN a y ON x.s = y.s JOIN wal_tables() ON z JOIN trades_$m ON z")
    assert [(read.name, read.source.alias) for read in reads(query)] == [("a", "x"), ("a", "y")]
    assert [source.function.name for source in functions(query) if source.function] == ["wal_tables"]
    assert is_opaque(query)
    assert relations("SELECT * FROM t WHERE (") is None


def test_readers() -> None:
    query = parse("WITH c AS (SELECT 1 AS one FROM a) SELECT * FROM (SELECT one FROM c) UNION SELECT one FROM c")
    inner = query.ctes[0].query.selects[0]
    assert [one.sources[0].name for one in readers(query)[id(inner)]] == ["c", "c"]


@pytest.mark.parametrize(
    ("sql", "column", "expected"),
    [
        ("SELECT latency_ms FROM exchange_status", "latency_ms", "exchange_status.latency_ms"),
        ("SELECT x.l FROM (SELECT latency_ms AS l FROM exchange_status) x", "l", "exchange_status.latency_ms"),
        ("SELECT avg(l) FROM (SELECT latency_ms + 1 AS l FROM exchange_status)", "l", None),
        ("WITH c AS (SELECT * FROM exchange_status) SELECT HOST FROM c", "host", "exchange_status.host"),
        ("SELECT 1 FROM daemon_metrics x JOIN exchange_status y ON x.host = y.host", "y.host", "exchange_status.host"),
        ("SELECT max(latency_ms) latency_ms FROM exchange_status", "latency_ms", "exchange_status.latency_ms"),
        ("SELECT b FROM (SELECT host a FROM daemon_metrics UNION SELECT exchange b FROM exchange_status)", "b", None),
        ("SELECT a FROM (SELECT host AS a FROM daemon_metrics UNION SELECT exchange FROM exchange_status)", "a",
         "daemon_metrics.host"),
        ("SELECT count FROM exchange_status", "count", None),
    ],
)  # fmt: skip
def test_origin(sql: str, column: str, expected: str | None) -> None:
    qualifier, _, name = column.rpartition(".")
    found = origin(outer(sql), ast.Column((0, 0), name, qualifier), KNOWN)
    assert (".".join(found.key) if found else None) == expected


def test_origins_of_an_expression() -> None:
    select = outer(
        "SELECT sum(d) / max(n) AS r FROM (SELECT fetch_count - error_count AS d, host AS n FROM daemon_metrics)"
    )
    found = {one.column for one in origins(select, select.items[0].expression, KNOWN)}
    assert found == {"fetch_count", "error_count", "host"}


@pytest.mark.parametrize(
    ("sql", "low", "high"),
    [
        ("$__timeFilter(timestamp)", True, True),
        ("timestamp > '2026'", True, False),
        ("'2026' > timestamp", False, True),
        ("timestamp BETWEEN 1 AND 2", True, True),
        ("timestamp NOT BETWEEN 1 AND 2", False, False),
        ("timestamp IN '2026'", True, True),
        ("timestamp NOT IN '2026'", False, False),
        ("timestamp >= '2026' AND timestamp < '2027'", True, True),
        ("(timestamp >= '2026' OR env = 'x') AND timestamp < '2027'", False, True),
        ("timestamp > '2026' OR timestamp > '2025'", True, False),
        ("(timestamp > '2026' AND timestamp < '2027') OR timestamp = '2025'", True, True),
        ("NOT timestamp > '2026'", False, False),
        ("timestamp != '2026'", False, False),
        ("datediff('h', timestamp, now()) < 5", True, True),
        ("datediff('h', timestamp, now()) > 5", False, False),
        ("$__toTime - timestamp < 5", False, False),
        ("now() - timestamp < 5", True, True),
        ("env IN ('x') AND host = 'y'", False, False),
        ("CASE WHEN timestamp > '2026' THEN true ELSE false END", False, False),
        ("timestamp IS DISTINCT FROM '2026'", False, False),
    ],
)
def test_bounds(sql: str, low: bool, high: bool) -> None:
    select = outer(f"SELECT * FROM daemon_metrics WHERE {sql}")
    found = bounds(select, lambda column: is_time(select, column, KNOWN))
    if sql.startswith("$__toTime"):
        assert found == Bounds(low=True, high=True)
    else:
        assert found == Bounds(low, high)


def test_conditions() -> None:
    sql = "a = 1 AND (b OR (c AND d) OR e) AND (f AND g)"
    pieces = list(conjuncts(parse_expression(sql)))
    assert [sql[slice(*piece.span)] for piece in pieces] == ["a = 1", "b OR (c AND d) OR e", "f", "g"]
    assert [sql[slice(*piece.span)] for piece in alternatives(pieces[1])] == ["b", "c AND d", "e"]
    named = columns(parse_expression("a + f(b, (SELECT c FROM t)) + extract(hour FROM d)"))
    assert [column.name for column in named] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT fetch_count FROM daemon_metrics", True),
        ("SELECT max(fetch_count) AS m FROM daemon_metrics", True),
        ("SELECT max(fetch_count) - min(fetch_count) FROM daemon_metrics", False),
        ("SELECT fetch_count - 5 FROM daemon_metrics", True),
        ("SELECT count(fetch_count) FROM daemon_metrics", False),
        ("SELECT CASE WHEN fetch_count > 5 THEN 1 ELSE 0 END FROM daemon_metrics", False),
        ("SELECT CASE WHEN running THEN fetch_count ELSE 0 END FROM daemon_metrics", True),
        ("SELECT fetch_count > 5 FROM daemon_metrics", False),
        ("SELECT m FROM (SELECT last(fetch_count) AS m FROM daemon_metrics)", True),
        (
            "SELECT m FROM (SELECT fetch_count - lag(fetch_count) OVER (ORDER BY timestamp) AS m FROM daemon_metrics)",
            False,
        ),
        ("SELECT row_number() OVER (ORDER BY fetch_count) FROM daemon_metrics", False),
    ],
)
def test_raw_counter(sql: str, found: bool) -> None:
    select = outer(sql)
    assert (raw_counter(select, select.items[0].expression, KNOWN) is not None) is found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM daemon_metrics", {"host", "env"}),
        ("SELECT * FROM daemon_metrics WHERE env = 'prod'", {"host"}),
        ("SELECT * FROM daemon_metrics WHERE 'prod' = env AND host IN ('x')", set()),
        ("SELECT * FROM daemon_metrics WHERE env IN ('a', 'b')", {"host", "env"}),
        ("SELECT * FROM daemon_metrics WHERE env NOT IN ('a')", {"host", "env"}),
        ("SELECT * FROM (SELECT host, max(uptime_seconds) u FROM daemon_metrics)", {"host"}),
        ("SELECT * FROM daemon_metrics x JOIN exchange_status y ON x.host = y.host", set()),
        ("SELECT * FROM (SELECT host, env FROM daemon_metrics UNION ALL SELECT 'x', 'y')", {"host", "env"}),
        (
            "SELECT * FROM (SELECT host FROM daemon_metrics WHERE env = 'x' UNION ALL SELECT 'x') WHERE host = 'y'",
            set(),
        ),
    ],
)
def test_keys(sql: str, expected: set[str]) -> None:
    assert {one.column for one in series_keys(outer(sql), KNOWN)} == expected
