"""What Python tells while code is executed: imports, audit events, variables of the environment, status of files."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from dashgen.loading.module_inputs import EVERY_VARIABLE

Event = Callable[[str, tuple[Any, ...]], None]

_told: Event | None = None
"""Who is told of audit events."""
_is_hooked = False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _told is not None:
        _told(event, args)


@contextmanager
def audit(told: Event) -> Iterator[None]:
    """Tells of audit events (PEP 578). A hook can't be removed: there is one, which does nothing between loads."""
    global _told, _is_hooked
    if not _is_hooked:
        sys.addaudithook(_hook)
        _is_hooked = True
    _told = told
    try:
        yield
    finally:
        _told = None


@contextmanager
def imports(
    imported: Callable[[str, Sequence[str], str, int], None],
    by_name: Callable[[str], None],
    missing: Callable[[ImportError], None],
) -> Iterator[None]:
    """Tells of each import, also of a module that is there already: `import` statements call one function, code that
    imports by a name calls another."""
    statement, function = builtins.__import__, importlib.import_module

    def import_statement(
        name: str, globals: Mapping[str, Any] | None = None, locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (), level: int = 0,
    ) -> ModuleType:  # fmt: skip
        try:
            found = statement(name, globals, locals, fromlist or (), level)
        except ImportError as error:
            missing(error)
            raise
        imported(name, tuple(fromlist or ()), str((globals or {}).get("__package__") or ""), level)
        return found

    def import_module(name: str, package: str | None = None) -> ModuleType:
        try:
            found = function(name, package)
        except ImportError as error:
            missing(error)
            raise
        by_name(found.__name__)
        return found

    builtins.__import__, importlib.import_module = import_statement, import_module
    try:
        yield
    finally:
        builtins.__import__, importlib.import_module = statement, function


class _Variables(dict[Any, Any]):
    """The environment's variables; tells which are read."""

    def __init__(self, values: Mapping[Any, Any], tell: Callable[[str], None]) -> None:
        super().__init__(values)
        self._tell = tell

    def __getitem__(self, key: Any) -> Any:
        self._tell(os.fsdecode(key))
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[Any]:
        self._tell(EVERY_VARIABLE)
        return super().__iter__()

    def copy(self) -> dict[Any, Any]:
        self._tell(EVERY_VARIABLE)
        return super().copy()


@contextmanager
def variables(tell: Callable[[str], None]) -> Iterator[None]:
    """Tells the name of each variable of the environment that is read. `os.environ` looks them up in a dictionary of
    its own (os.py of 3.11 to 3.14, read)."""
    environ: Any = os.environ
    before = environ._data
    environ._data = during = _Variables(before, tell)
    try:
        yield
    finally:
        environ._data = before
        before.clear()
        before.update(during.items())


@contextmanager
def statuses(tell: Callable[[object], None]) -> Iterator[None]:
    """Tells each path whose status is asked for, of which there is no audit event."""
    names = ("stat", "lstat", "access", "readlink")
    before = {name: getattr(os, name) for name in names}

    def telling(function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(path: Any, *args: Any, **kwargs: Any) -> Any:
            tell(path)
            return function(path, *args, **kwargs)

        return asked

    for name in names:
        setattr(os, name, telling(before[name]))
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(os, name, function)
