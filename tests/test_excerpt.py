"""A line with a mark below a part of it, whatever it is made of and however wide the terminal is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.excerpt import cells, columns, marked


@pytest.mark.parametrize(
    ("text", "part", "line", "mark"),
    [
        ("    SELECT max(uptime)", "uptime", "SELECT max(uptime)", "           ^^^^^^"),
        ("\ta,\tnope", "nope", "a,    nope", "      ^^^^"),
        ("名前 = nope", "nope", "名前 = nope", "       ^^^^"),
        ("a = 名前", "名前", "a = 名前", "    ^^^^"),
        ("cafe\u0301 = nope", "nope", "cafe\u0301 = nope", "       ^^^^"),
        ("x = cafe\u0301", "cafe\u0301", "x = cafe\u0301", "    ^^^^"),
        ("a\u200db nope", "nope", "a\u200db nope", "   ^^^^"),
        ("a \x1b[31m nope", "nope", "a \ufffd[31m nope", "        ^^^^"),
        ("", "", "", "^"),
    ],
)
def test_the_mark_is_below_its_word(text: str, part: str, line: str, mark: str) -> None:
    start = text.index(part)
    assert marked(text, start, start + len(part), 80) == (line, mark)


def test_a_mark_that_is_longer_than_the_terminal() -> None:
    line, mark = marked("a" * 200, 0, 200, 60)
    assert cells(line) <= 60
    assert mark == "^" * len(mark)
    assert len(mark) <= 60


@given(
    st.text(st.sampled_from("ab ,.\t名e\u0301\u200d\x1b😀"), max_size=300), st.integers(0, 300), st.integers(1, 40),
    st.integers(40, 120),
)  # fmt: skip
def test_neither_line_is_wider_than_the_terminal(text: str, start: int, length: int, width: int) -> None:
    start = min(start, len(text))
    line, mark = marked(text, start, min(start + length, len(text)), width)
    assert cells(line) <= width
    assert len(mark) <= width
    assert mark.strip(" ").strip("^") == ""
    assert mark.endswith("^")
    assert not {"\t", "\x1b", "\n"} & set(line)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(40, 120), st.sampled_from("a名"))
def test_the_marked_word_is_shown_wherever_it_stands(before: int, after: int, width: int, filling: str) -> None:
    line, mark = marked(f"{filling * before} WORD {filling * after}", before + 1, before + 5, width)
    begin = cells(line[: line.index("WORD")])
    assert mark == " " * begin + "^^^^"


def test_the_width_is_the_terminals_or_80(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "132")
    assert columns() == 132
    monkeypatch.setenv("COLUMNS", "7")
    assert columns() == 40
