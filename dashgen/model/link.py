"""Links of dashboards and panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dashgen.model import checks
from dashgen.model.node import Node, Wrong, checked, node

if TYPE_CHECKING:
    from dashgen.model.dashboard import Dashboard


def to_dashboard(value: object) -> object:
    """A dashboard by reference, or by the uid that one of the project must have: a link can't lead nowhere."""
    from dashgen.model.dashboard import Dashboard  # which imports this module

    if isinstance(value, Dashboard):
        return value
    if isinstance(value, str):
        return checks.uid(value)
    raise Wrong("a Dashboard of dashgen or its uid", "for any other, url='/d/<uid>'")


@node
class Link(Node):
    """A link from a dashboard's or a panel's header: to a dashboard of the project by reference or uid, to all with
    some tags, or to an address. The time range and the variables go along unless said otherwise."""

    title: str = checked(checks.text, kw_only=False)
    dashboard: Dashboard | str | None = checked(checks.maybe(to_dashboard), default=None)
    url: str = checked(checks.text, default="")
    tags: tuple[str, ...] = checked(checks.many(checks.text), default=())
    tooltip: str = checked(checks.any_text, default="")
    icon: Literal["external link", "dashboard", "question", "info", "bolt", "doc", "cloud"] = checked(
        checks.one_of(("external link", "dashboard", "question", "info", "bolt", "doc", "cloud")),
        default="external link",
    )
    keep_time: bool = checked(checks.flag, default=True)
    keep_variables: bool = checked(checks.flag, default=True)
    new_tab: bool = checked(checks.flag, default=False)
    dropdown: bool = checked(checks.flag, default=False)

    def __post_init__(self) -> None:
        if sum((bool(self.url), self.dashboard is not None, bool(self.tags))) != 1:
            self.problem("needs exactly one of dashboard, url, tags")
