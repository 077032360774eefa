"""The ways in which a query is run: time ranges, and what may be chosen in the dashboard's variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dashgen.check.expansion import Case
from dashgen.check.imported_variables import Theirs
from dashgen.check.rule import Subject
from dashgen.check.unquoted_variables import is_spliced
from dashgen.grafana.datasources.execution import UNSENT_INTERVAL_NS
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, browser_interval
from dashgen.grafana.datasources.listed_options import automatic
from dashgen.grafana.datasources.plugins import PLUGINS, id_of
from dashgen.grafana.datasources.variables import ALL, ChosenVariable
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.durations import Duration
from dashgen.model.dashboards import variable as model
from dashgen.model.dashboards.foreign import ForeignPanel, RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.sql.lexer import variables as variables_in

REFERENCE_NS = 1_767_623_696_789 * MS
"""The frozen end of every range, 2026-01-05T14:34:56.789Z: the same text each day, so that answers can be kept."""
RANGES = {"5m": 300, "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000, "90d": 7_776_000}
USUAL = "6h"
"""What dashboards open with, and the only range that variables have which are refreshed on load (scenes'
QueryVariable.tsx: `getDefaultTimeRange`)."""
SCREEN_PIXELS = 1850
"""What 24 grid columns have on a screen of 1920 pixels; a panel asks for as many points as it has pixels."""
ANNOTATION_POINTS = 1920
"""The window's width (scenes' standardAnnotationQuery.ts)."""
SAMPLES = ("sample-01", "sample-02")
QUOTED = "o'brien"
_MANY = 20


def cases(subject: Subject) -> Iterator[Case]:
    """Every range with the variables as a dashboard opens; then each other choice of a variable, over the usual
    range. An alert rule has its one window."""
    if isinstance(subject.owner, AlertRule):
        yield _window(subject.owner)
        return
    choosable = choices(subject)
    usual = tuple(of[0][1] for of in choosable)
    for name, length in RANGES.items():
        if name == USUAL or not _loads_once(subject):
            yield case(subject, name, length, usual)
    for index, of in enumerate(choosable):
        for text, chosen in of[1:]:
            others = (*usual[:index], chosen, *usual[index + 1 :])
            usually = case(subject, f"{USUAL}, {chosen.name}: {text}", RANGES[USUAL], others)
            yield replace(usually, is_choice=True)


def choices(subject: Subject) -> tuple[tuple[tuple[str, ChosenVariable], ...], ...]:
    """Of each variable that the query uses, what may be chosen, the first choice first, each with a word for it."""
    used = {ref.name for ref in variables_in(subject.sql)}
    known = subject.dashboard.variables if subject.dashboard else ()
    ours = (tuple(_choices(v, subject)) for v in known if v.name in used)
    others = (tuple(_their_choices(v, subject)) for v in subject.theirs if v.name in used)
    return tuple(found for found in (*ours, *others) if found)


def uninterpreted(subject: Subject) -> str:
    """Why what a viewer's choice makes of the query can't be told; empty where it can."""
    used = {ref.name for ref in variables_in(subject.sql)}
    for theirs in subject.theirs:
        if theirs.reason and theirs.name in used:
            return f"it uses ${theirs.name}: {theirs.reason}"
    known = subject.dashboard.variables if subject.dashboard else ()
    unknown = [v.name for v in known if isinstance(v, model.QueryVariable)]
    unknown += [v.name for v in subject.theirs if v.kind == "query" and not v.values]
    for name in unknown:
        if name in used and is_spliced(subject.sql, name):
            return f"${name} is inserted unquoted, and its values are known to its query only"
    return ""


def case(
    subject: Subject, name: str, length: int, chosen: tuple[ChosenVariable, ...], end_ns: int = REFERENCE_NS
) -> Case:
    """A range up to `end_ns`, with the interval that the subject's panel would ask for."""
    time_range = TimeRange(end_ns - length * SECOND, end_ns)
    if subject.role == "variable":
        return Case(name, time_range, UNSENT_INTERVAL_NS, chosen)
    lowest = subject.min_interval or PLUGINS[subject.plugin].lowest_interval
    return Case(name, time_range, browser_interval(time_range, points(subject), lowest).ns, chosen)


def _window(rule: AlertRule) -> Case:
    """An evaluation's range; the scheduler's clock has nanoseconds."""
    end = REFERENCE_NS + 123_456 - int(Duration.parse(rule.delay).seconds * SECOND)
    begin = end - int(Duration.parse(rule.window).seconds * SECOND)
    return Case(rule.window, TimeRange(begin, end), UNSENT_INTERVAL_NS)


def _loads_once(subject: Subject) -> bool:
    return isinstance(subject.owner, model.QueryVariable) and subject.owner.refresh == "load"


