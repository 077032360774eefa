"""`now()` in a query of a dashboard or an alert.

It is the server's clock, not the end of the range: a dashboard that looks at last Tuesday shows ages and states of
today, a shared link shows each reader something else, and a test or a preview at another moment can't run it.

```sql
WHERE timestamp > dateadd('h', -1, now())
```

Write `$__toTime`, or `$__timeFilter(timestamp)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import tokenize

_CLOCKS = frozenset({"now", "now_ns", "systimestamp", "systimestamp_ns", "sysdate", "today", "yesterday", "tomorrow"})


def check(subject: Subject) -> Iterator[Match]:
    tokens = [t for t in tokenize(subject.sql) if t.kind not in ("space", "comment")]
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "word" and token.text.lower() in _CLOCKS and tokens[at + 1].text == "(":
            yield Match(
                f"{token.text}() is the server's clock, not the end of the range",
                "write $__toTime",
                (token.start, token.start + len(token.text)),
            )


RULE = Rule("DG406", "now-in-query", "warning", "text", check)
