"""One QuestDB with demo data in `prod`, and rows whose truth is known in `staging` and `broken`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from dashgen.model.environment import Plugin
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render.ddl import create_statements
from specs.demo import DEMOS
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics
from tests.specs import broken
from tests.specs.grafana import Grafana
from tests.specs.staging import END, staging

DEMO_DAYS = 2.2
SEED = 8
"""With it nothing is wrong at the end, nor for six hours with the first host's daemon."""


@pytest.fixture(scope="session")
def monitored() -> Iterator[EmbeddedQuestDB]:
    with EmbeddedQuestDB() as server:
        for cls in (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics):
            for statement in create_statements(table_of(cls)):
                server.execute(statement)
        parameters = {"hosts": 3, "symbols": 2, "strategies": 2}
        start = END - timedelta(days=DEMO_DAYS)
        seed_tables(server.client, DEMOS, parameters, env="prod", start=start, end=END, seed=SEED)
        for statement in (*staging(), *broken.statements()):
            server.execute(statement)
        server.settle()
        yield server


@pytest.fixture(scope="session", params=["questdb", "postgres"])
def grafana(monitored: EmbeddedQuestDB, request: pytest.FixtureRequest) -> Iterator[Grafana]:
    plugin: Plugin = request.param
    with psycopg.connect(monitored.readonly_dsn, autocommit=True) as connection:
        yield Grafana(connection, plugin)
