"""One evaluation of a rule: queries, expressions, and what the condition's values say of each instance.

Facts: grafana/grafana pkg/services/ngalert/eval/eval.go and pkg/expr/{graph,nodes}.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from dashgen.grafana.alerting.commands import Command, EvaluationContext
from dashgen.grafana.alerting.expressions import command
from dashgen.grafana.alerting.queries import Fetch, Queried, QueryFailed, time_range
from dashgen.grafana.alerting.rule import RuleQuery, RuleSpec
from dashgen.grafana.alerting.values import (
    ExpressionError,
    NoData,
    Number,
    Scalar,
    Series,
    Value,
    Values,
    contains,
    from_frame,
    has_no_data,
    labels_of,
)
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.datasources.intervals import SECOND
from dashgen.grafana.versions import Semantics

Outcome = Literal["Normal", "Alerting", "NoData", "Error"]
Numbers = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Capture:
    """A refId's value as templates see it in `$values`."""

    value: float | None
    labels: Labels = ()
    metric: str = ""
    """Of a classic condition's match: the name of its series."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`ref_id` is the query that failed or gave what can't be read; empty for an expression."""

    text: str
    ref_id: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What an evaluation says of one label set."""

    labels: Labels
    outcome: Outcome
    captures: Mapping[str, Capture] = field(default_factory=dict)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`queried` and `values` by refId: what there is to see when a rule is to be understood."""

    results: tuple[Result, ...]
    queried: Mapping[str, Queried] = field(default_factory=dict)
    values: Mapping[str, Values] = field(default_factory=dict)


