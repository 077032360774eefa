"""A dashboard whose module is not executed, because nothing that it depends on has changed since an earlier build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from dashgen.model.dashboards.dashboard import Dashboard, PanelRef
from dashgen.model.dashboards.variable import EnvironmentVariable


class LinkTarget(NamedTuple):
    """A dashboard that another one links to, and the variables that the link hands over. `owner` names the object that
    is linked to, as an export does; it is empty where the link gives a uid."""

    uid: str
    variables: tuple[str, ...]
    owner: str = ""


class DashboardFacts(NamedTuple):
    """What other parts of a project need to know of a dashboard, and what it was rendered to."""

    uid: str
    title: str
    folder: str
    variables: tuple[str, ...]
    link_targets: tuple[LinkTarget, ...]
    panel_keys: tuple[str, ...]
    """Those that an author gave, which alert rules may name."""
    environment_variables: tuple[str, ...]
    documents: Mapping[str, str]
    """The digest of the rendered file by the environment's name."""


class NeedsExecution(BaseException):
    """Specs need more of a module than is known without executing it. No `Exception`, so that specs do not catch it."""


class DeferredDashboard(Dashboard):
    """Has a uid, a title, a folder and references to its panels; whoever asks for anything else gets
    NeedsExecution."""

    def __new__(cls, facts: DashboardFacts, needed: Callable[[], None]) -> DeferredDashboard:
        self = object.__new__(cls)
        object.__getattribute__(self, "__dict__").update(facts=facts, needed=needed)
        return self

    def __getattribute__(self, name: str) -> Any:
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")
        facts: DashboardFacts = own["facts"]
        if name in ("uid", "title", "folder"):
            return getattr(facts, name)
        if name == "refused":
            return frozenset()
        if name == "__class__":
            return Dashboard  # for `isinstance` of any class
        own["needed"]()
        raise NeedsExecution(f"more is needed of the dashboard {facts.uid!r} than its title")

    def __getitem__(self, key: str) -> PanelRef:
        if key in facts_of(self).panel_keys:
            return PanelRef(self, key)
        return super().__getitem__(key)  # asks for more than is known

    def __eq__(self, other: object) -> bool:
        return self is other or self._compared() == other

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> NoReturn:
        raise NeedsExecution  # `__getattribute__` comes first


def facts_of(dashboard: DeferredDashboard) -> DashboardFacts:
    """What is known of it."""
    facts: DashboardFacts = object.__getattribute__(dashboard, "__dict__")["facts"]
    return facts


def panel_keys(dashboard: Dashboard) -> frozenset[str]:
    """The keys that the author gave to panels of a dashboard, deferred or not."""
    if type(dashboard) is DeferredDashboard:
        return frozenset(facts_of(dashboard).panel_keys)
    return frozenset(panel.key for panel in dashboard.panels if panel.key)


def variable_names(dashboard: Dashboard) -> frozenset[str]:
    """The names of a dashboard's variables, deferred or not."""
    if type(dashboard) is DeferredDashboard:
        return frozenset(facts_of(dashboard).variables)
    return frozenset(variable.name for variable in dashboard.variables)


def environment_variables(dashboard: Dashboard) -> tuple[str, ...]:
    """The names of the variables of a dashboard, deferred or not, that choose an environment."""
    if type(dashboard) is DeferredDashboard:
        return facts_of(dashboard).environment_variables
    return tuple(variable.name for variable in dashboard.variables if isinstance(variable, EnvironmentVariable))


def deferred(facts: DashboardFacts, needed: Callable[[], None]) -> DeferredDashboard:
    """Makes one; `needed` is called when its module has to be executed."""
    return DeferredDashboard.__new__(DeferredDashboard, facts, needed)
