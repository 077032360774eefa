"""The smallest object of every kind that is rendered, the smallest project around it, and what each argument adds.

What a document says and no argument brought came from dashgen or from the Foundation SDK: `test_unwritten_values`
holds all of that against a list with reasons.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import dashgen
from dashgen import (
    Addressable,
    AlertGroup,
    AlertList,
    AlertRule,
    Annotation,
    BarChart,
    BarGauge,
    ByQuery,
    ByRegex,
    ByType,
    ChannelRoute,
    ColorScheme,
    ContactPoint,
    Dashboard,
    DataLink,
    DatasourceRef,
    Discord,
    Email,
    Environment,
    Expression,
    FieldMatcher,
    Folder,
    Gauge,
    Heatmap,
    JoinByField,
    Legend,
    Link,
    Match,
    Math,
    MuteTiming,
    Opsgenie,
    Organize,
    Override,
    PagerDuty,
    Panel,
    PanelRef,
    Policy,
    Project,
    Query,
    QuestDB,
    RangeMapping,
    RawAnnotation,
    RawPanel,
    RawQuery,
    RawReceiver,
    RawRule,
    Reduce,
    RegexMapping,
    Resample,
    Route,
    Row,
    SharedQuery,
    Slack,
    SortBy,
    SpecError,
    SpecialMapping,
    Stat,
    StateTimeline,
    Table,
    Teams,
    Telegram,
    Template,
    Text,
    Threshold,
    Thresholds,
    TimeInterval,
    TimeSeries,
    Tooltip,
    Transformation,
    ValueMapping,
    Webhook,
)
from dashgen.model.alerting.notification import Grouping
from dashgen.model.alerting.receiver import Receiver
from dashgen.model.core.fields import MISSING, fields
from dashgen.model.core.ignore import Ignore
from dashgen.model.core.node import Node
from dashgen.model.dashboards.deferred import DeferredDashboard
from dashgen.model.dashboards.field import FieldOptions
from dashgen.model.dashboards.foreign import ForeignDashboard, ForeignPanel
from dashgen.model.dashboards.variable import Choice, Variable
from dashgen.render import parsed, render

SQL = "SELECT zz_column FROM zz_table"
HOOK = ContactPoint("zz-point", (Discord("zz-hook"),))
EMPTY = Dashboard(uid="zz", title="Zz", rows=())
HOME = Dashboard(
    uid="zz-home", title="Zz home", rows=(Row("", (Stat("Zz now", SQL, key="zz-now", description="zz"),)),)
)

Json = Any
Leaf = tuple[str, str, object]
"""The document's kind, the path in it with `[]` for any place in a list, and the value."""


DASHBOARDS = frozenset({"dashboard"})
ALERTING = frozenset({"rules", "contact-points", "policies", "mute-timings", "templates"})
DATASOURCES, PROVIDERS = frozenset({"datasources"}), frozenset({"dashboards"})
ENVIRONMENTS = (
    Environment("prod", grafana="12.4", hosts=("zz-host",), owns_policy_tree=True),
    Environment(
        "shared", env="prod", grafana="12.4", hosts=("zz-host",), datasources={"questdb": QuestDB(plugin="postgres")}
    ),
)
"""One of each plugin, one with the org's policies and one without."""


@dataclass(frozen=True)
class Kind:
    """How the smallest object of a class is made, and the project with it and without."""

    given: dict[str, Any]
    project: Callable[[Any], Project]
    without: Callable[[], Project] | None = None
    """None: nothing is left without it."""
    documents: frozenset[str] = DASHBOARDS | ALERTING
    """The kinds of document that the class is looked for in."""

    @property
    def base(self) -> frozenset[Leaf]:
        return leaves(self.without(), self.documents) if self.without else frozenset()


def whole(**given: Any) -> Project:
    return Project(**{"environments": ENVIRONMENTS, **given})


