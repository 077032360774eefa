"""A time that is subtracted from an edge of the range, or from now.

The result is in the unit of the operands: microseconds for the QuestDB plugin, and 1,000 times as much where a
caller of Grafana's API sends an edge with nanoseconds, which is what `$__timeTo()` then holds (measured: an age
wrong by 10^9 in seconds). PostgreSQL's interval is not what comes out.

```sql
SELECT host, ($__toTime - max(timestamp)) / 1000000 AS age FROM daemon_metrics …
```

Write `datediff('s', max(timestamp), $__toTime)`. It has no sign: bound the rows by `timestamp <= $__toTime`. The
difference of two columns is fine, and in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.lint.functions import closing
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token

_EDGES = frozenset({"$__totime", "$__fromtime", "$__timeto", "$__timefrom", "now", "systimestamp", "sysdate"})
_SHIFTS = frozenset(
    {"timestamp_floor", "timestamp_ceil", "dateadd", "cast", "date_trunc", "least", "greatest", "coalesce"}
)


def check(subject: Subject) -> Iterator[Match]:
    for select in every_select(subject.sql):
        for part in select.parts:
            tokens = part.tokens
            for at, token in enumerate(tokens):
                if token.text != "-" or not at or at + 1 == len(tokens):
                    continue
                left, right = _left(tokens, at), _right(tokens, at + 1)
                for edge, other in ((left, right), (right, left)):
                    if _is_edge(edge) and list(refs(other)) and not _is_edge(other):
                        yield Match(
                            f"{' '.join(t.text for t in edge)} minus a column is in microseconds or nanoseconds",
                            "write datediff('s', column, $__toTime)",
                            Part([*left, token, *right]).span,
                        )
                        break


def _is_edge(tokens: list[Token]) -> bool:
    """A macro or `now()`, at most moved by a function of times."""
    while len(tokens) > 2 and tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    words = [t.text.lower() for t in tokens]
    if not words:
        return False
    if words[0] in _EDGES:
        return words[0].startswith("$") or words[1:2] == ["("]
    return words[0] in _SHIFTS and bool(_EDGES & set(words))


def _left(tokens: list[Token], at: int) -> list[Token]:
    start, depth = at - 1, 0
    while start >= 0:
        depth += (tokens[start].text == ")") - (tokens[start].text == "(")
        if not depth:
            break
        start -= 1
    if start > 0 and tokens[start].text == "(" and tokens[start - 1].kind in ("word", "macro"):
        start -= 1
    return tokens[max(start, 0) : at]


def _right(tokens: list[Token], at: int) -> list[Token]:
    end, depth = at, 0
    while end < len(tokens):
        depth += (tokens[end].text == "(") - (tokens[end].text == ")")
        end += 1
        if depth <= 0 and not (end < len(tokens) and tokens[end].text in ("(", ".")) and tokens[end - 1].text != ".":
            break
    return tokens[at:end]


RULE = Rule("DG314", "time-subtraction", "warning", "text", check)
