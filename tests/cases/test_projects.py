"""Whole projects as people wrote them for an earlier version: loaded, rendered, checked as `dashgen check` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.check import run
from dashgen.check.session import check_session
from dashgen.loading.load import load
from dashgen.pipeline import prepare
from dashgen.questdb import EmbeddedQuestDB
from tests.scratch import specs

HEAD = """\
from datetime import datetime
from typing import Annotated
from dashgen import *
from dashgen.model.table import Designated, Symbol, table
from grafanalib import core as G

@table(name="NAME", write_interval="1s", dedup=("timestamp", "symbol"))
class Quotes:
    timestamp: Annotated[datetime, Designated()]
    symbol: Annotated[str, Symbol(256)]
    side: Annotated[str, Symbol(4)]
    price: float
    amount: float

W = "WHERE $__timeFilter(timestamp)"
S = "SAMPLE BY $__sampleByInterval"
QDB = Environment("prod", grafana="12.3", owns_policy_tree=True, datasources={"questdb": QuestDB()})
PG = Environment("pg", grafana="12.3", uid_prefix="pg-", datasources={"questdb": QuestDB(plugin="postgres")})
VOLUME = f"SELECT timestamp AS time, sum(amount) AS v FROM NAME {W}"
LATEST = "LATEST ON timestamp PARTITION BY symbol"

def chart(title, sql):
    return TimeSeries(title, sql, description="d")

def project(*panels, variables=(), environments=(QDB,), **fields):
    boards = (Dashboard(uid="b", title="B", variables=variables, rows=(Row("Now", panels),)),) if panels else ()
    return Project(environments=environments, tables=(Quotes,), dashboards=boards, **fields)

def shown(cls, title, sql, form, row):
    target = G.SqlTarget(rawSql=sql, refId="A", format=form)
    return cls(title=title, dataSource="questdb", gridPos=G.GridPos(8, 12, 0, row), targets=[target], interval="1s")

