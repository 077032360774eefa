"""The parser against the server: what QuestDB takes, the parser reads, with the same tables in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.describe import Describer
from dashgen.sql import ast
from dashgen.sql.parser import NotUnderstood, parse, parse_expression, understood
from dashgen.sql.reads import relations

FORMS = [line for line in (Path(__file__).parent / "forms.sql").read_text().splitlines() if not line.startswith("-- ")]
TABLES = (
    "CREATE TABLE IF NOT EXISTS form_t (ts TIMESTAMP, s SYMBOL, a LONG, p DOUBLE, b BOOLEAN, arr DOUBLE[], ip IPv4)"
    " TIMESTAMP(ts) PARTITION BY DAY",
    "CREATE TABLE IF NOT EXISTS form_u (ts TIMESTAMP, s SYMBOL, a LONG, p DOUBLE) TIMESTAMP(ts) PARTITION BY DAY",
    "CREATE TABLE IF NOT EXISTS form_g (ts TIMESTAMP, geo GEOHASH(6c), u1 UUID) TIMESTAMP(ts) PARTITION BY DAY",
)


@pytest.fixture(scope="module")
def describer(questdb: EmbeddedQuestDB) -> Iterator[Describer]:
    for table in TABLES:
        questdb.execute(table)
    with Describer(questdb.readonly_dsn) as found:
        yield found


@pytest.mark.questdb
@pytest.mark.parametrize("sql", FORMS)
def test_what_the_server_takes_is_read(sql: str, describer: Describer) -> None:
    describer.describe(sql)
    query = parse(sql)
    for node in ast.walk(query):
        start, end = node.span
        assert 0 <= start <= end <= len(sql)
    named = {name for name in re.findall(r"\bform_[tug]\b", re.sub(r"'[^']*'", "", sql)) if f"FROM {name}" in sql}
    found = relations(sql)
    assert found is not None
    assert named <= found <= {"form_t", "form_u", "form_g"}


def text(sql: str, node: ast.Node | None) -> str:
    assert node is not None
    return sql[slice(*node.span)]


def shape(sql: str) -> str:
    """An expression with all its parentheses."""

    def written(node: ast.Node | None) -> str:
        match node:
            case ast.Logical():
                return f"({f' {node.operator} '.join(map(written, node.operands))})"
            case ast.Binary():
                return f"({written(node.left)} {node.operator} {written(node.right)})"
            case ast.Unary():
                return f"({node.operator} {written(node.operand)})"
            case ast.In():
                word = "not in" if node.negated else "in"
                return f"({written(node.operand)} {word} [{', '.join(map(written, node.items))}])"
            case ast.Between():
                word = "not between" if node.negated else "between"
                return f"({written(node.operand)} {word} {written(node.low)} : {written(node.high)})"
            case ast.Cast():
                return f"({written(node.operand)} :: {node.type})"
            case None:
                return ""
            case _:
                return text(sql, node)

    return written(parse_expression(sql))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("-a::int * 2", "((- (a :: int)) * 2)"),
        ("a = b AND c OR d", "(((a = b) and c) or d)"),
        ("a OR b AND c AND d", "(a or (b and c and d))"),
        ("NOT a = 1 AND b", "((not (a = 1)) and b)"),
        ("a BETWEEN 1 AND 2 + 3 AND c", "((a between 1 : (2 + 3)) and c)"),
        ("a NOT BETWEEN 1 AND 2 OR c", "((a not between 1 : 2) or c)"),
        ("a || b = c || 'x'", "((a || b) = (c || 'x'))"),
        ("a < b = c > d", "((a < b) = (c > d))"),
        ("a IN (1, 2) = b", "((a in [1, 2]) = b)"),
        ("a NOT IN ('x') AND b", "((a not in ['x']) and b)"),
        ("ts IN '2024' AND b", "((ts in ['2024']) and b)"),
        ("a IS NOT NULL AND b LIKE 'x%'", "((a is not NULL) and (b like 'x%'))"),
        ("a & 1 | b ^ 2", "((a & 1) | (b ^ 2))"),
        ("ip <<= '10.0.0.0/8'", "(ip <<= '10.0.0.0/8')"),
        ("(a + b) * c", "((a + b) * c)"),
        ("$x = a AND ${y:sqlstring} <> b", "(($x = a) and (${y:sqlstring} <> b))"),
    ],
)
def test_operators_bind_as_the_servers(sql: str, expected: str) -> None:
    assert shape(sql) == expected


def test_precedence_is_the_servers(questdb: EmbeddedQuestDB) -> None:
    """What the server computes with and without the parentheses that the parser puts."""
    for sql in (
        "1 + 2 * 3 - 4", "- 2 * 3", "1 = 1 AND 2 = 3 OR true", "NOT 1 = 2 AND true", "2 < 3 = true", "7 & 3 | 8 ^ 1",
        "5 % 3 * 2", "'a' || 'b' = 'ab'", "1 IN (1, 2) = true", "3 BETWEEN 1 AND 2 + 1 AND true", "6 / 3 * 2",
    ):  # fmt: skip
        written = re.sub(r"\[(.*?)\]", r"(\1)", shape(sql)).replace(" : ", " and ")
        assert questdb.query(f"SELECT {sql}").rows == questdb.query(f"SELECT {written}").rows, (sql, written)


def test_clauses() -> None:
    sql = (
        "WITH c AS (SELECT 1 AS one FROM t1) SELECT DISTINCT a, max(b) AS top, x.* FROM t x LEFT JOIN c ON x.a = c.one"
        " WHERE a > 1 AND b IN (SELECT y FROM t3) LATEST ON ts PARTITION BY a, c SAMPLE BY 1m FROM '2026' TO '2027'"
        " FILL(0, PREV) ALIGN TO CALENDAR TIME ZONE 'UTC' WITH OFFSET '00:15' GROUP BY a, c"
        " ORDER BY top DESC, a LIMIT 5, 9"
    )
    query = parse(sql)
    (select,) = query.selects
    assert [(item.name, text(sql, item.expression)) for item in select.items] == [
        ("a", "a"), ("top", "max(b)"), ("", "x.*"),
    ]  # fmt: skip
    assert select.distinct
    first, second = select.sources
    assert (first.name, first.alias, first.join) == ("t", "x", None)
    assert second.join is not None
    assert (second.name, second.join.kind, text(sql, second.join.on)) == ("c", "left", "x.a = c.one")
    assert second.cte is query.ctes[0].query
    assert select.latest is not None
    assert (text(sql, select.latest.on), [text(sql, one) for one in select.latest.by]) == ("ts", ["a", "c"])
    sample = select.sample
    assert sample is not None
    assert [text(sql, one) for one in (sample.interval, sample.start, sample.stop, *sample.fill)] == [
        "1m", "'2026'", "'2027'", "0", "PREV",
    ]  # fmt: skip
    assert (sample.align, text(sql, sample.time_zone), text(sql, sample.offset)) == ("calendar", "'UTC'", "'00:15'")
    assert text(sql, sample).startswith("SAMPLE BY 1m")
    assert text(sql, sample).endswith("'00:15'")
    assert [text(sql, one) for one in select.group] == ["a", "c"]
    assert [(text(sql, one.expression), one.descending) for one in select.order] == [("top", True), ("a", False)]
    assert select.limit is not None
    assert (text(sql, select.limit.low), text(sql, select.limit.high)) == ("5", "9")


def test_windows() -> None:
    sql = "SELECT lag(a, 1) OVER (PARTITION BY h, e ORDER BY ts ROWS UNBOUNDED PRECEDING) - sum(b) OVER () AS d FROM t"
    calls = [node for node in ast.walk(parse(sql)) if isinstance(node, ast.Call)]
    assert [(call.name, [text(sql, one) for one in call.arguments]) for call in calls] == [
        ("lag", ["a", "1"]), ("sum", ["b"]),
    ]  # fmt: skip
    window = calls[0].window
    assert window is not None
    assert [text(sql, one) for one in window.partition] == ["h", "e"]
    assert [text(sql, one) for one in window.order] == ["ts"]
    assert window.frame == ("rows", "unbounded", "preceding")
    assert calls[1].window is not None


def test_macros_and_variables_are_nodes() -> None:
    sql = (
        "SELECT $__timeGroupAlias(ts, 5m, previous), avg(${col}), n_$x FROM trades_$m"
        " WHERE $__timeFilter(ts) AND $a = b"
    )
    query = parse(sql)
    macros = [node for node in ast.walk(query) if isinstance(node, ast.Macro)]
    assert [(m.name, [text(sql, one) for one in m.arguments or ()]) for m in macros] == [
        ("timeGroupAlias", ["ts", "5m", "previous"]), ("timeFilter", ["ts"]),
    ]  # fmt: skip
    assert [n.name for n in ast.walk(query) if isinstance(n, ast.Column)] == ["ts", "ts", "b"]
    assert [n.reference.name for n in ast.walk(query) if isinstance(n, ast.Variable)] == ["col", "a"]
    assert [text(sql, n) for n in ast.walk(query) if isinstance(n, ast.Spliced)] == ["n_$x"]
    assert query.selects[0].sources[0].opaque
    assert relations(sql) == frozenset()


@pytest.mark.parametrize(
    "sql",
    [
        "", " -- nothing", "DROP TABLE t", "INSERT INTO t VALUES (1)", "COPY t TO 'x'", "SELECT 1; SELECT 2",
        "SHOW TABLES", "SELECT * FROM", "SELECT a FROM t WHERE", "SELECT (1", "SELECT a b c FROM t",
        "SELECT * FROM t WHERE a = 1 2",
        "SELECT a FROM t ORDER BY", "TRUNCATE TABLE t", "UPDATE t SET a = 1", "SELECT 1)",
        "WITH c AS (DELETE FROM t) SELECT 1", "SELECT " + "(" * 300 + "1" + ")" * 300,
        "SELECT * FROM (" * 300 + "t" + ")" * 300,
        "SELECT " + "-" * 2000 + "1", "SELECT " + "CASE WHEN a THEN " * 500,
        "SELECT " + "NOT " * 3000 + "a", "SELECT " + "a[" * 900, "SELECT " + "f(" * 900,
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(sql: str) -> None:
    assert understood(sql) is None
    with pytest.raises(NotUnderstood) as told:
        parse(sql)
    assert 0 <= told.value.at <= len(sql)
    assert "expected" in str(told.value)


def test_long_texts_are_read() -> None:
    conditions = " OR ".join(f"a = {number}" for number in range(5000))
    query = parse(f"SELECT {' || '.join('a' * 3000)} FROM t WHERE {conditions}")
    assert sum(isinstance(node, ast.Binary) for node in ast.walk(query)) == 5000 + 2999
