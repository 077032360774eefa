from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashgen.check.session import Session, check_session
from dashgen.questdb import EmbeddedQuestDB
from tests.check.helpers import project


@pytest.fixture(scope="package")
def session(questdb: EmbeddedQuestDB) -> Iterator[Session]:
    """A server with the shipped tables and views, that answers what columns a query has."""
    with check_session(questdb, project()) as made:
        yield made
