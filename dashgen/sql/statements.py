"""What a text does besides reading rows: statements that are no query, several statements, functions that act.

The words are QuestDB 9.3.4's. For a login that may only read it runs COPY … TO, and takes functions such as
`reload_config()` (both seen). Comments, brackets, EXPLAIN, WITH and DECLARE in front of a statement do not hide it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from dashgen.sql import grammar
from dashgen.sql.lexer import Token, tokenize, tokenize_once

ACTING = grammar.NO_QUERY - grammar.words("show values")
"""First words of statements that change something, or answer no rows. SHOW answers rows and changes nothing."""
ACTING_FUNCTIONS = grammar.words(
    """
    cancel_query dump_memory_usage dump_thread_stacks flush_query_cache hydrate_table_metadata reload_config
    simulate_crash simulate_warnings wait_wal_table
    """
)
"""Functions of QuestDB 9.3.4 (`functions()`, seen) that do something to the server, or wait."""
_QUERIES = grammar.words("select from show")
_TABLE_FOLLOWS = grammar.words("where latest sample limit order group timestamp union except intersect as")
"""Words behind a name that is a table's: `fetch WHERE …` reads the table `fetch`."""
NOT_SENT = "; it is not sent"
"""Behind the message of what a variable's value made of a query."""


class NoQuery(NamedTuple):
    """Why a text must not be sent as a query, and where."""

    what: str
    start: int
    end: int

    @property
    def message(self) -> str:
        return f"expected a query that reads rows, got {self.what}"


@lru_cache(maxsize=4096)
def no_query(sql: str) -> NoQuery | None:
    """The first thing in a text that makes it more, or other, than one query; None where nothing does."""
    return None if _reads_only(sql) else _no_query(_tokens(tokenize(sql)))


def no_query_once(sql: str) -> NoQuery | None:
    """The same of a text that will not come again: nothing of it is kept."""
    return None if _reads_only(sql) else _no_query(_tokens(tokenize_once(sql)))


_SELECT = re.compile(r"\s*SELECT\b", re.ASCII | re.IGNORECASE)
_SUSPECT = re.compile(rf";|{'|'.join(sorted(ACTING_FUNCTIONS))}", re.IGNORECASE)


def _reads_only(sql: str) -> bool:
    """Whether nothing in a text can act, as most texts show without a look at their tokens: no second statement, and no
    name of a function that acts."""
    return _SELECT.match(sql) is not None and _SUSPECT.search(sql) is None


def _no_query(tokens: Sequence[Token]) -> NoQuery | None:
    return _statement(tokens) or _second(tokens) or _function(tokens)


def acting_part(expression: str) -> NoQuery | None:
    """What an expression, put into a query, would do besides being one."""
    tokens = _tokens(tokenize(expression))
    return _second(tokens) or _function(tokens)


def _tokens(of: Sequence[Token]) -> list[Token]:
    return [token for token in of if token.kind not in ("space", "comment")]


def _statement(tokens: Sequence[Token]) -> NoQuery | None:
    words = [token.text.lower() if token.kind == "word" else "" for token in tokens]
    at = 0
    while at < len(tokens) and (tokens[at].text in ("(", ";") or words[at] in ("explain", "plan", "analyze")):
        if words[at] == "analyze" and not (at and words[at - 1] == "explain"):
            break
        at += 1
    if at == len(tokens):
        return None
    if words[at] not in ("with", "declare"):
        return _acting(tokens, words, at)
    depth = 0
    for place in range(at + 1, len(tokens)):
        text = tokens[place].text
        depth += (text == "(") - (text == ")")
        if depth > 0 or words[place - 1] in ("with", "declare") or tokens[place - 1].text in (",", "@", "=", "."):
            continue
        if words[place] in _QUERIES:
            return None
        if found := _acting(tokens, words, place):
            return found
    return None


def _acting(tokens: Sequence[Token], words: Sequence[str], at: int) -> NoQuery | None:
    following = tokens[at + 1].text.lower() if at + 1 < len(tokens) else ""
    if words[at] not in ACTING or following in _TABLE_FOLLOWS or following == ".":
        return None
    return NoQuery(f"the statement {words[at].upper()}", *_span(tokens[at]))


def _second(tokens: Sequence[Token]) -> NoQuery | None:
    ends = [index for index, token in enumerate(tokens) if token.text == ";" and token.kind == "operator"]
    for index in ends:
        rest = [token for token in tokens[index + 1 :] if token.text != ";"]
        if rest and index:
            return NoQuery("a second statement behind ';'", *_span(rest[0]))
    return None


def _function(tokens: Sequence[Token]) -> NoQuery | None:
    for token, after in pairwise(tokens):
        name = token.text.strip('"').lower()
        if after.text == "(" and token.kind in ("word", "quoted") and name in ACTING_FUNCTIONS:
            return NoQuery(f"{name}(), which acts on the server", *_span(token))
    return None


def _span(token: Token) -> tuple[int, int]:
    return token.start, token.start + len(token.text)
