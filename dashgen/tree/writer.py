"""A rendered tree on disk: whose it is, and how it is replaced."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashgen.tree import git
from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import decode
from dashgen.tree.paths import LEDGER
from dashgen.tree.read import RenderedTree

STAGE = ".dashgen-stage-"


@dataclass(frozen=True, slots=True)
class Changes:
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


def compare(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """What writing `files` would change."""
    there = RenderedTree.read(folder)
    added, changed, unchanged = [], [], 0
    for path, data in files.items():
        if path not in there:
            added.append(path)
        elif there[path] != data:
            changed.append(path)
        else:
            unchanged += 1
    others = sorted(set(there) - set(files))
    removed = tuple(path for path in others if there.is_own(path))
    foreign = tuple(path for path in others if path not in removed)
    return Changes(tuple(sorted(added)), tuple(sorted(changed)), removed, unchanged, foreign)


def write(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """Makes the tree in `folder` equal to `files`: changed bytes are staged and moved in by renames, what is no
    longer rendered goes, the rest is not touched. A reader, or a kill, sees each file old or new; the next write heals
    what a killed one left. The folder itself stays, which a bind mount of a container needs: it follows no other
    folder of the same name, so that one exchange of whole folders would cut Grafana off from its files.

    Raises TreeError if another build published something meanwhile that `files` does not know of.
    """
    ledger(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        sweep(folder.parent)
        if ledger(folder) - decode(files[LEDGER]):
            raise _refused(folder, "was written by another build in the meantime", "build again")
        _in_the_way(folder, files)
        changes = compare(folder, files)
        if not changes:
            return changes
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=folder.parent))
        try:
            moves = [*changes.added, *changes.changed]
            # The ledger goes in first, before there is any other file or folder: it makes the folder dashgen's, and
            # must know of every uid that Grafana may have read from it.
            moves.sort(key=lambda path: (path != LEDGER, path))
            for parent in {_parent(path) for path in moves}:
                (stage / parent).mkdir(parents=True, exist_ok=True)
            for path in moves:
                (stage / path).write_bytes(files[path])
            made = set()
            for path in moves:
                if (parent := _parent(path)) not in made:
                    (folder / parent).mkdir(parents=True, exist_ok=True)
                    made.add(parent)
                (stage / path).replace(folder / path)
            for path in changes.removed:
                (folder / path).unlink()
            _prune(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
        return changes


def _parent(path: str) -> str:
    """The folder of a path in the tree: as texts, because a large tree makes many."""
    return path.rpartition("/")[0]


def _in_the_way(folder: Path, files: Mapping[str, bytes]) -> None:
    """A folder where a file belongs, or the other way round, would stop the moves half way."""
    there = {(Path(at) / name).relative_to(folder).as_posix() for at, names, _ in os.walk(folder) for name in names}
    for path in files:
        if path in there:
            raise _refused(folder / path, "is a folder, where a file belongs", "remove it")
    for parent in {path[:end] for path in files for end, sign in enumerate(path) if sign == "/"}:
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
def locked(parent: Path) -> Iterator[None]:
    """One writer at a time in a folder, where the system has advisory locks."""
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
