"""One rule on a spec that a test builds: offline, or with the columns that a real server describes.

def test_a_table_without_a_limit_is_found() -> None:
    assert texts("table-without-limit", Table("Rows", "SELECT host FROM daemon_metrics")) == ["…"]

def test_a_missing_time_column_is_found(session: Session) -> None:
    assert texts("no-time-column", TimeSeries("Rate", "SELECT host FROM daemon_metrics"), session=session) == ["…"]
"""

from __future__ import annotations

from collections.abc import Sequence

from dashgen import Annotation, Dashboard, Environment, EnvironmentVariable, Project, QuestDB, Row
from dashgen.check.engine import choose, judge, judge_whole, unasked
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import RuleMatch, Subject, Whole
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.model.dashboards.dashboard import AnyPanel
from dashgen.model.dashboards.variable import Variable
from dashgen.model.environment import Plugin
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

TABLES = (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics)
ENV = EnvironmentVariable("env")
Thing = AnyPanel | Annotation | Variable


def project(*things: Thing, plugin: Plugin = "questdb", tables: Sequence[type] = TABLES) -> Project:
    """A project of one environment and one dashboard, with the variable `env` unless another is given."""
    variables = tuple(thing for thing in things if isinstance(thing, Variable))
    if all(variable.name != "env" for variable in variables):
        variables = (ENV, *variables)
    dashboard = Dashboard(
        uid="tried",
        title="Tried",
        variables=variables,
        annotations=tuple(thing for thing in things if isinstance(thing, Annotation)),
        rows=(Row("", tuple(t for t in things if not isinstance(t, Variable | Annotation))),),
    )
    environment = Environment("prod", datasources={"questdb": QuestDB(plugin=plugin)})
    return Project(environments=(environment,), tables=tuple(tables), dashboards=(dashboard,))


def subjects(*things: Thing, plugin: Plugin = "questdb", tables: Sequence[type] = TABLES) -> tuple[Subject, ...]:
    """The queries of such a project."""
    made = project(*things, plugin=plugin, tables=tables)
    return collect_queries(made, made.environments[0]).subjects


def matches(
    name: str,
    *things: Thing,
    plugin: Plugin = "questdb",
    tables: Sequence[type] = TABLES,
    session: Session | None = None,
) -> list[RuleMatch]:
    """What the rule of that name or code finds in the queries of the things, or in their project. A rule about columns
    needs `session`; the server must accept the queries then."""
    (rule,) = [rule for rule in rules() if name in (rule.name, rule.code)]
    found = subjects(*things, plugin=plugin, tables=tables)
    if rule.stage == "project":
        return [match for _, match in judge_whole(Whole(found[0].project, found), (rule,))]
    if rule.stage == "choices":
        evaluate = session.value if session else unasked
        return [match for subject in found for _, match in choose(subject, evaluate, (rule,))]
    if rule.stage == "columns":
        assert session is not None, f"{name} needs columns: give session=session"
        found = tuple(map(session.described, found))
        refused = [subject.sql for subject in found if subject.columns is None]
        assert not refused, f"refused by the server: {refused}"
    return [match for subject in found for _, match in judge(subject, (rule,))]


def texts(
    name: str,
    *things: Thing,
    plugin: Plugin = "questdb",
    tables: Sequence[type] = TABLES,
    session: Session | None = None,
) -> list[str]:
    """The messages alone."""
    return [match.message for match in matches(name, *things, plugin=plugin, tables=tables, session=session)]
