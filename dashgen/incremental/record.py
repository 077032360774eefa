"""The file that a build leaves for the next one: read with suspicion, written in one step.

It may come from another machine or a shared cache, so it is JSON of digests and names: whoever can write it can have a
build leave a document as it is, and nothing more. A file that is cut off, damaged or of other versions is as good as
none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from dashgen.cache_folder import cache_folder, write_cache_file
from dashgen.digests import digest
from dashgen.loading.deferral import Export
from dashgen.loading.module_inputs import ReadInput
from dashgen.model.dashboards.deferred import DashboardFacts, LinkTarget
from dashgen.tree.file_digests import Status

FILES = 50
"""Records of as many projects are kept; the ones used last stay."""


@dataclass(slots=True)
class ModuleRecord:
    """What a module depends on, and what it gave."""

    file: str
    source: str
    is_package: bool
    imports: list[str]
    absent: list[str]
    asks: dict[str, list[str]]
    inputs: dict[ReadInput, str]
    unsteady: str
    looks_inside: str
    exports: dict[str, Export] = field(default_factory=dict)
    dashboards: list[DashboardFacts] = field(default_factory=list)


@dataclass(slots=True)
class BuildRecord:
    """What a build saw. `rendering` is a digest of what the rendering of a dashboard depends on besides its module.
    `needed` are modules that others look into: they are always executed."""

    versions: str
    reason: str = ""
    """Why the next build has to execute everything; empty: it has not."""
    rendering: str = ""
    modules: dict[str, ModuleRecord] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    files: dict[str, dict[str, tuple[Status, str]]] = field(default_factory=dict)
    """What is known of the dashboards' files, by the folder of their tree."""


def record_file(root: Path) -> Path:
    return cache_folder() / "build" / f"{root.name}-{digest(str(root))}.json"


def read(root: Path, versions: str) -> BuildRecord | None:
    """What the last build of these specs left, if it was one of the same versions."""
    try:
        head, _, body = record_file(root).read_bytes().partition(b"\n")
        if head.decode() != digest(body.decode()):
            return None
        found = _record(orjson.loads(body))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.versions == versions else None


def write(root: Path, record: BuildRecord) -> None:
    """Never fails: a record that can't be written costs the next build its time."""
    body = orjson.dumps(_data(record))
    write_cache_file(record_file(root), digest(body.decode()).encode() + b"\n" + body, FILES)


def _data(record: BuildRecord) -> dict[str, Any]:
    return {
        "versions": record.versions,
        "reason": record.reason,
        "rendering": record.rendering,
        "needed": sorted(record.needed),
        "files": record.files,
        "modules": {
            name: {
                "file": one.file,
                "source": one.source,
                "is_package": one.is_package,
                "imports": one.imports,
                "absent": one.absent,
                "asks": one.asks,
                "inputs": [[*what, seen] for what, seen in one.inputs.items()],
                "unsteady": one.unsteady,
                "looks_inside": one.looks_inside,
                "exports": one.exports,
                "dashboards": [_written(facts) for facts in one.dashboards],
            }
            for name, one in record.modules.items()
        },
    }


def _written(facts: DashboardFacts) -> list[object]:
    """As `_facts` takes them."""
    links = [list(link) for link in facts.link_targets]
    return [
        facts.uid, facts.title, facts.folder, facts.variables, links, facts.panel_keys, facts.environment_variables,
        facts.documents,
    ]  # fmt: skip


def _record(data: dict[str, Any]) -> BuildRecord:
    modules = {
        name: ModuleRecord(
            one["file"], one["source"], one["is_package"], one["imports"], one["absent"], one["asks"],
            {ReadInput(kind, what): seen for kind, what, seen in one["inputs"]},
            one["unsteady"], one["looks_inside"], one["exports"], [_facts(*facts) for facts in one["dashboards"]],
        )
        for name, one in data["modules"].items()
    }  # fmt: skip
    files = {
        folder: {path: (status, digest) for path, (status, digest) in known.items()}
        for folder, known in data["files"].items()
    }
    return BuildRecord(data["versions"], data["reason"], data["rendering"], modules, set(data["needed"]), files)


def _facts(
    uid: str, title: str, folder: str, variables: list[str], links: list[tuple[str, list[str], str]],
    panel_keys: list[str], environment_variables: list[str], documents: dict[str, str],
) -> DashboardFacts:  # fmt: skip
    targets = tuple(LinkTarget(target, tuple(names), owner) for target, names, owner in links)
    return DashboardFacts(
        uid, title, folder, tuple(variables), targets, tuple(panel_keys), tuple(environment_variables), documents
    )
