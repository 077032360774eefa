"""Queries with All chosen in their variables: which of them show nothing, or what they should not."""
# ruff: noqa: E501 - a query reads best in one line

from __future__ import annotations

from typing import Any

import pytest
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import common

from dashgen import (
    Annotation,
    CustomVariable,
    Dashboard,
    Environment,
    EnvironmentVariable,
    Project,
    QueryVariable,
    Row,
    Table,
    as_dashboard,
)
from dashgen.check.engine import choose, unasked
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import RuleMatch, Subject
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.model.environment import Plugin
from tests.check.helpers import TABLES, subjects
from tests.check.test_imported_variables import Target

pytestmark = pytest.mark.questdb

RULE = next(rule for rule in rules() if rule.name == "all-without-guard")
T = "$__timeFilter(timestamp)"
HOSTS = f"SELECT DISTINCT host FROM daemon_metrics WHERE {T}"
HOST = QueryVariable("host", HOSTS, multi=True, include_all=True)
ONE_HOST = QueryVariable("host", HOSTS, include_all=True)
EXCHANGE = QueryVariable(
    "exchange", f"SELECT DISTINCT exchange FROM exchange_status WHERE {T}", multi=True, include_all=True
)
SIDE = CustomVariable("side", ("buy", "sell"), include_all=True)
EVERY_ENV = EnvironmentVariable("env", include_all=True)
PLAIN = QueryVariable("host", HOSTS, multi=True)
GUARDED = HOST.matches("host")
H = "${host:sqlstring}"


def found(subject: Subject, session: Session | None) -> list[RuleMatch]:
    return [match for _, match in choose(subject, session.value if session else unasked, (RULE,))]


def of(
    sql: str, *variables: Any, session: Session | None, plugin: Plugin = "questdb", **fields: Any
) -> list[RuleMatch]:
    panel = Table("T", sql, **fields)
    made = subjects(panel, *(variables or (HOST, EXCHANGE)), plugin=plugin)
    return found(next(one for one in made if one.owner is panel), session)


def where(condition: str, table: str = "daemon_metrics") -> str:
    return f"SELECT host, timestamp FROM {table} WHERE {T} AND {condition} ORDER BY timestamp LIMIT 9"


