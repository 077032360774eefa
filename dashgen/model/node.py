"""The base of everything an author writes: frozen, slotted, checked field by field where it is built."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from dashgen.model.problems import Problem, Source, SpecError, here, report

T = TypeVar("T")
Check = Callable[[Any], Any]
"""Takes the value that an author gave and returns the one to keep, or raises `Wrong`."""


class Wrong(Exception):
    """A value is not what its field takes: what was expected, and what to do."""

    def __init__(self, expected: str, hint: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.hint = hint


def checked(check: Check, *, default: Any = dataclasses.MISSING, kw_only: bool = True) -> Any:
    """A dataclass field whose value goes through `check`. A default is taken as it is."""
    return dataclasses.field(default=default, kw_only=kw_only, metadata={"check": check})


def did_you_mean(word: str, known: object) -> str:
    """`did you mean 'unit'?` for the nearest known word, or nothing."""
    near = (
        difflib.get_close_matches(word, [str(k) for k in known], n=1, cutoff=0.6)
        if isinstance(known, (list, tuple, set, frozenset, dict))
        else []
    )
    return f"did you mean {near[0]!r}?" if near else ""


class _NodeType(type):
    """Turns a mistyped field name into a problem with a suggestion, instead of a TypeError that ends the load."""

    if not TYPE_CHECKING:  # a metaclass __call__ would hide the constructors' signatures from type checkers

        def __call__(cls, *args: object, **kwargs: object) -> object:
            try:
                return super().__call__(*args, **kwargs)
            except TypeError:
                fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
                unknown = [name for name in kwargs if name not in fields]
                where = here()
                for name in unknown:
                    del kwargs[name]
                    report(
                        Problem(
                            cls.__name__,
                            f"has no field {name!r}",
                            did_you_mean(name, fields) or f"known: {', '.join(fields)}",
                            where,
                        )
                    )
                positional = [f.name for f in fields.values() if not f.kw_only]
                given = {*positional[: len(args)], *kwargs}
                missing = [
                    f.name
                    for f in fields.values()
                    if f.default is dataclasses.MISSING
                    and f.default_factory is dataclasses.MISSING
                    and f.name not in given
                ]
                if missing:
                    names = ", ".join(missing)
                    raise SpecError(Problem(cls.__name__, f"needs {names}", f"give {names}=…", where)) from None
                if unknown:
                    return super().__call__(*args, **kwargs)
                if len(args) > len(positional):
                    raise SpecError(
                        Problem(
                            cls.__name__,
                            f"takes {len(positional)} positional values ({', '.join(positional)}), got {len(args)}",
                            "name the others: field=value",
                            where,
                        )
                    ) from None
                raise


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(checked, dataclasses.field))
def node(cls: type[T]) -> type[T]:
    """Makes a class a frozen, slotted dataclass. Comparing and showing are `Node`'s, for all alike: generating them
    for each class would double what importing the vocabulary costs."""
    return dataclasses.dataclass(frozen=True, slots=True, repr=False, eq=False)(cls)


_Plan = tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[str, object, Check], ...]]
_PLANS: dict[type, _Plan] = {}


def _plan(cls: type[Any]) -> _Plan:
    """What to check of a class: a reader of all checked fields at once, and their names, defaults and checks."""
    plan = tuple((f.name, f.default, f.metadata["check"]) for f in dataclasses.fields(cls) if "check" in f.metadata)
    names = [name for name, _, _ in plan]
    # attrgetter returns no tuple for a single name
    read = attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, name) for name in names)
    _PLANS[cls] = read, plan
    return _PLANS[cls]


@node
class Node(metaclass=_NodeType):
    """Anything an author writes. `source` is where: neither compared nor shown."""

    source: Source | None = dataclasses.field(default=None, init=False, compare=False, repr=False, kw_only=True)

    def _compared(self) -> tuple[object, ...]:
        return tuple(getattr(self, f.name) for f in dataclasses.fields(self) if f.compare)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        """What was given, without what is as by default."""
        given = [
            f"{f.name}={value!r}"
            for f in dataclasses.fields(self)
            if f.repr and f.init and (value := getattr(self, f.name)) is not f.default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def __post_init__(self) -> None:
        keep = object.__setattr__
        keep(self, "source", here())
        cls = type(self)
        read, plan = _PLANS.get(cls) or _plan(cls)
        for value, (name, default, check) in zip(read(self), plan, strict=True):
            if value is default:
                continue
            try:
                kept = check(value)
            except Wrong as wrong:
                self.problem(f"{name}: expected {wrong.expected}, got {shown(value)}", wrong.hint)
                if default is not dataclasses.MISSING:
                    keep(self, name, default)
            else:
                if kept is not value:
                    keep(self, name, kept)

    def problem(self, message: str, hint: str = "") -> None:
        """Reports something that is wrong with this object."""
        report(Problem(self.called(), message, hint, self.source, self))

    def called(self) -> str:
        """How this object is named before its place in the tree is known."""
        for attribute in ("title", "name", "uid"):
            value = getattr(self, attribute, None)
            if isinstance(value, str) and value:
                return f"{type(self).__name__} {value!r}"
        return type(self).__name__


def shown(value: object) -> str:
    """A value as an error quotes it: short."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
