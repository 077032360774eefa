"""What the reference documents, and on which page."""

from __future__ import annotations

from types import FunctionType
from typing import NamedTuple

import dashgen

METHODS: dict[str, tuple[str, ...]] = {
    "Choice": ("matches",),
    "Dashboard": ("__getitem__",),
    "Ingest": ("add", "add_values", "add_frame", "flush", "close"),
}
"""The methods that specs and writers call; all others are for dashgen itself."""


class ReferencePage(NamedTuple):
    """One page, and the names of `dashgen` on it in the order of reading."""

    name: str
    title: str
    intro: str
    entries: tuple[str, ...]


PAGES = (
    ReferencePage(
        "projects.md",
        "Projects and environments",
        "The objects that a specs package exports, and the Grafana instances that it is rendered for.",
        ("Project", "Environment", "Folder", "QuestDB", "Ignore", "SpecError"),
    ),
    ReferencePage(
        "dashboards.md",
        "Dashboards",
        "Dashboards, their rows and queries, links and annotations.",
        (
            "Dashboard", "Row", "Query", "Link", "Addressable", "Annotation", "PanelRef", "RawQuery", "DatasourceRef",
            "SharedQuery", "RawPanel", "RawAnnotation", "as_dashboard", "as_panel",
        ),
    ),
    ReferencePage(
        "panels.md",
        "Panels",
        "Each kind of panel has the fields of `Panel` and of `FieldOptions`, and its own fields.",
        (
            "Panel", "TimeSeries", "Stat", "Gauge", "BarGauge", "Table", "StateTimeline", "BarChart", "Heatmap",
            "Text", "AlertList", "Legend", "Tooltip", "SortBy", "Transformation", "Organize", "JoinByField",
        ),
    ),
    ReferencePage(
        "fields.md",
        "Fields, colours and units",
        "How the fields (columns, series) of a panel are displayed, with overrides for some of them.",
        (
            "FieldOptions", "Override", "ByRegex", "ByType", "ByQuery", "FieldMatcher", "Thresholds",
            "ValueMapping", "RangeMapping", "RegexMapping", "SpecialMapping", "ColorScheme", "DataLink", "CustomUnit",
            "Hex", "Rgb",
        ),
    ),
    ReferencePage(
        "variables.md",
        "Variables",
        "Values that viewers of a dashboard choose. `Variable` and `Choice` are the base classes of the others.",
        (
            "Variable", "Choice",
            "EnvironmentVariable",
            "QueryVariable", "CustomVariable", "IntervalVariable", "TextVariable", "ConstantVariable",
            "DatasourceVariable", "RawVariable",
        ),
    ),
    ReferencePage(
        "alerting.md",
        "Alert rules",
        "Alert rules, their evaluation groups, and Grafana's expressions.",
        (
            "AlertRule", "AlertGroup", "RawRule", "if_labels", "yaml_rules", "Reduce", "Math", "Resample", "Threshold",
            "Expression",
        ),
    ),
    ReferencePage(
        "notifications.md",
        "Notifications",
        "Contact points and their receivers, notification policies, mute timings and templates.",
        (
            "ContactPoint", "Grouping", "Policy", "Route", "ChannelRoute", "Match",
            "datasource_errors", "MuteTiming", "TimeInterval", "Template", "Receiver",
            "Telegram", "Email", "Slack", "Discord", "Teams", "Webhook", "PagerDuty", "Opsgenie", "RawReceiver",
        ),
    ),
    ReferencePage(
        "tables.md",
        "Tables",
        "Tables, their rows, and how to write rows to QuestDB. See also the [guide](../tables-guide.md).",
        (
            "table", "Designated", "Symbol", "Stored", "Doc", "MaterializedView", "NotAfter", "OnlyWhile",
            "SetExactlyWhileNot", "Ratio", "Monotonic", "ReconnectCounter", "table_of", "Ingest", "IngestReport",
            "validate_rows", "RowFinding", "unchecked", "Demo", "Outage",
        ),
    ),
    ReferencePage(
        "tests.md",
        "Tests of alert rules",
        "Tests of alert rules, in Python. Test files contain the same in YAML: see the [guide](../testing.md).",
        (
            "AlertTest", "Rows", "Event", "DatabaseFailure", "At", "ExpectedAlert", "Fires", "Never", "Messages",
            "SentMessage", "NamedAlert", "fixture_of", "run_alert_tests",
        ),
    ),
    ReferencePage(
        "programs.md",
        "In programs",
        "An embedded QuestDB server and the check of queries, for use in your programs.",
        ("EmbeddedQuestDB", "collect_queries", "check_session", "check_query"),
    ),
    ReferencePage(
        "types.md",
        "Types",
        "Type aliases, for annotations in your code.",
        ("AnyQuery", "AnyUnit", "Color", "Severity", "NoDataState", "ErrorState"),
    ),
)  # fmt: skip


class Entry(NamedTuple):
    """What is documented: an object, its name, and its page."""

    value: object
    name: str
    page: str

    @property
    def is_alias(self) -> bool:
        """Whether it is a name for a type, and no class or function."""
        return not isinstance(self.value, type | FunctionType)


def entries() -> tuple[Entry, ...]:
    """Everything that the reference documents, in the order of its pages."""
    return tuple(Entry(getattr(dashgen, name), name, page.name) for page in PAGES for name in page.entries)
