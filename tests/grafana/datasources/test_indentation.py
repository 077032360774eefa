from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.datasources.indentation import cleaned
from dashgen.sql.lexer import tokenize

WRITTEN = """
    SELECT replace(a, 'x
  y   ', '  ') AS a,   \n        b
    FROM t
"""


def test_strings_keep_their_blanks_and_line_ends() -> None:
    assert cleaned(WRITTEN).text == "SELECT replace(a, 'x\n  y   ', '  ') AS a,\n    b\nFROM t"
    assert cleaned("SELECT 'a  \n b' AS x").text == "SELECT 'a  \n b' AS x"
    assert cleaned("\n  SELECT 'it''s  \n\n  so', \"c  \n d\"\n").text == "SELECT 'it''s  \n\n  so', \"c  \n d\""


@given(st.text(alphabet="a' \n\",-", max_size=40))
def test_what_is_quoted_never_changes(text: str) -> None:
    found = cleaned(text).text
    before, after = ([t.text for t in tokenize(sql) if t.kind in ("string", "quoted")] for sql in (text, found))
    closed = [t for t in before if len(t) > 1 and t[0] == t[-1]]
    assert [t for t in after if len(t) > 1 and t[0] == t[-1]][: len(closed)] == closed


@given(st.text(alphabet="ab \n\t", max_size=60))
def test_lines_lose_what_they_have_in_common(text: str) -> None:
    lines = [line.rstrip() for line in text.strip("\n").rstrip().split("\n")]
    common = min((len(line) - len(line.lstrip()) for line in lines[1:] if line), default=0)
    assert cleaned(text).text == "\n".join([lines[0].lstrip(), *(line[common:] for line in lines[1:])])


@given(st.text(alphabet="a'\" \n\t", max_size=60))
def test_every_character_has_its_place_in_what_the_author_wrote(text: str) -> None:
    found = cleaned(text)
    assert "".join(text[found.source(at)] for at in range(len(found.text))) == found.text
