from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.retention import drop_before, retention
from dashgen.render.ddl import create_statements
from specs.tables import PipelineMetrics

pytestmark = pytest.mark.questdb
PIPELINE = table_of(PipelineMetrics)


def test_shows_partitions_and_drops_what_is_wholly_older() -> None:
    with EmbeddedQuestDB() as db:
        assert retention(db.client, [PIPELINE]) == ()
        for statement in create_statements(PIPELINE):
            db.execute(statement.replace(" TTL 90 DAYS", ""))
        for day in (1, 2, 3):
            db.execute(f"INSERT INTO pipeline_metrics (timestamp, exchange) VALUES ('2026-01-0{day}T12:00:00Z', 'okx')")
        db.settle()
        found, _view = retention(db.client, [PIPELINE])
        assert (found.ttl, found.rows, found.views, found.next_drop) == (
            "",
            3,
            ("pipeline_1m",),
            None,
        )
        assert [p.name for p in found.partitions] == ["2026-01-01", "2026-01-02", "2026-01-03"]
        assert found.size > 0

        assert drop_before(found, datetime(2026, 1, 1, 12, tzinfo=UTC)) is None
        drop = drop_before(found, datetime(2026, 1, 2, tzinfo=UTC))
        assert drop is not None
        assert drop.sql == "ALTER TABLE pipeline_metrics DROP PARTITION LIST '2026-01-01'"
        assert drop.warning.startswith("this makes pipeline_1m invalid")
        db.execute(drop.sql)
        db.settle()
        assert retention(db.client, [PIPELINE])[0].rows == 2

        db.execute("ALTER TABLE pipeline_metrics SET TTL 365 DAYS")
        db.settle()
        found, _view = retention(db.client, [PIPELINE])
        assert found.ttl in ("365 DAY", "1 YEAR")
        assert found.next_drop is not None
        assert found.next_drop.name == "2026-01-02"