def board(*panels: Any, **given: Any) -> Project:
    rows = given.pop("rows", (Row("", panels),))
    return whole(dashboards=(Dashboard(uid="zz", title="Zz", rows=rows, **given),))


def panel(**given: Any) -> Project:
    return board(Panel("piechart", "Zz panel", SQL, **given))


def alerts(*rules: AlertRule, points: Iterable[ContactPoint] = (), **given: Any) -> Project:
    groups = (AlertGroup("zz-group", folder="Zz alerts", rules=rules),) if rules else ()
    return whole(alerts=groups, contact_points=tuple(points), **given)


def rule(**given: Any) -> AlertRule:
    own: dict[str, Any] = {"uid": "zz-rule", "title": "Zz rule", "query": SQL, "severity": "critical"}
    return AlertRule(**{**own, **({} if given.get("expressions") else {"threshold": 4711}), **given})


def routes(*found: Any) -> Project:
    return alerts(points=(HOOK,), policy=Policy("zz-point", routes=found))


def of_panel(field: str) -> Callable[[Any], Project]:
    return lambda it: panel(**{field: it})


def of_override(it: Any) -> Project:
    return panel(overrides=(Override(it, no_value="zz"),))


def overridden() -> Project:
    return of_override("zz")


def lines() -> Project:
    return board(TimeSeries("Zz panel", SQL))


def of_receiver(it: Any) -> Project:
    return alerts(points=(ContactPoint("zz-point", (it,)),))


def of_expression(it: Any) -> Project:
    """Behind a reduced query, and judged by a threshold unless it is one."""
    found = (Reduce("A"), it) if isinstance(it, (Threshold, Math)) else (it,)
    last = () if isinstance(it, Threshold) else (Threshold("C" if len(found) == 2 else "B", 1234),)
    return alerts(rule(expressions=(*found, *last)))


def hooked() -> Project:
    return alerts(points=(HOOK,))


def nights() -> Project:
    return alerts(mute_timings=(MuteTiming("zz-nights", (TimeInterval(years=("2031",)),)),))


def rules() -> Project:
    """Rules with all letters and both expressions that most have: what is around a further one."""
    chain = (Reduce("A"), Reduce("B"), Threshold("C", 1234))
    return alerts(
        rule(),
        rule(uid="zz-rule-2", expressions=chain),
        rule(uid="zz-rule-3", expressions=(*chain[:1], Threshold("B", 1234))),
    )


def panels(*kinds: type[Panel]) -> dict[type[Node], Kind]:
    found: dict[type[Node], Kind] = {}
    for cls in kinds:
        given = {"title": "Zz panel", **({"query": SQL} if cls.NEEDS_QUERY else {})}
        found[cls] = Kind(given, board, board)
    return found


def receivers(*classes: type[Receiver]) -> dict[type[Node], Kind]:
    return {cls: Kind({"uid": "zz-receiver"}, of_receiver, hooked) for cls in classes}


def variables(**kinds: dict[str, Any]) -> dict[type[Node], Kind]:
    return {
        getattr(dashgen, name): Kind(
            {"name": "zz_variable", **given}, lambda it: board(rows=(), variables=(it,)), lambda: board(rows=())
        )
        for name, given in kinds.items()
    }


def one(field: str) -> Callable[[Any], Project]:
    return lambda it: panel(**{field: (it,)})


