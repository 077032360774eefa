"""The columns that an expression names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.check.clauses import Part, Ref, unquoted
from dashgen.sql.lexer import Token

WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    align all and any as asc between by calendar case cast current cume desc distinct else end escape exclude fill first
    following from group groups ignore ilike in is last latest like limit linear nan no none not null nulls observation
    offset on or order others over partition preceding prev range respect rows sample sql then ties to true false
    unbounded when where with within zone epoch interval
    """,
    )
)


def refs(tokens: Part | list[Token]) -> Iterator[Ref]:
    """The columns that an expression names. Names of functions, types and clause words are none."""
    if not isinstance(tokens, Part):
        return _refs(tokens)
    if tokens.named is None:
        tokens.named = tuple(_refs(tokens.tokens))
    return iter(tokens.named)


def _refs(found: list[Token]) -> Iterator[Ref]:
    count, at = len(found), 0
    while at < count:
        token = found[at]
        start = at
        at += 1
        if token.kind not in ("word", "quoted") or (start and found[start - 1].text in ("::", "@")):
            continue
        parts = [token]
        while at + 1 < count and found[at].text == "." and found[at + 1].kind in ("word", "quoted"):
            parts.append(found[at + 1])
            at += 2
        last = parts[-1]
        if at < count and found[at].text == "(":
            continue
        if token.kind == "word" and len(parts) == 1:
            word = token.text.lower()
            if word in ("rows", "range", "groups") and at < count and _frames(found[at]):
                at = next((i for i in range(at, count) if found[i].text == ")"), count)
                continue
            if word == "time" and at < count and found[at].text.lower() == "zone":
                continue
            if word in WORDS or (start and found[start - 1].text.lower() == "as"):
                continue
        qualifier = ".".join(unquoted(part.text) for part in parts[:-1])
        yield Ref(qualifier, unquoted(last.text), (token.start, last.start + len(last.text)))


def _frames(token: Token) -> bool:
    """Whether ROWS, RANGE or GROUPS before this token begins the frame of a window, which names no columns."""
    return token.kind == "number" or token.text.lower() in ("between", "unbounded", "current")
