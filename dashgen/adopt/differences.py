"""What one JSON document lacks of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: `true` is no 1, but 1.0 is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def patch(base: Json, wanted: Json) -> Json:
    """The merge patch (RFC 7396) that makes `wanted` of `base`."""
    out: Json = dict.fromkeys(key for key in base if key not in wanted)
    for key, value in wanted.items():
        before = base.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := patch(before, value):
                out[key] = inner
        elif key not in base or not same(before, value):
            out[key] = value
    return out


def first_difference(one: Any, other: Any, at: str = "") -> str:
    """Where two documents differ first, and how; empty where they don't."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            here = f"{at}.{key}" if at else str(key)
            if key not in one or key not in other:
                return f"{here}: {'only the second has it' if key not in one else 'only the first has it'}"
            if found := first_difference(one[key], other[key], here):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            if found := first_difference(left, right, f"{at}[{index}]"):
                return found
        return "" if len(one) == len(other) else f"{at}: {len(one)} entries, and {len(other)}"
    return "" if same(one, other) else f"{at}: {one!r:.80}, and {other!r:.80}"


def leaves(value: Any) -> int:
    """Values of a document that hold no others."""
    if isinstance(value, Mapping) and value:
        return sum(map(leaves, value.values()))
    if isinstance(value, (list, tuple)) and value:
        return sum(map(leaves, value))
    return 1


def paths(value: Any, at: str = "") -> Iterator[str]:
    """The places of the leaves of a patch, as jq writes them; a list is one."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from paths(item, f"{at}.{key}" if at else str(key))
    else:
        yield at


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """The places in which two documents differ: the shortest paths, as jq writes them."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            here = f"{at}.{key}" if at else str(key)
            if key in one and key in other:
                yield from differences(one[key], other[key], here)
            else:
                yield here
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}[{index}]")
    elif not same(one, other):
        yield at
