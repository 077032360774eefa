"""Go templates read into their parts, each of which knows where it begins.

Actions, pipelines, variables, `if`, `with`, `range`, `else`, `define`, `template`, `block`, trim markers and comments
(Go text/template/parse). Which functions there are depends on what a template is for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.functions import FUNCTIONS, NOT_RUN


def _at() -> Any:
    return field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Pipe:
    """`declares` are the variables that it sets; each command is a row of operands."""

    commands: tuple[tuple[Any, ...], ...]
    declares: tuple[str, ...] = ()
    assigns: bool = False
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Action:
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    pipe: Pipe
    body: tuple[Any, ...]
    otherwise: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue` of a `range`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Named:
    """`define`, `template` or `block` of a name; for messages only."""

    kind: str
    name: str
    pipe: Pipe | None
    body: tuple[Any, ...]
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Field:
    """`.A.B`, `$x.A` or `(…).A`: `base` is None for the dot."""

    base: Any
    names: tuple[str, ...]
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Name:
    """A `$variable`."""

    name: str
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any
    at: int = _at()


KNOWN = frozenset({*FUNCTIONS, *NOT_RUN})
"""The functions of labels and annotations."""
_ACTION = re.compile(r"\{\{(-\s)?(\s*/\*.*?\*/\s*|(?:\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^\"`])*?)(\s-)?\}\}", re.DOTALL)
_NAMED = re.compile(r"""("(?:\\.|[^"\\])*"|`[^`]*`)(.*)""", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*"|`[^`]*`) | (?P<char>'(?:\\.|[^'\\])')
    | (?P<number>-?0[xX][0-9a-fA-F]+|-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|-?\.\d+)
    | (?P<variable>\$\w*) | (?P<field>\.\w+) | (?P<dot>\.) | (?P<word>[A-Za-z_]\w*) | (?P<mark>:=|[=|(),])
    | (?P<end>\Z))""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def parse(text: str, functions: frozenset[str] = KNOWN) -> tuple[Any, ...]:
    """Raises TemplateError."""
    return _Parser(_pieces(text), functions).nodes(())[0]


class _Code(NamedTuple):
    """What stands between the braces, and where."""

    text: str
    at: int


def _pieces(text: str) -> list[Text | _Code]:
    """Texts and codes, trim markers applied."""
    pieces: list[Text | _Code] = []
    done, trim = 0, False
    for match in _ACTION.finditer(text):
        plain = text[done : match.start()]
        plain = plain.lstrip() if trim else plain
        if match[1]:
            plain = plain.rstrip()
        if plain:
            pieces.append(Text(plain))
        body = match[2].strip()
        if not body.startswith("/*"):
            pieces.append(_Code(body, match.start(2) + len(match[2]) - len(match[2].lstrip())))
        done, trim = match.end(), bool(match[3])
    rest = text[done:]
    if "{{" in rest:
        raise TemplateError("unclosed action", done + rest.index("{{"))
    rest = rest.lstrip() if trim else rest
    return [*pieces, Text(rest)] if rest else pieces


class _Parser:
    def __init__(self, pieces: list[Text | _Code], functions: Collection[str]) -> None:
        self._pieces = pieces
        self._functions = functions
        self._next = 0
        self._open: list[str] = []

    def nodes(self, ends: tuple[str, ...], opened: int = 0) -> tuple[tuple[Any, ...], _Code]:
        """Until one of `ends`; returns also the whole action that ended it."""
        found: list[Any] = []
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if isinstance(piece, Text):
                found.append(piece)
                continue
            word = piece.text.split(None, 1)[0] if piece.text else ""
            rest = _Code(piece.text[len(word) :], piece.at + len(word))
            if word in ("end", "else"):
                if word not in ends:
                    raise TemplateError(f"unexpected {{{{{word}}}}}", piece.at)
                return tuple(found), piece
            if word in ("if", "with", "range"):
                found.append(self._block(word, rest, piece.at))
            elif word in ("define", "template", "block"):
                found.append(self._named(word, rest, piece.at))
            elif piece.text in ("break", "continue") and piece.text not in self._functions:
                if "range" not in self._open:
                    raise TemplateError(f"{{{{{piece.text}}}}} outside {{{{range}}}}", piece.at)
                found.append(Jump(piece.text))
            elif piece.text:
                found.append(Action(self._pipe(piece)))
            else:
                raise TemplateError("missing value for command", piece.at)
        if ends:
            raise TemplateError("unexpected EOF", opened)
        return tuple(found), _Code("", 0)

    def _pipe(self, code: _Code) -> Pipe:
        return _Pipeline(code, self._functions).pipe()

    def _named(self, kind: str, code: _Code, opened: int) -> Named:
        space = len(code.text) - len(code.text.lstrip())
        match = _NAMED.fullmatch(code.text.strip())
        if match is None:
            raise TemplateError(f"{kind} needs a name in quotes", opened)
        if kind == "define" and self._open:
            raise TemplateError("unexpected {{define}}", opened)  # only blocks can be nested
        at = code.at + space
        pipe = self._pipe(_Code(match[2], at + match.start(2))) if match[2].strip() else None
        name = _text(match[1])
        if kind == "template":
            return Named(kind, name, pipe, (), at)
        if (pipe is None) == (kind == "block"):
            raise TemplateError(f"{kind} {match[1]} {'has no value' if pipe is None else 'takes no value'}", opened)
        return Named(kind, name, pipe, self._inside(kind, ("end",), opened)[0], at)

    def _inside(self, kind: str, ends: tuple[str, ...], opened: int) -> tuple[tuple[Any, ...], _Code]:
        _within_levels(len(self._open), opened)
        self._open.append(kind)
        found = self.nodes(ends, opened)
        self._open.pop()
        return found

    def _block(self, kind: str, code: _Code, opened: int) -> Block:
        pipe = self._pipe(code)
        body, ended = self._inside(kind, ("end", "else"), opened)
        otherwise: tuple[Any, ...] = ()
        if ended.text.startswith("else"):
            rest = ended.text[len("else") :].strip()
            if rest.startswith(("if ", "with ")):
                inner, _, below = rest.partition(" ")
                at = ended.at + ended.text.index(rest) + len(inner)
                _within_levels(len(self._open), opened)
                self._open.append(kind)
                further = self._block(inner, _Code(f" {below}", at), opened)
                self._open.pop()
                return Block(kind, pipe, body, (further,))
            if rest:
                raise TemplateError(f"unexpected {rest[:1]!r} in {{{{else}}}}", ended.at)
            otherwise, _ = self._inside("else", ("end",), opened)
        return Block(kind, pipe, body, otherwise)


