"""Every recorded timeline, tick by tick, as each Grafana has it; those derived from Grafana's source and from what the
recordings taught; and that the comparison sees a difference."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashgen.alert_tests.connection import QueryConnection
from dashgen.grafana import versions
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.errors import QueryError
from tests import recordings
from tests import replay as replaying
from tests.recordings import Case, FormError, files, read

TRACES = Path(__file__).parent / "traces"
RECORDED = files(TRACES)
DERIVED = files(Path(__file__).parent / "derived")


@pytest.fixture(scope="module")
def connection(questdb: EmbeddedQuestDB) -> Iterator[QueryConnection]:
    with QueryConnection(questdb.readonly_dsn) as connection:
        yield connection


@pytest.mark.parametrize("file", RECORDED, ids=[file.stem for file in RECORDED])
def test_every_tick_is_as_recorded(file: Path, questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    for compared in replaying.replay_all(file.stem, read(file), questdb, connection):
        assert compared.ticks in (11, 21)
        assert not compared.differences, compared.grafana


def test_the_recordings_are_of_the_grafanas_that_are_said_to_be_recorded() -> None:
    found = {str(recordings.semantics_of(case)) for file in RECORDED for case in read(file)}
    assert found == {
        "Grafana 9.4", "Grafana 12.3", "Grafana 12.4", "Grafana 12.4, alertingIgnorePendingForNoDataAndError on"
    }  # fmt: skip
    known = {recordings.semantics_of(case).version for file in RECORDED for case in read(file)}
    assert known == set(versions.RECORDED)


@pytest.mark.parametrize("file", DERIVED, ids=[file.stem for file in DERIVED])
def test_every_tick_is_as_derived(file: Path, questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    """Written by hand, not recorded; `derived_from` says from what."""
    compared = replaying.replay(file.stem, _case(file), questdb, connection)
    assert compared.ticks >= 2
    assert not compared.differences


def _case(file: Path, version: str = "") -> Case:
    """Of a file, what the Grafana of that version made of it."""
    return next(case for case in read(file) if str(case.get("grafana_version", "")).startswith(version))


def _tables(server: EmbeddedQuestDB) -> set[str]:
    """Other tests have theirs on the server too."""
    return {str(name) for (name,) in server.query("SELECT table_name FROM tables()").rows}


_OF_A_TICK = ("rule_state", "possible_rule_states", "health", "last_error", "evaluated", *recordings.REMOVALS)


@pytest.mark.parametrize("version", ["9.4", "12.3", "12.4"])
def test_every_recorded_field_is_compared(version: str, questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    """A recording is changed in one place each; the replay names the tick."""
    case = _case(TRACES / "34-stale-data.json", version)

    def changed(**edits: object) -> int:
        other = copy.deepcopy(case)
        tick = other["expected"][6]
        for key, value in edits.items():
            target = tick if key in _OF_A_TICK else tick["instances"][0]
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
    assert changed(removed_by_reset=[{"labels": {"host": "z"}, "was": "Normal"}]) == 1
    assert changed(evaluated=False) == 1
    assert changed(possible_rule_states=["pending", "firing"]) == 1
    assert changed(last_error="boom") == 1
    if version == "9.4":
        return
    assert changed(value_string="36") == 1
    assert changed(error_annotation="boom") == 1
    assert changed(applied_to_all=True) == 1
    assert changed(kept_annotation_values={"A": 36.0}) == 1
    assert version == "12.3" or changed(state_values={"A": 36}) == 1


def test_the_order_in_which_grafana_sees_pending_and_recovering_is_left_open(
    questdb: EmbeddedQuestDB, connection: QueryConnection
) -> None:
    case = _case(TRACES / "103-recovery-and-keep-firing.json", "12.4")
    for state, equal in (("pending", True), ("recovering", True), ("firing", False)):
        case["expected"][8]["rule_state"] = state
        assert (not replaying.replay("random", case, questdb, connection).differences) is equal


def test_recordings_of_other_rows_have_their_own_tables(questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    one = _case(TRACES / "34-stale-data.json", "12.4")
    other = {**_case(TRACES / "34-stale-data.json", "12.3"), "rows": []}
    first, second = replaying.replay_all("both", [one, other], questdb, connection)
    assert not first.differences
    assert len(second.differences) == 21


@pytest.mark.parametrize(
    ("event", "path", "value"),
    [
        ({"set": {"for": "30s", "missingSeriesEvalsToResolve": 5}}, ("missing_series_evals_to_resolve",), 5),
        ({"annotation": {"x": "y"}}, ("annotations", "x"), "y"),
        ({"label": {"team": "t"}}, ("labels", "team"), "t"),
        ({"sql": "SELECT 2"}, ("data", 0, "model", "rawSql"), "SELECT 2"),
        ({"query": {"format": "table"}}, ("data", 0, "model", "format"), "table"),
        ({"data": {"B": {"reducer": "max"}}}, ("data", 1, "model", "reducer"), "max"),
        ({"threshold": 20}, ("data", 2, "model", "conditions", 0, "evaluator", "params"), [20]),
    ],
)
def test_a_rule_is_changed_as_through_the_api(
    event: dict[str, object], path: tuple[object, ...], value: object
) -> None:
    before = _case(TRACES / "97-other-edited.json")["rule"]
    found = recordings.edited(before, {"at": 5, **event})
    for key in path:
        found = found[key]  # type: ignore[index]  # keys of JSON
    assert found == value
    with pytest.raises(ValueError, match="expected set, annotation"):
        recordings.edited(before, {"at": 5, "renamed": "x"})


def test_packed_recordings_read_as_they_were(tmp_path: Path) -> None:
    for name in ("12-x.json", "13-x.json"):
        cases = [_case(TRACES / "86-refused-error.json", version) for version in ("12.4", "12.3")]
        (tmp_path / name).write_text(recordings.packed(cases))
    assert read(tmp_path / "12-x.json") == cases
    assert recordings.main([str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out" / "13-x.json") == cases


def test_a_difference_is_told_for_the_instance_that_differs(
    questdb: EmbeddedQuestDB, connection: QueryConnection
) -> None:
    case = _case(TRACES / "20-multi-table.json", "9.4")
    case["expected"][3]["instances"][0]["values"]["C"] = 7.0
    (text,) = replaying.replay("changed", case, questdb, connection).differences
    assert text.startswith("at 30 s: expected {")
    assert text.count("env") == 2
    assert "C=7.0" in text.split("; got ")[0]


def test_a_case_that_fails_on_the_way_leaves_no_tables(questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    case = _case(TRACES / "43-sqlerr-error.json")
    case["events"].append({"at": 55, "sql": "DROP TABLE tr_no_such"})
    before = _tables(questdb)
    with pytest.raises(QueryError, match="tr_no_such"):
        replaying.replay("failing", case, questdb, connection)
    assert _tables(questdb) == before
    assert not replaying.replay("whole", _case(TRACES / "43-sqlerr-error.json"), questdb, connection).differences


def test_a_table_that_was_renamed_goes_with_its_case(questdb: EmbeddedQuestDB, connection: QueryConnection) -> None:
    case = _case(TRACES / "46-sqlerr-multi.json")
    case["events"] = [{"at": 194, "sql": "RENAME TABLE tr_46 TO tr_46_old"}]
    before = _tables(questdb)
    replaying.replay("renamed", case, questdb, connection)
    assert _tables(questdb) == before


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
        ({"grafana_version": "new"}, "grafana_version: expected a Grafana version from 9.4 on"),
        ({"outages": [{"at": 5}]}, "outages[0].down: expected true or false, got None"),
        ({"api_events": [{"at": 5, "renamed": "x"}]}, "rule: expected an alert rule as it is provisioned: api_events"),
        ({"events": [{"at": 5}]}, "events[0].sql: expected a statement, got None"),
        ({"expected": [{"at": 0, "rule_state": "firing", "health": "ok"}]}, "expected[0].instances: expected a list"),
        ({"rule": {}}, "rule: expected the key 'data'"),
        ({"rule": {"data": [], "uid": "u", "title": "t", "condition": "C", "for": "soon"}}, "rule: expected an alert"),
    ],
)
def test_a_file_that_is_no_case_says_what_is_missing(edit: dict[str, object], told: str, tmp_path: Path) -> None:
    file = tmp_path / "01-x.json"
    file.write_text(json.dumps(_case(TRACES / "34-stale-data.json") | edit))
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
    assert [text.split()[:4] for text in said[:4]] == [["b", "21", "of", "21"]] * 4
    assert [text.partition(" ticks")[0] for text in said[4:-1]] == [
        "Grafana 12.4: 21 of 21", "Grafana 12.4, alertingIgnorePendingForNoDataAndError on: 21 of 21",
        "Grafana 12.3: 21 of 21", "Grafana 9.4: 21 of 21",
    ]  # fmt: skip
    assert "84 of 84 ticks equal, 4 cases, 2 not replayed" in said[-1]
    err = capsys.readouterr().err
    assert "a.json: not replayed:\n    expected JSON: " in err
    assert "c.json: not replayed:\n    expected an object, got list" in err
