"""The edits of (a, b): none for the same, complete for any other, and only what happened."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.diff import documents
from dashgen.diff.compare import edits
from dashgen.diff.documents import restored
from dashgen.diff.edits import Added, Changed, Conflict, Edit, Moved, Removed, Reordered, Resized, Retitled, apply
from dashgen.diff.values import Value, same
from dashgen.tree.read import RenderedTree
from tests.diff.strategies import ANY, PATIENT, Files, mutated, specs, trees

ROOT = Path(__file__).resolve().parent.parent.parent
HEALTH = "dashboards/daemons/daemon-health.json"
SHIPPED: Files = {
    p.relative_to(ROOT / "build/prod").as_posix(): p.read_bytes()
    for p in sorted((ROOT / "build/prod").rglob("*"))
    if p.is_file() and (p.parent.name != "daemons" or p.name == "daemon-health.json")
}
"""One dashboard of the committed tree, and all that is no dashboard."""


def sections(files: Files) -> dict[str, Value]:
    return documents.sections(RenderedTree("prod", files))


COMMITTED = sections(SHIPPED)


def health() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SHIPPED[HEALTH])
    return document


def after(document: dict[str, Any]) -> tuple[Edit, ...]:
    """The edits of the shipped tree when its dashboard becomes `document`."""
    return edits(COMMITTED, sections({**SHIPPED, HEALTH: json.dumps(document).encode()}))


@given(trees())
@settings(PATIENT)
def test_a_tree_has_no_edits_against_itself(files: Files) -> None:
    assert edits(sections(files), sections(dict(reversed(files.items())))) == ()


@given(trees(), trees())
@settings(PATIENT)
def test_the_edits_of_two_trees_turn_one_into_the_other(a: Files, b: Files) -> None:
    old, new = sections(a), sections(b)
    assert same(apply(edits(old, new), old), new)
    assert same(apply(edits(new, old), new), old)


@given(specs(), specs())
@settings(PATIENT, max_examples=20)
def test_the_edits_of_two_specs_turn_what_one_renders_into_what_the_other_does(a: Files, b: Files) -> None:
    old, new = sections(a), sections(b)
    assert edits(old, sections(a)) == ()
    assert same(apply(edits(old, new), old), new)


@given(st.data())
@settings(PATIENT, max_examples=40)
def test_the_edits_of_a_mutation_of_the_shipped_tree_turn_it_into_that(data: st.DataObject) -> None:
    files = dict(SHIPPED)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([p for p in sorted(files) if p.endswith(".json")]))
        files[path] = json.dumps(mutated(data.draw, json.loads(files[path]))).encode()
    old, new = COMMITTED, sections(files)
    found = edits(old, new)
    assert same(apply(found, old), new)
    assert bool(found) is not same(old, new)


@given(ANY, ANY)
@settings(PATIENT)
def test_edits_of_any_data_are_complete(a: Any, b: Any) -> None:
    old: dict[str, Value] = {"x": a}
    new: dict[str, Value] = {"x": b}
    assert same(apply(edits(old, new), old), new)
    assert bool(edits(old, new)) is not same(old, new)


def _sorted(document: Any) -> Any:
    """Without the orders that are not kept: of keys, of panels, of what provisioning files list by name."""
    if isinstance(document, dict):
        return {k: _sorted(v) for k, v in sorted(document.items())}
    if isinstance(document, list):
        entries = [_sorted(entry) for entry in document]
        return sorted(entries, key=repr) if all(isinstance(e, (dict, str)) for e in entries) else entries
    return document


@given(trees())
@settings(PATIENT)
def test_nothing_in_a_tree_is_left_out(files: Files) -> None:
    import yaml

    back = restored(sections(files))
    assert sorted(back) == sorted(files)
    for path, data in files.items():
        if path.endswith(".json") and isinstance(json.loads(data), dict):
            assert _sorted(back[path]) == _sorted(json.loads(data))
        elif path.endswith(".yaml"):
            assert _sorted(back[path]) == _sorted(yaml.safe_load(data))
        elif path == "environment.example":
            assert len(data.decode().splitlines()) == len(back[path])  # type: ignore[arg-type]  # a list of lines


def test_an_edit_that_does_not_fit_is_a_conflict() -> None:
    tree: dict[str, Value] = {"a": 1}
    with pytest.raises(Conflict, match="a is not 2"):
        apply([Changed(("a",), 2, 3)], tree)
    with pytest.raises(Conflict, match="is there already"):
        apply([Added(("a",), 3)], tree)
    with pytest.raises(Conflict, match="not what was removed"):
        apply([Removed(("a",), 3)], tree)
    with pytest.raises(Conflict, match="is not there"):
        apply([Changed(("b", "c"), 2, 3)], tree)
    assert tree == {"a": 1}


@given(st.randoms(use_true_random=False))
@settings(PATIENT, max_examples=20)
def test_another_order_of_keys_and_panels_changes_nothing(shuffle: random.Random) -> None:
    def shuffled(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            items = list(value.items())
            shuffle.shuffle(items)
            return {k: shuffled(v, k) for k, v in items}
        if isinstance(value, list):
            entries = [shuffled(v) for v in value]
            if key == "panels":
                shuffle.shuffle(entries)
            return entries
        return value

    assert after(shuffled(health())) == ()


@given(st.data())
@settings(PATIENT, max_examples=30)
def test_moving_panels_yields_only_moves(data: st.DataObject) -> None:
    document = health()
    moved = set()
    for panel in document["panels"]:
        if data.draw(st.booleans()):
            place = {"x": data.draw(st.integers(0, 12)), "y": data.draw(st.integers(0, 90))}
            if place != {axis: panel["gridPos"][axis] for axis in "xy"}:
                moved.add(str(panel["id"]))
            panel["gridPos"] |= place
    found = after(document)
    assert all(isinstance(edit, Moved) for edit in found)
    assert {edit.path[3] for edit in found} == moved


def test_a_panel_that_goes_into_a_collapsed_row_is_moved() -> None:
    document = health()
    row = next(p for p in document["panels"] if p["type"] == "row")
    panel = next(p for p in document["panels"] if p["type"] == "stat")
    document["panels"].remove(panel)
    row["panels"].append(panel)
    (edit,) = after(document)
    assert isinstance(edit, Moved)
    assert (edit.old.row, edit.new.row) == ("", str(row["id"]))


def test_a_panel_that_grows_and_gets_another_title() -> None:
    document = health()
    panel = next(p for p in document["panels"] if p["type"] == "stat")
    old = dict(panel["gridPos"]), panel["title"]
    panel["gridPos"]["h"] += 1
    panel["title"] = "Something else"
    resized, retitled = after(document)
    assert isinstance(resized, Resized)
    assert (resized.old, resized.new) == ((old[0]["w"], old[0]["h"]), (old[0]["w"], old[0]["h"] + 1))
    assert isinstance(retitled, Retitled)
    assert (retitled.old, retitled.new) == (old[1], "Something else")


def test_an_entry_of_an_ordered_list_is_added_where_it_is() -> None:
    document = health()
    variables = document["templating"]["list"]
    variables.insert(1, {"name": "between", "type": "textbox"})
    (edit,) = after(document)
    assert isinstance(edit, Added)
    assert edit.path[-1] == "between"
    assert edit.after == variables[0]["name"]


def test_another_order_of_variables_is_said_once() -> None:
    document = health()
    document["templating"]["list"].reverse()
    (edit,) = after(document)
    assert isinstance(edit, Reordered)
    assert edit.new == tuple(reversed(edit.old))


def test_a_rule_that_moves_to_another_group_and_file_is_the_same_rule() -> None:
    def groups(name: str) -> bytes:
        rule = {"uid": "down", "title": "Down"}
        return json.dumps({"apiVersion": 1, "groups": [{"name": name, "folder": "F", "rules": [rule]}]}).encode()

    found = edits(
        sections({"provisioning/alerting/rules-a.yaml": groups("a")}),
        sections({"provisioning/alerting/rules-b.yaml": groups("b")}),
    )
    assert [e for e in found if e.path[0] == "rules"] == [Changed(("rules", "down", "@group"), "F/a", "F/b")]


def test_true_is_not_one() -> None:
    assert edits({"a": True}, {"a": 1}) == (Changed(("a",), True, 1),)
    assert edits({"a": 80}, {"a": 80.0}) == ()
