"""The base of everything an author writes: frozen, slotted, checked field by field where it is built."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, dataclass_transform

from dashgen.model.problems import Problem, Source, SpecError, here, report

T = TypeVar("T")
Check = Callable[[Any], Any]
"""Takes the value that an author gave and returns the one to keep, or raises `Wrong`."""


class Wrong(Exception):
    """A value is not what its field takes: what was expected, and what to do.

    `came` says what came where its repr would not do. `kept` is what the load goes on with, so
    that one wrong value does not become several errors; without it a field keeps its default, or what came.
    """

    def __init__(self, expected: str, hint: str = "", *, came: str = "", kept: object = dataclasses.MISSING) -> None:
        super().__init__(expected)
        self.expected = expected
        self.hint = hint
        self.came = came
        self.kept = kept

    def got(self, value: object) -> str:
        """The value that came, as the error says it."""
        return self.came or shown(value)


class WrongSecret(Wrong):
    """A value that may be a secret: no error repeats it."""

    def got(self, value: object) -> str:
        return f"a {type(value).__name__} that is not shown"


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


class _Shape(NamedTuple):
    """What constructing a class needs to know, worked out once."""

    positional: tuple[str, ...]
    rest: str  # the field that takes what further positional values are given
    defaults: dict[str, Any]  # every field that can be given, in order; MISSING where it must be
    required: tuple[str, ...]
    checks: dict[str, Check]
    own: dict[str, Callable[[], Any]]  # fields that can't be given, and what makes their values


def _shape(cls: type[Any]) -> _Shape:
    fields = [f for f in dataclasses.fields(cls) if f.init]
    shape = _Shape(
        tuple(f.name for f in fields if not f.kw_only),
        getattr(cls, "REST", ""),
        {f.name: f.default for f in fields},
        tuple(f.name for f in fields if f.default is dataclasses.MISSING),
        {f.name: f.metadata["check"] for f in fields if "check" in f.metadata},
        {f.name: make for f in dataclasses.fields(cls) if not f.init and (make := _maker(f))},
    )
    _SHAPES[cls] = shape
    return shape


def _maker(field: dataclasses.Field[Any]) -> Callable[[], Any] | None:
    """What makes a value for each object; None where the class has it."""
    if field.name == "source":
        return here
    return None if field.default_factory is dataclasses.MISSING else field.default_factory


_SHAPES: dict[type, _Shape] = {}


class _NodeType(type):
    """Constructs nodes: takes the values, checks those that were given, says all that is wrong with the call.

    One constructor for all classes, because a generated one for each would be most of what importing the vocabulary
    costs, and because a mistyped field must become a problem with a suggestion instead of a TypeError that ends the
    load.
    """

    if not TYPE_CHECKING:  # a metaclass __call__ would hide the constructors' signatures from type checkers

        def __call__(cls, *args: object, **kwargs: object) -> object:
            shape = _SHAPES.get(cls) or _shape(cls)
            refused: list[tuple[str, str]] = []
            if len(args) > len(shape.positional) or kwargs.keys() - shape.defaults.keys():
                args, kwargs, refused = _accepted(shape, args, kwargs)
            elif shape.rest:
                args = (*args[: len(shape.positional) - 1], args[len(shape.positional) - 1 :])
            given = dict(zip(shape.positional, args, strict=False))
            if not given.keys().isdisjoint(kwargs):
                twice = ", ".join(sorted(given.keys() & kwargs.keys()))
                raise SpecError(Problem(cls.__name__, f"is given {twice} twice", "by position and by name", here()))
            given.update(kwargs)
            missing = [name for name in shape.required if name not in given]
            if missing:
                names = ", ".join(missing)
                refused.append((f"needs {names}", f"give {', '.join(f'{name}=…' for name in missing)}"))
                given |= {name: _blank(shape.checks.get(name)) for name in missing}
            self = object.__new__(cls)
            own = {name: make() for name, make in shape.own.items()}
            # What is not given is read from the class, where the decorator puts the defaults.
            _keep(self, "__dict__", given | own)
            for message, hint in refused:
                self.problem(message, hint)
            for name, value in given.items():
                if name in missing:
                    continue
                check = shape.checks.get(name)
                default = shape.defaults[name]
                if check is None or value is default:
                    continue
                try:
                    kept = check(value)
                except Wrong as wrong:
                    self.problem(f"{name}: expected {wrong.expected}, got {wrong.got(value)}", wrong.hint)
                    kept = default if wrong.kept is dataclasses.MISSING else wrong.kept
                    if kept is not dataclasses.MISSING:
                        _keep(self, name, kept)
                else:
                    if kept is not value:
                        _keep(self, name, kept)
            self.__post_init__()
            return self


def _accepted(
    shape: _Shape, args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object], list[tuple[str, str]]]:
    """What of a call can be used, and what is wrong with the rest, each with a hint."""
    refused = []
    count = len(shape.positional)
    for name in [name for name in kwargs if name not in shape.defaults]:
        del kwargs[name]
        hint = did_you_mean(name, shape.defaults) or f"known: {', '.join(shape.defaults)}"
        refused.append((f"has no field {name!r}", hint))
    if shape.rest:
        return (*args[: count - 1], args[count - 1 :]), kwargs, refused
    if len(args) > count:
        names = ", ".join(shape.positional)
        refused.append((f"takes {count} positional values ({names}), got {len(args)}", "name the others: field=value"))
    return args[:count], kwargs, refused


def _blank(check: Check | None) -> object:
    """What a load goes on with where a field that must be given is not."""
    try:
        return check(dataclasses.MISSING) if check else None
    except Wrong as wrong:
        return None if wrong.kept is dataclasses.MISSING else wrong.kept


_keep = object.__setattr__


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(checked, dataclasses.field))
def node(cls: type[T]) -> type[T]:
    """Makes a class a dataclass; `Node` constructs, compares, shows and freezes all of them alike.

    Without slots: most of a panel's forty fields are as by default, and one dictionary of what was given is made
    several times faster than forty slots are filled.
    """
    return dataclasses.dataclass(init=False, repr=False, eq=False)(cls)


@node
class Node(metaclass=_NodeType):
    """Anything an author writes. `source` is where: neither compared nor shown."""

    source: Source | None = dataclasses.field(default=None, init=False, compare=False, repr=False, kw_only=True)

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __post_init__(self) -> None:
        """Checks what is between fields; those of each field are done."""

    def _compared(self) -> object:
        get = _COMPARED.get(type(self))
        if get is None:
            names = [f.name for f in dataclasses.fields(self) if f.compare]
            get = _COMPARED[type(self)] = attrgetter(*names) if names else _nothing
        return get(self)

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

    def problem(self, message: str, hint: str = "") -> None:
        """Reports something that is wrong with this object."""
        report(Problem(self.called(), message, hint, self.source, self))

    def called(self) -> str:
        """How this object is named before its place in the tree is known."""
        for attribute in ("title", "name", "uid", "match"):
            value = getattr(self, attribute, None)
            if isinstance(value, str) and value:
                return f"{type(self).__name__} {value!r}"
        return type(self).__name__


_COMPARED: dict[type, Callable[[object], object]] = {}


def _nothing(_: object) -> object:
    return ()


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def shown(value: object) -> str:
    """A value as an error quotes it: short, and the same in every run."""
    text = value.__name__ if isinstance(value, type) else _ADDRESS.sub("", repr(value))
    if len(text) <= 80:
        return text
    # the name and the title of an object say more than the first characters of its whole content
    return f"a {value.called()}" if isinstance(value, Node) else text[:77] + "..."
