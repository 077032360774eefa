"""The ledger of what was published, as a file that merges."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import decode, encode

ENTRIES = st.frozensets(st.builds(" ".join, st.tuples(st.sampled_from(["rule", "receiver"]), st.text(min_size=1))))


@given(ENTRIES)
def test_what_is_encoded_is_decoded(entries: frozenset[str]) -> None:
    assert decode(encode(entries)) == entries
    assert encode(decode(encode(entries))) == encode(entries)


def test_every_entry_is_a_line_of_its_own() -> None:
    assert encode({"rule b", "rule a"}).decode() == (
        '{\n  "format": 2,\n  "published": [\n    "rule a",\n    "rule b",\n    "~"\n  ]\n}\n'
    )


def test_the_format_before_is_read() -> None:
    assert decode(b'{"format": 1, "published": ["dashboard x", "rule a"]}') == {"dashboard x", "rule a"}


def test_a_merge_that_conflicts_is_read_as_the_union() -> None:
    text = """{
  "format": 2,
  "published": [
    "rule a",
<<<<<<< HEAD
    "rule b",
||||||| 1234567
=======
    "rule c",
>>>>>>> theirs
    "~"
  ]
}
"""
    assert decode(text.encode()) == {"rule a", "rule b", "rule c"}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"{", "is not JSON"),
        (b"[]", "does not have the form"),
        (json.dumps({"format": 2, "published": "x"}).encode(), "does not have the form"),
        (
            json.dumps({"format": 3, "published": []}).encode(),
            "newer dashgen: it has format 3, and this one reads up to 2",
        ),
        (json.dumps({"format": "x", "published": []}).encode(), "has format 'x', which no dashgen writes"),
    ],
)
def test_what_is_no_ledger(data: bytes, text: str) -> None:
    with pytest.raises(TreeError, match=text):
        decode(data)
