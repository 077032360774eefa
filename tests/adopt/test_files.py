"""Files that are no dashboards: each gets one sentence with the file, the line and the column."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.adopt.files import UnreadableFile, content, document
from dashgen.adopt.sources import read


def fault(folder: Path, text: str | bytes) -> str:
    path = folder / "x.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UnreadableFile) as raised:
        document(path)
    return f"{raised.value.path.removeprefix(str(folder) + '/')}: {raised.value.message}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.json: is empty"),
        ('{"a": [1,\n 2', "x.json:2:3: is cut: the JSON ends too early"),
        ('{"a": "b', "x.json:1:7: is cut: the JSON ends too early"),
        ('{"a": 1,}', "x.json:1:"),
        ("hello", "x.json:1:1: is not JSON: Expecting value"),
        ('{"a": NaN, "b": "NaN"}', "x.json:1:7: is not JSON: NaN is not a number"),
        ('{"a": 1,\n "b": {"c": 1, "c": 2}}', "x.json:2:16: the key 'c' stands twice in one object"),
        ('{"a\\u0062": 1, "ab": 2}', "x.json:1:16: the key 'ab' stands twice in one object"),
        ('{"a": "\\ud800"}', "x.json: the text '\\ud800' has half of a surrogate pair"),
        (b'{"a":\n "\xff"}', "x.json:2:3: is not UTF-8 here"),
        ("[" * 100_000 + "]" * 100_000, "x.json: is nested more than 200 levels deep"),
        ("[" * 300 + "]" * 300, "x.json: is nested more than 200 levels deep"),
    ],
    ids=range(12),
)
def test_what_is_wrong_is_said_with_its_place(text: str | bytes, said: str, tmp_path: Path) -> None:
    assert fault(tmp_path, text).startswith(said)


def test_a_file_of_100_megabytes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    monkeypatch.setattr("os.open", lambda *_: pytest.fail("it was read"))
    with pytest.raises(UnreadableFile, match="it has 100,000,000 bytes, more than the 67,108,864 that are read"):
        document(path)


def test_numbers_are_those_of_javascript(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[9007199254740992, 9007199254740993, 123456789012345678901234567890, 1e3, -5]")
    assert document(path) == [9007199254740992, 9007199254740992.0, 1.2345678901234568e29, 1000.0, -5]


def test_a_mark_of_the_byte_order_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"\xef\xbb\xbf{}")
    assert document(tmp_path / "x.json") == {}


def test_a_folder_skips_what_is_no_dashboard_and_a_named_file_is_an_error(tmp_path: Path) -> None:
    board = '{"title": "T", "schemaVersion": 42, "panels": []}'
    (tmp_path / "a.json").write_text(board)
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.json").write_text(board)
    found = read([tmp_path, tmp_path / "a.json"])
    assert [Path(one.origin).name for one in found.sources] == ["a.json"]
    assert [(path.name, reason) for path, reason in found.skipped] == [
        ("package.json", "$: no dashboard, but an object with name")
    ]
    named = read([tmp_path / "package.json"])
    assert [one.message for one in named.unreadable] == ["$: no dashboard, but an object with name"]


@pytest.mark.parametrize(("name", "data"), [("x.yaml", {"a": [1]}), ("x.sql", "a: [1]\n"), ("x.yml", {"a": [1]})])
def test_a_file_is_read_by_its_suffix(name: str, data: object, tmp_path: Path) -> None:
    (tmp_path / name).write_text("a: [1]\n")
    assert content(tmp_path / name) == data


def test_yaml_that_is_none_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [1\nb: 2\n")
    with pytest.raises(UnreadableFile) as raised:
        content(tmp_path / "x.yaml")
    assert raised.value.path.endswith("x.yaml:1:4")
    assert raised.value.message == "is not YAML: the list that begins here is not closed"
