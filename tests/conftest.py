from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import settings

from dashgen.questdb import EmbeddedQuestDB

# machines are busy: how long an example takes says nothing
settings.register_profile("dashgen", deadline=None, max_examples=60)
settings.load_profile("dashgen")
# tests start many servers, each for little: half of the processor's time goes without the second compiler
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")

# What a shell ignores for a job in its background, the programs that tests interrupt would ignore as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _shipped() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name == "specs" or name.startswith("specs.")}


@pytest.fixture(autouse=True)
def the_shipped_specs_stay() -> Iterator[None]:
    """A test that loads specs of its own puts them under the name `specs`, where the next one looks for ours."""
    before = _shipped()
    yield
    if sys.modules.get("specs") is not before.get("specs"):
        for name in _shipped():
            del sys.modules[name]
        sys.modules.update(before)


@pytest.fixture(scope="session")
def questdb() -> Iterator[EmbeddedQuestDB]:
    """One server for all tests: tables in it need names of their own, or `DROP TABLE IF EXISTS` first."""
    with EmbeddedQuestDB() as server:
        yield server