def points(subject: Subject) -> int:
    """`maxDataPoints`: the panel's own, else its width in pixels."""
    if subject.role != "panel":
        return ANNOTATION_POINTS
    if isinstance(subject.owner, Panel):
        return subject.owner.max_data_points or SCREEN_PIXELS * subject.owner.width // 24
    if isinstance(subject.owner, (ForeignPanel, RawPanel)):
        return subject.owner.data.get("maxDataPoints") or SCREEN_PIXELS * _columns(subject.owner) // 24
    return SCREEN_PIXELS // 2


def _columns(panel: ForeignPanel | RawPanel) -> int:
    return panel.width if isinstance(panel, RawPanel) else panel.size[0]


def _choices(value: model.Variable, subject: Subject) -> Iterator[tuple[str, ChosenVariable]]:
    if isinstance(value, model.Choice):
        yield from _several(value, subject)
    elif isinstance(value, model.ConstantVariable):
        yield "constant", ChosenVariable(value.name, value.value)
    elif isinstance(value, model.TextVariable):
        yield "default", ChosenVariable(value.name, value.default)
        yield "a quote", ChosenVariable(value.name, QUOTED)
    elif isinstance(value, model.IntervalVariable):
        for text in value.values[:_MANY]:
            yield text, ChosenVariable(value.name, text)


def _several(value: model.Choice, subject: Subject) -> Iterator[tuple[str, ChosenVariable]]:
    listed = _listed(value, subject)
    options = listed or SAMPLES

    def chosen(what: str | tuple[str, ...]) -> ChosenVariable:
        guard = (value.all_value or None) if value.include_all else None
        return ChosenVariable(value.name, what, value.multi, value.include_all, guard, options)

    def one(text: str) -> str | tuple[str, ...]:
        return (text,) if value.multi else text

    every = ("All", chosen((ALL,) if value.multi else ALL))
    if value.include_all and value.default is None:
        yield every
    for text in options[: _MANY if listed else 1]:
        yield repr(text), chosen(one(text))
    if value.multi:
        yield "several", chosen(options[:2] if len(options) > 1 else (options[0], options[0]))
    if value.include_all and value.default is not None:
        yield every
    if not listed:
        yield "a quote", chosen((options[0], QUOTED) if value.multi else QUOTED)


def _their_choices(value: Theirs, subject: Subject) -> Iterator[tuple[str, ChosenVariable]]:
    if value.kind in ("query", "custom"):
        yield from _their_several(value, subject)
    elif value.kind == "interval":
        for text in value.values[:_MANY]:
            yield text, ChosenVariable(value.name, text)
        if value.auto:
            usual = TimeRange(REFERENCE_NS - RANGES[USUAL] * SECOND, REFERENCE_NS)
            least, buckets = value.auto
            yield "auto", ChosenVariable(value.name, automatic(usual, least, buckets).text)
    elif value.kind == "datasource":
        known = subject.environment.datasources.values()
        uid = next((ds.uid for ds in known if id_of(ds.plugin) == value.values[0]), "")
        yield "datasource", ChosenVariable(value.name, subject.environment.uid_prefix + uid)
    else:
        yield "default", ChosenVariable(value.name, value.values[0])
        if value.kind == "textbox" and not is_spliced(subject.sql, value.name):
            yield "a quote", ChosenVariable(value.name, QUOTED)


def _their_several(value: Theirs, subject: Subject) -> Iterator[tuple[str, ChosenVariable]]:
    invents = value.kind == "query" and not is_spliced(subject.sql, value.name)
    options = value.values or SAMPLES

    def chosen(what: str | tuple[str, ...]) -> ChosenVariable:
        return ChosenVariable(value.name, what, value.multi, value.include_all, value.all_value, options)

    def one(text: str) -> str | tuple[str, ...]:
        return (text,) if value.multi and not value.repeats else text

    every = ("All", chosen((ALL,) if value.multi else ALL))
    has_all = value.include_all and not value.repeats
    if has_all and value.all_first:
        yield every
    for text in options[: _MANY if value.values else 1]:
        yield repr(text), chosen(one(text))
    if value.multi and not value.repeats:
        yield "several", chosen(options[:2] if len(options) > 1 else (options[0], options[0]))
    if has_all and not value.all_first:
        yield every
    if invents:
        yield "a quote", chosen((options[0], QUOTED) if value.multi and not value.repeats else QUOTED)


def _listed(value: model.Choice, subject: Subject) -> tuple[str, ...]:
    """The values that are written down, the one at first in front; none for those that a query finds."""
    if isinstance(value, model.CustomVariable):
        values, first = value.values, value.default
    elif isinstance(value, model.EnvironmentVariable):
        values, first = value.offered(subject.project.env_values), value.default or subject.environment.env
    else:
        return ()
    return tuple(sorted(values, key=lambda text: text != first))
