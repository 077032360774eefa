"""Small checks of field values; they compose. Each returns the value to keep or raises `Wrong`."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar, get_args

from dashgen.model.core.durations import Duration
from dashgen.model.core.fields import Check
from dashgen.model.core.node import NESTED, Wrong, shown
from dashgen.model.core.suggestions import article, did_you_mean, listed

_UID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,39}\Z")
_GRAFANA_UID = re.compile(r"[a-zA-Z0-9_-]{1,40}\Z")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_EXACT = 2**53
"""JavaScript reads greater whole numbers as another one."""
_SHIFT = re.compile(r"\d+[smhdwMy](?:/[smhdwMy])?\Z")
_TIME = re.compile(r"now(?:[-+]\d+[smhdwMy])*(?:/[smhdwMy])?\Z")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:?\d\d)?\Z")


def text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return _encodable(value)
    raise Wrong("a text that is not empty", kept="")


def any_text(value: object) -> str:
    if isinstance(value, str):
        return _encodable(value)
    raise Wrong("a text", kept="")


def _encodable(value: str) -> str:
    """Half of a surrogate pair is no character: no file can hold it."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Wrong(
                "characters that UTF-8 can say", came=f"{value!r:.40} with one at {error.start}", kept=""
            ) from None
    return value


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Wrong("True or False")


def number(value: object) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT:
        return value
    raise Wrong("a finite number", "whole ones up to 2^53")


