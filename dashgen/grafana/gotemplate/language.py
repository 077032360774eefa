"""Go templates run, as far as labels and annotations of alert rules use them.

Grafana's functions are in `functions`. A template that fails leaves its text as it was written, as in Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashgen.grafana.gotemplate.errors import NotRun, TemplateError
from dashgen.grafana.gotemplate.functions import FUNCTIONS, NO_VALUE, go_text, go_type, truth
from dashgen.grafana.gotemplate.syntax import (
    Action,
    Block,
    Function,
    Jump,
    Literal,
    Name,
    Named,
    Pipe,
    Text,
    parse,
)


class _Jumped(Exception):
    """A `break` or `continue` on its way to the `range` around it."""


_STEPS = 100_000
_CHARACTERS = 1_000_000


class _Output(list[str]):
    """What a template prints: a text without end is given up."""

    steps = 0
    characters = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > _STEPS:
            raise NotRun(f"a template of more than {_STEPS:,} steps is not run by dashgen")

    def append(self, text: str) -> None:
        self.characters += len(text)
        if self.characters > _CHARACTERS:
            raise NotRun(f"a text of more than {_CHARACTERS:,} characters is not written by dashgen")
        super().append(text)


@dataclass(slots=True)
class _Run:
    variables: list[dict[str, Any]]
    templates: Mapping[str, Sequence[Any]] | None = None
    """Those that a message can call by their names; None in labels and annotations, which know none."""
    out: _Output = field(default_factory=lambda: _Output())

    def nodes(self, nodes: Sequence[Any], dot: Any) -> None:
        for node in nodes:
            self.out.step()
            if isinstance(node, Text):
                self.out.append(node.text)
            elif isinstance(node, Action):
                value = self.pipe(node.pipe, dot)
                if not node.pipe.declares:
                    self.out.append(go_text(value))
            elif isinstance(node, Named):
                self._named(node, dot)
            elif isinstance(node, Jump):
                raise _Jumped(node.kind)
            else:
                self.block(node, dot)

    def _named(self, node: Named, dot: Any) -> None:
        if self.templates is None:
            raise TemplateError(f"{node.kind} is not available in labels and annotations")
        if node.kind == "define":
            return
        body = self.templates.get(node.name, node.body if node.kind == "block" else None)
        if body is None:
            raise TemplateError(f'template "{node.name}" not defined')
        given = self.pipe(node.pipe, dot) if node.pipe else None
        # it sees nothing of whoever calls it but what it is given
        _Run([{"$": given}], self.templates, self.out).nodes(body, given)

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
            items = [(i, i) for i in range(min(value, _STEPS + 1))]
        else:
            raise TemplateError(f"range can't iterate over {go_text(value)}")
        if not items:
            self.nodes(block.otherwise, dot)
        for key, item in items:
            self.out.step()
            names = block.pipe.declares
            if len(names) == 1:
                self.variables[-1][names[0]] = item
            elif len(names) == 2:
                self.variables[-1].update(zip(names, (key, item), strict=True))
            try:
                self.nodes(block.body, item)
            except _Jumped as jumped:
                if str(jumped) == "break":
                    break

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
            if first.name not in FUNCTIONS:
                raise NotRun(f"{first.name} is not run by dashgen")
            arguments = [self.operand(one, dot) for one in operands[1:]] + list(last)
            try:
                return FUNCTIONS[first.name](*arguments)
            except NotRun:
                raise
            except (TypeError, AttributeError):
                given = ", ".join(map(go_type, arguments)) or "none"
                raise TemplateError(
                    f"error calling {first.name}: wrong number or types of arguments: {given}"
                ) from None
            except (ValueError, LookupError, ArithmeticError, re.error) as error:
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
        raise TemplateError(f"can't evaluate field {name} in type {go_type(value)}")
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
    return run(parse(text), data, variables).replace(NO_VALUE_TEXT, "[no value]")


def run(
    nodes: Sequence[Any],
    data: Record,
    variables: Mapping[str, Any],
    templates: Mapping[str, Sequence[Any]] | None = None,
) -> str:
    """What a parsed template prints. Raises TemplateError."""
    running = _Run([{"$": data, **variables}], templates)
    running.nodes(nodes, data)
    return "".join(running.out)


NO_VALUE_TEXT = go_text(NO_VALUE)
