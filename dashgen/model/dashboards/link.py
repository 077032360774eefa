"""Links of dashboards and panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from dashgen.model.core import validators
from dashgen.model.core.fields import checked, fields
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.validators import NOTHING

Placement = Literal["header", "menu"]
placement = validators.one_of(get_args(Placement))
"""Where a dashboard shows a link, an annotation's switch or a variable: above the panels, or in the menu of controls
that opens from there. Grafana has the menu since 12.2 for variables, 12.3 for the others (@grafana/schema 12.2.0 and
12.3.1, read); older ones show all of them above the panels."""


class Addressable(Node):
    """A possible target of a link: a `Dashboard`. It has a title, and a uid that its URL contains."""

    uid: str
    title: str


def to_dashboard(value: object) -> object:
    """A dashboard by reference, or by the uid that one of the project must have: a link can't lead nowhere."""
    if isinstance(value, Addressable):
        return value
    if isinstance(value, str):
        return validators.uid(value)
    raise Wrong("a Dashboard of dashgen or its uid", "for any other, url='/d/<uid>'")


@node
class Link(Node):
    """A link in a dashboard's or a panel's header: `Link("Runbooks", url="https://wiki/runbooks")`.

    The target is a dashboard of the project, all dashboards with some tags, or a URL: exactly one of `dashboard`,
    `tags` and `url` is given. A panel's link shows its title only: it has no tags, tooltip, icon, dropdown and
    placement.
    """

    title: str = checked(validators.text, kw_only=False)
    """Text of the link; with `dropdown`, of the menu (`title`)."""
    dashboard: Addressable | str | None = checked(validators.maybe(to_dashboard), default=None)
    """Target dashboard, or its uid. A dashboard that the project does not have is an error."""
    url: str = checked(validators.text, default="")
    """URL of any page: `url="https://wiki/runbooks"` (`url`)."""
    tags: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Tags of the target dashboards, all of which a target has: `tags=("daemons",)` (`tags`)."""
    tooltip: str = checked(validators.any_text, default="")
    """Text that is shown when the pointer is over the link (`tooltip`)."""
    icon: Literal["external link", "dashboard", "question", "info", "bolt", "doc", "cloud"] = checked(
        validators.literal(),
        default="external link",
    )
    """Icon before the text, for links in a dashboard's header to a URL or to one dashboard (`icon`)."""
    keep_time: bool = checked(validators.flag, default=True)
    """Passes the current time range to the target (`keepTime`)."""
    keep_variables: bool = checked(validators.flag, default=True)
    """Passes the values of the dashboard's variables to the target (`includeVars`)."""
    new_tab: bool = checked(validators.flag, default=False)
    """True opens the page in a new tab of the browser (`targetBlank`)."""
    dropdown: bool = checked(validators.flag, default=False)
    """True shows the dashboards of `tags` in a dropdown menu instead of as one link each (`asDropdown`)."""
    placement: Placement = checked(placement, default="header")
    """Where a dashboard shows the link: above the panels, or, with `"menu"`, in the controls menu (`placement`)."""

    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered link, without validation: `raw={"url": ""}`. None removes a key, as in JSON
    Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""

    def __post_init__(self) -> None:
        if sum((bool(self.url), self.dashboard is not None, bool(self.tags))) != 1:
            self.problem("needs exactly one of dashboard, url, tags")

    @property
    def of_dashboards_only(self) -> tuple[str, ...]:
        """The fields given that a panel's link does not have."""
        every = fields(Link)
        names = ("tags", "tooltip", "icon", "dropdown", "placement")
        return tuple(name for name in names if getattr(self, name) != every[name].default)
