"""The examples on the rules' pages (docs/rules.md): a rule finds something in the first one on its page, and nothing in
what the page says to write instead.

Examples in Python leave out what does not matter: `…` is filled in here, by what can stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pytest

import dashgen
from dashgen import (
    AlertGroup,
    AlertRule,
    Annotation,
    ChannelRoute,
    Dashboard,
    Demo,
    Designated,
    Environment,
    MaterializedView,
    MuteTiming,
    Policy,
    Project,
    QueryVariable,
    QuestDB,
    Reduce,
    Row,
    Stat,
    Symbol,
    Table,
    TimeInterval,
    TimeSeries,
    table,
)
from dashgen.check import pages
from dashgen.check.engine import check_query, judge, judge_whole
from dashgen.check.measure import Filled, Measured, measure, without_rows
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import BaseDifference, DemoFault, Rule, RuleMatch, Subject, Unused, Whole
from dashgen.check.rules import rules
from dashgen.check.run import Scope, against, prove
from dashgen.check.session import Session
from dashgen.model.core.problems import SpecError
from dashgen.model.environment import Plugin
from dashgen.pipeline import prepare, write
from dashgen.questdb import QueryError
from dashgen.render.ddl import create_view
from dashgen.transition_checks import refused as refused_transition
from specs.tables import DaemonMetrics
from tests.alerting_project import OWNED, SHARED
from tests.alerting_project import project as alerting_project
from tests.alerting_project import rule as alerting_rule
from tests.check.helpers import TABLES, Thing, project, subjects
from tests.check.rules.trials import alert
from tests.documents import BLOCKS, Block, blocks_of

RULES = {rule.code: rule for rule in rules()}
EXAMPLES = {code: tuple(blocks_of(code, pages.sections(rule).example)) for code, rule in RULES.items()}
INSTEAD = {code: tuple(blocks_of(code, pages.sections(rule).instead)) for code, rule in RULES.items()}
PLUGINS: tuple[Plugin, ...] = ("questdb", "postgres")
CHOICES = tuple(
    QueryVariable(name, f"SELECT DISTINCT {name} FROM daemon_metrics WHERE $__timeFilter(timestamp)", include_all=True)
    for name in ("env", "host")
)
"""Variables with All, for rules about what a viewer chooses."""
IN = "WHERE $__timeFilter(timestamp)"


def test_the_pages_are_the_document() -> None:
    """So that each block of docs/rules.md is one of those that are tried here."""
    ours = [block.text for code in RULES for block in (*EXAMPLES[code], *INSTEAD[code])]
    assert ours == [block.text for block in BLOCKS if block.page == "docs/rules.md"]


@pytest.mark.parametrize("code", RULES)
def test_each_part_says_something(code: str) -> None:
    page = pages.sections(RULES[code])
    assert page.what.startswith(pages.CHECKS_FOR)
    assert all(len(part.split()) > 5 for part in (page.what, page.why))
    assert page.summary
    assert len(page.summary) < 150
    assert EXAMPLES[code], "an example that the rule finds something in"
    assert INSTEAD[code], "what to write instead"
    named = [f"ignore=(Ignore({code!r}".replace("'", '"'), "`ignore=` does not apply"]
    assert sum(text in pages.how_to_ignore(RULES[code]) for text in named) == 1


def filled(example: str) -> str:
    """SQL without the comments of an example."""
    return re.sub(r"\s*--[^\n]*", "", example).strip()


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
    (code, block, wrong)
    for code in RULES
    for wrong, of_page in ((True, EXAMPLES), (False, INSTEAD))
    for block in of_page[code]
    if block.language == "sql"
]
_ONE_A_LINE = ("DG101", "DG102", "DG104", "DG701")
"""Rules in whose examples each line is a statement."""


def statements(code: str, block: Block) -> list[str]:
    return block.text.splitlines() if code in _ONE_A_LINE else [block.text]


def named(value: object) -> str:
    return {True: "example", False: "instead"}[value] if isinstance(value, bool) else str(getattr(value, "line", value))


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("code", "block", "wrong"),
    [e for e in SQL if RULES[e[0]].stage in ("text", "columns", "answer", "choices")],
    ids=named,
)
def test_sql(code: str, block: Block, wrong: bool, session: Session) -> None:
    """The rule finds something in some use of each example, and in no use of what to write instead."""
    rule = RULES[code]
    for statement in statements(code, block):
        subjects_of = chosen_from if rule.stage == "choices" else uses
        matches = [match for subject in subjects_of(statement) for match in found(rule, subject, session)]
        assert bool(matches) == wrong, f"{code}: {filled(statement)}: {matches}"


@pytest.fixture(scope="module")
def written(session: Session) -> Iterator[datetime]:
    """Rows of the last six hours in the tables that the examples about running read."""
    server, now = session.start(), datetime.now(UTC).replace(microsecond=0)
    at = f"dateadd('s', -10 * cast(x AS INT), '{now:%Y-%m-%dT%H:%M:%S}'::timestamp)"
    written = {
        "daemon_metrics": ("host, env, uptime_seconds", "concat('h', x % 2), 'prod', 1"),
        "exchange_status": ("exchange, host, env, latency_ms", "'okx', 'h1', 'prod', 1"),
    }
    for name, (columns, values) in written.items():
        server.execute(f"INSERT INTO {name} (timestamp, {columns}) SELECT {at}, {values} FROM long_sequence(2160)")
    server.settle()
    yield now
    for name in written:
        server.execute(f"TRUNCATE TABLE {name}")


@pytest.mark.questdb
@pytest.mark.parametrize(("code", "block", "wrong"), [e for e in SQL if RULES[e[0]].stage == "run"], ids=named)
def test_sql_of_rules_about_what_running_shows(
    code: str, block: Block, wrong: bool, session: Session, written: datetime
) -> None:
    """The same, for rules about rows; of a slow query only that the server takes it (tests/check/test_measure.py)."""
    for statement in statements(code, block):
        chart = shown(filled(statement), "chart" if "AS time" in statement else "table")
        (subject,) = (s for s in subjects(chart) if s.query.sql == filled(statement))
        assert session.described(subject).columns is not None, filled(statement)
        (one,) = measure(session.start(), (subject,), "prod", written, frozenset(), lambda *_: None).measurements
        if code != "DG703":
            assert bool(list(RULES[code].check(one))) == wrong, f"{filled(statement)}: {one}"


@pytest.mark.questdb
def test_sql_of_rules_about_a_deployed_server(session: Session) -> None:
    """The examples change the server, and what to do instead brings it back."""
    server = session.start()
    ((alter, _), (query, _)) = ((EXAMPLES[code][0].text, INSTEAD[code][0].text) for code in ("DG801", "DG802"))
    assert INSTEAD["DG801"][0].text == INSTEAD["DG802"][0].text
    read = project(shown(filled(query), "table"))
    scope = Scope.of(read, Path(__file__).parent, select=["DG8"])

    def drift() -> set[str]:
        outcome = against(scope, server.client, prove(scope, session))
        return {one.rule.code for one in outcome.found}

    assert drift() == set()
    server.execute(filled(alter))
    server.settle()
    try:
        assert drift() == {"DG801", "DG802"}
    finally:
        server.execute(INSTEAD["DG801"][0].text)
        server.settle()
    assert drift() == set()


# --- examples in Python


def evaluated(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an example, with what its SQL and its arguments leave out."""
    read = "exchange_status" if re.search("connected|latency", text) else "daemon_metrics"
    text = text.replace("FROM …", f"FROM {read} {IN}").replace(", …)", ")")
    text = text.replace("OVER …", "OVER (ORDER BY timestamp) AS n FROM daemon_metrics SAMPLE BY 1m")
    text = text.replace(f"fetch_count FROM daemon_metrics {IN}", "fetch_count FROM daemon_metrics SAMPLE BY 1m")
    text = text.replace("SELECT host, …", "SELECT host, 1 AS value")
    return eval(text, {name: getattr(dashgen, name) for name in dashgen.MODULES} | dict(names))


