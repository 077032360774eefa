"""A field changes what is rendered, and at the place that its sentence names in brackets at its end."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import pytest

from dashgen import (
    AlertGroup,
    AlertRule,
    Annotation,
    ByQuery,
    ByRegex,
    ByType,
    ChannelRoute,
    ColorScheme,
    ContactPoint,
    Dashboard,
    DataLink,
    DatasourceRef,
    Email,
    Environment,
    FieldMatcher,
    Folder,
    JoinByField,
    Legend,
    Link,
    Match,
    Math,
    MuteTiming,
    Organize,
    Override,
    Panel,
    Policy,
    Project,
    Query,
    QueryVariable,
    QuestDB,
    RangeMapping,
    RawAnnotation,
    RawPanel,
    RawQuery,
    RawRule,
    Reduce,
    RegexMapping,
    Route,
    Row,
    SharedQuery,
    SortBy,
    SpecialMapping,
    Table,
    Template,
    Text,
    Threshold,
    Thresholds,
    TimeInterval,
    TimeSeries,
    Tooltip,
    Transformation,
    ValueMapping,
)
from dashgen.model.alerting.notification import Grouping
from dashgen.model.alerting.receiver import Receiver
from dashgen.model.core.documentation import FieldDoc, expanded, field_docs, literals
from dashgen.model.core.node import Node
from dashgen.model.dashboards.field import FieldOptions
from dashgen.model.dashboards.variable import Choice, Variable
from dashgen.reference.contents import entries
from dashgen.render import parsed, render
from tests.reference.test_pages import vocabulary

PLACE = re.compile(r"\(`([\w.]+)`\)\.?\Z")
SQL = "SELECT timestamp AS time, host, x FROM t WHERE $__timeFilter(timestamp)"
POINT = ContactPoint("email", (Email("mail"),))


class Subject(NamedTuple):
    """A field of a class, with the class it is tried on."""

    cls: type[Node]
    doc: FieldDoc


Values = dict[str, Any]


HEALTH = vocabulary()["HEALTH"]
RULE_GIVEN: Values = {"uid": "r", "title": "R", "query": "SELECT 1 AS x", "threshold": 1, "severity": "info"}
RULE = AlertRule(**RULE_GIVEN)
MATCH = (Match("severity", "=", "info"),)

NEEDED: dict[str, Values] = {
    "Panel": {"kind": "timeseries", "title": "T", "query": SQL},
    "Text": {"title": "T", "content": "x"},
    "AlertList": {"title": "T"},
    "Transformation": {"id": "sortBy"},
    "SortBy": {"column": "x"},
    "Row": {"title": "R", "panels": (Text("T", content="x"),)},
    "Dashboard": {"uid": "x", "title": "X", "rows": ()},
    "Annotation": {"name": "A", "sql": SQL},
    "Link": {"title": "L", "url": "https://wiki"},
    "ByRegex": {"pattern": "/y/"},
    "ByType": {"type": "number"},
    "ByQuery": {"query": "A"},
    "ColorScheme": {"mode": "fixed"},
    "Query": {"sql": SQL},
    "DataLink": {"title": "L", "url": "https://wiki"},
    "Thresholds": {"base": "red"},
    "ValueMapping": {"value": 1, "text": "up"},
    "RangeMapping": {"low": 0, "high": 5, "text": "few"},
    "SpecialMapping": {"match": "null", "text": "-"},
    "Override": {"match": "x"},
    "QueryVariable": {"name": "v", "sql": "SELECT 1"},
    "CustomVariable": {"name": "v", "values": ("binance", "kraken")},
    "ConstantVariable": {"name": "v", "value": "x"},
    "TextVariable": {"name": "v"},
    "IntervalVariable": {"name": "v", "values": ("1m",)},
    "DatasourceVariable": {"name": "v"},
    "EnvironmentVariable": {"name": "v", "values": ("binance", "prod")},
    "AlertRule": RULE_GIVEN,
    "AlertGroup": {"name": "g", "folder": "F", "rules": (RULE,)},
    "Expression": {"given": {"type": "sql", "expression": "SELECT 1"}},
    "Reduce": {"input": "A"},
    "Math": {"expression": "$A"},
    "Resample": {"input": "A", "window": "2m"},
    "Threshold": {"input": "A", "threshold": 1},
    "ContactPoint": {"name": "p", "receivers": POINT.receivers},
    "Match": {"label": "a", "operator": "=", "value": "b"},
    "Route": {"matchers": MATCH},
    "ChannelRoute": {"channel": "email"},
    "Policy": {"receiver": "email"},
    "TimeInterval": {"weekdays": ("monday",)},
    "MuteTiming": {"name": "m", "intervals": (TimeInterval(weekdays=("monday",)),)},
    "Template": {"name": "t", "text": "x"},
    "RawReceiver": {"uid": "u", "type": "line", "settings": {"x": "y"}},
    "Slack": {"uid": "u", "url": "${SLACK}"},
    "Folder": {"uid": "daemon", "title": "D"},
    "RawRule": {"uid": "raw", "json": {"title": "Raw", "data": [{"refId": "A"}]}},
    "Environment": {"name": "prod"},
    "Organize": {"order": ("a", "b")},
    "RawQuery": {"json": {"expr": "up"}},
    "DatasourceRef": {"type": "prometheus"},
    "SharedQuery": {"panel": "state"},
    "RawPanel": {"json": {"type": "acme-panel", "title": "T"}},
    "RawAnnotation": {"json": {"name": "A"}},
    "RawVariable": {"name": "v", "json": {"type": "query"}},
    "FieldMatcher": {"id": "byNames"},
    "RegexMapping": {"pattern": "/y/", "text": "y"},
}
TWO_QUERIES: Values = {"query": ("SELECT 1 AS x", "SELECT 2 AS x")}
SERIES: Values = {"query": Query(SQL, format="time_series")}
BESIDE: dict[str, tuple[Values, Values]] = {
    "AlertRule.reducer": (SERIES, SERIES),
    "AlertRule.nulls": (SERIES, {**SERIES, "replace_with": 0}),
    "AlertRule.replace_with": (SERIES, {**SERIES, "nulls": "replace"}),
    "AlertRule.condition": ({**TWO_QUERIES, "condition": "A"}, TWO_QUERIES),
    "AlertRule.math": ({**TWO_QUERIES, "condition": "A"}, TWO_QUERIES),
    "AlertRule.expressions": ({}, {"threshold": None}),
    "AlertRule.link_variables": ({"panel": HEALTH["state"]}, {"panel": HEALTH["state"]}),
    "Reduce.nulls": ({}, {"replace_with": 0}),
    "Reduce.replace_with": ({}, {"nulls": "replace"}),
    "Slack.token": ({}, {"url": None, "recipient": "#a"}),
    "Link.dashboard": ({}, {"url": ""}),
    "Link.tags": ({}, {"url": ""}),
    "DataLink.dashboard": ({}, {"url": ""}),
    "DataLink.variables": ({"url": "", "dashboard": HEALTH}, {"url": "", "dashboard": HEALTH}),
    "QuestDB.database": ({"plugin": "postgres"}, {"plugin": "postgres"}),
    "Panel.repeat_direction": ({"repeat": "host"}, {"repeat": "host"}),
    "Panel.max_per_row": ({"repeat": "host"}, {"repeat": "host"}),
    "ColorScheme.fixed": ({"fixed": "red"}, {}),
    "Choice.all_value": ({"include_all": True}, {"include_all": True}),
    "IntervalVariable.auto_count": ({"auto": True}, {"auto": True}),
    "IntervalVariable.auto_min": ({"auto": True}, {"auto": True}),
}
"""What else must be given for a field to have an effect, or to be allowed: without it, and beside it."""
VALUES: dict[str, Any] = {
    "Panel.kind": "piechart",
    "Panel.key": "other",
    "Panel.datasource": "second",
    "Panel.links": (Link("L", url="/x"),),
    "Dashboard.rows": (Row("Other"),),
    "Dashboard.annotations": (Annotation("A", SQL),),
    "Row.panels": (),
    "Dashboard.links": (Link("L", url="/x"),),
    "Dashboard.folder": "other",
    "Link.dashboard": HEALTH,
    "Query.sql": "SELECT 2",
    "DataLink.dashboard": HEALTH,
    "Query.datasource": "second",
    "Annotation.datasource": "second",
    "Annotation.sql": "SELECT 2",
    "QueryVariable.datasource": "second",
    "DatasourceVariable.datasource": "second",
    "QueryVariable.sql": "SELECT 2",
    "SpecialMapping.match": "nan",
    "AlertRule.panel": HEALTH["state"],
    "AlertRule.query": "SELECT 2 AS x",
    "AlertRule.datasource": "second",
    "AlertGroup.rules": (),
    "AlertGroup.raw_rules": (RawRule("raw", {"title": "Raw", "data": [{"refId": "A"}]}),),
    "RawRule.uid": "other",
    "RawRule.json": {"title": "Raw", "data": [{"refId": "B"}]},
    "Expression.given": {"type": "sql", "expression": "SELECT 2"},
    "Math.expression": "$A * 2",
    "Threshold.threshold": 2.0,
    "Match.operator": "!=",
    "Match.value": "c",
    "Route.receiver": "other",
    "Route.routes": (Route("other", matchers=MATCH),),
    "Policy.receiver": "other",
    "ChannelRoute.channel": "other",
    "ChannelRoute.routes": (Route("other", matchers=MATCH),),
    "Policy.routes": (Route("other", matchers=MATCH),),
    "MuteTiming.intervals": (TimeInterval(months=("may",)),),
    "Thresholds.steps": ((1, "green"),),
    "Thresholds.base": "blue",
    "ValueMapping.value": 2,
    "RangeMapping.low": 1,
    "RangeMapping.high": 6,
    "ValueMapping.color": "red",
    "RangeMapping.color": "red",
    "SpecialMapping.color": "red",
    "Override.match": "y",
    "Environment.org_id": 7,
    "Environment.dashboards_path": "/other",
    "Environment.update_seconds": 60,
    "QuestDB.port": 9000,
    "QuestDB.password": "${OTHER}",
    "Reduce.input": "B",
    "Resample.input": "B",
    "Threshold.input": "B",
    "Stat.calc": "max",
    "Gauge.calc": "max",
    "BarGauge.calc": "max",
    "StateTimeline.row_height": 0.5,
    "Slack.url": "${OTHER}",
    "Slack.token": "${SLACK_TOKEN}",
    "AlertRule.nulls": "replace",
    "Reduce.nulls": "replace",
    "AlertRule.fires": "below",
    "ColorScheme.mode": "thresholds",
    "FieldOptions.decimals": 2,
    "Annotation.color": "blue",
    "Table.width": 8,
    "ByRegex.pattern": "/x/",
    "ByType.type": "string",
    "ByQuery.query": "B",
    "Choice.default": "binance",
    "Transformation.id": "reduce",
    "Transformation.options": {"sort": []},
    "Policy.group_by": ("team",),
    "Webhook.max_alerts": 5,
    "RawReceiver.type": "wecom",
    "Threshold.fires": "below",
    "FieldOptions.min": -1,
    "RegexMapping.pattern": "/x/",
    "RegexMapping.color": "red",
    "SharedQuery.panel": "other",
    "RawQuery.json": {"expr": "down"},
    "RawQuery.datasource": DatasourceRef("prometheus", "other"),
    "RawPanel.json": {"type": "acme-panel", "title": "Other"},
    "RawPanel.at": (5, 2),
    "RawAnnotation.json": {"name": "Other"},
    "RawVariable.json": {"type": "adhoc"},
    "FieldMatcher.id": "byValue",
}
"""Other values than the default, where a sentence has no example and the type no literals."""
BESIDES_FILES = {
    "Panel.ignore", "Panel.budget_ms", "Annotation.ignore", "Query.ignore", "QueryVariable.ignore", "Query.name",
    "RawQuery.name", "SharedQuery.name", "Dashboard.imported",
    "Environment.grafana", "Environment.instance", "Environment.env", "Environment.hosts", "Environment.uid_prefix",
    "Environment.datasources", "Environment.folders", "Environment.name", "Environment.owns_policy_tree",
}  # fmt: skip
"""Fields that say something of checks, or of the whole tree: other tests show what they do."""
TRIED_ON: dict[type[Node], type[Node]] = {
    FieldOptions: TimeSeries,
    Panel: TimeSeries,
    Variable: QueryVariable,
    Choice: QueryVariable,
    Receiver: Email,
    Grouping: Route,
}
"""A class that has the fields of a base."""


def subjects() -> Iterator[Subject]:
    for entry in entries():
        cls = entry.value
        if not (isinstance(cls, type) and issubclass(cls, Node)) or entry.name in ("Project", "Ignore", "PanelRef"):
            continue
        for doc in field_docs(cls):
            if doc.owner is cls and f"{entry.name}.{doc.name}" not in BESIDES_FILES:
                yield Subject(cls if doc.name == "kind" else TRIED_ON.get(cls, cls), doc)


def other(subject: Subject) -> Any:
    """A value that is not the default: the sentence's first example, another literal, the other boolean."""
    cls, doc = subject
    for name in (cls.__name__, doc.owner.__name__ if doc.owner else ""):
        if f"{name}.{doc.name}" in VALUES:
            return VALUES[f"{name}.{doc.name}"]
    for code in re.findall(r"`([^`]+)`", doc.sentence):
        if code.startswith(f"{doc.name}="):
            return eval(code.removeprefix(f"{doc.name}="), vocabulary())
    home = (doc.owner or cls).__module__
    written = expanded(ast.parse(doc.written, mode="eval").body, home)
    choices = [value for part in ast.walk(written) if isinstance(part, ast.expr) for value in literals(part)]
    given = NEEDED.get(cls.__name__, {}).get(doc.name, doc.default)
    for choice in reversed(choices):
        if choice != given and choice is not None:
            return choice
    if isinstance(given, bool) or doc.written in ("bool", "bool | None"):
        return not given
    if isinstance(given, int):
        return given + 1
    return "${OTHER}" if "eference to an environment variable" in doc.sentence else "other"


