from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pytest

import specs
from dashgen import Ignore, Query, Table, TimeSeries
from dashgen.check.answer_cache import Kept
from dashgen.check.finding import CheckReport
from dashgen.check.run import CheckOutcome, Scope, chosen, excerpt_of, prove, read, report
from dashgen.check.session import Session
from dashgen.model.project import Project
from dashgen.model.tables.table import Designated, MaterializedView, table
from dashgen.questdb import EmbeddedQuestDB
from tests.check.helpers import project

HERE = Path(__file__).parent
STAGES = ("text", "columns", "project", "answer", "created")
REFUSED = "SELECT host, nope FROM daemon_metrics LIMIT 10"


def _proved(made: Project, server: EmbeddedQuestDB, *select: str) -> CheckReport:
    scope = Scope.of(made, HERE, select=select)
    with Session(made, server=server) as session:
        return report(scope, prove(scope, session), STAGES)


@pytest.mark.questdb
def test_a_finding_has_the_line_and_column_of_the_sql(questdb: EmbeddedQuestDB) -> None:
    made = project(
        Table(
            "Hosts",
            """
            SELECT host,
                   nope
            FROM daemon_metrics
            LIMIT 10
            """,
        )
    )
    (finding,) = _proved(made, questdb, "DG101").findings
    lines = Path(__file__).read_text().splitlines()
    line = next(i for i, text in enumerate(lines, 1) if text.strip() == "nope")
    assert str(finding.place) == f"check/test_check.py:{line}:20"
    assert finding.path == "tried › Hosts"
    assert finding.excerpt is not None
    assert finding.excerpt.text[finding.excerpt.start : finding.excerpt.end] == "nope"


@pytest.mark.questdb
def test_an_ignore_keeps_its_finding_back_and_only_that(questdb: EmbeddedQuestDB) -> None:
    reason = Ignore("DG101", reason="the column comes with the next release")
    made = project(
        Table("Ignored", Query(REFUSED, ignore=(reason,))),
        Table("Ignored by its panel", REFUSED, ignore=(reason,)),
        Table("Found", REFUSED),
    )
    assert [f.path for f in _proved(made, questdb, "DG101", "DG0").findings] == ["tried › Found"]


@pytest.mark.questdb
def test_an_ignore_that_keeps_nothing_back_is_found_unless_its_rule_was_not_run(questdb: EmbeddedQuestDB) -> None:
    right = "SELECT host FROM daemon_metrics LIMIT 10"
    made = project(
        Table("Stale", Query(right, ignore=(Ignore("DG101", reason="it once was refused"),))),
        Table("Not run", Query(right, ignore=(Ignore("DG701", reason="empty while healthy"),))),
        Table("Unknown", Query(right, ignore=(Ignore("DG999", reason="a typing error"),))),
    )
    found = {f.path: f.message for f in _proved(made, questdb, "DG101", "DG0").findings}
    assert found == {
        "tried › Stale": "the ignore of DG101 suppresses nothing",
        "tried › Unknown": "there is no rule DG999 to ignore",
    }


BOUND = "FROM daemon_metrics WHERE $__timeFilter(timestamp)"
ONE_FINDING = {
    "a column": (f"SELECT timestamp AS time, host, nope {BOUND}", "DG101", "Invalid column: nope", "_metrics has"),
    "a column twice": (f"SELECT timestamp AS time, nope, max(nope) {BOUND}", "DG101", "Invalid column: nope", ""),
    "a misspelt column": (
        f"SELECT timestamp AS time, running::int AS up {BOUND} AND hots = 'a'",
        "DG101", "Invalid column: hots", "did you mean host?",
    ),
    "a misspelt key": (
        f"SELECT host, running::int AS up {BOUND} LATEST ON timestamp PARTITION BY hst, env",
        "DG101", "Invalid column: hst", "did you mean host?",
    ),
    "a misspelt table": (
        f"SELECT timestamp AS time, running::int AS up {BOUND.replace('metrics', 'metric')}",
        "DG101", "table does not exist [table=daemon_metric]", "did you mean 'daemon_metrics'?",
    ),
    "a misspelt keyword": (f"SELCT timestamp AS time, running::int AS up {BOUND}", "DG101", "QuestDB refuses it", ""),
    "an interval": (
        f"SELECT timestamp AS time, running::int AS up {BOUND} AND timestamp > $__toTime - interval '1 hour'",
        "DG101", "impossible type cast", "QuestDB has no intervals: write dateadd",
    ),
    "both groupings": (
        f"SELECT timestamp AS time, max(uptime_seconds) AS up {BOUND} SAMPLE BY $__sampleByInterval GROUP BY host",
        "DG101", "must not contain both GROUP BY and SAMPLE BY", "remove GROUP BY",
    ),
    "a unit": (
        f"SELECT timestamp AS time, max(uptime_seconds) AS up {BOUND} SAMPLE BY 5 minutes",
        "DG101", "unexpected token [minutes]", "write a whole number and one of",
    ),
    "a macro": (
        f"SELECT timestamp AS time, running::int AS up {BOUND.replace('timeF', 'timef')}",
        "DG102", "no macro $__timefilter", "did you mean $__timeFilter?",
    ),
    "a value without quotes": (
        f"SELECT timestamp AS time, running::int AS up {BOUND} AND env = ${{env}}",
        "DG101", "Invalid column: prod", "write ${env:sqlstring}",
    ),
}  # fmt: skip