def whole(code: str, **fields: Any) -> list[str]:
    """What a rule about the project says."""
    made = Project(**({"environments": (Environment("prod"),), "tables": TABLES} | fields))
    read = collect_queries(made, made.environments[0]).subjects
    return [match.message for _, match in judge_whole(Whole(made, read), (RULES[code],))]


def alert_rule(**fields: Any) -> AlertRule:
    """A rule with what an example leaves out."""
    given = {"uid": "r", "title": "R", "query": "SELECT 1 AS value", "severity": "info", "summary": "s"}
    return AlertRule(**({"expressions": (Reduce("A"),)} | given | fields))


def alert_group(name: str, folder: str = "Alerts", **fields: Any) -> AlertGroup:
    return AlertGroup(name, folder=folder, **({"rules": (alert_rule(),)} | fields))


def of_rules(code: str, text: str) -> list[str]:
    """A rule on each line, in one group."""
    threshold = {"threshold": 1, "expressions": ()} if "$values.B" in text else {}
    made = tuple(
        evaluated(line, {"AlertRule": lambda **f: alert_rule(**threshold, **f)}) for line in text.strip().splitlines()
    )
    return whole(code, alerts=(alert_group("daemons", rules=made),))


def _panel(code: str, text: str, session: Session) -> list[RuleMatch]:
    panel = evaluated(text, {})
    return [m for s in subjects(panel) if s.owner is panel for m in found(RULES[code], s, session)]