def project(node: Any) -> Project:
    """A project in which the object has an effect."""
    if isinstance(node, Dashboard):
        return Project(environments=(TWO,), dashboards=(node,))
    if isinstance(node, Environment):
        return Project(environments=(node,), dashboards=(Dashboard(uid="x", title="X", rows=()),))
    if isinstance(node, (QuestDB, Folder)):
        given: Values = (
            {"datasources": {"questdb": node}} if isinstance(node, QuestDB) else {"folders": {"default": node}}
        )
        return Project(
            environments=(Environment("prod", **given),), dashboards=(Dashboard(uid="x", title="X", rows=()),)
        )
    if isinstance(node, Panel):
        return _in(Dashboard(uid="x", title="X", rows=(Row("R", (node,)),)))
    if isinstance(node, RawPanel):
        return _in(Dashboard(uid="x", title="X", rows=(Row("R", (node,)),)))
    if isinstance(node, Row):
        return _in(Dashboard(uid="x", title="X", rows=(node,)))
    if isinstance(node, Variable):
        return _in(Dashboard(uid="x", title="X", rows=(), variables=(node,)))
    if isinstance(node, (Annotation, RawAnnotation)):
        return _in(Dashboard(uid="x", title="X", rows=(), annotations=(node,)))
    if isinstance(node, Link):
        return _in(Dashboard(uid="x", title="X", rows=(), links=(node,)))
    series: Values = {}
    match node:
        case Legend():
            series["legend"] = node
        case Tooltip():
            series["tooltip"] = node
        case Transformation() | Organize() | JoinByField():
            series["transformations"] = (node,)
        case Query() | RawQuery() | SharedQuery():
            series["query"] = node
        case DatasourceRef():
            series["query"] = RawQuery({"expr": "up"}, datasource=node)
        case Thresholds():
            series["thresholds"] = node
        case ValueMapping() | RangeMapping() | RegexMapping() | SpecialMapping():
            series["mappings"] = (node,)
        case DataLink():
            series["data_links"] = (node,)
        case Override():
            series["overrides"] = (node,)
        case ByRegex() | ByType() | ByQuery() | FieldMatcher():
            series["overrides"] = (Override(node, unit="ms"),)
        case ColorScheme():
            series["color"] = node
    if series:
        return project(TimeSeries("T", **{"query": SQL, **series}))
    if isinstance(node, SortBy):
        return project(Table("T", SQL, sort_by=(node,)))
    return _alerting(node)


