from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashgen.model.tables.table import Column, TableSchema, table_of
from dashgen.questdb import EmbeddedQuestDB, QuestDBError
from dashgen.questdb.migrate import apply, plan
from dashgen.render.ddl import create_statements
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

pytestmark = pytest.mark.questdb
SHIPPED = [table_of(cls) for cls in (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics)]
VIEW = replace(
    SHIPPED[2].views[0],
    name="moved_1m",
    base="moved",
    sql="SELECT timestamp, count() AS n FROM moved SAMPLE BY 1m",
)
TABLE = replace(
    SHIPPED[0],
    name="moved",
    columns=(Column("timestamp", "TIMESTAMP"), Column("host", "SYMBOL", 16), Column("n", "LONG")),
    dedup=("timestamp", "host"),
    views=(VIEW,),
)


@pytest.fixture
def deployed(questdb: EmbeddedQuestDB) -> Iterator[EmbeddedQuestDB]:
    for statement in create_statements(TABLE):
        questdb.execute(statement)
    questdb.settle()
    yield questdb
    questdb.execute("DROP MATERIALIZED VIEW IF EXISTS moved_1m")
    questdb.execute("DROP TABLE IF EXISTS moved")


def test_an_empty_server_gets_everything_and_then_nothing() -> None:
    with EmbeddedQuestDB() as db:
        planned = plan(db.client, SHIPPED)
        assert [step.reason for step in planned.steps] == [
            "daemon_metrics is not there",
            "exchange_status is not there",
            "exchange_1m is not there",
            "pipeline_metrics is not there",
            "pipeline_1m is not there",
            "trading_metrics is not there",
        ]
        apply(db.client, planned)
        assert plan(db.client, SHIPPED).is_empty


def test_safe_changes_are_steps(deployed: EmbeddedQuestDB) -> None:
    wanted = replace(
        TABLE,
        columns=(*TABLE.columns, Column("env", "SYMBOL", 16)),
        dedup=("timestamp", "host", "env"),
        ttl="30 DAYS",
        views=(replace(VIEW, ttl="1 YEAR"), replace(VIEW, name="moved_5m", sql=VIEW.sql.replace("1m", "5m"))),
    )
    planned = plan(deployed.client, [wanted])
    assert planned.refusals == ()
    assert [step.sql.splitlines()[0] for step in planned.steps] == [
        "ALTER TABLE moved ADD COLUMN env SYMBOL CAPACITY 16",
        "ALTER TABLE moved DEDUP ENABLE UPSERT KEYS(timestamp, host, env)",
        "ALTER TABLE moved SET TTL 30 DAYS",
        "ALTER MATERIALIZED VIEW moved_1m SET TTL 1 YEAR",
        "CREATE MATERIALIZED VIEW IF NOT EXISTS moved_5m WITH BASE moved AS (",
    ]
    assert planned.steps[2].caution == ""
    assert planned.drops == 0
    apply(deployed.client, planned)
    assert plan(deployed.client, [wanted]).is_empty
    assert deployed.query("SELECT view_status FROM materialized_views() WHERE view_name = 'moved_1m'").value == "valid"
    deployed.execute("DROP MATERIALIZED VIEW moved_5m")


def changed_type(column: Column) -> Column:
    return replace(column, type="DOUBLE") if column.name == "n" else column


@pytest.mark.parametrize(
    ("wanted", "path", "message"),
    [
        (
            replace(TABLE, columns=tuple(map(changed_type, TABLE.columns))),
            "moved › n",
            "expected DOUBLE, got LONG",
        ),
        (replace(TABLE, columns=TABLE.columns[:2]), "moved › n", "expected no such column, got one"),
        (replace(TABLE, partition_by="MONTH"), "moved › partition", "expected MONTH, got DAY"),
        (
            replace(TABLE, views=(replace(VIEW, partition_by="MONTH"),)),
            "moved_1m › partition",
            "expected MONTH, got DAY",
        ),
        (replace(TABLE, name="moved_1m", views=()), "moved_1m", "expected a table, got a materialized view"),
        (replace(TABLE, views=(replace(VIEW, name="moved"),)), "moved", "expected a materialized view, got a table"),
        (replace(TABLE, dedup=()), "moved", "expected no dedup keys, got host, timestamp"),
        (
            replace(TABLE, views=(replace(VIEW, sql=VIEW.sql.replace("count()", "sum(n)")),)),
            "moved_1m",
            "expected the declared query, got another",
        ),
    ],
)
def test_the_rest_is_refused(deployed: EmbeddedQuestDB, wanted: TableSchema, path: str, message: str) -> None:
    planned = plan(deployed.client, [wanted])
    (refusal,) = planned.refusals
    assert (refusal.path, refusal.message) == (path, message)
    assert refusal.hint
    with pytest.raises(QuestDBError, match="1 difference needs a change by hand"):
        apply(deployed.client, planned)


