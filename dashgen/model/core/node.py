"""The base of everything an author writes: frozen, slotted, checked field by field where it is built."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeGuard, TypeVar, dataclass_transform

from dashgen.model.core.counts import counted
from dashgen.model.core.fields import FIELDS, MISSING, Check, Field, checked, field, fields
from dashgen.model.core.problems import (
    DashgenError,
    Problem,
    Source,
    SpecError,
    here,
    is_own,
    report,
    under_way,
)
from dashgen.model.core.source_map.signatures import POSITIONAL
from dashgen.model.core.suggestions import article, did_you_mean, listed, nearest

if TYPE_CHECKING:
    import dataclasses  # with `inspect` and its like, most of what importing a panel would cost
    from types import FrameType

T = TypeVar("T")


class Wrong(DashgenError):
    """A value is not what its field takes: what was expected, and what to do.

    `came` says what came where its repr would not do. `kept` is what the load goes on with, so
    that one wrong value does not become several errors; without it a field keeps its default, or what came.
    """

    def __init__(self, expected: str, hint: str = "", *, came: str = "", kept: object = MISSING) -> None:
        super().__init__(expected, hint)
        self.expected = expected
        self.came = came
        self.kept = kept

    def got(self, value: object) -> str:
        """The value that came, as the error says it."""
        return self.came or shown(value)


class WrongSecret(Wrong):
    """A value that may be a secret: no error repeats it."""

    def got(self, value: object) -> str:
        return f"a {type(value).__name__} that is not shown"


class _Shape(NamedTuple):
    """What constructing a class needs to know, worked out once."""

    positional: tuple[str, ...]
    rest: str  # the field that takes what further positional values are given
    rules: dict[str, tuple[Check | None, Any]]  # check and default of every field that can be given, in order
    required: frozenset[str]
    made: dict[str, Callable[[], Any]]  # what makes the values of those that can't, where the class has none

    @property
    def last(self) -> int:
        return len(self.positional) - 1


def _shape(cls: type[Node]) -> _Shape:
    every = fields(cls)
    given = {name: f for name, f in every.items() if f.init}
    shape = _SHAPES[cls] = _Shape(
        tuple(name for name, f in given.items() if not f.kw_only),
        getattr(cls, "REST", ""),
        {name: (f.check, f.default) for name, f in given.items()},
        frozenset(name for name, f in given.items() if f.default is MISSING),
        {name: f.default_factory for name, f in every.items() if f.default_factory is not None},
    )
    POSITIONAL[cls.__name__] = shape.positional
    return shape


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
            positional, rest, rules, required, made = shape
            values = (*args[: shape.last], args[shape.last :]) if rest else args
            given = dict(zip(positional, values, strict=False))
            given.update(kwargs)
            faults = None
            if len(given) < len(values) + len(kwargs) or not rules.keys() >= given.keys() >= required:
                faults = _faults(cls.__name__, shape, args, kwargs)
                given = faults.given
                rules = rules | dict.fromkeys(faults.blanks, _UNCHECKED)
            to_check = list(given.items())
            for name, make in made.items():
                given[name] = make()
            self = object.__new__(cls)
            # What is not given is read from the class, where the decorator puts the defaults.
            _keep(self, "__dict__", given)
            if faults is not None:
                for message, hint, name in faults.refused:
                    self.problem(message, hint, name)
                for name in faults.unknown:
                    self.refuse(name)
            loading = under_way()
            texts: list[tuple[Node, str, str]] = []
            for name, value in to_check:
                check, default = rules[name]
                if check is None or value is default:
                    continue
                try:
                    kept = check(value)
                except Wrong as wrong:
                    kept = _in_place_of(value, default, wrong, self, name)
                if kept is not value:
                    given[name] = kept
                if loading:
                    if type(kept) is str:
                        if "{" in kept or "<" in kept or "='" in kept:
                            texts.append((self, name, kept))
                    elif type(kept) in NESTED and kept:
                        _take_texts(texts, self, name, kept)
            if texts:
                loading.texts += texts
            self.__post_init__()
            return self

        @property
        def __signature__(cls) -> object:
            """What `inspect.signature`, `help` and notebooks show."""
            from dashgen.model.core.documentation import signature  # reads the source, which only they pay for

            return signature(cls)

        @property
        def __doc__(cls) -> str:
            from dashgen.model.core.documentation import help_text  # as above

            return help_text(cls)


_UNCHECKED: tuple[Check | None, object] = (None, MISSING)


NESTED: set[type] = set()
"""What holds texts at some depth: the class of mappings, which `checks` has."""


def _in_place_of(value: object, default: object, wrong: Wrong, node: Node, name: str) -> object:
    """What a load goes on with where a field does not take its value, which is reported."""
    if not _has_stand_in(value):
        message = f"{name}: expected {wrong.expected}, got {wrong.got(value)}"
        report(Problem(node.called(), message, wrong.hint, node.source, node, name))
    node.refuse(name)
    kept = default if wrong.kept is MISSING else wrong.kept
    return value if kept is MISSING else kept


def _has_stand_in(value: object) -> bool:
    """Whether an object was formatted into a text, which was told."""
    from dashgen.model.core.format_errors import MARK

    return MARK in value if isinstance(value, str) else MARK in repr(value)


def _take_texts(texts: list[tuple[Node, str, str]], owner: Node, field: str, value: Any) -> None:
    """Those at any depth of a mapping or list; the first step to it belongs to the field's name."""
    entries = value.items() if hasattr(value, "items") else (("", item) for item in value)
    for key, item in entries:
        name = f"{field}.{key}" if key and "." not in field else field
        if type(item) is str:
            texts.append((owner, name, item))
        elif type(item) is tuple or type(item) in NESTED:
            _take_texts(texts, owner, name, item)


