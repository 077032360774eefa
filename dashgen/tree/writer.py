"""A rendered tree on disk: whose it is, and how it is replaced."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from dashgen.digests import bytes_digest
from dashgen.tree import git
from dashgen.tree.errors import TreeError
from dashgen.tree.file_digests import FileDigests
from dashgen.tree.ledger import decode
from dashgen.tree.paths import LEDGER, is_dashboard
from dashgen.tree.read import FolderFiles, RenderedTree, mending_in

STAGE = ".dashgen-stage-"


class Changes(NamedTuple):
    """Paths in the tree by what a write does to them."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    foreign: tuple[str, ...] = ()
    """What dashgen did not write, and leaves alone."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def ledger(folder: Path) -> frozenset[str]:
    """What the tree in `folder` ever published; nothing for a folder that is new or empty.

    Raises TreeError for a folder that is somebody else's: a build removes files, so it must own them.
    """
    other = "give another folder with --out, or empty this one"
    if folder.is_symlink():
        raise _refused(folder, "is a symbolic link", "give its target: --out DIR")
    if folder.exists() and not folder.is_dir():
        raise _refused(folder, "is not a folder", "give another one: --out DIR")
    if not folder.exists() or not any(folder.iterdir()):
        return frozenset()
    if not (folder / LEDGER).is_file():
        raise _refused(folder, f"is not empty and has no {LEDGER}: it is not a tree that dashgen rendered", other)
    for link in _links(str(folder)):
        raise _refused(Path(link), "is a symbolic link in a rendered tree", "remove it: writing would leave the tree")
    return RenderedTree.read(folder).ledger


def check_ledger_is_not_lost(folder: Path) -> None:
    """Raises TreeError for a folder whose ledger is gone while git has it: a new one would lack what was published, and
    no build would ever delete that."""
    path = folder / LEDGER
    if not path.exists() and (command := git.restoring(path)):
        why = "is missing, and git tracks it: it lists everything that was ever published, which deletions need"
        raise _refused(path, why, f"{command}   (to begin a new one, commit its removal first)")


def _refused(path: Path, message: str, hint: str) -> TreeError:
    return TreeError(message, hint, path.as_posix())


def _links(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_symlink():
                yield entry.path
            elif entry.is_dir():
                yield from _links(entry.path)


class TreeComparison:
    """What a tree, given file by file, would change in the one in `folder`. No bytes are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digests: dict[str, str] = {}
        """Of the dashboards."""
        self.there = FileDigests(folder, {})
        self._there = FolderFiles(folder)
        self._added: list[str] = []
        self._changed: list[str] = []
        self._unchanged: set[str] = set()

    def take(self, path: str, data: bytes) -> bool:
        """Compares a file of the new tree. Returns whether it differs from the one that is there."""
        if is_dashboard(path):
            self.digests[path] = bytes_digest(data)
        if path not in self._there:
            self._added.append(path)
        elif self._there.read(path) != data:
            self._changed.append(path)
        else:
            self._unchanged.add(path)
            return False
        return True

    def keep(self, path: str, digest: str) -> bool:
        """Takes the file that is there for one of the new tree, without its content. Returns whether it has the digest
        that it must have then."""
        if path not in self._there or self.there.of(path) != digest:
            return False
        self.digests[path] = digest
        self._unchanged.add(path)
        return True

    def changes(self) -> Changes:
        """Once all files were taken."""
        others = set(self._there) - self._unchanged - set(self._changed)
        there = RenderedTree(self.folder.name, self._there, self.folder, mending_in(self.folder))
        foreign = {path for path in others if not there.is_own(path)}
        return Changes(
            tuple(sorted(self._added)), tuple(sorted(self._changed)), tuple(sorted(others - foreign)),
            len(self._unchanged), tuple(sorted(foreign)),
        )  # fmt: skip