TWO = Environment(
    "prod",
    datasources={"questdb": QuestDB(), "second": QuestDB(uid="second", name="Second", plugin="postgres")},
    folders={"default": Folder("d", "D"), "other": Folder("o", "O")},
    owns_policy_tree=True,
    hosts=("a",),
)


def _in(dashboard: Dashboard) -> Project:
    return Project(environments=(TWO,), dashboards=(dashboard,))


def _alerting(node: Any) -> Project:
    given: Values = {"contact_points": (POINT,), "policy": Policy("email"), "dashboards": (HEALTH,)}
    rule = RULE
    if isinstance(node, AlertRule):
        rule = node
    elif isinstance(node, Receiver):
        given["contact_points"] = (ContactPoint("p", (node,)),)
    elif isinstance(node, ContactPoint):
        given["contact_points"] = (node,)
    elif isinstance(node, Policy):
        given["policy"] = node
    elif isinstance(node, (Route, ChannelRoute)):
        given["policy"] = Policy("email", routes=(node,))
    elif isinstance(node, Match):
        given["policy"] = Policy("email", routes=(Route("email", matchers=(node,)),))
    elif isinstance(node, MuteTiming):
        given["mute_timings"] = (node,)
    elif isinstance(node, TimeInterval):
        given["mute_timings"] = (MuteTiming("m", (node,)),)
    elif isinstance(node, Template):
        given["templates"] = (node,)
    elif not isinstance(node, (AlertGroup, RawRule)):  # an expression
        queries = (Query(SQL, format="time_series"), Query(SQL, format="time_series"))
        before: tuple[Any, ...] = (node, Math("$C") if isinstance(node, Reduce) else Reduce("C"), Threshold("D", 1))
        if isinstance(node, Threshold):
            queries, before = (Query(SQL), Query(SQL)), (node,)
        rule = AlertRule(uid="r", title="R", query=queries, expressions=before, severity="info")
    group = node if isinstance(node, AlertGroup) else AlertGroup("g", folder="F", rules=(rule,))
    if isinstance(node, RawRule):
        group = AlertGroup("g", folder="F", raw_rules=(node,))
    return Project(environments=(TWO,), alerts=(group,), **given)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}.{index}")
    else:
        yield path, repr(value)


