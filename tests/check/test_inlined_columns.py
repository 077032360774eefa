"""Columns of queries below, written out as what they are."""

from __future__ import annotations

import pytest

from dashgen.check.inlined_columns import MOST_CHARACTERS, Inlining, Written, branch_conditions, outside_cases
from dashgen.grafana.datasources.positions import Expanded
from dashgen.sql import ast
from dashgen.sql.parser import parse


def where(sql: str) -> Written | None:
    (select,) = parse(sql).selects
    assert select.where is not None
    return Inlining(Expanded(sql), lambda text: "$h" in text).written(select.where, select)


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("SELECT 1 FROM (SELECT '$h' AS x, y FROM t) WHERE x = y", "('$h') = y"),
        ("SELECT 1 FROM (SELECT a = $h AS x FROM t) q WHERE NOT q.x AND x", "NOT (a = $h) AND (a = $h)"),
        ("WITH p AS (SELECT $h AS x), q AS (SELECT X AS y FROM p) SELECT 1 FROM q WHERE y = 1", "(($h)) = 1"),
        ("SELECT 1 FROM (SELECT $h AS x) a, (SELECT 2 AS x) b WHERE a.x = b.x", "($h) = b.x"),
        ('SELECT 1 FROM (SELECT $h AS "My x") WHERE "my X" = 1', "($h) = 1"),
        ("SELECT 1 FROM (SELECT $h AS x) WHERE y IN (SELECT x FROM t)", "y IN (SELECT x FROM t)"),
        ("SELECT 1 FROM t WHERE x = $h", "x = $h"),
    ],
)
def test_columns_are_written_out(sql: str, written: str) -> None:
    found = where(sql)
    assert found is not None
    assert found.sql(found.expression) == found.text.text == written


def test_what_is_written_out_leads_back_to_the_author() -> None:
    sql = "WITH p AS (SELECT '$h' AS x FROM u) SELECT 1 FROM t JOIN p ON 1 = 1 WHERE a = p.x AND b"
    found = where(sql)
    assert found is not None
    told = {found.sql(node): sql[slice(*found.author_span(node, node))] for node in ast.walk(found.expression)}
    assert {part: told[part] for part in ("'$h'", "a", "b")} == {"'$h'": "'$h'", "a": "a", "b": "b"}


def test_the_same_condition_has_one_key() -> None:
    found = where("SELECT 1 FROM t WHERE a IN ( 'x',\n 'y' ) OR a IN('x', /* z */ 'y')")
    assert found is not None
    assert isinstance(found.expression, ast.Logical)
    assert len({found.key(one) for one in found.expression.operands}) == 1


def test_a_text_that_doubles_on_each_level_is_left() -> None:
    levels = ", ".join(f"q{n} AS (SELECT x || x AS x FROM q{n - 1})" for n in range(1, 40))
    found = where(f"WITH q0 AS (SELECT $h AS x), {levels} SELECT 1 FROM q39 WHERE x = 1")
    assert found is not None
    assert len(found.text.text) <= 2 * MOST_CHARACTERS


def test_conditions_of_cases() -> None:
    found = where(
        "SELECT 1 FROM t WHERE sum(CASE WHEN a AND b THEN 1 WHEN c THEN CASE x WHEN 1 THEN 2 END ELSE 3 END) + d > 1"
    )
    assert found is not None
    shown = [[one.sql(one.expression) for one in conditions] for conditions in branch_conditions(found)]
    assert shown == [["a AND b", "c"], ["(x) = (1)"]]
    named = [node.name for node in outside_cases(found.expression) if isinstance(node, ast.Column | ast.Call)]
    assert named == ["sum", "d"]
