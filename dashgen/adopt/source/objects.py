"""Objects of the model as expressions: the call that makes each, without what is as by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dashgen.adopt.source.expressions import (
    AtomCode,
    CallCode,
    Code,
    MappingCode,
    SequenceCode,
    SqlCode,
    TextCode,
    VerbatimCode,
)
from dashgen.adopt.source.literals import block, number, stays
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.model.alerting.notification import Template
from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node
from dashgen.model.core.validators import Items
from dashgen.model.dashboards.field import CustomUnit, FieldMatcher, Hex, Rgb
from dashgen.model.dashboards.query import Query

Shared = Callable[[object], str | None]
"""The name of the constant that stands for a value, if there is one."""

_FIRST = ("key", "uid", "title", "description", "tags", "folder", "width", "height", "at")
_LAST = (
    "overrides", "transformations", "links", "options", "custom", "raw", "variables", "annotations", "rows", "imported",
)  # fmt: skip


def expression(value: object, shared: Shared) -> Code:
    """The expression that gives a value of the model."""
    if isinstance(value, (Node, tuple, Items)) and (name := shared(value)) is not None:
        return AtomCode(name)
    if isinstance(value, (CustomUnit, Hex, Rgb)):
        return CallCode(type(value).__name__, (("", TextCode(str(value))),))
    if isinstance(value, Query) and set(given(value)) == {"sql"}:
        return sql(value.sql)
    if isinstance(value, Node):
        return _call(value, shared)
    if isinstance(value, tuple):
        return SequenceCode(tuple(expression(item, shared) for item in value))
    return json(value)


def sql(text: str) -> Code:
    """SQL: in triple quotes where it has several lines and is read as the same there."""
    found = block(text, 4) if "\n" in text else None
    same = found is not None and cleaned(_inside(found)).text == cleaned(text).text
    return SqlCode(text, same)


def _inside(source: str) -> str:
    """What the triple quotes of `block` hold."""
    return source[3:-3].replace("\\\\", "\\")


def json(value: object) -> Code:
    """JSON data, as an author writes it. Raises TypeError for what JSON has no form for."""
    if isinstance(value, Items):
        return MappingCode(tuple((key, json(item)) for key, item in value.items()))
    if isinstance(value, tuple):
        return SequenceCode(tuple(json(item) for item in value), is_list=True)
    if isinstance(value, str):
        return VerbatimCode(value) if value.strip().count("\n") > 1 and stays(value) else TextCode(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return AtomCode(number(value))
    if value is None or isinstance(value, bool):
        return AtomCode(repr(value))
    raise TypeError(f"no source for {type(value).__name__}")


def given(node: Node) -> dict[str, Any]:
    """The fields of an object that are not as by default, in the order in which they are written."""
    known = fields(type(node))
    found = {
        name: value
        for name, field in known.items()
        if field.init and not _is_default(value := getattr(node, name), field.default)
    }
    order = {name: at for at, name in enumerate((*_FIRST, *(n for n in known if n not in _FIRST + _LAST), *_LAST))}
    return {name: found[name] for name in sorted(found, key=lambda name: order[name])}


def _is_default(value: object, default: object) -> bool:
    return value is default or (type(value) is type(default) and value == default)


def _call(node: Node, shared: Shared) -> CallCode:
    cls = type(node)
    known = fields(cls)
    rest = getattr(cls, "REST", "")
    left = given(node)
    arguments: list[tuple[str, Code]] = []
    for name in [name for name, field in known.items() if field.init and not field.kw_only]:
        if name == rest:
            arguments += [("", expression(item, shared)) for item in left.pop(name, ())]
            continue
        if name not in left:
            if getattr(node, name) is None or any(later in left for later in known):
                break
            continue
        arguments.append(("", _value(node, name, left.pop(name), shared)))
    arguments += [(name, _value(node, name, value, shared)) for name, value in left.items()]
    return CallCode(cls.__name__, tuple(arguments))


def _value(node: Node, name: str, value: object, shared: Shared) -> Code:
    if name == "sql" and isinstance(value, str):
        return sql(value)
    if isinstance(node, Template) and name == "text" and isinstance(value, str):
        return VerbatimCode(value)
    if isinstance(node, FieldMatcher) and name == "options":
        return json(value)
    if name == "query" and isinstance(value, tuple) and len(value) == 1:
        return expression(value[0], shared)
    return expression(value, shared)


def parts(node: object) -> Iterator[object]:
    """What an object is made of that a constant can stand for, the inner ones first."""
    if isinstance(node, Node):
        for value in given(node).values():
            yield from parts(value)
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from parts(item)
        if node and all(isinstance(item, Node) for item in node):
            yield node
