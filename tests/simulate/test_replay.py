"""Every recorded timeline, tick by tick; and that the comparison sees a difference."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashgen.questdb import QuestDB
from dashgen.simulate.queries import Connection
from tests import replay as replaying

TRACES = Path(__file__).parent / "traces"
FILES = sorted(TRACES.glob("*.json"))


@pytest.fixture(scope="module")
def connection(questdb: QuestDB) -> Iterator[Connection]:
    with Connection(questdb.readonly_dsn) as connection:
        yield connection


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_tick_is_as_recorded(file: Path, questdb: QuestDB, connection: Connection) -> None:
    case = json.loads(file.read_text())
    compared = replaying.replay(file.stem, case, questdb, connection)
    assert compared.ticks == 21
    assert not compared.differences


def test_every_recorded_field_is_compared(questdb: QuestDB, connection: Connection) -> None:
    """A recording is changed in one place each; the replay names the tick."""
    case = json.loads((TRACES / "34-stale-data.json").read_text())

    def changed(**edits: object) -> int:
        other = copy.deepcopy(case)
        tick = other["expected"][6]
        for key, value in edits.items():
            target = tick["instances"][0] if key in tick["instances"][0] else tick
            target[key] = value
        compared = replaying.replay("changed", other, questdb, connection)
        assert all(text.startswith("at 60 s:") for text in compared.differences)
        return len(compared.differences)

    assert changed() == 0
    assert changed(state="Normal") == 1
    assert changed(labels={"host": "x"}) == 1
    assert changed(active_at=50) == 1
    assert changed(values={"A": 35.0, "C": 1.5}) == 1
    assert changed(rule_state="pending") == 1
    assert changed(health="error") == 1
    assert changed(removed_missing_series=[{"labels": {"host": "z"}, "was": "Normal"}]) == 1


def test_the_command_reports_a_folder_without_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replaying.main([str(tmp_path)]) == 2
    assert "found none" in capsys.readouterr().err
