"""The data set of the measurements: 30 days of the shipped fleet's rows, made once and kept in a folder.

The fleet is that of `specs.demo.DEFAULTS`: 5 hosts, 4 exchanges, 20 symbols on each, 3 strategies, a row of each series
each 10 s. That makes 60 million rows of pipeline_metrics. The rows come from the declared demo data, in the order of
time, as `dashgen db seed` makes them.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashgen.cache_folder import cache_folder
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render.ddl import create_statements
from specs import PROJECT
from specs.demo import DEFAULTS, DEMOS

DAYS = 30
END = datetime(2025, 3, 1, 12, 0, 7, 123000, tzinfo=UTC)
_BEFORE = timedelta(hours=1)
"""Rows before the longest range, which rates look back to."""
_MADE = "made.json"


def default_folder() -> Path:
    return cache_folder() / "benchmark-data"


def statements() -> list[str]:
    """The declared tables and views, in SQL."""
    return [statement for cls in PROJECT.tables for statement in create_statements(table_of(cls))]


@contextmanager
def data_set(folder: Path, days: int = DAYS) -> Iterator[EmbeddedQuestDB]:
    """A server on the data set, which is made first if the folder does not hold one of these days and tables."""
    wanted = {"days": days, "fleet": DEFAULTS, "statements": statements()}
    made = folder / _MADE
    if not made.is_file() or json.loads(made.read_text()) != wanted:
        _make(folder, days)
        made.write_text(json.dumps(wanted, indent=1))
    with EmbeddedQuestDB(folder) as server:
        server.client.timeout = 600
        yield server


def _make(folder: Path, days: int) -> None:
    if folder.exists():
        if any(folder.iterdir()) and not (folder / "db").is_dir():
            sys.exit(f"{folder} holds something else: give an empty folder")
        shutil.rmtree(folder)
    with EmbeddedQuestDB(folder) as server:
        server.client.timeout = 600
        for statement in statements():
            server.execute(statement)
        seed_tables(
            server.client, DEMOS, DEFAULTS, env="prod", start=END - timedelta(days=days) - _BEFORE, end=END,
            progress=_progress,
        )  # fmt: skip
        print(file=sys.stderr)


def _progress(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} rows", end="", file=sys.stderr)
