"""Who points at a dashboard or at one of its panels: alert rules, and links by their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dashgen.diff.values import Value
from dashgen.tree import paths
from dashgen.tree.read import RenderedTree

_LINK = re.compile(rb"/d(?:-solo)?/([A-Za-z0-9_-]{1,40})(?:/[\w-]*)?(\?[^\"'\s<>)]*)?")
_PANEL = re.compile(rb"[?&](?:viewPanel|panelId|editPanel|inspect)=(?:panel-)?(\d+)")


Sections = Callable[[RenderedTree], dict[str, Value]]


class Reference(NamedTuple):
    """`panel` is empty for a link to the whole dashboard; `who` is as people say it: `alert rule daemon-down`."""

    dashboard: str
    panel: str
    who: str


class References:
    """What still points where: everything in the new tree, and of the old one what comes from things that are still
    there, for it had a reason. Found when first asked for: most changes remove nothing."""

    def __init__(self, old: RenderedTree, new: RenderedTree, sections: Sections) -> None:
        self._old, self._new, self._sections = old, new, sections
        self._found: tuple[Reference, ...] | None = None

    def to_dashboard(self, uid: str) -> tuple[str, ...]:
        return tuple(sorted({r.who for r in self._all() if r.dashboard == uid and r.who != f"dashboard {uid}"}))

    def to_panel(self, uid: str, panel: str) -> tuple[str, ...]:
        return tuple(sorted({r.who for r in self._all() if (r.dashboard, r.panel) == (uid, panel)}))

    def providers(self) -> tuple[Value, ...]:
        """Those of the new tree, whether or not their files changed."""
        found = self._sections(_only(self._new, paths.PROVIDERS))["providers"]
        return tuple(found.values()) if isinstance(found, dict) else ()

    def _all(self) -> tuple[Reference, ...]:
        if self._found is None:
            now = _of(self._new, self._sections)
            there = {name for _, name in _dashboards(self._new)} | {r.who for r in now}
            there |= {f"alert rule {uid}" for uid in _rules(self._new, self._sections)}
            before = [r for r in _of(self._old, self._sections) if r.who in there]
            self._found = (*now, *before)
        return self._found


def _only(tree: RenderedTree, prefix: str) -> RenderedTree:
    return tree.only([path for path in tree if path.startswith(prefix)])


def _dashboards(tree: RenderedTree) -> list[tuple[str, str]]:
    """Paths of dashboards and how their authors call them; the uid is the file's name."""
    return [(path, f"dashboard {paths.dashboard_uid(path)}") for path in tree if paths.is_dashboard(path)]


def _rules(tree: RenderedTree, sections: Sections) -> dict[str, Value]:
    rules = sections(_only(tree, paths.ALERTING))["rules"]
    return rules if isinstance(rules, dict) else {}


def _of(tree: RenderedTree, sections: Sections) -> list[Reference]:
    found = [
        Reference(link[1].decode(), panel[1].decode() if panel else "", who)
        for path, who in _dashboards(tree)
        for link in _LINK.finditer(tree[path])
        for panel in [_PANEL.search(link[2] or b"")]
    ]
    for uid, rule in _rules(tree, sections).items():
        if not isinstance(rule, dict):
            continue
        annotations = rule.get("annotations")
        said = annotations if isinstance(annotations, dict) else {}
        dashboard = rule.get("dashboardUid") or said.get("__dashboardUid__")
        panel_id = rule.get("panelId") or said.get("__panelId__")
        if dashboard:
            found.append(Reference(str(dashboard), str(panel_id or ""), f"alert rule {uid}"))
        for text in said.values():
            for link in _LINK.finditer(str(text).encode()):
                match = _PANEL.search(link[2] or b"")
                found.append(Reference(link[1].decode(), match[1].decode() if match else "", f"alert rule {uid}"))
    return found
