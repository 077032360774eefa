"""What a WHERE demands: its parts that must all hold, and the time range that they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dashgen.check.clauses import Part, Ref, Select
from dashgen.check.names import refs
from dashgen.sql.lexer import Token


class Bounds(NamedTuple):
    low: bool
    high: bool


NONE, BOTH = Bounds(low=False, high=False), Bounds(low=True, high=True)


def conjuncts(part: Part | list[Token]) -> Iterator[list[Token]]:
    """What AND puts together, parentheses around several undone."""
    tokens = part.tokens if isinstance(part, Part) else part
    for piece in cut(tokens, "and"):
        inner = unwrapped(piece)
        if inner is not piece:
            yield from conjuncts(inner)
        elif piece:
            yield piece


def alternatives(tokens: list[Token]) -> list[list[Token]]:
    return [unwrapped(piece) for piece in cut(unwrapped(tokens), "or")]


def cut(tokens: list[Token], word: str) -> list[list[Token]]:
    """At a word of the outermost level; the AND of BETWEEN belongs to it."""
    pieces: list[list[Token]] = [[]]
    depth = cases = between = 0
    for token in tokens:
        text = token.text.lower()
        if token.kind == "operator":
            depth += (text in "([") - (text in ")]")
        elif token.kind == "word" and not depth:
            cases += (text == "case") - (text == "end")
            if text == "between":
                between += 1
            elif text == "and" and between:
                between -= 1
            elif text == word and not cases:
                pieces.append([])
                continue
        pieces[-1].append(token)
    return pieces


def unwrapped(tokens: list[Token]) -> list[Token]:
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[-1].text == ")":
        depth = 0
        for token in tokens[:-1]:
            depth += (token.text == "(") - (token.text == ")")
            if not depth:
                return tokens
        tokens = tokens[1:-1]
    return tokens


IsTime = Callable[[Ref], bool]
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "==", "between", "in", "!=", "<>"})
_MACROS = {
    "$__timefilter": BOTH,
    "$__unixepochfilter": BOTH,
    "$__unixepochnanofilter": BOTH,
    "$__timefrom": Bounds(low=True, high=False),
    "$__timeto": Bounds(low=False, high=True),
}


def bounds(select: Select, is_time: IsTime) -> Bounds:
    """Whether the conditions of one SELECT bound a time column from below and above."""
    low = high = False
    for part in (select.where, *select.on):
        for piece in conjuncts(part):
            found = _bounds(piece, is_time)
            low, high = low or found.low, high or found.high
    return Bounds(low, high)


def _bounds(piece: list[Token], is_time: IsTime) -> Bounds:
    either = alternatives(piece)
    if len(either) > 1:
        each = [_all(one, is_time) for one in either]
        return Bounds(all(b.low for b in each), all(b.high for b in each))
    return _comparison(unwrapped(piece), is_time)


def _all(tokens: list[Token], is_time: IsTime) -> Bounds:
    each = [_bounds(piece, is_time) for piece in conjuncts(tokens)]
    return Bounds(any(b.low for b in each), any(b.high for b in each))


def _comparison(tokens: list[Token], is_time: IsTime) -> Bounds:
    left, operator, right = comparison(tokens)
    if not operator:
        macro = next((_MACROS[t.text.lower()] for t in tokens if t.text.lower() in _MACROS), None)
        return macro if macro and any(map(is_time, refs(tokens))) else NONE
    if left and "not" in (left[0].text.lower(), left[-1].text.lower()):
        return NONE
    on_left = any(map(is_time, refs(left)))
    if not on_left and not any(map(is_time, refs(right))):
        return NONE
    if operator in ("=", "==", "between", "in"):
        return BOTH
    upper = (operator in ("<", "<=")) == on_left
    side = left if on_left else right
    if any(token.text.lower() == "datediff" for token in side):
        return BOTH if upper and operator not in ("!=", "<>") else NONE  # a distance has no sign: at most so far away
    if _binary(side):
        return BOTH  # `$__toTime - timestamp < …`: whatever its sign
    return Bounds(low=not upper, high=upper) if operator in ("<", "<=", ">", ">=") else NONE


def _binary(tokens: list[Token]) -> bool:
    """Whether something is subtracted on the outermost level."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "-" and not depth and at:
            return True
    return False


def comparison(tokens: list[Token]) -> tuple[list[Token], str, list[Token]]:
    """Both sides of the one comparison on the outermost level, and its operator in lower case; no operator if there
    is none."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.text.lower() in _COMPARISONS:
            return tokens[:at], token.text.lower(), tokens[at + 1 :]
    return tokens, "", []
