"""What an import writes: a module for each dashboard, and PROJECT with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashgen.adopt.dashboards import Adopted, adopt
from dashgen.adopt.source import names
from dashgen.adopt.source.module import source
from dashgen.adopt.source.project import Addition, extended, names_in, new
from dashgen.adopt.sources import DashboardSource
from dashgen.grafana.datasources.plugins import BY_ID
from dashgen.model.core.ids import slug
from dashgen.model.core.node import Wrong
from dashgen.model.core.problems import DashgenError
from dashgen.model.core.validators import grafana_uid
from dashgen.model.core.validators import uid as valid_uid
from dashgen.model.environment import DEFAULT_PLUGIN, Environment, Plugin, QuestDB
from dashgen.model.project import Project

Json = dict[str, Any]
FOLDER = "dashboards"
DATASOURCE = "questdb"
"""What panels ask that name no datasource."""
_WIDTH = 88
"""Columns of a line where the project says nothing: ruff's own."""


class ImportRefused(DashgenError):
    """An import that can't be: what is wrong with which file, and what to do."""

    def __init__(self, path: Path | str, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message, hint, f"{path}:{line}" if line else str(path))


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """The project that is extended, or begun. `init` is the text of its module, None for a new one."""

    root: Path
    init: str | None
    datasources: Mapping[str, QuestDB]
    claimed: Mapping[str, str]
    folder: str
    written: Mapping[str, tuple[Path, str]]
    """The dashboards that it has: their uids, with the module and the constant if they are known."""
    width: int

    @property
    def package(self) -> str:
        return self.root.name


@dataclass(frozen=True, slots=True)
class Imported:
    """One dashboard of an import."""

    source: DashboardSource
    module: str
    """Path of its module, relative to the project."""
    name: str
    adopted: Adopted
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an import writes, by paths relative to the project."""

    files: Mapping[str, str]
    dashboards: tuple[Imported, ...]
    replaced: tuple[str, ...] = field(default=())


def target(
    root: Path, project: Project | None, environment: Environment | None, named: Mapping[str, str],
    sources: Iterable[DashboardSource], folder: str,
) -> ImportTarget:  # fmt: skip
    """What is known of the project. `named` has datasources of the environment by what documents call theirs."""
    refs = tuple(dict.fromkeys(ref for one in sources for ref in (*references(one.dashboard), *one.inputs)))
    if project is None or environment is None:
        datasources = _new_datasources(refs, set(named.values()))
        return ImportTarget(root, None, datasources, _claimed(datasources, refs, "", named), folder, {}, width(root))
    known = environment.datasources
    claimed = _claimed(known, refs, environment.uid_prefix, named)
    claimed |= {environment.datasource_name(one): name for name, one in known.items()}
    init = (root / "__init__.py").read_text(encoding="utf-8")
    folders = tuple(environment.folders)
    chosen = folder or ("" if "default" in folders else folders[0] if folders else "")
    return ImportTarget(root, init, known, claimed, chosen, _written(project, root), width(root))


def references(document: Any) -> Iterator[tuple[str, str]]:
    """Plugin and uid of each datasource that a document refers to, in its order; the plugin is empty where only a name
    is there."""
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            given = one.get("datasource")
            if isinstance(given, str):
                yield "", given
            elif isinstance(given, dict) and isinstance(given.get("uid"), str):
                yield str(given.get("type") or ""), given["uid"]
            waiting.extend(reversed(one.values()))


_INPUT = re.compile(r"\$\{DS_\w+\}\Z", re.ASCII)
"""What Grafana's export for sharing calls a datasource that the importer chooses."""
_BY_NAME = re.compile(r"quest-?db|\bqdb\b", re.IGNORECASE)


def _asked(refs: Iterable[tuple[str, str]]) -> dict[str, Plugin]:
    """The uids of what asks a QuestDB, each with the plugin: QuestDB's own, where both are said of one uid."""
    found: dict[str, Plugin] = {}
    for kind, uid in refs:
        if (uid.startswith(("$", "--")) and not _INPUT.match(uid)) or not uid:
            continue
        plugin = BY_ID.get(kind) or (DEFAULT_PLUGIN if not kind and _BY_NAME.search(uid) else None)
        if plugin and (uid not in found or plugin == DEFAULT_PLUGIN):
            found[uid] = plugin
    return found


def _new_datasources(refs: tuple[tuple[str, str], ...], wanted: set[str]) -> dict[str, QuestDB]:
    """The datasources of a new project: the first one is `questdb`, which panels ask that name none."""
    typed = [(kind, uid) for kind, uid in refs if kind]
    found: dict[str, QuestDB] = {}
    for uid, plugin in sorted(_asked(typed).items(), key=lambda item: item[1] != DEFAULT_PLUGIN):
        name = DATASOURCE if not found else names.unique(slug(uid) or plugin, found)
        given = {"plugin": plugin} | ({"uid": uid} if _is_uid(uid) else {"uid": f"{plugin}-{len(found)}"})
        found[name] = QuestDB(**given, is_default=not found)  # type: ignore[arg-type]  # a plugin and a uid
    for name in sorted(wanted - found.keys()):
        found[name] = QuestDB(uid=name) if _is_uid(name) else QuestDB()
    return found


def _is_uid(text: str) -> bool:
    try:
        valid_uid(text)
    except Wrong:
        return False
    return True


