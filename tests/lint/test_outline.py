"""The outline of queries: clauses, sources, windows; and that nothing makes it fail."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.lint.clauses import selects, unquoted, users, windows
from dashgen.lint.outline import outline
from dashgen.model.sql import tokenize


def test_clauses() -> None:
    (select,) = outline(
        "SELECT DISTINCT a, max(b) AS top, c d FROM t x WHERE a > 1 AND b IN (1, 2) LATEST ON ts PARTITION BY a, c"
        " SAMPLE BY 1m FROM '2026' TO '2027' FILL(0) ALIGN TO CALENDAR GROUP BY a, c ORDER BY top DESC LIMIT 5;"
        " SELECT 1"
    ).selects
    assert select.distinct
    assert [(item.name, item.part.words) for item in select.items] == [
        ("a", ("a",)),
        ("top", ("max", "(", "b", ")")),
        ("d", ("c",)),
    ]
    assert [(s.name, s.alias) for s in select.sources] == [("t", "x")]
    assert select.where.words == ("a", ">", "1", "and", "b", "in", "(", "1", ",", "2", ")")
    assert select.latest.words == ("latest", "on", "ts")
    assert select.latest_by.words == ("a", ",", "c")
    assert select.sample.words[:5] == ("sample", "by", "1m", "from", "'2026'")
    assert select.sample.words[-3:] == ("align", "to", "calendar")
    assert (select.group.words, select.order.words, select.limit.words) == (("a", ",", "c"), ("top", "desc"), ("5",))


def test_queries_within_queries() -> None:
    query = outline(
        "WITH c AS (SELECT 1 AS one FROM t1) SELECT x FROM (SELECT one AS x FROM c) JOIN t2 ON t2.a = x"
        " WHERE x IN (SELECT y FROM t3) UNION ALL SELECT z FROM t4 ASOF JOIN t5"
    )
    found = [[(s.name, s.query is not None) for s in select.sources] for select in selects(query)]
    assert found == [
        [("t1", False)],
        [("", True), ("t2", False)],
        [("c", True)],
        [("t3", False)],
        [("t4", False), ("t5", False)],
    ]
    inner = query.ctes["c"].selects[0]
    assert [select.items[0].name for select in users(query)[id(inner)]] == ["x"]


def test_windows() -> None:
    (select,) = outline(
        "SELECT lag(a, 1) OVER (PARTITION BY h, e ORDER BY ts ROWS UNBOUNDED PRECEDING) - sum(b) OVER () AS d FROM t"
    ).selects
    first, second = select.windows
    assert (first.function, first.arguments.words) == ("lag", ("a", ",", "1"))
    assert (first.partition.words, first.order.words) == (("h", ",", "e"), ("ts",))
    assert (second.function, second.partition.words, second.order.words) == ("sum", (), ())


def test_words_that_are_columns_too() -> None:
    (select,) = outline("SELECT sample, latest AS limit_, CASE WHEN x THEN 1 END FROM t WHERE latest > 1").selects
    assert [item.name for item in select.items] == ["sample", "limit_", ""]
    assert select.where.words == ("latest", ">", "1")
    assert not select.latest


def test_a_bare_table_is_all_of_it() -> None:
    (select,) = outline("daemon_metrics WHERE host = 'a' LATEST ON timestamp PARTITION BY host").selects
    assert select.star
    assert select.latest_by.words == ("host",)


def test_names_that_are_quoted() -> None:
    (select,) = outline('SELECT "a b", x AS "C" FROM "t 1"').selects
    assert [item.name for item in select.items] == ["a b", "C"]
    assert select.sources[0].name == "t 1"
    assert unquoted('"a""b"') == 'a"b'
    assert unquoted("`a b`") == "a b"


WORDS = "select from where latest on by partition sample group order limit union with as over ( ) , ; ' a b t 1 $v join case end".split()  # noqa: E501, SIM905


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=60))
def test_nothing_makes_it_fail(sql: str) -> None:
    for select in selects(outline(sql)):
        for part in select.parts:
            assert all(token in tokenize(sql) for token in part.tokens)
            list(windows(part))
