"""dashgen: dashboards as code for Grafana over QuestDB.

The author's vocabulary, loaded when it is first used: a daemon that imports a table must not pay for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashgen.grafana.gotemplate.guards import if_labels
    from dashgen.loading.alert_files import yaml_rules
    from dashgen.model.alerting.alert import AlertGroup, AlertRule
    from dashgen.model.alerting.expression import Expression, Math, Reduce, Resample, Threshold
    from dashgen.model.alerting.notification import (
        ChannelRoute,
        ContactPoint,
        Match,
        MuteTiming,
        Policy,
        Route,
        Template,
        TimeInterval,
        datasource_errors,
    )
    from dashgen.model.alerting.receiver import (
        Discord,
        Email,
        Opsgenie,
        PagerDuty,
        RawReceiver,
        Slack,
        Teams,
        Telegram,
        Webhook,
    )
    from dashgen.model.core.ignore import Ignore
    from dashgen.model.core.problems import SpecError
    from dashgen.model.dashboards.dashboard import Annotation, Dashboard, PanelRef, Row
    from dashgen.model.dashboards.field import (
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
    from dashgen.model.dashboards.foreign import as_dashboard, as_panel
    from dashgen.model.dashboards.link import Link
    from dashgen.model.dashboards.panel import (
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
    from dashgen.model.dashboards.query import Query
    from dashgen.model.dashboards.variable import (
        ConstantVariable,
        CustomVariable,
        DatasourceVariable,
        EnvironmentVariable,
        IntervalVariable,
        QueryVariable,
        TextVariable,
    )
    from dashgen.model.environment import Environment, Folder, QuestDB
    from dashgen.model.project import Project

_HOMES = {
    "dashgen.grafana.gotemplate.guards": "if_labels",
    "dashgen.model.alerting.alert": "AlertGroup AlertRule",
    "dashgen.model.alerting.expression": "Expression Math Reduce Resample Threshold",
    "dashgen.model.alerting.notification": "ChannelRoute ContactPoint Match MuteTiming Policy Route Template "
    "TimeInterval datasource_errors",
    "dashgen.model.alerting.receiver": "Discord Email Opsgenie PagerDuty RawReceiver Slack Teams Telegram Webhook",
    "dashgen.model.dashboards.dashboard": "Annotation Dashboard PanelRef Row",
    "dashgen.model.environment": "Environment Folder QuestDB",
    "dashgen.model.dashboards.field": "ByQuery ByRegex ByType ColorScheme CustomUnit DataLink Hex Override "
    "RangeMapping SpecialMapping Thresholds ValueMapping",
    "dashgen.model.dashboards.foreign": "as_dashboard as_panel",
    "dashgen.model.core.ignore": "Ignore",
    "dashgen.model.dashboards.link": "Link",
    "dashgen.model.dashboards.panel": "AlertList BarChart BarGauge Gauge Heatmap JoinByField Legend Organize Panel "
    "SortBy Stat StateTimeline Table Text TimeSeries Tooltip Transformation",
    "dashgen.model.core.problems": "SpecError",
    "dashgen.model.project": "Project",
    "dashgen.model.dashboards.query": "Query",
    "dashgen.loading.alert_files": "yaml_rules",
    "dashgen.model.dashboards.variable": "ConstantVariable CustomVariable DatasourceVariable EnvironmentVariable "
    "IntervalVariable QueryVariable TextVariable",
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AlertGroup",
    "AlertList",
    "AlertRule",
    "Annotation",
    "BarChart",
    "BarGauge",
    "ByQuery",
    "ByRegex",
    "ByType",
    "ChannelRoute",
    "ColorScheme",
    "ConstantVariable",
    "ContactPoint",
    "CustomUnit",
    "CustomVariable",
    "Dashboard",
    "DataLink",
    "DatasourceVariable",
    "Discord",
    "Email",
    "Environment",
    "EnvironmentVariable",
    "Expression",
    "Folder",
    "Gauge",
    "Heatmap",
    "Hex",
    "Ignore",
    "IntervalVariable",
    "JoinByField",
    "Legend",
    "Link",
    "Match",
    "Math",
    "MuteTiming",
    "Opsgenie",
    "Organize",
    "Override",
    "PagerDuty",
    "Panel",
    "PanelRef",
    "Policy",
    "Project",
    "Query",
    "QueryVariable",
    "QuestDB",
    "RangeMapping",
    "RawReceiver",
    "Reduce",
    "Resample",
    "Route",
    "Row",
    "Slack",
    "SortBy",
    "SpecError",
    "SpecialMapping",
    "Stat",
    "StateTimeline",
    "Table",
    "Teams",
    "Telegram",
    "Template",
    "Text",
    "TextVariable",
    "Threshold",
    "Thresholds",
    "TimeInterval",
    "TimeSeries",
    "Tooltip",
    "Transformation",
    "ValueMapping",
    "Webhook",
    "as_dashboard",
    "as_panel",
    "datasource_errors",
    "if_labels",
    "yaml_rules",
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