def rendered(made: Project) -> set[tuple[str, str, Any]]:
    (environment,) = made.environments
    found = set()
    for document in render(made, environment):
        if document.schema is not None and document.path != "published.json":
            found |= {(document.path, path, value) for path, value in leaves(parsed(document))}
    return found


SUBJECTS = tuple(subjects())


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: f"{s.cls.__name__}.{s.doc.name}")
def test_a_field_changes_what_its_sentence_names(subject: Subject) -> None:
    cls, doc = subject
    owner = cls.__name__ if doc.owner is None else doc.owner.__name__
    needed = NEEDED.get(cls.__name__, {})
    if issubclass(cls, Panel):
        needed = {"title": "T", "query": SQL, **needed}
    elif issubclass(cls, Receiver):
        needed = {"uid": "u", **needed}
    value = other(subject)
    without, beside = BESIDE.get(f"{owner}.{doc.name}", ({}, {}))
    one = rendered(project(made(cls, {**needed, **without})))
    two = rendered(project(made(cls, {**needed, **beside, doc.name: value})))
    changed = {re.sub(r"\.\d+(?=\.|$)", "", path) for _, path, _ in one ^ two}
    assert changed or {file for file, _, _ in one} != {file for file, _, _ in two}, f"{value!r} changes nothing"
    place = PLACE.search(doc.sentence)
    if place:
        assert any(f".{place[1]}." in f"{path}." for path in changed), f"{place[1]}: {sorted(changed)}"


def made(cls: type[Node], values: Values) -> Node:
    steps = values.pop("steps", ())
    call: Any = cls
    return cast("Node", call(values.pop("base"), *steps, **values) if cls is Thresholds else call(**values))


def test_most_sentences_name_a_place() -> None:
    assert sum(PLACE.search(subject.doc.sentence) is not None for subject in SUBJECTS) > 250
    assert len(SUBJECTS) > 330
