"""When two objects of the model are rendered alike."""

from __future__ import annotations

from collections.abc import Mapping

from dashgen.model.core.node import Node
from dashgen.model.dashboards.dashboard import Dashboard

_SOURCE = frozenset({"source"})


def exact(value: object, without: frozenset[str] = _SOURCE) -> object:
    """A key that only values have which are rendered to the same bytes: to Python True, 1 and 1.0 are equal, in a
    document they are not. `without` are fields of the value to leave out; where it was written is always one. A
    dashboard that is linked to counts by its uid."""
    kind = type(value)
    if kind is str:
        return value
    if kind in _SCALARS:
        return kind, value
    if kind is tuple:
        return tuple([exact(item) for item in value])  # type: ignore[attr-defined]  # a tuple, seen by its type
    if isinstance(value, Node):
        if isinstance(value, Dashboard):
            return value.uid
        given = [
            (name, v if type(v) is str else exact(v))  # most are texts
            for name, v in vars(value).items()
            if name not in without
        ]
        return kind, tuple(given)
    if isinstance(value, Mapping):
        return kind, tuple([(name, exact(v)) for name, v in value.items()])
    return kind, value


_SCALARS = frozenset({bool, int, float, type(None)})
