"""What a query is made of: SELECTs, what they read, their conditions, buckets and order; and ways through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dashgen.sql.lexer import Token

Span = tuple[int, int]


class Ref(NamedTuple):
    """A column as a query names it."""

    qualifier: str
    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Part:
    """A stretch of tokens without spaces and comments. Queries within it are in `queries`; their tokens are not in
    `tokens`, but for the parentheses around them."""

    tokens: list[Token] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    named: tuple[Ref, ...] | None = None
    """The columns that it names, once `names.refs` was asked."""

    @property
    def span(self) -> Span:
        if not self.tokens:
            return 0, 0
        last = self.tokens[-1]
        return self.tokens[0].start, last.start + len(last.text)

    def __bool__(self) -> bool:
        return bool(self.tokens)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text.lower() for token in self.tokens)


@dataclass(slots=True, eq=False)
class Item:
    """One of a select list. `name` is that of the output column: the alias, or the column itself; empty where the
    server makes one up. `part` is the expression without the alias."""

    part: Part
    name: str
    name_span: Span
    star: bool = False


@dataclass(slots=True, eq=False)
class Source:
    """What a FROM or JOIN names: a table, view or common table expression by `name`, a query, or a function."""

    name: str
    span: Span
    alias: str = ""
    query: Query | None = None
    function: bool = False


@dataclass(slots=True, eq=False)
class Window:
    """`function(arguments) OVER (PARTITION BY partition ORDER BY order)`."""

    function: str
    span: Span
    arguments: Part
    partition: Part
    order: Part


@dataclass(slots=True, eq=False)
class Select:
    """One SELECT (or bare table, which QuestDB reads as `SELECT *`). `ctes` are the ones in sight."""

    span: Span
    keyword: Span
    distinct: bool = False
    items: list[Item] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    on: list[Part] = field(default_factory=list)
    where: Part = field(default_factory=Part)
    latest: Part = field(default_factory=Part)  # the words LATEST ON and what follows, up to PARTITION BY
    latest_by: Part = field(default_factory=Part)
    sample: Part = field(default_factory=Part)  # the words SAMPLE BY and all of their clause
    group: Part = field(default_factory=Part)
    order: Part = field(default_factory=Part)
    limit: Part = field(default_factory=Part)
    ctes: dict[str, Query] = field(default_factory=dict)

    @property
    def star(self) -> bool:
        return any(item.star for item in self.items)

    @property
    def parts(self) -> Iterator[Part]:
        yield from (item.part for item in self.items)
        yield from self.on
        yield from (self.where, self.latest, self.latest_by, self.sample, self.group, self.order, self.limit)

    @property
    def windows(self) -> Iterator[Window]:
        for item in self.items:
            yield from windows(item.part)


@dataclass(slots=True, eq=False)
class Query:
    """One SELECT, or several that UNION, EXCEPT and INTERSECT put together. ORDER BY and LIMIT after the last of
    several belong to all; they are kept with the last."""

    selects: list[Select] = field(default_factory=list)
    ctes: dict[str, Query] = field(default_factory=dict)


_CLOSERS = {"(": ")", "[": "]"}


def selects(query: Query) -> Iterator[Select]:
    """Every SELECT of a text, the outer ones first; common table expressions too."""
    for cte in query.ctes.values():
        yield from selects(cte)
    for select in query.selects:
        yield select
        for source in select.sources:
            if source.query is not None and not source.name:
                yield from selects(source.query)
        for part in select.parts:
            for inner in part.queries:
                yield from selects(inner)


def users(query: Query) -> dict[int, list[Select]]:
    """Of every SELECT of a text (by `id`) those that read its result in their FROM."""
    found: dict[int, list[Select]] = {}
    for outer in selects(query):
        for source in outer.sources:
            for inner in source.query.selects if source.query else ():
                found.setdefault(id(inner), []).append(outer)
    return found


def windows(part: Part) -> Iterator[Window]:
    tokens = part.tokens
    ends = matching(tokens)
    for at, token in enumerate(tokens):
        if token.text.lower() != "over" or at == 0 or tokens[at - 1].text != ")":
            continue
        opening = next((i for i, end in ends.items() if end == at - 1), None)
        if opening is None or at + 1 >= len(tokens) or tokens[at + 1].text != "(":
            continue
        close = ends.get(at + 1, len(tokens))
        name = opening - 1
        by, order = _over(tokens, at + 2, close)
        last = tokens[min(close, len(tokens) - 1)]
        yield Window(
            tokens[name].text.lower() if name >= 0 else "",
            (tokens[max(name, 0)].start, last.start + len(last.text)),
            Part(tokens[opening + 1 : at - 1]),
            by,
            order,
        )


def _over(tokens: list[Token], start: int, stop: int) -> tuple[Part, Part]:
    """PARTITION BY and ORDER BY of an OVER; a frame (`ROWS …`) ends the order."""
    found = {"partition": Part(), "order": Part()}
    part: Part | None = None
    at, depth = start, 0
    while at < stop:
        word = tokens[at].text.lower()
        if depth == 0 and word in found and at + 1 < stop and tokens[at + 1].text.lower() == "by":
            part = found[word]
            at += 2
            continue
        if depth == 0 and word in ("rows", "range", "groups"):
            break
        depth += (word == "(") - (word == ")")
        if part is not None:
            part.tokens.append(tokens[at])
        at += 1
    return found["partition"], found["order"]


def matching(tokens: list[Token]) -> dict[int, int]:
    """Of every opening parenthesis the index of the one that closes it."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind != "operator":
            continue
        if token.text in _CLOSERS:
            open_.append(at)
        elif token.text in (")", "]") and open_:
            found[open_.pop()] = at
    return found


def unquoted(text: str) -> str:
    quote = text[:1]
    if quote not in ("'", '"', "`"):
        return text
    return text[1 : -1 if len(text) > 1 and text.endswith(quote) else None].replace(quote * 2, quote)


def split(part: Iterable[Token]) -> Iterator[list[Token]]:
    """What stands between the commas of the outermost level."""
    one: list[Token] = []
    depth = 0
    for token in part:
        if token.kind == "operator":
            depth += (token.text in "([") - (token.text in ")]")
            if token.text == "," and depth == 0:
                yield one
                one = []
                continue
        one.append(token)
    if one:
        yield one
