"""The fields of what an author writes: how each is checked, and what it is where it is not given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MISSING: Any = type("MISSING", (), {"__repr__": lambda _: "MISSING"})()
"""No default, or no value."""
Check = Callable[[Any], Any]
"""Takes the value that an author gave and returns the one to keep, or raises `Wrong`."""


class Field:
    """One field of a class of nodes. Those that can't be given (`init`) are neither compared nor shown."""

    __slots__ = ("check", "default", "default_factory", "init", "kw_only", "metadata")

    def __init__(
        self,
        check: Check | None,
        default: Any,
        default_factory: Callable[[], Any] | None,
        init: bool,
        kw_only: bool,
        metadata: object = None,
    ) -> None:
        self.check, self.default, self.default_factory = check, default, default_factory
        self.init, self.kw_only, self.metadata = init, kw_only, metadata

    def __set_name__(self, owner: type, name: str) -> None:
        if bind := getattr(self.check, "bind", None):
            bind(owner, name)


def checked(check: Check, *, default: Any = MISSING, kw_only: bool = True, metadata: object = None) -> Any:
    """A field whose value goes through `check`. A default is taken as it is. `metadata` is for the class that declares
    the field."""
    return Field(check, default, None, True, kw_only, metadata)


def field(*, init: bool, default: Any = MISSING, default_factory: Callable[[], Any] | None = None) -> Any:
    """A field that nobody can give: the same for all of a class, or made for each."""
    return Field(None, default, default_factory, init, True)


FIELDS: dict[type, dict[str, Field]] = {}
"""Those that a class declares itself, by their names: `node` fills it."""


def fields(cls: type) -> dict[str, Field]:
    """The fields of a class by name, those that it inherits first."""
    found: dict[str, Field] = {}
    for base in reversed(cls.__mro__):
        found.update(FIELDS.get(base, {}))
    return found
