"""Queries that people brought, each as a small project of its own: what `dashgen check` says of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import pytest
from grafanalib import core as grafanalib

from dashgen import Dashboard, Environment, Panel, Project, QueryVariable, Row, Stat, Table, TimeSeries, as_dashboard
from dashgen import QuestDB as Datasource
from dashgen.check.engine import check_query
from dashgen.check.query_collection import collect_queries
from dashgen.check.session import Session, check_session
from dashgen.model.dashboards.dashboard import AnyPanel
from dashgen.model.environment import Plugin
from dashgen.model.tables.table import Designated, Symbol, table
from dashgen.questdb import EmbeddedQuestDB
from dashgen.sql.reads import relations

pytestmark = pytest.mark.questdb
W = "WHERE $__timeFilter(timestamp)"
S = "SAMPLE BY $__sampleByInterval"


@table(name="ticks", write_interval="1s", dedup=("timestamp", "symbol", "side", "price", "amount"))
class Ticks:
    timestamp: Annotated[datetime, Designated()]
    symbol: Annotated[str, Symbol(256)]
    side: Annotated[str, Symbol(4)]
    price: float
    amount: float


@table(name="quotes", write_interval="1s", dedup=("timestamp", "symbol"))
class Quotes:
    timestamp: Annotated[datetime, Designated()]
    symbol: Annotated[str, Symbol(256)]
    side: Annotated[str, Symbol(4)]
    price: float
    amount: float


@pytest.fixture(scope="module")
def session(questdb: EmbeddedQuestDB) -> Iterator[Session]:
    with check_session(questdb, Project(environments=(Environment("prod"),), tables=(Ticks, Quotes))) as made:
        yield made


def codes(
    session: Session, *panels: AnyPanel, variable: QueryVariable | None = None, plugin: Plugin = "questdb"
) -> list[str]:
    """The codes of what is found in the queries of a dashboard."""
    environment = Environment("prod", datasources={"questdb": Datasource(plugin=plugin)})
    variables = (variable,) if variable else ()
    board = Dashboard(uid="t", title="T", variables=variables, rows=(Row("", panels),))
    project = Project(environments=(environment,), tables=(Ticks, Quotes), dashboards=(board,))
    subjects = collect_queries(project, environment).subjects
    return [found.rule.code for subject in subjects for found in check_query(subject, session)]


def test_candlesticks_and_the_latest_of_each_symbol_are_right_for_trades(session: Session) -> None:
    ohlc = "first(price) AS open, max(price) AS high, min(price) AS low, last(price) AS close"
    candles = f"SELECT timestamp AS time, {ohlc} FROM ticks {W} AND symbol = 'BTC-USD' {S}"
    latest = f"SELECT symbol, price, timestamp FROM ticks {W} LATEST ON timestamp PARTITION BY symbol ORDER BY symbol"
    assert codes(session, Panel("candlestick", "OHLC", candles)) == []
    assert codes(session, Table("Latest", f"{latest} LIMIT 100")) == []


@pytest.mark.parametrize(("plugin", "found"), [("questdb", ["DG203", "DG203"]), ("postgres", [])])
def test_a_decimal_is_a_number_for_one_plugin_only(session: Session, plugin: Plugin, found: list[str]) -> None:
    energy = f"SELECT timestamp AS time, cast(sum(amount) AS DECIMAL(18,3)) AS kwh FROM quotes {W} {S}"
    total = f"SELECT sum(cast(amount AS DECIMAL(18,3))) AS kwh FROM quotes {W}"
    assert codes(session, TimeSeries("Energy", energy), Stat("Total", total), plugin=plugin) == found


def test_buckets_that_the_server_ignores_and_local_times_are_found(session: Session) -> None:
    tomorrow = f"SELECT dateadd('d', 1, t.timestamp) AS time, sum(t.amount) AS v FROM quotes t {W} {S}"
    local = f"SELECT to_timezone(timestamp, 'Europe/Rome') AS time, sum(amount) AS v FROM quotes {W} {S}"
    tomorrow = tomorrow.replace("(timestamp)", "(t.timestamp)")
    assert codes(session, TimeSeries("Tomorrow", tomorrow)) == ["DG322"]
    assert codes(session, TimeSeries("Local", local)) == ["DG212"]


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_a_trend_is_drawn_over_a_number(session: Session, plugin: Plugin) -> None:
    sizes = f"SELECT amount AS x, avg(price) AS y FROM quotes {W} GROUP BY x"
    rising, falling = (
        Panel("trend", "Sizes", f"{sizes} ORDER BY x{order}", options={"xField": "x"}) for order in ("", " DESC")
    )
    assert codes(session, rising, plugin=plugin) == []
    assert codes(session, falling, plugin=plugin) == ["DG213"]


def test_panels_of_another_library_are_judged_by_their_kind(session: Session) -> None:
    def shown(cls: Any, title: str, sql: str, form: str, row: int) -> Any:
        targets = [grafanalib.SqlTarget(rawSql=sql, refId="A", format=form)]
        place = grafanalib.GridPos(8, 12, 0, row)
        return cls(title=title, dataSource="questdb", gridPos=place, targets=targets, interval="1s")

    side = f"SELECT timestamp AS time, last(side) AS side FROM quotes {W} AND symbol = 'A' {S}"
    text = f"SELECT symbol, side FROM quotes {W} LATEST ON timestamp PARTITION BY symbol"
    panels = [
        shown(grafanalib.StateTimeline, "Side", side, "time_series", 0),
        shown(grafanalib.Stat, "Rows", f"SELECT symbol, price FROM quotes {W}", "table", 8),
        shown(grafanalib.Stat, "Text", text, "table", 16),
    ]
    foreign = as_dashboard(grafanalib.Dashboard(title="F", uid="f", panels=panels).auto_panel_ids())
    environment = Environment("prod", datasources={"questdb": Datasource()})
    project = Project(environments=(environment,), tables=(Ticks, Quotes), dashboards=(foreign,))
    found = [
        (s.path, f.rule.code) for s in collect_queries(project, environment).subjects for f in check_query(s, session)
    ]
    assert found == [("f › Rows", "DG318"), ("f › Text", "DG203")]


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_a_value_with_its_text_is_written_once_for_both_plugins(session: Session, plugin: Plugin) -> None:
    pairs = f"SELECT symbol AS __text, side AS __value FROM quotes {W} LATEST ON timestamp PARTITION BY symbol"
    shown = TimeSeries(
        "x", f"SELECT timestamp AS time, sum(amount) AS v FROM quotes {W} AND side IN (${{a:sqlstring}}) {S}"
    )
    variable = QueryVariable("a", pairs, refresh="time range")
    assert codes(session, shown, variable=variable, plugin=plugin) == []


@pytest.mark.parametrize(
    ("where", "by", "plan"),
    [
        ("symbol = 'A'", "symbol", "symbolFilter: symbol"),
        ("symbol IN ('A', 'B')", "symbol", "includedSymbols: ['A','B']"),
        ("symbol LIKE 'A%'", "symbol", "filter: symbol like A%"),
        ("symbol = 'A'", "symbol, side", "LatestByAllSymbolsFiltered"),
    ],
)
def test_what_latest_on_reads_without_a_bound(session: Session, where: str, by: str, plan: str) -> None:
    """As DG401 says it: which values are sought is in the plan only for one SYMBOL column that is listed."""
    sql = f"SELECT timestamp, symbol, price FROM quotes WHERE {where} LATEST ON timestamp PARTITION BY {by}"
    steps = " ".join(str(row[0]) for row in session.start().query(f"EXPLAIN {sql}").rows).replace("&nbsp;", " ")
    assert plan in steps
    assert "Frame backward scan on: quotes" in steps


def test_hours_and_distinct_from_are_no_reads(session: Session) -> None:
    hours = f"SELECT extract(hour FROM timestamp) AS h, sum(amount) AS v FROM quotes {W} GROUP BY h ORDER BY h"
    assert codes(session, Table("Hours", hours)) == []
    other = f"SELECT symbol, price FROM quotes {W} AND side IS DISTINCT FROM prices"  # not QuestDB's, in 9.3.4
    assert relations(other) == relations(hours) == frozenset({"quotes"})


def test_what_questdb_accepts_is_accepted(session: Session) -> None:
    """DECLARE, CUMULATIVE, TOLERANCE, arrays, a bare count, an alias equal to its column."""
    one = f"WITH o AS (SELECT timestamp, sum(amount) AS v FROM quotes {W} AND symbol = 'A' {S})"
    cumulative = "SELECT timestamp AS time, sum(v) OVER (ORDER BY timestamp CUMULATIVE) AS v FROM o"
    joined = "FROM quotes t ASOF JOIN quotes q ON symbol TOLERANCE 5s WHERE $__timeFilter(t.timestamp)"
    charts = (
        f"DECLARE @s := 'A' SELECT timestamp AS time, sum(amount) AS v FROM quotes {W} AND symbol = @s {S}",
        "DECLARE @from := $__from * 1000, @to := $__to * 1000 SELECT timestamp AS time, sum(amount) AS v FROM quotes "
        f"WHERE timestamp >= @from AND timestamp <= @to {S}",
        f"{one} {cumulative}",
        f"SELECT t.timestamp AS time, avg(t.price - q.price) AS d {joined} {S}",
        f"SELECT timestamp AS time, max(array_sum(ARRAY[price, amount])) AS v FROM quotes {W} {S}",
        f"SELECT timestamp AS time, count FROM quotes {W} {S}",
        f"SELECT timestamp AS time, max(price) price FROM quotes {W} {S}",
        f"DECLARE @t := quotes SELECT timestamp AS time, sum(amount) AS v FROM @t {W} {S}",
        f"SELECT * FROM (SELECT timestamp AS time, side, sum(amount) AS v FROM quotes {W} {S}) "
        "PIVOT (sum(v) FOR side IN ('buy', 'sell') GROUP BY time)",
    )
    assert codes(session, *(TimeSeries(f"C{n}", sql) for n, sql in enumerate(charts))) == []


def test_a_table_that_declare_names_is_looked_up(session: Session) -> None:
    found = codes(session, TimeSeries("D", f"DECLARE @t := nope SELECT timestamp AS time, v FROM @t {W}"))
    assert sorted(found) == ["DG101", "DG601"]
    assert relations("DECLARE @t := nope, @u := @t SELECT a FROM (SELECT a FROM @u)") == frozenset({"nope"})
    assert relations("DECLARE @t := (SELECT a FROM nope) SELECT a FROM @t") == frozenset({"nope"})
    union = relations("SELECT a FROM (DECLARE @t := nope SELECT a FROM @t) UNION SELECT b FROM ticks")
    assert union == frozenset({"nope", "ticks"})
    assert relations("SELECT a FROM @nobody") == relations("SELECT a FROM $nobody") == frozenset()


def test_all_columns_of_a_function_are_said_with_its_name(session: Session) -> None:
    subject = Table("Tables", "SELECT * FROM all_tables() LIMIT 5")
    environment = Environment("prod", datasources={"questdb": Datasource()})
    board = Dashboard(uid="t", title="T", rows=(Row("", (subject,)),))
    project = Project(environments=(environment,), tables=(Ticks, Quotes), dashboards=(board,))
    (query,) = collect_queries(project, environment).subjects
    messages = [found.match.message for found in check_query(query, session) if found.rule.code == "DG301"]
    assert messages == ["expected named columns, got all of all_tables()"]


def test_no_star_is_written_around_parentheses(session: Session) -> None:
    named = f"SELECT timestamp AS time, sum(amount) AS v FROM quotes {W} {S}"
    for right in (named, f"({named})", f"({named}) ORDER BY time", f"(({named}) ORDER BY time) LIMIT 10"):
        assert codes(session, TimeSeries("R", right)) == []
    for star in (f"SELECT * FROM ({named})", f"(SELECT * FROM quotes {W} AND symbol = 'A') ORDER BY timestamp"):
        assert "DG301" in codes(session, TimeSeries("S", star))


@pytest.mark.parametrize("tail", ["", "FILL(PREV)", "ALIGN TO FIRST OBSERVATION"])
def test_buckets_are_in_the_order_of_time(session: Session, tail: str) -> None:
    """As DG317 takes it: LIMIT after SAMPLE BY cuts by time, and by nothing else."""
    sampled = f"SELECT timestamp AS time, sum(amount) AS v FROM quotes {W} {S} {tail} LIMIT 1, 10"
    assert codes(session, TimeSeries("S", sampled)) == []
    keyed = sampled.replace("timestamp AS time,", "timestamp AS time, symbol,")
    assert codes(session, TimeSeries("K", keyed)) == ["DG317"]
    plain = f"SELECT timestamp, sum(amount) FROM quotes SAMPLE BY 1h {tail} LIMIT 5"
    plan = " ".join(str(row[0]) for row in session.start().query(f"EXPLAIN {plain}").rows).replace("&nbsp;", " ")
    assert "keys: [timestamp asc]" in plan or "Sample By" in plan