def _alert_label(code: str, text: str, session: Session) -> list[RuleMatch]:
    def rule(query: str, summary: str) -> Subject:
        return alert(query.replace("age", "uptime_seconds"), summary=summary)

    return found(RULES[code], evaluated(text, {"AlertRule": rule}), session)


def _group(code: str, text: str, _: Session) -> list[str]:
    return whole(code, alerts=(evaluated(text, {"AlertRule": alert_rule, "AlertGroup": alert_group}),))


def _rules(code: str, text: str, _: Session) -> list[str]:
    return of_rules(code, text)


def _titled_folders(code: str, text: str, _: Session) -> list[str]:
    folder, group = (evaluated(line, {"AlertGroup": alert_group}) for line in text.strip().splitlines())
    panel = Table("T", "SELECT 1", description="d")
    shown_in = Dashboard(uid="d", title="D", folder="daemons", rows=(Row("", (panel,)),))
    environment = Environment("prod", folders={"daemons": folder})
    return whole(code, environments=(environment,), dashboards=(shown_in,), alerts=(group,))


def _groups(code: str, text: str, _: Session) -> list[str]:
    lines = enumerate(text.strip().splitlines())
    made = [
        evaluated(line, {"AlertGroup": partial(alert_group, rules=(alert_rule(uid=f"r{n}"),))}) for n, line in lines
    ]
    return whole(code, alerts=tuple(made))


def _environment(code: str, text: str, _: Session) -> list[str]:
    return whole(code, environments=(evaluated(text, {}),))


def _text(code: str, text: str, _: Session) -> list[str]:
    titled = Dashboard(uid="d", title="D", variables=CHOICES, rows=(Row("", (evaluated(text, {}),)),))
    return whole(code, dashboards=(titled,))


def _column(code: str, text: str, _: Session) -> list[str]:
    panel = Table("T", f"SELECT exchange FROM exchange_status {IN}", description="d")
    panel = panel if ":" in text.partition("  #")[0] else evaluated(text, {})
    shown_in = Dashboard(uid="d", title="D", rows=(Row("", (panel,)),))
    column = "disconnected_at"
    return [said for said in whole(code, dashboards=(shown_in,)) if said.startswith(f"exchange_status.{column}:")]


def _view(code: str, text: str, _: Session) -> list[str]:
    view = evaluated(text, {"MaterializedView": lambda **f: MaterializedView(ttl="1 YEAR", **f)})
    try:

        @table(name="daemon_metrics", dedup=("timestamp", "host"), views=(view,))
        class Counted:
            """Rows."""

            timestamp: Annotated[datetime, Designated()]
            host: Annotated[str, Symbol(16)]
            fetch_count: int

    except SpecError as error:  # a declaration refuses it: the rule only sees a view that was made otherwise
        return [problem.message for problem in error.problems if "expected no window function" in problem.message]
    return whole(code, tables=(Counted,))


def _unused(code: str, text: str, _: Session) -> list[str]:
    query = evaluated(text, {})
    subject = next(s for s in subjects(Table("T", query, description="d")) if s.query is query)
    used = {rule.code for rule, _ in judge(subject)}
    unused = [Unused(ignore, tuple(RULES)) for ignore in query.ignore if ignore.code not in used]
    return [match.message for one in unused for match in RULES[code].check(one)]


def _declaration(_: str, text: str, session: Session) -> list[str]:
    """What the server answers; in an example it stands in the comment."""
    view = evaluated(text, {"MaterializedView": lambda **f: MaterializedView(bucket="1m", ttl="1 YEAR", **f)})
    server = session.start()
    server.execute("CREATE TABLE t (timestamp TIMESTAMP, n LONG) TIMESTAMP(timestamp) PARTITION BY DAY WAL")
    try:
        server.execute(create_view(replace(view, base="t")))
    except QueryError as error:
        return [line for line in text.splitlines() if line.removeprefix("# ") in str(error)]
    finally:
        server.execute("DROP MATERIALIZED VIEW IF EXISTS by_minute")
        server.execute("DROP TABLE t")
    return []


def _formula(_: str, text: str, session: Session) -> list[str]:
    code, _, said = text.partition("  # columns.n: ")
    server, refused = session.start(), []
    for formula in eval(code.removeprefix("columns = ")).values():
        try:
            server.query(f"SELECT {formula} FROM (SELECT x AS t, x AS i FROM long_sequence(1))")
        except QueryError as error:
            refused.append(str(error))
    return [one for one in refused if said.strip() in one]


