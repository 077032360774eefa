"""Conditions as AND, OR and NOT put them together from atoms: comparisons and whatever else is true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from dashgen.sql.ast import Expression, Logical, Unary

Values: TypeAlias = Callable[[Expression], bool]
"""What an atom is."""


def atoms(condition: Expression) -> Iterator[Expression]:
    """What has no AND, OR or NOT on its outermost level, in the order of the text."""
    if isinstance(condition, Logical):
        for operand in condition.operands:
            yield from atoms(operand)
    elif isinstance(condition, Unary) and condition.operator == "not":
        yield from atoms(condition.operand)
    else:
        yield condition


def holds(condition: Expression, value: Values) -> bool:
    """What the condition is, with a value for each atom."""
    if isinstance(condition, Logical):
        several = any if condition.operator == "or" else all
        return several(holds(operand, value) for operand in condition.operands)
    if isinstance(condition, Unary) and condition.operator == "not":
        return not holds(condition.operand, value)
    return value(condition)
