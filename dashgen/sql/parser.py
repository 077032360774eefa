"""The parser of QuestDB's SQL, as authors write it: with Grafana's macros and variables in it.

It follows QuestDB 9.3.4: operators bind as in its `griffin/OperatorExpression.java` (read); every form was tried on the
server. It takes more than the server does and judges nothing. What it does not know it refuses with NotUnderstood: it
never guesses.
"""

from __future__ import annotations

from functools import lru_cache

from dashgen.sql import ast, grammar
from dashgen.sql.cursor import NotUnderstood
from dashgen.sql.expressions import ExpressionParser
from dashgen.sql.lexer import variables

__all__ = ["NotUnderstood", "parse", "parse_expression", "understood"]


def parse(sql: str) -> ast.Query:
    """The query of a text. Raises NotUnderstood, also for an empty text, two statements, and what is no query."""
    found = _parsed(sql)
    if isinstance(found, NotUnderstood):
        raise NotUnderstood(str(found), found.at)
    return found


def understood(sql: str) -> ast.Query | None:
    """The query of a text; None where the parser does not know it."""
    found = _parsed(sql)
    return None if isinstance(found, NotUnderstood) else found


def parse_expression(sql: str) -> ast.Expression:
    """An expression that stands alone, such as a condition. Raises NotUnderstood."""
    parser = _Parser(sql)
    found = parser.expression()
    if parser.at < parser.count:
        parser.fail("expected the end of the expression")
    return found


@lru_cache(maxsize=2048)
def _parsed(sql: str) -> ast.Query | NotUnderstood:
    try:
        return _Parser(sql).statement()
    except NotUnderstood as error:
        return error.with_traceback(None)


