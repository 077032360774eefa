"""Alert rules and the groups that they are evaluated in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from dashgen.model.alerting.expression import (
    NUMBER,
    SERIES,
    UNKNOWN,
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
from dashgen.model.core import validators
from dashgen.model.core.counts import counted
from dashgen.model.core.durations import Duration
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.problems import captured
from dashgen.model.core.suggestions import listed
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.dashboard import PanelRef
from dashgen.model.dashboards.query import AnyQuery, Query, RawQuery, alert_queries

Severity = Literal["critical", "warning", "info"]
"""Severity of an alert rule, the value of its label `severity`."""
NoDataState = Literal["Alerting", "NoData", "OK", "KeepLast"]
"""State of a rule whose query returns no rows."""
ErrorState = Literal["Alerting", "Error", "OK", "KeepLast"]
"""State of a rule whose query fails."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_QUERIES = 4
TITLE_LENGTH = 190
"""Grafana's column for titles and group names (pkg/services/sqlstore/migrations/ualert)."""
EVERY = 10
"""Seconds of the scheduler's tick: an interval that is no multiple of it stops Grafana at start (docs/facts/grafana.md,
Alert rules in files)."""
STATIC_LABELS = ("env", "severity", "channels")
"""Labels that the build sets. NoData and Error instances have the rule's labels and none of the query's."""
TEXTS = ("summary", "description", "runbook_url", "owner", "command")
"""The annotations that have a field."""
_RESERVED = frozenset({*STATIC_LABELS, "alertname", "grafana_folder", "rulename"})
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def short_title(value: object) -> str:
    text = validators.text(value)
    if len(text) > TITLE_LENGTH:
        raise Wrong(f"at most {TITLE_LENGTH} characters", f"it has {len(text)}")
    return text


def _for(value: object) -> str:
    if isinstance(value, str) and Duration.read(value, ("s", "m", "h")) is not None:
        return value
    raise Wrong("a duration like '30s', '5m', '1h'", "one number and one of s, m, h")


def _whole_seconds(value: object) -> str:
    text = validators.duration(value)
    if Duration.parse(text).seconds % 1:
        raise Wrong("whole seconds, like '30s'", "Grafana stores whole seconds")
    return text


def _window(value: object) -> str:
    text = _whole_seconds(value)
    if not Duration.parse(text).seconds:
        raise Wrong("a duration of at least '1s'", "Grafana refuses an empty range, and would not start")
    return text


def _labels(value: object) -> object:
    kept = validators.mapping(validators.any_text)(value)
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
    kept = validators.mapping(_annotation)(value)
    for name in cast("Mapping[str, str]", kept):
        if not _LABEL.match(name) or name.startswith("__"):
            raise Wrong(f"annotation names of letters, digits and '_'; {name!r} is none")
    return kept


def _annotation(value: object) -> str:
    text = validators.any_text(value)
    if "${" in text:
        # the newest Grafana expands it as a variable of its process, older ones don't
        # (docs/facts/grafana.md, Variables in provisioning files)
        raise Wrong("a text without '${'", "Grafana versions differ in whether they expand it")
    return text


def _url(value: object) -> str:
    text = _annotation(value)
    if text and not text.startswith(("http://", "https://", "/")):
        raise Wrong("an address that starts with http://, https:// or /")
    return text


def _ref_ids(value: object) -> object:
    kept = cast("Mapping[str, str]", validators.mapping(validators.text)(value))
    for letter in kept:
        if letter not in LETTERS or len(letter) != 1:
            raise Wrong(f"letters of queries and expressions; {letter!r} is none", "ref_ids={'B': 'C'}")
    if len(set(kept.values())) < len(kept):
        raise Wrong("names that differ", "Grafana would take two steps for one")
    return kept


def _raw_rule(value: object) -> object:
    kept = validators.json_object(value)
    if not isinstance(kept.get("title"), str) or not isinstance(kept.get("data"), tuple):
        raise Wrong("a rule of a provisioning file, with its title and data")
    return kept


AlertTarget: TypeAlias = Query | RawQuery
"""What an alert rule asks: SQL of the environment's data sources, or the query of another one."""


class Step(NamedTuple):
    """A query or an expression of a rule under its letter."""

    ref_id: str
    what: AlertTarget | AnyExpression