KINDS: dict[type[Node], Kind] = {
    Dashboard: Kind({"uid": "zz", "title": "Zz", "rows": ()}, lambda it: whole(dashboards=(it,)), None),
    Row: Kind({"title": "Zz row"}, lambda it: board(rows=(it,)), lambda: board(rows=())),
    Annotation: Kind(
        {"name": "Zz events", "sql": SQL}, lambda it: board(rows=(), annotations=(it,)), lambda: board(rows=())
    ),
    Link: Kind({"title": "Zz link", "url": "/zz"}, lambda it: board(rows=(), links=(it,)), lambda: board(rows=())),
    **variables(
        QueryVariable={"sql": SQL},
        CustomVariable={"values": ("zz1", "zz2")},
        EnvironmentVariable={"values": ("prod", "zz2")},
        ConstantVariable={"value": "zz1"},
        TextVariable={},
        IntervalVariable={"values": ("11m", "22m")},
        DatasourceVariable={},
        RawVariable={"json": {"type": "zz"}},
    ),
    Panel: Kind({"kind": "piechart", "title": "Zz panel", "query": SQL}, board, board),
    **panels(TimeSeries, Stat, Gauge, BarGauge, Table, StateTimeline, BarChart, Heatmap, Text, AlertList),
    Query: Kind({"sql": SQL}, lambda it: board(Panel("piechart", "Zz panel", it)), panel),
    RawQuery: Kind({"json": {"zz": "zz-text"}}, lambda it: board(Panel("piechart", "Zz panel", it)), panel),
    DatasourceRef: Kind(
        {"type": "zz-type", "uid": "zz-uid"},
        lambda it: board(Panel("piechart", "Zz panel", RawQuery({"zz": "zz-text"}, datasource=it))),
        lambda: board(Panel("piechart", "Zz panel", RawQuery({"zz": "zz-text"}))),
    ),
    SharedQuery: Kind({"panel": "zz-key"}, lambda it: board(Panel("piechart", "Zz panel", it)), panel),
    RawPanel: Kind({"json": {"type": "zz-type", "title": "Zz panel"}}, board, board),
    RawAnnotation: Kind({"json": {"name": "zz"}}, lambda it: board(rows=(), annotations=(it,)), lambda: board(rows=())),
    Legend: Kind({}, lambda it: board(TimeSeries("Zz panel", SQL, legend=it)), lines),
    Tooltip: Kind({}, lambda it: board(TimeSeries("Zz panel", SQL, tooltip=it)), lines),
    SortBy: Kind(
        {"column": "zz"},
        lambda it: board(Table("Zz panel", SQL, sort_by=(it,))),
        lambda: board(Table("Zz panel", SQL)),
    ),
    **{
        cls: Kind(given, one("transformations"), panel)
        for cls, given in ((Transformation, {"id": "zz"}), (Organize, {}), (JoinByField, {}))
    },
    Thresholds: Kind({"base": "dark-red", "steps": ((4711, "dark-blue"),)}, of_panel("thresholds"), panel),
    ColorScheme: Kind({"mode": "palette-classic"}, of_panel("color"), panel),
    ValueMapping: Kind({"value": "zz"}, one("mappings"), panel),
    RangeMapping: Kind({"low": 4711, "high": 4712}, one("mappings"), panel),
    RegexMapping: Kind({"pattern": "zz"}, one("mappings"), panel),
    SpecialMapping: Kind({"match": "nan"}, one("mappings"), panel),
    DataLink: Kind({"title": "Zz link", "url": "/zz"}, one("data_links"), panel),
    Override: Kind({"match": "zz"}, one("overrides"), panel),
    ByRegex: Kind({"pattern": "zz"}, of_override, overridden),
    ByType: Kind({"type": "boolean"}, of_override, overridden),
    ByQuery: Kind({"query": "zz"}, of_override, overridden),
    FieldMatcher: Kind({"id": "zz"}, of_override, overridden),
    AlertGroup: Kind({"name": "zz-group", "folder": "Zz alerts"}, lambda it: whole(alerts=(it,))),
    RawRule: Kind(
        {"uid": "zz-raw", "json": {"title": "Zz raw", "data": [{"zz": "zz-text"}]}},
        lambda it: whole(alerts=(AlertGroup("zz-group", folder="Zz alerts", raw_rules=(it,)),)),
    ),
    AlertRule: Kind(
        {"uid": "zz-rule", "title": "Zz rule", "query": SQL, "severity": "critical", "threshold": 4711}, alerts
    ),
    Reduce: Kind({"input": "A"}, of_expression, rules),
    Math: Kind({"expression": "$B * 4711"}, of_expression, rules),
    Resample: Kind(
        {"input": "A", "window": "11m"},
        lambda it: alerts(rule(expressions=(it, Reduce("B"), Threshold("C", 4711)))),
        rules,
    ),
    Threshold: Kind({"input": "B", "threshold": 4711}, of_expression, rules),
    Expression: Kind({"given": {"type": "math", "expression": "$A"}}, of_expression, rules),
    PanelRef: Kind(
        {"dashboard": HOME, "key": "zz-now"},
        lambda it: alerts(rule(panel=it), dashboards=(HOME,)),
        lambda: alerts(rule(), dashboards=(HOME,)),
    ),
    ContactPoint: Kind({"name": "zz-point", "receivers": (Discord("zz-hook"),)}, lambda it: alerts(points=(it,))),
    Slack: Kind({"uid": "zz-receiver", "url": "${ZZ}"}, of_receiver, hooked),
    **receivers(Telegram, Discord, Email, Webhook, PagerDuty, Opsgenie, Teams),
    RawReceiver: Kind({"uid": "zz-receiver", "type": "zz", "settings": {"zz": "zz"}}, of_receiver, hooked),
    Policy: Kind(
        {"receiver": "zz-point"}, lambda it: alerts(points=(HOOK,), policy=it), lambda: alerts(points=(HOOK,))
    ),
    Route: Kind({"receiver": "zz-point", "matchers": (Match("zz", "=", "zz1"),)}, routes, routes),
    ChannelRoute: Kind({"channel": "zz-point"}, routes, routes),
    Match: Kind({"label": "zz", "operator": "=", "value": "zz1"}, lambda it: routes(Route(matchers=(it,))), routes),
    MuteTiming: Kind(
        {"name": "zz-nights", "intervals": (TimeInterval(months=("1:3",)),)}, lambda it: alerts(mute_timings=(it,))
    ),
    TimeInterval: Kind({"months": ("1:3",)}, lambda it: alerts(mute_timings=(MuteTiming("zz-nights", (it,)),)), nights),
    Template: Kind({"name": "zz", "text": "zz-text"}, lambda it: alerts(templates=(it,))),
    QuestDB: Kind(
        {}, lambda it: whole(environments=(Environment("zz", datasources={"questdb": it}),)), None, DATASOURCES
    ),
    Folder: Kind(
        {"uid": "zz-folder", "title": "Zz folder"},
        lambda it: whole(environments=(Environment("zz", folders={"default": it}),), dashboards=(EMPTY,)),
        None,
        PROVIDERS,
    ),
    Environment: Kind({"name": "zz"}, lambda it: whole(environments=(it,), dashboards=(EMPTY,)), None, PROVIDERS),
}

