"""Panels and dashboards built with the Foundation SDK or grafanalib, frozen the moment they are collected.

Builders are mutable: rendered twice, they would leak one environment into the next. What is kept is their JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.ids import slug
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.problems import Problem, SpecError, here
from dashgen.model.dashboards.panel import place as _place

DOCUMENT = "document"
"""Where a dashboard comes from that is JSON of Grafana's own."""


def _plain(value: object) -> object:
    for method in ("to_json_data", "to_json"):
        found = getattr(value, method, None)
        if callable(found):
            return found()
    raise TypeError(f"{type(value).__name__} is not JSON data")


def _text(value: object) -> str:
    try:
        return json.dumps(value, default=_plain, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Wrong(f"something that turns into JSON ({error})") from None


_LIBRARIES = {"grafanalib": "grafanalib", "grafana_foundation_sdk": "sdk"}


def _origin(value: object) -> str:
    """The library whose class, or a class derived from it, a value is of; empty of any other."""
    homes = [cls.__module__.partition(".")[0] for cls in type(value).__mro__]
    return next((_LIBRARIES[home] for home in homes if home in _LIBRARIES), "")


def _is_panel(value: object, origin: str) -> bool:
    if origin == "grafanalib":
        from grafanalib.core import AlertList, Panel  # loaded by whoever made the value

        return isinstance(value, Panel | AlertList)
    return origin == "sdk"


def _is_dashboard(value: object, origin: str) -> bool:
    if origin == "grafanalib":
        from grafanalib.core import Dashboard

        return isinstance(value, Dashboard)
    return origin == "sdk"


def _built(value: object) -> object:
    build = getattr(value, "build", None)
    return build() if callable(build) else value


def json_data(value: object) -> tuple[str, Any]:
    """Which library an object or a builder is of, and what it is as JSON; plain data is of none. Raises Wrong."""
    built = _built(value)
    origin = _origin(value) or _origin(built)
    if not origin and not isinstance(built, dict):
        raise Wrong("an object of grafanalib or of the Foundation SDK, or a dict of JSON")
    return origin, json.loads(_text(built))


@node
class ForeignPanel(Node):
    """A panel of the SDK or of grafanalib."""

    json: str = checked(validators.text)
    origin: str = checked(validators.text)
    key: str = checked(validators.uid, default="")

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.json)
        return loaded

    @property
    def title(self) -> str:
        return str(self.data.get("title") or "")

    @property
    def slug(self) -> str:
        return self.key or slug(self.title) or "untitled"

    @property
    def size(self) -> tuple[int, int]:
        grid = self.data.get("gridPos") or {}
        return int(grid.get("w") or 12), int(grid.get("h") or 8)


@node
class RawPanel(Node):
    """A panel as Grafana's JSON, for panel plugins that dashgen does not know: `RawPanel({"type": "acme-panel"})`.

    It is rendered unchanged and is not checked.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """The panel without `id` and `gridPos`: `json={"type": "acme-panel", "title": "Load", "options": {}}`."""
    key: str = checked(validators.uid, default="")
    """Key of the panel, which alert rules and links refer to and from which the panel's id is derived. Default: the
    title as a slug."""
    width: int = checked(validators.whole(1, 24), default=12)
    """Columns of the grid, which has 24."""
    height: int = checked(validators.whole(1, 1000), default=8)
    """Rows of the grid, of 30 pixels each."""
    at: tuple[int, int] | None = checked(validators.maybe(_place), default=None)
    """Position of the upper left corner, as in `Panel.at`."""

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = validators.thaw(self.json)
        return loaded

    @property
    def title(self) -> str:
        return str(self.json.get("title") or "")

    @property
    def slug(self) -> str:
        return self.key or slug(self.title) or "untitled"


@node
class ForeignDashboard(Node):
    """A dashboard of the SDK or of grafanalib. `folder` names one of the environment's folders."""

    json: str = checked(validators.text)
    origin: str = checked(validators.text)
    folder: str = checked(validators.text, default="default")
    datasource: str = checked(validators.text, default="questdb")

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.json)
        return loaded

    @property
    def uid(self) -> str:
        return str(self.data.get("uid") or "")

    @property
    def title(self) -> str:
        return str(self.data.get("title") or "")


def panel(value: object, key: str = "") -> ForeignPanel:
    """As `as_panel`, for the check of a field."""
    origin = _origin(value)
    if not _is_panel(value, origin):
        raise Wrong("a panel", "a dashgen panel or a Foundation SDK panel builder")
    made = ForeignPanel(json=_text(_built(value)), origin=origin, key=key)
    w, h = made.size
    if not (1 <= w <= 24 and 1 <= h <= 100):
        raise Wrong("a panel of 1 to 24 columns and 1 to 100 rows", came=f"{made.title!r} with {w} by {h}")
    return made


def dashboard(value: object, folder: str = "default") -> ForeignDashboard:
    """As `as_dashboard`, for the check of a field."""
    origin = _origin(value)
    if not _is_dashboard(value, origin):
        raise Wrong("a dashboard", "a dashgen Dashboard, an SDK builder or a grafanalib Dashboard")
    made = ForeignDashboard(json=_text(_built(value)), origin=origin, folder=folder)
    if "elements" in made.data or "spec" in made.data:
        # which formats a provisioned file may have (docs/facts/grafana.md, Dashboards)
        raise Wrong(
            "a classic dashboard",
            "build it with grafana_foundation_sdk.builders.dashboard: dashgen renders classic JSON; of schema v2, "
            "provisioned files take only the wrapped resource",
            came="one of schema v2",
        )
    return made


def as_panel(value: object, key: str = "") -> ForeignPanel:
    """Makes a panel of another library a panel of a row. It is copied: later changes of `value` have no effect.

    Args:
        value: A panel builder or a panel of the Foundation SDK, or a panel of grafanalib.
        key: Key of the panel, which alert rules and links refer to. Default: the title as a slug, to which nothing can
            refer.
    """
    try:
        return panel(value, key)
    except Wrong as wrong:
        raise _refused("as_panel", value, wrong) from None


def as_dashboard(value: object, folder: str = "default") -> ForeignDashboard:
    """A dashboard of another library as a dashboard of a project, kept as it is at that moment.

    Args:
        value: A dashboard builder or a dashboard of the Foundation SDK, or a Dashboard of grafanalib.
        folder: Name of one of the environment's `folders`.
    """
    try:
        return dashboard(value, folder)
    except Wrong as wrong:
        raise _refused("as_dashboard", value, wrong) from None


def _refused(function: str, value: object, wrong: Wrong) -> SpecError:
    text = f"expected {wrong.expected}, got {wrong.got(value)}"
    return SpecError(Problem(function, text, wrong.hint, here()))
