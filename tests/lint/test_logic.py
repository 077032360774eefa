"""Conditions as AND, OR and NOT put them together."""

from __future__ import annotations

import pytest

from dashgen.check.logic import atoms, holds, outside_cases, tree, when_conditions
from dashgen.sql.lexer import Token, tokenize


def tokens(sql: str) -> list[Token]:
    return [token for token in tokenize(sql) if token.kind != "space"]


def shown(parts: list[Token]) -> str:
    return " ".join(token.text for token in parts)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("a", ["a"]),
        ("a AND b OR NOT c", ["a", "b", "c"]),
        ("(a OR (b AND (c)))", ["a", "b", "c"]),
        ("x BETWEEN 1 AND 2 AND y", ["x BETWEEN 1 AND 2", "y"]),
        ("CASE WHEN a AND b THEN c OR d END AND e", ["CASE WHEN a AND b THEN c OR d END", "e"]),
        ("f(a AND b) AND c", ["f ( a AND b )", "c"]),
        ("not in_list", ["in_list"]),
        ("x NOT IN (1, 2)", ["x NOT IN ( 1 , 2 )"]),
        ("NOT", ["NOT"]),
        ("", [""]),
    ],
)
def test_atoms(sql: str, found: list[str]) -> None:
    assert [atom.text for atom in atoms(tree(tokens(sql)))] == found


@pytest.mark.parametrize(
    ("sql", "result"),
    [
        ("t AND f", False),
        ("t OR f", True),
        ("NOT f AND t", True),
        ("NOT (f AND t)", True),
        ("NOT f OR f", True),
        ("f AND f OR t", True),
        ("f AND (f OR t)", False),
        ("NOT NOT f", False),
    ],
)
def test_holds(sql: str, result: bool) -> None:
    assert holds(tree(tokens(sql)), lambda atom: atom.text == "t") is result


def test_conditions_of_cases() -> None:
    sql = "sum(CASE WHEN a AND b THEN 1 WHEN c THEN CASE x WHEN 1 THEN 2 END ELSE 3 END) + 1"
    assert [[shown(one) for one in found] for found in when_conditions(tokens(sql))] == [["a AND b", "c"], ["x = 1"]]
    assert shown(outside_cases(tokens(sql))) == "sum ( ) + 1"


def test_what_is_not_closed_makes_no_error() -> None:
    assert list(when_conditions(tokens("CASE WHEN a"))) == [[tokens("x         a")[-1:]]]
    assert outside_cases(tokens("END a CASE b")) == tokens("END a CASE b")[:2]
