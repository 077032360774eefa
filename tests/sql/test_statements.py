from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.sql.lexer import tokenize
from dashgen.sql.statements import _no_query, acting_part, no_query, no_query_once


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("COPY t TO 'x' WITH FORMAT PARQUET", "the statement COPY"),
        ("copy (SELECT * FROM t) TO 'x'", "the statement COPY"),
        ("COPY t FROM 'x.csv' WITH HEADER true", "the statement COPY"),
        ("INSERT INTO t SELECT * FROM t", "the statement INSERT"),
        ("INSERT ATOMIC INTO t VALUES (1)", "the statement INSERT"),
        ("UPDATE t SET a = 1", "the statement UPDATE"),
        ("ALTER TABLE t DROP COLUMN a", "the statement ALTER"),
        ("CREATE TABLE x AS (SELECT * FROM t)", "the statement CREATE"),
        ("TRUNCATE TABLE t", "the statement TRUNCATE"),
        ("RENAME TABLE t TO u", "the statement RENAME"),
        ("VACUUM TABLE t", "the statement VACUUM"),
        ("REINDEX TABLE t COLUMN a LOCK EXCLUSIVE", "the statement REINDEX"),
        ("CANCEL QUERY 1", "the statement CANCEL"),
        ("BEGIN", "the statement BEGIN"),
        ("/* SELECT */ -- SELECT\nDROP TABLE t", "the statement DROP"),
        ("(DROP TABLE t)", "the statement DROP"),
        ("; DROP TABLE t", "the statement DROP"),
        ("EXPLAIN UPDATE t SET a = 1", "the statement UPDATE"),
        ("WITH q AS (SELECT 1) INSERT INTO t SELECT * FROM q", "the statement INSERT"),
        ("WITH a AS (SELECT 1), b AS (SELECT 2) UPDATE t SET a = 1 FROM b", "the statement UPDATE"),
        ("DECLARE @x := 1, @y := (SELECT 2) INSERT INTO t SELECT @x", "the statement INSERT"),
        ("SELECT 1; DROP TABLE t", "a second statement behind ';'"),
        ("SELECT 1;;/* */SELECT 2", "a second statement behind ';'"),
        ("SELECT reload_config()", "reload_config(), which acts on the server"),
        ("SELECT a FROM t WHERE 1 = \"simulate_crash\" ('C')", "simulate_crash(), which acts on the server"),
    ],
)
def test_what_is_no_query(sql: str, what: str) -> None:
    found = no_query(sql)
    assert found is not None
    assert found.what == what


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "quotes",
        "SELECT 'DROP TABLE t; COPY t' FROM t -- ; DROP TABLE t",
        "SELECT 1;",
        "SELECT update, drop FROM t AS copy WHERE insert = 1",
        "WITH update AS (SELECT 1 AS copy) SELECT * FROM update",
        "WITH a AS (SELECT 1), drop AS (SELECT 2) SELECT * FROM drop",
        "DECLARE @drop := 1 SELECT @drop",
        "fetch WHERE $__timeFilter(timestamp)",
        "reset LATEST ON timestamp PARTITION BY host",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "$query",
        "SELECT $__conditionalAll(host IN ($host), $host) FROM t",
    ],
)
def test_what_is_a_query(sql: str) -> None:
    assert no_query(sql) is None


PARTS = (
    *("SELECT", "select ", " ", "(", ")", ";", "a", "'", '"', "--", "\n", "/*", "*/", "\u00a0", ",", "x;", "é"),
    *("DROP", "reload_config", "Reload_Config", "WITH", "EXPLAIN", "INSERT"),
)


@given(st.lists(st.sampled_from(PARTS), max_size=8))
def test_a_look_at_the_text_sees_what_its_tokens_show(parts: list[str]) -> None:
    """What needs no look at the tokens is what has nothing in them that acts."""
    sql = "SELECT" + "".join(parts)
    words = [token for token in tokenize(sql) if token.kind not in ("space", "comment")]
    assert (no_query_once(sql) is None) == (_no_query(words) is None)


def test_the_place_is_that_of_the_word() -> None:
    sql = "/* x */ WITH q AS (SELECT 1) INSERT INTO t SELECT * FROM q"
    found = no_query(sql)
    assert found is not None
    assert sql[found.start : found.end] == "INSERT"


def test_expressions_begin_no_statement() -> None:
    assert acting_part("close + 1") is None
    assert acting_part("1; DROP TABLE t") is not None
    assert acting_part("reload_config()") is not None


def test_nothing_is_kept_of_a_text_that_does_not_come_again() -> None:
    kept = [cached.cache_info().currsize for cached in (tokenize, no_query)]
    assert no_query_once("DROP TABLE sent_at_1790000000123") == ("the statement DROP", 0, 4)
    assert no_query_once("SELECT 1790000000124") is None
    assert [cached.cache_info().currsize for cached in (tokenize, no_query)] == kept