class _Faults(NamedTuple):
    """A call that is wrong: what it gives all the same, and what to say."""

    given: dict[str, Any]
    refused: list[tuple[str, str, str]]
    blanks: frozenset[str]  # fields that were needed
    unknown: tuple[str, ...]  # fields of which nobody knows what the author meant


def _faults(kind: str, shape: _Shape, args: tuple[object, ...], kwargs: dict[str, object]) -> _Faults:
    args, kwargs, refused = _accepted(shape, args, kwargs)
    given = dict(zip(shape.positional, args, strict=False))
    if not given.keys().isdisjoint(kwargs):
        twice = ", ".join(sorted(given.keys() & kwargs.keys()))
        message = f"is given {twice} twice"
        raise SpecError(Problem(kind, message, "by position and by name", here(), field=twice.partition(",")[0]))
    given.update(kwargs)
    missing = [name for name in shape.rules if name in shape.required and name not in given]
    meant = {nearest(name, shape.rules) for _, _, name in refused if name}
    told = [name for name in missing if name not in meant]
    # What was given without a name may have been for any of the others.
    lost = shape.rules.keys() - given if any(name == _UNNAMED for _, _, name in refused) else ()
    if told and refused:
        refused, told = _paired(refused, told)
    if told:
        refused.append((f"needs {', '.join(told)}", f"give {', '.join(f'{name}=…' for name in told)}", ""))
    given |= {name: _blank(shape.rules[name][0]) for name in missing}
    return _Faults(given, refused, frozenset(missing), (*missing, *meant, *lost))


def _accepted(
    shape: _Shape, args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object], list[tuple[str, str, str]]]:
    """What of a call can be used, and what is wrong with the rest: each with a hint, and the argument."""
    refused = []
    count = len(shape.positional)
    for name in [name for name in kwargs if name not in shape.rules]:
        del kwargs[name]
        hint = did_you_mean(name, shape.rules) or f"it has {listed(shape.rules, name)}"
        refused.append((f"has no field {name!r}", hint, name))
    if shape.rest:
        return (*args[: count - 1], args[count - 1 :]), kwargs, refused
    if len(args) > count:
        if count and (whole := _gathered(shape, args)) is not None:
            last = shape.positional[-1]
            message = f"{last}: expected a tuple, got {len(args) - count + 1} values one by one"
            refused.append((message, "write them as one tuple: (a, b)", ""))
            return (*args[: count - 1], whole), kwargs, refused
        names = f"{counted(count, 'positional value')} ({', '.join(shape.positional)})"
        message = f"takes {names if count else 'no positional values'}, got {len(args)}"
        others = [name for name in shape.rules if name not in shape.positional]
        refused.append((message, f"name {'the others' if count else 'them'}; it has {listed(others)}", _UNNAMED))
    return args[:count], kwargs, refused


_UNNAMED = "()"
"""Stands for an argument that was given without a name where one is needed."""


def _gathered(shape: _Shape, args: tuple[object, ...]) -> object | None:
    """What was given one by one, if the last field that takes a position takes it as a tuple: `Row("Now", A, B)`."""
    check = shape.rules[shape.positional[-1]][0]
    try:
        return check(args[len(shape.positional) - 1 :]) if check else None
    except Wrong:
        return None


