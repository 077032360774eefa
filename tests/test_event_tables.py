"""A table whose rows come as events occur has no write interval: whoever reads one must claim nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
import pytest

from dashgen import Dashboard, Environment, Project, Row, TimeSeries
from dashgen.dictionary import dictionary
from dashgen.lint.engine import judge
from dashgen.lint.rules import rules
from dashgen.lint.subjects import collect
from dashgen.model.demo import Demo
from dashgen.model.problems import SpecError
from dashgen.model.table import Designated, MaterializedView, Symbol, table, table_of
from dashgen.questdb import QuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render import intervals, render
from dashgen.render.dashboards import min_interval
from dashgen.render.ddl import create_statements
from dashgen.schema.validate import validate
from dashgen.simulate.cases import Rows
from dashgen.simulate.stage import RowsError, expand_rows

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
        subjects = collect(whole, whole.environments[0]).subjects
        return [match.message for subject in subjects for _, match in judge(subject, (short,))]

    assert said(panel("deploys", "1s")) == []
    assert said(panel("logins")) == []
    assert said(panel("deploys_1h", "1m")) == ["deploys_1h is written each 3600s, and the bucket is 1m"]
    assert said(panel("loads", "1s")) == ["loads is written each 15s, and the bucket is 1s"]
    joined = panel("deploys JOIN loads ON (host)", "1s")
    assert said(joined) == ["loads is written each 15s, and the bucket is 1s"]


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
def test_demo_data_are_the_events_that_exist(questdb: QuestDB) -> None:
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
