"""A rendered tree on disk: whose it is, what it remembers, and how it is replaced."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LEDGER = "published.json"
FORMAT = 1
_STAGE = ".dashgen-stage-"


class TreeError(Exception):
    """A folder is not to be written to, or can't be."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths in the tree by what a write does to them."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def ledger(folder: Path) -> frozenset[str]:
    """What the tree in `folder` remembers as ever published; nothing for a folder that is new or empty.

    Raises TreeError for a folder that is somebody else's: a build removes files, so it must own them.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise TreeError(f"{folder} is not a folder", "give another one: --out DIR")
    if not folder.exists() or not any(folder.iterdir()):
        return frozenset()
    path = folder / LEDGER
    if not path.is_file():
        raise TreeError(
            f"{folder} is not empty and has no {LEDGER}: it is not a tree that dashgen rendered",
            "give another folder with --out, or empty this one",
        )
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise TreeError(
                f"{path} has format {data['format']!r}, this dashgen knows {FORMAT}",
                "use the dashgen that wrote it",
            )
        return frozenset(str(uid) for uid in data["published"])
    except (ValueError, KeyError, TypeError) as error:
        raise TreeError(
            f"{path} can't be read: {error}", f"restore it from version control: git checkout -- {LEDGER}"
        ) from None


def compare(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """What writing `files` would change."""
    there = set(_files(folder))
    added, changed, unchanged = [], [], 0
    for path, data in files.items():
        if path not in there:
            added.append(path)
        elif (folder / path).read_bytes() != data:
            changed.append(path)
        else:
            unchanged += 1
    return Changes(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(there - set(files))), unchanged)


def write(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """Makes the tree in `folder` equal to `files`: changed bytes are staged and moved in by renames, what is no
    longer rendered goes, the rest is not touched. A reader, or a kill, sees each file old or new."""
    ledger(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent):
        _sweep(folder.parent)
        changes = compare(folder, files)
        if not changes:
            return changes
        stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=folder.parent))
        try:
            moves = [*changes.added, *changes.changed]
            # The memory goes in first: it makes the folder dashgen's, and must know of every uid that Grafana may
            # have read from it.
            moves.sort(key=lambda path: (path != LEDGER, path))
            for parent in {(stage / path).parent for path in moves}:
                parent.mkdir(parents=True, exist_ok=True)
            for path in moves:
                (stage / path).write_bytes(files[path])
            for parent in {(folder / path).parent for path in moves} | {folder}:
                parent.mkdir(parents=True, exist_ok=True)
            for path in moves:
                (stage / path).replace(folder / path)
            for path in changes.removed:
                (folder / path).unlink()
            _prune(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
        return changes


def _files(folder: Path) -> Iterator[str]:
    base = str(folder)
    for at, _, names in os.walk(base):
        relative = os.path.relpath(at, base).replace(os.sep, "/")
        prefix = "" if relative == "." else relative + "/"
        for name in names:
            yield prefix + name


def _prune(folder: Path) -> None:
    for at, folders, names in os.walk(folder, topdown=False):
        if not names and at != str(folder) and not any((Path(at) / f).exists() for f in folders):
            Path(at).rmdir()


def _sweep(parent: Path) -> None:
    """Removes what a killed build left behind."""
    for left in parent.glob(_STAGE + "*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(parent: Path) -> Iterator[None]:
    """One build at a time in a folder, where the system has advisory locks."""
    try:
        import fcntl
    except ImportError:  # Windows: renames are still whole
        yield
        return
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
