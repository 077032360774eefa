"""The rendered tree as a snapshot that tests only read.

syrupy's own update would write files one by one and delete what it does not know, `published.json` first of all. The
tree has one writer: `make dashboards`.
"""

from __future__ import annotations

from pathlib import Path

from syrupy.data import SnapshotCollection, SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "build" / "prod"


class TreeSnapshot(SingleFileSnapshotExtension):
    """`assert data == snapshot(name=path)` compares with the file at `path` of build/prod."""

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        return str(TREE / str(index))

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        return SnapshotCollections()  # stale files are found by comparing the two sets of paths

    @classmethod
    def write_snapshot_collection(
        cls, *, snapshot_collection: SnapshotCollection, name_order: dict[str, int] | None = None
    ) -> None:
        raise AssertionError("build/ is written by `make dashboards` only")

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        raise AssertionError("build/ is written by `make dashboards` only")
