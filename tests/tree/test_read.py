"""One reader of rendered trees: what it gives, and what is said of a tree that is damaged."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dashgen.tree import paths
from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import encode
from dashgen.tree.read import RenderedTree
from tests.diff import trees

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, data in trees.tree().files.items():
        (tmp_path / "prod" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "prod" / path).write_bytes(data)
    return tmp_path / "prod"


def test_a_folder_and_what_was_rendered_are_read_alike(folder: Path) -> None:
    read, rendered = RenderedTree.read(folder), trees.tree().rendered
    assert dict(read) == dict(rendered)
    assert read.environment == "prod"
    for name in ("rules", "contact_points", "policies", "mute_timings", "datasources", "providers", "ledger", "org"):
        assert getattr(read, name) == getattr(rendered, name)


def test_a_tree_that_is_not_there_is_empty(tmp_path: Path) -> None:
    tree = RenderedTree.read(tmp_path / "nowhere")
    assert (len(tree), tree.ledger, tree.rules, tree.document(paths.POLICIES)) == (0, frozenset(), (), {})


def test_what_a_tree_says() -> None:
    tree = trees.tree().rendered
    (rule,) = tree.rules
    assert (rule.uid, rule.org) == ("daemon-down", tree.org)
    assert rule.uid in tree.rule_specs
    assert f"rule {rule.uid}" in tree.ledger
    assert [point.uids for point in tree.contact_points] == [{"on-call-telegram"}]
    assert [source.type for source in tree.datasources] == [
        "questdb-questdb-datasource",
        "grafana-postgresql-datasource",
    ]
    assert set(tree.policies) == {tree.org}
    assert "weekends" in tree.mute_timings[tree.org]


def test_variables_are_expanded_and_the_org_is_that_of_the_files() -> None:
    group = {"orgId": 7, "folder": "A $$", "rules": [{"uid": "u", "title": "$$5"}]}
    tree = RenderedTree("x", {paths.rules("a"): yaml.safe_dump({"apiVersion": 1, "groups": [group]}).encode()})
    assert [(rule.title, rule.folder, rule.org) for rule in tree.rules] == [("$5", "A $", 7)]
    assert tree.org == 7


def test_a_file_is_read_when_it_is_asked_for(folder: Path) -> None:
    tree = RenderedTree.read(folder)
    assert paths.POLICIES in tree
    (folder / paths.POLICIES).write_text("policies: [{orgId: 3, receiver: late}]")
    assert tree.policies[3].receiver == "late"


def test_a_file_with_the_bytes_of_another_tree_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = trees.tree().rendered
    assert first.rules
    second = RenderedTree("prod", trees.tree().files, like=first)
    monkeypatch.setattr("dashgen.tree.read.parse", lambda path, data: pytest.fail(path))
    assert second.rules == first.rules


DAMAGED: dict[str, tuple[str, str, Callable[[RenderedTree], object], str]] = {
    "cut YAML": (paths.POLICIES, "policies: [{", lambda tree: tree.policies, "is not YAML: "),
    "a merge": (trees.RULES, "<<<<<<< HEAD\ngroups: []\n=======\n", lambda tree: tree.rules, "is not YAML: "),
    "cut JSON": (paths.SCHEMA, '{"format": 1, ', lambda tree: tree.document(paths.SCHEMA), "is not JSON: "),
    "a list": (paths.POLICIES, "- a\n", lambda tree: tree.policies, "is no object"),
    "a date": (paths.POLICIES, "a: 2026-01-01\n", lambda tree: tree.policies, "not JSON serializable: datetime.date"),
    "no list": (trees.RULES, "groups: 5\n", lambda tree: tree.rules, "groups: expected a list of objects"),
    "no objects": (trees.RULES, "groups: [5]\n", lambda tree: tree.rules, "groups: expected a list of objects"),
    "a rule without uid": (
        trees.RULES, "groups: [{folder: A, rules: [{title: T}]}]\n", lambda tree: tree.rules,
        "does not have the form that dashgen renders: lacks 'uid'",
    ),
    "a rule without queries": (
        trees.RULES, "groups: [{folder: A, rules: [{title: T, uid: u}]}]\n", lambda tree: tree.rule_specs,
        "does not have the form that dashgen renders: lacks 'data'",
    ),
    "an odd org": (paths.MUTE_TIMINGS, "muteTimes: [{name: a, orgId: x}]", lambda tree: tree.mute_timings, "not have"),
    "a provider without a path": (paths.PROVIDERS, "providers: [{name: a}]\n", lambda tree: tree.providers, "not have"),
    "a ledger": (paths.LEDGER, "{", lambda tree: tree.ledger, "is not JSON: "),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_an_error_that_names_it(folder: Path, case: str) -> None:
    path, text, ask, message = DAMAGED[case]
    (folder / path).write_text(text)
    with pytest.raises(TreeError) as caught:
        ask(RenderedTree.read(folder))
    named = folder / (paths.ALERTING if case == "a rule without queries" else path)
    assert caught.value.path == named.as_posix()
    assert message in caught.value.message
    assert caught.value.hint


def test_a_damaged_file_is_left_out_where_the_tree_is_about_to_be_replaced(folder: Path) -> None:
    (folder / trees.RULES).write_text("<<<<<<< HEAD\n")
    (folder / paths.MUTE_TIMINGS).write_text("muteTimes: [5]")
    tree = RenderedTree.read(folder).readable
    assert tree.rules == ()
    assert tree.mute_timings == {}
    assert tree.policies == trees.tree().rendered.policies


def test_a_link_is_not_followed(folder: Path) -> None:
    (folder.parent / "secret").write_text("secret")
    (folder / "dashboards/link.json").symlink_to("../../secret")
    (folder / "up").symlink_to("..")
    tree = RenderedTree.read(folder)
    assert tree["dashboards/link.json"] == b"../../secret"
    assert tree["up"] == b".."
    assert not any(path.startswith("up/") for path in tree)
    assert "../secret" not in tree
    with pytest.raises(KeyError):
        _ = tree["../secret"]


def test_the_ledger_of_a_tree() -> None:
    assert RenderedTree("x", {paths.LEDGER: encode({"rule a"})}).ledger == {"rule a"}


# --- one place for each thing


def constants(path: Path) -> set[str]:
    """The texts of a module that are no docstrings."""
    module = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(module) if isinstance(node, ast.Constant) and id(node) not in docs)
    return {node.value for node in texts if isinstance(node.value, str)}


def modules() -> dict[str, Path]:
    room = ROOT / "dashgen"
    return {path.relative_to(room).as_posix(): path for path in sorted(room.rglob("*.py"))}


NAMES = (paths.PROVISIONING, paths.QUESTDB, paths.LEDGER, paths.VARIABLES, paths.DASHBOARDS, "contact-points.yaml")


def test_one_module_names_the_files_of_a_tree() -> None:
    found = {
        name
        for name, path in modules().items()
        if any(text.startswith(NAMES) and " " not in text for text in constants(path))
    }
    assert found == {"tree/paths.py"}


YAML = {
    "alert_tests/update.py": "how a word of a test file must be quoted",
    "input_files.py": "the rendered tree",
    "schema/located.py": "an author's YAML, with lines and columns",
}
"""The modules that parse YAML, and what of."""


def test_one_module_parses_the_yaml_of_a_tree() -> None:
    asked = {"load", "safe_load", "compose", "load_all", "safe_load_all"}
    found = {
        name
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in asked
        if isinstance(node.value, ast.Name) and node.value.id == "yaml"
    }
    assert found == set(YAML)
