"""A place in a text's tokens, and what stands there."""

from __future__ import annotations

from typing import NoReturn

from dashgen.model.core.problems import DashgenError
from dashgen.sql import ast, grammar
from dashgen.sql.lexer import MacroRef, Token, macros, tokenize

MAX_DEPTH = 100
"""Parentheses, CASEs and signs within each other: deeper text is refused before Python's own limit ends the program."""


_BLANK = frozenset({"space", "comment"})
_DYNAMIC = frozenset({"variable", "macro"})
_SPLICED = _DYNAMIC | {"word", "number"}
_AHEAD = [""] * (MAX_DEPTH + 8)


class NotUnderstood(DashgenError):
    """A text that the parser does not know. `at` is the place in it where it stopped."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Cursor:
    """Goes through the tokens of one text, spaces and comments left out."""

    def __init__(self, sql: str) -> None:
        self.tokens = [token for token in tokenize(sql) if token.kind not in _BLANK]
        self.count = len(self.tokens)
        # What is asked most, by index: this is the hot path. There is room behind the last token for looking ahead.
        self.words = [token.text.lower() if token.kind == "word" else "" for token in self.tokens] + _AHEAD
        self.signs = [token.text if token.kind == "operator" else "" for token in self.tokens] + _AHEAD
        self.starts = [token.start for token in self.tokens] + [len(sql)]
        self.ends = [0] + [token.start + len(token.text) for token in self.tokens]
        self.splices = any(token.kind in _DYNAMIC for token in self.tokens)
        self.macros: dict[int, MacroRef] = {macro.start: macro for macro in macros(sql)} if self.splices else {}
        self.sql = sql
        self.at = 0
        self.depth = 0
        self.ctes: dict[str, ast.Query] = {}
        self.declared: dict[str, ast.Expression] = {}

    def fail(self, message: str) -> NoReturn:
        at = self.tokens[self.at].start if self.at < self.count else len(self.sql)
        came = f"{self.tokens[self.at].text!r}" if self.at < self.count else "the end"
        raise NotUnderstood(f"{message}, got {came}", at)

    def text(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].text if at < self.count else ""

    def word(self, ahead: int = 0) -> str:
        """The word here in lower case; empty where there is none."""
        return self.words[self.at + ahead]

    def sign(self, text: str, ahead: int = 0) -> bool:
        return self.signs[self.at + ahead] == text

    def takes(self, *words: str) -> bool:
        """Goes on behind these words if they stand here."""
        if self.words[self.at] != words[0]:
            return False
        if len(words) > 1 and any(self.words[self.at + ahead] != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def takes_sign(self, text: str) -> bool:
        if self.signs[self.at] != text:
            return False
        self.at += 1
        return True

    def needs(self, *words: str) -> None:
        if not self.takes(*words):
            self.fail(f"expected {' '.join(words).upper()}")

    def needs_sign(self, text: str) -> None:
        if not self.takes_sign(text):
            self.fail(f"expected {text!r}")

    @property
    def start(self) -> int:
        return self.starts[self.at]

    @property
    def end(self) -> int:
        """Where the token before this one ends."""
        return self.ends[self.at]

    def since(self, start: int) -> ast.Span:
        end = self.ends[self.at]
        return (start, end) if end > start else (start, start)

    def is_end(self, ahead: int = 0) -> bool:
        """Whether a word of the grammar stands here that ends what came before it."""
        word = self.words[self.at + ahead]
        pair = grammar.PAIRS.get(word)
        if pair is not None:
            return self.word(ahead + 1) in pair
        if word == "window":  # WINDOW JOIN, or WINDOW name AS (…)
            return self.word(ahead + 1) == "join" or self.word(ahead + 2) == "as"
        return word in grammar.ENDS

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"expected at most {MAX_DEPTH} levels of parentheses")

    def any_name(self, what: str) -> str:
        if self.at >= self.count or self.tokens[self.at].kind not in ("word", "quoted", "string", "variable"):
            self.fail(f"expected {what}")
        run = self.run()
        return "".join(ast.unquoted(token.text) for token in run)

    def any_word(self, what: str) -> str:
        if not self.word():
            self.fail(f"expected {what}")
        self.at += 1
        return self.tokens[self.at - 1].text

    def run(self) -> list[Token]:
        """The token here, and what Grafana makes one word of with it: tokens that a variable or macro touches."""
        found = [self.tokens[self.at]]
        self.at += 1
        if not self.splices:
            return found
        while self.at < self.count:
            before, token = found[-1], self.tokens[self.at]
            dynamic = token.kind in _DYNAMIC or before.kind in _DYNAMIC
            if not dynamic or token.start != self.ends[self.at] or {token.kind, before.kind} - _SPLICED:
                break
            found.append(token)
            self.at += 1
        return found

    def is_touched(self, at: int) -> bool:
        """Whether a variable or macro stands right behind the token, so that Grafana makes one word of them."""
        following = at + 1
        return (
            self.starts[following] == self.ends[following]
            and following < self.count
            and self.tokens[following].kind in _DYNAMIC
        )

    def skip_to(self, end: int) -> None:
        while self.at < self.count and self.tokens[self.at].start < end:
            self.at += 1

    def begins_query(self) -> bool:
        """Whether a query begins here, and not an expression: behind any parentheses."""
        ahead = 0
        while self.signs[self.at + ahead] == "(":
            ahead += 1
        word = self.words[self.at + ahead]
        if word == "select":
            return True
        if word == "with":
            return self.sign("(", ahead + 3)
        return word == "declare" and self.sign("@", ahead + 1)
