"""What Grafana reads from a text of a provisioning file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.provisioning_variables import escape, expand, references

SET = {"A": "1", "LONG_NAME": "x y", "DOLLAR": "$A"}


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
    ],
)  # fmt: skip
def test_expansion_as_grafana_does_it(text: str, becomes: str) -> None:
    assert expand(text, SET) == becomes


def test_a_file_is_not_read() -> None:
    assert expand("$__file{/etc/passwd}", SET) == "$__file{/etc/passwd}"


def test_without_variables_references_stay() -> None:
    assert expand("${TELEGRAM_BOT_TOKEN} costs $$5") == "${TELEGRAM_BOT_TOKEN} costs $5"


@given(st.text(alphabet=st.one_of(st.sampled_from("${}A_ab1 ."), st.characters())))
def test_escape_and_expand_are_inverse(text: str) -> None:
    assert expand(escape(text), SET) == text
    assert references(escape(text)) == frozenset()


def test_references() -> None:
    assert references("${A} $B $$C $__env{D} ${E}/$$${F}") == {"A", "B", "D", "E", "F"}