"""
PROJECTS = {
    "All without a guard": (
        """
        SYM = QueryVariable("sym", f"SELECT DISTINCT symbol FROM NAME {W} ORDER BY symbol", multi=True,
                            include_all=True, refresh="time range")
        PROJECT = project(chart("Volume", f"{VOLUME} AND symbol IN (${{sym:sqlstring}}) {S}"),
                          Text("About", content="You look at **$sym**."), variables=(SYM,))
        """,
        ["error DG320 b › Volume", "error DG321 b › About"],
    ),
    "decimals": (
        """
        PROJECT = project(
            chart("kwh", f"SELECT timestamp AS time, cast(sum(amount) AS DECIMAL(18,3)) AS kwh FROM NAME {W} {S}"),
            Stat("Total", f"SELECT sum(cast(amount AS DECIMAL(18,3))) AS kwh FROM NAME {W}", description="d"))
        """,
        ["error DG203 b › kwh", "error DG203 b › Total"],
    ),
    "panels of another library": (
        """
        B = G.Dashboard(title="Lib", uid="lib", panels=[
            shown(G.StateTimeline, "side", f"SELECT timestamp AS time, last(side) AS side FROM NAME {W} "
                  f"AND symbol = 'A' {S}", "time_series", 0),
            shown(G.Stat, "rows", f"SELECT symbol, price FROM NAME {W}", "table", 8),
            shown(G.Stat, "text", f"SELECT symbol, side FROM NAME {W} {LATEST}", "table", 16),
        ]).auto_panel_ids()
        PROJECT = Project(environments=(QDB,), tables=(Quotes,), dashboards=(as_dashboard(B),))
        """,
        ["error DG318 lib › rows", "error DG203 lib › text"],
    ),
    "a value that comes after its text": (
        """
        A = QueryVariable("a", f"SELECT symbol AS __text, side AS __value FROM NAME {W} {LATEST}",
                          refresh="time range")
        PROJECT = project(chart("x", f"{VOLUME} AND side IN (${{a:sqlstring}}) {S}"), variables=(A,),
                          environments=(QDB, PG))
        """,
        [],
    ),
    "times that are shifted": (
        """
        PROJECT = project(
            chart("tomorrow", "SELECT dateadd('d', 1, t.timestamp) AS time, sum(t.amount) AS v FROM NAME t "
                              f"WHERE $__timeFilter(t.timestamp) {S}"),
            chart("local", "SELECT to_timezone(timestamp, 'Europe/Rome') AS time, sum(amount) AS v "
                           f"FROM NAME {W} {S}"))
        """,
        ["error DG322 b › tomorrow", "error DG212 b › local"],
    ),
    "a trend over a number": (
        """
        SIZES = f"SELECT amount AS x, avg(price) AS y FROM NAME {W} GROUP BY x ORDER BY x"
        PROJECT = project(Panel("trend", "Sizes", SIZES, description="d", options={"xField": "x"}),
                          environments=(QDB, PG))
        """,
        [],
    ),
    "trades, whose key identifies an event": (
        """
        @table(name="NAME", write_interval="1s", dedup=("timestamp", "symbol", "side", "price", "amount"))
        class Quotes:
            timestamp: Annotated[datetime, Designated()]
            symbol: Annotated[str, Symbol(256)]
            side: Annotated[str, Symbol(4)]
            price: float
            amount: float

        OHLC = "first(price) AS open, max(price) AS high, min(price) AS low, last(price) AS close"
        PROJECT = project(
            Panel("candlestick", "OHLC", f"SELECT timestamp AS time, {OHLC} FROM NAME {W} AND symbol = 'A' {S}",
                  description="d"),
            Table("Latest", f"SELECT symbol, price, timestamp FROM NAME {W} {LATEST} ORDER BY symbol LIMIT 100",
                  description="d"))
        """,
        [],
    ),
}


@pytest.mark.questdb
@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_said_of_a_project(name: str, questdb: EmbeddedQuestDB, tmp_path: Path) -> None:
    text, said = PROJECTS[name]
    table = f"project_{list(PROJECTS).index(name)}"
    root = specs(tmp_path, text.replace("NAME", table), head=HEAD.replace("NAME", table))
    loaded = load(root)
    assert loaded.problems == ()
    project = loaded.project
    assert project is not None
    assert [p for e in project.environments for p in prepare(project, e, tmp_path / e.name).problems] == []
    scope = run.Scope.of(project, root)
    with check_session(questdb, project) as session:
        report = run.report(scope, run.prove(scope, session), ("text", "columns", "project", "answer", "created"))
    assert report.unchecked == ()
    found = [f"{one.severity} {one.code} {one.path}" for one in report.findings if one.severity != "note"]
    assert found == said


def test_modules_by_their_earlier_paths(tmp_path: Path) -> None:
    """Each import as documents and specs had it."""
    text = """
    import dashgen.model.table as tables
    from dashgen.lint.engine import examine
    from dashgen.lint.session import Session, on_server
    from dashgen.lint.subjects import collect
    from dashgen.model import rules
    from dashgen.model.alert import ErrorState, Severity
    from dashgen.model.demo import Demo, Outage
    from dashgen.model.panel import *
    from dashgen.model.query import AnyQuery
    from dashgen.model.row_constraints import RowRule
    from dashgen.model.rows import Finding, Validator, validate
    from dashgen.model.rules import Connection, Monotonic, NotAfter, OnlyWhile, Ratio, SetExactlyWhileNot
    from dashgen.model.table import Doc, MaterializedView, table_of, unchecked
    from dashgen.simulate.cases import AlertTest

    assert tables.Designated is Designated and rules.Ratio is Ratio
    PROJECT = project()
    """
    loaded = load(specs(tmp_path, text, head=HEAD.replace("NAME", "t")))
    assert [str(problem) for problem in loaded.problems] == []
