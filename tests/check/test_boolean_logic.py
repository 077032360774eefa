"""Conditions as AND, OR and NOT put them together."""

from __future__ import annotations

import pytest

from dashgen.check.boolean_logic import atoms, holds
from dashgen.sql.parser import parse_expression


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("a", ["a"]),
        ("a AND b OR NOT c", ["a", "b", "c"]),
        ("(a OR (b AND (c)))", ["a", "b", "c"]),
        ("x BETWEEN 1 AND 2 AND y", ["x BETWEEN 1 AND 2", "y"]),
        ("CASE WHEN a AND b THEN c OR d END AND e", ["CASE WHEN a AND b THEN c OR d END", "e"]),
        ("f(a AND b) AND c", ["f(a AND b)", "c"]),
        ("not in_list", ["in_list"]),
        ("x NOT IN (1, 2)", ["x NOT IN (1, 2)"]),
        ("NOT a = 1 AND NOT (b OR -c)", ["a = 1", "b", "-c"]),
    ],
)
def test_atoms(sql: str, found: list[str]) -> None:
    assert [sql[slice(*atom.span)] for atom in atoms(parse_expression(sql))] == found


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
    assert holds(parse_expression(sql), lambda atom: sql[slice(*atom.span)] == "t") is result
