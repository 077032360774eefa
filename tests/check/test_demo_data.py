"""`dashgen check --run` where demo data are missing, or the server refuses a formula: said once, with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashgen.check.finding import CheckReport
from dashgen.check.run import Scope, prove, report, run
from dashgen.check.session import Session
from dashgen.loading.load import load
from dashgen.questdb import EmbeddedQuestDB, bounded, describe
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.errors import DemoError
from tests.scratch import dashgen, specs

NOW = datetime.now(UTC).replace(microsecond=0)
HEAD = """\
from datetime import datetime
from typing import Annotated

from dashgen import *
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table, table_of

HOURLY = MaterializedView(name="NAME_deploys_1h", bucket="1h",
                          sql="SELECT at, host, count() AS n FROM NAME_deploys SAMPLE BY 1h")


@table(name="NAME_loads", dedup=("at", "host"), write_interval="10m")
class Loads:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    n: int
    ratio: float
    up: bool


@table(name="NAME_deploys", dedup=("at", "host"), views=(HOURLY,))
class Deploys:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]


def show(title, table, more=""):
    sql = f"SELECT host FROM {table} WHERE $__timeFilter(at) {more} ORDER BY host LIMIT 5"
    return Table(title, sql, description="d")


BOARD = Dashboard(uid="x", title="X", rows=(Row("Now", (
    show("Loads", "NAME_loads"), show("Deploys", "NAME_deploys"), show("Hourly", "NAME_deploys_1h"),
    show("Never", "NAME_loads", "AND n < 0"), show("Wrong", "NAME_loads", "AND nope = 1"),
    show("Joined", "(SELECT l.host AS host, l.at AS at FROM NAME_loads l JOIN NAME_deploys d ON (host))"),
    Stat("Tables", "SELECT table_name, 1 AS n FROM tables() LIMIT 5", description="d"),
)),))


def project(*demos):
    return Project(environments=(Environment("prod"),), tables=(Loads, Deploys), dashboards=(BOARD,), demos=demos,
                   demo_parameters={"hosts": 3})


