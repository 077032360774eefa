"""Go templates as far as labels and annotations of alert rules use them.

Actions, pipelines, variables, `if`, `with`, `range`, `else`, trim markers and comments; Grafana's functions are in
`functions`. A template that fails leaves its text as it was written, as in Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dashgen.gotemplate.functions import FUNCTIONS, NO_VALUE, NOT_RUN, go_text, truth


class TemplateError(ValueError):
    """What Go would not parse or run."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Pipe:
    """`declares` are the variables that it sets; each command is a row of operands."""

    commands: tuple[tuple[Any, ...], ...]
    declares: tuple[str, ...] = ()
    assigns: bool = False


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
class Named:
    """`define`, `template` or `block` of a name; for messages only."""

    kind: str
    name: str
    pipe: Pipe | None
    body: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`.A.B`, `$x.A` or `(…).A`: `base` is None for the dot."""

    base: Any
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A `$variable`."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


_ACTION = re.compile(r"\{\{(-\s)?(\s*/\*.*?\*/\s*|(?:\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^\"`])*?)(\s-)?\}\}", re.DOTALL)
_NAMED = re.compile(r"""("(?:\\.|[^"\\])*")(.*)""", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*"|`[^`]*`) | (?P<number>-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|-?\.\d+)
    | (?P<variable>\$\w*) | (?P<field>\.\w+) | (?P<dot>\.) | (?P<word>[A-Za-z_]\w*) | (?P<mark>:=|[=|(),])
    | (?P<end>\Z))""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def parse(text: str) -> tuple[Any, ...]:
    """Raises TemplateError."""
    return _Parser(_pieces(text)).nodes(())[0]


def _pieces(text: str) -> list[Text | str]:
    """Texts and what stands between the braces, trim markers applied."""
    pieces: list[Text | str] = []
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
            pieces.append(body)
        done, trim = match.end(), bool(match[3])
    rest = text[done:]
    if "{{" in rest:
        raise TemplateError("unclosed action")
    rest = rest.lstrip() if trim else rest
    return [*pieces, Text(rest)] if rest else pieces


class _Parser:
    def __init__(self, pieces: list[Text | str]) -> None:
        self._pieces = pieces
        self._at = 0

    def nodes(self, ends: tuple[str, ...]) -> tuple[tuple[Any, ...], str]:
        """Until one of `ends`; returns also the whole action that ended it."""
        found: list[Any] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if isinstance(piece, Text):
                found.append(piece)
                continue
            word = piece.split(None, 1)[0] if piece else ""
            if word in ("end", "else"):
                if word not in ends:
                    raise TemplateError(f"unexpected {{{{{word}}}}}")
                return tuple(found), piece
            if word in ("if", "with", "range"):
                found.append(self._block(word, piece[len(word) :]))
            elif word in ("define", "template", "block"):
                found.append(self._named(word, piece[len(word) :].strip()))
            elif piece:
                found.append(Action(_Pipeline(piece).pipe()))
            else:
                raise TemplateError("missing value for command")
        if ends:
            raise TemplateError("unexpected EOF")
        return tuple(found), ""

    def _named(self, kind: str, text: str) -> Named:
        match = _NAMED.fullmatch(text)
        if match is None:
            raise TemplateError(f"{kind} needs a name in quotes")
        pipe = _Pipeline(match[2]).pipe() if match[2].strip() else None
        if kind == "template":
            return Named(kind, _unquoted(match[1]), pipe, ())
        if (pipe is None) == (kind == "block"):
            raise TemplateError(f"{kind} {match[1]} {'has no value' if pipe is None else 'takes no value'}")
        body, _ = self.nodes(("end",))
        return Named(kind, _unquoted(match[1]), pipe, body)

    def _block(self, kind: str, text: str) -> Block:
        pipe = _Pipeline(text).pipe()
        body, ended = self.nodes(("end", "else"))
        otherwise: tuple[Any, ...] = ()
        if ended.startswith("else"):
            rest = ended[len("else") :].strip()
            if rest.startswith(("if ", "with ")):
                inner, rest = rest.split(None, 1)
                return Block(kind, pipe, body, (self._block(inner, rest),))
            otherwise, _ = self.nodes(("end",))
        return Block(kind, pipe, body, otherwise)


class _Pipeline:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, bool]] = []
        at = 0
        while True:
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise TemplateError(f"unexpected {text[at:].lstrip()[:1]!r} in operand")
            value = match[match.lastgroup]
            # A field right behind an operand belongs to it; after a space it is one of its own.
            self._tokens.append((match.lastgroup, value, match.start(match.lastgroup) == at and at > 0))
            if match.lastgroup == "end":
                break
            at = match.end()
        self._at = 0

    def _peek(self) -> tuple[str, str, bool]:
        return self._tokens[self._at]

    def _take(self) -> tuple[str, str, bool]:
        self._at += 1
        return self._tokens[self._at - 1]

    def pipe(self, closing: str = "") -> Pipe:
        declares, assigns = self._declared()
        commands: list[tuple[Any, ...]] = []
        while True:
            operands: list[Any] = []
            while self._peek()[0] != "end" and self._peek()[1] not in ("|", ")"):
                operands.append(self._operand())
            if not operands:
                raise TemplateError("missing value for command")
            commands.append(tuple(operands))
            kind, value, _ = self._take()
            if value == "|" and kind == "mark":
                continue
            if (kind == "end" and not closing) or (closing and value == closing):
                return Pipe(tuple(commands), declares, assigns)
            raise TemplateError(f"unexpected {value!r} in operand")

    def _declared(self) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        start = self._at
        while self._peek()[0] == "variable":
            names.append(self._take()[1])
            kind, value, _ = self._take()
            if kind == "mark" and value == ",":
                continue
            if kind == "mark" and value in (":=", "="):
                return tuple(names), value == "="
            break
        self._at = start
        return (), False

    def _operand(self) -> Any:
        kind, value, _ = self._take()
        node: Any
        if kind == "string":
            node = Literal(value[1:-1] if value[0] == "`" else _unquoted(value))
        elif kind == "number":
            node = Literal(float(value) if set(value) & set(".eE") else int(value))
        elif kind == "variable":
            node = Name(value)
        elif kind == "field":
            node = Field(None, (value[1:],))
        elif kind == "dot":
            node = Field(None, ())
        elif kind == "word":
            if value in ("true", "false", "nil"):
                node = Literal({"true": True, "false": False, "nil": None}[value])
            elif value in FUNCTIONS or value in NOT_RUN:
                node = Function(value)
            else:
                raise TemplateError(f'function "{value}" not defined')
        elif value == "(":
            node = self.pipe(closing=")")
        else:
            raise TemplateError(f"unexpected {value!r} in operand")
        names: list[str] = []
        while self._peek()[0] == "field" and self._peek()[2]:
            names.append(self._take()[1][1:])
        if not names:
            return node
        return Field(None, (*node.names, *names)) if isinstance(node, Field) else Field(node, tuple(names))


