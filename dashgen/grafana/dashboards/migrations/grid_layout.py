"""Schema version 16: rows of panels, each with a span of twelve, become panels at places in a grid of 24 columns.

Read in apps/dashboard/pkg/migration/schemaversion/v16.go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from dashgen.grafana.dashboards.document import Json, objects, text
from dashgen.grafana.dashboards.migrations.numbers import as_float, as_integer

COLUMNS = 24
SPANS = 12
DEFAULT_SPAN = 4.0
DEFAULT_HEIGHT = 250.0
CELL_HEIGHT = 30.0
CELL_MARGIN = 8.0
TALLEST = 10**6
"""Grid units. A bound of dashgen's, so that a height of 1e300 stays a number."""


class Placed(dict[str, Any]):
    """A position that this step gave. Grafana leaves it in place where it equals the default of a panel."""


@dataclass
class _Area:
    """The columns of one row, each with the height that its panels fill."""

    y: int
    height: int
    filled: list[int] = field(default_factory=lambda: [0] * COLUMNS)

    def place(self, width: int) -> tuple[int, int]:
        """Column and height of the next panel's place. Starts a new line below where the row has no room."""
        found = self._room(width)
        if found is None:
            self.y += self.height
            self.filled = [0] * COLUMNS
            found = self._room(width) or (0, 0)
        return found

    def _room(self, width: int) -> tuple[int, int] | None:
        """The columns at the right end that are filled in falling steps from left to right, if they are enough."""
        first = last = None
        for column in reversed(range(COLUMNS)):
            if self.filled[column] >= self.height:
                break
            if last is None:
                last = column
            elif self.filled[column] <= self.filled[column + 1]:
                first = column
            else:
                break
        if last is None:
            return None
        first = first or 0
        if last - first < width - 1:
            return None
        return first, max(self.filled[first : last + 1])

    def fill(self, x: int, y: int, width: int, height: int) -> None:
        for column in range(x, min(x + width, COLUMNS)):
            self.filled[column] = max(self.filled[column], y + height - self.y)


def to_grid(dashboard: Json) -> None:
    rows = dashboard.get("rows")
    if not isinstance(rows, list):
        return
    del dashboard["rows"]
    if not rows:
        return
    numbers = [as_integer(panel.get("id")) for row in objects(rows) for panel in objects(row.get("panels"))]
    following = max([0, *numbers]) + 1
    panels = dashboard["panels"] if isinstance(dashboard.get("panels"), list) else []
    shown = any(_is_visible(row) for row in objects(rows))
    y = 0
    for row in objects(rows):
        if row.get("repeatIteration") is not None:
            continue
        collapsed = row.get("collapse") is True
        height = _grid_height(row.get("height"))
        inside = list(objects(row.get("panels")))
        for panel in inside:
            if "id" not in panel:
                panel["id"] = following
                following += 1
        header = None
        if shown:
            header = _header(row, following, y, height)
            following += 1
            y += 1
        y = _place(inside, y, height)
        if header is not None and collapsed:
            header["panels"] = inside
        else:
            panels.extend(inside)
            y += height
        if header is not None:
            panels.append(header)
    dashboard["panels"] = panels


def _is_visible(row: Json) -> bool:
    return row.get("collapse") is True or row.get("showTitle") is True or text(row.get("repeat")) != ""


def _header(row: Json, number: int, y: int, height: int) -> Json:
    header: Json = {
        "id": number,
        "type": "row",
        "title": text(row.get("title")),
        "repeat": text(row.get("repeat")),
        "panels": [],
        "gridPos": Placed(x=0, y=y, w=COLUMNS, h=height),
    }
    if "collapse" in row:
        header["collapsed"] = row["collapse"] is True
    return header


def _place(panels: list[Json], y: int, row_height: int) -> int:
    """Give the panels of a row their positions. Returns where the last line of them begins."""
    area = _Area(y, row_height)
    for panel in panels:
        span = as_float(panel.get("span"))
        width = math.floor(min(max(DEFAULT_SPAN if span is None else span, 0), SPANS) * COLUMNS / SPANS)
        least = as_float(panel.get("minSpan"))
        if least is not None and least > 0:
            panel["minSpan"] = int(min(COLUMNS, COLUMNS / SPANS * least))
        height = row_height
        if as_float(panel.get("height")) is not None:
            height = _grid_height(panel["height"])
        column, offset = area.place(width)
        panel["gridPos"] = Placed(x=column, y=area.y + offset, w=width, h=height)
        area.fill(column, area.y + offset, width, height)
        panel.pop("span", None)
    return area.y


def _grid_height(pixels: object) -> int:
    height = as_float(pixels)
    height = DEFAULT_HEIGHT if height is None else height
    step = CELL_HEIGHT + CELL_MARGIN
    return min(math.ceil(max(height, 3 * CELL_HEIGHT) / step), TALLEST)
