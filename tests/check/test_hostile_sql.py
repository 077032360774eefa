"""SQL that is no query, does not end, or is nested without end: a finding each, and never more than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashgen import (
    AlertGroup,
    AlertRule,
    Annotation,
    CustomVariable,
    Demo,
    Project,
    QueryVariable,
    Table,
)
from dashgen.check.engine import check_query
from dashgen.check.run import CheckOutcome, Scope, prove, read, run
from dashgen.check.session import Session
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB, bounded
from specs.tables import DaemonMetrics
from tests.check.helpers import project, subjects

pytestmark = pytest.mark.questdb
NO_QUERIES = (
    "COPY daemon_metrics TO 'taken' WITH FORMAT PARQUET",
    "COPY (SELECT * FROM daemon_metrics) TO 'taken' WITH FORMAT PARQUET",
    "COPY daemon_metrics FROM 'x.csv' WITH HEADER true",
    "DROP TABLE daemon_metrics",
    "WITH q AS (SELECT * FROM daemon_metrics) INSERT INTO daemon_metrics SELECT * FROM q",
    "SELECT 1 AS one; TRUNCATE TABLE daemon_metrics",
    "/* nothing */ UPDATE daemon_metrics SET running = false",
    "SELECT reload_config()",
)
ROW = "INSERT INTO daemon_metrics (timestamp, host, env) VALUES (0, 'a', 'prod')"


def scope(of: Project) -> Scope:
    return Scope.of(of, Path(__file__).parents[2] / "specs")


def codes(outcome: CheckOutcome) -> list[str]:
    return [found.rule.code for found in outcome.found if found.rule.code in ("DG101", "DG104", "DG105", "DG706")]


@pytest.fixture
def filled(session: Session) -> Iterator[Session]:
    """With one row in a table that other tests want to be empty."""
    server = session.start()
    server.execute("TRUNCATE TABLE daemon_metrics")
    server.execute(ROW)
    server.settle()
    yield session
    server.execute("TRUNCATE TABLE daemon_metrics")
    server.settle()


@pytest.mark.parametrize("sql", NO_QUERIES)
def test_what_is_no_query_is_one_finding_wherever_it_stands(filled: Session, sql: str) -> None:
    server, session = filled.start(), filled
    wrong = AlertRule(uid="r", title="R", query=sql, threshold=1, severity="info", summary="s")
    of = project(Table("T", sql), Annotation("a", sql), QueryVariable("v", sql))
    of = replace(of, alerts=(AlertGroup("g", folder="Alerts", rules=(wrong,)),))
    asked = session.asked
    outcome = prove(scope(of), session)
    assert codes(outcome).count("DG104") == 4
    assert "DG101" not in codes(outcome)
    assert outcome.sound == ()
    ran = run(scope(replace(of, demos=())), session, outcome, datetime(2026, 1, 5, tzinfo=UTC))
    assert ran.measurements == ()
    assert session.asked == asked
    assert server.query("SELECT count() FROM daemon_metrics").value == 1
    assert server.query("SELECT running FROM daemon_metrics").value is not True
    assert not list(server.folder.rglob("taken*"))
    assert codes(read(scope(of))).count("DG104") == 4


def test_the_value_of_a_variable_makes_no_statement(session: Session) -> None:
    chosen = CustomVariable("what", ("DROP TABLE daemon_metrics",))
    (subject,) = (s for s in subjects(Table("T", "$what"), chosen) if s.role == "panel")
    found = [one for one in check_query(subject, session) if one.rule.code == "DG101"]
    assert [one.match.message for one in found] == [
        "expected a query that reads rows, got the statement DROP; it is not sent"
    ]


@pytest.mark.parametrize("formula", ["1; DROP TABLE daemon_metrics", "reload_config()"])
def test_formulas_of_demo_data_do_nothing_else(session: Session, formula: str) -> None:
    demo = Demo(table=table_of(DaemonMetrics), series=lambda given: 1, columns={"host": formula})
    of = replace(project(), demos=(demo,))
    outcome = prove(scope(of), session)
    assert codes(outcome) == ["DG706"]
    (fault,) = (found.match for found in outcome.found if found.rule.code == "DG706")
    assert "columns.host: expected an expression, got" in fault.message
    assert "daemon_metrics" in [row[0] for row in session.start().query("SELECT table_name FROM tables()").rows]


def nested(text: str, times: int, inside: str) -> str:
    begin, end = text.split("…")
    return begin * times + inside + end * times


FROM = "FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 5"
DEEP = {
    "selects": nested("SELECT host FROM (…)", 300, "SELECT host FROM daemon_metrics"),
    "parentheses": f"SELECT {nested('(…)', 300, 'running')} AS a {FROM}",
    "cases": f"SELECT {nested('CASE WHEN running THEN 1 ELSE … END', 300, '2')} AS a {FROM}",
    "functions": f"SELECT {nested('coalesce(…, 1)', 300, 'uptime_seconds')} AS a {FROM}",
    "signs": f"SELECT {'- ' * 2_000}uptime_seconds AS a {FROM}",
    "nots": f"SELECT host FROM daemon_metrics WHERE {'NOT ' * 2_000} running",
    "ands": f"SELECT host FROM daemon_metrics WHERE {' AND '.join(f'uptime_seconds > {n}' for n in range(5_000))}",
    "sums": f"SELECT {'+'.join(['uptime_seconds'] * 5_000)} AS a {FROM}",
    "casts": f"SELECT uptime_seconds{'::double' * 2_000} AS a {FROM}",
    "open": f"SELECT host FROM daemon_metrics WHERE {'(' * 50_000}",
    "long": f"SELECT '{'x' * 2_000_000}' AS a {FROM}",
}


@pytest.mark.parametrize("sql", DEEP.values(), ids=DEEP)
def test_nesting_ends_no_check(session: Session, sql: str) -> None:
    of = project(Table("T", sql))
    outcome = prove(scope(of), session)
    found = codes(outcome)
    assert len(found) <= 1
    assert ("DG101" in found) == (not any(subject.role == "panel" for subject in outcome.sound))
    assert len(codes(read(scope(of)))) <= 1


def test_a_query_that_is_not_understood_has_one_note(session: Session) -> None:
    of = project(Table("T", "SHOW PARTITIONS FROM daemon_metrics"))
    two = replace(of, environments=(*of.environments, replace(of.environments[0], name="b", uid_prefix="b-")))
    outcome = prove(scope(two), session)
    (note,) = {found.match.message for found in outcome.found if found.rule.code == "DG105"}
    assert note == (
        "not understood: expected a query, got 'SHOW'; the rules DG3xx to DG6xx that read a query's parts skip it"
    )
    refused = prove(scope(project(Table("T", "SELECT host FROM FROM daemon_metrics"))), session)
    assert codes(refused) == ["DG101"]


def test_a_run_goes_on_behind_what_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded.BoundedReader.__init__, "__kwdefaults__", {"seconds": 0.5, "rows": 2_500})
    endless = "long_sequence(1000000000000)"
    panels = (
        Table("Computes", f"SELECT sum(x) AS v FROM {endless}"),
        Table("Rows", f"SELECT x FROM {endless}"),
        Table("Ends", "SELECT 1 AS one"),
    )
    endless_variable = QueryVariable("v", f"SELECT x FROM {endless} WHERE x < 0")
    of = project(*panels, Table("Uses", "SELECT ${v:sqlstring} AS v"), endless_variable)
    with EmbeddedQuestDB(compiler="quick") as server, Session(of, server=server) as asked:
        outcome = run(scope(of), asked, prove(scope(of), asked), datetime(2026, 1, 5, tzinfo=UTC))
    stopped = {one.subject.path.rpartition(" › ")[2]: one.stopped for one in outcome.measurements}
    assert {name: stopped[name] for name in ("Computes", "Rows", "Ends", "Uses", "QueryVariable 'v'")} == {
        "Computes": "after 0.5 s", "Rows": "after 2,500 rows", "Ends": "", "Uses": "",
        "QueryVariable 'v'": "after 0.5 s",
    }  # fmt: skip
    slow = [f.match.message for f in outcome.found if f.rule.code == "DG703" and "was cancelled" in f.match.message]
    assert len(slow) == 3
