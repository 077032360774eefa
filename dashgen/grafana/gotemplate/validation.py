"""What is wrong with a template before it runs, and which labels it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dashgen.grafana.gotemplate.errors import NotRun, TemplateError
from dashgen.grafana.gotemplate.functions import NOT_RUN
from dashgen.grafana.gotemplate.syntax import (
    Action,
    Block,
    Field,
    Function,
    Literal,
    Name,
    Named,
    Pipe,
    parse,
)

VARIABLES = frozenset({"$", "$labels", "$values", "$value"})
"""What Grafana declares in front of a label's or annotation's template (pkg/services/ngalert/state/template)."""
_ROOT = frozenset({"Labels", "Values", "Value"})


class TemplateFault(NamedTuple):
    """Something wrong at an offset of a template, and what to do."""

    message: str
    at: int
    hint: str = ""


def faults(text: str) -> tuple[TemplateFault, ...]:
    """Why Grafana would show the template of a label or annotation as it is written: Go's words where it has some."""
    if "{{" not in text:
        return (TemplateFault("has '}}' and no '{{'", text.index("}}")),) if "}}" in text else ()
    try:
        nodes = parse(text)
    except TemplateError as error:
        return (TemplateFault(str(error), error.at),)
    found = [
        TemplateFault(f"{node.kind} is for message templates", node.at)
        for node in walk(nodes)
        if isinstance(node, Named)
    ]
    found += [TemplateFault(f"undefined variable {name!r}", at) for name, at in undefined(nodes, VARIABLES)]
    found += [
        TemplateFault(f"can't evaluate field {node.names[0]}", node.at)
        for node in _of_root(nodes)
        if node.names and node.names[0] not in _ROOT
    ]
    first: dict[str, TemplateFault] = {}
    for fault in found:
        first.setdefault(fault.message, fault)
    return tuple(first.values())


def failure(text: str, letters: Iterable[str], *, number: bool) -> str:
    """Why Grafana would show a template that it can parse as it is written: what running it once, with a value for each
    of the letters, runs into. Empty where nothing does, and where it needs a function that is not run here.

    `number` says whether `$value` is a number (semantics.value_of_one_query) or a text."""
    from dashgen.grafana.gotemplate.functions import LabelMap
    from dashgen.grafana.gotemplate.language import Record, expand

    if "{{" not in text:
        return ""
    known = LabelMap(dict.fromkeys((*labels(text), "alertname", "grafana_folder"), "x"))
    given = {name: Record({"Labels": known, "Value": 1.0}, "1") for name in (*letters, *values(text))}
    value = 1.0 if number else "[ var='A' labels={} value=1 ]"
    data = Record({"Labels": known, "Values": given, "Value": value})
    try:
        expand(text, data, {"$labels": known, "$values": given, "$value": value})
    except NotRun:
        return ""
    except TemplateError as error:
        return str(error)
    return ""


def failure_hint(text: str) -> str:
    """What to do about a failure."""
    if values(text):
        return "a value's number is $values.B.Value"
    return "a label is a text, and may be any"


def not_run(text: str) -> tuple[str, ...]:
    """The functions that a template needs and that are not run here: what it prints is not known."""
    try:
        nodes = parse(text) if "{{" in text else ()
    except TemplateError:
        return ()
    return tuple(sorted({n.name for n in walk(nodes) if isinstance(n, Function) and n.name in NOT_RUN}))


def labels(text: str) -> frozenset[str]:
    """The labels that a template reads from its alert: `$labels.host`, `.Labels.host`, `index $labels "host"`."""
    return _read_from(text, "$labels", "Labels")


def values(text: str) -> frozenset[str]:
    """The letters whose values a template reads: `$values.B`, `.Values.B`, `index $values "B"`."""
    return _read_from(text, "$values", "Values")


def _read_from(text: str, variable: str, field: str) -> frozenset[str]:
    try:
        nodes = parse(text) if "{{" in text else ()
    except TemplateError:
        return frozenset()
    found: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, Field) and node.names and node.base == Name(variable):
            found.add(node.names[0])
        elif isinstance(node, Field) and node.base == Name("$") and len(node.names) > 1 and node.names[0] == field:
            found.add(node.names[1])
        elif isinstance(node, Pipe):
            for command in node.commands:
                match command:
                    case (Function("index"), Name(name), Literal(str(key)), *_) if name == variable:
                        found.add(key)
    found |= {node.names[1] for node in _of_root(nodes) if len(node.names) > 1 and node.names[0] == field}
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


def undefined(nodes: Iterable[Any], known: frozenset[str]) -> list[tuple[str, int]]:
    """Variables that no action before them declared, in the block or around it, which Go refuses; each
    with its offset."""
    found: list[tuple[str, int]] = []
    for node in nodes:
        if isinstance(node, Action):
            found += _unknown(node.pipe, known)
            known |= set(node.pipe.declares)
        elif isinstance(node, Block):
            found += _unknown(node.pipe, known)
            inside = known | set(node.pipe.declares)
            found += undefined(node.body, inside) + undefined(node.otherwise, inside)
        elif isinstance(node, Named):
            found += _unknown(node.pipe, known) if node.pipe else []
            found += undefined(node.body, frozenset({"$"}))
    return found


def _unknown(pipe: Pipe, known: frozenset[str]) -> list[tuple[str, int]]:
    named = [(node.name, node.at) for node in walk((pipe,)) if isinstance(node, Name)]
    if pipe.assigns:
        named += [(name, pipe.at) for name in pipe.declares]
    return [(name, at) for name, at in named if name not in known]
