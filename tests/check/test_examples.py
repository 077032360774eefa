"""The examples on the rules' pages (docs/rules.md): a rule finds something in the first one on its page, and nothing in
what the page says to write instead.

The pages leave out what does not matter: `…` is filled in here, by what can stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import pytest

import dashgen
from dashgen import (
    AlertGroup,
    AlertRule,
    Annotation,
    Dashboard,
    Environment,
    Folder,
    Ignore,
    Project,
    Query,
    QueryVariable,
    Reduce,
    Row,
    Stat,
    Table,
    TimeSeries,
)
from dashgen.check import pages
from dashgen.check.engine import check_query, judge, judge_whole
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Rule, RuleMatch, Subject, Whole
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.model.core.problems import SpecError
from dashgen.model.environment import Plugin
from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table
from dashgen.questdb import QueryError
from dashgen.render.ddl import create_view
from specs.tables import DaemonMetrics
from tests.check.helpers import TABLES, Thing, subjects
from tests.check.rules.trials import alert
from tests.documents import BLOCKS, Block, blocks, blocks_of

RULES = {rule.code: rule for rule in rules()}
EXAMPLES = {code: tuple(blocks_of(code, pages.page(rule))) for code, rule in RULES.items()}
PLUGINS: tuple[Plugin, ...] = ("questdb", "postgres")
CHOICES = tuple(
    QueryVariable(name, f"SELECT DISTINCT {name} FROM daemon_metrics WHERE $__timeFilter(timestamp)", include_all=True)
    for name in ("env", "host")
)
"""Variables with All, for rules about what a viewer chooses."""
IN = "WHERE $__timeFilter(timestamp)"
COUNTED = f"(SELECT timestamp, host, env, error_count AS c FROM daemon_metrics {IN})"
"""What `FROM …` reads where the example names no column of a table."""


def test_the_pages_are_the_document() -> None:
    """So that each block of docs/rules.md is one of those that are tried here."""
    ours = [block.text for code in EXAMPLES for block in EXAMPLES[code]]
    assert ours == [block.text for block in BLOCKS if block.page == "docs/rules.md"]
    assert len(ours) > 50


def filled(example: str) -> str:
    """SQL without the ellipses and the comments of an example."""
    sql = re.sub(r"\s*--[^\n]*", "", example).strip()
    if sql.startswith("WHERE"):
        sql = f"SELECT timestamp AS time, host AS metric, latency_ms AS value FROM exchange_status {sql}"
    elif not sql.startswith(("SELECT", "WITH")):
        sql = (
            f"SELECT time, {sql} AS value FROM (SELECT timestamp AS time, uptime_seconds AS r FROM daemon_metrics {IN})"
        )
    read = "exchange_status" if re.search(r"latency_ms|connected", sql) else "daemon_metrics"
    sql = sql.replace("SELECT …", f"SELECT host FROM {read}").replace("SELECT host, …", "SELECT host, uptime_seconds")
    sql = sql.replace("LATEST ON …", "LATEST ON timestamp PARTITION BY exchange, host, env")
    sql = re.sub(r"(FROM \w+(?: \w)?(?: JOIN \w+ \w ON host)?) …", rf"\1 {IN}", sql)
    sql = re.sub(r"(WHERE|AND) …", r"\1 $__timeFilter(timestamp)", sql)
    return sql.replace("dateadd('s', …, time)", "dateadd('s', 60, time)").replace("FROM …", f"FROM {COUNTED}")


def shown(sql: str, panel: str) -> Thing:
    """The query as a panel's of that kind, or an annotation's."""
    made: Mapping[str, Thing] = {
        "chart": TimeSeries("T", sql, description="d"),
        "table": Table("T", sql, description="d"),
        "stat": Stat("T", sql, description="d"),
        "annotation": Annotation("a", sql),
    }
    return made[panel]


def chosen_from(example: str) -> Iterator[Subject]:
    """The query in a dashboard whose variables have All."""
    sql = filled(example)
    yield from (s for s in subjects(*CHOICES, shown(sql, "chart")) if s.query.sql == sql)


def uses(example: str) -> Iterator[Subject]:
    """The query as it may be used: in each kind of panel, an annotation, an alert; of each datasource."""
    sql = filled(example)
    window = re.search(r'window="(\w+)", threshold=(\d+)', example)
    for plugin in PLUGINS:
        for kind in ("chart", "table", "stat", "annotation"):
            yield from (s for s in subjects(shown(sql, kind), plugin=plugin) if s.query.sql == sql)
    for threshold in (None, 1.0):
        yield alert(sql, threshold=threshold)
    if window:
        yield alert(sql, threshold=float(window[2]), window=window[1])


def found(rule: Rule[Any], subject: Subject, session: Session) -> list[RuleMatch]:
    if rule.stage in ("answer", "choices"):
        return [one.match for one in check_query(subject, session, (rule,))]
    described = session.described(subject) if rule.stage == "columns" else subject
    if rule.stage == "columns" and described.columns is None:
        return []
    return [match for _, match in judge(described, (rule,))]


SQL = [
    (code, number, block)
    for code, of_rule in EXAMPLES.items()
    for number, block in enumerate(b for b in of_rule if b.language == "sql")
]


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("code", "number", "block"),
    [e for e in SQL if RULES[e[0]].stage != "run"],
    ids=lambda v: v if isinstance(v, str) else str(v)[:1],
)
def test_sql(code: str, number: int, block: Block, session: Session) -> None:
    """The rule finds something in some use of the page's first example, and in no use of the others."""
    rule = RULES[code]
    assert rule.stage in ("text", "columns", "answer", "choices"), "say here how such a rule's example is run"
    statements = block.text.splitlines() if rule.stage in ("answer", "choices") else [block.text]
    for statement in statements:
        subjects_of = chosen_from if rule.stage == "choices" else uses
        matches = [match for subject in subjects_of(statement) for match in found(rule, subject, session)]
        assert bool(matches) == (number == 0), f"{code}: {filled(statement)}"


