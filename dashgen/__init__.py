"""dashgen: dashboards as code for Grafana over QuestDB.

The author's vocabulary, loaded when it is first used: a daemon that imports a table must not pay for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashgen.model.dashboard import Annotation, Dashboard, PanelRef, Row
    from dashgen.model.environment import Environment, Folder, QuestDB
    from dashgen.model.field import (
        ByQuery,
        ByRegex,
        ByType,
        ColorScheme,
        CustomUnit,
        DataLink,
        Hex,
        Override,
        RangeMapping,
        SpecialMapping,
        Thresholds,
        ValueMapping,
    )
    from dashgen.model.foreign import as_dashboard, as_panel
    from dashgen.model.ignore import Ignore
    from dashgen.model.link import Link
    from dashgen.model.panel import (
        AlertList,
        BarChart,
        BarGauge,
        Gauge,
        Heatmap,
        JoinByField,
        Legend,
        Organize,
        Panel,
        SortBy,
        Stat,
        StateTimeline,
        Table,
        Text,
        TimeSeries,
        Tooltip,
        Transformation,
    )
    from dashgen.model.problems import SpecError
    from dashgen.model.project import Project
    from dashgen.model.query import Query
    from dashgen.model.variable import (
        ConstantVariable,
        CustomVariable,
        DatasourceVariable,
        EnvironmentVariable,
        IntervalVariable,
        QueryVariable,
        TextVariable,
    )

_HOMES = {
    "dashgen.model.dashboard": "Annotation Dashboard PanelRef Row",
    "dashgen.model.environment": "Environment Folder QuestDB",
    "dashgen.model.field": "ByQuery ByRegex ByType ColorScheme CustomUnit DataLink Hex Override RangeMapping "
    "SpecialMapping Thresholds ValueMapping",
    "dashgen.model.foreign": "as_dashboard as_panel",
    "dashgen.model.ignore": "Ignore",
    "dashgen.model.link": "Link",
    "dashgen.model.panel": "AlertList BarChart BarGauge Gauge Heatmap JoinByField Legend Organize Panel SortBy Stat "
    "StateTimeline Table Text TimeSeries Tooltip Transformation",
    "dashgen.model.problems": "SpecError",
    "dashgen.model.project": "Project",
    "dashgen.model.query": "Query",
    "dashgen.model.variable": "ConstantVariable CustomVariable DatasourceVariable EnvironmentVariable "
    "IntervalVariable QueryVariable TextVariable",
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AlertList",
    "Annotation",
    "BarChart",
    "BarGauge",
    "ByQuery",
    "ByRegex",
    "ByType",
    "ColorScheme",
    "ConstantVariable",
    "CustomUnit",
    "CustomVariable",
    "Dashboard",
    "DataLink",
    "DatasourceVariable",
    "Environment",
    "EnvironmentVariable",
    "Folder",
    "Gauge",
    "Heatmap",
    "Hex",
    "Ignore",
    "IntervalVariable",
    "JoinByField",
    "Legend",
    "Link",
    "Organize",
    "Override",
    "Panel",
    "PanelRef",
    "Project",
    "Query",
    "QueryVariable",
    "QuestDB",
    "RangeMapping",
    "Row",
    "SortBy",
    "SpecError",
    "SpecialMapping",
    "Stat",
    "StateTimeline",
    "Table",
    "Text",
    "TextVariable",
    "Thresholds",
    "TimeSeries",
    "Tooltip",
    "Transformation",
    "ValueMapping",
    "as_dashboard",
    "as_panel",
]


def __getattr__(name: str) -> object:
    home = _WHERE.get(name)
    if home is None:
        raise AttributeError(f"module 'dashgen' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
