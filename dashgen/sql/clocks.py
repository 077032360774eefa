"""The server's clock in a query, where the end of the range is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dashgen.sql.ast import Call, Constant, Macro, Query, Span, walk, within
from dashgen.sql.lexer import moments

CLOCKS = frozenset({"now", "now_ns", "systimestamp", "systimestamp_ns", "sysdate", "today", "yesterday", "tomorrow"})
_ENDS = frozenset({"totime", "timeto"})


class Clock(NamedTuple):
    """`text` names it: `now()`, or `$now` in a string."""

    text: str
    span: Span
    is_bound: bool
    """Whether `least(…)` has the end of the range beside it: it only keeps rows of the future out."""


def _has_end(call: Call) -> bool:
    """Whether one of the arguments is the end of the range, cast or not."""
    return any(isinstance(one, Macro) and one.name.lower() in _ENDS for part in call.arguments for one in within(part))


def clocks(query: Query) -> Iterator[Clock]:
    """Each reading of a clock, in the order of the text."""
    bound: set[int] = set()
    for node in walk(query):
        if isinstance(node, Constant) and node.kind == "string":
            for moment in moments(node.text)[:1]:
                yield Clock(f"${moment.name}", node.span, is_bound=False)
        if not isinstance(node, Call):
            continue
        if node.name == "least" and _has_end(node):
            bound |= {id(one) for one in node.arguments}
        elif node.name in CLOCKS:
            yield Clock(f"{node.name}()", node.name_span, id(node) in bound)
