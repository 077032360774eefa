"""Grafana's math expressions as text: `abs($A - ${B c}) > 5 && !is_nan($B)`.

From loosest to tightest: `||`, `&&`, comparisons, `+ -`, `* / %`, `**`, unary `! -`; all of them group to the left
(grafana/grafana pkg/expr/mathexp/parse). A run of symbols is one operator, so that `5>-1` is refused there and
here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dashgen.grafana.alerting.values import ExpressionError
from dashgen.model.core.suggestions import listed


@dataclass(frozen=True, slots=True)
class Constant:
    value: float


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


Node = Constant | Variable | Unary | Binary | Call

FUNCTIONS: dict[str, int] = {
    "abs": 1, "log": 1, "round": 1, "ceil": 1, "floor": 1, "nan": 0, "inf": 0, "infn": 0, "null": 0,
    "is_nan": 1, "is_inf": 1, "is_null": 1, "is_number": 1,
}  # fmt: skip
"""How many arguments each takes."""

_LEVELS = (("||",), ("&&",), ("==", "!=", ">", ">=", "<", "<="), ("+", "-"), ("*", "/", "%"), ("**",))
_OPERATORS = frozenset(operator for level in _LEVELS for operator in level) | {"!"}
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<braced>\$\{[\w\s]+\}) | (?P<variable>\$\w+)
      | (?P<number>0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
      | (?P<function>[^\W\d_][^\W\d]*) | (?P<symbol>[!<>=&|+\-*/%]+) | (?P<mark>[(),]) | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """Raises ExpressionError with what was not expected, and where."""
    parser = _Parser(text)
    node = parser.level(0)
    if parser.kind != "end":
        raise parser.unexpected("the end of the expression")
    return node


def variables(node: Node) -> tuple[str, ...]:
    """The refIds that are named, in order, repeats included."""
    match node:
        case Variable(name):
            return (name,)
        case Unary(_, operand):
            return variables(operand)
        case Binary(_, left, right):
            return variables(left) + variables(right)
        case Call(_, arguments):
            return tuple(name for argument in arguments for name in variables(argument))
        case _:
            return ()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._next = 0
        self.kind = self._value = ""
        self._advance()

    def _advance(self) -> str:
        value = self._value
        match = _TOKEN.match(self._text, self._next)
        if match is None or match.lastgroup is None:
            rest = self._text[self._next :].lstrip()
            what = "incomplete variable" if rest.startswith("$") else f"invalid character: {rest[:1]}"
            raise ExpressionError(f"expr: {what} at {len(self._text) - len(rest)} in {self._text!r}")
        self.kind, self._value = match.lastgroup, match[match.lastgroup]
        self._at, self._next = match.start(match.lastgroup), match.end()
        if self.kind == "symbol" and self._value not in _OPERATORS:
            raise self.unexpected("an operator")
        return value

    def unexpected(self, wanted: str) -> ExpressionError:
        got = repr(self._value) if self.kind != "end" else "the end"
        return ExpressionError(f"expr: expected {wanted} at {self._at} in {self._text!r}, got {got}")

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self._factor()
        node = self.level(number + 1)
        while self.kind == "symbol" and self._value in _LEVELS[number]:
            node = Binary(self._advance(), node, self.level(number + 1))
        return node

    def _factor(self) -> Node:
        if self.kind == "number":
            text = self._advance()
            return Constant(float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text))
        if self.kind == "variable":
            return Variable(self._advance()[1:])
        if self.kind == "braced":
            return Variable(self._advance()[2:-1])
        if self.kind == "function":
            return self._call()
        if self.kind == "symbol" and self._value in ("!", "-"):
            return Unary(self._advance(), self._factor())
        if self.kind == "mark" and self._value == "(":
            self._advance()
            node = self.level(0)
            self._mark(")")
            return node
        raise self.unexpected("a number, a variable, a function or '('")

    def _call(self) -> Node:
        if self._value not in FUNCTIONS:
            raise ExpressionError(
                f"expr: non existent function {self._value}; there are {listed(sorted(FUNCTIONS), self._value)}"
            )
        name = self._advance()
        self._mark("(")
        arguments: list[Node] = []
        while not (self.kind == "mark" and self._value == ")"):
            if arguments:
                self._mark(",")
            arguments.append(self.level(0))
        self._advance()
        if len(arguments) != FUNCTIONS[name]:
            raise ExpressionError(f"expr: {name} takes {FUNCTIONS[name]} arguments, got {len(arguments)}")
        return Call(name, tuple(arguments))

    def _mark(self, mark: str) -> None:
        if self.kind != "mark" or self._value != mark:
            raise self.unexpected(repr(mark))
        self._advance()
