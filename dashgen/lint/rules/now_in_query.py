"""`now()` in a query of a dashboard or an alert.

It is the server's clock, not the end of the range: a dashboard that looks at last Tuesday shows ages and states of
today, a shared link shows each reader something else, and a test or a preview at another moment can't run it.

```sql
WHERE timestamp > dateadd('h', -1, now())
```

Write `$__toTime`, or `$__timeFilter(timestamp)`. Where the range may end in the future ("today"), the end that has
happened is `least($__toTime, now())`: that is no finding in a panel. It is one in an alert, whose range ends when it is
evaluated: a test and a backtest evaluate it at moments of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.functions import closing
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token, tokenize

_CLOCKS = frozenset({"now", "now_ns", "systimestamp", "systimestamp_ns", "sysdate", "today", "yesterday", "tomorrow"})


def check(subject: Subject) -> Iterator[Match]:
    tokens = [t for t in tokenize(subject.sql) if t.kind not in ("space", "comment")]
    for at, token in enumerate(tokens[:-1]):
        called = token.kind == "word" and token.text.lower() in _CLOCKS and tokens[at + 1].text == "("
        if called and (subject.role == "alert" or not _beside_the_end(tokens, at)):
            yield Match(
                f"{token.text}() is the server's clock, not the end of the range",
                "write $__toTime",
                (token.start, token.start + len(token.text)),
            )


def _beside_the_end(tokens: list[Token], at: int) -> bool:
    """Whether the clock is one argument of `least(…)`, and the end of the range another."""
    depth, start = 0, at
    while start > 0 and depth >= 0:
        start -= 1
        depth += (tokens[start].text == ")") - (tokens[start].text == "(")
    if start == 0 or tokens[start - 1].text.lower() != "least":
        return False
    words = {token.text.lower() for token in tokens[start : closing(tokens, start)]}
    return bool(words & {"$__totime", "$__timeto"})


RULE = Rule("DG406", "now-in-query", "warning", "text", check)