class DevMode(EmbeddedQuestDB):
    """Only in dev mode can a table be suspended by hand."""

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"QDB_DEV_MODE_ENABLED": "true"}


def test_names_that_differ_by_case_are_the_same(questdb: EmbeddedQuestDB) -> None:
    table = replace(TABLE, name="cased", ttl="30 DAYS", views=(replace(VIEW, name="cased_1m", base="cased"),))
    upper = replace(
        table,
        name="Cased",
        columns=tuple(replace(column, name=column.name.title()) for column in table.columns),
        designated="Timestamp",
        dedup=("Timestamp", "Host"),
        views=(replace(VIEW, name="Cased_1m", base="Cased", sql=VIEW.sql.replace("moved", "cased")),),
    )
    table = replace(table, views=(replace(table.views[0], sql=upper.views[0].sql),))
    for statement in create_statements(upper):
        questdb.execute(statement)
    questdb.settle()
    try:
        assert plan(questdb.client, [table]).is_empty
        more = replace(
            table, columns=(*table.columns, Column("env", "SYMBOL", 16)), ttl="20 DAYS", partition_by="MONTH"
        )
        planned = plan(questdb.client, [replace(more, columns=(more.columns[0], *more.columns[2:]))])
        assert [(one.path, one.message) for one in planned.refusals] == [
            ("cased › Host", "expected no such column, got one"),
            ("cased › partition", "expected MONTH, got DAY"),
        ]
        assert [step.reason for step in planned.steps] == ["cased › env is not there", "cased keeps rows for 30 DAY"]
        assert planned.deployed[0].startswith("CREATE TABLE 'Cased'")
    finally:
        questdb.execute("DROP MATERIALIZED VIEW IF EXISTS Cased_1m")
        questdb.execute("DROP TABLE IF EXISTS Cased")


def test_a_suspended_table_is_told() -> None:
    with DevMode() as db:
        apply(db.client, plan(db.client, [TABLE]))
        db.execute("ALTER TABLE moved SUSPEND WAL")
        (refusal,) = plan(db.client, [TABLE]).refusals
        assert refusal.path == "moved"
        assert "ALTER TABLE moved RESUME WAL" in refusal.hint
        db.execute("ALTER TABLE moved RESUME WAL")
        assert plan(db.client, [TABLE]).is_empty


def test_a_shorter_ttl_says_what_it_drops(deployed: EmbeddedQuestDB) -> None:
    deployed.execute("INSERT INTO moved (timestamp, n) VALUES ('2025-01-01', 1), ('2025-01-02', 1), ('2025-02-20', 1)")
    deployed.settle()
    (step,) = plan(deployed.client, [replace(TABLE, ttl="7 WEEKS")]).steps
    assert (step.drops, step.caution) == (1, "drops 1 row at once: 2025-01-01 to 2025-01-01")
    assert plan(deployed.client, [replace(TABLE, ttl="1 YEAR")]).drops == 0


def test_a_view_that_does_not_refresh_is_set_right(deployed: EmbeddedQuestDB) -> None:
    deployed.execute("ALTER MATERIALIZED VIEW moved_1m SET REFRESH MANUAL")
    deployed.settle()
    planned = plan(deployed.client, [TABLE])
    (step,) = planned.steps
    assert step.sql == "ALTER MATERIALIZED VIEW moved_1m SET REFRESH IMMEDIATE"
    assert step.reason == "moved_1m is refreshed by hand (manual), not as rows arrive"
    apply(deployed.client, planned)
    assert plan(deployed.client, [TABLE]).is_empty


def test_a_refusal_shows_what_is_deployed(deployed: EmbeddedQuestDB) -> None:
    """What a person needs who copies the rows by hand: the server's own statement."""
    wanted = replace(TABLE, partition_by="MONTH", views=(replace(VIEW, partition_by="MONTH"),))
    planned = plan(deployed.client, [wanted, SHIPPED[0]])
    assert [refusal.path for refusal in planned.refusals] == ["moved › partition", "moved_1m › partition"]
    table, view = planned.deployed
    assert table.startswith("CREATE TABLE 'moved' (")
    assert table.rstrip(";").endswith("DEDUP UPSERT KEYS(timestamp,host)")
    assert view.startswith("CREATE MATERIALIZED VIEW 'moved_1m' WITH BASE 'moved' REFRESH IMMEDIATE AS (")
    assert plan(deployed.client, [TABLE]).deployed == ()


def test_an_invalid_view_is_told(deployed: EmbeddedQuestDB) -> None:
    deployed.execute("INSERT INTO moved (timestamp, n) VALUES ('2026-01-01', 1), ('2026-01-02', 1)")
    deployed.settle()
    deployed.execute("ALTER TABLE moved DROP PARTITION LIST '2026-01-01'")
    deployed.settle()
    (refusal,) = plan(deployed.client, [TABLE]).refusals
    assert "drop partition operation" in refusal.message
