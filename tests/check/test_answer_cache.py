from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashgen.check.answer_cache import Answer, CachedRefusal, CachedValue, Kept, schema
from dashgen.grafana.datasources.frames import WireColumn
from tests.check.helpers import TABLES, project

COLUMNS: Answer = (WireColumn("time", 1114), WireColumn("value", 701))
REFUSED: Answer = CachedRefusal("Invalid column: nope", 7)
NOWHERE: Answer = CachedRefusal("FROM-TO intervals", None)


def _saved(path: Path, answers: dict[str, Answer]) -> None:
    kept = Kept(path)
    for text, answer in answers.items():
        kept.put(text, answer)
    kept.save()


def test_answers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "a.json"
    _saved(path, {"one": COLUMNS, "two": REFUSED, "three": NOWHERE})
    again = Kept(path)
    assert again.is_deployable
    assert [again.get(text) for text in ("one", "two", "three", "four")] == [COLUMNS, REFUSED, NOWHERE, None]


def test_values_come_back_and_are_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    kept = Kept(path)
    kept.put("one", COLUMNS)
    for text, truth in (("one", True), ("two", False), ("three", None)):
        kept.put_value(text, CachedValue(truth))
    kept.save()
    again = Kept(path)
    values = [again.value(text) for text in ("one", "two", "three", "four")]
    assert values == [CachedValue(True), CachedValue(False), CachedValue(None), None]
    assert (again.get("one"), again.get("two")) == (COLUMNS, None)


def test_runs_at_the_same_time_lose_nothing_that_both_saved_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    first, second = Kept(path), Kept(path)
    first.put("one", COLUMNS)
    second.put("two", REFUSED)
    first.save()
    second.save()
    assert Kept(path).get("one") == COLUMNS
    assert Kept(path).get("two") == REFUSED


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 99, "answers": {}}', b"\xff\xfe", b'{"answers": []}']
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(damage)
    kept = Kept(path)
    assert not kept.is_deployable
    assert kept.get("one") is None
    kept.put("one", COLUMNS)
    kept.save()
    assert Kept(path).get("one") == COLUMNS


@pytest.mark.parametrize("answer", [None, 5, "x", [], [[]], [["a"]], [["a", "b"]], {"message": 5, "position": 1}, {}])
def test_an_answer_that_is_none_is_asked_again(tmp_path: Path, answer: object) -> None:
    path = tmp_path / "a.json"
    _saved(path, {"one": COLUMNS})
    data = json.loads(path.read_text())
    data["answers"] = dict.fromkeys(data["answers"], answer)
    path.write_text(json.dumps(data))
    assert Kept(path).get("one") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    _saved(tmp_path / "file" / "a.json", {"one": COLUMNS})


def test_other_tables_have_other_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path))
    kept = Kept.of(schema(project()))
    kept.put("one", COLUMNS)
    kept.save()
    assert Kept.of(schema(project())).get("one") == COLUMNS
    assert Kept.of(schema(project(tables=TABLES[:3]))).get("one") is None
