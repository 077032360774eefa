"""Objects of a v2 dashboard with their place in the document, read by type as a server reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.grafana.dashboards.document import DashboardError, Json, at, is_number

_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


LARGEST = 2**53
"""Of the whole numbers that every reader of JSON has."""


class JsonObject:
    """An object of JSON. A member that is missing or null has the default of its type; one of another type is an error.

    `kind` and `spec` are how each object of a v2 dashboard is built.
    """

    __slots__ = ("_base", "_steps", "value")

    def __init__(self, value: Json, base: str, steps: tuple[str | int, ...] = ()) -> None:
        self.value = value
        self._base = base
        self._steps = steps

    @property
    def pointer(self) -> str:
        return at(self._base, *self._steps)

    def error(self, problem: str, *steps: str | int) -> DashboardError:
        return DashboardError(problem, at(self.pointer, *steps))

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def _get(self, key: str, wanted: type) -> Any:
        found = self.value.get(key)
        if found is None or isinstance(found, wanted):
            return found
        raise self.error(f"expected {_NAMES[wanted]}, got {_kind_of(found)}", key)

    def text(self, key: str, otherwise: str = "") -> str:
        found = self._get(key, str)
        return otherwise if found is None else str(found)

    def flag(self, key: str, *, otherwise: bool = False) -> bool:
        found = self._get(key, bool)
        return otherwise if found is None else bool(found)

    def number(self, key: str, otherwise: float = 0) -> float:
        found = self.value.get(key)
        if found is None:
            return otherwise
        if not is_number(found):
            raise self.error(f"expected a number, got {_kind_of(found)}", key)
        if abs(found) > LARGEST:
            raise self.error(f"expected a number of at most {LARGEST}, got a larger one", key)
        return found

    def integer(self, key: str) -> int:
        found = self.number(key)
        if found != int(found):
            raise self.error(f"expected a whole number, got {found}", key)
        return int(found)

    def object(self, key: str) -> Json:
        return dict(self._get(key, dict) or {})

    def items(self, key: str) -> list[Any]:
        return list(self._get(key, list) or [])

    def texts(self, key: str) -> list[str]:
        found = self.items(key)
        for index, item in enumerate(found):
            if not isinstance(item, str):
                raise self.error(f"expected a text, got {_kind_of(item)}", key, index)
        return found

    def node(self, key: str) -> JsonObject:
        return JsonObject(self._get(key, dict) or {}, self._base, (*self._steps, key))

    def nodes(self, key: str) -> Iterator[JsonObject]:
        for index, item in enumerate(self.items(key)):
            if not isinstance(item, dict):
                raise self.error(f"expected an object, got {_kind_of(item)}", key, index)
            yield JsonObject(item, self._base, (*self._steps, key, index))

    @property
    def kind(self) -> str:
        return self.text("kind")

    @property
    def spec(self) -> JsonObject:
        return self.node("spec")

    def copied(self, *keys: str) -> Json:
        """Those of the members that are there, as they are."""
        return {key: self.value[key] for key in keys if self.has(key)}


def _kind_of(value: object) -> str:
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)
