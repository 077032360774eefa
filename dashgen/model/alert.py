"""Alert rules and the groups that they are evaluated in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, cast, get_args

from dashgen.model import checks
from dashgen.model.checks import NOTHING
from dashgen.model.dashboard import PanelRef
from dashgen.model.expression import (
    NUMBER,
    SERIES,
    AlertReducer,
    AnyExpression,
    Fires,
    Kind,
    Math,
    Nulls,
    Reduce,
    Threshold,
    comparison,
    expression,
    limit,
    limit_problem,
    null_handling,
    reducer_name,
    ref_id,
    references,
    substitute,
)
from dashgen.model.node import Node, Wrong, checked, node
from dashgen.model.problems import captured
from dashgen.model.query import AnyQuery, Query, queries

Severity = Literal["critical", "warning", "info"]
NoDataState = Literal["Alerting", "NoData", "OK", "KeepLast"]
ErrorState = Literal["Alerting", "Error", "OK", "KeepLast"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_QUERIES = 4
TITLE_LENGTH = 190
"""Grafana's column for titles and group names (pkg/services/sqlstore/migrations/ualert)."""
EVERY = 10
"""Seconds of the scheduler's tick: an interval that is no multiple of it stops Grafana at start (grafana-facts)."""
STATIC_LABELS = ("env", "severity", "channels")
"""Labels that the build sets. NoData and Error instances have the rule's labels and none of the query's."""
_RESERVED = frozenset({*STATIC_LABELS, "alertname", "grafana_folder", "rulename"})
_FOR_DURATION = re.compile(r"[0-9]+[smh]\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def short_title(value: object) -> str:
    text = checks.text(value)
    if len(text) > TITLE_LENGTH:
        raise Wrong(f"at most {TITLE_LENGTH} characters", f"it has {len(text)}")
    return text


def _for(value: object) -> str:
    if isinstance(value, str) and _FOR_DURATION.match(value):
        return value
    raise Wrong("a duration like '30s', '5m', '1h'", "one number and one of s, m, h")


def _whole_seconds(value: object) -> str:
    text = checks.duration(value)
    if checks.seconds(text) % 1:
        raise Wrong("whole seconds, like '30s'", "Grafana keeps no parts of one")
    return text


def _window(value: object) -> str:
    text = _whole_seconds(value)
    if not checks.seconds(text):
        raise Wrong("a duration of at least '1s'", "Grafana refuses an empty range, and would not start")
    return text


def _labels(value: object) -> object:
    kept = checks.mapping(checks.any_text)(value)
    wrong = []
    for name in cast("Mapping[str, str]", kept):
        if not _LABEL.match(name) or name.startswith("__"):
            wrong.append(f"label names of letters, digits and '_'; {name!r} is none")
        if name in _RESERVED:
            wrong.append(f"labels of your own; {name!r} is set by dashgen or Grafana")
    if wrong:
        raise Wrong(", and ".join(wrong))
    return kept


def _annotations(value: object) -> object:
    kept = checks.mapping(_annotation)(value)
    for name in cast("Mapping[str, str]", kept):
        if not _LABEL.match(name) or name.startswith("__"):
            raise Wrong(f"annotation names of letters, digits and '_'; {name!r} is none")
    return kept


def _annotation(value: object) -> str:
    text = checks.any_text(value)
    if "${" in text:
        # the newest Grafana expands it as a variable of its process, older ones don't (grafana-facts)
        raise Wrong("a text without '${'", "Grafana versions differ in whether they expand it")
    return text


def _url(value: object) -> str:
    text = _annotation(value)
    if text and not text.startswith(("http://", "https://", "/")):
        raise Wrong("an address that starts with http://, https:// or /")
    return text


class Step(NamedTuple):
    """A query or an expression of a rule under its letter."""

    ref_id: str
    what: Query | AnyExpression


@node
class AlertRule(Node):
    """Fires where a number crosses a threshold: `AlertRule(uid="daemon-silent", title="Daemon silent", query=SQL,
    threshold=60, for_duration="30s", severity="critical", channels=("telegram", "email"))`.

    The query gives one number a row, text columns become labels, and it gives a row while all is well too. In its
    SQL `${env:sqlstring}` is the environment's `env`, `${hosts:rows}` its fleet as rows (`dashgen.datasource.bound`).
    Rendered: query A, reduce B, threshold C. Several queries are A to D; `condition` then names the one that is
    judged, or `math` computes one number from them (`"$A / $B"`), or `expressions` say all of it.
    """

    uid: str = checked(checks.uid)
    title: str = checked(short_title)
    query: AnyQuery | tuple[AnyQuery, ...] = checked(queries)
    severity: Severity = checked(checks.one_of(get_args(Severity)))
    threshold: float | tuple[float, float] | None = checked(checks.maybe(limit), default=None)
    fires: Fires = checked(comparison, default="above")
    condition: str = checked(ref_id, default="")
    channels: tuple[str, ...] = checked(checks.many(checks.text), default=())
    """Names of contact points; each is reached."""
    for_duration: str = checked(_for, default="0s")
    keep_firing_for: str = checked(_for, default="")
    """Grafana 12 and newer; others ignore it."""
    reducer: AlertReducer = checked(reducer_name, default="last")
    nulls: Nulls = checked(null_handling, default="drop")
    replace_with: float | None = checked(checks.maybe(checks.number), default=None)
    math: str = checked(checks.text, default="")
    expressions: tuple[AnyExpression, ...] = checked(checks.many(expression), default=())
    window: str = checked(_window, default="5m")
    """How far back `$__timeFilter` reaches."""
    delay: str = checked(_whole_seconds, default="0s")
    """How long before the evaluation that ends."""
    datasource: str = checked(checks.text, default="questdb")
    no_data: NoDataState = checked(checks.one_of(get_args(NoDataState)), default="NoData")
    on_error: ErrorState = checked(checks.one_of(get_args(ErrorState)), default="Error")
    labels: Mapping[str, str] = checked(_labels, default=NOTHING)
    summary: str = checked(_annotation, default="")
    description: str = checked(_annotation, default="")
    runbook_url: str = checked(_url, default="")
    owner: str = checked(_annotation, default="")
    command: str = checked(_annotation, default="")
    """What to type first."""
    annotations: Mapping[str, str] = checked(_annotations, default=NOTHING)
    panel: PanelRef | None = checked(checks.maybe(checks.a(PanelRef)), default=None)
    link_variables: tuple[str, ...] = checked(checks.many(checks.name), default=())
    """Variables of the panel's dashboard that the link sets from labels of the same name; `env` is always set."""
    paused: bool = checked(checks.flag, default=False)

    def __post_init__(self) -> None:
        for name in ("summary", "description", "runbook_url", "owner", "command"):
            if name in self.annotations:
                self.problem(f"annotations: {name!r} has a field of its own", f"{name}=…", f"annotations.{name}")
        for name in sorted({c for c in self.channels if self.channels.count(c) > 1}):
            self.problem(f"channels: {name!r} is named twice")
        for name in self.channels:
            if "," in name:
                self.problem(f"channels: {name!r} has a comma", "it separates the names in the label")
        if len(self.queries) > MAX_QUERIES:
            self.problem(f"query: expected at most {MAX_QUERIES} queries (A to D), got {len(self.queries)}")
        replaced = (self.nulls == "replace") == (self.replace_with is not None)
        if not replaced:
            field = "nulls" if self.replace_with is None else "replace_with"
            self.problem('replace_with belongs to nulls="replace"', "give both, or neither", field)
        wrong = limit_problem(self.threshold, self.fires)
        if wrong and self.refused.isdisjoint({"threshold", "fires"}):
            self.problem(wrong)
        if self._pipeline() and replaced:
            self._kinds()

    def _pipeline(self) -> bool:
        """Whether the steps can be told; says why not."""
        known = LETTERS[: len(self.queries)]
        if self.expressions:
            known = LETTERS[: len(self.queries) + len(self.expressions)]
            if self.math:
                self.problem("has both math and expressions", "make the math one of the expressions", "math")
        elif self.threshold is None:
            if "threshold" not in self.refused:
                self.problem("needs threshold", "or expressions=(…) that end in one")
            return False
        elif self.math:
            unknown = [name for name in references(self.math) if name not in known]
            if unknown or not references(self.math):
                what = f"names {', '.join(unknown)}" if unknown else "names no query"
                self.problem(f"math: {what}; it has {', '.join(known)}", "$A is the first query's result")
                return False
            if self.condition:
                self.problem("condition: math already says what is judged", "leave condition out")
        elif len(self.queries) > 1 and not self.condition:
            self.problem(
                f"has {len(self.queries)} queries and no condition",
                "condition='A' … names the one that is judged",
                "query",
            )
            return False
        if self.condition and self.condition not in known:
            self.problem(
                f"condition: expected one of {', '.join(known)}, got {self.condition!r}",
                "Grafana would accept it, and the rule would fail at every evaluation",
            )
            return False
        return True

    def _kinds(self) -> None:
        """Checks that expressions read what is there, and that only numbers are judged."""
        kinds: dict[str, Kind] = {}
        for letter, what in self.steps:
            if isinstance(what, Query):
                kinds[letter] = SERIES if what.format == "time_series" else NUMBER
                continue
            missing = [name for name in what.inputs if name not in kinds]
            if missing:
                self.problem(
                    f"{letter} reads {', '.join(missing)}, which is not before it",
                    f"before it: {', '.join(kinds)}",
                    "expressions",
                )
                return
            inputs = tuple(kinds[name] for name in what.inputs)
            if isinstance(what, Threshold) and SERIES in inputs:
                self.problem(
                    f"{letter}, a threshold, judges the time series {what.inputs[0]}",
                    "put a Reduce before it: Grafana refuses it at every evaluation",
                    "expressions",
                )
            kinds[letter] = what.result(inputs)
        if kinds[self.condition_ref] == SERIES:
            self.problem(
                f"its condition {self.condition_ref} is a time series",
                "reduce it: only numbers can be judged",
                "condition" if self.condition else "expressions" if self.expressions else "query",
            )

    @property
    def queries(self) -> tuple[Query, ...]:
        """What was given as `query`, as its check keeps it: A, B, …"""
        return cast("tuple[Query, ...]", self.query)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that Grafana evaluates, in its order: the queries, then the expressions."""
        with captured():  # what is wrong with the rule was said of the rule
            return _steps(self)

    @property
    def condition_ref(self) -> str:
        """The letter whose result decides."""
        if self.expressions and self.threshold is None and self.condition:
            return self.condition
        return self.steps[-1].ref_id

    def called(self) -> str:
        return f"AlertRule {self.uid!r}"


def _steps(rule: AlertRule) -> tuple[Step, ...]:
    found: list[Step] = [Step(LETTERS[i], query) for i, query in enumerate(rule.queries)]

    def add(what: AnyExpression) -> str:
        letter = LETTERS[len(found)]
        found.append(Step(letter, what))
        return letter

    if rule.expressions:
        letters = [add(what) for what in rule.expressions]
        judged = rule.condition or letters[-1]
    else:
        targets = references(rule.math) if rule.math else (rule.condition or "A",)
        reduced = {target: add(Reduce(target, rule.reducer, nulls=rule.nulls, **_replaced(rule))) for target in targets}
        judged = add(Math(substitute(rule.math, reduced))) if rule.math else reduced[targets[0]]
    if rule.threshold is not None:
        add(Threshold(judged, rule.threshold, fires=rule.fires))
    return tuple(found)


def _replaced(rule: AlertRule) -> dict[str, float]:
    return {} if rule.replace_with is None else {"replace_with": rule.replace_with}


def _interval(value: object) -> str:
    text = checks.duration(value)
    length = checks.seconds(text)
    if length < EVERY or length % EVERY:
        raise Wrong(f"a multiple of {EVERY}s", "Grafana would not start")
    return text


def folder_title(value: object) -> str:
    text = short_title(value)
    if "/" in text:
        raise Wrong("a folder's title without '/'", "folders of alerts can't be nested")
    return text


@node
class AlertGroup(Node):
    """Rules that are evaluated one after the other, every `interval`. `folder` is the title of a folder that Grafana
    makes for alerts; it must not be one of dashboards."""

    name: str = checked(short_title, kw_only=False)
    folder: str = checked(folder_title)
    interval: str = checked(_interval, default="10s")
    rules: tuple[AlertRule, ...] = checked(checks.many(checks.a(AlertRule)), default=())
