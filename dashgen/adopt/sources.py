"""The kinds of sources, and the files that an import reads: which there are, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dashgen.adopt.alerting_source import AlertingKind
from dashgen.adopt.dashboard_source import DashboardKind
from dashgen.adopt.files import UnreadableFile, content
from dashgen.adopt.source_kind import ImportSource, NotThisKind, SourceFile, SourceKind
from dashgen.adopt.table_source import TableKind

KINDS: tuple[SourceKind, ...] = (TableKind(), AlertingKind(), DashboardKind())
"""Each file is of the first kind that recognises it. Dashboards are last: they say what a document is that is none."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What the files hold. `skipped` are files of folders that hold nothing to import, each with the reason."""

    sources: tuple[ImportSource, ...]
    skipped: tuple[tuple[Path, str], ...]
    unreadable: tuple[UnreadableFile, ...]


def read(paths: Iterable[Path]) -> FoundFiles:
    """What is in files and folders. A file that was named must hold something; in a folder, others are skipped."""
    sources: list[ImportSource] = []
    skipped: list[tuple[Path, str]] = []
    unreadable: list[UnreadableFile] = []
    for path, is_named in _files(paths):
        try:
            file = SourceFile(path, content(path))
            sources += _kind(file).read(file)
        except UnreadableFile as error:
            unreadable.append(error)
        except NotThisKind as error:
            if is_named:
                unreadable.append(UnreadableFile(path, str(error), error.hint))
            else:
                skipped.append((path, str(error)))
    return FoundFiles(tuple(sources), tuple(skipped), tuple(unreadable))


def _kind(file: SourceFile) -> SourceKind:
    for kind in KINDS:
        if kind.recognises(file):
            return kind
    known = ", ".join(sorted({suffix for kind in KINDS for suffix in kind.suffixes}))
    raise NotThisKind("holds nothing that can be imported", f"files of {known} are read")


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file once, those of folders in their order; hidden ones are left alone."""
    suffixes = {suffix for kind in KINDS for suffix in kind.suffixes}
    seen: set[Path] = set()
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.suffix in suffixes) if path.is_dir() else [path]
        for one in inside:
            hidden = path.is_dir() and any(part.startswith(".") for part in one.relative_to(path).parts)
            if not hidden and one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, not path.is_dir()
