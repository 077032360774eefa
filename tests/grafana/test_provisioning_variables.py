"""What Grafana reads from a text of a provisioning file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.provisioning_variables import escape, expand, is_read_again, references

SET = {
    "A": "1", "LONG_NAME": "x y", "DOLLAR": "$A", "TWICE": "pa$$ss", "END": "5$", "SPACE": "a$ b",
    "TO_FILE": "$__file{/run/secrets/a}",
}  # fmt: skip
FILES = {"/run/secrets/a": " secret\n", "/run/secrets/b": "x$NONE"}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("plain", "plain"),
        ("$A", "1"),
        ("${A}b", "1b"),
        ("$Ab", ""),
        ("$__env{A}", "1"),
        ("$$A", "$A"),
        ("$$$A", "$1"),
        ("$$$$", "$$"),
        ("${UNSET}", ""),
        ("$", "$"),
        ("a$ b", "a$ b"),
        ("cost: 5$", "cost: 5$"),
        ("${", ""),
        ("${}x", "x"),
        ("$1x", "x"),
        ("{{ $labels.host }}", "{{ .host }}"),
        ("{{ $$labels.host }}", "{{ $labels.host }}"),
        ("${LONG_NAME}", "x y"),
        ("$DOLLAR", "$A"),
        ("${DOLLAR}", "1"),
        ("$__env{DOLLAR}", "1"),
        ("x${DOLLAR}y", "x"),
        ("${TWICE}", "pass"),
        ("${END} ${SPACE}", "5$ a$ b"),
        ("$__env{A}$__env{A}", "11"),
        ("$__other{A}", "{A}"),
        ("$$__env{A}", "$__env{A}"),
        ("${TO_FILE}", "secret"),
        ("$__file{/run/secrets/a}", "secret"),
        ("$__file{/run/secrets/b}", "x"),
        ("$__file{/run/secrets/none}b", "$__file{/run/secrets/none}b"),
        ("$__vault{kv/a:b}", "$__vault{kv/a:b}"),
    ],
)  # fmt: skip
def test_expansion_as_grafana_does_it(text: str, becomes: str) -> None:
    assert expand(text, SET, FILES) == becomes


def test_a_file_is_not_read() -> None:
    assert expand("$__file{/etc/passwd}", SET) == "$__file{/etc/passwd}"


def test_without_variables_references_stay() -> None:
    assert expand("${TELEGRAM_BOT_TOKEN} costs $$5") == "${TELEGRAM_BOT_TOKEN} costs $5"


@given(st.text(alphabet=st.one_of(st.sampled_from("${}A_ab1 ."), st.characters())))
def test_escape_and_expand_are_inverse(text: str) -> None:
    assert expand(escape(text), SET) == text
    assert references(escape(text)) == frozenset()


def test_references() -> None:
    assert references("$__other{A} $__file{/x$Y}") == {"__other"}
    assert references("${A} $B $$C $__env{D} ${E}/$$${F}") == {"A", "B", "D", "E", "F"}


@pytest.mark.parametrize(
    ("value", "again"),
    [("pa$word", True), ("pa$$word", True), ("${A}", True), ("$1", True), ("5$", False), ("a$ b", False), ("x", False),
     ("$__file{/x}", True), ("$__env{A}", True)],
)  # fmt: skip
def test_a_dollar_in_a_value_is_read_once_more(value: str, again: bool) -> None:
    assert is_read_again(value) == again
