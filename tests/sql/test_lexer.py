"""What the lexer sees in a query: tokens, variables, macros."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.sql.lexer import (
    MacroRef,
    VariableRef,
    dashboard_names,
    macros,
    moments,
    tokenize,
    variable_names,
    variables,
)

SQL_TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            re.findall(
                r"\S+",
                r"""select from with as ( ) , . ; ' " -- /* */ $x ${x} ${x:csv} [[x]] $__timeFilter(
                $__interval ${__from} join on union all t u sample by fill :: || $ [[ ]] ${ } 1e3 'a''b'""",
            )
        ),
        st.text(max_size=6),
    ),
    max_size=30,
).map(" ".join)


@given(st.one_of(st.text(), SQL_TEXT, SQL_TEXT.map(lambda sql: sql.replace(" ", ""))))
def test_tokens_concatenated_are_the_input_and_nothing_fails(sql: str) -> None:
    tokens = tokenize(sql)
    assert "".join(token.text for token in tokens) == sql
    assert all(sql.startswith(token.text, token.start) for token in tokens)
    assert variable_names(sql) == {variable.name for variable in variables(sql)}
    for variable in variables(sql):
        assert variable.name in sql[variable.start : variable.end]
    for macro in macros(sql):
        assert sql[macro.start] in "$["
        assert macro.name in sql[macro.start : macro.end]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fetch_count", "word"),
        ("zähler", "word"),
        ("5m", "number"),
        ("1e-3", "number"),
        ("86400000000L", "number"),
        (".5", "number"),
        ("'it''s'", "string"),
        ("'never closed", "string"),
        ('"a ""b"""', "quoted"),
        ("`it's; --one`", "quoted"),
        ("::", "operator"),
        ("-- to the end", "comment"),
        ("/* a\nb */", "comment"),
        ("/* never closed", "comment"),
        (" \n\t", "space"),
        ("$__interval_ms", "macro"),
        ("${__from:date:iso}", "macro"),
        ("$host", "variable"),
        ("${host:sqlstring}", "variable"),
        ("${host.text}", "variable"),
        ("[[host:csv]]", "variable"),
        ("§", "operator"),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert [(token.kind, token.text) for token in tokenize(text)] == [(kind, text)]


def test_variables_are_found_wherever_grafana_replaces_them() -> None:
    sql = "a = $a -- $b\nAND 'x${c:csv}y' = [[d:pipe]] AND ${e.text:raw} AND \"$f\" AND $__from AND $$g"
    assert [(v.name, v.format, v.path) for v in variables(sql)] == [
        ("a", None, None),
        ("b", None, None),
        ("c", "csv", None),
        ("d", "pipe", None),
        ("e", "raw", "text"),
        ("f", None, None),
        ("g", None, None),
    ]
    assert variable_names(sql) == {variable.name for variable in variables(sql)} != set()
    assert variables("x = $host") == (VariableRef("host", None, 4, 9),)


def test_macros() -> None:
    assert macros("$__timeFilter(ts) $__interval") == (
        MacroRef("timeFilter", ("ts",), 0, 17),
        MacroRef("interval", None, 18, 29),
    )
    assert macros("$__conditionalAll(a IN (b, c), $x)")[0].args == ("a IN (b, c)", " $x")
    assert macros("$__timeFrom()")[0] == MacroRef("timeFrom", (), 0, 13)
    assert [m.args for m in macros("$__a($__b(1), 2)")] == [("$__b(1)", " 2"), ("1",)]
    assert macros("$__a(b") == (MacroRef("a", None, 0, 4),)
    assert macros("${__from:date}") == (MacroRef("from", None, 0, 14),)


@pytest.mark.parametrize(
    "piece", ["(", "$__a(", "'", "''", "/*", "[[", "${", "$__a(1,", '"', "--", "with a as (", "${x.", ","]
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    sql = piece * (200_000 // len(piece))
    began = time.process_time()
    tokenize(sql)
    variables(sql)
    macros(sql)
    assert time.process_time() - began < 5


def test_the_moments_of_questdb_are_known_where_it_reads_them() -> None:
    sql = "timestamp IN '$now - 1h..$NOW' AND h = '$host' AND x > $today OR y IN '[$yesterday..${tomorrow}]' -- $now"
    assert [ref.name for ref in moments(sql)] == ["now", "NOW", "yesterday"]
    assert all(sql[ref.start : ref.end] == f"${ref.name}" for ref in moments(sql))
    assert dashboard_names(sql) == {"host", "today", "tomorrow", "now"}
    assert dashboard_names("timestamp IN '$today'") == set()
    assert [ref.name for ref in moments("'$nowhere' '$now_2'")] == []
