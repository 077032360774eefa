"""From the SDK's model classes to JSON Schema definitions.

A class knows its JSON keys only inside `to_json()`. So an instance is filled with markers, one an attribute,
and the keys under which they come out are read off; the types are the class's annotations.
"""

from __future__ import annotations

import enum
import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from grafana_foundation_sdk.cog.variants import Dataquery

# JSON as it is written: the one place where its leaves are not worth a closed type.
Json: TypeAlias = dict[str, Any]

_PRIMITIVES: Mapping[object, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class _Marker:
    attribute: str


def reference(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def closed(properties: Json, required: typing.Iterable[str] = ()) -> Json:
    """An object schema that refuses keys other than `properties`."""
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    names = sorted(required)
    return {**schema, "required": names} if names else schema


def name_of(cls: type) -> str:
    """The definition's name: module and class, such as `common.VizLegendOptions`."""
    return f"{cls.__module__.rsplit('.', 1)[-1]}.{cls.__name__}"


def json_keys(cls: type) -> dict[str, str]:
    """JSON key by attribute."""
    instance: Any = object.__new__(cls)
    for attribute in typing.get_type_hints(cls):
        setattr(instance, attribute, _Marker(attribute))
    payload: Json = instance.to_json()
    return {value.attribute: key for key, value in payload.items() if isinstance(value, _Marker)}


def _constants(cls: type, hints: Mapping[str, object]) -> Json:
    """Attributes that the constructor does not take: discriminators that the SDK sets itself."""
    fixed = [a for a in hints if a not in inspect.signature(cls).parameters]
    if not fixed:
        return {}
    instance = cls()
    values = {a: getattr(instance, a) for a in fixed}
    return {a: v.value if isinstance(v, enum.Enum) else v for a, v in values.items()}


@dataclass(slots=True)
class Definitions:
    """Collects definitions, each class once. `found` is the `$defs` of the schema."""

    found: Json = field(default_factory=dict)

    def of(self, cls: type) -> Json:
        """A reference to the definition of `cls`, which is made if it is not there."""
        name = name_of(cls)
        if name not in self.found:
            self.found[name] = {}  # classes refer to each other in circles
            self.found[name] = self._define(cls)
        return reference(name)

    def _define(self, cls: type) -> Json:
        if issubclass(cls, enum.Enum):
            return {"enum": [member.value for member in cls]}
        hints = typing.get_type_hints(cls)
        keys, constants = json_keys(cls), _constants(cls, hints)
        return closed(
            {keys[a]: {"const": constants[a]} if a in constants else self._convert(hint) for a, hint in hints.items()}
        )

    def _convert(self, hint: object) -> Json:
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            options = [self._convert(arg) for arg in args if arg is not type(None)]
            return _one_of(options)
        if origin is list:
            return {"type": "array", "items": self._convert(args[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._convert(args[1])}
        if origin is typing.Literal:
            return {"enum": list(args)}
        if hint in _PRIMITIVES:
            return {"type": _PRIMITIVES[hint]}
        if hint in (object, Any):
            return {}
        if hint is Dataquery:
            return reference("Target")
        if isinstance(hint, type):
            return self.of(hint)
        raise TypeError(f"no JSON Schema for the annotation {hint!r}")


def _one_of(options: list[Json]) -> Json:
    """Plain types are joined into one list of types, which explains better than alternatives do."""
    if len(options) == 1:
        return options[0]
    if all(option.keys() == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}


def switch(key: str, cases: Mapping[str, Json]) -> Json:
    """An object whose other keys are decided by the constant under `key`.

    Written with `if`/`then` and not `oneOf`: a mistake is then reported for the case that was meant.
    """
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(cases)}},
        "allOf": [
            {"if": {"type": "object", "properties": {key: {"const": value}}, "required": [key]}, "then": then}
            for value, then in cases.items()
        ],
    }
