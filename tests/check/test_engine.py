from __future__ import annotations

import pytest

from dashgen import Query, QueryVariable, Table, TimeSeries
from dashgen.check.engine import Found, check_query
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.model.dashboards.variable import Variable
from dashgen.model.environment import Plugin
from tests.check.helpers import subjects

pytestmark = pytest.mark.questdb
ANSWERS = [rule for rule in rules() if rule.stage == "answer"]
HOST = QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics")
GOOD = """
    SELECT timestamp AS time, host AS metric, avg(uptime_seconds) AS value
    FROM daemon_metrics
    WHERE $__timeFilter(timestamp)
    SAMPLE BY $__sampleByInterval
"""


def _found(session: Session, sql: str, *variables: Variable, plugin: Plugin = "questdb") -> list[Found]:
    *_, subject = subjects(*variables, TimeSeries("Tried", sql), plugin=plugin)
    return check_query(subject, session, ANSWERS)


def _marked(found: Found) -> str:
    assert found.subject is not None
    assert found.match.span is not None
    return found.subject.sql[slice(*found.match.span)]


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_a_right_query_has_no_findings(session: Session, plugin: Plugin) -> None:
    assert _found(session, GOOD, plugin=plugin) == []


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize(
    ("right", "wrong", "marked", "message", "hint"),
    [
        ("avg(uptime_seconds)", "avg(nope)", "nope", "Invalid column: nope", "daemon_metrics has"),
        ("avg(uptime_seconds)", "avg(uptime)", "uptime", "Invalid column", "did you mean uptime_seconds?"),
        ("daemon_metrics", "daemon_metric", "daemon_metric", "table does not exist", "did you mean 'daemon_metrics'?"),
        ("daemon_metrics", "orders", "orders", "table does not exist", "declare it (@table(name=\"orders\")"),
        ("avg(uptime_seconds)", "sum(running)", "sum", "no matching function `sum`", "cast it"),
        ("WHERE", "WHERE timestamp > now() - interval '1h' AND", "interval", "impossible type cast", "dateadd"),
        ("avg(uptime_seconds)", "uptime_seconds", "$__sampleByInterval", "at least one aggregation", "last(x)"),
        ("SAMPLE BY", "LATEST BY host SAMPLE BY", "BY", "'on' expected", "LATEST ON"),
        ("SAMPLE BY $__sampleByInterval", "SAMPLE BY 1h GROUP BY host", "host", "both GROUP BY", "remove GROUP BY"),
    ],
)  # fmt: skip
def test_the_server_s_error_is_at_the_author_s_word(
    session: Session, plugin: Plugin, right: str, wrong: str, marked: str, message: str, hint: str
) -> None:
    (found,) = _found(session, GOOD.replace(right, wrong, 1), plugin=plugin)
    assert found.rule.code == "DG101"
    assert message in found.match.message
    assert _marked(found) == marked
    assert hint in found.match.hint
    assert found.cases == ()


def test_columns_of_a_view_are_suggested(session: Session) -> None:
    sql = "SELECT timestamp AS time, sum(record) AS value FROM pipeline_1m WHERE $__timeFilter(timestamp) SAMPLE BY 1h"
    (found,) = _found(session, sql)
    assert (found.match.message, found.match.hint) == (
        "QuestDB refuses it: Invalid column: record",
        "did you mean records?",
    )


INNER = "(SELECT timestamp AS time, host AS name, uptime_seconds FROM daemon_metrics WHERE $__timeFilter(timestamp))"


@pytest.mark.parametrize(
    ("sql", "marked", "hint"),
    [
        (f"SELECT time, lag(uptime_seconds) OVER (PARTITION BY name ORDER BY timestamp) AS d FROM {INNER}", "timestamp",
         "the query that FROM reads calls it time: write time"),
        (f"SELECT time, lag(uptime_seconds) OVER (PARTITION BY host ORDER BY time) AS d FROM {INNER}", "host",
         "the query that FROM reads calls it name: write name"),
        (f"WITH i AS {INNER} SELECT time, max(uptime_seconds) AS d FROM i WHERE timestamp > 0 SAMPLE BY 1m",
         "timestamp", "the query that FROM reads calls it time: write time"),
        (f"SELECT time, x.host FROM {INNER} x", "x", "the query that FROM reads calls it name: write name"),
        ("SELECT timestamp AS time, lag(most) OVER (ORDER BY timestamp) AS d, max(uptime_seconds) AS most"
         " FROM daemon_metrics WHERE $__timeFilter(timestamp) SAMPLE BY 1m", "most",
         "most is an alias of the same SELECT, which can't read it: name it in a query that FROM reads"),
        (f"SELECT d.name FROM daemon_metrics d JOIN {INNER} i ON d.host = i.name WHERE $__timeFilter(d.timestamp)", "d",
         "i has it: write i.name"),
        (f"SELECT time FROM {INNER} ORDER BY tim", "tim", "did you mean time?"),
        (f"SELECT max(uptime_second) AS most FROM {INNER}", "uptime_second", "did you mean uptime_seconds?"),
        (f"SELECT time, zz FROM {INNER}", "zz", "what FROM reads has name, time, uptime_seconds"),
    ],
)  # fmt: skip
def test_a_column_that_goes_by_another_name_there_is_named(session: Session, sql: str, marked: str, hint: str) -> None:
    (found,) = [one for one in _found(session, sql) if one.rule.code == "DG101"]
    assert "Invalid column" in found.match.message
    assert (_marked(found), found.match.hint) == (marked, hint)


def test_a_value_with_a_quote_is_found_only_where_one_is_chosen(session: Session) -> None:
    (found,) = _found(session, GOOD.replace("WHERE", "WHERE host = '$host' AND"), HOST)
    assert found.cases == ("6h, host: a quote",)
    assert _marked(found) == "$host"
    assert "write ${host:sqlstring}" in found.match.hint
    assert "host = 'o'brien'" in found.sent


def test_an_unquoted_value_is_found(session: Session) -> None:
    found = _found(session, GOOD.replace("WHERE", "WHERE host = $host AND"), HOST)
    assert found[0].match.message == "QuestDB refuses it: Invalid column: sample"
    assert _found(session, GOOD.replace("WHERE", "WHERE host = ${host:sqlstring} AND"), HOST) == []


def test_a_macro_that_nobody_knows(session: Session) -> None:
    (found,) = _found(session, GOOD.replace("timeFilter", "timeFiltr"))
    assert (found.rule.code, _marked(found)) == ("DG102", "$__timeFiltr")
    assert found.match.hint == "did you mean $__timeFilter?"


def test_what_is_no_query_is_said_once_and_not_asked(session: Session) -> None:
    for sql in ("DROP TABLE daemon_metrics", f"{GOOD}; DROP TABLE daemon_metrics"):
        (subject,) = subjects(Table("Tried", Query(sql)))
        asked = session.asked
        (found,) = check_query(subject, session)
        assert found.rule.code == "DG104"
        assert session.asked == asked


def test_an_error_behind_wide_characters_is_at_its_word(session: Session) -> None:
    (subject,) = subjects(Table("Tried", Query("SELECT '😀 ä' AS a, nope FROM daemon_metrics LIMIT 1")))
    (found,) = check_query(subject, session, ANSWERS)
    assert _marked(found) == "nope"
