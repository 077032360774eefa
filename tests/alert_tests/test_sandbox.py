"""The tables of a test under names of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import pytest
import yaml

from dashgen import Designated, Symbol, table
from dashgen.alert_tests.sandbox import Stage
from dashgen.alert_tests.suite import run_alert_tests
from dashgen.alert_tests.test_model import AlertTest, Fires, Never, Rows
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.tree.read import RenderedTree
from tests.alert_tests.test_suite import said
from tests.alert_tests.worlds import WORLD, a_rule


@table(name="load", ttl="7 DAYS", written_by_others=True)
class Load:
    """A table that is called like one of its columns."""

    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(256)]
    load: float


@table(name="select", ttl="7 DAYS", written_by_others=True)
class Select:
    """A table that is called like a word of SQL."""

    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(256)]


STAGE = Stage("p_", [table_of(Load), table_of(Select)], None)  # type: ignore[arg-type]  # nothing is sent


@pytest.mark.parametrize(
    ("sql", "renamed"),
    [
        ("SELECT host, avg(load) AS load FROM load", "SELECT host, avg(load) AS load FROM p_load"),
        ('SELECT load.load, "load".host FROM load', 'SELECT p_load.load, "p_load".host FROM p_load'),
        ("SELECT load.load FROM load AS load", "SELECT load.load FROM p_load AS load"),
        ("WITH load AS (SELECT * FROM load) SELECT load FROM load",
         "WITH load AS (SELECT * FROM p_load) SELECT load FROM load"),
        ('SELECT host FROM "select" WHERE host = \'load\'', 'SELECT host FROM "p_select" WHERE host = \'load\''),
        ("SELECT a.host FROM load a JOIN \"select\" b ON host",
         "SELECT a.host FROM p_load a JOIN \"p_select\" b ON host"),
        ("SELECT name FROM wal_tables() WHERE name = 'load'", "SELECT name FROM wal_tables() WHERE name = 'p_load'"),
        ("ALTER TABLE load SUSPEND WAL", "ALTER TABLE p_load SUSPEND WAL"),
        ('INSERT INTO "select" SELECT timestamp, host FROM tmp',
         'INSERT INTO "p_select" SELECT timestamp, host FROM tmp'),
    ],
)  # fmt: skip
def test_only_what_is_read_is_renamed(sql: str, renamed: str) -> None:
    assert STAGE.renamed(sql) == renamed


def test_a_function_is_no_table() -> None:
    @table(name="count", ttl="7 DAYS", written_by_others=True)
    class Count:
        """Called like a function."""

        timestamp: Annotated[datetime, Designated()]

    stage = Stage("p_", [table_of(Count)], None)  # type: ignore[arg-type]  # nothing is sent
    assert stage.renamed("SELECT count() FROM count") == "SELECT count() FROM p_count"


def test_alerts_over_tables_with_names_of_columns_and_words(questdb: EmbeddedQuestDB) -> None:
    high = a_rule("high", "SELECT host, max(load) AS load FROM load WHERE $__timeFilter(timestamp) GROUP BY host",
                  "gt", 5, "warning")  # fmt: skip
    group = {"name": "g", "folder": "Alerts", "interval": "10s", "rules": [high]}
    text = yaml.safe_dump({"apiVersion": 1, "groups": [group]}).encode()
    tree = RenderedTree("test", {"provisioning/alerting/rules-g.yaml": text})
    classes = {"load": Load, "select": Select}
    world = replace(WORLD, rules=tree.rule_specs, classes=classes)
    rows = Rows("load", {"host": "a", "load": "1x6, 9x6"}, every=10)
    expect = (Fires("high", within=90), Never("high", {"host": "b"}))
    (outcome,) = run_alert_tests([AlertTest("t", (rows,), expect)], world, questdb).outcomes
    assert (outcome.broken, said(outcome)) == ("", [])
