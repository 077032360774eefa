from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashgen.diff.lines import Line, changes, same_sql, side_by_side, sql_lines
from dashgen.sql.lexer import tokenize
from tests.diff.strategies import PATIENT

TEXTS = """SELECT FROM WHERE AND OR ( ) [ ] , ; . :: 'a''b' -- /*x*/ "q" t v 1m 5 + - * = <= BETWEEN CASE WHEN END
LEFT JOIN PARTITION BY OVER ON $__timeFilter $x ${y:sqlstring} SAMPLE"""
WORDS = st.sampled_from([*TEXTS.split(), "'\n'"])
SQLS = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "\n", "  "])), max_size=30).map(
    lambda parts: "".join(word + space for word, space in parts)
)


def _tokens(sql: str) -> list[str]:
    return [token.text.strip() for token in tokenize(sql) if token.kind != "space"]


@given(SQLS)
@settings(PATIENT, max_examples=200)
@example(". 1m")
@example("(- --")
def test_laying_out_loses_and_joins_no_token(sql: str) -> None:
    assert _tokens("\n".join(sql_lines(sql))) == _tokens(sql)


def test_white_space_is_no_difference() -> None:
    assert same_sql(
        "SELECT a,b FROM t WHERE a=1 AND b<2", "select".upper() + "  a , b\nFROM t\n WHERE a = 1\n AND b < 2"
    )


def test_a_space_inside_a_string_or_beside_a_variable_is_a_difference() -> None:
    assert not same_sql("SELECT 'a  b'", "SELECT 'a b'")
    assert not same_sql("SELECT * FROM t_$x", "SELECT * FROM t_ $x")
    assert not same_sql("SELECT a - -1", "SELECT a + -1")


def test_columns_conditions_and_clauses_have_lines_of_their_own() -> None:
    assert sql_lines(
        "SELECT a, avg(b) FROM (SELECT * FROM t WHERE x BETWEEN 1 AND 2 AND y = 3) LEFT JOIN u ON a = b LIMIT 5"
    ) == (
        "SELECT a,",
        "  avg(b)",
        "FROM (",
        "  SELECT *",
        "  FROM t",
        "  WHERE x BETWEEN 1 AND 2",
        "    AND y = 3",
        ")",
        "LEFT JOIN u ON a = b",
        "LIMIT 5",
    )


def test_only_what_differs_is_shown_with_what_is_around_it() -> None:
    old = [str(i) for i in range(9)]
    assert changes(old, [*old[:4], "x", *old[5:]], context=1) == (
        Line("…", ""), Line(" ", "3"), Line("-", "4"), Line("+", "x"), Line(" ", "5"), Line("…", ""),
    )  # fmt: skip
    assert changes(old, old) == ()


def test_side_by_side_pairs_what_went_with_what_came() -> None:
    lines = (Line(" ", "a"), Line("-", "b"), Line("-", "c"), Line("+", "d"), Line(" ", "e"))
    assert list(side_by_side(lines)) == [
        (lines[0], lines[0]), (lines[1], lines[3]), (lines[2], None), (lines[4], lines[4]),
    ]  # fmt: skip
