"""The queries of rules that are evaluated together, tick by tick: each query once a tick, by one compiled statement for
all ticks where its text allows that.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from dashgen.grafana.alerting.queries import Answer, Queried, QueryFailed, SqlFailed, fetch, queried, time_range
from dashgen.grafana.alerting.rule import RuleQuery
from dashgen.grafana.alerting.tick_statements import TickStatement, tick_statement
from dashgen.grafana.versions import Semantics

_numbers = itertools.count(1)


class PastData(Protocol):
    """A way to run SQL, for one thread at a time."""

    def run(self, sql: str) -> Answer:
        """Raises SqlFailed with the server's text."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class PreparingData(PastData, Protocol):
    """One that compiles statements with parameters, as PG wire does."""

    def prepare(self, name: str, sql: str, oids: Sequence[int]) -> None:
        """Raises SqlFailed."""
        ...

    def run_prepared(self, name: str, values: Sequence[str]) -> Answer:
        """Raises SqlFailed."""
        ...

    def close_prepared(self, name: str) -> None: ...


class TickAnswers:
    """Answers at ascending ticks. Rules that ask the same at the same tick get one answer."""

    def __init__(self, source: PastData, semantics: Semantics, ticks: Sequence[int]) -> None:
        self._source = source
        self._compiling = source if isinstance(source, PreparingData) else None
        self._semantics = semantics
        self._ticks = ticks
        self._now: int | None = None
        self._answers: dict[str, Queried | QueryFailed] = {}
        self._keys: dict[int, str] = {}
        self._prepared: dict[str, tuple[str, TickStatement] | None] = {}

    def fetch(self, query: RuleQuery, now: int) -> Queried:
        """Raises QueryFailed."""
        if now != self._now:
            self._now = now
            self._answers = {}
        key = self._keys.get(id(query))
        if key is None:
            key = self._keys[id(query)] = question(query)
        known = self._answers.get(key)
        if known is None:
            try:
                known = self._asked(key, query, now)
            except QueryFailed as error:
                known = error
            self._answers[key] = known
        if isinstance(known, QueryFailed):
            raise known.with_traceback(None)
        return known

    def close(self) -> None:
        """Ends the statements on the server."""
        for prepared in self._prepared.values():
            if prepared is not None and self._compiling is not None:
                self._compiling.close_prepared(prepared[0])
        self._prepared = {}

    def _asked(self, key: str, query: RuleQuery, now: int) -> Queried:
        """By the compiled statement. Where that fails, this tick's own text says why, and later ticks send theirs: what
        failed while its rows were sent ends the connection when it is run again (QuestDB 9.3.4, seen)."""
        if self._compiling is not None:
            if key not in self._prepared:
                self._prepared[key] = self._prepare(self._compiling, query)
            if (prepared := self._prepared[key]) is not None:
                name, statement = prepared
                span = time_range(query, now)
                try:
                    answer = self._compiling.run_prepared(name, statement.values(span))
                except SqlFailed:
                    self._compiling.close_prepared(name)
                    self._prepared[key] = None
                    return fetch(query, now, self._source.run, self._semantics)
                return queried(query, now, statement.text(span), answer, self._semantics)
        return fetch(query, now, self._source.run, self._semantics)

    def _prepare(self, source: PreparingData, query: RuleQuery) -> tuple[str, TickStatement] | None:
        """The compiled statement, if the server runs it as it runs the texts."""
        statement = tick_statement(query, self._ticks)
        if statement is None:
            return None
        number = next(_numbers)
        name, plan = f"tick_{number}", f"plan_{number}"
        spans = [time_range(query, now) for now in (self._ticks[0], self._ticks[-1])]
        try:
            source.prepare(plan, f"EXPLAIN {statement.sql}", statement.oids)
            is_same = all(
                _shape(source.run_prepared(plan, statement.values(span)))
                == _shape(source.run(f"EXPLAIN {statement.text(span)}"))
                for span in spans
            )
            source.close_prepared(plan)
            if not is_same:
                return None
            source.prepare(name, statement.sql, statement.oids)
        except SqlFailed:
            for one in (plan, name):
                source.close_prepared(one)
            return None
        return name, statement


_COMPUTED = frozenset({"condition", "filter", "functions", "values"})


def _shape(plan: Answer) -> list[str]:
    """What EXPLAIN says, but for the expressions that are computed for each row: parameters are shown in them, and the
    condition of a join is other text at times (QuestDB 9.3.4, seen). Equal ones read the same rows in the same order
    by the same operators, so that sums of DOUBLEs are the same too: a condition that the server answers when it
    compiles a text makes way for vectorized sums, which add in another order (seen)."""
    found = []
    for line, *_ in plan.rows:
        name, _, _ = str(line).partition(":")
        found.append(name if name.strip() in _COMPUTED else str(line))
    return found


def question(query: RuleQuery) -> str:
    """What two queries have in common that get the same answer at every tick: all but their refId."""
    return json.dumps([query.range_from, query.range_to, {**query.model, "refId": ""}], sort_keys=True, default=str)
