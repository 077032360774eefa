"""No text of a document becomes code: each comes back as it was from the source, and the source holds data only."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dashgen
from dashgen import Dashboard, Override, Query, RawQuery, Row, Text, TimeSeries
from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import assigned
from dashgen.adopt.source.literals import escaped, quoted, width
from dashgen.adopt.source.module import source
from dashgen.adopt.source.objects import expression, sql
from dashgen.grafana.datasources.indentation import cleaned

SIGNS = "\"'\\\n\r\t\0{}()[]$%#` ;,=:\u202e\u2066\u200b\ufeff\u2028\x85\x1b\x7f\u00a0é日💥"
WHOLE = (SIGNS, '"""', "'''", "\\N{DASH}", 'f"{x}"', "SELECT 1\n  FROM t\n")
letters = st.one_of(st.sampled_from(SIGNS), st.characters(codec="utf-8"))
texts = st.text(letters, max_size=60) | st.sampled_from(WHOLE)
ALLOWED = (
    ast.Module, ast.Expr, ast.ImportFrom, ast.alias, ast.Assign, ast.Name, ast.Store, ast.Load, ast.Call, ast.keyword,
    ast.Tuple, ast.List, ast.Dict, ast.Constant, ast.UnaryOp, ast.USub,
)  # fmt: skip
"""What a module is made of: no attribute, no operator, no comprehension, no f-string."""


def literal(node: ast.expr) -> Any:
    return ast.literal_eval(node)


@given(texts)
def test_a_text_is_read_as_it_is(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text).isprintable()
    assert "\n" not in quoted(text)


@given(st.text(max_size=300), st.integers(0, 40), st.integers(20, 120))
def test_a_long_text_is_read_as_it_is(text: str, indent: int, most: int) -> None:
    from dashgen.adopt.source.expressions import TextCode as Literal

    made = "(\n" + " " * indent + Literal(text).laid_out(indent, indent, 1, most) + "\n)"
    assert ast.literal_eval(made) == text


@given(texts)
def test_sql_is_read_as_the_same_sql(text: str) -> None:
    (statement,) = ast.parse(assigned("SQL", sql(text), 88)).body
    assert isinstance(statement, ast.Assign)
    assert cleaned(literal(statement.value)).text == cleaned(text).text


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ('say "x"', "'say \"x\"'"),
        ("it's", '"it\'s"'),
        ("a\nb", '"a\\nb"'),
        ("\u202e", '"\\u202e"'),
        ("\x00", '"\\x00"'),
        ("é日", '"é日"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_how_a_text_is_written(text: str, literal: str) -> None:
    assert quoted(text) == literal


def test_a_wide_letter_takes_two_columns() -> None:
    assert width("日本a") == 5
    assert escaped("\u2028") == "\\u2028"


@settings(max_examples=60, deadline=None)
@given(title=texts, sql=texts, description=texts, name=texts, key=texts, value=texts)
def test_a_module_holds_data_only(title: str, sql: str, description: str, name: str, key: str, value: str) -> None:
    shown = title if title.strip() else "T"
    dashboard = Dashboard(
        uid="x",
        title=shown,
        description=description,
        imported=True,
        rows=(
            Row(
                shown,
                (
                    TimeSeries(title, Query(sql if sql.strip() else "x", name=name), key="a", description=description),
                    Text(title, key="b", content=value if value.strip() else "x"),
                    TimeSeries(title, RawQuery({key: [value, {value: key}]}), key="c", raw={key: value}),
                    TimeSeries(title, "x", key="d", overrides=(Override(name or "n", custom={key: value}),)),
                ),
            ),
        ),
    )
    module = source(dashboard, names.constant(title, "DASHBOARD"))
    tree = ast.parse(module)
    odd = [type(node).__name__ for node in ast.walk(tree) if not isinstance(node, ALLOWED)]
    assert odd == []
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls <= set(dashgen.MODULES)
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert {shown, description, key, value} - {""} <= set(constants) | {shown if not title.strip() else title, ""}


@given(texts)
def test_names_are_names(text: str) -> None:
    for name in (names.constant(text, "DASHBOARD"), names.module(text, "dashboard")):
        assert name.isidentifier()
        assert name.isascii()
        assert not name.startswith("_")
    assert names.constant(text, "DASHBOARD").isupper()


@pytest.mark.parametrize(
    ("title", "constant", "module"),
    [
        ("Daemon health", "DAEMON_HEALTH", "daemon_health"),
        ("class", "CLASS", "dashboard_class"),
        ("2024 — Übersicht", "DASHBOARD_2024_UBERSICHT", "dashboard_2024_ubersicht"),
        ("日本", "DASHBOARD", "dashboard"),
        ("nul", "NUL", "dashboard_nul"),
        ("__init__", "INIT", "dashboard_init"),
    ],
)
def test_names_come_from_titles(title: str, constant: str, module: str) -> None:
    assert names.constant(title, "DASHBOARD") == constant
    assert names.module(title, "dashboard") == module


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert names.unique("health", ["Health", "health_2"]) == "health_3"


def test_a_text_of_several_lines_stands_as_it_is() -> None:
    text = "sum by (host) (\n  rate(x[5m])\n)\n/ \\d"
    made = assigned("Q", expression(RawQuery({"expr": text}), lambda _: None), 88)
    assert f'{{\n        "expr": """{text}""",\n    }}'.replace("\\d", "\\\\d") in made
    for other in ("a\nb", "a \nb\nc", 'a\nb\nc"', "a\n\tb\nc"):
        assert '"""' not in assigned("Q", expression(RawQuery({"expr": other}), lambda _: None), 88)
