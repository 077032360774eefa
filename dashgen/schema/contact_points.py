"""The schema of contact points, from what receivers declare.

Its form is that of pkg/services/provisioning/alerting/contact_point_types.go. Settings are closed for the types that
dashgen has classes for.
"""

from __future__ import annotations

from typing import Any

from dashgen.model.alerting.receiver import TYPES
from dashgen.model.alerting.receiver_types import Alternatives, ReceiverType

Json = dict[str, Any]


def contact_points_schema() -> Json:
    typed = [one for one in TYPES.values() if one.has_class]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grafana provisioning: contact points",
        "$comment": "Written by `make generated` from the classes of receivers.",
        **_closed({"apiVersion": {"const": 1}, "contactPoints": _list(_point())}, "apiVersion", "contactPoints"),
        "$defs": {
            **{one.name: _settings(one) for one in typed},
            "orgId": {"type": "integer", "minimum": 1},
            "receiver": {
                **_closed(
                    {
                        "uid": _definition("uid"),
                        "type": {"enum": sorted(TYPES)},
                        "settings": {"type": "object", "minProperties": 1},
                        "disableResolveMessage": {"type": "boolean"},
                    },
                    "settings",
                    "type",
                    "uid",
                ),
                "allOf": [_of_type(one.name) for one in typed],
            },
            "text": {"type": "string", "minLength": 1},
            "uid": {
                "type": "string",
                "pattern": "^[a-zA-Z0-9_-]{1,40}$",
                "description": "1 to 40 letters, digits, - or _",
            },
        },
    }


def _point() -> Json:
    properties = {
        "orgId": _definition("orgId"),
        "name": _definition("text"),
        "receivers": {**_list(_definition("receiver")), "minItems": 1},
    }
    return _closed(properties, "name", "receivers")


def _of_type(name: str) -> Json:
    return {
        "if": {"type": "object", "properties": {"type": {"const": name}}, "required": ["type"]},
        "then": {"properties": {"settings": _definition(name)}},
    }


def _settings(kind: ReceiverType) -> Json:
    needed = [next(iter(alternatives)) for alternatives in kind.needs if len(alternatives) == 1]
    required = sorted(key for keys in needed for key in keys)
    choices = [_one_of(alternatives) for alternatives in kind.needs if len(alternatives) > 1]
    return {**_closed({key: one.form.schema for key, one in kind.settings.items()}, *required), **_all(choices)}


def _one_of(alternatives: Alternatives) -> Json:
    return {"anyOf": [{"required": sorted(keys)} for keys in alternatives]}


def _all(choices: list[Json]) -> Json:
    return choices[0] if len(choices) == 1 else {"allOf": choices} if choices else {}


def _closed(properties: Json, *required: str) -> Json:
    closed: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**closed, "required": list(required)} if required else closed


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _definition(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}
