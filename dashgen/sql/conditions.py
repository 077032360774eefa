"""Conditions taken apart: what must all hold, what may hold instead, and the time range that they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dashgen.sql.ast import (
    Between,
    Binary,
    Call,
    Column,
    Constant,
    Expression,
    In,
    Logical,
    Macro,
    Node,
    Select,
    Unary,
    within,
)


class Bounds(NamedTuple):
    low: bool
    high: bool


NONE, BOTH = Bounds(low=False, high=False), Bounds(low=True, high=True)


def conjuncts(condition: Expression | None) -> Iterator[Expression]:
    """What AND puts together, on all levels."""
    if isinstance(condition, Logical) and condition.operator == "and":
        for operand in condition.operands:
            yield from conjuncts(operand)
    elif condition is not None:
        yield condition


def alternatives(condition: Expression | None) -> Iterator[Expression]:
    """What OR puts together, on all levels."""
    if isinstance(condition, Logical) and condition.operator == "or":
        for operand in condition.operands:
            yield from alternatives(operand)
    elif condition is not None:
        yield condition


def columns(node: Node | None) -> Iterator[Column]:
    """The names in an expression, those within its queries left out."""
    return (one for one in within(node) if isinstance(one, Column)) if node is not None else iter(())


def is_number(node: Expression, value: float | None = None) -> bool:
    """Whether an expression is a number, with a sign or without; this one (its sign aside) where a value is given."""
    while isinstance(node, Unary) and node.operator in ("-", "+"):
        node = node.operand
    if not isinstance(node, Constant) or node.kind != "number":
        return False
    return value is None or node.text == f"{value:g}"


IsTime = Callable[[Column], bool]
_ORDER = frozenset({"<", "<=", ">", ">="})
_EQUAL = frozenset({"=", "=="})
_MACROS = {
    "timefilter": BOTH,
    "unixepochfilter": BOTH,
    "unixepochnanofilter": BOTH,
    "timefrom": Bounds(low=True, high=False),
    "timeto": Bounds(low=False, high=True),
}


def bounds(select: Select, is_time: IsTime) -> Bounds:
    """Whether the conditions of one SELECT bound a time column from below and above."""
    conditions = (select.where, *(source.join.on for source in select.sources if source.join))
    return _all(conditions, is_time)


def _all(conditions: tuple[Expression | None, ...], is_time: IsTime) -> Bounds:
    each = [_bounds(piece, is_time) for condition in conditions for piece in conjuncts(condition)]
    return Bounds(any(b.low for b in each), any(b.high for b in each))


def _bounds(piece: Expression, is_time: IsTime) -> Bounds:
    if isinstance(piece, Logical):
        if piece.operator == "and":
            return _all(piece.operands, is_time)
        each = [_all((one,), is_time) for one in alternatives(piece)]
        return Bounds(all(b.low for b in each), all(b.high for b in each))
    if isinstance(piece, Macro) and piece.name.lower() == "conditionalall":
        return _all((piece.arguments or (None,))[:1], is_time)
    if isinstance(piece, Macro):
        named = any(is_time(column) for argument in piece.arguments or () for column in columns(argument))
        return _MACROS.get(piece.name.lower(), NONE) if named else NONE
    if isinstance(piece, In | Between):
        return BOTH if not piece.negated and any(map(is_time, columns(piece.operand))) else NONE
    if isinstance(piece, Binary):
        return _comparison(piece, is_time)
    return NONE


def _comparison(piece: Binary, is_time: IsTime) -> Bounds:
    on_left = any(map(is_time, columns(piece.left)))
    if not on_left and not any(map(is_time, columns(piece.right))):
        return NONE
    if piece.operator in _EQUAL:
        return BOTH
    if piece.operator not in _ORDER:
        return NONE
    upper = (piece.operator in ("<", "<=")) == on_left
    side = piece.left if on_left else piece.right
    if any(isinstance(one, Call) and one.name == "datediff" for one in within(side)):
        return BOTH if upper else NONE  # a distance has no sign: at most so far away
    if _difference(side):
        return BOTH  # `$__toTime - timestamp < …`: whatever its sign
    return Bounds(low=not upper, high=upper)


def _difference(side: Expression) -> bool:
    """Whether something is subtracted on the outermost level."""
    if isinstance(side, Unary):
        return False
    while isinstance(side, Binary):
        if side.operator == "-":
            return True
        side = side.left
    return False
