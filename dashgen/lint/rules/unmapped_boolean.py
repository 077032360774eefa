"""A boolean that is drawn as 0 and 1, without mappings that say what they mean.

Grafana draws no booleans, so they are cast to numbers; then a viewer reads "1" and has to know whether that is good.

```python
Stat("Connected", "SELECT exchange, connected::int AS connected FROM …")
```

Add `mappings=(ValueMapping(0, "down", color="red"), ValueMapping(1, "up", color="green"))`, or a unit such as
`bool_on_off`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part, Select
from dashgen.lint.lineage import Origin, Schema, definitions, origin, schema
from dashgen.lint.names import refs
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.lint.shown import items, kind, numbers, outer, transformed
from dashgen.model.panel import Panel

_KINDS = frozenset({"stat", "gauge", "bargauge", "table", "state-timeline", "status-history", "timeseries"})
_KEEPING = frozenset({"min", "max", "first", "last"})


def check(subject: Subject) -> Iterator[Match]:
    panel = subject.owner
    select = outer(subject)
    if not isinstance(panel, Panel) or kind(subject) not in _KINDS or transformed(subject) or select is None:
        return
    if panel.mappings or (panel.unit or "").startswith("bool"):
        return
    mapped = [o for o in panel.overrides if o.mappings or (o.unit or "").startswith("bool")]
    if any(not isinstance(o.match, str) for o in mapped):
        return
    known = schema(subject.project)
    shown = {c.name for c in numbers(subject)} - {o.match for o in mapped}
    for name, item in items(subject).items():
        if name in shown and (flag := _flag(select, item.part, known)):
            yield Match(
                f"{name!r} is the boolean {flag.column} as 0 and 1, without a mapping",
                'mappings=(ValueMapping(0, "…"), ValueMapping(1, "…"))',
                item.part.span,
            )


def _flag(select: Select, part: Part, known: Schema, depth: int = 0) -> Origin | None:
    """The boolean that an expression casts to a number, and does nothing more with."""
    if depth > 40:
        return None
    tokens = part.tokens
    words = part.words
    if len(words) > 3 and words[0] in _KEEPING and words[1] == "(" and words[-1] == ")":
        return _flag(select, Part(tokens[2:-1]), known, depth + 1)
    cast = (len(words) > 2 and words[-2] == "::") or (words[:2] == ("cast", "(") and words[-1:] == (")",))
    named = list(refs(part))
    if len(named) != 1 or (not cast and named[0].span != part.span):
        return None
    if cast:
        expected = 3 if words[-2] == "::" else 6
        found = origin(select, named[0], known)
        return found if found and found.type == "BOOLEAN" and len(words) - expected in (0, 2) else None
    for definition in definitions(select, named[0], known):
        if not isinstance(definition, Origin):
            return _flag(definition[0], definition[1].part, known, depth + 1)
    return None


RULE = Rule("DG209", "unmapped-boolean", "warning", "columns", check)
