"""The parser of expressions: an operator-precedence (Pratt) parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from dashgen.sql import ast, grammar
from dashgen.sql.cursor import Cursor, NotUnderstood
from dashgen.sql.lexer import MacroRef, Token, variables


class ExpressionParser(Cursor):
    """Reads expressions; queries within them are read by `query`."""

    def query(self) -> ast.Query:
        raise NotImplementedError

    def expression(self, tightest: int = 0) -> ast.Expression:
        """An expression whose operators bind tighter than `tightest`."""
        self.deeper()
        start = self.starts[self.at]
        left = self.column() or self.prefix(start)
        words, signs = self.words, self.signs
        while (words[self.at] or signs[self.at]) in grammar.CONTINUING:
            following = self.infix(left, start, tightest)
            if following is None:
                break
            left = following
        self.depth -= 1
        return left

    def column(self) -> ast.Column | None:
        """A column that is one word: most of what expressions are made of, so that it goes the short way."""
        at = self.at
        word = self.words[at]
        if not word or word in grammar.SPECIAL or self.signs[at + 1] in grammar.FOLLOWING_NAMES:
            return None
        end = self.ends[at + 1]
        if self.splices and self.is_touched(at):
            return None
        self.at = at + 1
        return ast.Column((self.starts[at], end), self.tokens[at].text)

    def prefix(self, start: int) -> ast.Expression:
        if self.words[self.at] == "not":
            self.at += 1
            operand = self.expression(grammar.NOT - 1)
            return ast.Unary(self.since(start), "not", operand)
        sign = self.signs[self.at]
        if sign in ("-", "+", "~"):
            self.at += 1
            operand = self.expression(grammar.SIGN - 1)
            return ast.Unary(self.since(start), sign, operand)
        return self.postfix(self.primary(), start)

    def postfix(self, found: ast.Expression, start: int) -> ast.Expression:
        while True:
            sign = self.signs[self.at]
            if sign == "::":
                self.at += 1
                found = ast.Cast(self.since(start), found, self.type())
                found.span = self.since(start)
            elif sign == "[":
                found = self.index(found, start)
            else:
                return found

    def index(self, operand: ast.Expression, start: int) -> ast.Expression:
        self.deeper()
        self.at += 1
        subscripts: list[ast.Expression | ast.Slice] = []
        while True:
            begin = self.start
            low = None if self.sign(":") else self.expression()
            if self.takes_sign(":"):
                high = None if self.sign("]") or self.sign(",") else self.expression()
                subscripts.append(ast.Slice(self.since(begin), low, high))
            elif low is not None:
                subscripts.append(low)
            if not self.takes_sign(","):
                break
        self.needs_sign("]")
        self.depth -= 1
        return ast.Index(self.since(start), operand, tuple(subscripts))

    def operator(self) -> tuple[str, int]:
        """The sign here and how many tokens it has."""
        text, count = self.signs[self.at], 1
        if text not in ("<", ">"):
            return text, count
        first = self.tokens[self.at]
        while text in ("<", ">", "<<", ">>") and self.at + count < self.count:
            token = self.tokens[self.at + count]
            if token.start != first.start + len(text) or text + token.text not in grammar.JOINED:
                break
            text += token.text
            count += 1
        return text, count

    def infix(self, left: ast.Expression, start: int, tightest: int) -> ast.Expression | None:
        """`left` with the operator that follows it, if that binds tighter than `tightest`."""
        word = self.word()
        if word in ("and", "or"):
            return self.logical(left, start, word, tightest)  # type: ignore[arg-type]  # one of the two
        negated = word == "not" and self.word(1) in ("in", "between", "like", "ilike", "within")
        if negated:
            word = self.word(1)
        if word in ("in", "within") and tightest < grammar.SET:
            self.at += 1 + negated
            return self.in_(left, start, negated, word == "within")
        if word == "between" and tightest < grammar.SET:
            self.at += 1 + negated
            low = self.expression(grammar.SET)
            self.needs("and")
            high = self.expression(grammar.SET)
            return ast.Between(self.since(start), left, low, high, negated)
        begin = self.start
        if word in ("like", "ilike") and tightest < grammar.EQUALS:
            self.at += 1 + negated
            between = self.since(begin)
            right = self.expression(grammar.EQUALS)
            name = f"not {word}" if negated else word
            return ast.Binary(self.since(start), name, left, right, between)
        if word == "is" and tightest < grammar.EQUALS:
            self.at += 1
            name = "is not" if self.takes("not") else "is"
            if self.takes("distinct", "from"):
                name += " distinct from"
            between = self.since(begin)
            right = self.expression(grammar.EQUALS)
            return ast.Binary(self.since(start), name, left, right, between)
        sign, tokens = self.operator()
        strength = grammar.BINARY.get(sign, 0)
        if strength <= tightest:
            return None
        self.at += tokens
        between = self.since(begin)
        right = self.expression(strength)
        return ast.Binary(self.since(start), sign, left, right, between)

    def logical(
        self, left: ast.Expression, start: int, word: Literal["and", "or"], tightest: int
    ) -> ast.Expression | None:
        strength = grammar.AND if word == "and" else grammar.OR
        if strength <= tightest:
            return None
        operands = [left]
        while self.word() == word:
            self.at += 1
            operands.append(self.expression(strength))
        return ast.Logical(self.since(start), word, tuple(operands))

    def in_(self, operand: ast.Expression, start: int, negated: bool, within: bool) -> ast.In:
        if not self.sign("("):
            item = self.expression(grammar.SET)
            return ast.In(self.since(start), operand, (item,), None, negated, False, within)
        self.deeper()
        self.at += 1
        if self.begins_query():
            query = self.query()
            self.needs_sign(")")
            self.depth -= 1
            return ast.In(self.since(start), operand, (), query, negated, True, within)
        items: tuple[ast.Expression, ...] = () if self.sign(")") else self.expressions()
        self.needs_sign(")")
        self.depth -= 1
        return ast.In(self.since(start), operand, items, None, negated, True, within)

    def primary(self) -> ast.Expression:
        token = self.tokens[self.at] if self.at < self.count else Token("operator", "", len(self.sql))
        start = token.start
        handler = _PRIMARIES.get(token.kind)
        if handler is not None:
            return handler(self, token, start)
        if token.text == "(":
            return self.parenthesis(start)
        if token.text == "@":
            self.at += 1
            name = self.any_word("a name")
            return ast.Declared(self.since(start), name)
        if token.text != "#":
            self.fail("expected an expression")
        return self.geohash(start)

    def geohash(self, start: int) -> ast.Expression:
        """`#u33d8b`, `##1011` (bits), `#u33d/12` (with its precision)."""
        self.at += 1
        self.takes_sign("#")
        if self.at < self.count and self.tokens[self.at].kind in ("word", "number"):
            self.at += 1
        if self.takes_sign("/"):
            self.at += 1
        span = self.since(start)
        return ast.Constant(span, "geohash", self.sql[slice(*span)])

    def parenthesis(self, start: int) -> ast.Expression:
        self.deeper()
        if self.begins_query():
            self.at += 1
            query = self.query()
            self.needs_sign(")")
            self.depth -= 1
            return ast.Subquery(self.since(start), query)
        self.at += 1
        items = self.expressions()
        self.needs_sign(")")
        self.depth -= 1
        if len(items) > 1:
            return ast.Tuple(self.since(start), items)
        return items[0]

    def dynamic(self, token: Token, start: int) -> ast.Expression:
        run = self.run()
        if len(run) > 1:
            return ast.Spliced(self.since(start), tuple(run))
        macro = self.macros.get(start)
        if macro is not None:
            return self.macro(macro, start)
        reference = next((v for v in variables(token.text)), None)
        if reference is None:
            self.fail("expected an expression")
        moved = reference._replace(start=start, end=start + len(token.text))
        return ast.Variable(self.since(start), moved)

    def macro(self, macro: MacroRef, start: int) -> ast.Expression:
        if macro.args is None:
            return ast.Macro(self.since(start), macro.name)
        found: list[ast.Expression] = []
        self.needs_sign("(")
        while not (self.sign(")") and self.end >= macro.end - 1 - self._blanks()):
            if self.at >= self.count or self.tokens[self.at].start >= macro.end:
                break
            argument = self.argument(macro.end)
            if found and isinstance(argument, ast.Column) and not argument.qualifier:
                # The first argument may be a column; `previous`, `hour`, `NULL` behind it are words of the macro.
                argument = ast.Constant(argument.span, "word", self.sql[slice(*argument.span)])
            found.append(argument)
            if not self.takes_sign(","):
                break
        self.skip_to(macro.end)
        return ast.Macro((start, macro.end), macro.name, tuple(found))

    def _blanks(self) -> int:
        return max(0, self.start - self.end)

    def argument(self, stop: int) -> ast.Expression:
        """An argument of a macro: an expression, or words that only Grafana understands."""
        at, depth, ctes, declared = self.at, self.depth, self.ctes, self.declared
        try:
            found = self.expression()
            if self.sign(",") or self.start >= stop - 1:
                return found
        except NotUnderstood:
            pass
        self.at, self.depth, self.ctes, self.declared = at, depth, ctes, declared
        start, level, tokens = self.start, 0, []
        while self.at < self.count and self.tokens[self.at].start < stop - 1:
            level += (self.text() in "([") - (self.text() in ")]")
            if level == 0 and self.sign(","):
                break
            tokens.append(self.tokens[self.at])
            self.at += 1
        return ast.Spliced(self.since(start), tuple(tokens))

    def number(self, token: Token, start: int) -> ast.Expression:
        run = self.run()
        if len(run) > 1:
            return ast.Spliced(self.since(start), tuple(run))
        return ast.Constant(self.since(start), "number", token.text)

    def string(self, token: Token, start: int) -> ast.Expression:
        self.at += 1
        return ast.Constant(self.since(start), "string", token.text)

    def quoted(self, token: Token, start: int) -> ast.Expression:
        return self.name(start)

    def keyword_or_name(self, token: Token, start: int) -> ast.Expression:
        word = token.text.lower()
        opens = self.sign("(", 1)
        if word == "case":
            return self.case(start)
        if word == "cast" and opens:
            return self.cast(start)
        if word == "extract" and opens:
            return self.extract(start)
        if word == "array" and self.sign("[", 1):
            self.at += 1
            return self.array(start)
        if word in ("null", "true", "false") and not opens and not self.sign(".", 1):
            self.at += 1
            return ast.Constant(self.since(start), "null" if word == "null" else "boolean", token.text)
        if word in grammar.TYPED_LITERALS:
            literal = self.typed_literal(word, start)
            if literal is not None:
                return literal
        if self.is_end() and not opens and not self.sign(".", 1):
            self.fail("expected an expression")
        return self.name(start)

    def typed_literal(self, word: str, start: int) -> ast.Expression | None:
        """`timestamp '2026-01-01'`, `timestamp with time zone '…'`."""
        ahead = 1
        if word == "timestamp" and self.word(1) == "with" and self.word(2) == "time" and self.word(3) == "zone":
            ahead = 4
        at = self.at + ahead
        if at >= self.count or self.tokens[at].kind != "string":
            return None
        self.at = at
        begin = self.start
        self.at += 1
        return ast.Cast(self.since(start), ast.Constant(self.since(begin), "string", self.tokens[at].text), word)

    def name(self, start: int) -> ast.Expression:
        """A column or a call, with what it is qualified by; `t.*`."""
        run = self.run()
        if len(run) > 1:
            return ast.Spliced(self.since(start), tuple(run))
        parts = [ast.unquoted(run[0].text) if run[0].kind == "quoted" else run[0].text]
        while self.sign("."):
            if self.sign("*", 1):
                self.at += 2
                return ast.Star(self.since(start), ".".join(parts))
            if self.at + 1 >= self.count or self.tokens[self.at + 1].kind not in (
                "word", "quoted", "string", "variable", "macro",
            ):  # fmt: skip
                self.fail("expected a column's name")
            self.at += 1
            following = self.run()
            if len(following) > 1 or following[0].kind in ("variable", "macro"):
                return ast.Spliced(self.since(start), tuple(following))
            parts.append(ast.unquoted(following[0].text))
        if self.sign("("):
            return self.call(".".join(parts), start, self.since(start))
        return ast.Column(self.since(start), parts[-1], ".".join(parts[:-1]))

    def call(self, name: str, start: int, name_span: ast.Span) -> ast.Call:
        self.deeper()
        self.needs_sign("(")
        distinct = self.word() == "distinct" and not self.sign(")", 1) and not self.sign(",", 1)
        self.at += distinct
        arguments: list[ast.Expression] = []
        while not self.sign(")"):
            begin = self.starts[self.at]
            if self.signs[self.at] == "*" and self.signs[self.at + 1] in (")", ","):
                self.at += 1
                arguments.append(ast.Star(self.since(begin)))
            elif self.begins_query():
                query = self.query()
                arguments.append(ast.Subquery(self.since(begin), query))
            else:
                arguments.append(self.expression())
            if self.words[self.at] in ("ignore", "respect") and self.word(1) == "nulls":
                self.at += 2
            if not self.takes_sign(","):
                break
        self.needs_sign(")")
        self.depth -= 1
        if self.words[self.at] in ("ignore", "respect") and self.word(1) == "nulls":
            self.at += 2
        call = ast.Call(self.since(start), name.lower(), name_span, tuple(arguments), distinct)
        if self.word() == "within" and self.word(1) == "group" and self.sign("(", 2):
            self.at += 3
            self.needs("order", "by")
            self.order_items()
            self.needs_sign(")")
        if self.word() == "over" and (self.sign("(", 1) or self.word(1)):
            self.at += 1
            call.window = self.window()
        call.span = self.since(start)
        return call

    def window(self) -> ast.Window:
        start = self.start
        if not self.sign("("):
            name = self.any_name("a window")
            return ast.Window(self.since(start), name=name)
        self.deeper()
        self.at += 1
        window = ast.Window((start, start))
        if self.word() and self.word() not in grammar.WINDOW_WORDS and self.word(1) in ("", *grammar.WINDOW_WORDS):
            window.name = self.any_name("a window")
        if self.takes("partition", "by"):
            window.partition = self.expressions()
        if self.takes("order", "by"):
            window.order = self.order_items()
        begin = self.at
        if self.word() in ("rows", "range", "groups", "cumulative"):
            self.frame()
        window.frame = tuple(token.text.lower() for token in self.tokens[begin : self.at])
        self.needs_sign(")")
        self.depth -= 1
        window.span = self.since(start)
        return window

    def frame(self) -> None:
        """`ROWS BETWEEN … AND … EXCLUDE …`, or CUMULATIVE: it names no columns."""
        if not self.takes("cumulative"):
            self.at += 1
            if self.takes("between"):
                self.bound()
                self.needs("and")
            self.bound()
        if self.takes("exclude"):
            while self.word() in ("current", "row", "group", "ties", "no", "others"):
                self.at += 1

    def case(self, start: int) -> ast.Expression:
        self.deeper()
        self.needs("case")
        operand = None if self.word() == "when" else self.expression()
        branches = []
        while self.word() == "when":
            begin = self.start
            self.at += 1
            condition = self.expression()
            self.needs("then")
            result = self.expression()
            branches.append(ast.When(self.since(begin), condition, result))
        default = self.expression() if self.takes("else") else None
        self.needs("end")
        self.depth -= 1
        return ast.Case(self.since(start), operand, tuple(branches), default)

    def cast(self, start: int) -> ast.Expression:
        self.deeper()
        self.at += 2
        operand = self.expression()
        self.needs("as")
        type_ = self.type()
        self.needs_sign(")")
        self.depth -= 1
        return ast.Cast(self.since(start), operand, type_)

    def type(self) -> str:
        """A type's name, with its arguments and brackets: `geohash(4b)`, `decimal(10,2)`, `double[]`."""
        if self.at < self.count and self.tokens[self.at].kind in ("variable", "macro"):
            return "".join(token.text for token in self.run())
        name = self.any_word("a type").lower()
        if name == "double" and self.takes("precision"):
            name = "double"
        if self.takes_sign("("):
            inside = []
            while self.at < self.count and not self.sign(")"):
                inside.append(self.text())
                self.at += 1
            self.needs_sign(")")
            name += f"({''.join(inside)})"
        while self.sign("[") and self.sign("]", 1):
            self.at += 2
            name += "[]"
        return name

    def extract(self, start: int) -> ast.Expression:
        """`extract(hour FROM expression)`: the unit is a word of the grammar, the rest an argument."""
        name_span = (start, start + len("extract"))
        self.deeper()
        self.at += 2
        unit = self.string_or_word()
        self.needs("from")
        operand = self.expression()
        self.needs_sign(")")
        self.depth -= 1
        return ast.Call(self.since(start), "extract", name_span, (unit, operand))

    def string_or_word(self) -> ast.Expression:
        if self.at < self.count and self.tokens[self.at].kind == "string":
            return self.string(self.tokens[self.at], self.start)
        return self.word_constant()

    def word_constant(self) -> ast.Constant:
        start = self.start
        text = self.any_word("a word")
        return ast.Constant(self.since(start), "word", text)

    def array(self, start: int) -> ast.Expression:
        self.deeper()
        self.needs_sign("[")
        items: list[ast.Expression] = []
        while not self.sign("]"):
            begin = self.start
            items.append(self.array(begin) if self.sign("[") else self.expression())
            if not self.takes_sign(","):
                break
        self.needs_sign("]")
        self.depth -= 1
        return ast.Array(self.since(start), tuple(items))

    def expressions(self) -> tuple[ast.Expression, ...]:
        found = [self.expression()]
        while self.takes_sign(","):
            found.append(self.expression())
        return tuple(found)

    def order_items(self) -> tuple[ast.OrderItem, ...]:
        found = []
        while True:
            start = self.start
            expression = self.expression()
            descending = self.word() == "desc"
            self.at += descending or self.word() == "asc"
            if self.takes("nulls") and not (self.takes("first") or self.takes("last")):
                self.fail("expected FIRST or LAST")
            found.append(ast.OrderItem(self.since(start), expression, descending))
            if not self.takes_sign(","):
                return tuple(found)

    # Sources

    def bound(self) -> ast.Expression:
        """One end of a window: `5 minutes PRECEDING`, `CURRENT ROW`, `'5s' FOLLOWING`."""
        if self.word() in ("current", "unbounded"):
            found: ast.Expression = self.word_constant()
            if not (self.takes("row") or self.takes("preceding") or self.takes("following")):
                self.fail("expected ROW, PRECEDING or FOLLOWING")
            return found
        found = self.expression(grammar.SET)
        if self.word() in grammar.UNITS:
            self.at += 1
        if not (self.takes("preceding") or self.takes("following")):
            self.fail("expected PRECEDING or FOLLOWING")
        return found


_PRIMARIES: dict[str, Callable[[ExpressionParser, Token, int], ast.Expression]] = {
    "macro": ExpressionParser.dynamic,
    "variable": ExpressionParser.dynamic,
    "number": ExpressionParser.number,
    "string": ExpressionParser.string,
    "quoted": ExpressionParser.quoted,
    "word": ExpressionParser.keyword_or_name,
}
