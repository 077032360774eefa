"""Which time range of the declared tables a query reads."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Subject
from dashgen.sql.ast import Macro, Select, Source, Spliced, Variable, selects
from dashgen.sql.conditions import Bounds, bounds, conjuncts
from dashgen.sql.functions import is_aggregated, windowed
from dashgen.sql.lineage import MAX_STEPS, Relation, Schema, is_time
from dashgen.sql.parser import understood
from dashgen.sql.reads import readers


def reads(subject: Subject, known: Schema) -> Iterator[tuple[Source, Relation, Bounds]]:
    """Every declared table or view that is read, with the bounds of its designated timestamp: those of the same SELECT
    and of the ones around it, as far as the server can push them down.

    Of joined tables the first must be bounded (`ASOF JOIN` seeks in the others); a condition that a variable stands
    for may bound anything.
    """
    query = understood(subject.sql)
    if query is None:
        return
    around = readers(query)
    for select in selects(query):
        for source in select.sources[:1]:
            relation = known.get(source.name.lower()) if source.is_relation else None
            if relation is not None and relation.designated and not _opaque(select):
                yield source, relation, _bounded(select, around, known)


def _opaque(select: Select) -> bool:
    """Whether a condition is a variable or a macro without arguments, which may stand for any."""
    return any(
        isinstance(piece, Variable | Spliced) or (isinstance(piece, Macro) and piece.arguments is None)
        for piece in conjuncts(select.where)
    )


def _bounded(select: Select, around: dict[int, list[Select]], known: Schema, depth: int = 0) -> Bounds:
    own = bounds(select, lambda column: is_time(select, column, known))
    whole = select.latest or select.limit or select.sample or select.group or is_aggregated(select)
    beside = any(True for _ in windowed(select))  # a row's window reaches over the filter around it
    if (own.low and own.high) or whole or beside or depth > MAX_STEPS:
        return own
    outer = [_bounded(one, around, known, depth + 1) for one in around.get(id(select), ())]
    if not outer:
        return own
    return Bounds(own.low or all(b.low for b in outer), own.high or all(b.high for b in outer))
