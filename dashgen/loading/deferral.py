"""Modules of specs that a load does not execute: what they export is known from an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

from dashgen.model.dashboards.deferred import DashboardFacts, DeferredDashboard, NeedsExecution, deferred

Export: TypeAlias = str | list[Any] | dict[str, Any]
"""`specs.overview:0` is the first dashboard of a module; a list begins with `tuple` or `list` and has exports, as a
dict has for values."""


class KnownModule(NamedTuple):
    """What a module gave when it was executed: the names that hold its dashboards, and others'."""

    name: str
    file: str
    exports: Mapping[str, Export]
    dashboards: tuple[DashboardFacts, ...]


@dataclass(slots=True)
class Deferral:
    """The modules that are left out of a load. `sources` are digests of the sources that Python has bytecode of."""

    modules: Mapping[str, KnownModule] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each of them imports, directly or not, and the packages that those are in."""
    packages: frozenset[str] = frozenset()
    """Those among them, which are executed: Python does so before it imports a module of one."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why modules are executed that might have been left out."""
    unsteady: frozenset[str] = frozenset()
    """Modules that are executed in each load, with all that import them."""
    needed: list[str] = field(default_factory=list)
    """Those of which more was asked than is known."""
    dashboards: dict[str, DeferredDashboard] = field(default_factory=dict)
    """What was handed out, as an export names it."""
    left_out: set[str] = field(default_factory=set)
    """Those of `modules` that the specs did import."""
    _handed_out: list[tuple[dict[str, object], dict[str, object]]] = field(default_factory=list)

    @property
    def reached(self) -> frozenset[str]:
        """All modules that a whole load would have executed for those which were left out."""
        return frozenset(self.left_out).union(*(self.imports[name] for name in self.left_out))

    def module(self, known: KnownModule) -> DeferredModule:
        """One that stands for a module."""

        def needed() -> None:
            self.needed.append(known.name)

        exported, unchanged = self._exported(known), self._exported(known)
        self._handed_out.append((exported, unchanged))
        self.left_out.add(known.name)
        made = DeferredModule(known.name)
        vars_of(made).update(exported=exported, needed=needed, __file__=known.file)
        return made

    def _exported(self, known: KnownModule) -> dict[str, object]:
        return {name: self._value(export) for name, export in known.exports.items()}

    def _value(self, export: Export) -> object:
        if isinstance(export, str):
            return self._dashboard(export)
        if isinstance(export, dict):
            return {key: self._value(one) for key, one in export.items()}
        kind, *parts = export
        values = [self._value(one) for one in parts]
        return tuple(values) if kind == "tuple" else values

    def _dashboard(self, export: str) -> DeferredDashboard:
        if export not in self.dashboards:
            owner, _, number = export.rpartition(":")
            facts = self.modules[owner].dashboards[int(number)]
            self.dashboards[export] = deferred(facts, lambda: self.needed.append(owner))
        return self.dashboards[export]

    def is_changed(self) -> bool:
        """Whether somebody changed a list or dict that a module which is left out gave."""
        try:
            return any(given != unchanged for given, unchanged in self._handed_out)
        except NeedsExecution:  # two dashboards that are not the same
            return True


class DeferredModule(ModuleType):
    """A module that is left out. Whoever asks for anything but its dashboards gets NeedsExecution."""

    def __getattribute__(self, name: str) -> Any:
        own = vars_of(self)
        if name in _OF_EVERY_MODULE:
            return object.__getattribute__(self, name)
        if name in own["exported"]:
            return own["exported"][name]
        own["needed"]()
        raise NeedsExecution(f"more is needed of {own['__name__']} than its dashboards")

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _OF_EVERY_MODULE:
            vars_of(self)["needed"]()
        vars_of(self)[name] = value


def vars_of(module: DeferredModule) -> dict[str, Any]:
    """Its own attributes."""
    own: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return own


_OF_EVERY_MODULE = frozenset(
    {"__name__", "__file__", "__path__", "__loader__", "__spec__", "__package__", "__cached__", "__doc__", "__class__"}
)
"""What Python's import asks for."""


class DeferredLoader:
    """Makes a module without executing it."""

    def __init__(self, known: KnownModule, deferral: Deferral) -> None:
        self._known, self._deferral = known, deferral

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._deferral.module(self._known)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is executed."""


def exported(value: object, reference: Callable[[object], str | None]) -> Export | None:
    """How a value is kept; None for what is no dashboard and does not consist of dashboards. `reference` says how a
    dashboard is named."""
    kind = type(value)
    if kind is dict:
        items: dict[Any, Any] = value  # type: ignore[assignment]  # a dict by its type
        entries = {key: exported(one, reference) for key, one in items.items()}
        is_kept = bool(entries) and None not in entries.values() and all(type(key) is str for key in items)
        return entries if is_kept else None
    if kind in (tuple, list):
        parts = [exported(one, reference) for one in value]  # type: ignore[attr-defined]  # a sequence by its type
        return [kind.__name__, *parts] if parts and None not in parts else None
    return reference(value)
