"""What the browser puts for variables, per plugin."""

from __future__ import annotations

import pytest

from dashgen.grafana.datasources.interpolation import interpolate
from dashgen.grafana.datasources.variables import ALL, ChosenVariable
from dashgen.model.environment import Plugin

ONE = ChosenVariable("v", "o'brien")
MULTI = ChosenVariable("v", ("a", "b"), multi=True)
SINGLE_OF_MULTI = ChosenVariable("v", "a", multi=True)
EVERY = ChosenVariable("v", (ALL,), multi=True, include_all=True, options=("a", "b", "c"))
GUARD = ChosenVariable("v", ALL, include_all=True, all_value="'__all'", options=("a", "b"))


@pytest.mark.parametrize(
    ("sql", "variable", "questdb", "postgres"),
    [
        ("$v", ONE, "o'brien", "o''brien"),
        ("$v", MULTI, "'a','b'", "'a','b'"),
        ("$v", SINGLE_OF_MULTI, "a", "'a'"),
        ("$v", EVERY, "'a','b','c'", "'a','b','c'"),
        ("x IN ($v) [[v]]", GUARD, "x IN ('__all') '__all'", "x IN ('__all') '__all'"),
        ("${v}", ChosenVariable("v", ("o'x",), multi=True), "'o'x'", "'o''x'"),
        ("$unknown ${v:nope}", MULTI, "$unknown {a,b}", "$unknown {a,b}"),
    ],
)
def test_default(sql: str, variable: ChosenVariable, questdb: str, postgres: str) -> None:
    assert interpolate(sql, [variable], "questdb").text == questdb
    assert interpolate(sql, [variable], "postgres").text == postgres


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize(
    ("format_", "one", "several"),
    [
        ("sqlstring", "'o''brien'", "'a','b'"),
        ("singlequote", r"'o\'brien'", "'a','b'"),
        ("doublequote", '"o\'brien"', '"a","b"'),
        ("csv", "o'brien", "a,b"),
        ("raw", "o'brien", "a,b"),
        ("regex", "o'brien", "(a|b)"),
        ("pipe", "o'brien", "a|b"),
        ("json", "o'brien", '["a","b"]'),
        ("text", "o'brien", "a + b"),
        ("glob", "o'brien", "{a,b}"),
        ("queryparam", "var-v=o%27brien", "var-v=a&var-v=b"),
        ("percentencode", "o%27brien", "%7Ba%2Cb%7D"),
        ("distributed", "o'brien", "a,v=b"),
        ("join:;", "o'brien", "a;b"),
        ("lucene", "o'brien", '("a" OR "b")'),
    ],
)
def test_formats(format_: str, one: str, several: str, plugin: Plugin) -> None:
    assert interpolate(f"${{v:{format_}}}", [ONE], plugin).text == one
    assert interpolate(f"${{v:{format_}}}", [MULTI], plugin).text == several


def test_a_custom_all_value_is_raw_in_every_format() -> None:
    assert interpolate("${v:sqlstring} ${v:csv} ${v:text}", [GUARD], "questdb").text == "'__all' '__all' All"


def test_double_quotes_get_a_backslash_in_sqlstring() -> None:
    assert interpolate("${v:sqlstring}", [ChosenVariable("v", 'a"b')], "questdb").text == "'a\\\"b'"


def test_positions_lead_back() -> None:
    result = interpolate("a = $v AND b", [MULTI], "questdb")
    assert result.source(result.text.index("b", 12)) == 11
    assert result.source(5) == 4