_LEVELS = 100


def _within_levels(levels: int, at: int) -> None:
    if levels >= _LEVELS:
        raise TemplateError(f"expected at most {_LEVELS} levels of blocks or parentheses", at)


class _Token(NamedTuple):
    kind: str
    text: str
    at: int
    touches: bool
    """Nothing stands between it and the one before: a field then belongs to that."""


class _Pipeline:
    def __init__(self, code: _Code, functions: Collection[str]) -> None:
        self._functions = functions
        self._tokens: list[_Token] = []
        self._parentheses = 0
        at = 0
        while True:
            match = _TOKEN.match(code.text, at)
            if match is None or match.lastgroup is None:
                rest = code.text[at:].lstrip()
                raise TemplateError(f"unexpected {rest[:1]!r} in operand", code.at + len(code.text) - len(rest))
            start = match.start(match.lastgroup)
            self._tokens.append(
                _Token(match.lastgroup, match[match.lastgroup], code.at + start, start == at and at > 0)
            )
            if match.lastgroup == "end":
                break
            at = match.end()
        self._next = 0

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def pipe(self, closing: str = "") -> Pipe:
        begins = self._peek().at
        declares, assigns = self._declared()
        commands: list[tuple[Any, ...]] = []
        while True:
            operands: list[Any] = []
            while self._peek().kind != "end" and self._peek().text not in ("|", ")"):
                operands.append(self._operand())
            if not operands:
                raise TemplateError("missing value for command", self._peek().at)
            commands.append(tuple(operands))
            token = self._take()
            if token.text == "|" and token.kind == "mark":
                continue
            if (token.kind == "end" and not closing) or (closing and token.text == closing):
                return Pipe(tuple(commands), declares, assigns, begins)
            raise TemplateError(f"unexpected {token.text!r} in operand", token.at)

    def _declared(self) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        start = self._next
        while self._peek().kind == "variable":
            names.append(self._take().text)
            token = self._take()
            if token.kind == "mark" and token.text == ",":
                continue
            if token.kind == "mark" and token.text in (":=", "="):
                return tuple(names), token.text == "="
            break
        self._next = start
        return (), False

    def _operand(self) -> Any:
        token = self._take()
        node = self._single(token)
        names: list[str] = []
        while self._peek().kind == "field" and self._peek().touches:
            names.append(self._take().text[1:])
        if not names:
            return node
        if isinstance(node, Field):
            return Field(None, (*node.names, *names), node.at)
        return Field(node, tuple(names), token.at)

    def _single(self, token: _Token) -> Any:
        kind, value, at, _ = token
        if kind == "string":
            return Literal(_text(value), at)
        if kind == "char":
            return Literal(ord(_text(f'"{value[1:-1]}"')), at)
        if kind == "number":
            whole = value.lower().lstrip("-").startswith("0x") or not set(value) & set(".eE")
            try:
                return Literal(int(value, 0 if "x" in value.lower() else 10) if whole else float(value), at)
            except ValueError:  # also one of more digits than Python converts
                raise TemplateError(f"bad number syntax: {value[:20]!r}", at) from None
        if kind == "variable":
            return Name(value, at)
        if kind == "field":
            return Field(None, (value[1:],), at)
        if kind == "dot":
            return Field(None, (), at)
        if kind == "word" and value in ("true", "false", "nil"):
            return Literal({"true": True, "false": False, "nil": None}[value], at)
        if kind == "word" and value in self._functions:
            return Function(value, at)
        if kind == "word":
            raise TemplateError(f'function "{value}" not defined', at)
        if value == "(":
            _within_levels(self._parentheses, at)
            self._parentheses += 1
            inner = self.pipe(closing=")")
            self._parentheses -= 1
            return inner
        raise TemplateError(f"unexpected {value!r} in operand", at)


def _text(quoted: str) -> str:
    if quoted[0] == "`":
        return quoted[1:-1]
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted[1:-1].encode().decode("unicode_escape")
