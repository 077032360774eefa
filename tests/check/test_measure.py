from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest

from dashgen import (
    Dashboard,
    Environment,
    EnvironmentVariable,
    Ignore,
    Project,
    QueryVariable,
    Row,
    Table,
    TimeSeries,
)
from dashgen.check.finding import CheckReport
from dashgen.check.formats.phrases import span
from dashgen.check.formats.text import text
from dashgen.check.measure import scans
from dashgen.check.run import CheckOutcome, Scope, prove, report, run
from dashgen.check.session import Session
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.table import Designated, Symbol, table, table_of
from dashgen.questdb import EmbeddedQuestDB

NOW = datetime.now(UTC).replace(microsecond=0)
STAGES = ("text", "columns", "project", "answer", "created", "run")


@table(name="measured", dedup=("at", "host", "env"), write_interval="1m")
class Measured:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    env: Annotated[str, Symbol(16)]
    n: int


DEMO = Demo(
    table=table_of(Measured),
    series=lambda _: 2,
    columns={"host": "concat('host-', cast(i AS STRING))", "env": "'prod'", "n": "t % 100"},
)
ENV = EnvironmentVariable("env")
HOST = QueryVariable("host", "SELECT DISTINCT host FROM measured ORDER BY host")
BOUND = "$__timeFilter(at) AND env = ${env:sqlstring}"
PANELS = (
    TimeSeries(
        "Sampled",
        f"SELECT at AS time, host AS metric, avg(n) AS value FROM measured WHERE {BOUND}"
        " SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR ORDER BY time",
    ),
    TimeSeries(
        "Raw", f"SELECT at AS time, host AS metric, n AS value FROM measured WHERE {BOUND} ORDER BY time",
        max_data_points=100,
    ),
    TimeSeries("Unordered", f"SELECT at AS time, host AS metric, n FROM measured WHERE {BOUND} ORDER BY host, at DESC"),
    Table(
        "One host", f"SELECT host, n FROM measured WHERE {BOUND} AND host = ${{host:sqlstring}} LIMIT 5",
        # unused, which is no finding: at another hour it may be needed
        ignore=(Ignore("DG701", reason="empty while well"),),
    ),
    Table("Nothing", f"SELECT host, n FROM measured WHERE {BOUND} AND n > 1000 LIMIT 5"),
    Table(
        "Slow",
        "SELECT max(a.n * b.n) AS c FROM measured a CROSS JOIN measured b"
        " WHERE a.at >= $__fromTime AND a.at <= $__toTime AND a.env = ${env:sqlstring}",
        budget_ms=1,
    ),
    Table("Whole", "SELECT host, n FROM measured LIMIT 5"),
)  # fmt: skip


@pytest.fixture(scope="module")
def done(questdb: EmbeddedQuestDB) -> CheckReport:
    project = Project(
        environments=(Environment("prod"), Environment("dev")),
        tables=(Measured,),
        demos=(DEMO,),
        dashboards=(
            Dashboard(
                uid="measured", title="Measured", variables=(ENV, HOST), rows=(Row("", PANELS),), time_from="now-3h"
            ),
        ),
    )
    scope = Scope.of(project, Path(__file__).parent, select=["DG0", "DG1", "DG7"])
    with Session(project, server=questdb) as session:
        session.start()
        proved = prove(scope, session)
        outcome: CheckOutcome = run(scope, session, proved, NOW)
    return report(scope, outcome, STAGES)


def _path(name: str) -> str:
    return f"measured › {name}"


@pytest.mark.questdb
def test_findings(done: CheckReport) -> None:
    found = {(f.code, f.path) for f in done.findings}
    assert found == {
        ("DG701", _path("Nothing")),
        ("DG702", _path("Raw")),
        ("DG703", _path("Slow")),
        ("DG704", _path("Unordered")),
    }
    messages = {f.code: f.message for f in done.findings}
    assert messages["DG701"] == "no rows on demo data (3h)"
    assert messages["DG702"] == "180 points per series for 100 pixels (3h)"
    assert messages["DG704"].startswith("Grafana refuses the rows: long series must be sorted ascending by time")


@pytest.mark.questdb
def test_rows_and_what_was_read(done: CheckReport) -> None:
    measured = {m.subject.path.removeprefix("measured › "): m for m in done.measurements}
    assert measured["Raw"].rows == 360
    assert measured["Raw"].series_rows == 180
    assert measured["One host"].rows == 5
    assert dict(measured["Raw"].scanned) == {"measured": pytest.approx(10_800)}
    assert dict(measured["Whole"].scanned) == {"measured": None}
    assert measured["QueryVariable 'host'"].rows == 2
    assert all(m.milliseconds > 0 for m in measured.values())


@pytest.mark.questdb
def test_an_environment_without_demo_data_is_not_run_and_said_so(done: CheckReport) -> None:
    assert {m.subject.environment.name for m in done.measurements} == {"prod"}
    assert {u.reason for u in done.not_run} == {"the demo data have no rows of env 'dev'"}


@pytest.mark.questdb
def test_the_table_has_the_slowest_first(done: CheckReport) -> None:
    shown = text(replace(done, findings=()), color=False, every=2).splitlines()
    assert shown[0].split() == ["ms", "rows", "scanned", "environment", "query"]
    found = [float(line.split()[0]) for line in shown[1:9]]
    assert len(found) == 8
    assert found == sorted(found, reverse=True)


def test_scans_of_a_plan() -> None:
    plan = """
    Union All
        &nbsp;&nbsp;Interval backward scan on: a
          &nbsp;&nbsp;intervals: [("2026-01-01T00:00:00.000000Z","2026-01-02T00:00:00.000000Z")]
        Interval forward scan on: a
          intervals: [("2026-01-01T00:00:00.000000Z","2026-01-01T01:00:00.000000Z")]
        Frame forward scan on: b
        Interval forward scan on: c
          intervals: [("2026-01-01T00:00:00.000000Z","MAX")]
    """
    assert scans(plan) == [("a", 86_400.0), ("b", None), ("c", None)]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "all"), (604_800, "7 d"), (21_659, "6.02 h"), (90, "1.5 min"), (10, "10 s")]
)
def test_spans(seconds: float | None, shown: str) -> None:
    assert span(seconds) == shown
