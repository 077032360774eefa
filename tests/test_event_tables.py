"""A table whose rows come as events occur has no write interval: whoever reads one must claim nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
import pytest

from dashgen import Dashboard, Environment, Project, Row, Stat, TimeSeries
from dashgen.alert_tests.sandbox import RowsError, expand_rows
from dashgen.alert_tests.test_model import Rows
from dashgen.check.engine import judge
from dashgen.check.query_collection import collect_queries
from dashgen.check.rules import rules
from dashgen.dictionary import dictionary
from dashgen.model.core.problems import SpecError
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.row_constraints import Monotonic
from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table, table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render import intervals, render
from dashgen.render.dashboards import min_interval
from dashgen.render.ddl import create_statements
from dashgen.schema.validate import validate

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOURLY = MaterializedView(name="deploys_1h", bucket="1h", sql="SELECT at, host, count() AS n FROM deploys SAMPLE BY 1h")


@table(name="deploys", dedup=("at", "host"), write_interval=None, views=(HOURLY,))
class Deploys:
    """Deployments."""

    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    version: str


@table(name="logins")
class Logins:
    at: Annotated[datetime, Designated()]


@table(name="loads", dedup=("at", "host"), write_interval="15s")
class Loads:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    n: int


def panel(source: str, bucket: str = "$__sampleByInterval", **fields: Any) -> TimeSeries:
    sql = f"SELECT at AS time, count() AS value FROM {source} WHERE $__timeFilter(at) SAMPLE BY {bucket}"
    return TimeSeries("Events", sql, **fields)


def project(*panels: TimeSeries) -> Project:
    board = Dashboard(uid="x", title="X", rows=(Row("", panels),))
    return Project(environments=(Environment("prod"),), tables=(Deploys, Logins, Loads), dashboards=(board,))


def test_no_interval_is_the_default() -> None:
    assert table_of(Deploys).write_interval_seconds is None
    assert table_of(Logins).write_interval_seconds is None
    assert table_of(Logins).intervals == {}
    assert table_of(Deploys).intervals == {"deploys_1h": 3600}
    assert table_of(Loads).intervals == {"loads": 15}


@pytest.mark.parametrize("wrong", ["often", "", "0s", "10", "1.5m", 10, 0, False])
def test_what_is_no_interval_is_refused(wrong: Any) -> None:
    with pytest.raises(SpecError, match=r"bad › write_interval: expected a duration such as 10s, 1m or 1h, got") as e:

        @table(name="bad", write_interval=wrong)
        class Bad:
            at: Annotated[datetime, Designated()]

    assert e.value.problems[0].hint == "None for rows that come as events occur"


def test_a_panel_has_no_minimum_interval_of_it() -> None:
    known = intervals(project())
    assert known == {"deploys_1h": 3600, "loads": 15}
    assert min_interval(panel("deploys"), known) is None
    assert min_interval(panel("deploys", min_interval="1m"), known) == "1m"
    assert min_interval(panel("deploys_1h"), known) == "1h"
    both = TimeSeries("A", ("SELECT at AS time FROM deploys", "SELECT at AS time FROM loads"))
    assert min_interval(both, known) == "15s"


def test_no_bucket_is_too_short_for_it() -> None:
    (short,) = [rule for rule in rules() if rule.name == "short-bucket"]

    def said(*panels: TimeSeries) -> list[str]:
        whole = project(*panels)
        subjects = collect_queries(whole, whole.environments[0]).subjects
        return [match.message for subject in subjects for _, match in judge(subject, (short,))]

    assert said(panel("deploys", "1s")) == []
    assert said(panel("logins")) == []
    assert said(panel("deploys_1h", "1m")) == ["deploys_1h is written every 3600s, and the bucket is 1m"]
    assert said(panel("loads", "1s")) == ["loads is written every 15s, and the bucket is 1s"]
    joined = panel("deploys JOIN loads ON (host)", "1s")
    assert said(joined) == ["loads is written every 15s, and the bucket is 1s"]


def test_the_dictionary_says_that_rows_come_as_events_occur() -> None:
    page = dictionary(project())
    assert "| [`deploys`](#deploys) | for ever | – (events) | `deploys_1h` |" in page
    assert "- Each series (`host`) gets a row when an event occurs, at no fixed interval.\n" in page
    assert "- It gets a row when an event occurs, at no fixed interval.\n" in page
    assert "- Each series (`host`) gets a row every 15 s.\n" in page
    assert "None" not in page
    assert "0 s" not in page


def test_the_rendered_schema_says_null() -> None:
    (document,) = [d for d in render(project(), Environment("prod")) if d.path == "questdb/schema.json"]
    data = orjson.loads(document.data)
    found = {name: one["writeIntervalSeconds"] for name, one in data["tables"].items()}
    assert found == {"deploys": None, "logins": None, "loads": 15}
    assert validate("tables", data) == []


def test_rows_of_a_test_are_single_events() -> None:
    classes = {"deploys": Deploys, "loads": Loads}

    def seconds(rows: Rows) -> list[float]:
        return [row.at - START.timestamp() for row in expand_rows(rows, classes, START, 60)]

    one = {"host": "a", "version": "1"}
    assert seconds(Rows("deploys", one)) == [0]
    assert seconds(Rows("deploys", one, start=20)) == [20]
    assert seconds(Rows("deploys", one, every=20)) == [0, 20, 40, 60]
    assert seconds(Rows("deploys", {**one, "version": "1 x3"}, every=5)) == [0, 5, 10]
    assert seconds(Rows("deploys", {"version": "1"}, each={"host": ("a", "b")})) == [0, 0]
    assert seconds(Rows("loads", {"host": "a", "n": 1})) == [0, 15, 30, 45, 60]
    for more in (Rows("deploys", {**one, "version": "1 x3"}), Rows("deploys", one, until=40)):
        with pytest.raises(RowsError, match=r"^deploys has no write interval: say with every how far apart"):
            seconds(more)


def test_demo_data_of_it_need_their_own_interval() -> None:
    columns = {"host": "concat('h', cast(i AS STRING))", "version": "'1'"}
    with pytest.raises(SpecError) as error:
        Demo(table=table_of(Deploys), series=lambda given: 2, columns=columns)
    (problem,) = error.value.problems
    assert (problem.path, problem.message) == ("demo of deploys", "expected every, as deploys has no write interval")
    assert problem.source is not None
    assert problem.source.file == __file__
    with pytest.raises(SpecError, match="every: expected a duration such as 10s, 1m or 1h, got '5'"):
        Demo(table=table_of(Loads), series=lambda given: 2, columns=columns, every="5")
    sparse = Demo(table=table_of(Loads), series=lambda given: 1, columns={"host": "'a'", "n": "1"}, every="1m")
    assert sparse.interval_seconds == 60


@pytest.mark.questdb
def test_demo_data_are_the_events_that_exist(questdb: EmbeddedQuestDB) -> None:
    for text in create_statements(table_of(Deploys)):
        questdb.execute(text)
    demo = Demo(
        table=table_of(Deploys),
        series=lambda given: 2,
        columns={"host": "concat('h', cast(i AS STRING))", "version": "cast(t AS STRING)"},
        every="10m",
        exists="(t / 600 + i) % 3 = 0",
    )
    rows = seed_tables(questdb.client, (demo,), {}, env="prod", start=START, end=START + timedelta(hours=2))
    assert rows == 8
    answer = questdb.query("SELECT count() FROM deploys WHERE at = timestamp_floor('10m', at)")
    assert answer.value == 8


HERE = "WHERE $__timeFilter(timestamp)"


def trades(dedup: tuple[str, ...], series: tuple[str, ...] | None = None, interval: str | None = "1s") -> type:
    @table(name="trades", write_interval=interval, dedup=dedup, series=series, views=(MINUTES,))
    class Trades:
        timestamp: Annotated[datetime, Designated()]
        symbol: Annotated[str, Symbol(256)]
        side: Annotated[str, Symbol(4)]
        trade_id: int
        venue: str
        price: float
        amount: float

    return Trades


MINUTES = MaterializedView(
    name="trades_1m",
    bucket="1m",
    sql="SELECT timestamp, symbol, last(price) AS close FROM trades SAMPLE BY 1m",
)


@pytest.mark.parametrize(
    ("dedup", "interval", "series"),
    [
        (("symbol", "side", "price", "amount"), "1s", ()),
        (("symbol", "trade_id"), "1s", ()),
        (("trade_id",), "1s", ()),
        (("trade_id",), None, ()),
        (("symbol", "side"), "1s", ("symbol", "side")),
        (("symbol",), None, ("symbol",)),
        ((), None, ()),
    ],
)
def test_a_key_that_identifies_an_event_names_no_series(
    dedup: tuple[str, ...], interval: str | None, series: tuple[str, ...]
) -> None:
    keys = ("timestamp", *dedup) if dedup else ()
    made = table_of(trades(keys, interval=interval))
    assert made.series == series
    assert made.has_events == (bool(dedup) and not series)


def test_ids_name_series_where_no_column_is_a_symbol() -> None:
    @table(name="sensors", write_interval="10s", dedup=("timestamp", "sensor"))
    class Sensors:
        timestamp: Annotated[datetime, Designated()]
        sensor: int
        value: float

    assert table_of(Sensors).series == ("sensor",)


def test_rules_from_row_to_row_make_the_key_that_of_series() -> None:
    @table(name="meters", dedup=("timestamp", "site", "meter"), rules=(Monotonic("kwh", resets_with="kwh"),))
    class Meters:
        timestamp: Annotated[datetime, Designated()]
        site: Annotated[str, Symbol(16)]
        meter: int
        kwh: int

    assert table_of(Meters).series == ("site", "meter")


def found(cls: type, sql: str, kind: type = TimeSeries) -> list[str]:
    board = Dashboard(uid="x", title="X", rows=(Row("", (kind("Trades", sql, description="d"),)),))
    of = Project(environments=(Environment("prod"),), tables=(cls,), dashboards=(board,))
    (subject,) = collect_queries(of, of.environments[0]).subjects
    return [rule.code for rule, _ in judge(subject)]


OHLC = f"SELECT timestamp AS time, first(price) AS open, last(price) AS close FROM trades {HERE} SAMPLE BY 1m"
LATEST = f"SELECT symbol, price, timestamp FROM trades {HERE} LATEST ON timestamp PARTITION BY"
TICK = ("timestamp", "symbol", "trade_id")


@pytest.mark.parametrize(
    ("series", "sql", "codes"),
    [
        (None, OHLC, []),
        (("symbol",), OHLC, ["DG304", "DG304"]),
        (("symbol",), OHLC.replace("SAMPLE", "AND symbol = 'A' SAMPLE"), []),
        (None, f"{LATEST} symbol", []),
        (("symbol",), f"{LATEST} symbol", []),
        (("symbol",), f"{LATEST} side", ["DG303"]),
        (None, LATEST.replace("LATEST", "AND price > 100 LATEST") + " symbol", []),
        (
            None,
            "SELECT symbol, datediff('s', timestamp, $__toTime) AS age FROM trades WHERE timestamp BETWEEN "
            "dateadd('d', -7, $__toTime) AND $__toTime LATEST ON timestamp PARTITION BY symbol",
            [],
        ),
        (None, f"SELECT symbol, price FROM trades {HERE}", ["DG318"]),
        (None, f"SELECT symbol, price FROM trades {HERE} AND symbol = 'A'", ["DG318"]),
        (None, f"SELECT close - lag(close) OVER (ORDER BY timestamp) AS d FROM trades_1m {HERE}", ["DG303", "DG318"]),
        (None, f"SELECT symbol, last(close) AS close FROM trades_1m {HERE} GROUP BY symbol", []),
    ],
)
def test_rules_about_series_ask_the_table(series: tuple[str, ...] | None, sql: str, codes: list[str]) -> None:
    kind = TimeSeries if "SAMPLE BY" in sql else Stat
    assert found(trades(TICK, series), sql, kind) == codes


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (("nope",), "expected a column of the table, got 'nope'"),
        (("timestamp",), "expected no designated timestamp, got 'timestamp'"),
        (("price",), "expected a column that names a series, got 'price', a DOUBLE"),
        (("symbol", "symbol"), "expected each column once, got symbol, symbol"),
        ("symbol", "expected a tuple of column names, got 'symbol'"),
    ],
)
def test_series_are_columns_of_the_table(series: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        trades(TICK, series)