NOTHING = "this compares with the text '__all', which no row has: no row is left"
WRONG: dict[str, tuple[str, str]] = {
    "in": (where(f"host IN ({H})"), H),
    "equal": (where(f"host = {H}"), H),
    "the other way round": (where(f"{H} = host"), H),
    "qualified": (f"SELECT d.host FROM daemon_metrics d WHERE d.host IN ({H}) LIMIT 9", H),
    "quoted": (where(f'"host" IN ({H})'), H),
    "cast": (where(f"host::varchar IN ({H})"), H),
    "in parentheses": (where(f"((host IN ({H})))"), H),
    "a list with more": (where(f"host IN ('a', {H})"), H),
    "a function of the column": (where(f"lower(host) IN ({H})"), H),
    "a text put together": (where(f"host || env IN ({H})"), H),
    "like": (where(f"host LIKE {H}"), H),
    "ilike": (where(f"host ILIKE {H}"), H),
    "regex": (where(f"host ~ {H}"), H),
    "bare": (where("host IN ($host)"), "$host"),
    "the old form": (where("host IN ([[host:sqlstring]])"), "[[host:sqlstring]]"),
    "of raw texts": (where("host IN (${host:raw})"), "${host:raw}"),
    "the picker's text": (where("host = '${host:text}'"), "'${host:text}'"),
    "with or": (where(f"(env = 'x' OR host IN ({H}))"), H),
    "a double negation": (where(f"NOT (NOT (host IN ({H})))"), H),
    "de morgan": (where(f"NOT ('__all' NOT IN ({H}) OR host NOT IN ({H}))"), H),
    "a guard with and": (where(f"('__all' IN ({H}) AND host IN ({H}))"), H),
    "a guard of another text": (where(f"('_all' IN ({H}) OR host IN ({H}))"), H),
    "a guard for All in the picker": (where(f"('All' IN ({H}) OR host IN ({H}))"), H),
    "a guard the wrong way": (where(f"('__all' NOT IN ({H}) OR host IN ({H}))"), H),
    "a guard of another variable": (where("('__all' IN (${exchange:sqlstring}) OR host IN (${host:sqlstring}))"), H),
    "in a subquery": (f"SELECT host FROM (SELECT host FROM daemon_metrics WHERE {T} AND host IN ({H})) LIMIT 9", H),
    "in a common table expression": (f"WITH a AS (SELECT host FROM daemon_metrics WHERE {T} AND host = {H}) SELECT host FROM a LIMIT 9", H),
    "in a query of a condition": (f"SELECT exchange FROM exchange_status WHERE host IN (SELECT host FROM daemon_metrics WHERE host IN ({H})) LIMIT 9", H),
    "in a join": (f"SELECT d.host FROM daemon_metrics d JOIN exchange_status e ON d.host = e.host AND e.host IN ({H}) LIMIT 9", H),
    "in one part of a union": (f"SELECT host FROM daemon_metrics WHERE {GUARDED} UNION SELECT host FROM exchange_status WHERE host IN ({H})", H),
    "in a case of the result": (f"SELECT host, CASE WHEN host IN ({H}) THEN 1 ELSE 0 END AS chosen FROM daemon_metrics LIMIT 9", H),
    "in a case in a sum": (f"SELECT host, sum(CASE WHEN host = {H} THEN fetch_count ELSE 0 END) AS n FROM daemon_metrics LIMIT 9", H),
    "in a case of a value": (f"SELECT CASE host WHEN {H} THEN 1 ELSE 0 END AS chosen FROM daemon_metrics LIMIT 9", H),
    "in a case of a condition": (where(f"CASE WHEN host IN ({H}) THEN true ELSE false END"), H),
    "as a truth of the result": (f"SELECT host IN ({H}) AS chosen FROM daemon_metrics LIMIT 9", H),
    "by way of a common table expression": (f"WITH p AS (SELECT {H} AS h) SELECT host FROM daemon_metrics CROSS JOIN p WHERE host = p.h LIMIT 9", H),
    "as a truth that a query around it asks for": (f"SELECT host FROM (SELECT host, host IN ({H}) AS chosen FROM daemon_metrics) WHERE chosen LIMIT 9", H),
    "in all columns of a query within": (f"SELECT * FROM (SELECT host, CASE WHEN host IN ({H}) THEN 1 ELSE 0 END AS chosen FROM daemon_metrics) LIMIT 9", H),
    "two queries further in": (f"WITH a AS (SELECT {H} AS h), b AS (SELECT h AS g FROM a) SELECT host FROM daemon_metrics CROSS JOIN b WHERE host = g LIMIT 9", H),
    "after a case for another": (f"SELECT CASE WHEN env = 'x' THEN 0 WHEN host IN ({H}) THEN 1 ELSE 2 END AS chosen FROM daemon_metrics LIMIT 9", H),
    "small letters": (f"select host from daemon_metrics where host in({H}) limit 9", H),
    "in a number": (where(f"1 = CASE WHEN host IN ({H}) THEN 1 ELSE 0 END"), H),
    "compared with true": (where(f"(host IN ({H})) = true"), H),
    "or with the time": (f"SELECT host FROM daemon_metrics WHERE ({T} AND host IN ({H})) OR (env = 'x' AND {GUARDED} AND host = 'y') LIMIT 9", H),
    "two at once": (where(f"(host IN ({H}) OR env IN ({H}))"), H),
}  # fmt: skip
KEPT = {
    "not in": where(f"host NOT IN ({H})"),
    "unequal": where(f"host != {H}"),
    "unequal otherwise": where(f"host <> {H}"),
    "not around in": where(f"NOT (host IN ({H}))"),
    "not before in": where(f"NOT host IN ({H})"),
    "no match": where(f"host !~ {H}"),
}
NEVER = {
    "a guard turned around": where(f"NOT {GUARDED}"),
    "de morgan of a guard": where(f"('__all' NOT IN ({H}) AND host NOT IN ({H}))"),
}
RIGHT = {
    "matches": where(GUARDED),
    "equal": where(f"('__all' = {H} OR host = {H})"),
    "the guard behind": where(f"(host IN ({H}) OR '__all' IN ({H}))"),
    "the guard the other way round": where(f"({H} = '__all' OR host = {H})"),
    "the picker's text": where(f"('${{host:text}}' = 'All' OR host IN ({H}))"),
    "de morgan": where(f"NOT ('__all' NOT IN ({H}) AND host NOT IN ({H}))"),
    "more alternatives": where(f"(env = 'x' OR '__all' IN ({H}) OR host IN ({H}))"),
    "guards within": where(f"(('__all' IN ({H}) OR host IN ({H})) AND (env = 'x' OR {GUARDED}))"),
    "length": where(f"(length({H}) = 5 OR host = {H})"),
    "lower": where(f"(lower({H}) = '__all' OR host = {H})"),
    "put together": where(f"(concat('__', 'all') = {H} OR host = {H})"),
    "a case": where(f"CASE WHEN '__all' IN ({H}) THEN true ELSE host IN ({H}) END"),
    "a case of the value": where(f"host = CASE WHEN {H} = '__all' THEN host ELSE {H} END"),
    "coalesce": where(f"host = coalesce(nullif({H}, '__all'), host)"),
    "only for one": where(f"'__all' NOT IN ({H}) AND host IN ({H})"),
    "one part for All and one for others": f"SELECT host FROM daemon_metrics WHERE '__all' IN ({H}) UNION ALL SELECT host FROM daemon_metrics WHERE '__all' NOT IN ({H}) AND host IN ({H})",
    "one or the other": where(f"(('__all' NOT IN ({H}) AND host IN ({H})) OR ('__all' IN ({H}) AND env = 'x'))"),
    "a case with a guard": f"SELECT CASE WHEN '__all' IN ({H}) OR host IN ({H}) THEN 1 ELSE 0 END AS chosen FROM daemon_metrics LIMIT 9",
    "a case that knows All": f"SELECT CASE WHEN '__all' IN ({H}) THEN 'every' WHEN host IN ({H}) THEN host ELSE 'rest' END AS chosen FROM daemon_metrics LIMIT 9",
    "a label that knows All": f"SELECT '${{host:text}}' AS label, host FROM daemon_metrics WHERE {GUARDED} LIMIT 9",
    "conditionalAll": where(f"$__conditionalAll(host IN ({H}), $host)"),
    "by way of a common table expression": f"WITH p AS (SELECT {H} AS h) SELECT host FROM daemon_metrics CROSS JOIN p WHERE (p.h = '__all' OR host = p.h) LIMIT 9",
    "a truth that a query around it guards": f"SELECT host FROM (SELECT host, host IN ({H}) AS chosen FROM daemon_metrics) WHERE chosen OR '__all' IN ({H}) LIMIT 9",
    "a truth that nothing asks for": f"SELECT host FROM (SELECT host, host IN ({H}) AS chosen FROM daemon_metrics) LIMIT 9",
    "in a number": where(f"1 = CASE WHEN '__all' IN ({H}) THEN 1 WHEN host IN ({H}) THEN 1 ELSE 0 END"),
    "two queries further in": f"WITH a AS (SELECT {H} AS h), b AS (SELECT h AS g FROM a) SELECT host FROM daemon_metrics CROSS JOIN b WHERE g = '__all' OR host = g LIMIT 9",
    "small letters": f"select host from daemon_metrics where ('__all' in({H}) or host in({H})) limit 9",
    "in a comment": where(f"1 = 1 -- host IN ({H})\n"),
    "no variable": where("host IN ('__all')"),
    "text that only looks like it": where("host IN ('a') AND env = ${env:sqlstring}"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_no_row_is_left(name: str, session: Session) -> None:
    sql, under = WRONG[name]
    several = HOST if f"= {H}" not in sql and "LIKE" not in sql and "~" not in sql else ONE_HOST
    matches = of(sql, several, EXCHANGE, session=session)
    assert matches, sql
    assert all(sql[slice(*match.span)] == under for match in matches if match.span), [
        sql[slice(*m.span)] for m in matches if m.span
    ]
    text = "All" if ":text" in under else "__all"
    assert {match.message.partition(", ")[2] for match in matches} == {NOTHING.replace("__all", text)}


@pytest.mark.parametrize("name", KEPT)
def test_every_row_is_left(name: str, session: Session) -> None:
    (match,) = of(KEPT[name], ONE_HOST, session=session)
    assert match.message.endswith("which no row has: every row is left")


@pytest.mark.parametrize("name", NEVER)
def test_it_never_holds(name: str, session: Session) -> None:
    matches = of(NEVER[name], session=session)
    assert [match.message for match in matches] == ["with All chosen in $host, this never holds: no row is left"]


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize("name", RIGHT)
def test_it_is_right(name: str, plugin: Plugin, session: Session) -> None:
    if plugin == "postgres" and "conditionalAll" in name:
        return  # that datasource has no such macro
    assert of(RIGHT[name], ONE_HOST, EXCHANGE, session=session, plugin=plugin) == []


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_so_offline(name: str) -> None:
    assert of(RIGHT[name], ONE_HOST, EXCHANGE, session=None) == []


@pytest.mark.parametrize(
    "name", ["in", "equal", "quoted", "with or", "a guard of another variable", "in a case of the result"]
)
def test_plain_comparisons_are_found_offline(name: str) -> None:
    assert of(WRONG[name][0], session=None)


def test_a_guard_of_another_variable_says_when(session: Session) -> None:
    (match,) = of(WRONG["a guard of another variable"][0], session=session)
    assert match.message.startswith("with All chosen in $host and exchange: 'sample-01', this compares")
    assert match.hint == "a guard tests its own variable: '__all' IN (${host:sqlstring}) OR …"


def test_the_result_has_the_text(session: Session) -> None:
    sql = f"SELECT {H} AS label, host FROM daemon_metrics WHERE {GUARDED} LIMIT 9"
    (match,) = of(sql, session=session)
    assert (match.message, match.hint) == (
        "with All chosen in $host, the result has the text '__all'",
        "${host:text} is All then",
    )


@pytest.mark.parametrize("variable", [SIDE, EVERY_ENV], ids=lambda v: v.name)
def test_any_variable_with_all(variable: Any, session: Session) -> None:
    sql = where(f"env = ${{{variable.name}:sqlstring}}")
    assert of(sql, variable, session=session)
    assert of(where(variable.matches("env")), variable, session=session) == []


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_annotations_and_chained_variables(plugin: Plugin, session: Session) -> None:
    events = "SELECT timestamp AS time, host AS text FROM daemon_metrics WHERE {} LIMIT 9"
    chained = f"SELECT DISTINCT exchange FROM exchange_status WHERE {T} AND {{}}"
    for condition, count in ((f"host IN ({H})", 1), (GUARDED, 0)):
        for thing in (Annotation("a", events.format(condition)), QueryVariable("next", chained.format(condition))):
            (subject,) = [one for one in subjects(thing, HOST, plugin=plugin) if one.owner is thing]
            assert len(found(subject, session)) == count


def test_without_all_every_comparison_is_right(session: Session) -> None:
    for sql, _ in WRONG.values():
        if "exchange:" not in sql:
            assert of(sql, PLAIN, session=session) == [], sql


def test_a_panel_that_is_repeated_sees_one_value(session: Session) -> None:
    sql = WRONG["in"][0]
    assert of(sql, HOST, session=session, repeat="host") == []
    assert of(sql, HOST, session=session, repeat="exchange")
    panel = Table("T", sql)
    dashboard = Dashboard(uid="x", title="X", variables=(HOST,), rows=(Row("$host", (panel,), repeat="host"),))
    project = Project(environments=(Environment("prod"),), tables=TABLES, dashboards=(dashboard,))
    (_, subject) = collect_queries(project, project.environments[0]).subjects
    assert subject.owner is panel
    assert found(subject, session) == []


def test_each_comparison_is_told_once(session: Session) -> None:
    sql = where("host IN (${host:sqlstring}) AND env IN (${exchange:sqlstring})")
    matches = of(sql, session=session)
    assert [sql[slice(*match.span)] for match in matches if match.span] == [H, "${exchange:sqlstring}"]
    assert all("and" not in match.message.partition(",")[0] for match in matches)


def test_a_finding_has_its_place_in_an_indented_text(session: Session) -> None:
    sql = f"""
        SELECT host, timestamp  {""}
        FROM daemon_metrics
        WHERE host IN ({H})
        LIMIT 9
    """
    plugins: tuple[Plugin, ...] = ("questdb", "postgres")
    for plugin in plugins:
        (match,) = of(sql, session=session, plugin=plugin)
        assert match.span is not None
        assert sql[slice(*match.span)] == H


def foreign(all_value: str | None, condition: str, session: Session, *, repeat: str = "") -> list[RuleMatch]:
    """A panel of another library, whose variable has an All of its own."""
    variable = db.QueryVariable("host").query(HOSTS).multi(True).include_all(True)
    if all_value is not None:
        variable.all_value(all_value)
    shown: Any = table.Panel().title("T").datasource(common.DataSourceRef(uid="questdb"))
    shown.with_target(Target(where(condition)))
    if repeat:
        shown.repeat(repeat)
    built = as_dashboard(db.Dashboard("X").uid("x").with_variable(variable).with_panel(shown))
    made = Project(environments=(Environment("prod"),), tables=TABLES, dashboards=(built,))
    return [
        m
        for one in collect_queries(made, made.environments[0]).subjects
        if one.role == "panel"
        for m in found(one, session)
    ]


@pytest.mark.parametrize(
    ("all_value", "condition", "count"),
    [
        ("'__all'", f"host IN ({H})", 1),
        ("'__all'", f"('__all' IN ({H}) OR host IN ({H}))", 0),
        ("'*'", f"host IN ({H})", 1),
        ("'*'", f"('*' IN ({H}) OR host IN ({H}))", 0),
        ("'*'", f"('__all' IN ({H}) OR host IN ({H}))", 1),
        (".*", "host ~ '^(${host:regex})$'", 0),
        (".+", "host ~ '${host:pipe}'", 0),
        ("nothing", "host ~ '^(${host:regex})$'", 1),
        ("%", "host LIKE '${host:raw}'", 0),
        ("host", f"host IN ({H})", 0),
        ("SELECT host FROM daemon_metrics", f"host IN ({H})", 0),
        (None, f"host IN ({H})", 0),
        ("", f"host IN ({H})", 0),
    ],
)
def test_other_libraries_have_an_all_of_their_own(
    all_value: str | None, condition: str, count: int, session: Session
) -> None:
    assert len(foreign(all_value, condition, session)) == count
    assert foreign(all_value, condition, session, repeat="host") == []
