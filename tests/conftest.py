from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from dashgen.questdb import QuestDB

# machines are busy: how long an example takes says nothing
settings.register_profile("dashgen", deadline=None, max_examples=60)
settings.load_profile("dashgen")
# tests start many servers, each for little: half of the processor's time goes without the second compiler
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")

# What a shell ignores for a job in its background, the programs that tests interrupt would ignore as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def questdb() -> Iterator[QuestDB]:
    """One server for all tests: tables in it need names of their own, or `DROP TABLE IF EXISTS` first."""
    with QuestDB() as server:
        yield server
