"""Numbers as Go reads and writes them, where a migration of Grafana depends on it."""

from __future__ import annotations

import re
from decimal import Decimal

from dashgen.grafana.dashboards.document import is_number

_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+\Z", re.ASCII)


def parse_float(text: str) -> float | None:
    """What strconv.ParseFloat makes of decimal notation; None for the rest."""
    if not _FLOAT.match(text):
        return None
    value = float(text)
    return None if value in (float("inf"), float("-inf")) else value


def parse_integer(text: str) -> int | None:
    if len(text) > 20 or not _INTEGER.match(text):
        return None
    return int(text)


def as_float(value: object) -> float | None:
    """A number, or a text such as `250` and `250px`, as the layout of rows had it."""
    if isinstance(value, str):
        return parse_float(value.removesuffix("px"))
    try:
        return float(value) if is_number(value) else None
    except OverflowError:
        return None


def as_integer(value: object, otherwise: int = 0) -> int:
    """A number without its fraction."""
    return int(value) if is_number(value) else otherwise


def written(value: object) -> str:
    """A key of a mapping from its value: 1 for 1.0, all digits instead of an exponent; empty for what is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 2**53 else written(float(value)) if abs(value) < 10**300 else ""
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return ""


def javascript_number(value: object) -> float | None:
    """A number, or the one that JavaScript reads in a text: 0 in a blank one. None for what is none."""
    if isinstance(value, str):
        found = parse_float(value.strip() or "0")
        return int(found) if found is not None and found.is_integer() else found
    return value if is_number(value) else None
