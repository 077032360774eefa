"""Which time range of the declared tables a query reads."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Select, Source, selects, users
from dashgen.lint.conditions import Bounds, bounds, conjuncts
from dashgen.lint.lineage import Relation, Schema, aggregates, is_time
from dashgen.lint.outline import outline
from dashgen.lint.rule import Subject


def reads(subject: Subject, known: Schema) -> Iterator[tuple[Source, Relation, Bounds]]:
    """Every table or view that is read, with the bounds of its designated timestamp: those of the same SELECT and of
    the ones around it, as far as the server can push them down.

    Of joined tables the first must be bounded (`ASOF JOIN` seeks in the others); a condition that a variable stands
    for may bound anything.
    """
    query = outline(subject.sql)
    readers = users(query)
    for select in selects(query):
        for source in select.sources[:1]:
            relation = None if source.query or source.function else known.get(source.name.lower())
            if relation is not None and not _opaque(select):
                yield source, relation, _bounded(select, readers, known)


def _opaque(select: Select) -> bool:
    return any(len(piece) == 1 and piece[0].kind in ("variable", "macro") for piece in conjuncts(select.where))


def _bounded(select: Select, readers: dict[int, list[Select]], known: Schema, depth: int = 0) -> Bounds:
    own = bounds(select, lambda ref: is_time(select, ref, known))
    whole = select.latest or select.limit or select.sample or select.group or aggregates(select)
    beside = any(True for _ in select.windows)  # a row's window reaches over the filter around it
    if (own.low and own.high) or whole or beside or depth > 40:
        return own
    around = [_bounded(outer, readers, known, depth + 1) for outer in readers.get(id(select), ())]
    if not around:
        return own
    return Bounds(own.low or all(b.low for b in around), own.high or all(b.high for b in around))
