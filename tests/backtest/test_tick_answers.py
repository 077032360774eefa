"""One statement for all ticks answers what each tick's own text answers: any query over any rows, on a real QuestDB."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dashgen.alert_tests.connection import QueryConnection
from dashgen.backtest.replay import backtest
from dashgen.backtest.tick_answers import TickAnswers
from dashgen.grafana.alerting.queries import Answer, Queried, QueryFailed, fetch
from dashgen.grafana.alerting.rule import RuleQuery
from dashgen.grafana.alerting.tick_statements import tick_statement
from dashgen.grafana.datasources.variables import quoted
from dashgen.model.environment import Plugin
from dashgen.questdb import EmbeddedQuestDB
from tests.alert_tests.worlds import WORLD
from tests.grafana.alerting.test_tick_statements import query

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
ZERO = int(START.timestamp())
_numbers = itertools.count()
_names = (f"ticks_{number}" for number in _numbers)


class Counted(QueryConnection):
    """Counts what is sent as text."""

    texts = 0

    def run(self, sql: str) -> Answer:
        self.texts += 1
        return super().run(sql)


@pytest.fixture(scope="module")
def connection(questdb: EmbeddedQuestDB) -> Iterator[Counted]:
    with Counted(questdb.readonly_dsn) as opened:
        yield opened


@dataclass(frozen=True)
class Row:
    at: float
    host: str | None
    v: float | None
    n: int | None


def build(
    server: EmbeddedQuestDB, name: str, rows: Sequence[Row], kind: str = "TIMESTAMP", dedup: bool = False
) -> None:
    keys = " DEDUP UPSERT KEYS(timestamp, host)" if dedup else ""
    server.execute(
        f"CREATE TABLE {name} (timestamp {kind}, host SYMBOL, v DOUBLE, n LONG) TIMESTAMP(timestamp)"
        f" PARTITION BY HOUR WAL{keys}"
    )
    if rows:
        values = ", ".join(map(_values, rows))
        server.execute(f"INSERT INTO {name} (timestamp, host, v, n) VALUES {values}")
    server.settle()


def _values(row: Row) -> str:
    at = f"{datetime.fromtimestamp(ZERO + row.at, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    host = "NULL" if row.host is None else quoted(row.host, "'", "''")
    v = "NULL" if row.v is None or math.isnan(row.v) else f"{row.v!r}"
    return f"('{at}', {host}, {v}, {'NULL' if row.n is None else row.n})"


def outcome(answered: Any, asked: RuleQuery, now: int) -> tuple[object, ...]:
    """A comparable answer. Rows that no ORDER BY orders come in any order, of the same text too, and of several wrong
    values any is named."""
    try:
        found: Queried = answered(asked, now)
    except QueryFailed as error:
        return ("failed", re.sub(r"inconvertible value: \S+", "inconvertible value", str(error)))
    columns = [(field.name, field.type, field.labels) for field in found.frame.fields]
    rows = list(map(repr, zip(*(field.values for field in found.frame.fields), strict=True)))
    return found.sql, columns, rows if "ORDER BY" in found.sql else sorted(rows)


def differing(connection: QueryConnection, asked: RuleQuery, ticks: Sequence[int]) -> list[int]:
    """The ticks at which the answer is not that of the tick's own text, compiled for it: QuestDB 9.3.4 keeps plans by
    their text, and one of SAMPLE BY … FROM … TO … FILL answers otherwise when it is run again."""
    answers = TickAnswers(connection, WORLD.semantics, ticks)

    def compiled(sql: str) -> Answer:
        return connection.run(f"{sql} /* {next(_numbers)} */")

    def one_by_one(query: RuleQuery, now: int) -> Queried:
        return fetch(query, now, compiled, WORLD.semantics)

    try:
        return [now for now in ticks if outcome(answers.fetch, asked, now) != outcome(one_by_one, asked, now)]
    finally:
        answers.close()


ROWS = st.lists(
    st.builds(
        Row,
        at=st.integers(-90, 120).flatmap(lambda at: st.sampled_from([float(at), at + 0.5, at + 0.000001])),
        host=st.sampled_from(["a", "b", "it's", "", None]),
        v=st.none() | st.sampled_from([0.0, -0.0, 0.1, 0.2, 1e300, -1e-300]) | st.floats(-1e6, 1e6),
        n=st.none() | st.integers(-50, 150),
    ),
    max_size=25,
)
BOUNDS = (
    "$__timeFilter(timestamp)",
    "timestamp >= $__fromTime AND timestamp < $__toTime",
    "timestamp BETWEEN dateadd('s', -25, $__toTime) AND $__toTime",
    "$__toTime >= timestamp AND NOT timestamp < $__fromTime",
    "(timestamp < $__fromTime OR timestamp = $__toTime)",
    "$__toTime - timestamp <= 20000000 AND timestamp <= $__toTime",
    "timestamp > dateadd('m', -1, $__toTime)",
    "timestamp <= $__toTime AND n <> 3",
    "$__timeFilter(timestamp) AND $__fromTime < '2026-01-05T12:00:30Z'",
)
QUERIES = (
    "SELECT host, {agg} AS value FROM {t} WHERE {bound}",
    "SELECT {agg} AS value, count() AS c FROM {t} WHERE {bound}",
    "SELECT host, v AS value FROM {t} WHERE {bound} LATEST ON timestamp PARTITION BY host",
    "SELECT host, datediff('s', max(timestamp), $__toTime) AS value FROM {t} WHERE {bound}",
    "SELECT host, sum(CASE WHEN timestamp > $__toTime - 15000000 THEN n ELSE 0 END) AS value FROM {t} WHERE {bound}",
    "SELECT host, {agg} AS value, max($__toTime) AS at FROM {t} WHERE {bound}",
    "SELECT timestamp, host, {agg} AS value FROM {t} WHERE {bound} SAMPLE BY 7s",
    "SELECT timestamp, {agg} AS value FROM {t} WHERE {bound} SAMPLE BY 10s FILL(PREV)",
    "SELECT timestamp, {agg} AS value FROM {t} WHERE {bound} SAMPLE BY 10s FROM $__fromTime TO $__toTime FILL(0)",
    "SELECT host, sum(d) AS value FROM (SELECT host, n - lag(n) OVER (PARTITION BY host ORDER BY timestamp) AS d"
    " FROM {t} WHERE {bound})",
    "SELECT host, v AS value FROM {t} WHERE {bound} ORDER BY timestamp, v, n, host LIMIT -3",
    "SELECT host, {agg} AS value FROM {t} WHERE {bound} UNION ALL SELECT 'none' AS host, 1 AS value",
    "WITH w AS (SELECT * FROM {t} WHERE {bound}) SELECT f.host AS host, count(w.n) AS value"
    " FROM (SELECT 'a' AS host UNION ALL SELECT 'c' AS host) f LEFT JOIN w ON f.host = w.host",
    "SELECT host, sum(cast(n AS DECIMAL(2, 0))) AS value FROM {t} WHERE {bound}",
    "SELECT host, 1m / sum(cast(n AS DECIMAL(10, 0))) AS value FROM {t} WHERE {bound}",
    "SELECT host, v AS value FROM {t} WHERE {bound} AND host IN (SELECT host FROM {t} WHERE n > 0)",
    "SELECT host, v AS value FROM {t} WHERE {bound} AND v >= (SELECT min(v) FROM {t} WHERE {bound})",
    "SELECT DISTINCT host, $__toTime AS at FROM {t} WHERE {bound}",
    "SELECT host, {agg} AS value FROM {t} WHERE {bound} AND nothing > 1",
)
AGGREGATES = (
    "sum(v)",
    "avg(v)",
    "min(v)",
    "max(n)",
    "count(v)",
    "first(v)",
    "last(n)",
    "stddev(v)",
    "approx_percentile(n, 0.9)",
    "sum(n) / count(n)",
)


@st.composite
def queries(draw: st.DrawFn, name: str) -> RuleQuery:
    bound, aggregate = draw(st.sampled_from(BOUNDS)), draw(st.sampled_from(AGGREGATES))
    sql = draw(st.sampled_from(QUERIES)).format(t=name, agg=aggregate, bound=bound)
    plugin: Plugin = draw(st.sampled_from(["questdb", "postgres"]))
    until = draw(st.sampled_from([0, 0, 5]))
    return query(sql, plugin, until + draw(st.sampled_from([0, 1, 30, 90])), until)


@settings(max_examples=12, phases=[Phase.generate], derandomize=True)
@given(data=st.data())
def test_one_statement_answers_as_each_text_does(
    questdb: EmbeddedQuestDB, connection: Counted, data: st.DataObject
) -> None:
    name = next(_names)
    kind = data.draw(st.sampled_from(["TIMESTAMP", "TIMESTAMP_NS"]), "type")
    build(questdb, name, data.draw(ROWS, "rows"), kind, data.draw(st.booleans(), "dedup"))
    every = data.draw(st.sampled_from([1, 10, 20]), "interval")
    ticks = range(ZERO - 40, ZERO - 40 + 9 * every, every)
    try:
        for asked in data.draw(st.lists(queries(name), min_size=6, max_size=12), "queries"):
            assert differing(connection, asked, ticks) == [], asked.sql
    finally:
        questdb.execute(f"DROP TABLE {name}")


@pytest.fixture(scope="module")
def table(questdb: EmbeddedQuestDB) -> Iterator[str]:
    """A row of each of two hosts every 5 s; b's vanish after a minute, and one number of a is too large for two
    digits."""
    rows = [Row(at, "a", at / 8, 100 if at == 50 else at % 7) for at in range(0, 120, 5)]
    rows += [Row(at, "b", None, 3) for at in range(0, 60, 5)]
    build(questdb, "ticks_fixed", rows)
    yield "ticks_fixed"
    questdb.execute("DROP TABLE ticks_fixed")


TICKS = range(ZERO, ZERO + 150, 10)


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize("sql", QUERIES)
def test_each_form_answers_as_each_text_does(connection: Counted, table: str, sql: str, plugin: Plugin) -> None:
    asked = query(sql.format(t=table, agg="avg(v)", bound=BOUNDS[0]), plugin, 30)
    assert differing(connection, asked, TICKS) == []


def test_a_compiled_statement_is_what_answers(connection: Counted, table: str) -> None:
    asked = query(f"SELECT host, sum(n) AS value FROM {table} WHERE $__timeFilter(timestamp)", since=20)
    connection.texts = 0
    answers = TickAnswers(connection, WORLD.semantics, TICKS)
    found = [answers.fetch(asked, now) for now in TICKS]
    answers.close()
    assert connection.texts == 2  # EXPLAIN of two ticks
    assert set(found[0].frame.fields[-1].values) == {0, 3}
    assert found[-1].frame.fields[-1].values == ()
    assert "$" not in found[0].sql


def test_an_error_is_that_of_its_tick_only(connection: Counted, table: str) -> None:
    """The number that is too large is in the window of two ticks. From then on each tick sends its text."""
    sql = f"SELECT host, sum(cast(n AS DECIMAL(2, 0))) AS value FROM {table} WHERE $__timeFilter(timestamp)"
    asked = query(sql, since=15)
    connection.texts = 0
    answers = TickAnswers(connection, WORLD.semantics, TICKS)
    said = {now - ZERO: outcome(answers.fetch, asked, now) for now in TICKS}
    answers.close()
    assert [at for at, one in said.items() if one[0] == "failed"] == [50, 60]
    assert "inconvertible value" in str(said[50])
    assert connection.texts == 2 + len([at for at in said if at >= 50])  # EXPLAIN of two ticks


def test_rules_that_ask_the_same_are_answered_once_a_tick(connection: Counted, table: str) -> None:
    sql = f"SELECT host, v AS value FROM {table} WHERE host IN (SELECT host FROM {table}) AND $__timeFilter(timestamp)"
    one, same, other = query(sql), replace(query(sql), ref_id="Q"), query(sql, since=600)
    assert tick_statement(one, TICKS) is None
    answers = TickAnswers(connection, WORLD.semantics, TICKS)
    connection.texts = 0
    for now in TICKS[:3]:
        assert answers.fetch(one, now) is answers.fetch(same, now)
        answers.fetch(other, now)
    assert connection.texts == 6


def test_a_table_may_change_between_ticks(questdb: EmbeddedQuestDB, connection: Counted) -> None:
    name = next(_names)
    build(questdb, name, [Row(0, "a", 1.0, 1)])
    asked = query(f"SELECT host, sum(n) AS value FROM {name} WHERE $__timeFilter(timestamp)", since=600)
    answers = TickAnswers(connection, WORLD.semantics, TICKS)

    def last_values(now: int) -> object:
        found = outcome(answers.fetch, asked, now)
        return found[1] if found[0] == "failed" else found[2]

    assert last_values(TICKS[0]) == ["('a', 1)"]
    questdb.execute(f"ALTER TABLE {name} ADD COLUMN more LONG")
    questdb.execute(f"INSERT INTO {name} (timestamp, host, n) VALUES ('2026-01-05T12:00:05Z', 'a', 4)")
    questdb.settle()
    assert last_values(TICKS[1]) == ["('a', 5)"]
    questdb.execute(f"DROP TABLE {name}")
    assert "table does not exist" in str(last_values(TICKS[2]))
    build(questdb, name, [Row(0, "b", 1.0, 7)])
    assert last_values(TICKS[3]) == ["('b', 7)"]
    answers.close()
    questdb.execute(f"DROP TABLE {name}")


def test_a_closed_statement_leaves_nothing_to_other_texts(questdb: EmbeddedQuestDB, connection: Counted) -> None:
    """A plan of QuestDB 9.3.4 can be kept under another text (see dashgen.questdb.describe)."""
    connection.texts = 0
    for number in range(20):
        asked = query(f"SELECT {number} AS value")
        answers = TickAnswers(connection, WORLD.semantics, TICKS)
        assert [answers.fetch(asked, now).frame.fields[0].values for now in TICKS[:2]] == [(number,)] * 2
        answers.close()
    assert connection.texts == 40  # EXPLAIN of two ticks
    with QueryConnection(questdb.readonly_dsn) as other:
        for number in range(20):
            assert other.run(f"SELECT {number + 100} AS value").rows == ((number + 100,),)
            assert other.run(f"SELECT {number} AS value").rows == ((number,),)


def test_a_text_that_the_server_runs_otherwise_is_sent(connection: Counted, table: str) -> None:
    """It answers a condition without columns when it compiles a text, and adds up in another order then."""
    bound = "$__timeFilter(timestamp) AND $__fromTime < '2026-01-05T12:00:30Z'"
    asked = query(f"SELECT avg(v) AS value FROM {table} WHERE {bound}", since=60)
    assert tick_statement(asked, TICKS) is not None
    connection.texts = 0
    answers = TickAnswers(connection, WORLD.semantics, TICKS)
    for now in TICKS:
        answers.fetch(asked, now)
    answers.close()
    assert connection.texts >= len(TICKS)


def test_rules_of_one_query_are_evaluated_side_by_side(questdb: EmbeddedQuestDB, table: str) -> None:
    """With other thresholds and other intervals among them; each does what it does alone."""
    base = WORLD.rules["daemon-down"]
    asked = query(f"SELECT host, avg(v) AS value FROM {table} WHERE $__timeFilter(timestamp)", since=30)

    def rule(uid: str, threshold: float, interval: int = 10) -> Any:
        expressions = [one for one in base.queries if one.is_expression]
        last = expressions[-1]
        evaluator = {"params": [threshold], "type": "gt"}
        conditions = [{**dict(c), "evaluator": evaluator} for c in last.model["conditions"]]
        model = {**last.model, "conditions": conditions}
        queries = (asked, *expressions[:-1], replace(last, model=model))
        return replace(base, uid=uid, queries=queries, interval=interval, pending=0)

    rules = [rule("low", 2), rule("high", 9), rule("slow", 2, 30), rule("never", 1000)]

    def found(of: list[Any]) -> list[Any]:
        connect = lambda: QueryConnection(questdb.readonly_dsn)  # noqa: E731
        incidents = backtest(of, ZERO, ZERO + 150, connect, WORLD.notifications, WORLD.semantics).incidents
        return [replace(one, reached=()) for one in incidents]  # alerts of one group are sent together

    together = found(rules)
    alone = [one for each in rules for one in found([each])]
    assert sorted(together, key=repr) == sorted(alone, key=repr)
    assert {one.rule for one in together if one.states == ("Alerting",)} == {"low", "high", "slow"}
