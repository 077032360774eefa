"""Which modules of the specs need not be executed, because they would give what they gave before."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path

from dashgen.incremental.record import BuildRecord, ModuleRecord
from dashgen.loading.deferral import Deferral, Export, KnownModule
from dashgen.loading.module_inputs import ReadInput, file_digest


def nothing_deferred(record: BuildRecord) -> Deferral:
    """Has every module executed."""
    return Deferral(sources={name: one.source for name, one in record.modules.items()})


def deferral(record: BuildRecord, root: Path) -> Deferral:
    """What may be left out of the next load of the specs in `root`."""
    reasons = dict.fromkeys(changed_modules(record, root), "it changed, or what it reads did")
    unsteady = {name for name, one in record.modules.items() if one.unsteady}
    for name in record.needed - unsteady:
        reasons.setdefault(name, "an earlier build needed more of it than its dashboards")
    executed = with_importers(reasons.keys() | unsteady, record.modules)
    for name, imported in executed.items():
        if imported != name:
            reasons.setdefault(name, f"it imports {imported}")
    known = {
        name: one
        for name, one in record.modules.items()
        if name not in executed and not one.is_package and one.exports
    }  # fmt: skip
    while unknown := _asked_for_more(record, known) | {
        name: "it has, or links to, a dashboard of a module that is executed"
        for name, one in known.items()
        if not _owners(one) <= known.keys()
    }:
        reasons |= unknown
        for name in unknown:
            del known[name]
    if any(one.looks_inside for name, one in record.modules.items() if name not in known):
        return nothing_deferred(record)
    return Deferral(
        {name: KnownModule(name, one.file, one.exports, tuple(one.dashboards)) for name, one in known.items()},
        {name: one.source for name, one in record.modules.items()},
        {name: imported_by(name, record.modules, root.name) for name in known},
        frozenset(name for name, one in record.modules.items() if one.is_package),
        reasons,
        frozenset(unsteady),
    )


def _asked_for_more(record: BuildRecord, known: Mapping[str, ModuleRecord]) -> dict[str, str]:
    """Modules of which those that are executed import more than dashboards, with what."""
    return {
        asked: f"{name} imports {', '.join(more)} of it"
        for name, one in record.modules.items()
        if name not in known
        for asked, names in one.asks.items()
        if asked in known and (more := [n for n in names if n not in known[asked].exports])
    }


def changed_modules(record: BuildRecord, root: Path) -> Iterator[str]:
    """The modules whose source, place or inputs are not as they were."""
    seen: dict[ReadInput, str] = {}

    def digest_of(what: ReadInput) -> str:
        if what not in seen:
            seen[what] = what.digest()
        return seen[what]

    for name, module in record.modules.items():
        if (
            _found(name, root, record.modules) != module.file
            or file_digest(module.file) != module.source
            or any(_found(absent, root, record.modules) is not None for absent in module.absent)
            or any(digest_of(what) != before for what, before in module.inputs.items())
        ):
            yield name


def _found(name: str, root: Path, modules: Mapping[str, ModuleRecord]) -> str | None:
    """The file that Python would import a module from; empty for one without a file."""
    parent, _, _ = name.rpartition(".")
    if name == root.name:
        return str(root / "__init__.py")
    if not parent:
        path = [*sys.path, str(root.parent)]
    elif parent == root.name:
        path = [str(root)]
    elif parent in modules:
        path = [str(Path(modules[parent].file).parent)]
    else:  # a folder without __init__.py
        path = [str((root if parent.startswith(f"{root.name}.") else root.parent).joinpath(*_below(parent, root)))]
    try:
        spec = PathFinder.find_spec(name, path)
    except (ImportError, ValueError):
        return None
    return None if spec is None else spec.origin or ""


def _below(package: str, root: Path) -> list[str]:
    parts = package.split(".")
    return parts[1:] if parts[0] == root.name else parts


def with_importers(names: Iterable[str], modules: Mapping[str, ModuleRecord]) -> dict[str, str]:
    """The modules, and all that import one of them, directly or not: each with the one that it imports, the given ones
    with themselves."""
    importers: dict[str, list[str]] = {}
    for name, module in modules.items():
        for one in module.imports:
            importers.setdefault(one, []).append(name)
    waiting = {name: name for name in sorted(names)}
    found: dict[str, str] = {}
    while waiting:
        name, imported = waiting.popitem()
        found[name] = imported
        waiting |= {one: name for one in importers.get(name, ()) if one not in found and one not in waiting}
    return found


def imported_by(name: str, modules: Mapping[str, ModuleRecord], root: str) -> frozenset[str]:
    """All modules that one imports, directly or not, and the packages that they are in."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found and one != root:  # which every load executes
            found.add(one)
            waiting += modules[one].imports if one in modules else ()
            waiting += [parent] if (parent := one.rpartition(".")[0]) else []
    return frozenset(found)


def _owners(module: ModuleRecord) -> set[str]:
    """The modules of the dashboards that one exports or links to."""
    links = (link.owner for dashboard in module.dashboards for link in dashboard.link_targets if link.owner)
    return {reference.rpartition(":")[0] for reference in (*_references(module.exports.values()), *links)}


def _references(exports: Iterable[Export]) -> Iterator[str]:
    for export in exports:
        if isinstance(export, str):
            yield export
        else:
            yield from _references(export.values() if isinstance(export, dict) else export[1:])
