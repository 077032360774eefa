"""What is wrong with a template before it runs, and which labels it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dashgen.gotemplate.language import Action, Block, Field, Function, Literal, Name, Named, Pipe, TemplateError, parse

VARIABLES = frozenset({"$", "$labels", "$values", "$value"})
"""What Grafana declares in front of a label's or annotation's template (pkg/services/ngalert/state/template)."""
_ROOT = frozenset({"Labels", "Values", "Value"})


def faults(text: str) -> tuple[str, ...]:
    """Why Grafana would show the template of a label or annotation as it is written: Go's words where it has some."""
    if "{{" not in text:
        return ("has '}}' and no '{{'",) if "}}" in text else ()
    try:
        nodes = parse(text)
    except TemplateError as error:
        return (str(error),)
    found: list[str] = []
    for node in walk(nodes):
        if isinstance(node, Named):
            found.append(f"{node.kind} is for message templates")
    found += _undefined(nodes, set(VARIABLES))
    found += [
        f"can't evaluate field {node.names[0]}" for node in _of_root(nodes) if node.names and node.names[0] not in _ROOT
    ]
    return tuple(dict.fromkeys(found))


def labels(text: str) -> frozenset[str]:
    """The labels that a template reads from its alert: `$labels.host`, `.Labels.host`, `index $labels "host"`."""
    try:
        nodes = parse(text) if "{{" in text else ()
    except TemplateError:
        return frozenset()
    found: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, Field) and node.names and node.base == Name("$labels"):
            found.add(node.names[0])
        elif isinstance(node, Field) and node.base == Name("$") and len(node.names) > 1 and node.names[0] == "Labels":
            found.add(node.names[1])
        elif isinstance(node, Pipe):
            for command in node.commands:
                match command:
                    case (Function("index"), Name("$labels"), Literal(str(name)), *_):
                        found.add(name)
    found |= {node.names[1] for node in _of_root(nodes) if len(node.names) > 1 and node.names[0] == "Labels"}
    return frozenset(found)


def walk(nodes: Iterable[Any]) -> Iterator[Any]:
    """Every part of a template, each before what it is made of."""
    for node in nodes:
        yield node
        if isinstance(node, Action):
            yield from walk((node.pipe,))
        elif isinstance(node, Block):
            yield from walk((node.pipe, *node.body, *node.otherwise))
        elif isinstance(node, Named):
            yield from walk((*((node.pipe,) if node.pipe else ()), *node.body))
        elif isinstance(node, Pipe):
            for command in node.commands:
                yield from walk(command)
        elif isinstance(node, Field) and node.base is not None:
            yield from walk((node.base,))


def _of_root(nodes: Iterable[Any]) -> Iterator[Field]:
    """Fields of the dot where it is the alert's data: outside of `with` and `range`."""
    for node in nodes:
        if isinstance(node, Field):
            if node.base is None:
                yield node
            else:
                yield from _of_root((node.base,))
        elif isinstance(node, Action):
            yield from _of_root((node.pipe,))
        elif isinstance(node, Pipe):
            for command in node.commands:
                yield from _of_root(command)
        elif isinstance(node, Block):
            yield from _of_root((node.pipe, *node.otherwise))
            if node.kind == "if":
                yield from _of_root(node.body)


def _undefined(nodes: Iterable[Any], known: set[str]) -> list[str]:
    """Go refuses a variable that no action before it declared, in the block or around it."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, Action):
            found += _unknown(node.pipe, known)
            known |= set(node.pipe.declares)
        elif isinstance(node, Block):
            found += _unknown(node.pipe, known)
            inside = known | set(node.pipe.declares)
            found += _undefined(node.body, set(inside)) + _undefined(node.otherwise, set(inside))
    return found


def _unknown(pipe: Pipe, known: set[str]) -> list[str]:
    return [
        f"undefined variable {node.name!r}"
        for node in walk((pipe,))
        if isinstance(node, Name) and node.name not in known
    ]


def message_faults(text: str) -> tuple[str, ...]:
    """Why a message template would not load, as far as its outline shows: blocks that don't close, names missing."""
    try:
        parse(_outline(text))
    except TemplateError as error:
        return (str(error),)
    return ()


_ACTION = re.compile(
    r"""\{\{(?:-\s)?\s*(?P<word>\w+)?(?P<rest>(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`])*?)(?:\s-)?\}\}""", re.DOTALL
)


def _outline(text: str) -> str:
    """The template with its pipelines emptied: messages have fields and functions of their own."""

    def one(match: re.Match[str]) -> str:
        word = match["word"]
        if word in ("if", "with", "range"):
            return f"{{{{ {word} . }}}}"
        if word in ("end", "define", "block", "template") or (word == "else" and not match["rest"].strip()):
            return match[0]
        if word == "else":
            kind = match["rest"].split(None, 1)[0]
            return f"{{{{ else {kind} . }}}}" if kind in ("if", "with") else match[0]
        return ""

    return _ACTION.sub(one, text)