@pytest.mark.questdb
@pytest.mark.parametrize("block", [b for code, _, b in SQL if RULES[code].stage == "run"], ids=lambda b: b.id)
def test_sql_of_rules_about_what_running_shows(block: Block, session: Session) -> None:
    """A server takes it: what such rules find depends on the rows (tests/check/test_measure.py)."""
    for statement in re.split(r"\n(?=SELECT)", block.text):
        (subject,) = (s for s in subjects(shown(filled(statement), "table")) if s.query.sql == filled(statement))
        assert session.described(subject).columns is not None, filled(statement)


# --- examples in Python


def evaluated(block: Block, names: Mapping[str, Any]) -> Any:
    """The value of an example, with what its SQL and its arguments leave out."""
    read = "exchange_status" if re.search("connected|latency", block.text) else "daemon_metrics"
    text = block.text.replace('FROM …"', f'FROM {read} {IN}"').replace(", …)", ")")
    text = text.replace("OVER …", "OVER (ORDER BY timestamp) AS n FROM daemon_metrics SAMPLE BY 1m")
    return eval(text, {name: getattr(dashgen, name) for name in dashgen.MODULES} | dict(names))


def python(code: str) -> Block:
    (block,) = (b for b in EXAMPLES[code] if b.language == "python")
    return block


@pytest.mark.questdb
@pytest.mark.parametrize("code", ["DG205", "DG207", "DG208", "DG209", "DG213", "DG214", "DG215"])
def test_panels(code: str, session: Session) -> None:
    panel = evaluated(python(code), {})
    assert [m for s in subjects(panel) if s.owner is panel for m in found(RULES[code], s, session)]


@pytest.mark.questdb
def test_a_label_that_the_query_does_not_return(session: Session) -> None:
    rule = evaluated(
        python("DG508"),
        {"AlertRule": lambda query, summary: alert(query.replace("age", "uptime_seconds"), summary=summary)},
    )
    assert found(RULES["DG508"], rule, session)


def whole(code: str, **fields: Any) -> list[str]:
    """What a rule about the project says."""
    project = Project(**({"environments": (Environment("prod"),), "tables": TABLES} | fields))
    read = collect_queries(project, project.environments[0]).subjects
    return [match.message for _, match in judge_whole(Whole(project, read), (RULES[code],))]


def _rule(for_duration: str = "1m") -> AlertRule:
    return AlertRule(
        uid="r", title="R", query="SELECT 1 AS value", severity="info", summary="s", for_duration=for_duration,
        expressions=(Reduce("A"),),
    )  # fmt: skip