@pytest.mark.questdb
@pytest.mark.parametrize("case", ONE_FINDING)
def test_a_mistake_in_sql_is_one_finding(questdb: EmbeddedQuestDB, case: str) -> None:
    """What the server refuses and what the text shows at that place are one."""
    sql, code, message, hint = ONE_FINDING[case]
    found = _proved(project(TimeSeries("T", sql) if "AS time" in sql else Table("T", sql)), questdb).findings
    errors = [f for f in found if f.severity == "error"]
    assert [f.code for f in errors] == [code], errors
    assert message in errors[0].message
    assert hint in errors[0].hint
    assert found[0] == errors[0]


@pytest.mark.questdb
def test_what_the_server_says_is_kept_back_the_text_is_told(questdb: EmbeddedQuestDB) -> None:
    ignored = Ignore("DG101", reason="the column comes with the next release")
    found = _proved(project(Table("T", Query(REFUSED, ignore=(ignored,)))), questdb).findings
    (finding,) = [f for f in found if "nope" in f.message]
    assert (finding.code, finding.message) == ("DG602", "expected a declared column, got 'nope'")


@pytest.mark.questdb
def test_the_shipped_specs_pass(questdb: EmbeddedQuestDB) -> None:
    made = specs.PROJECT
    scope = Scope.of(made, HERE.parent.parent / "specs")
    with Session(made, server=questdb) as session:
        session.start()
        outcome = prove(scope, session)
    assert {s.environment.name for s in outcome.subjects} == {"prod", "local"}
    done = report(scope, outcome, STAGES)
    assert [f"{f.place} {f.code} {f.message}" for f in done.findings if f.severity != "note"] == []
    assert not done.unchecked


@table(
    name="refused_base",
    dedup=("at",),
    views=(
        MaterializedView(
            name="refused_view", bucket="1m", sql="SELECT at, sum(n) AS n FROM refused_base SAMPLE BY 1m FILL(0)"
        ),
    ),
)
class RefusedBase:
    at: Annotated[datetime, Designated()]
    n: int


@pytest.mark.questdb
def test_a_view_that_cannot_be_made_is_found_and_its_queries_are_not_checked(questdb: EmbeddedQuestDB) -> None:
    made = project(
        Table("Of the view", "SELECT n FROM refused_view LIMIT 1"),
        Table("Of the base", "SELECT n FROM refused_base LIMIT 1"),
        tables=(RefusedBase,),
    )
    done = _proved(made, questdb, "DG1")
    (finding,) = done.findings
    assert (finding.code, finding.path) == ("DG103", "refused_view")
    assert "FILL on base table is not supported" in finding.message
    assert finding.place is not None
    assert finding.place.file == "check/test_check.py"
    assert [(u.path, u.reason) for u in done.unchecked] == [
        ("tried › Of the view", "reads refused_view, which the server refuses to create")
    ]


class NoServer(EmbeddedQuestDB):
    def start(self) -> None:
        raise AssertionError("a server was started")


@pytest.fixture
def kept_answers(questdb: EmbeddedQuestDB, tmp_path: Path) -> Path:
    made = project(TimeSeries("A", "SELECT timestamp AS time, uptime_seconds FROM daemon_metrics LIMIT 1"))
    with Session(made, server=questdb, kept=Kept(tmp_path / "a.json")) as session:
        session.start()
        _outcome(made, session)
    return tmp_path / "a.json"


def _outcome(made: Project, session: Session) -> CheckOutcome:
    return prove(Scope.of(made, HERE, select=["DG1"]), session)


@pytest.mark.questdb
def test_a_second_run_starts_no_server_and_a_changed_panel_asks_for_that_one(
    questdb: EmbeddedQuestDB, kept_answers: Path
) -> None:
    same = project(TimeSeries("Renamed", "SELECT timestamp AS time, uptime_seconds FROM daemon_metrics LIMIT 1"))
    with Session(same, server=NoServer(), kept=Kept(kept_answers)) as session:
        assert _outcome(same, session).counts.asked == 0
    more = project(*same.dashboards[0].panels, Table("New", "SELECT host FROM daemon_metrics LIMIT 3"))  # type: ignore[union-attr]  # a dashgen dashboard
    with Session(more, server=questdb, kept=Kept(kept_answers)) as session:
        assert _outcome(more, session).counts.asked == 1


def test_offline_says_that_nothing_was_proved() -> None:
    made = project(Table("Hosts", REFUSED))
    outcome = read(Scope.of(made, HERE))
    assert outcome.counts.queries == 0
    assert [u.reason for u in outcome.unchecked] == ["not proved on a server (--offline)"]


def test_rules_are_chosen_by_code_beginning_and_name() -> None:
    assert [r.code for r in chosen(["dg101"])] == ["DG101"]
    assert [r.code for r in chosen(["refused-by-server", "DG10"])] == ["DG101", "DG102", "DG103", "DG104", "DG105"]
    with pytest.raises(ValueError, match="no rule 'DG99'"):
        chosen(["DG99"])


def test_an_excerpt_is_the_line_in_which_the_span_begins() -> None:
    sql = "SELECT a\n  FROM b\nWHERE c"
    found = excerpt_of(sql, (sql.index("b"), sql.index("c")))
    assert (found.text, found.line, found.start, found.end) == ("  FROM b", 2, 7, 8)
    assert excerpt_of(sql, (len(sql), len(sql) + 1)).start == len("WHERE c")
