"""Links of dashboards and panels."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as dm

from dashgen.model.dashboards.link import Addressable, Link, Placement
from dashgen.model.environment import Environment
from dashgen.render.raw import merged, patched

IN_MENU = "inControlsMenu"
MENU, MENU_OF_VARIABLES = (12, 3), (12, 2)
"""The first versions that have a menu for links and annotations, and for variables: see `model.link.placement`."""


def dashboard_address(target: Addressable | str, environment: Environment) -> str:
    """Where Grafana shows the dashboard, given itself or its uid."""
    return f"/d/{environment.uid_prefix}{target if isinstance(target, str) else target.uid}"


def address(link: Link, environment: Environment) -> str:
    """Where a link leads; nowhere by itself where it lists dashboards by their tags."""
    return link.url if link.dashboard is None else dashboard_address(link.dashboard, environment)


def panel_link(link: Link, environment: Environment) -> dict[str, object]:
    """A panel's link is a title and an address (Grafana 12.4 keeps no other keys of one): what is to go along, time
    and variables, is part of the address. The SDK types it as a dashboard's."""
    url = address(link, environment)
    if link.dashboard is not None:
        parts = ["${__url_time_range}"] if link.keep_time else []
        parts += ["${__all_variables}"] if link.keep_variables else []
        url += "?" + "&".join(parts) if parts else ""
    made: dict[str, object] = merged(target(link.title, url, link.new_tab), link.raw)
    return made


def target(title: str, url: str, new_tab: bool) -> dict[str, object]:
    """A link of a panel or a value."""
    out: dict[str, object] = {"title": title, "url": url}
    if new_tab:
        out["targetBlank"] = True
    return out


def dashboard_link(link: Link, environment: Environment) -> dm.DashboardLink:
    made = dm.DashboardLink(
        title=link.title,
        type_val=dm.DashboardLinkType.DASHBOARDS if link.tags else dm.DashboardLinkType.LINK,
        icon=link.icon,
        tooltip=link.tooltip,
        url=address(link, environment),
        tags=list(link.tags),
        as_dropdown=link.dropdown,
        target_blank=link.new_tab,
        include_vars=link.keep_variables,
        keep_time=link.keep_time,
    )
    put(made, link.placement, environment)
    return patched(made, link.raw)


def put(made: dm.DashboardLink | dm.AnnotationQuery, placement: Placement, environment: Environment) -> None:
    """Above the panels unless the author says otherwise. The SDK (0.0.21) writes "in the menu" into every link and
    annotation (grafana-foundation-sdk#1202, #1272). Grafana has no word for "above the panels": it leaves the key out
    (grafana#110666), and shows an annotation's switch nowhere where the word is empty."""
    in_menu = placement == "menu" and environment.version >= MENU
    made.placement = IN_MENU if in_menu else None  # type: ignore[assignment]  # `to_json` leaves None out