class _Parser(ExpressionParser):
    """Reads queries."""

    def statement(self) -> ast.Query:
        self.takes("explain")
        if self.word() in grammar.NO_QUERY and not self.sign(".", 1):
            self.fail("expected a query")
        query = self.query()
        while self.takes_sign(";"):
            pass
        if self.at < self.count:
            self.fail("expected the end of the query")
        return query

    def query(self) -> ast.Query:
        self.deeper()
        start, known = self.start, (self.ctes, self.declared)
        declared: list[ast.Assignment] = []
        ctes: list[ast.Cte] = []
        while True:
            if found := self.declarations():
                declared += found
            elif self.word() == "with" and self.sign("(", 3):
                self.at += 1
                ctes += self.common_tables()
            else:
                break
        first, sets = self.member(), list[str]()
        members = [*first.selects]
        ctes += first.ctes
        declared += first.declared
        while self.word() in grammar.SETS:
            operator = self.word()
            self.at += 1
            if self.word() in ("all", "distinct"):
                operator += f" {self.word()}"
                self.at += 1
            declared += self.declarations()
            more = self.member()
            sets += [operator, *more.sets]
            members += more.selects
            ctes += more.ctes
            declared += more.declared
        sets = [*first.sets, *sets]
        if sets:
            self.rest_of_union(members[-1])
        self.ctes, self.declared = known
        self.depth -= 1
        return ast.Query(self.since(start), tuple(members), tuple(sets), tuple(ctes), tuple(declared))

    def declarations(self) -> list[ast.Assignment]:
        """What DECLARE gives names to; none where it does not stand here."""
        if self.word() != "declare" or not (self.sign("@", 1) or self.word(1) == "overridable"):
            return []
        self.at += 1
        found = []
        while True:
            start = self.start
            self.takes("overridable")
            self.needs_sign("@")
            name = self.any_word("a name")
            if not (self.takes_sign(":=") or self.takes_sign("=")):
                self.fail("expected ':='")
            found.append(ast.Assignment((start, start), name, self.expression()))
            found[-1].span = self.since(start)
            self.declared = {**self.declared, name.lower(): found[-1].value}
            if not self.takes_sign(","):
                return found

    def common_tables(self) -> list[ast.Cte]:
        found = []
        while True:
            start = self.start
            name = self.any_name("a name")
            self.needs("as")
            self.needs_sign("(")
            query = self.query()
            self.needs_sign(")")
            found.append(ast.Cte(self.since(start), name, query))
            self.ctes = {**self.ctes, name.lower(): query}
            if not self.takes_sign(","):
                return found

    def member(self) -> ast.Query:
        """One of what UNION puts together; several where parentheses hold a UNION of their own."""
        if self.sign("("):
            self.deeper()
            start = self.start
            self.at += 1
            inner = self.query()
            self.needs_sign(")")
            self.depth -= 1
            if not self.ends_a_member():
                # `(query) alias JOIN …`, `(query) PIVOT (…)`, `(query) ORDER BY …`: rows of a query, read as they are.
                source = self.named(ast.Source((start, self.end), "", (start, start), query=inner))
                select = self.clauses(start, None, False, (self.star(start),), self.joined(source))
                return ast.Query(select.span, (select,))
            return inner
        select = self.select()
        return ast.Query(select.span, (select,))

    def ends_a_member(self) -> bool:
        return self.at >= self.count or self.word() in grammar.SETS or self.text() in (")", ";")

    def star(self, at: int) -> ast.Item:
        return ast.Item((at, at), ast.Star((at, at)))

    def rest_of_union(self, last: ast.Select) -> None:
        """ORDER BY and LIMIT behind a member in parentheses."""
        if self.word() == "order" and self.word(1) == "by" and not last.order:
            begin = self.start
            self.at += 2
            last.order = self.order_items()
            last.order_span = self.since(begin)
        if self.word() == "limit" and last.limit is None:
            last.limit = self.limit()

    def select(self) -> ast.Select:
        start = self.start
        if not self.takes("select"):
            if self.word() in grammar.NO_QUERY or self.at >= self.count:
                self.fail("expected a query")
            return self.clauses(start, None, False, (self.star(start),), self.sources())
        keyword = self.since(start)
        distinct = self.word() == "distinct" and not self.sign(",", 1) and self.word(1) != "from"
        self.at += distinct
        items = self.items()
        sources = self.sources() if self.takes("from") else []
        return self.clauses(start, keyword, distinct, items, sources)

    def items(self) -> tuple[ast.Item, ...]:
        found = [self.item()]
        while self.takes_sign(","):
            if self.word() == "from":  # QuestDB takes a comma behind the last one
                break
            found.append(self.item())
        return tuple(found)

    def item(self) -> ast.Item:
        start = self.start
        if self.sign("*"):
            self.at += 1
            return ast.Item(self.since(start), ast.Star(self.since(start)))
        expression = self.expression()
        item = ast.Item(self.since(start), expression)
        begin = self.start
        if self.takes("as") or self.may_be_alias():
            begin = self.start
            item.alias = self.any_name("an alias")
            item.alias_span = self.since(begin)
            item.span = self.since(start)
        return item

    def may_be_alias(self) -> bool:
        if self.at >= self.count:
            return False
        kind = self.tokens[self.at].kind
        return kind in ("quoted", "string") or (kind == "word" and not self.is_end())

    def clauses(
        self,
        start: int,
        keyword: ast.Span | None,
        distinct: bool,
        items: tuple[ast.Item, ...],
        sources: list[ast.Source],
    ) -> ast.Select:
        select = ast.Select((start, start), keyword, items, tuple(sources), distinct)
        while word := self.words[self.at]:
            begin, following = self.start, self.words[self.at + 1]
            if word == "where" and select.where is None:
                self.at += 1
                select.where = self.expression()
            elif word == "latest" and following in ("on", "by"):
                select.latest = self.latest()
            elif word == "sample" and following == "by":
                select.sample = self.sample()
            elif word == "group" and following == "by":
                self.at += 2
                select.group = self.expressions()
                select.group_span = self.since(begin)
            elif word == "order" and following == "by":
                self.at += 2
                select.order = self.order_items()
                select.order_span = self.since(begin)
            elif word == "limit":
                select.limit = self.limit()
            elif word == "window" and self.word(2) == "as":
                select.windows = self.named_windows()
            elif word == "pivot" and self.sign("(", 1):
                select.pivot = self.pivot()
            elif word == "align" and following == "to" and select.sample is not None:
                self.align(select.sample)
            elif word == "fill" and self.sign("(", 1) and select.sample is not None:
                self.fill(select.sample)
            else:
                break
        select.span = self.since(start)
        return select

    def latest(self) -> ast.Latest:
        start = self.start
        self.needs("latest")
        if self.takes("by"):
            begin = self.start
            if self.takes("all"):
                return ast.Latest(self.since(start), None, (), self.since(begin))
            by = self.expressions()
            return ast.Latest(self.since(start), None, by, self.since(begin))
        self.needs("on")
        on = self.expression()
        self.needs("partition", "by")
        begin = self.start
        by = self.expressions()
        return ast.Latest(self.since(start), on, by, self.since(begin))

    def sample(self) -> ast.Sample:
        start = self.start
        self.needs("sample", "by")
        sample = ast.Sample((start, start), self.expression())
        if (
            isinstance(sample.interval, ast.Constant)
            and sample.interval.kind == "number"
            and self.word() in grammar.UNITS
        ):
            self.at += 1
            sample.interval.span = (sample.interval.span[0], self.end)
            sample.interval.text = self.sql[slice(*sample.interval.span)]
        if self.takes("from"):
            sample.start = self.expression()
        if self.takes("to"):
            sample.stop = self.expression()
        if self.word() == "fill" and self.sign("(", 1):
            self.fill(sample)
        if self.word() == "align" and self.word(1) == "to":
            self.align(sample)
        sample.span = self.since(start)
        return sample

    def fill(self, sample: ast.Sample) -> None:
        self.at += 2
        found: list[ast.Expression] = []
        while not self.sign(")"):
            found.append(self.word_constant() if self.word() in grammar.FILLS else self.expression())
            if not self.takes_sign(","):
                break
        self.needs_sign(")")
        sample.fill = tuple(found)
        sample.span = (sample.span[0], self.end)

    def align(self, sample: ast.Sample) -> None:
        self.at += 2
        if self.takes("first", "observation"):
            sample.align = "first observation"
        else:
            self.needs("calendar")
            sample.align = "calendar"
            if self.takes("time", "zone"):
                sample.time_zone = self.expression()
            if self.takes("with", "offset"):
                sample.offset = self.expression()
        sample.span = (sample.span[0], self.end)

    def limit(self) -> ast.Limit:
        start = self.start
        self.needs("limit")
        low = self.expression()
        high = self.expression() if self.takes_sign(",") and not self.ends_a_member() else None
        return ast.Limit(self.since(start), low, high)

    def named_windows(self) -> tuple[ast.NamedWindow, ...]:
        self.needs("window")
        found = []
        while True:
            start = self.start
            name = self.any_name("a window's name")
            self.needs("as")
            window = self.window()
            found.append(ast.NamedWindow(self.since(start), name, window))
            if not self.takes_sign(","):
                return tuple(found)

    def pivot(self) -> ast.Pivot:
        start = self.start
        self.deeper()
        self.at += 2
        items = [self.item()]
        while self.takes_sign(","):
            items.append(self.item())
        self.needs("for")
        keys: list[ast.Expression] = []
        while True:
            keys.append(self.pivot_key())
            self.takes("for")
            if self.sign(")") or (self.word() == "group" and self.word(1) == "by"):
                break
        group: tuple[ast.Expression, ...] = ()
        if self.takes("group", "by"):
            group = self.expressions()
        self.needs_sign(")")
        self.depth -= 1
        alias = self.alias()
        return ast.Pivot(self.since(start), tuple(items), tuple(keys), group, alias)

    def pivot_key(self) -> ast.In:
        start = self.start
        operand = self.expression(grammar.SET)
        self.needs("in")
        self.needs_sign("(")
        if self.begins_query():
            query = self.query()
            self.needs_sign(")")
            return ast.In(self.since(start), operand, (), query)
        items: list[ast.Expression] = []
        while not self.sign(")"):
            items.append(self.item().expression)
            if not self.takes_sign(","):
                break
        self.needs_sign(")")
        return ast.In(self.since(start), operand, tuple(items))

    def sources(self) -> list[ast.Source]:
        return self.joined(self.source(None))

    def joined(self, first: ast.Source) -> list[ast.Source]:
        """A source with those that are joined to it."""
        found = [first]
        while True:
            start = self.start
            if self.takes_sign(","):
                found.append(self.source(ast.Join(self.since(start), "cross")))
                continue
            kind = self.join_kind()
            if kind is None:
                return found
            join = ast.Join(self.since(start), kind)
            found.append(self.source(join))
            self.condition(join)
            found[-1].span = self.since(found[-1].span[0])

    def join_kind(self) -> str | None:
        ahead = 0
        while self.word(ahead) in grammar.JOINS and self.word(ahead) != "join":
            ahead += 1
        if self.word(ahead) != "join":
            return None
        words = [self.word(i) for i in range(ahead) if self.word(i) != "outer"]
        self.at += ahead + 1
        self.takes("lateral")
        return " ".join(words) or "inner"

    def condition(self, join: ast.Join) -> None:
        """What may follow a joined source, in any order."""
        while True:
            if join.on is None and self.takes("on"):
                join.on = self.expression()
            elif join.on is None and self.word() == "using" and self.sign("(", 1):
                self.at += 1
                join.on = self.expression()
            elif self.takes("tolerance"):
                join.tolerance = self.expression()
            elif self.word() == "range" and self.word(1) == "between":
                self.at += 2
                low = self.bound()
                self.needs("and")
                join.bounds = (low, self.bound())
            elif self.word() == "range" and self.word(1) == "from":
                self.at += 2
                bounds = [self.expression()]
                self.needs("to")
                bounds.append(self.expression())
                self.needs("step")
                bounds.append(self.expression())
                join.bounds, join.alias = tuple(bounds), self.alias()
            elif join.kind == "horizon" and self.word() == "list" and self.sign("(", 1):
                self.at += 2
                join.bounds = self.expressions()
                self.needs_sign(")")
                join.alias = self.alias()
            elif self.word() in ("include", "exclude") and self.word(1) == "prevailing":
                self.at += 2
            else:
                return

    def source(self, join: ast.Join | None) -> ast.Source:
        start = self.start
        self.takes("lateral")
        begin = self.start
        if self.sign("("):
            self.deeper()
            self.at += 1
            query = self.query()
            self.needs_sign(")")
            self.depth -= 1
            found = ast.Source((start, start), "", (begin, begin), query=query, join=join)
        elif self.sign("@"):
            found = self.declared_source(begin, join)
        else:
            found = self.named_source(begin, join)
        found.span = (start, found.span[1])
        return self.named(found)

    def named(self, source: ast.Source) -> ast.Source:
        """A source with what may stand behind it: its alias, and the designated timestamp before or after that."""
        self.designated(source)
        source.alias = self.alias()
        if source.alias and self.sign("(") and source.function is not None:
            self.at += 1  # UNNEST(…) u(a, b)
            self.expressions()
            self.needs_sign(")")
        self.designated(source)
        source.span = self.since(source.span[0])
        return source

    def designated(self, source: ast.Source) -> None:
        if self.word() == "timestamp" and self.sign("(", 1):
            self.at += 2
            source.designated = self.expression()
            self.needs_sign(")")

    def declared_source(self, begin: int, join: ast.Join | None) -> ast.Source:
        """`@name`: the table, query or function that DECLARE gave the name to."""
        self.needs_sign("@")
        value: ast.Expression | None = ast.Declared((begin, begin), self.any_word("a name"))
        span = self.since(begin)
        for _ in range(len(self.declared) + 1):
            if not isinstance(value, ast.Declared):
                break
            value = self.declared.get(value.name.lower())
        match value:
            case ast.Subquery(query=query):
                return ast.Source(span, "", span, join=join, cte=query)
            case ast.Call():
                return ast.Source(span, "", span, function=value, join=join)
            case ast.Column(name=name, qualifier="") | ast.Constant(kind="string", text=name):
                name = ast.unquoted(name)
                return ast.Source(span, name, span, join=join, cte=self.ctes.get(name.lower()))
        return ast.Source(span, "", span, opaque=True, join=join)

    def named_source(self, begin: int, join: ast.Join | None) -> ast.Source:
        if self.at >= self.count or self.tokens[self.at].kind not in ("word", "quoted", "string", "variable", "macro"):
            self.fail("expected a table")
        if self.tokens[self.at].kind == "word" and self.is_end():
            self.fail("expected a table")
        run = self.run()
        opaque = any(t.kind in ("variable", "macro") or variables(t.text) for t in run)
        if opaque:
            macro = self.macros.get(run[0].start)
            if len(run) == 1 and macro is not None and macro.args is not None:
                self.skip_to(macro.end)
            return ast.Source(self.since(begin), "", self.since(begin), opaque=True, join=join)
        name = ast.unquoted(run[0].text) if len(run) == 1 else ""
        if len(run) > 1:
            self.fail("expected a table's name")
        while self.sign(".") and self.at + 1 < self.count:
            self.at += 1
            if self.tokens[self.at].kind not in ("word", "quoted", "string"):
                self.fail("expected a table's name")
            name += "." + ast.unquoted(self.tokens[self.at].text)
            self.at += 1
        name_span = self.since(begin)
        if self.sign("("):
            call = self.call(name, begin, name_span)
            return ast.Source(self.since(begin), "", name_span, function=call, join=join)
        found = ast.Source(name_span, name, name_span, join=join)
        found.cte = self.ctes.get(name.lower())
        return found

    def alias(self) -> str:
        if self.takes("as"):
            return self.any_name("an alias")
        if self.at < self.count and self.tokens[self.at].kind in ("word", "quoted"):
            grammar = self.tokens[self.at].kind == "word" and (
                self.is_end() or (self.word() == "timestamp" and self.sign("(", 1)) or self.word() == "list"
            )
            if not grammar:
                return self.any_name("an alias")
        return ""