def _unquoted(text: str) -> str:
    import json

    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1].encode().decode("unicode_escape")


@dataclass(slots=True)
class _Run:
    variables: list[dict[str, Any]]
    out: list[str] = field(default_factory=list)

    def nodes(self, nodes: Sequence[Any], dot: Any) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self.out.append(node.text)
            elif isinstance(node, Action):
                value = self.pipe(node.pipe, dot)
                if not node.pipe.declares:
                    self.out.append(go_text(value))
            elif isinstance(node, Named):
                raise TemplateError(f"{node.kind} is not for labels and annotations")
            else:
                self.block(node, dot)

    def block(self, block: Block, dot: Any) -> None:
        self.variables.append({})
        try:
            if block.kind == "range":
                self._range(block, dot)
                return
            value = self.pipe(block.pipe, dot)
            inner = value if block.kind == "with" and truth(value) else dot
            self.nodes(block.body if truth(value) else block.otherwise, inner)
        finally:
            self.variables.pop()

    def _range(self, block: Block, dot: Any) -> None:
        pipe = Pipe(block.pipe.commands)
        value = self.pipe(pipe, dot)
        if isinstance(value, Mapping):
            items = [(key, value[key]) for key in sorted(value)]
        elif isinstance(value, list | tuple):
            items = list(enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            items = [(i, i) for i in range(value)]
        else:
            raise TemplateError(f"range can't iterate over {go_text(value)}")
        if not items:
            self.nodes(block.otherwise, dot)
        for key, item in items:
            names = block.pipe.declares
            if len(names) == 1:
                self.variables[-1][names[0]] = item
            elif len(names) == 2:
                self.variables[-1].update(zip(names, (key, item), strict=True))
            self.nodes(block.body, item)

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        missing = object()
        value: Any = missing
        for operands in pipe.commands:
            value = self._command(operands, dot, () if value is missing else (value,))
        for name in pipe.declares:
            (self._scope(name) if pipe.assigns else self.variables[-1])[name] = value
        return value

    def _scope(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = next((scope for scope in reversed(self.variables) if name in scope), None)
        if found is None:
            raise TemplateError(f"undefined variable: {name}")
        return found

    def _command(self, operands: Sequence[Any], dot: Any, last: tuple[Any, ...]) -> Any:
        first = operands[0]
        if isinstance(first, Function):
            if first.name in ("and", "or"):
                return self._shortcut(first.name, operands[1:], dot, last)
            arguments = [self.operand(one, dot) for one in operands[1:]] + list(last)
            try:
                return FUNCTIONS[first.name](*arguments)
            except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
                raise TemplateError(f"error calling {first.name}: {error}") from error
        if len(operands) > 1 or last:
            raise TemplateError("can't give argument to non-function")
        return self.operand(first, dot)

    def _shortcut(self, name: str, operands: Sequence[Any], dot: Any, last: tuple[Any, ...]) -> Any:
        value: Any = None
        for one in (*operands, *(Literal(v) for v in last)):
            value = self.operand(one, dot)
            if truth(value) is (name == "or"):
                return value
        return value

    def operand(self, node: Any, dot: Any) -> Any:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Name):
            return self._scope(node.name)[node.name]
        if isinstance(node, Pipe):
            return self.pipe(node, dot)
        if isinstance(node, Function):
            return self._command((node,), dot, ())
        value = dot if node.base is None else self.operand(node.base, dot)
        for name in node.names:
            value = _member(value, name)
        return value


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, NO_VALUE)
    if value is NO_VALUE:
        return NO_VALUE
    members = getattr(value, "members", None)
    if members is None or name not in members():
        raise TemplateError(f"can't evaluate field {name} in type {type(value).__name__}")
    return members()[name]


@dataclass(frozen=True, slots=True)
class Record:
    """A Go struct: its fields by name. `text` is what printing it gives."""

    fields: Mapping[str, Any]
    text: str = ""

    def members(self) -> Mapping[str, Any]:
        return self.fields

    def __str__(self) -> str:
        return self.text


def expand(text: str, data: Record, variables: Mapping[str, Any]) -> str:
    """`variables` are those known from the start (`$labels`). Raises TemplateError."""
    if "{{" not in text:
        return text
    run = _Run([{"$": data, **variables}])
    run.nodes(parse(text), data)
    return "".join(run.out).replace(NO_VALUE_TEXT, "[no value]")


NO_VALUE_TEXT = go_text(NO_VALUE)
