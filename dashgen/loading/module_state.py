"""Whether modules change each other's objects while they are executed.

A module that appends to a list of another, counts in one, or sets an attribute of a class of dashgen can't be left out
of a load: what it does to the others would be missing. Objects of each module are listed when it has been executed,
and again at the end of the load; a difference is such a change.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import functools
import io
import pathlib
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dashgen.model.core.node import Node
from dashgen.model.core.problems import DashgenError

MOST = 200_000
"""Objects that are listed of one load."""


class UnknownState(DashgenError):
    """An object whose state can't be seen."""


class StateList:
    """The objects that modules hold, each by identity, in the order in which they are found."""

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        """Whether a module, by its name, is the project's."""
        self._seen: dict[int, object] = {}

    def of(self, module: types.ModuleType) -> list[object]:
        """Those of a module that no module before it had. Raises UnknownState."""
        found: list[object] = []
        for name, value in list(vars(module).items()):
            if not name.startswith("__") and not isinstance(value, types.ModuleType):
                found.append(name)
                self._add(value, found)
        return found

    def _add(self, first: object, found: list[object]) -> None:
        waiting = [first]
        while waiting:
            value = waiting.pop()
            found.append(value)
            if isinstance(value, _ATOMS) or id(value) in self._seen:
                continue
            self._seen[id(value)] = value
            if len(self._seen) > MOST:
                raise UnknownState(f"more than {MOST:,} objects")
            waiting += self._parts(value)

    def _parts(self, value: object) -> Iterable[object]:
        kind = type(value)
        if isinstance(value, dict):
            return [len(value), *value.keys(), *value.values(), *_attributes(value)]
        if isinstance(value, (list, tuple, set, frozenset)):
            return [len(value), *value, *_attributes(value)]
        if isinstance(value, type):
            return list(_class_parts(value)) if self._is_own(value.__module__) else ()
        if isinstance(value, types.FunctionType):
            return [
                value.__code__, value.__defaults__, value.__kwdefaults__, value.__dict__,
                *(cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)),
            ]  # fmt: skip
        if kind in _PARTS:
            return _PARTS[kind](value)
        if isinstance(value, io.IOBase) and value.closed:
            return ()
        if kind in _STATELESS or kind.__module__ in _STATELESS_MODULES:
            return ()
        if _has_attributes_only(kind):
            return list(_attributes(value))
        raise UnknownState(f"an object of {kind.__module__}.{kind.__qualname__}")


def same(before: list[object] | UnknownState, after: list[object] | UnknownState) -> bool:
    """Whether two lists have the same objects. Of what can't be listed nothing is known before and after."""
    if isinstance(before, UnknownState) or isinstance(after, UnknownState):
        return isinstance(before, UnknownState)
    return len(before) == len(after) and all(
        a is b or (type(a) is type(b) and isinstance(a, _VALUES) and a == b) for a, b in zip(before, after, strict=True)
    )


_VALUES = (str, int, float, bytes)
_ATOMS: tuple[type, ...] = (
    type(None), bool, int, float, complex, str, bytes, range, types.EllipsisType, type(NotImplemented),
    decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, re.Pattern, enum.Enum,
    pathlib.PurePath, types.ModuleType, types.CodeType, types.BuiltinFunctionType, Node,
)  # fmt: skip
"""What does not change."""
_STATELESS = frozenset(
    {
        types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType,
        types.GetSetDescriptorType, types.MemberDescriptorType, types.MethodWrapperType, types.UnionType,
        types.GenericAlias, slice, object,
    }
)  # fmt: skip
_STATELESS_MODULES = frozenset({"typing", "operator", "zoneinfo", "re", "__future__"})
_PARTS: dict[type, Callable[[Any], Iterable[object]]] = {
    property: lambda value: [value.fget, value.fset, value.fdel],
    staticmethod: lambda value: [value.__func__],
    classmethod: lambda value: [value.__func__],
    types.MethodType: lambda value: [value.__func__, value.__self__],
    types.MappingProxyType: lambda value: [len(value), *value, *value.values()],
    functools.partial: lambda value: [value.func, value.args, value.keywords],
    # What it keeps are answers that the function would give again.
    type(functools.lru_cache(lambda: None)): lambda value: [value.__wrapped__],
}
_CLASS_OWN = frozenset({"__dict__", "__weakref__", "__doc__", "_abc_impl", "__subclasshook__"})


def _class_parts(cls: type) -> Iterator[object]:
    for name, value in list(vars(cls).items()):
        if name not in _CLASS_OWN and not name.startswith("__pydantic_"):
            yield name
            yield value


def _attributes(value: object) -> Iterator[object]:
    """Of an object: those in its dictionary, and in the slots of its classes. Objects of dashgen do not change."""
    if type(value).__module__.partition(".")[0] == "dashgen":
        return
    for name, one in list(getattr(value, "__dict__", {}).items()):
        yield name
        yield one
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name
                yield getattr(value, name)


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


_POINTER = tuple.__itemsize__


def _has_attributes_only(kind: type) -> bool:
    """Whether objects of a class have no state but attributes: each takes a pointer, and nothing else has room."""
    slots = {name for cls in kind.__mro__ for name, one in vars(cls).items() if type(one) is types.MemberDescriptorType}
    pointers = len(slots) + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    return kind.__basicsize__ <= object.__basicsize__ + pointers * _POINTER and not kind.__itemsize__


class ProcessState:
    """What specs can change for all others: attributes of dashgen's modules and classes, how decimals are rounded,
    the locale, the environment, where modules are found."""

    def __init__(self) -> None:
        self._classes = [
            (f"{cls.__module__}.{cls.__qualname__}", cls, dict(vars(cls)))
            for name, module in list(sys.modules.items())
            if name.startswith("dashgen.model")
            for cls in list(vars(module).values())
            if isinstance(cls, type) and cls.__module__ == name
        ]
        self._others = self._now()

    @staticmethod
    def _now() -> dict[str, object]:
        import locale
        import os

        context = decimal.getcontext()
        return {
            "the context of decimals": (context.prec, context.rounding, context.Emin, context.Emax),
            "the locale": locale.setlocale(locale.LC_ALL),
            "environment variables": dict(os.environ),
            "sys.path": list(sys.path),
            "sys.meta_path": [type(one).__name__ for one in sys.meta_path],
            "the working folder": os.getcwd(),  # noqa: PTH109  # not resolved
        }

    def changed(self) -> str:
        """What of it has changed; nothing where all is as it was."""
        for name, cls, before in self._classes:
            now = vars(cls)
            if any(now.get(key) is not value for key, value in before.items() if key not in _CLASS_OWN):
                return name
        now_others = self._now()
        return next((what for what, value in self._others.items() if now_others[what] != value), "")