def whole(low: int, high: int) -> Check:
    def check(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise Wrong(f"a whole number from {low} to {high}")

    return check


def uid(value: object) -> str:
    """Grafana takes `[a-zA-Z0-9_-]{1,40}`; a first letter keeps it a Kubernetes name too (docs/facts/grafana.md,
    Dashboards)."""
    if isinstance(value, str) and _UID.match(value):
        return value
    raise Wrong("a uid of at most 40 letters, digits, '-' and '_', first a letter", kept="")


def grafana_uid(value: object) -> str:
    """As Grafana itself takes it: dashboards that were made by hand have uids that begin with a digit."""
    if isinstance(value, str) and _GRAFANA_UID.match(value):
        return value
    raise Wrong("a uid of at most 40 letters, digits, '-' and '_'", kept="")


def name(value: object) -> str:
    if isinstance(value, str) and _NAME.match(value):
        return value
    raise Wrong("a name of letters, digits and '_', first a letter")


def duration(value: object) -> str:
    """A duration of one unit, as Grafana's `interval` and alert `for` take it."""
    if isinstance(value, str) and Duration.read(value) is not None:
        return value
    raise Wrong("a duration like '30s', '5m', '1h'", "one number and one of ms, s, m, h, d, w")


def time(value: object) -> str:
    if isinstance(value, str) and _TIME.match(value):
        return value
    raise Wrong("a relative time like 'now-6h', 'now' or 'now/d'")


def moment(value: object) -> str:
    """A relative time, or a fixed one as Grafana writes it into a time range: `2021-03-01T00:00:00.000Z`."""
    if isinstance(value, str) and (_TIME.match(value) or _MOMENT.match(value)):
        return value
    raise Wrong("a relative time like 'now-6h', 'now' or 'now/d', or a fixed one like '2021-03-01T00:00:00Z'")


def time_override(value: object) -> str:
    """A panel's own time range: `1h`, or a relative time as a dashboard's."""
    if isinstance(value, str) and (_SHIFT.match(value) or _TIME.match(value)):
        return value
    raise Wrong("a range like '1h', 'now-1h' or 'now/d'", "one number and one of s, m, h, d, w, M, y")


def time_shift(value: object) -> str:
    """How far a panel's range is moved back: `1h`, or `1d/d` to the start of a day."""
    if isinstance(value, str) and _SHIFT.match(value):
        return value
    raise Wrong("a range like '1h' or '1d/d'", "one number and one of s, m, h, d, w, M, y")


def one_of(known: Sequence[object]) -> Check:
    """A value of a short list, shown in the error."""

    def check(value: object) -> object:
        # `1 in (True,)` is true in Python, hence the type
        if any(value == k and type(value) is type(k) for k in known):
            return value
        words = [str(k) for k in known]
        hint = did_you_mean(value, words) if isinstance(value, str) else ""
        raise Wrong(f"one of {listed(map(repr, known), repr(value) if isinstance(value, str) else '')}", hint)

    return check


class _OfAnnotation:
    """`one_of` what the annotation of a field lists, which is read when the first value comes."""

    def __init__(self) -> None:
        self._field: tuple[type, str] = (object, "")
        self._check: Check | None = None

    def bind(self, owner: type, name: str) -> None:
        """Python tells a field where it stands."""
        self._field = owner, name

    def __call__(self, value: object) -> object:
        if self._check is None:
            owner, name = self._field
            known = _listed_values(owner.__annotations__[name], vars(sys.modules[owner.__module__]))
            check = one_of([one for one in known if one is not None])
            self._check = maybe(check) if None in known else check
        return self._check(value)


def literal() -> Check:
    """A value of the field's own annotation, `Literal["a", "b"]`, an alias of one, or either `| None`: the list stands
    once."""
    return _OfAnnotation()


_ITEM = re.compile(r"'([^']*)'|\"([^\"]*)\"|(\d+)")
_PART = re.compile(r"Literal\[(.*)\]|([A-Za-z_]\w*)")


def _listed_values(annotation: str, names: Mapping[str, object]) -> list[object]:
    """Read without `ast`, which takes longer to load than a panel to make."""
    found: list[object] = []
    for written in annotation.split(" | "):
        part = _PART.fullmatch(written)
        if part is None:
            raise TypeError(f"{annotation} lists no values")
        if part[1]:
            found += [int(one[3]) if one[3] else one[1] or one[2] or "" for one in _ITEM.finditer(part[1])]
        else:
            found += [None] if written == "None" else get_args(names[written])
    return found


def a(kind: type, *kinds: type, hint: str = "") -> Check:
    """An object of the model, of the given kind; `hint` is how one is written."""
    all_kinds = (kind, *kinds)
    words = " or ".join(k.__name__ for k in all_kinds)

    def check(value: object) -> object:
        if isinstance(value, all_kinds):
            return value
        raise Wrong(f"{article(words)} {words}", hint)

    return check


def maybe(check: Check) -> Check:
    """None as well."""
    return lambda value: None if value is None else check(value)


def many(check: Check) -> Check:
    """A sequence, kept as a tuple so that values hash. All items that are wrong are told; a load goes on with the
    others."""

    def all_of(value: object) -> tuple[object, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Wrong("a tuple", "write (x,) for a tuple of one", kept=())
        kept: list[object] = []
        found: list[Wrong] = []
        texts: list[str] = []
        for i, item in enumerate(value):
            try:
                kept.append(check(item))
            except Wrong as wrong:
                found.append(wrong)
                texts.append(f"{wrong.got(item)} at [{i}]")
        if found:
            expected = " and ".join(dict.fromkeys(wrong.expected for wrong in found))
            hints = "; ".join(dict.fromkeys(wrong.hint for wrong in found if wrong.hint))
            raise Wrong(f"{expected} each", hints, came=", ".join(texts), kept=tuple(kept))
        return tuple(kept)

    return all_of


def some(check: Check) -> Check:
    """As `many`, and at least one."""
    all_of = many(check)

    def at_least_one(value: object) -> object:
        kept = all_of(value)
        if not kept:
            raise Wrong("at least one", kept=())
        return kept

    return at_least_one


V = TypeVar("V")


class Items(Mapping[str, V]):
    """A mapping that hashes, in the order of its keys, so that the order an author wrote says nothing."""

    __slots__ = ("_data", "_hash")

    def __init__(self, data: Mapping[str, V] = MappingProxyType({})) -> None:
        self._data = {key: data[key] for key in sorted(data)}
        self._hash: int | None = None

    def __getitem__(self, key: str) -> V:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self._data.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Items) and self._data == other._data

    def __repr__(self) -> str:
        return repr(self._data)


NESTED.add(Items)
Frozen: TypeAlias = "str | int | float | bool | Items[Frozen] | tuple[Frozen, ...] | None"
NOTHING: Items[Any] = Items()


def freeze(value: object) -> Frozen:
    """JSON data as a value that hashes. Refuses what JSON can't say, and tells every place of it."""
    refused: list[str] = []
    frozen = _frozen(value, "", refused)
    if refused:
        raise Wrong("JSON data", "texts, numbers, booleans, lists and dicts", came=", ".join(refused), kept=NOTHING)
    return frozen


_LEVELS = 100
"""More than a dashboard has; data that holds itself has no end."""


def _frozen(value: object, path: str, refused: list[str], level: int = 0) -> Frozen:
    if level > _LEVELS:
        refused.append(f"more than {_LEVELS} levels in {path[:40]}…")
        return None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return _encodable(value)
        except Wrong as wrong:
            refused.append(f"{wrong.got(value)}{f' in {path}' if path else ''}")
            return None
    if (isinstance(value, float) and math.isfinite(value)) or (isinstance(value, int) and abs(value) <= _EXACT):
        return value
    if isinstance(value, Mapping):
        out = {}
        for key, item in value.items():
            if isinstance(key, str):
                out[key] = _frozen(item, f"{path}.{key}".lstrip("."), refused, level + 1)
            else:
                refused.append(f"the key {shown(key)}{f' in {path}' if path else ''}")
        return Items(out)
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item, f"{path}[{i}]", refused, level + 1) for i, item in enumerate(value))
    refused.append(f"{shown(value)}{f' at {path}' if path else ''}")
    return None


def thaw(value: Any) -> Any:
    """The JSON data that was frozen."""
    if isinstance(value, Items):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value


def json_object(value: object) -> Items[Frozen]:
    frozen = value if isinstance(value, Items) else freeze(value)
    if isinstance(frozen, Items):
        return frozen
    raise Wrong("a dict of JSON data", kept=NOTHING)


def mapping(check: Check) -> Check:
    """A mapping whose values go through `check`. All that is wrong in it is told; a load goes on with the rest."""

    def all_of(value: object) -> Items[Any]:
        if not isinstance(value, Mapping):
            raise Wrong("a dict", kept=NOTHING)
        kept: dict[str, Any] = {}
        found: list[Wrong] = []
        texts: list[str] = []
        for key, item in value.items():
            try:
                kept[text(key)] = check(item)
            except Wrong as wrong:
                found.append(wrong)
                texts.append(f"{wrong.got(item)} at {shown(key)}")
        if found:
            expected = " and ".join(dict.fromkeys(wrong.expected for wrong in found))
            hints = "; ".join(dict.fromkeys(wrong.hint for wrong in found if wrong.hint))
            raise Wrong(f"{expected} each", hints, came=", ".join(texts), kept=Items(kept))
        return Items(kept)

    return all_of
