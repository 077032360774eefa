"""build/prod is what the specs render: the snapshot that a pull request shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from dashgen.loading.load import load
from dashgen.project_checks import check
from dashgen.render import Document, render
from dashgen.tree import writer
from dashgen.tree.read import RenderedTree
from tests.tree_snapshot import ROOT, TREE, TreeSnapshot

MEND = "run `make dashboards` and commit build/prod"


def documents() -> list[Document]:
    loaded = load(ROOT / "specs")
    assert loaded.project is not None, loaded.problems
    assert check(loaded.project) == ()
    environment = loaded.project.environment("prod")
    assert environment is not None
    return list(render(loaded.project, environment, writer.ledger(TREE)))


DOCUMENTS = {d.path: d.data for d in documents()}


def test_no_file_is_missing_and_none_is_stale() -> None:
    assert set(RenderedTree.read(TREE).own) == set(DOCUMENTS), MEND


@pytest.mark.parametrize("path", sorted(DOCUMENTS))
def test_every_file_is_what_the_specs_render(path: str, snapshot: SnapshotAssertion) -> None:
    assert DOCUMENTS[path] == snapshot(extension_class=TreeSnapshot, name=path), MEND


def test_the_snapshot_refuses_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="make dashboards"):
        TreeSnapshot().delete_snapshots(snapshot_location=str(tmp_path), snapshot_names=set())
