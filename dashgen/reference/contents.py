"""What the reference documents, and on which page."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import dashgen

METHODS: dict[str, tuple[str, ...]] = {
    "Choice": ("matches",),
    "Dashboard": ("__getitem__",),
    "Ingest": ("add", "add_values", "add_frame", "flush", "close"),
}
"""The methods that specs and writers call; all others are for dashgen itself."""


class Page(NamedTuple):
    """One page: what is exported, in the order of reading, and what else belongs to it, by its module."""

    name: str
    title: str
    intro: str
    entries: tuple[str, ...]
    """Names of `dashgen`, or `module:name` for what is imported from there."""


PAGES = (
    Page(
        "projects.md",
        "Projects and environments",
        "What a specs package exports, and the Grafanas that it is rendered for.",
        ("Project", "Environment", "Folder", "QuestDB", "Ignore", "SpecError"),
    ),
    Page(
        "dashboards.md",
        "Dashboards",
        "Dashboards, their rows and queries, links and annotations.",
        ("Dashboard", "Row", "Query", "Link", "Annotation", "PanelRef", "as_dashboard", "as_panel"),
    ),
    Page(
        "panels.md",
        "Panels",
        "Every kind of panel has the fields of `Panel` and of `FieldOptions`, and those of its own.",
        (
            "Panel", "TimeSeries", "Stat", "Gauge", "BarGauge", "Table", "StateTimeline", "BarChart", "Heatmap",
            "Text", "AlertList", "Legend", "Tooltip", "SortBy", "Transformation", "Organize", "JoinByField",
        ),
    ),
    Page(
        "fields.md",
        "Fields, colours and units",
        "How the fields of a panel (columns, series) are shown, and some of them otherwise.",
        (
            "dashgen.model.dashboards.field:FieldOptions", "Override", "ByRegex", "ByType", "ByQuery", "Thresholds",
            "ValueMapping", "RangeMapping", "SpecialMapping", "ColorScheme", "DataLink", "CustomUnit", "Hex",
        ),
    ),
    Page(
        "variables.md",
        "Variables",
        "What viewers of a dashboard choose. `Variable` and `Choice` are what the others share.",
        (
            "dashgen.model.dashboards.variable:Variable", "dashgen.model.dashboards.variable:Choice",
            "EnvironmentVariable",
            "QueryVariable", "CustomVariable", "IntervalVariable", "TextVariable", "ConstantVariable",
            "DatasourceVariable",
        ),
    ),
    Page(
        "alerting.md",
        "Alert rules",
        "Rules, the groups that they are evaluated in, and Grafana's expressions.",
        (
            "AlertRule", "AlertGroup", "if_labels", "yaml_rules", "Reduce", "Math", "Resample", "Threshold",
            "Expression",
        ),
    ),
    Page(
        "notifications.md",
        "Notifications",
        "Who hears of an alert: contact points and their receivers, policies, times, texts.",
        (
            "ContactPoint", "dashgen.model.alerting.notification:Grouping", "Policy", "Route", "ChannelRoute", "Match",
            "datasource_errors", "MuteTiming", "TimeInterval", "Template", "dashgen.model.alerting.receiver:Receiver",
            "Telegram", "Email", "Slack", "Discord", "Teams", "Webhook", "PagerDuty", "Opsgenie", "RawReceiver",
        ),
    ),
    Page(
        "tables.md",
        "Tables",
        "Tables and their rows, from the modules that are named. See also the [guide](../tables-guide.md).",
        (
            "dashgen.model.tables.table:table", "dashgen.model.tables.table:Designated",
            "dashgen.model.tables.table:Symbol", "dashgen.model.tables.table:Doc",
            "dashgen.model.tables.table:MaterializedView",
            "dashgen.model.tables.row_constraints:NotAfter", "dashgen.model.tables.row_constraints:OnlyWhile",
            "dashgen.model.tables.row_constraints:SetExactlyWhileNot", "dashgen.model.tables.row_constraints:Ratio",
            "dashgen.model.tables.row_constraints:Monotonic", "dashgen.model.tables.row_constraints:Connection",
            "dashgen.model.tables.table:table_of", "dashgen.questdb.ingest:Ingest", "dashgen.questdb.ingest:Report",
            "dashgen.model.tables.rows:validate", "dashgen.model.tables.rows:Finding",
            "dashgen.model.tables.table:unchecked", "dashgen.model.tables.demo:Demo",
            "dashgen.model.tables.demo:Outage",
        ),
    ),
)  # fmt: skip


class Entry(NamedTuple):
    """What is documented: an object, its name, where specs import it from, and its page."""

    value: object
    name: str
    module: str
    page: str


def entries() -> tuple[Entry, ...]:
    """Everything that the reference documents, in the order of its pages."""
    return tuple(_entry(text, page) for page in PAGES for text in page.entries)


def _entry(text: str, page: Page) -> Entry:
    module, colon, name = text.rpartition(":")
    home = import_module(module) if colon else dashgen
    return Entry(getattr(home, name), name, module or "dashgen", page.name)