NOT_RENDERED = {
    **dict.fromkeys(
        (Addressable, FieldOptions, Variable, Choice, Grouping, Receiver), "a base of others, not written by itself"
    ),
    **dict.fromkeys((ForeignPanel, ForeignDashboard), "another library's: test_foreign"),
    DeferredDashboard: "not rendered again, because nothing of it changed",
    Ignore: "read by `dashgen check` only",
    Project: "what all others are in",
}


def walk(data: Json, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from walk(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list) and data:
        for value in data:
            yield from walk(value, f"{path}[]")
    else:
        yield path, str(data) if isinstance(data, (dict, list)) else "null" if data is None else data


def leaves(project: Project, documents: frozenset[str]) -> frozenset[Leaf]:
    """All that Grafana would read in documents of these kinds, in every environment."""
    found: set[Leaf] = set()
    for environment in project.environments:
        for document in render(project, environment):
            if document.schema is not None and document.schema in documents:
                found |= {(document.schema, path, value) for path, value in walk(parsed(document))}
    return frozenset(found)


@cache
def smallest(cls: type[Node]) -> frozenset[Leaf]:
    """What a document says with the smallest object of the class."""
    kind = KINDS[cls]
    return leaves(kind.project(made(cls, kind.given)), kind.documents)


def scalars(value: object) -> Iterator[object]:
    """What an author wrote, down to texts and numbers."""
    if isinstance(value, Node):
        for name, f in fields(type(value)).items():
            if f.init and getattr(value, name) is not f.default:
                yield from scalars(getattr(value, name))
    elif isinstance(value, typing.Mapping):
        for key, item in value.items():
            yield from (key, *scalars(item))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from scalars(item)
    else:
        yield value


def made(cls: type[Node], given: dict[str, Any]) -> Any:
    steps = given.get("steps", ()) if cls is Thresholds else ()  # which are given by position
    return cls(
        *((given["base"], *steps) if cls is Thresholds else ()),
        **given if not steps else {k: v for k, v in given.items() if k not in ("base", "steps")},
    )


def written(value: object, by: Iterable[object]) -> bool:
    """Whether a value is one of those that an author wrote, or a text with it."""
    for one in by:
        if type(value) is type(one) and value == one:
            return True
        if (
            isinstance(value, (int, float))
            and isinstance(one, (int, float))
            and not isinstance(one, bool)
            and value == one
        ):
            return True
        if isinstance(value, str) and len(str(one)) > 1 and str(one) in value:
            return True
    return False


def unwritten(cls: type[Node]) -> frozenset[Leaf]:
    """What came with the smallest object of a class and is not in its arguments."""
    by = list(scalars(tuple(KINDS[cls].given.values())))
    return frozenset(leaf for leaf in smallest(cls) - KINDS[cls].base if not written(leaf[2], by))


SAMPLES: dict[tuple[str, str], dict[str, Any]] = {
    ("Link", "dashboard"): {"url": "", "dashboard": HOME},
    ("Link", "tags"): {"url": "", "tags": ("zz-tag",)},
    ("DataLink", "dashboard"): {"url": "", "dashboard": HOME},
    ("DataLink", "variables"): {"url": "", "dashboard": HOME, "variables": {"zz": "zz-text"}},
    ("CustomVariable", "default"): {"default": "zz2"},
    ("AlertList", "states"): {"states": ("normal",)},
    ("Dashboard", "refresh_intervals"): {"refresh_intervals": ("11m",)},
    ("Panel", "at"): {"at": (7, 11)},
    ("RawPanel", "at"): {"at": (7, 11)},
    ("Choice", "all_value"): {"include_all": True, "all_value": "zz-text"},
    ("QueryVariable", "all_value"): {"include_all": True, "all_value": "zz-text"},
    ("CustomVariable", "all_value"): {"include_all": True, "all_value": "zz-text"},
    ("EnvironmentVariable", "all_value"): {"include_all": True, "all_value": "zz-text"},
    ("IntervalVariable", "auto_count"): {"auto": True, "auto_count": 77},
    ("IntervalVariable", "auto_min"): {"auto": True, "auto_min": "33m"},
    ("Legend", "calcs"): {"calcs": ("max",)},
    ("Legend", "width"): {"width": 777},
    ("AlertRule", "ref_ids"): {"ref_ids": {"B": "zz"}},
    ("AlertRule", "replace_with"): {"nulls": "replace", "replace_with": 1234},
    ("AlertRule", "nulls"): {"nulls": "replace", "replace_with": 1234},
    ("AlertRule", "expressions"): {"threshold": None, "expressions": (Reduce("A"), Threshold("B", 1234))},
    ("AlertRule", "panel"): {"panel": PanelRef(HOME, "zz-now")},
    ("AlertRule", "link_variables"): {"panel": PanelRef(HOME, "zz-now"), "link_variables": ("zz",)},
    ("Reduce", "replace_with"): {"nulls": "replace", "replace_with": 1234},
    ("Reduce", "nulls"): {"nulls": "replace", "replace_with": 1234},
    ("Slack", "token"): {"url": None, "token": "${ZZ}", "recipient": "zz"},
    ("Email", "addresses"): {"addresses": ("zz@example.com",)},
    ("Environment", "grafana"): {"grafana": "12.4"},
    ("Environment", "update_seconds"): {"update_seconds": 77},
    ("Environment", "folders"): {"folders": {"default": Folder("zz-folder", "Zz folder")}},
    ("Environment", "datasources"): {"datasources": {"questdb": QuestDB(uid="zz-uid")}},
}
"""Arguments with what they can't do without, where the first that fits would not do."""
CAN_NOT_BE_GIVEN = {("ConstantVariable", "placement"): "it is hidden"}
FITTING: tuple[object, ...] = (
    "zz-text", True, 7, 0.25, "11m", "now-11m", ("zz-text",), {"zz": "zz-text"}, "dark-orange", "/zz", "percent",
    "$A * 4711", "https://zz.example.com", "${ZZ}", "1:3", ("1:3",), (("01:00", "02:00"),), "B", "A",
    (Ignore("DG101", reason="zz"),),
)  # fmt: skip


def fitting(cls: type[Node], name: str) -> Iterator[dict[str, Any]]:
    """Arguments that give a field another value than its default, the simplest first."""
    if (cls.__name__, name) in SAMPLES:
        yield SAMPLES[cls.__name__, name]
        return
    default = fields(cls)[name].default
    if isinstance(default, bool):
        yield {name: not default}
        return
    for hint in hints(cls, name):
        if hint != default:
            yield {name: hint}
    for value in FITTING:
        yield {name: value}
    for other, kind in KINDS.items():
        it = made(other, kind.given)
        yield {name: it}
        yield {name: (it,)}


def hints(cls: type[Node], name: str) -> Iterator[object]:
    """The values of a field that is one of some."""
    names = {**vars(typing), **vars(dashgen), **{n: getattr(dashgen, n) for n in dashgen.MODULES}}
    for owner in cls.__mro__:
        if name in getattr(owner, "__annotations__", {}):
            import sys

            hint = eval(owner.__annotations__[name], {**names, **vars(sys.modules[owner.__module__])})
            if isinstance(default := fields(cls)[name].default, str) or default is None:
                yield from _literals(hint)
            return


def _literals(hint: object) -> Iterator[object]:
    if typing.get_origin(hint) is typing.Literal:
        yield from typing.get_args(hint)
    else:
        for part in typing.get_args(hint):
            yield from _literals(part)


@cache
def brought(cls: type[Node], name: str) -> tuple[dict[str, Any], frozenset[Leaf]] | None:
    """An argument for one field, and what came with it beside its own value; None where nothing fits. One
    argument that adds one value is that value, whatever Grafana calls it."""
    kind = KINDS[cls]
    for given in fitting(cls, name):
        try:
            it = made(cls, {**kind.given, **given})
        except (SpecError, TypeError, ValueError):
            continue
        after = leaves(kind.project(it), kind.documents)
        new = after - smallest(cls)
        by = list(scalars(tuple(given.values())))
        return given, frozenset(leaf for leaf in new if len(new) > 1 and not written(leaf[2], by))
    return None


def optional(cls: type[Node]) -> list[str]:
    return [
        name for name, f in fields(cls).items() if f.init and f.default is not MISSING and name not in KINDS[cls].given
    ]


def holds_kinds(given: dict[str, Any]) -> bool:
    """Whether an argument is an object that is held by itself. A panel's links are rendered in another way than a
    dashboard's, which is how links are held."""
    inside = [item for value in given.values() for item in (value if isinstance(value, tuple) else (value,))]
    return any(type(item) in KINDS and not isinstance(item, (Link, PanelRef)) for item in inside)