class Pipeline:
    """The rule's queries and expressions in the order of their dependencies. Raises ExpressionError for a rule that
    Grafana cannot evaluate at all."""

    def __init__(self, rule: RuleSpec, semantics: Semantics) -> None:
        self._semantics = semantics
        self._condition = rule.condition
        self._queries = {query.ref_id: query for query in rule.queries}
        self._commands: dict[str, Command] = {q.ref_id: command(q.model) for q in rule.queries if q.is_expression}
        if rule.condition not in self._queries:
            raise ExpressionError(
                f"condition {rule.condition} does not exist, must be one of [{' '.join(self._queries)}]"
            )
        self._order = tuple(self._ordered())
        self._wanted = self._needed_by(rule.condition)

    def _ordered(self) -> list[str]:
        done: list[str] = []

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in done:
                return
            if name in above:
                raise ExpressionError(f"expression '{name}' cannot reference itself or expressions that need it")
            if name not in self._queries:
                raise ExpressionError(f"unable to find dependent node '{name}'")
            for needed in self._commands[name].needs if name in self._commands else ():
                visit(needed, (*above, name))
            done.append(name)

        for name in self._queries:
            visit(name, ())
        return done

    def _needed_by(self, name: str) -> frozenset[str]:
        found = {name}
        for needed in self._commands[name].needs if name in self._commands else ():
            found |= self._needed_by(needed)
        return frozenset(found)

    def evaluate(self, now: int, fetch: Fetch, loaded: frozenset[Labels]) -> Evaluation:
        """`now` in seconds since 1970; `loaded` as in `Context`."""
        queried: dict[str, Queried] = {}
        values: dict[str, Values] = {}
        failed: set[str] = set()
        failure: Failure | None = None
        for name in self._order:
            if failed & set(self._commands[name].needs if name in self._commands else ()):
                failed.add(name)
                continue
            try:
                values[name] = self._run(self._queries[name], now, fetch, loaded, queried, values)
            except (QueryFailed, ExpressionError) as error:
                failed.add(name)
                if name in self._wanted or not self._semantics.only_the_condition_fails:
                    failure = failure or self._failure(name, error)
                    if not self._semantics.only_the_condition_fails:
                        break
        if failure is not None:
            return Evaluation((Result((), "Error", failure=failure),), queried, values)
        return Evaluation(self._results(values), queried, values)

    def _run(
        self,
        query: RuleQuery,
        now: int,
        fetch: Fetch,
        loaded: frozenset[Labels],
        queried: dict[str, Queried],
        values: Mapping[str, Values],
    ) -> Values:
        if query.is_expression:
            span = time_range(query, now)
            start, end = (datetime.fromtimestamp(ns / SECOND, UTC) for ns in (span.from_ns, span.to_ns))
            return self._commands[query.ref_id].execute(values, EvaluationContext(start, end, self._semantics, loaded))
        answer = queried[query.ref_id] = fetch(query, now)
        return from_frame(answer.frame)

    def _failure(self, name: str, error: Exception) -> Failure:
        """An expression names no refId, unless newer versions say so."""
        query = self._queries[name]
        if isinstance(error, QueryFailed):
            if self._semantics.wrapped_errors:
                return Failure(f"[sse.dataQueryError] failed to execute query [{name}]: {error}", name)
            return Failure(f"failed to execute query {name}: {error}", name)
        if self._semantics.wrapped_errors and not query.is_expression:
            return Failure(f"[sse.readDataError] [{name}] got error: {error}", name)
        return Failure(str(error))

    def _results(self, values: Mapping[str, Values]) -> tuple[Result, ...]:
        lacking: dict[str, list[str]] = {}
        for name in sorted(values):
            uid = self._queries[name].datasource_uid
            counts = not self._queries[name].is_expression or (
                uid == "__expr__" and not self._semantics.only_queries_lack_data
            )
            if counts and has_no_data(values[name]):
                lacking.setdefault(uid, []).append(name)
        if lacking:
            return tuple(
                Result((("datasource_uid", uid), ("ref_id", ",".join(names))), "NoData")
                for uid, names in lacking.items()
            )
        if not values[self._condition]:
            return (Result((), "NoData"),)
        numbers = _numbers(values)
        results = [self._judged(value, numbers) for value in values[self._condition]]
        seen: set[Labels] = set()
        for result in results:
            if result.labels in seen:
                shown = ", ".join(f"{key}={value}" for key, value in result.labels)
                text = _invalid(
                    "",
                    f"frame cannot uniquely be identified by its labels: has duplicate results with labels {{{shown}}}",
                )
                return (Result(result.labels, "Error", failure=Failure(text)),)
            seen.add(result.labels)
        return tuple(results)

    def _judged(self, value: Value, numbers: _Numbers) -> Result:
        match value:
            case Series():
                reason = "looks like time series data, only reduced data can be alerted on."
                return Result((), "Error", failure=Failure(_invalid(self._condition, reason)))
            case NoData():
                return Result((), "NoData")
            case Number(labels, number, matches) if matches is not None:
                captures = {
                    f"{self._condition}{i}": Capture(m.value, m.labels, m.metric) for i, m in enumerate(matches)
                }
                return Result(labels, _outcome(number), captures)
            case Number() | Scalar():
                labels = labels_of(value)
                return Result(labels, _outcome(value.value), _captures(labels, numbers))


def _outcome(value: float | None) -> Outcome:
    """Anything but 0 is Alerting, NaN too."""
    if value is None:
        return "NoData"
    return "Normal" if value == 0 else "Alerting"


def _invalid(ref_id: str, reason: str) -> str:
    return f"invalid format of evaluation results for the alert definition {ref_id}: {reason}"


_Numbers = list[tuple[str, dict[Labels, float | None]]]


def _numbers(values: Mapping[str, Values]) -> _Numbers:
    """The numbers of each refId by their labels, refIds sorted."""
    found = []
    for name in sorted(values):
        numbers = {labels_of(v): v.value for v in values[name] if isinstance(v, Number | Scalar)}
        if numbers:
            found.append((name, numbers))
    return found


def _captures(labels: Labels, numbers: _Numbers) -> dict[str, Capture]:
    """Every refId's number with these labels, or else with more or fewer of them."""
    found: dict[str, Capture] = {}
    for name, known in numbers:
        if labels in known:
            found[name] = Capture(known[labels], labels)
            continue
        for other, number in known.items():
            if contains(labels, other) or contains(other, labels):
                found[name] = Capture(number, other)
    return found
