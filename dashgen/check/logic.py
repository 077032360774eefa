"""A condition as AND, OR and NOT put it together from comparisons and whatever else is true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from dashgen.check.conditions import cut, unwrapped
from dashgen.sql.lexer import Token


class Tree(NamedTuple):
    """`parts` are the operands of AND, OR and NOT; an atom has none. `text` tells the same condition at two places."""

    kind: Literal["and", "or", "not", "atom"]
    tokens: tuple[Token, ...]
    parts: tuple[Tree, ...]
    text: str


Values: TypeAlias = Callable[[Tree], bool]


def tree(tokens: list[Token]) -> Tree:
    found = unwrapped(tokens)
    for kind in _OF_SEVERAL:
        pieces = [piece for piece in cut(found, kind) if piece]
        if len(pieces) > 1:
            return _tree(kind, found, tuple(map(tree, pieces)))
    if len(found) > 1 and found[0].kind == "word" and found[0].text.lower() == "not":
        return _tree("not", found, (tree(found[1:]),))
    return _tree("atom", found)


_Kind: TypeAlias = Literal["and", "or", "not", "atom"]
_OF_SEVERAL: tuple[_Kind, ...] = ("or", "and")


def _tree(kind: _Kind, tokens: list[Token], parts: tuple[Tree, ...] = ()) -> Tree:
    return Tree(kind, tuple(tokens), parts, " ".join(token.text for token in tokens))


def atoms(of: Tree) -> Iterator[Tree]:
    if of.kind == "atom":
        yield of
    for part in of.parts:
        yield from atoms(part)


def holds(of: Tree, value: Values) -> bool:
    """What the condition is, with a value for each atom."""
    if of.kind == "and":
        return all(holds(part, value) for part in of.parts)
    if of.kind == "or":
        return any(holds(part, value) for part in of.parts)
    if of.kind == "not":
        return not holds(of.parts[0], value)
    return value(of)


def when_conditions(tokens: list[Token]) -> Iterator[list[list[Token]]]:
    """Of each CASE, those within others too, its conditions in their order. `CASE x WHEN 1` asks `x = 1`."""
    starts = [at for at, token in enumerate(tokens) if _is(token, "case")]
    for start in starts:
        subject: list[Token] = []
        conditions: list[list[Token]] = []
        now: list[Token] | None = subject
        depth = 0
        for token in tokens[start + 1 :]:
            depth += _is(token, "case") - _is(token, "end")
            if depth < 0:
                break
            if not depth and _is(token, "when"):
                now = []
                conditions.append(now)
            elif not depth and (_is(token, "then") or _is(token, "else")):
                now = None
            elif now is not None:
                now.append(token)
        if subject:
            equals = Token("operator", "=", subject[-1].start)
            conditions = [[*subject, equals, *condition] for condition in conditions]
        yield conditions


def outside_cases(tokens: list[Token]) -> list[Token]:
    """What no CASE has."""
    found = []
    depth = 0
    for token in tokens:
        depth += _is(token, "case")
        if not depth:
            found.append(token)
        depth -= _is(token, "end") and depth > 0
    return found


def _is(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.lower() == word