def _demo(code: str, text: str, _: Session) -> list[str]:
    def made(**fields: Any) -> Project:
        return Project(environments=(Environment("prod"),), **fields)

    demo = partial(Demo, series=lambda _: 1, columns={"host": "'a'"})
    given = evaluated(text, {"DaemonMetrics": DaemonMetrics, "Project": made, "Demo": demo})
    filled = Filled((), frozenset() if given.demos else frozenset({"daemon_metrics"}))
    lacking = {name: frozenset({"d › T"}) for name in filled.empty}
    problems = without_rows(given, filled, Measured((), (), lacking), datetime.now(UTC))
    return [m.message for problem in problems for m in RULES[code].check(DemoFault("missing", problem))]


def _published(
    code: str, texts: tuple[str, str], changed: Callable[[str], Project], what: str, folder: Path
) -> list[str]:
    """What a rule says where the second follows the first."""
    before, made = map(changed, texts)
    prepared = prepare(before, before.environments[0], folder)
    write(prepared)
    trees = prepared.tree, prepare(made, made.environments[0], folder).tree
    differences = refused_transition(made, made.environments[0], *trees)
    said = [BaseDifference(kind, problem) for kind, problem in differences]
    assert {one.what for one in said} <= {what}
    return [match.message for one in said for match in RULES[code].check(one)]


def _titles(text: str) -> Project:
    names: dict[str, Any] = {}
    exec(text, names)
    made = [alerting_rule(uid=uid, title=title, panel=None, link_variables=()) for uid, title in names["RULES"].items()]
    return alerting_project(*made, environments=(replace(OWNED, grafana="12.3"),))


def _muted(text: str) -> Project:
    names: dict[str, Any] = {}
    exec(text, names)
    channel = partial(ChannelRoute, "telegram")
    return alerting_project(
        alerting_rule(channels=("telegram",), panel=None, link_variables=()),
        environments=(SHARED,),
        mute_timings=tuple(MuteTiming(name, (TimeInterval(years=("2026",)),)) for name in names["MUTE_TIMINGS"]),
        policy=Policy("email", routes=(channel(mute_timings=names["MUTED"]), ChannelRoute("platform"))),
    )


def _datasource(text: str) -> Project:
    datasource = evaluated(text, {"QuestDB": partial(QuestDB, plugin="postgres")})
    return alerting_project(environments=(replace(OWNED, datasources={"questdb": datasource}),))


PYTHON: dict[str, Callable[[str, str, Session], Sequence[object]]] = {
    "DG001": _unused, "DG103": _declaration, "DG205": _panel, "DG207": _panel, "DG208": _panel, "DG209": _panel,
    "DG213": _panel, "DG214": _panel, "DG215": _panel, "DG321": _text, "DG508": _alert_label, "DG509": _group,
    "DG511": _rules, "DG512": _rules, "DG513": _rules, "DG603": _column, "DG604": _view, "DG605": _titled_folders,
    "DG606": _groups, "DG607": _environment, "DG705": _demo, "DG706": _formula,
}  # fmt: skip
"""What finds the fault in a value that a page shows."""
TRANSITIONS = {"DG902": (_titles, "taken"), "DG903": (_muted, "used"), "DG904": (_datasource, "moved")}
"""How the lines of an example become projects: the first is the base's, the second its change."""
ELSEWHERE = {"DG901"}
"""Shown by commands in a git repository: tests/test_base.py."""


@pytest.mark.questdb
@pytest.mark.parametrize("code", PYTHON)
def test_python(code: str, session: Session) -> None:
    """The rule finds something in each example, and nothing in what to write instead."""
    for block in EXAMPLES[code]:
        assert PYTHON[code](code, block.text, session), block.text
    for block in INSTEAD[code]:
        assert not PYTHON[code](code, block.text, session), block.text


@pytest.mark.parametrize("code", TRANSITIONS)
def test_python_of_rules_about_a_base(code: str, tmp_path: Path) -> None:
    changed, what = TRANSITIONS[code]
    before, after = EXAMPLES[code][0].text.strip().splitlines()
    (instead,) = INSTEAD[code][0].text.strip().splitlines()
    assert _published(code, (before, after), changed, what, tmp_path / "wrong")
    assert not _published(code, (before, instead), changed, what, tmp_path / "right")


def test_every_example_is_tried() -> None:
    tried = {code for code, _, _ in SQL} | set(PYTHON) | set(TRANSITIONS) | ELSEWHERE
    assert set(RULES) == tried
    languages = {code: {b.language for b in (*EXAMPLES[code], *INSTEAD[code])} for code in RULES}
    assert all(languages[code] == {"sql"} for code, _, _ in SQL)
    assert all(languages[code] == {"python"} for code in (*PYTHON, *TRANSITIONS))
    assert all(languages[code] == {"console"} for code in ELSEWHERE)
