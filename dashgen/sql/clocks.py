"""The server's clock in a query, where the end of the range is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dashgen.sql.ast import Call, Macro, Query, walk, within

CLOCKS = frozenset({"now", "now_ns", "systimestamp", "systimestamp_ns", "sysdate", "today", "yesterday", "tomorrow"})
_ENDS = frozenset({"totime", "timeto"})


class Clock(NamedTuple):
    call: Call
    is_bound: bool
    """Whether `least(…)` has the end of the range beside it: it only keeps rows of the future out."""


def _has_end(call: Call) -> bool:
    """Whether one of the arguments is the end of the range, cast or not."""
    return any(isinstance(one, Macro) and one.name.lower() in _ENDS for part in call.arguments for one in within(part))


def clocks(query: Query) -> Iterator[Clock]:
    """Each call of a clock, in the order of the text."""
    bound: set[int] = set()
    for node in walk(query):
        if not isinstance(node, Call):
            continue
        if node.name == "least" and _has_end(node):
            bound |= {id(one) for one in node.arguments}
        elif node.name in CLOCKS:
            yield Clock(node, id(node) in bound)
