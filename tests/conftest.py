from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashgen.questdb import QuestDB


@pytest.fixture(scope="session")
def questdb() -> Iterator[QuestDB]:
    """One server for all tests: tables in it need names of their own, or `DROP TABLE IF EXISTS` first."""
    with QuestDB() as server:
        yield server
