"""Which panels a step of the migration visits.

Grafana's frontend takes each step to top-level panels and to those in collapsed rows. The backend of 12.4 visits the
nested ones in some steps only; each step says which it does.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.grafana.dashboards.document import Json, objects


def top_panels(dashboard: Json) -> Iterator[Json]:
    return objects(dashboard.get("panels"))


def all_panels(dashboard: Json) -> Iterator[Json]:
    """Top-level panels, each followed by those directly in it."""
    for panel in top_panels(dashboard):
        yield panel
        yield from objects(panel.get("panels"))


def leaf_panels(container: Json) -> Iterator[Json]:
    """Panels that are no rows, those in rows (of rows) included."""
    for panel in objects(container.get("panels")):
        if panel.get("type") == "row":
            yield from leaf_panels(panel)
        else:
            yield panel
