"""The clauses of a query: which SELECT reads what, with which condition, bucket, order.

It cuts the lexer's tokens at QuestDB's clause words and follows parentheses into queries within queries. It judges
nothing, and no text makes it fail: rules ask it where a thing stands, the server whether the text is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from dashgen.check.clauses import Item, Part, Query, Select, Source, matching, selects, unquoted
from dashgen.sql.lexer import Token, tokenize

_SELECT_STARTS = frozenset({"select", "with"})
_SETS = frozenset({"union", "except", "intersect"})
_JOINS = frozenset({"join", "inner", "left", "right", "full", "outer", "cross", "asof", "lt", "splice", "window"})
_NOT_ALIAS = (
    _JOINS
    | _SETS
    | frozenset(
        re.findall(
            r"\w+", "as on where latest sample group order limit timestamp partition from select tolerance fill align"
        )
    )
)


@lru_cache(maxsize=512)
def outline(sql: str) -> Query:
    """The query of a text; the first one if it holds several."""
    tokens = [t for t in tokenize(sql) if t.kind not in ("space", "comment")]
    ends = matching(tokens)
    stop = next((i for i, t in enumerate(tokens) if t.text == ";" and t.kind == "operator"), len(tokens))
    return _Reader(tokens, ends).query(0, stop, {})


@lru_cache(maxsize=512)
def every_select(sql: str) -> tuple[Select, ...]:
    """Every SELECT of a text, the outer ones first."""
    return tuple(selects(outline(sql)))


class _Reader:
    def __init__(self, tokens: list[Token], ends: dict[int, int]) -> None:
        self.tokens, self.ends = tokens, ends

    def word(self, at: int, stop: int) -> str:
        return self.tokens[at].text.lower() if at < stop and self.tokens[at].kind == "word" else ""

    def query(self, start: int, stop: int, known: dict[str, Query]) -> Query:
        query = Query()
        known = dict(known)
        at = start
        if self.word(at, stop) == "with":
            at = self.with_(at + 1, stop, query, known)
        while at < stop:
            # Parentheses around a whole member of a union.
            if self.tokens[at].text == "(":
                end = min(self.ends.get(at, stop), stop)
                inner = self.query(at + 1, end, known)
                query.selects += inner.selects
                at = end + 1
            else:
                select, at = self.select(at, stop, known)
                query.selects.append(select)
            if self.word(at, stop) not in _SETS:
                break
            at += 1
            at += self.word(at, stop) in ("all", "distinct")
        return query

    def with_(self, at: int, stop: int, query: Query, known: dict[str, Query]) -> int:
        """`name AS (query), …`; returns where the main query begins."""
        while at + 2 < stop and self.tokens[at + 2].text == "(" and self.word(at + 1, stop) == "as":
            end = min(self.ends.get(at + 2, stop), stop)
            name = unquoted(self.tokens[at].text).lower()
            query.ctes[name] = known[name] = self.query(at + 3, end, known)
            at = end + 1
            if at < stop and self.tokens[at].text == ",":
                at += 1
            else:
                break
        return at

    def select(self, at: int, stop: int, known: dict[str, Query]) -> tuple[Select, int]:
        first = at
        select = Select((0, 0), (0, 0), ctes=known)
        if self.word(at, stop) == "select":
            at += 1
            if self.word(at, stop) == "distinct":
                select.distinct = True
                at += 1
            at = self.items(at, stop, select)
        else:
            select.items.append(Item(Part(), "", (0, 0), star=True))
            at = self.sources(at, stop, select)
        at = self.clauses(at, stop, select)
        if first < len(self.tokens):
            start, last = self.tokens[first], self.tokens[min(max(at - 1, first), len(self.tokens) - 1)]
            select.span = (start.start, last.start + len(last.text))
            select.keyword = (start.start, start.start + len(start.text))
        return select, at

    def items(self, at: int, stop: int, select: Select) -> int:
        begin = at
        while at < stop and not (self.word(at, stop) in ("from", *_SETS) and at > begin):
            end = self.until(at, stop, {"from", *_SETS}, comma=True)
            if end > at:
                select.items.append(self.item(at, end, select))
            at = end + 1 if end < stop and self.tokens[end].text == "," else end
            if end == stop or self.tokens[end].text != ",":
                break
        if self.word(at, stop) == "from":
            at = self.sources(at + 1, stop, select)
        return at

    def item(self, start: int, end: int, select: Select) -> Item:
        tokens = self.tokens
        last = tokens[end - 1]
        if last.text == "*" and (end - start == 1 or tokens[end - 2].text == "."):
            part = self.part(start, end, select)
            return Item(part, "", part.span, star=True)
        named = end - start >= 2 and last.kind in ("word", "quoted", "string")
        before = tokens[end - 2] if named else last
        if named and before.kind == "word" and before.text.lower() == "as":
            stop = end - 2
        elif named and (before.text in (")", "]") or before.kind in ("word", "quoted", "number", "string", "variable")):
            # An alias without AS; `CASE … END` is none, nor is the second of `IS NULL` and `NOT x`.
            stop = end if last.text.lower() in ("end", "null", "true", "false") or _operator(before) else end - 1
        else:
            stop = end
        part = self.part(start, stop, select)
        if stop < end:
            return Item(part, unquoted(last.text), (last.start, last.start + len(last.text)))
        words = part.tokens
        plain = len(words) == 1 or (len(words) == 3 and words[1].text == ".")
        name = unquoted(words[-1].text) if plain and words[-1].kind in ("word", "quoted") else ""
        return Item(part, name, part.span)

    def sources(self, at: int, stop: int, select: Select) -> int:
        """FROM and the joins after it, up to the next clause."""
        while at < stop:
            at = self.source(at, stop, select)
            word = self.word(at, stop)
            if at < stop and self.tokens[at].text == ",":
                at += 1
                continue
            while word in _JOINS and word != "join":
                at += 1
                word = self.word(at, stop)
            if word == "join":
                at += 1
                continue
            if word == "on" and select.sources:
                end = self.until(at + 1, stop, _CLAUSES | _JOINS)
                select.on.append(self.part(at + 1, end, select))
                at = end
                while (word := self.word(at, stop)) in _JOINS and word != "join":
                    at += 1
                if word == "join":
                    at += 1
                    continue
            break
        return at

    def source(self, at: int, stop: int, select: Select) -> int:
        tokens = self.tokens
        if at >= stop or (tokens[at].kind == "word" and tokens[at].text.lower() in _CLAUSES):
            return at
        token = tokens[at]
        if self.word(at, stop) == "lateral":
            at += 1
            if at >= stop:
                return at
            token = tokens[at]
        if token.text == "(":
            end = min(self.ends.get(at, stop), stop)
            found = Source("", (token.start, _end(tokens, end, stop)), query=self.query(at + 1, end, select.ctes))
            at = end + 1
        else:
            name = unquoted(token.text)
            while at + 2 < stop and tokens[at + 1].text == "." and tokens[at + 2].kind in ("word", "quoted", "string"):
                at += 2
                name += "." + unquoted(tokens[at].text)
            found = Source(name, (token.start, tokens[at].start + len(tokens[at].text)))
            at += 1
            if token.kind in ("variable", "macro") or (at < stop and tokens[at].kind in ("variable", "macro")):
                found.function = True  # whatever Grafana puts there
                while at < stop and tokens[at].kind in ("variable", "macro"):
                    at += 1
            if at < stop and tokens[at].text == "(":
                at = min(self.ends.get(at, stop), stop) + 1
                found.function = True
            elif name.lower() in select.ctes:
                found.query = select.ctes[name.lower()]
        if self.word(at, stop) == "timestamp" and at + 1 < stop and tokens[at + 1].text == "(":
            at = min(self.ends.get(at + 1, stop), stop) + 1
        if self.word(at, stop) == "as":
            at += 1
        if at < stop and tokens[at].kind in ("word", "quoted") and tokens[at].text.lower() not in _NOT_ALIAS:
            found.alias = unquoted(tokens[at].text)
            at += 1
        select.sources.append(found)
        return at

    def clauses(self, at: int, stop: int, select: Select) -> int:
        while at < stop:
            word, following = self.word(at, stop), self.word(at + 1, stop)
            if word in _SETS:
                break
            end = self.until(at + 1, stop, _CLAUSES | _SETS)
            if word == "where":
                select.where = self.part(at + 1, end, select)
            elif word == "latest" and following in ("on", "by"):
                self.latest(at, stop, following, select)
                end = self.until(at + 1, stop, (_CLAUSES | _SETS) - {"partition"})
            elif word == "sample" and following == "by":
                select.sample = self.part(at, end, select)
                if self.word(end, stop) == "from":  # the bounds of the buckets, not a relation
                    end = self.until(end + 1, stop, (_CLAUSES | _SETS) - {"from"})
                    select.sample = self.part(at, end, select)
            elif word == "group" and following == "by":
                select.group = self.part(at + 2, end, select)
            elif word == "order" and following == "by":
                select.order = self.part(at + 2, end, select)
            elif word == "limit":
                select.limit = self.part(at + 1, end, select)
            at = max(end, at + 1)
        return at

    def latest(self, at: int, stop: int, form: str, select: Select) -> None:
        end = self.until(at + 1, stop, _CLAUSES | _SETS)
        if form == "by":
            select.latest = self.part(at, at + 2, select)
            select.latest_by = self.part(at + 2, end, select)
            return
        select.latest = self.part(at, end, select)
        if self.word(end, stop) == "partition":
            select.latest_by = self.part(end + 2, self.until(end + 2, stop, _CLAUSES | _SETS), select)

    def until(self, at: int, stop: int, words: Iterable[str], *, comma: bool = False) -> int:
        """The first of the words on this level, or a comma where it counts."""
        while at < stop:
            token = self.tokens[at]
            if token.kind == "word" and token.text.lower() in words and self.clause(at, stop):
                return at
            if comma and token.text == ",":
                return at
            at = min(self.ends.get(at, at), stop) + 1
        return stop

    def clause(self, at: int, stop: int) -> bool:
        """A column may be called `sample` or `latest`: the words that come in pairs must."""
        pair = _PAIRS.get(self.tokens[at].text.lower())
        return pair is None or self.word(at + 1, stop) in pair

    def part(self, start: int, end: int, select: Select) -> Part:
        part = Part()
        at = start
        while at < end:
            token = self.tokens[at]
            part.tokens.append(token)
            if token.text == "(" and self.word(at + 1, end) in _SELECT_STARTS:
                close = min(self.ends.get(at, end), end)
                part.queries.append(self.query(at + 1, close, select.ctes))
                at = close
                if at < end:
                    part.tokens.append(self.tokens[at])
            at += 1
        return part


_CLAUSES = frozenset(re.findall(r"\w+", "where latest sample group order limit partition from on")) - {"on"}
_PAIRS = {"latest": ("on", "by"), "sample": ("by",), "group": ("by",), "order": ("by",), "partition": ("by",)}
_WORD_OPERATORS = frozenset(
    re.findall(r"\w+", "and or not in is between like ilike as then else when case within from")
)


def _operator(token: Token) -> bool:
    return token.kind == "word" and token.text.lower() in _WORD_OPERATORS


def _end(tokens: list[Token], at: int, stop: int) -> int:
    last = tokens[min(at, stop - 1, len(tokens) - 1)]
    return last.start + len(last.text)
