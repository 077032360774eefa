"""A query names a column that the declared tables which it reads don't have.

```sql
SELECT host, fetches FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

Correct the name, or add the column to the table's declaration: `dashgen db migrate` then adds it to the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part, Select
from dashgen.lint.lineage import Schema, definitions, schema
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.lint.shown import known_sources
from dashgen.model.node import did_you_mean


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    seen: set[str] = set()
    for select in every_select(subject.sql) if known else ():
        if not known_sources(select, known):
            continue
        for part in select.parts:
            if any(token.text in ("@", "`") for token in part.tokens):
                continue
            for ref in refs(part):
                if ref.name.lower() in seen or any(True for _ in definitions(select, ref, known)):
                    continue
                if _dynamic(part, ref.span) or _positional(select, part):
                    continue
                seen.add(ref.name.lower())
                names = sorted(_names(select, known))
                hint = did_you_mean(ref.name, names) or f"there are {', '.join(names[:12])}"
                yield Match(f"expected a declared column, got {ref.name!r}", hint, ref.span)


def _dynamic(part: Part, span: tuple[int, int]) -> bool:
    """Whether a variable is part of the name."""
    return any(
        token.kind in ("variable", "macro") and (token.start == span[1] or token.start + len(token.text) == span[0])
        for token in part.tokens
    )


def _positional(select: Select, part: Part) -> bool:
    """ORDER BY may name a column of the result by the text that the server makes up."""
    return part is select.order and any(not item.name for item in select.items)


def _names(select: Select, known: Schema) -> set[str]:
    names: set[str] = set()
    for source in select.sources:
        if source.query is not None:
            for inner in source.query.selects:
                names |= {item.name for item in inner.items if item.name}
                if inner.star:
                    names |= _names(inner, known)
        elif relation := known.get(source.name.lower()):
            names |= set(relation.columns)
    return names


RULE = Rule("DG602", "undeclared-column", "error", "text", check)