def _paired(refused: list[tuple[str, str, str]], missing: list[str]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Fields that are missing because the author gave them under a name that is none, or without one: one mistake."""
    unnamed = next((i for i, (_, _, name) in enumerate(refused) if name == _UNNAMED), None)
    if unnamed is not None:
        message, _, _ = refused[unnamed]
        refused[unnamed] = (message, f"name them: {', '.join(f'{name}=…' for name in missing)}", "")
        return refused, []
    lone = [i for i, (_, hint, name) in enumerate(refused) if name and not hint.startswith("did you mean")]
    if len(lone) == len(missing) == 1:
        message, _, name = refused[lone[0]]
        refused[lone[0]] = (message, f"did you mean {missing[0]!r}, which is required?", name)
        return refused, []
    return refused, missing


def _blank(check: Check | None) -> object:
    """What a load goes on with where a field that must be given is not."""
    try:
        return check(MISSING) if check else None
    except Wrong as wrong:
        return None if wrong.kept is MISSING else wrong.kept


_keep = object.__setattr__


class _DataclassFields:
    """Lets `dataclasses.replace` and its like take nodes. Made when they ask."""

    def __get__(self, _: object, cls: type[Node]) -> dict[str, dataclasses.Field[Any]]:
        import dataclasses

        made: Any = dataclasses.make_dataclass(
            cls.__name__,
            [
                (name, object, dataclasses.field(default=f.default, init=f.init, kw_only=True))
                if f.default is not MISSING
                else (name, object, dataclasses.field(init=f.init, kw_only=True))
                for name, f in fields(cls).items()
            ],
            init=False, repr=False, eq=False,
        )  # fmt: skip
        return {f.name: f for f in dataclasses.fields(made)}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(checked, field))
def node(cls: type[T]) -> type[T]:
    """Makes a class of `Field`s one of nodes; `Node` constructs, compares, shows and freezes all of them alike.

    Not by `dataclasses`, which takes longer to import and to make the classes than all else that a panel needs; and
    without slots: most of a panel's forty fields are as by default, and one dictionary of what was given is made
    several times faster than forty slots are filled.
    """
    own = FIELDS[cls] = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
    for name, value in own.items():
        if value.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, value.default)
    return cls


@node
class Node(metaclass=_NodeType):
    """Anything an author writes. `source` is where: neither compared nor shown."""

    source: Source | None = field(default_factory=here, init=False)
    refused: ClassVar[frozenset[str]] = frozenset()
    """Fields that something is wrong with: what the load goes on with is not what the author wrote, and what follows
    from it is no news."""

    __dataclass_fields__ = _DataclassFields()

    def __setattr__(self, name: str, value: object) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __post_init__(self) -> None:
        """Checks what is between fields; those of each field are done."""

    def _compared(self) -> object:
        get = _COMPARED.get(type(self))
        if get is None:
            names = [name for name, f in fields(type(self)).items() if f.init]
            get = _COMPARED[type(self)] = attrgetter(*names) if names else _nothing
        return get(self)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        """What was given, without what is as by default."""
        given = [
            f"{name}={value!r}"
            for name, f in fields(type(self)).items()
            if f.init and (value := getattr(self, name)) is not f.default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def __str__(self) -> str:
        return self._as_text(sys._getframe(1))

    def __format__(self, spec: str) -> str:
        return self._as_text(sys._getframe(1), spec)

    if not TYPE_CHECKING:  # to type checkers a text and an object don't add up

        def __add__(self, other: object) -> Any:
            return self._as_text(sys._getframe(1)) + other if _joins(other, sys._getframe(1)) else NotImplemented

        def __radd__(self, other: object) -> Any:
            return other + self._as_text(sys._getframe(1)) if _joins(other, sys._getframe(1)) else NotImplemented

    def _as_text(self, frame: FrameType, spec: str = "") -> str:
        """What code of the specs gets is reported: no spec means the repr of an object by a text."""
        if under_way() is None or is_own(frame.f_code.co_filename):
            return format(repr(self), spec)
        from dashgen.model.core.format_errors import stand_in

        return stand_in(self, frame, spec)

    def problem(self, message: str, hint: str = "", field: str = "") -> None:
        """Reports something that is wrong with this object; `field` as in `Problem`."""
        if field:
            self.refuse(field)
        report(Problem(self.called(), message, hint, self.source, self, field))

    def refuse(self, field: str) -> None:
        """Notes that something is wrong with a field."""
        self.__dict__["refused"] = self.refused | {field}

    def written_in_text(self, name: str, spec: str) -> str:
        """What an author writes in a text instead of the object, which the code calls `name`; empty: one of its
        texts. `spec` is how the object was formatted."""
        return ""

    def called(self) -> str:
        """How this object is named before its place in the tree is known."""
        for attribute in ("title", "name", "uid", "match"):
            value = getattr(self, attribute, None)
            if isinstance(value, str) and value:
                return f"{type(self).__name__} {value!r}"
        return type(self).__name__


def _joins(other: object, frame: FrameType) -> TypeGuard[str]:
    return isinstance(other, str) and under_way() is not None and not is_own(frame.f_code.co_filename)


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
    return f"{article(value.called())} {value.called()}" if isinstance(value, Node) else text[:77] + "..."
