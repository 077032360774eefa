"""Each type of QuestDB, of each plugin, in a panel, a variable and an alert: what the checks say, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashgen import (
    AlertGroup,
    AlertRule,
    Dashboard,
    Environment,
    Project,
    QueryVariable,
    QuestDB,
    Row,
    Stat,
)
from dashgen.check.engine import judge
from dashgen.check.query_collection import collect_queries
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.model.environment import Plugin
from dashgen.questdb import EmbeddedQuestDB

TYPES = (
    "BYTE",
    "SHORT",
    "INT",
    "LONG",
    "FLOAT",
    "DOUBLE",
    "DECIMAL(18,4)",
    "DECIMAL(76,76)",
    "CHAR",
    "STRING",
    "VARCHAR",
    "SYMBOL",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_NS",
    "UUID",
    "IPv4",
    "LONG128",
    "LONG256",
    "GEOHASH(1b)",
    "GEOHASH(5c)",
    "GEOHASH(12c)",
    "GEOHASH(31b)",
    "BINARY",
    "DOUBLE[]",
    "DOUBLE[][]",
)
EXPRESSIONS = {"INTERVAL": "today()", "NULL": "NULL"}
COLUMNS = {kind: f"c{number}" for number, kind in enumerate(TYPES)}
ASKED = tuple(rule for rule in rules() if rule.stage == "columns")


@pytest.fixture(scope="module")
def session(questdb: EmbeddedQuestDB) -> Iterator[Session]:
    made = ", ".join(f"{name} {kind}" for kind, name in COLUMNS.items())
    questdb.execute(f"CREATE TABLE of_each_type (ts TIMESTAMP, host SYMBOL, {made}) TIMESTAMP(ts) PARTITION BY DAY WAL")
    with Session(Project(environments=(Environment("prod"),)), server=questdb) as asked:
        asked.start()
        yield asked
    questdb.execute("DROP TABLE of_each_type")


def project(kind: str, plugin: Plugin) -> Project:
    """The column in a panel that shows numbers, a variable and an alert."""
    column = COLUMNS.get(kind) or EXPRESSIONS[kind]
    where = "WHERE ts BETWEEN dateadd('h', -1, $__toTime) AND $__toTime"
    board = Dashboard(
        uid="tried",
        title="Tried",
        variables=(QueryVariable("one", f"SELECT DISTINCT {column} AS one FROM of_each_type"),),
        rows=(Row("", (Stat("Value", f"SELECT {column} AS value FROM of_each_type {where} LIMIT 1", key="v"),)),),
    )
    rule = AlertRule(
        uid="tried",
        title="Tried",
        query=f"SELECT host, {column} AS value FROM of_each_type {where} LATEST ON ts PARTITION BY host",
        threshold=1,
        for_duration="30s",
        severity="critical",
        channels=(),
        summary="s",
        panel=board["v"],
    )
    environment = Environment("prod", datasources={"questdb": QuestDB(plugin=plugin)})
    group = AlertGroup("Tried", folder="Alerts", rules=(rule,))
    return Project(environments=(environment,), dashboards=(board,), alerts=(group,))


def said(session: Session, kind: str, plugin: Plugin) -> list[tuple[str, str, str]]:
    """Of each finding where it is, its code and its message."""
    made = project(kind, plugin)
    found: list[tuple[str, str, str]] = []
    for subject in map(session.described, collect_queries(made, made.environments[0]).subjects):
        assert subject.columns is not None, f"refused: {subject.sql}"
        found += [(subject.role, rule.code, match.message) for rule, match in judge(subject, ASKED)]
    return found


NUMBERS = ("BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE")
AS_TEXT: dict[Plugin, str] = {"questdb": "the QuestDB plugin", "postgres": "Grafana's PostgreSQL datasource"}


def expected(kind: str, plugin: Plugin) -> list[tuple[str, str, str]]:
    """A number is shown and judged; anything else is an error of the panel and of the alert, with the reason.

    A variable lists anything but times, arrays and BINARY as its text. LONG128 is read nowhere.
    """
    if kind == "LONG128":
        refused = "expected a column that QuestDB can send, got the LONG128 "
        names = {"variable": "'one'", "panel": "'value'", "alert": "'value'"}
        return [(role, "DG216", refused + name) for role, name in names.items()]
    listed: list[tuple[str, str, str]] = []
    if kind == "BINARY" or kind.startswith("DOUBLE["):
        shown = "BINARY" if kind == "BINARY" else "DOUBLE[]"
        told = f"expected text or a number, got the {shown} 'one': QuestDB compares it with no text of a variable"
        listed.append(("variable", "DG214", told))
    return listed + _expected_of_numbers(kind, plugin)


def _expected_of_numbers(kind: str, plugin: Plugin) -> list[tuple[str, str, str]]:
    name = "DOUBLE[]" if kind.startswith("DOUBLE[") else kind.partition("(")[0]
    if kind in NUMBERS or (name, plugin) == ("DECIMAL", "postgres"):
        return []
    if name in ("DECIMAL", "DOUBLE[]"):
        message = f"expected a number, got value: {AS_TEXT[plugin]} sends {name} as text"
        return [("panel", "DG203", message), ("alert", "DG203", message)]
    got = "value (boolean)" if kind == "BOOLEAN" else "value"
    found: list[tuple[str, str, str]] = [
        ("panel", "DG203", f"expected a number for a stat, got {got}"),
        ("alert", "DG203", f"expected a number for an alert, got host, {got}"),
    ]
    if kind == "BOOLEAN":
        found.append(("alert", "DG505", "an alert rule with the BOOLEAN column 'value' is always in the state Error"))
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMP_NS"):
        told = "expected numbers and labels in an alert's table, got the time 'value', too"
        found.append(("alert", "DG507", told))
        listed = "expected text or a number, got the time 'one': Grafana lists it as milliseconds since 1970"
        found.insert(0, ("variable", "DG214", listed))
    return found


@pytest.mark.questdb
def test_the_text_of_a_time_is_taken_in_a_variable(session: Session) -> None:
    text = "to_str(ts, 'yyyy-MM-ddTHH:mm:ss.SSSUUUZ')"
    assert session.ask(f"SELECT {text} AS one FROM of_each_type") == (WireColumn("one", 1043),)
    session.start().execute("INSERT INTO of_each_type (ts) VALUES ('2026-01-05T01:02:03.000004Z')")
    session.start().client.settle()
    found = session.start().query(f"SELECT {text} FROM of_each_type WHERE ts = '2026-01-05T01:02:03.000004Z'")
    assert found.rows == (("2026-01-05T01:02:03.000004Z",),)


@pytest.mark.questdb
@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize("kind", [*TYPES, *EXPRESSIONS])
def test_a_column_of_each_type_in_a_panel_a_variable_and_an_alert(session: Session, kind: str, plugin: Plugin) -> None:
    assert said(session, kind, plugin) == expected(kind, plugin)