def test_examples_about_the_project() -> None:
    silent = evaluated(
        replace(python("DG511"), text=python("DG511").text.replace("SELECT host, …", "SELECT host, 1 AS value")),
        {"AlertRule": lambda **f: AlertRule(uid="r", title="R", severity="info", expressions=(Reduce("A"),), **f)},
    )
    assert whole("DG511", alerts=(AlertGroup("daemons", folder="Alerts", rules=(silent,)),))
    paged = evaluated(
        python("DG513"),
        {
            "AlertRule": lambda **f: AlertRule(
                title="R", query="SELECT 1 AS value", summary="s", expressions=(Reduce("A"),), **f
            )
        },
    )
    assert whole("DG513", alerts=(AlertGroup("daemons", folder="Alerts", rules=(paged,)),))
    failing = evaluated(
        replace(python("DG512"), text=python("DG512").text.replace("SELECT host, …", "SELECT host, 1 AS value")),
        {"AlertRule": lambda **f: AlertRule(uid="r", title="R", severity="info", threshold=1, **f)},
    )
    assert whole("DG512", alerts=(AlertGroup("daemons", folder="Alerts", rules=(failing,)),))
    taken = replace(failing, summary="{{ humanize $values.B.Value }}")
    assert not whole("DG512", alerts=(AlertGroup("daemons", folder="Alerts", rules=(taken,)),))
    group = evaluated(
        python("DG509"),
        {"AlertRule": _rule, "AlertGroup": lambda name, **f: AlertGroup(name, folder="Alerts", **f)},
    )
    assert whole("DG509", alerts=(group,))
    folder, group = (
        evaluated(
            replace(python("DG605"), text=line),
            {"AlertGroup": lambda name, folder: AlertGroup(name, folder=folder, rules=(_rule(),))},
        )
        for line in python("DG605").text.splitlines()
    )
    assert isinstance(folder, Folder)
    shown_in = Dashboard(
        uid="d", title="D", folder="daemons", rows=(Row("", (Table("T", "SELECT 1", description="d"),)),)
    )
    environment = Environment("prod", folders={"daemons": folder})
    assert whole("DG605", environments=(environment,), dashboards=(shown_in,), alerts=(group,))
    alike = tuple(
        evaluated(
            replace(python("DG606"), text=line),
            {"AlertGroup": lambda name, folder: AlertGroup(name, folder=folder, rules=(_rule(),))},
        )
        for line in python("DG606").text.splitlines()
    )
    assert whole("DG606", alerts=alike)
    assert whole("DG607", environments=(evaluated(python("DG607"), {}),))
    about = evaluated(python("DG321"), {})
    titled = Dashboard(uid="d", title="D", variables=CHOICES, rows=(Row("", (about,)),))
    assert whole("DG321", dashboards=(titled,))
    column = python("DG603").text.partition(":")[0]
    read = Dashboard(
        uid="d",
        title="D",
        rows=(Row("", (Table("T", f"SELECT exchange FROM exchange_status {IN}", description="d"),)),),
    )
    assert f"exchange_status.{column}: nothing reads it" in whole("DG603", dashboards=(read,))
    view = evaluated(python("DG604"), {"MaterializedView": lambda **f: MaterializedView(ttl="1 YEAR", **f)})

    # a declaration refuses it already, so that the rule only sees a view that was made otherwise
    with pytest.raises(SpecError, match="view fetches_1m: expected no window function"):

        @table(name="daemon_metrics", dedup=("timestamp", "host"), views=(view,))
        class Counted:
            """Rows."""

            timestamp: Annotated[datetime, Designated()]
            host: Annotated[str, Symbol(16)]
            fetch_count: int


@pytest.mark.questdb
def test_examples_of_what_a_server_refuses(session: Session) -> None:
    view = evaluated(
        python("DG103"), {"MaterializedView": lambda **f: MaterializedView(bucket="1m", ttl="1 YEAR", **f)}
    )
    server = session.start()
    server.execute("CREATE TABLE t (timestamp TIMESTAMP, n LONG) TIMESTAMP(timestamp) PARTITION BY DAY WAL")
    with pytest.raises(QueryError, match=python("DG103").text.splitlines()[1].removeprefix("# ")):
        server.execute(create_view(replace(view, base="t")))
    server.execute("DROP TABLE t")
    code, _, said = python("DG706").text.partition("  # columns.n: ")
    columns = eval(code.removeprefix("columns = "))
    with pytest.raises(QueryError, match=said.strip()):
        server.query(f"SELECT {columns['n']} FROM (SELECT x AS t, x AS i FROM long_sequence(1))")
    server.query(f"SELECT {columns['host']} FROM (SELECT x AS t, x AS i FROM long_sequence(1))")


def test_examples_of_declarations() -> None:
    query = evaluated(python("DG001"), {})
    assert isinstance(query, Query)
    assert isinstance(query.ignore[0], Ignore)
    subject = next(s for s in subjects(Table("T", query, description="d")) if s.query is query)
    assert not [match for _, match in judge(subject, (RULES["DG302"],))], "it keeps nothing back"
    project = evaluated(
        python("DG705"),
        {"DaemonMetrics": DaemonMetrics, "Project": lambda **f: Project(environments=(Environment("prod"),), **f)},
    )
    assert project.tables
    assert not project.demos


def test_every_example_in_python_is_tried() -> None:
    tried = {"DG001", "DG103", "DG205", "DG207", "DG208", "DG209", "DG213", "DG214", "DG508", "DG509", "DG511"}
    tried |= {"DG215", "DG512", "DG513"}
    tried |= {"DG321", "DG603", "DG604", "DG605", "DG606", "DG607", "DG705", "DG706"}
    assert {code for code in EXAMPLES for block in EXAMPLES[code] if block.language == "python"} == tried
    assert {block.language for block in BLOCKS if block.page == "docs/rules.md"} == {"sql", "python"}
    assert len(blocks("docs/rules.md", "sql")) == len(SQL)
