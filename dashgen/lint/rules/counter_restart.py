"""A difference of a counter that takes no notice of restarts.

A restarted process counts from 0 again: `c - prev` is then minus everything it had counted, a spike downwards that no
scale survives, and `last(c) - first(c)` of a bucket with a restart in it is negative too.

```sql
SELECT timestamp AS time, c - lag(c) OVER (PARTITION BY host, env ORDER BY timestamp) AS value FROM …
```

Write `CASE WHEN c >= prev THEN c - prev ELSE c END`: after a restart the counter itself is what was added since.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.lint.lineage import raw_counter, schema
from dashgen.lint.names import WORDS
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token

_GUARDS = frozenset({"case", "greatest", "abs"})


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for item in select.items:
            tokens = item.part.tokens
            if _GUARDS & set(item.part.words):
                continue
            for at, token in enumerate(tokens):
                if token.text != "-" or not at:
                    continue
                left, right = _before(tokens, at), _after(tokens, at + 1)
                counter = raw_counter(select, Part(left), known)
                other = raw_counter(select, Part(right), known)
                if counter is not None and other is not None and counter.key == other.key:
                    yield Match(
                        f"the difference of {counter.column} falls below zero when the process restarts",
                        "write CASE WHEN c >= prev THEN c - prev ELSE c END",
                        Part([*left, token, *right]).span,
                    )


def _before(tokens: list[Token], at: int) -> list[Token]:
    """The operand that ends before a place: a column, or a call with what stands in front of its parentheses."""
    start = at - 1
    depth = 0
    while start >= 0:
        depth += (tokens[start].text == ")") - (tokens[start].text == "(")
        if not depth:
            break
        start -= 1
    while start > 0 and (
        tokens[start - 1].text in (".", "over")
        or tokens[start].text == "."
        or (tokens[start].text == "(" and _names_a_call(tokens[start - 1]))
    ):
        start -= 1
    return tokens[max(start, 0) : at]


def _names_a_call(token: Token) -> bool:
    return token.kind == "word" and token.text.lower() not in ("and", "or", "not", "in", "then", "else", "when")


def _after(tokens: list[Token], at: int) -> list[Token]:
    """The operand that begins at a place."""
    end, depth = at, 0
    while end < len(tokens):
        word = tokens[end].text.lower()
        if not depth and (
            word in (")", ",", "+", "-", "*", "/", "%") or (word in WORDS and word not in ("over", "first", "last"))
        ):
            break
        depth += (word == "(") - (word == ")")
        end += 1
    return tokens[at:end]


RULE = Rule("DG307", "counter-restart", "error", "text", check)
