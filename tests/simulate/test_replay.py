"""Every recorded timeline, tick by tick; those derived from Grafana's source and from what the recordings taught; and
that the comparison sees a difference."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashgen.questdb import QuestDB
from dashgen.questdb.errors import QueryError
from dashgen.simulate.queries import Connection
from tests import replay as replaying
from tests.recordings import FormError, files, read

TRACES = Path(__file__).parent / "traces"
RECORDED = files(TRACES)
DERIVED = files(Path(__file__).parent / "derived")


@pytest.fixture(scope="module")
def connection(questdb: QuestDB) -> Iterator[Connection]:
    with Connection(questdb.readonly_dsn) as connection:
        yield connection


@pytest.mark.parametrize("file", RECORDED, ids=[file.stem for file in RECORDED])
def test_every_tick_is_as_recorded(file: Path, questdb: QuestDB, connection: Connection) -> None:
    compared = replaying.replay(file.stem, read(file), questdb, connection)
    assert compared.ticks == 21
    assert not compared.differences


@pytest.mark.parametrize("file", DERIVED, ids=[file.stem for file in DERIVED])
def test_every_tick_is_as_derived(file: Path, questdb: QuestDB, connection: Connection) -> None:
    """Written by hand, not recorded; `derived_from` says from what."""
    compared = replaying.replay(file.stem, read(file), questdb, connection)
    assert compared.ticks >= 2
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


def test_a_difference_is_told_for_the_instance_that_differs(questdb: QuestDB, connection: Connection) -> None:
    case = read(TRACES / "20-multi-table.json")
    case["expected"][3]["instances"][0]["values"]["C"] = 7.0
    (text,) = replaying.replay("changed", case, questdb, connection).differences
    assert text.startswith("at 30 s: expected {")
    assert text.count("env") == 2
    assert "C=7.0" in text.split("; got ")[0]


def test_a_case_that_fails_on_the_way_leaves_no_tables(questdb: QuestDB, connection: Connection) -> None:
    case = read(TRACES / "43-sqlerr-error.json")
    case["events"].append({"at": 55, "sql": "DROP TABLE tr_no_such"})
    with pytest.raises(QueryError, match="tr_no_such"):
        replaying.replay("failing", case, questdb, connection)
    assert not questdb.query("SELECT table_name FROM tables() WHERE table_name LIKE 'tr_%'").rows
    assert not replaying.replay("whole", read(TRACES / "43-sqlerr-error.json"), questdb, connection).differences


def test_a_table_that_was_renamed_goes_with_its_case(questdb: QuestDB, connection: Connection) -> None:
    case = read(TRACES / "46-sqlerr-multi.json")
    case["events"] = [{"at": 194, "sql": "RENAME TABLE tr_46 TO tr_46_old"}]
    replaying.replay("renamed", case, questdb, connection)
    assert not questdb.query("SELECT table_name FROM tables() WHERE table_name LIKE 'tr_%'").rows


def test_the_cases_of_a_folder_stand_in_its_cases_or_in_itself(tmp_path: Path) -> None:
    (tmp_path / "b.json").touch()
    (tmp_path / "a.json").touch()
    assert [file.name for file in files(tmp_path)] == ["a.json", "b.json"]
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "c.json").touch()
    assert [file.name for file in files(tmp_path)] == ["c.json"]
    assert files(tmp_path / "a.json") == [tmp_path / "a.json"]
    assert files(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"t0": "yesterday"}, "t0: expected a moment with its zone (2026-01-31T12:00:00Z), got 'yesterday'"),
        ({"rows": None}, "rows: expected a list, got None"),
        ({"rows": [{"at": "5", "table": "t", "values": {}}]}, "rows[0].at: expected seconds, got '5'"),
        ({"events": [{"at": 5}]}, "events[0].sql: expected a statement, got None"),
        ({"expected": [{"at": 0, "rule_state": "firing", "health": "ok"}]}, "expected[0].instances: expected a list"),
        ({"rule": {}}, "rule: expected the key 'data'"),
        ({"rule": {"data": [], "uid": "u", "title": "t", "condition": "C", "for": "soon"}}, "rule: expected an alert"),
    ],
)
def test_a_file_that_is_no_case_says_what_is_missing(edit: dict[str, object], told: str, tmp_path: Path) -> None:
    file = tmp_path / "01-x.json"
    file.write_text(json.dumps(json.loads((TRACES / "34-stale-data.json").read_text()) | edit))
    with pytest.raises(FormError) as error:
        read(file)
    assert str(error.value).startswith(told)


def test_the_command_tells_what_it_could_not_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replaying.main([str(tmp_path)]) == 2
    assert "found none" in capsys.readouterr().err
    shutil.copy(TRACES / "34-stale-data.json", tmp_path / "b.json")
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "c.json").write_text("[]")
    said: list[str] = []
    assert replaying.main([str(tmp_path)], said.append) == 2
    assert [text.split()[:4] for text in said[:-1]] == [["b", "21", "of", "21"]]
    assert "21 of 21 ticks equal, 1 cases, 2 not replayed" in said[-1]
    err = capsys.readouterr().err
    assert "a.json: not replayed:\n    expected JSON: " in err
    assert "c.json: not replayed:\n    expected an object, got list" in err
