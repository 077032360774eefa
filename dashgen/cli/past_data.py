"""Where rules are run over past data: a deployed QuestDB, or demo data in an embedded one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashgen.backtest.tick_answers import PastData
    from dashgen.model.project import Project

HISTORY = timedelta(hours=2)
"""Demo rows from before the first evaluation, for what looks back."""


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds since 1970."""

    start: int
    end: int


@contextmanager
def past(project: Project, when: Span, against: str, env: str) -> Iterator[Callable[[], PastData]]:
    """A way to run SQL on a deployed server, or on demo data of that `env` for those days."""
    if against:
        yield _deployed(against)
        return
    from dashgen.alert_tests.connection import QueryConnection
    from dashgen.model.tables.table import table_of
    from dashgen.questdb import EmbeddedQuestDB
    from dashgen.questdb.demo import seed_tables
    from dashgen.questdb.extras import import_client
    from dashgen.render.ddl import create_statements

    import_client()
    start, end = (datetime.fromtimestamp(at, UTC) for at in (when.start, when.end))
    with EmbeddedQuestDB() as server:
        for cls in project.tables:
            for statement in create_statements(table_of(cls)):
                server.execute(statement)
        if sys.stderr.isatty():
            sys.stderr.write("filling the tables with demo data…\n")
        parameters = {**project.demo_parameters, **project.replay_parameters}
        seed_tables(server.client, project.demos, parameters, env=env, start=start - HISTORY, end=end)
        yield lambda: QueryConnection(server.readonly_dsn)


def _deployed(url: str) -> Callable[[], PastData]:
    """Raises ValueError for what is no address."""
    from dashgen.alert_tests.connection import QueryConnection
    from dashgen.backtest.replay import HttpSource
    from dashgen.questdb.address import address, is_pg, pg_dsn

    user, password = (os.environ.get(f"DASHGEN_QUESTDB_{name}") for name in ("USER", "PASSWORD"))
    if is_pg(url):
        dsn = pg_dsn(url, user=user, password=password)
        return lambda: QueryConnection(dsn)
    from dashgen.questdb import Client

    to = address(url, user=user, password=password)
    return lambda: HttpSource(Client(to))
