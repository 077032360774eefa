"""Data of a rendered tree with its lists by identity: what is compared, and what edits are applied to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
"""A `dict` has no order; an `Ordered` has; a `list` is one value, compared as a whole."""


class Ordered(dict[str, Value]):
    """A list whose entries have identities: the entry by its identity, in the order of the list."""

    __slots__ = ()


def same(a: Value, b: Value) -> bool:
    """Equal as JSON: `1` is `1.0` but not `true`; the order of an `Ordered` counts, that of a `dict` does not."""
    if isinstance(a, dict) and isinstance(b, dict):
        ordered = isinstance(a, Ordered)
        if ordered is not isinstance(b, Ordered) or len(a) != len(b) or (ordered and list(a) != list(b)):
            return False
        return all(key in b and same(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (bool, str, dict, list)) or isinstance(b, (bool, str, dict, list)):
        return type(a) is type(b) and a == b
    return a == b or (a != a and b != b)  # the second is for NaN, which YAML can say


Identity: TypeAlias = Callable[[Mapping[str, Value]], str]
"""What an entry of a list is known by; the empty text where it has no identity."""


def _field(*names: str) -> Identity:
    def identity(entry: Mapping[str, Value]) -> str:
        for name in names:
            value = entry.get(name)
            if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
                return str(value)
        return ""

    return identity


def _threshold(entry: Mapping[str, Value]) -> str:
    return "base" if entry.get("value") is None else _field("color")(entry)


def _mapping(entry: Mapping[str, Value]) -> str:
    """Value mappings share one entry; a range is known by its bounds, a regex by its pattern."""
    kind, options = entry.get("type"), entry.get("options")
    if not isinstance(options, dict) or kind == "value":
        return str(kind or "")
    if kind == "range":
        return f"{shown(options.get('from'))} to {shown(options.get('to'))}"
    return f"{kind} {shown(options.get('match', options.get('pattern')))}"


def _override(entry: Mapping[str, Value]) -> str:
    matcher = entry.get("matcher")
    return f"{matcher.get('id')} {shown(matcher.get('options'))}" if isinstance(matcher, dict) else ""


def matchers(route: Mapping[str, Value]) -> str:
    """The matchers of a policy, sorted: `severity="critical", team=~"a|b"`; `every alert` where there are none."""
    found: list[str] = []
    for matcher in _entries(route.get("object_matchers")):
        found.append(
            f'{matcher[0]}{matcher[1]}"{matcher[2]}"'
            if isinstance(matcher, list) and len(matcher) == 3
            else shown(matcher)
        )
    found += map(shown, _entries(route.get("matchers")))
    for key, sign in (("match", "="), ("match_re", "=~")):
        old = route.get(key)
        found += [f'{name}{sign}"{value}"' for name, value in old.items()] if isinstance(old, dict) else []
    return ", ".join(sorted(found)) or "every alert"


def _entries(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


IDENTITIES: dict[str, Identity] = {
    "columns": _field("name"),
    "data": _field("refId"),
    "links": _field("title", "url"),
    "list": _field("name"),
    "mappings": _mapping,
    "options": _field("value", "text"),
    "overrides": _override,
    "properties": _field("id"),
    "receivers": _field("uid", "name"),
    "routes": matchers,
    "steps": _threshold,
    "targets": _field("refId"),
    "transformations": _field("id"),
}
"""By the key that a list has: what its entries are known by. In any other list of objects an entry is known by its
number."""


def identified(value: Value, key: str = "") -> Value:
    """The same data with every list of objects as an `Ordered`."""
    if isinstance(value, dict):
        return {k: identified(v, k) for k, v in value.items()}
    if not isinstance(value, list):
        return value
    if not all(isinstance(entry, dict) for entry in value) or (not value and key not in IDENTITIES):
        return value
    entries = [entry for entry in value if isinstance(entry, dict)]
    identity = IDENTITIES.get(key)
    names = [identity(entry) if identity else "" for entry in entries]
    if not all(names):
        names = [str(i + 1) for i in range(len(entries))]
    out = Ordered()
    for name, entry in zip(names, entries, strict=True):
        out[free(name, out)] = identified(entry)
    return out


def free(name: str, taken: Mapping[str, object]) -> str:
    """`name`, or `name (2)` where it is taken: no entry is lost where identities repeat."""
    candidate, n = name, 1
    while candidate in taken:
        n += 1
        candidate = f"{name} ({n})"
    return candidate


def plain(value: Value) -> Value:
    """The data as it was before `identified`."""
    if isinstance(value, Ordered):
        return [plain(entry) for entry in value.values()]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def shown(value: Value) -> str:
    """A value in one line, as an author would write it: `80`, `red`, `yes`, `mean, max`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return value or "empty"
    if isinstance(value, dict):
        if not value:
            return "nothing"
        if isinstance(value, Ordered):
            return "; ".join(f"{key}: {shown(entry)}" for key, entry in value.items())
        return ", ".join(f"{key} {shown(entry)}" for key, entry in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(map(shown, value)) if value else "none"
    return str(value)