"""
LOADS = """\
LOADS = Demo(
    table=table_of(Loads),
    series=lambda given: given["hosts"],
    steps=(
        ("h", "i"),
        ("wave", "sin(t * 0.001)"),
        ("twice", "wave * 2"),
    ),
    columns={
        "host": "concat('host-', cast(h AS STRING))",
        "n": "t + {hosts}",
        "ratio": "twice",
        "up": "twice > 0",
    },
    exists="h < 9",
)
"""
DEPLOYS = """\
DEPLOYS = Demo(table=table_of(Deploys), series=lambda given: 1, columns={"host": "'host-1'"}, every="1h")
"""


def checked(folder: Path, server: EmbeddedQuestDB, name: str, text: str) -> CheckReport:
    """The project of those specs, run on tables whose names begin with `name`."""
    root = specs(folder, text.replace("NAME", name), head=HEAD.replace("NAME", name))
    loaded = load(root)
    assert loaded.project is not None, loaded.problems
    scope = Scope.of(loaded.project, root, select=["DG1", "DG7"])
    with Session(loaded.project, server=server) as session:
        outcome = run(scope, session, prove(scope, session), NOW)
    return report(scope, outcome, ("answer", "run"))


def said(report: CheckReport) -> list[str]:
    return [f"{f.place} {f.code} {f.path}: {f.message}" for f in report.findings]


def line(text: str, part: str) -> str:
    """`file:line` of a part of the specs."""
    return f"specs/__init__.py:{(HEAD + text)[: (HEAD + text).index(part)].count(chr(10)) + 1}"


WRONG = "x › Wrong: QuestDB refuses it: Invalid column: nope"


@pytest.mark.questdb
def test_a_project_without_demo_data_is_named_once(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    done = checked(tmp_path, questdb, "none", "PROJECT = project()")
    refused, missing = sorted(said(done), key=lambda text: "DG705" in text)
    assert refused.endswith(WRONG)
    assert missing == f"{line('', 'Project(environments')}:12 DG705 PROJECT: has no demo data, so 5 queries are not run"
    assert {u.reason for u in done.not_run} == {"there are no demo data"}
    assert {m.subject.path for m in done.measurements} == {"x › Tables"}


@pytest.mark.questdb
def test_a_table_without_demo_data_is_named_once(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    done = checked(tmp_path, questdb, "one", LOADS + "PROJECT = project(LOADS)")
    found = said(done)
    assert [f.partition(" ")[2] for f in found] == [
        f"DG101 {WRONG}",
        "DG705 one_deploys: has no demo data, so 3 queries are not run",
        "DG701 x › Never: no rows on demo data (6h)",
    ]
    assert {u.path for u in done.not_run} == {"x › Deploys", "x › Hourly", "x › Joined"}
    assert {u.reason for u in done.not_run} == {"there are no demo data of one_deploys"}
    assert {m.subject.path for m in done.measurements if m.rows} == {"x › Loads", "x › Tables"}


@pytest.mark.questdb
def test_with_demo_data_of_all_tables_nothing_is_missing(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    done = checked(tmp_path, questdb, "all", LOADS + DEPLOYS + "PROJECT = project(LOADS, DEPLOYS)")
    assert [f.code for f in done.findings] == ["DG101", "DG701"]
    assert done.not_run == ()


@pytest.mark.questdb
@pytest.mark.parametrize("change", [('exists="h < 9"', 'exists="h > 9"'), ('given["hosts"]', "0")])
def test_demo_data_without_a_row_are_named_once(
    tmp_path: Path, questdb: EmbeddedQuestDB, change: tuple[str, str]
) -> None:
    text = LOADS.replace(*change) + DEPLOYS + "PROJECT = project(LOADS, DEPLOYS)"
    done = checked(tmp_path, questdb, f"bare{len(change[1])}", text)
    missing = [f for f in done.findings if f.code == "DG705"]
    assert [f.path for f in missing] == [f"demo of bare{len(change[1])}_loads"]
    assert missing[0].message == f"generates no row in the day before {NOW:%Y-%m-%d %H:%M}, so 3 queries are not run"
    assert not [f for f in done.findings if f.code == "DG701"]


REFUSED: dict[str, tuple[str, str, str, str]] = {
    "a column that is not there": (
        '"n": "t + {hosts}"', '"n": "t + hosts"', "columns.n", "Invalid column: hosts",
    ),
    "a function that is not there": (
        '"ratio": "twice"', '"ratio": "nosuch(t)"', "columns.ratio", "unknown function name: nosuch(LONG)",
    ),
    "no SQL": ('"up": "twice > 0"', '"up": "twice >"', "columns.up", "too few arguments for '>' [found=1,expected=2]"),
    "another type": ('"ratio": "twice"', '"ratio": "up_"', "columns.ratio", "Invalid column: up_"),
    "a text for a number": (
        '"ratio": "twice"', '"ratio": "\'half\'"', "columns.ratio", "inconvertible value: `half` [STRING -> DOUBLE]",
    ),
    "a step": ('"sin(t * 0.001)"', '"sin(t * often)"', "steps.wave", "Invalid column: often"),
    "no condition": ('exists="h < 9"', 'exists="h"', "exists", "boolean expression expected"),
}  # fmt: skip


@pytest.mark.questdb
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_formula_has_its_place(tmp_path: Path, questdb: EmbeddedQuestDB, name: str) -> None:
    right, wrong, place, message = REFUSED[name]
    prefix = f"r{list(REFUSED).index(name)}"
    text = LOADS.replace(right, wrong) + DEPLOYS + "PROJECT = project(LOADS, DEPLOYS)"
    assert wrong in text
    done = checked(tmp_path, questdb, prefix, text)
    (fault,) = [f for f in done.findings if f.code == "DG706"]
    assert (fault.path, fault.message) == (f"demo of {prefix}_loads", f"{place}: QuestDB refuses it: {message}")
    assert str(fault.place).startswith(f"{line(text, wrong)}:")
    # the others go on: what was found before, and what reads other tables
    assert [f.code for f in done.findings if f.code != "DG706"] == ["DG101"]
    assert {m.subject.path for m in done.measurements} == {"x › Deploys", "x › Hourly", "x › Tables"}


@pytest.mark.questdb
def test_all_refused_formulas_are_told_and_what_follows_is_not(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    wrong = LOADS.replace("sin(t * 0.001)", "sin(t * often)").replace("t + {hosts}", "t + nope")
    more = DEPLOYS.replace("\"'host-1'\"", '"host_name"')
    done = checked(tmp_path, questdb, "many", wrong + more + "PROJECT = project(LOADS, DEPLOYS)")
    assert [f"{f.path}: {f.message}" for f in done.findings if f.code == "DG706"] == [
        "demo of many_loads: steps.wave: QuestDB refuses it: Invalid column: often",
        "demo of many_loads: columns.n: QuestDB refuses it: Invalid column: nope",
        "demo of many_deploys: columns.host: QuestDB refuses it: Invalid column: host_name",
    ]


@pytest.mark.questdb
def test_seeding_says_the_same_and_fills_the_other_tables(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    text = LOADS.replace("t + {hosts}", "t + nope") + DEPLOYS + "PROJECT = project(LOADS, DEPLOYS)"
    root = specs(tmp_path, text.replace("NAME", "sown"), head=HEAD.replace("NAME", "sown"))
    project = load(root).project
    assert project is not None
    with Session(project, server=questdb) as session:
        session.start()
        with pytest.raises(
            DemoError, match=r"demo of sown_loads: columns\.n: QuestDB refuses it: Invalid column: nope"
        ):
            seed_tables(
                questdb.client, project.demos, project.demo_parameters, env="prod",
                start=NOW.replace(hour=0, minute=0, second=0), end=NOW.replace(hour=0, minute=5, second=0),
            )  # fmt: skip
        assert questdb.query("SELECT count() FROM sown_deploys").value == 1
        assert questdb.query("SELECT count() FROM sown_loads").value == 0


MISTAKES: dict[str, tuple[str, str, str]] = {
    "an unknown column": (
        '"ratio": "twice"', '"rato": "twice"', "t_loads has no column 'rato' to set | did you mean 'ratio'?",
    ),
    "an unknown parameter": ("{hosts}", "{host}", "columns.n: {host} is no demo parameter | did you mean 'hosts'?"),
    "a brace": (
        "t + {hosts}", "t + {hosts", "columns.n: expected '}' before end of string"
        " | a parameter stands in braces; braces of the SQL are doubled",
    ),
    "series that fail": (
        'given["hosts"]', 'given["host"]', "series: raises KeyError: 'host' | the demo parameters: hosts",
    ),
    "half a series": ('given["hosts"]', 'given["hosts"] / 2', "series: expected a whole number from 0 on, got 1.5"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_that_needs_no_server_is_found_while_loading(tmp_path: Path, name: str) -> None:
    right, wrong, message = MISTAKES[name]
    text = LOADS.replace(right, wrong) + "PROJECT = project(LOADS)"
    loaded = load(specs(tmp_path, text.replace("NAME", "t"), head=HEAD.replace("NAME", "t")))
    found = [f"{p.path}: {p.message}" + (f" | {p.hint}" if p.hint else "") for p in loaded.problems]
    assert found == [f"demo of t_loads: {message}"]
    source = loaded.problems[-1].source
    assert source is not None
    assert source.relative_to(tmp_path).startswith(f"{line(text, wrong)}:")


@pytest.mark.questdb
def test_the_command_keeps_the_report(tmp_path: Path) -> None:
    text = LOADS.replace("t + {hosts}", "t + nope") + "PROJECT = project(LOADS)"
    specs(tmp_path, text.replace("NAME", "cli"), head=HEAD.replace("NAME", "cli"))
    ran = dashgen(tmp_path, "check", "--run", "--no-cache", "--select", "DG1", "--select", "DG7")
    assert ran.code == 1
    assert f"error[DG706] {line(text, 't + nope')}:" in ran.out
    assert "error[DG101]" in ran.out
    assert "warning[DG705]" in ran.out


@pytest.mark.questdb
def test_formulas_and_outages_are_proved_without_running_them(tmp_path: Path, questdb: EmbeddedQuestDB) -> None:
    wrong = LOADS.replace("t + {hosts}", "t + nope")
    outage = 'Outage(name="gone", rule="r", query="SELECT at AS since, at AS until, lost FROM NAME_loads", within="1m")'
    text = f"{wrong}{DEPLOYS}PROJECT = replace(project(LOADS, DEPLOYS), outages=({outage},))"
    head = (
        HEAD.replace("NAME", "proved")
        + "from dataclasses import replace\nfrom dashgen.model.tables.demo import Outage\n"
    )
    root = specs(tmp_path, text.replace("NAME", "proved"), head=head)
    loaded = load(root)
    assert loaded.project is not None, loaded.problems
    scope = Scope.of(loaded.project, root, select=["DG706"])
    with Session(loaded.project, server=questdb) as session:
        outcome = prove(scope, session)
    assert questdb.query("SELECT count() FROM proved_loads").value == 0
    assert [f"{f.path}: {f.message}" for f in report(scope, outcome, ("answer",)).findings] == [
        "Outage 'gone': query: QuestDB refuses it: Invalid column: lost",
        "demo of proved_loads: columns.n: QuestDB refuses it: Invalid column: nope",
    ]


BOUNDED = """\
@table(name="NAME_bounded", dedup=("at", "host"), write_interval="1m")
class Bounded:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16), Len(1, 6)]
    share: Annotated[float, Interval(ge=0, le=1)]
    jobs: Annotated[int, Ge(0)]
    side: Literal["buy", "it's"]
    note: str | None
    until: datetime


