"""When two objects of the model are rendered alike."""

from __future__ import annotations

from collections.abc import Mapping

from dashgen.model.dashboard import Dashboard
from dashgen.model.node import Node


def exact(value: object, without: frozenset[str] = frozenset()) -> object:
    """A key that only values have which are rendered to the same bytes: to Python True, 1 and 1.0 are equal, in a
    document they are not. `without` are fields of the value to leave out. A dashboard that is linked to counts by its
    uid."""
    kind = type(value)
    if kind is str:
        return value
    if isinstance(value, Dashboard):
        return value.uid
    if isinstance(value, Node):
        given = [(name, exact(v)) for name, v in vars(value).items() if name != "source" and name not in without]
        return kind, tuple(given)
    if isinstance(value, tuple):
        return tuple(map(exact, value))
    if isinstance(value, Mapping):
        return kind, tuple((name, exact(v)) for name, v in value.items())
    return kind, value
