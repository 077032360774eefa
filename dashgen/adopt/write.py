"""Files of an import on disk: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dashgen.tree.ledger import decode, encode


@contextmanager
def staged(root: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """A copy of the project with the files in it, which goes again."""
    with tempfile.TemporaryDirectory(prefix="dashgen-import-") as folder:
        copy = Path(folder) / root.resolve().name
        if root.exists():
            shutil.copytree(root, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for path, text in files.items():
            _write(copy / path, text)
        yield copy


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def replace(root: Path, files: Mapping[str, str]) -> None:
    """Writes the files beside their places, then moves them there, the module of PROJECT last. Where a move fails, what
    was moved goes back. Raises OSError."""
    ordered = sorted(files, key=lambda path: (path == "__init__.py", path))
    made = [folder for folder in (root, *sorted({(root / path).parent for path in files})) if not folder.exists()]
    done: list[tuple[Path, bytes | None]] = []
    stages: dict[str, Path] = {}
    try:
        for path in ordered:
            stage = (root / path).with_name(f".{Path(path).name}.import")
            stages[path] = stage
            _write(stage, files[path])
        for path in ordered:
            place = root / path
            done.append((place, place.read_bytes() if place.exists() else None))
            stages[path].replace(place)
    except BaseException:
        for place, before in reversed(done):
            _restore(place, before)
        for stage in stages.values():
            stage.unlink(missing_ok=True)
        for folder in reversed(made):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def record(ledger: Path, entries: Sequence[str]) -> None:
    """Adds entries to the ledger of a tree, which may not be there yet: the next build writes their deletions. Raises
    TreeError for a ledger that can't be read, and OSError."""
    if not entries:
        return
    before = decode(ledger.read_bytes(), ledger.as_posix()) if ledger.exists() else frozenset()
    replace(ledger.parent, {ledger.name: encode(before | set(entries)).decode()})


def _restore(place: Path, before: bytes | None) -> None:
    if before is None:
        place.unlink(missing_ok=True)
    else:
        place.write_bytes(before)