@node
class AlertRule(Node):
    """A Grafana-managed alert rule that fires when a number crosses a threshold.

    `AlertRule(uid="daemon-silent", title="Daemon silent", query=SQL, threshold=60, severity="critical")`

    The query returns one number per row; text columns become labels. It must return rows in the normal state too. In
    its SQL `${env:sqlstring}` is the environment's `env`, and `${hosts:rows}` its `hosts` as rows. It is rendered as
    query A, reduce expression B and threshold expression C. Several queries get the refIds A to D; then `condition`
    names the one to evaluate, `math` computes one number from them, or `expressions` replaces the reduce and threshold
    expressions.
    """

    uid: str = checked(validators.uid)
    """Uid of the rule in Grafana: `uid="daemon-silent"`. A letter, then letters, digits, `-` and `_`, at most 40. With
    a changed uid it is a new rule; the build then writes the deletion of the old one (`uid`)."""
    title: str = checked(short_title)
    """Title of the rule and value of the label `alertname`; unique in its folder, at most 190 characters (`title`)."""
    query: AnyQuery | RawQuery | tuple[AnyQuery | RawQuery, ...] = checked(alert_queries)
    """SQL, a `Query`, or a tuple of up to four of either, which become A to D; a `RawQuery` asks another data source
    (`data.model.rawSql`)."""
    severity: Severity | None = checked(validators.literal())
    """Value of the label `severity`, which policies match. None, for imported rules only: no such label
    (`labels.severity`)."""
    threshold: float | tuple[float, float] | None = checked(validators.maybe(limit), default=None)
    """The threshold, in the unit of the compared number; `(low, high)` for `inside` and `outside`: `threshold=60`. None
    if `expressions` ends with a threshold (`data.model.conditions.evaluator.params`)."""
    fires: Fires = checked(comparison, default="above")
    """The side of the threshold on which the rule fires; it does not fire at the threshold itself. `fires="below"`
    (`data.model.conditions.evaluator.type`)."""
    condition: str = checked(ref_id, default="")
    """RefId of the alert condition: of one of several queries, or of one of the `expressions`: `condition="B"`. Empty:
    A, or the last expression."""
    channels: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Names of the contact points to notify, all of them: `channels=("telegram", "email")`. Empty: the notification
    policies decide by other labels (`labels.channels`)."""
    for_duration: str = checked(_for, default="0s")
    """Pending period: how long the condition must hold before the rule fires; until then it is Pending. A number and
    `s`, `m` or `h`: `for_duration="5m"` (`for`)."""
    keep_firing_for: str = checked(_for, default="")
    """How long the rule keeps firing after the condition no longer holds: `keep_firing_for="10m"`. Empty: not at all.
    Grafana 12 and newer; others ignore it (`keepFiringFor`)."""
    reducer: AlertReducer = checked(reducer_name, default="last")
    """Function that reduces a time series to one number; a table already has one number per row
    (`data.model.reducer`)."""
    nulls: Nulls = checked(null_handling, default="drop")
    """How the reducer treats missing values: `drop` ignores them, `strict` returns NaN, `replace` uses `replace_with`
    (`data.model.settings.mode`)."""
    replace_with: float | None = checked(validators.maybe(validators.number), default=None)
    """The number that replaces missing values: `replace_with=0`. Only with `nulls="replace"`."""
    math: str = checked(validators.text, default="")
    """Math expression over several queries, each of which is reduced first: `math="100 * $A / $B"`. Values are joined
    by their labels; Grafana silently drops values without a match."""
    expressions: tuple[AnyExpression, ...] = checked(validators.many(expression), default=())
    """The rule's expressions, instead of `reducer` and `math`; they get the refIds that follow those of the queries:
    `expressions=(Reduce("A", "max"), Threshold("B", 5))`."""
    window: str = checked(_window, default="5m")
    """Length of the time range of `$__timeFilter`, at least `1s`: `window="10m"` (`data.relativeTimeRange.from`)."""
    delay: str = checked(_whole_seconds, default="0s")
    """How long before the evaluation the window ends, to allow for rows that arrive late: `delay="30s"`
    (`data.relativeTimeRange.to`)."""
    datasource: str = checked(validators.text, default="questdb")
    """Name of a data source of the environment, for all queries that name none."""
    no_data: NoDataState = checked(validators.literal(), default="NoData")
    """State of the rule if the query returns no rows. `KeepLast` needs Grafana 10.4 or newer (`noDataState`)."""
    on_error: ErrorState = checked(validators.literal(), default="Error")
    """State of the rule if the query fails. `KeepLast` needs Grafana 10.4 or newer (`execErrState`)."""
    labels: Mapping[str, str] = checked(_labels, default=NOTHING)
    """Labels in addition to those of the query, which policies can match; the values may be Go templates:
    `labels={"team": "feeds"}` (`labels`)."""
    summary: str = checked(_annotation, default="")
    """One line for messages, a Go template: `summary="{{ $labels.host }} writes nothing"` (`annotations.summary`)."""
    description: str = checked(_annotation, default="")
    """Description of the problem, a Go template: `description="No row for {{ $values.B.Value }} s"`
    (`annotations.description`)."""
    runbook_url: str = checked(_url, default="")
    """URL of the runbook: `runbook_url="https://wiki/daemon-silent"` (`annotations.runbook_url`)."""
    owner: str = checked(_annotation, default="")
    """Team or person that owns the monitored system: `owner="feeds"` (`annotations.owner`)."""
    command: str = checked(_annotation, default="")
    """The first command to run in response: `command="ssh {{ $labels.host }} systemctl status feed"`
    (`annotations.command`)."""
    annotations: Mapping[str, str] = checked(_annotations, default=NOTHING)
    """Further annotations, by name; Go templates: `annotations={"impact": "prices are stale"}` (`annotations`).
    """
    panel: PanelRef | None = checked(
        validators.maybe(validators.a(PanelRef, hint="DASHBOARD['key of the panel']")), default=None
    )
    """The panel that shows the problem, `HEALTH["state"]`. Grafana links the alert to it, and notifications have its
    URL as `dashboard_url` (`annotations.__panelId__`)."""
    link_variables: tuple[str, ...] = checked(validators.many(validators.name), default=())
    """Variables of the panel's dashboard that `dashboard_url` sets from the alert's labels of the same name:
    `link_variables=("host",)`. `env` is always set."""
    paused: bool = checked(validators.flag, default=False)
    """True provisions the rule without evaluating it (`isPaused`)."""
    ref_ids: Mapping[str, str] = checked(_ref_ids, default=NOTHING)
    """RefIds in Grafana of queries and expressions, if they differ from the default letters: `ref_ids={"B": "C"}`. The
    fields of the rule use the letters, its templates these refIds (`data.refId`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered rule, without validation: `raw={"missing_series_evals_to_resolve": 3}`.
    None removes a key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls
    included."""
    imported: bool = checked(validators.flag, default=False)
    """True marks a rule that was imported from Grafana: it gets no label `env`, and needs no `severity`."""

    def __post_init__(self) -> None:
        if self.severity is None and not self.imported and "severity" not in self.refused:
            self.problem("severity: expected one of 'critical', 'warning' and 'info', got None", field="severity")
        for name in TEXTS:
            if name in self.annotations:
                self.problem(f"annotations: {name!r} has a field of its own", f"{name}=…", f"annotations.{name}")
        for name in sorted({c for c in self.channels if self.channels.count(c) > 1}):
            self.problem(f"channels: {name!r} is named twice", field="channels")
        for name in self.channels:
            if "," in name:
                self.problem(f"channels: {name!r} has a comma", "it separates the names in the label", field="channels")
        if len(self.targets) > MAX_QUERIES:
            self.problem(
                f"query: expected at most {MAX_QUERIES} queries (A to D), got {len(self.targets)}", field="query"
            )
        replaced = (self.nulls == "replace") == (self.replace_with is not None)
        if not replaced:
            field = "nulls" if self.replace_with is None else "replace_with"
            self.problem('replace_with belongs to nulls="replace"', "give both, or neither", field)
        wrong = limit_problem(self.threshold, self.fires)
        if wrong and self.refused.isdisjoint({"threshold", "fires"}):
            self.problem(wrong, field="threshold")
        if self._pipeline() and replaced:
            self._kinds()

    def _pipeline(self) -> bool:
        """Whether the steps can be told; says why not."""
        known = LETTERS[: len(self.targets)]
        if self.expressions:
            known = LETTERS[: len(self.targets) + len(self.expressions)]
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
                self.problem(f"math: {what}; it has {listed(known)}", "$A is the first query's result", field="math")
                return False
            if self.condition:
                self.problem("condition: math is the condition already", "leave condition out", field="condition")
        elif len(self.targets) > 1 and not self.condition:
            self.problem(
                f"has {counted(len(self.targets), 'query', 'queries')} and no condition",
                "condition='A' … names the condition",
                "query",
            )
            return False
        if self.condition and self.condition not in known:
            self.problem(
                f"condition: expected one of {listed(known)}, got {self.condition!r}",
                "Grafana would accept it, and the rule would fail at every evaluation",
                field="condition",
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
            if isinstance(what, RawQuery):
                kinds[letter] = UNKNOWN
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
                    f"{letter}, a threshold, compares the time series {what.inputs[0]}",
                    "put a Reduce before it: otherwise every evaluation fails in Grafana",
                    "expressions",
                )
            kinds[letter] = what.result(inputs)
        if kinds[self.condition_ref] == SERIES:
            self.problem(
                f"its condition {self.condition_ref} is a time series",
                "reduce it: a condition takes numbers only",
                "condition" if self.condition else "expressions" if self.expressions else "query",
            )

    @property
    def targets(self) -> tuple[AlertTarget, ...]:
        """What was given as `query`, as its check keeps it: A, B, …"""
        return cast("tuple[AlertTarget, ...]", self.query)

    @property
    def queries(self) -> tuple[Query, ...]:
        """Those of the environment's data sources."""
        return tuple([q for q in self.targets if isinstance(q, Query)])

    def ref_id(self, letter: str) -> str:
        """Grafana's name of a query or an expression."""
        return self.ref_ids.get(letter, letter)

    @property
    def texts(self) -> dict[str, str]:
        """What Grafana fills in for each of its instances, by field: `summary`, `annotations.team`, `labels.team`."""
        texts: dict[str, str] = {name: getattr(self, name) for name in TEXTS}
        texts |= {f"annotations.{name}": text for name, text in self.annotations.items()}
        return texts | {f"labels.{name}": text for name, text in self.labels.items()}

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
    found: list[Step] = [Step(LETTERS[i], query) for i, query in enumerate(rule.targets)]

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


@node
class RawRule(Node):
    """A rule that an `AlertRule` can't express, such as a recording rule, as in a provisioning file.

    `RawRule("rate", {"title": "Rate", "data": [{"refId": "A"}], "record": {"metric": "rate", "from": "A"}})` is
    rendered unchanged and is not checked. In its texts `${NAME}` in capitals is an environment variable of Grafana's
    process.
    """

    uid: str = checked(validators.grafana_uid, kw_only=False)
    """Uid of the rule in Grafana, unique in the org (`uid`)."""
    json: Mapping[str, Any] = checked(_raw_rule, kw_only=False)
    """The rule without `uid`: `json={"title": "Rate", "condition": "A", "data": [{"refId": "A"}]}` (`rules`)."""

    @property
    def title(self) -> str:
        return str(self.json["title"])


def _interval(value: object) -> str:
    text = validators.duration(value)
    length = Duration.parse(text).seconds
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
    """An evaluation group, whose rules are evaluated one after the other: `AlertGroup("daemons", folder="Alerts",
    rules=(DOWN,))`."""

    name: str = checked(short_title, kw_only=False)
    """Name of the group, at most 190 characters (`groups.name`)."""
    folder: str = checked(folder_title)
    """Title of the folder that Grafana creates for the group's rules; not the title of a dashboard folder, and without
    `/` (`groups.folder`)."""
    interval: str = checked(_interval, default="10s")
    """Evaluation interval, a multiple of 10 s: `interval="1m"` (`groups.interval`)."""
    rules: tuple[AlertRule, ...] = checked(validators.many(validators.a(AlertRule)), default=())
    """The rules, in the order in which they are evaluated (`groups.rules`)."""
    raw_rules: tuple[RawRule, ...] = checked(validators.many(validators.a(RawRule)), default=())
    """Rules that an `AlertRule` can't express, after the others (`groups.rules`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered group, without validation: `raw={"folder": "Shop/Alerts"}`. None removes a
    key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""

    @property
    def every_rule(self) -> tuple[AlertRule | RawRule, ...]:
        """Its rules, then those in Grafana's words."""
        return (*self.rules, *self.raw_rules)
