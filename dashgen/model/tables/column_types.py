"""The types that a column of QuestDB can have, by the server's names for them, and what holds a value in Python.

Seen on QuestDB 9.3.4 (docs/facts/questdb.md, Types of columns).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Address
from uuid import UUID

WRITTEN: dict[type, str] = {
    datetime: "TIMESTAMP",
    str: "VARCHAR",
    int: "LONG",
    float: "DOUBLE",
    bool: "BOOLEAN",
}
"""By the type in Python, what dashgen creates and writes; SYMBOL is the other one for texts."""

_KINDS: dict[str, type] = {
    "BYTE": int, "SHORT": int, "INT": int, "LONG": int, "FLOAT": float, "DOUBLE": float, "DECIMAL": Decimal,
    "CHAR": str, "STRING": str, "VARCHAR": str, "SYMBOL": str, "BOOLEAN": bool, "DATE": datetime,
    "TIMESTAMP": datetime, "TIMESTAMP_NS": datetime, "UUID": UUID, "IPv4": IPv4Address, "LONG128": str, "LONG256": str,
    "GEOHASH": str, "BINARY": bytes, "DOUBLE[]": list,
}  # fmt: skip
BY_UPPER = {name.upper(): name for name in _KINDS}
_TYPE = re.compile(
    r"\s*(\w+)\s*(?:\(\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?([a-z])?\s*\)|((?:\[\s*\]\s*)+))?\s*",
    re.IGNORECASE | re.ASCII,
)

INTEGERS = {"BYTE": (-(2**7), 2**7 - 1), "SHORT": (-(2**15), 2**15 - 1), "INT": (-(2**31) + 1, 2**31 - 1)}
"""The values that integers shorter than a LONG hold. -2**31 is the null of an INT."""
NEVER_NULL = frozenset({"BOOLEAN", "BYTE", "SHORT"})
"""A missing value of these is false, or 0."""
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_NS", "DATE"})
TEXTS = frozenset({"SYMBOL", "VARCHAR", "STRING", "CHAR"})
WHOLE = frozenset({"BYTE", "SHORT", "INT", "LONG"})
FRACTIONS = frozenset({"FLOAT", "DOUBLE", "DECIMAL"})
NUMBERS = WHOLE | FRACTIONS


@dataclass(frozen=True, slots=True)
class StoredType:
    """A type by the server's name for it (`DECIMAL(18,4)`), the family that it is of (`DECIMAL`), and what holds one
    of its values in Python."""

    name: str
    family: str
    kind: type


def family(name: str) -> str:
    """`DECIMAL` of `DECIMAL(18,4)`, `DOUBLE[]` of an array of whatever dimensions."""
    return "DOUBLE[]" if name.endswith("[]") else name.partition("(")[0]


def column_type(text: str) -> StoredType:
    """Of a type in any case, with blanks where SQL has them. Raises ValueError, which says what was expected."""
    match = _TYPE.fullmatch(text)
    name = BY_UPPER.get(match[1].upper()) if match else None
    if match is None or name is None:
        raise ValueError(f"expected a type of QuestDB, got {text!r}")
    first, second, unit, brackets = match.group(2, 3, 4, 5)
    if brackets:
        depth = brackets.count("[")
        if name != "DOUBLE" or depth > 32:
            raise ValueError(f"expected DOUBLE[] with at most 32 dimensions, got {text!r}")
        return StoredType("DOUBLE" + "[]" * depth, "DOUBLE[]", list)
    if name == "DECIMAL" and not unit:
        precision, scale = int(first or 18), int(second or (0 if first else 3))
        if not 1 <= precision <= 76 or scale > precision:
            raise ValueError(f"expected DECIMAL(precision,scale) with 76 digits at most, got {text!r}")
        return StoredType(f"DECIMAL({precision},{scale})", name, Decimal)
    if name == "GEOHASH" and first and not second and unit and unit.lower() in "bc":
        bits = int(first) * (5 if unit.lower() == "c" else 1)
        if not 1 <= bits <= 60:
            raise ValueError(f"expected GEOHASH(1c) to GEOHASH(12c), or GEOHASH(1b) to GEOHASH(60b), got {text!r}")
        return StoredType(f"GEOHASH({bits // 5}c)" if bits % 5 == 0 else f"GEOHASH({bits}b)", name, str)
    if first or name == "GEOHASH":
        example = "GEOHASH(5c) or GEOHASH(31b)" if name == "GEOHASH" else name
        raise ValueError(f"expected {example}, got {text!r}")
    return StoredType(name, name, _KINDS[name])