class StagedTree(TreeComparison):
    """The next tree of `folder`, given file by file: those that differ wait beside it until `commit` moves them in.

    Whoever has one is the only writer, see `only_writer`, or what was compared may be another file by then.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._waiting: str | None = None
        self._made: set[str] = set()
        self._ledger = b""

    def __enter__(self) -> StagedTree:
        return self

    def __exit__(self, *_: object) -> None:
        if self._waiting is not None:
            shutil.rmtree(self._waiting, ignore_errors=True)

    def take(self, path: str, data: bytes) -> bool:
        if path == LEDGER:
            self._ledger = data
        differs = super().take(path, data)
        if differs:
            with open(self._place(path), "wb") as file:  # noqa: PTH123  # a Path a file costs as much as the write
                file.write(data)
        return differs

    def _place(self, path: str) -> str:
        if self._waiting is None:
            self._waiting = tempfile.mkdtemp(prefix=STAGE, dir=self.folder.parent)
        parent = f"{self._waiting}/{_parent(path)}"
        if parent not in self._made:
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103  # as above
            self._made.add(parent)
        return f"{self._waiting}/{path}"

    def commit(self) -> Changes:
        """Makes the tree in `folder` equal to the files that were taken: those that differ are moved in by renames,
        what is no longer rendered goes, the rest is not touched. A reader, or a kill, sees each file old or new; the
        next write heals what a killed one left. The folder itself stays, which a bind mount of a container needs: it
        follows no other folder of the same name, so that one exchange of whole folders would cut Grafana off from its
        files.

        Raises TreeError if another build published something meanwhile that the new ledger does not know of.
        """
        if ledger(self.folder) - decode(self._ledger):
            raise _refused(self.folder, "was written by another build in the meantime", "build again")
        changes = self.changes()
        # The ledger goes in first, before there is any other file or folder: it makes the folder dashgen's, and must
        # know of every uid that Grafana may have read from it.
        moves = sorted((*changes.added, *changes.changed), key=lambda path: (path != LEDGER, path))
        _check_ways(self.folder, moves)
        made = set()
        for path in moves:
            if (parent := _parent(path)) not in made:
                (self.folder / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            os.replace(f"{self._waiting}/{path}", f"{self.folder}/{path}")  # noqa: PTH105  # as in `take`
        for path in changes.removed:
            (self.folder / path).unlink()
        if changes:
            _prune(self.folder)
        return changes


def compare(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """What writing `files` would change."""
    comparison = TreeComparison(folder)
    for path, data in files.items():
        comparison.take(path, data)
    return comparison.changes()


def write(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """Makes the tree in `folder` equal to `files`, as `StagedTree.commit` does. Raises TreeError."""
    ledger(folder)
    with only_writer(folder.parent), StagedTree(folder) as stage:
        for path, data in files.items():
            stage.take(path, data)
        return stage.commit()


def _parent(path: str) -> str:
    """The folder of a path in the tree: as texts, because a large tree makes many."""
    return path.rpartition("/")[0]


def _check_ways(folder: Path, moves: Sequence[str]) -> None:
    """A folder where a file belongs, or the other way round, would stop the moves half way."""
    there = {(Path(at) / name).relative_to(folder).as_posix() for at, names, _ in os.walk(folder) for name in names}
    for path in moves:
        if path in there:
            raise _refused(folder / path, "is a folder, where a file belongs", "remove it")
    for parent in {path[:end] for path in moves for end, sign in enumerate(path) if sign == "/"}:
        if (folder / parent).exists() and not (folder / parent).is_dir():
            raise _refused(folder / parent, "is a file, where a folder belongs", "remove it")


def _prune(folder: Path) -> None:
    for at, folders, names in os.walk(folder, topdown=False):
        if not names and at != str(folder) and not any((Path(at) / f).exists() for f in folders):
            Path(at).rmdir()


def sweep(parent: Path) -> None:
    """Removes what a killed writer left behind."""
    for left in parent.glob(STAGE + "*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def only_writer(parent: Path) -> Iterator[None]:
    """The only writer of the trees in a folder, which is made where it is missing and goes if it stays empty."""
    missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    with locked(parent):
        sweep(parent)
        try:
            yield
        finally:
            with suppress(OSError):  # it is not empty
                for folder in missing:
                    folder.rmdir()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One writer at a time in a folder, where the system has advisory locks."""
    try:
        import fcntl
    except ImportError:  # Windows: renames are still whole
        yield
        return
    while True:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(handle, folder):
                yield
                return
        finally:
            os.close(handle)
        folder.mkdir(parents=True, exist_ok=True)  # whoever had the lock removed it, because it was empty


def _is_at(handle: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False