def _claimed(
    datasources: Mapping[str, QuestDB], refs: tuple[tuple[str, str], ...], prefix: str, named: Mapping[str, str]
) -> dict[str, str]:
    """The environment's name of each datasource that documents refer to: by its uid or name, else the first one of the
    same plugin."""
    by_plugin: dict[str, str] = {}
    for name, one in datasources.items():
        by_plugin.setdefault(one.plugin, name)
    found = {uid: by_plugin[plugin] for uid, plugin in _asked(refs).items() if plugin in by_plugin}
    for name, one in datasources.items():
        found |= {name: name, one.uid: name, prefix + one.uid: name} | ({one.name: name} if one.name else {})
    return found | dict(named)


def _written(project: Project, root: Path) -> dict[str, tuple[Path, str]]:
    """Where the dashboards of a project are defined, as far as that can be told."""
    found = {}
    for dashboard in project.dashboards:
        place = getattr(dashboard, "source", None)
        path = Path(place.file) if place is not None else root
        found[dashboard.uid] = (path, _constant(path, place.line) if place is not None else "")
    return found


def _constant(path: Path, line: int) -> str:
    """The name that the statement of a line assigns."""
    import ast

    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError, ValueError):
        return ""
    for node in body:
        if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or 0):
            first = node.targets[0]
            return first.id if isinstance(first, ast.Name) else ""
    return ""


def width(root: Path) -> int:
    """Columns of a line, as ruff is told in the project."""
    for folder in (root.resolve(), *root.resolve().parents):
        for name, keys in (("ruff.toml", ()), (".ruff.toml", ()), ("pyproject.toml", ("tool", "ruff"))):
            try:
                value: Any = tomllib.loads((folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, dict):
                found = value.get("line-length", _WIDTH)
                return found if isinstance(found, int) and 40 <= found <= 320 else _WIDTH
    return _WIDTH


def plan(sources: Iterable[DashboardSource], to: ImportTarget, *, force: bool) -> Plan:
    """The import of dashboards into a project. Raises ImportRefused."""
    files: dict[str, str] = {}
    dashboards: list[Imported] = []
    additions: list[Addition] = []
    replaced: list[str] = []
    taken = set(names_in(to.init)) if to.init else {"PROJECT", "Environment", "Project", "QuestDB"}
    there = {path.stem for path in (to.root / FOLDER).glob("*.py")} if (to.root / FOLDER).is_dir() else set()
    uids: dict[str, Path] = {}
    plugins = {name: one.plugin for name, one in to.datasources.items()} or {DATASOURCE: DEFAULT_PLUGIN}
    for one in sources:
        uid, notes = _uid(one, uids)
        if uid in uids:
            raise ImportRefused(
                one.path, f"has the uid {uid!r}, which {uids[uid]} has too", "Grafana keeps one of them only"
            )
        uids[uid] = one.path
        adopted = adopt(one.dashboard, uid, dict(plugins), dict(to.claimed), to.folder)
        title = adopted.dashboard.title
        if uid in to.written:
            module, name = _again(one, uid, to, force)
            replaced.append(module)
        else:
            stem = names.unique(names.module(title, "dashboard"), there)
            name = names.unique(names.constant(title, "DASHBOARD"), taken)
            there.add(stem)
            taken.add(name)
            module = f"{FOLDER}/{stem}.py"
            additions.append(Addition(f"{FOLDER}.{stem}", name))
        files[module] = source(adopted.dashboard, name, to.width)
        dashboards.append(Imported(one, module, name, adopted, (*one.notes, *notes)))
    if additions:
        files["__init__.py"] = _project(to, additions)
        if not (to.root / FOLDER / "__init__.py").exists():
            files[f"{FOLDER}/__init__.py"] = '"""Dashboards, one module each."""\n'
    return Plan(files, tuple(dashboards), tuple(replaced))


def _project(to: ImportTarget, additions: list[Addition]) -> str:
    if to.init is None:
        return new(to.package, additions, dict(to.datasources), to.width)
    from dashgen.adopt.source.project import CanNotExtend

    try:
        return extended(to.init, to.package, additions, to.width)
    except CanNotExtend as error:
        imports = "; ".join(f"from {to.package}.{one.module} import {one.name}" for one in additions)
        hint = f"write PROJECT = Project(…, dashboards=(…)), or add by hand: {imports}"
        raise ImportRefused(to.root / "__init__.py", str(error), hint, error.line) from None


def _uid(source: DashboardSource, taken: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The document's uid, or one made of its title that no other has."""
    if source.uid:
        try:
            return grafana_uid(source.uid), ()
        except Wrong:
            pass
    title = str(source.dashboard.get("title") or source.path.stem)
    made = "-".join(word.lower() for word in names.words(title))[:36].strip("-") or "dashboard"
    made = names.unique(made, taken).replace("_", "-")
    if not source.uid:
        return made, (f"has no uid: it gets {made!r}, made of its title",)
    return made, (f"its uid {source.uid!r} is none that Grafana takes: it gets {made!r}",)


def _again(source: DashboardSource, uid: str, to: ImportTarget, force: bool) -> tuple[str, str]:
    """The module and the constant of a dashboard that the project has already."""
    path, name = to.written[uid]
    if not force:
        raise ImportRefused(
            source.path, f"PROJECT has a dashboard of the uid {uid!r} already, in {path}", "--force replaces it"
        )
    root = to.root.resolve()
    if not name or not path.resolve().is_relative_to(root / FOLDER):
        hint = "remove it there, and import again"
        raise ImportRefused(source.path, f"the dashboard {uid!r} of {path} has no module of its own to replace", hint)
    return path.resolve().relative_to(root).as_posix(), name
