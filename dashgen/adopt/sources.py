"""The files that an import reads: which there are, and the dashboards in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.adopt import shape
from dashgen.adopt.reading import UnreadableFile, document
from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.forms import read_forms
from dashgen.grafana.datasources.plugins import BY_ID

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DashboardSource:
    """A dashboard as it was found: its file, the form of the document, and the classic JSON of schemaVersion 42."""

    path: Path
    form: str
    uid: str
    dashboard: Json
    notes: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    """Plugin and name of each datasource that the document leaves open."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What the files hold. `skipped` are files of folders that hold no dashboard, each with the reason."""

    sources: tuple[DashboardSource, ...]
    skipped: tuple[tuple[Path, str], ...]
    unreadable: tuple[UnreadableFile, ...]


def read(paths: Iterable[Path]) -> FoundFiles:
    """The dashboards of files and folders. A file that was named must hold one; in a folder, others are skipped."""
    sources: list[DashboardSource] = []
    skipped: list[tuple[Path, str]] = []
    unreadable: list[UnreadableFile] = []
    for path, is_named in _files(paths):
        try:
            sources += _dashboards(path)
        except UnreadableFile as error:
            unreadable.append(error)
        except DashboardError as error:
            if is_named:
                unreadable.append(UnreadableFile(path, str(error), "export the dashboard as JSON from Grafana"))
            else:
                skipped.append((path, str(error)))
    return FoundFiles(tuple(sources), tuple(skipped), tuple(unreadable))


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file once, those of folders in their order; hidden ones are left alone."""
    seen: set[Path] = set()
    for path in paths:
        inside = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        for one in inside:
            hidden = path.is_dir() and any(part.startswith(".") for part in one.relative_to(path).parts)
            if not hidden and one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, not path.is_dir()


def _dashboards(path: Path) -> Iterator[DashboardSource]:
    for one in read_forms(document(path)):
        shape.check(one.dashboard)
        open_inputs = tuple((one_input.plugin, f"${{{one_input.name}}}") for one_input in one.inputs)
        notes = [*one.notes]
        notes += [
            f"leaves open which {plugin} datasource {name} is: write its uid where the module says so"
            for plugin, name in open_inputs
            if plugin not in BY_ID
        ]
        yield DashboardSource(path, one.form, one.uid, one.dashboard, tuple(notes), open_inputs)
