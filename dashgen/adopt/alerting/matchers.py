"""Matchers of notification policies in every spelling that Grafana takes or gives.

`object_matchers` (files, exports, the API), `matchers` as texts (Alertmanager) and as objects (the Kubernetes API),
`match` and `match_re` (Alertmanager before 0.22). All of a policy's must hold (alerting definitions.Route, read 12.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from dashgen.adopt.alerting.document import AlertingError
from dashgen.model.alerting.notification import Operator

Json = dict[str, Any]
_OPERATORS = get_args(Operator)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_MATCHER = re.compile(rf"\s*({_QUOTED}|[^\s=!~{{}},\"]+)\s*(=~|!~|!=|=)\s*({_QUOTED}|[^\",]*?)\s*\Z", re.DOTALL)
_PART = re.compile(rf"(?:{_QUOTED}|[^,\"])+", re.DOTALL)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


def matchers(route: Json, place: str) -> Iterator[list[str]]:
    """Label, operator and value of each. Raises AlertingError."""
    for one in _list(route.get("object_matchers"), place):
        yield _of_object(one, place)
    for one in _list(route.get("matchers"), place):
        if isinstance(one, str):
            yield from _of_text(one, place)
        else:
            yield _of_object(one, place)
    for key, operator in (("match", "="), ("match_re", "=~")):
        given = route.get(key) or {}
        if not isinstance(given, dict):
            raise AlertingError(f"{key} is no mapping", path=place)
        for label, value in given.items():
            yield [str(label), operator, str(value)]


def _list(value: object, place: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise AlertingError("matchers are no list", path=place)
    return value


def _of_object(given: object, place: str) -> list[str]:
    if isinstance(given, dict):
        label = given.get("label", given.get("name"))
        operator = given.get("type", given.get("operator", given.get("match")))
        given = [label, operator, given.get("value", "")]
    if not isinstance(given, list) or len(given) != 3 or given[1] not in _OPERATORS or given[0] in (None, ""):
        raise AlertingError(
            f"a matcher is no label, {', '.join(_OPERATORS[:-1])} or {_OPERATORS[-1]}, and value", path=place
        )
    label, operator, value = given
    return [str(label), operator, "" if value is None else str(value)]


def _of_text(text: str, place: str) -> Iterator[list[str]]:
    inside = text.strip()
    if inside.startswith("{") and inside.endswith("}"):
        inside = inside[1:-1]
    for part in _PART.findall(inside):
        if not part.strip():
            continue
        match = _MATCHER.match(part)
        if match is None:
            raise AlertingError(f'the matcher {part.strip()!r} can\'t be read: write label="value"', path=place)
        yield [_unquoted(match[1]), match[2], _unquoted(match[3])]


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:-1], flags=re.DOTALL)
