"""Checks for interval literals of PostgreSQL.

## Why is this bad?

QuestDB has no interval arithmetic: `now() - interval '24h'` fails with "impossible type cast, invalid type", and so do
`'24h'::interval` and `INTERVAL 24 HOUR`.

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE timestamp > $__toTime - interval '24h'
```

## Use instead

In `dateadd`, `m` is a minute and `M` a month.

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE timestamp > dateadd('h', -24, $__toTime)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lexer import tokenize


def check(subject: Subject) -> Iterator[RuleMatch]:
    tokens = [t for t in tokenize(subject.sql) if t.kind not in ("space", "comment")]
    for at, token in enumerate(tokens):
        if token.kind != "word" or token.text.lower() != "interval":
            continue
        literal = at + 1 < len(tokens) and tokens[at + 1].kind in ("string", "number")
        cast = at > 0 and tokens[at - 1].text == "::"
        if literal or cast:
            last = tokens[at + 1] if literal else token
            yield RuleMatch(
                "QuestDB has no interval literals",
                "write dateadd('h', -24, $__toTime): units s, m (minute), h, d, w, M (month), y",
                (token.start, last.start + len(last.text)),
            )


RULE = Rule("DG309", "interval-literal", "error", "text", check, refused_too=True)
