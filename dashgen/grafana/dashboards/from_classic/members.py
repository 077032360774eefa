"""Members of a classic dashboard by type; another type than the expected one counts as missing."""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json, is_number
from dashgen.grafana.dashboards.migrations.numbers import parse_integer


def flag(value: object, *, otherwise: bool = False) -> bool:
    return value if isinstance(value, bool) else otherwise


def whole(value: object, otherwise: int = 0) -> int:
    """A number without its fraction, or one that is written as a text."""
    if isinstance(value, str):
        found = parse_integer(value)
        return otherwise if found is None else found
    return int(value) if is_number(value) else otherwise


def texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def written(owner: Json, *keys: str) -> Json:
    """Those of the members that are texts, empty ones aside."""
    return {key: owner[key] for key in keys if isinstance(owner.get(key), str) and owner[key]}