BOUNDED = Demo(table=table_of(Bounded), series=lambda given: given["hosts"], columns={
    "host": "concat('host-', cast(i AS STRING))",
    "share": "abs(sin(t * 0.001))",
    "jobs": "t % 86400 - 10",
    "side": "CASE WHEN i = 0 THEN 'buy' ELSE 'it''s' END",
    "note": "null",
    "until": "dateadd('h', 1, at)",
}, exists="t % 86400 > 600")
PROJECT = Project(environments=(Environment("prod"),), tables=(Bounded,), demos=(BOUNDED,),
                  demo_parameters={"hosts": 2})
"""


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("", "", ""),
        ("'host-'", "'server-'", "columns.host: expected a text of 1 to 6 characters, got 'server-0'"),
        ("abs(sin(t * 0.001))", "1 + abs(sin(t * 0.001))", "columns.share: expected 0 or more and 1 or less, got 1."),
        ("t % 86400 - 10", "t % 86400 - 43200", "columns.jobs: expected 0 or more, got -"),
        ("'buy' ELSE", "'bye' ELSE", "columns.side: expected one of buy, it's, got 'bye'"),
        ("dateadd('h', 1, at)", "CASE WHEN i = 1 THEN null ELSE at END", "columns.until: expected a value, got None"),
    ],
)
def test_values_outside_of_the_declared_bounds(
    tmp_path: Path, questdb: EmbeddedQuestDB, right: str, wrong: str, message: str
) -> None:
    head = (HEAD + "from typing import Literal\nfrom annotated_types import Ge, Interval, Len\n").replace("NAME", "out")
    text = BOUNDED.replace(right, wrong).replace("NAME", "out")
    loaded = load(root := specs(tmp_path, text, head=head))
    assert loaded.project is not None, loaded.problems
    questdb.execute("DROP TABLE IF EXISTS out_bounded")
    with Session(loaded.project, server=questdb) as session:
        scope = Scope.of(loaded.project, root, select=["DG706"])
        found = report(scope, prove(scope, session), ("answer",)).findings
    assert [(one.code, one.path) for one in found] == ([("DG706", "demo of out_bounded")] if message else [])
    assert "".join(one.message for one in found).startswith(message)
    for one in found:
        assert one.place is not None
        assert one.place.line == (head + text)[: (head + text).index(wrong)].count("\n") + 1


@pytest.mark.questdb
def test_a_formula_that_does_not_end_is_a_finding(
    tmp_path: Path, questdb: EmbeddedQuestDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe, "_SECONDS", 0.2)
    monkeypatch.setattr(bounded, "_GRACE", 0.2)  # the query itself ends after some seconds
    head = (HEAD + "from typing import Literal\nfrom annotated_types import Ge, Interval, Len\n").replace(
        "NAME", "endless"
    )
    endless = "cast(i AS SYMBOL) IN (SELECT cast(x AS SYMBOL) FROM long_sequence(300000000) WHERE x < 0)"
    text = BOUNDED.replace("t % 86400 > 600", endless).replace("NAME", "endless")
    loaded = load(root := specs(tmp_path, text, head=head.replace("NAME", "endless")))
    assert loaded.project is not None, loaded.problems
    with Session(loaded.project, server=questdb) as session:
        scope = Scope.of(loaded.project, root, select=["DG706"])
        (found,) = report(scope, prove(scope, session), ("answer",)).findings
        assert session.ask("SELECT 1 AS one")
    assert (found.code, found.path) == ("DG706", "demo of endless_bounded")
    assert found.message == "QuestDB makes no rows of a day in time"
    assert found.place is not None
    questdb.execute("DROP TABLE endless_bounded")
