"""Links of dashboards and panels."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as dm

from dashgen.model.dashboard import Dashboard
from dashgen.model.environment import Environment
from dashgen.model.link import Link


def dashboard_address(target: Dashboard | str, environment: Environment) -> str:
    """Where Grafana shows the dashboard, given itself or its uid."""
    return f"/d/{environment.uid_prefix}{target if isinstance(target, str) else target.uid}"


def address(link: Link, environment: Environment) -> str:
    return link.url if link.dashboard is None else dashboard_address(link.dashboard, environment)


def panel_link(link: Link, environment: Environment) -> dm.DashboardLink:
    """A panel's link has no flags of its own for time and variables: they are part of the address."""
    url = address(link, environment)
    if link.dashboard is not None:
        parts = ["${__url_time_range}"] if link.keep_time else []
        parts += ["${__all_variables}"] if link.keep_variables else []
        url += "?" + "&".join(parts) if parts else ""
    return _link(link, url, keep_time=False, keep_variables=False)


def dashboard_link(link: Link, environment: Environment) -> dm.DashboardLink:
    return _link(link, address(link, environment), keep_time=link.keep_time, keep_variables=link.keep_variables)


def _link(link: Link, url: str, *, keep_time: bool, keep_variables: bool) -> dm.DashboardLink:
    return dm.DashboardLink(
        title=link.title,
        type_val=dm.DashboardLinkType.DASHBOARDS if link.tags else dm.DashboardLinkType.LINK,
        icon=link.icon,
        tooltip=link.tooltip,
        url=url,
        tags=list(link.tags),
        as_dropdown=link.dropdown,
        target_blank=link.new_tab,
        include_vars=keep_variables,
        keep_time=keep_time,
    )
