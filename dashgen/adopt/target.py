"""The project that an import extends, and what sources call the datasources of its environment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dashgen.adopt.source import names
from dashgen.adopt.source_kind import ImportSource, ImportTarget
from dashgen.grafana.datasources.plugins import BY_ID
from dashgen.input_files import read_text, toml_value
from dashgen.model.core.ids import slug
from dashgen.model.core.node import Wrong
from dashgen.model.core.validators import uid as valid_uid
from dashgen.model.environment import DEFAULT_PLUGIN, Environment, Plugin, QuestDB
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of

DATASOURCE = "questdb"
"""What panels ask that name no datasource."""
_WIDTH = 88
"""Columns of a line where the project says nothing: ruff's own."""


def target(
    root: Path, project: Project | None, environment: Environment | None, named: Mapping[str, str],
    sources: Iterable[ImportSource], folder: str,
) -> ImportTarget:  # fmt: skip
    """What is known of the project. `named` has datasources of the environment by what documents call theirs."""
    counts = Counter(ref for one in sources for ref in one.datasources())
    refs = tuple(counts)
    if project is None or environment is None:
        datasources = _new_datasources(counts, set(named.values()))
        return ImportTarget(root, None, datasources, _claimed(datasources, refs, "", named), folder, {}, width(root))
    known = environment.datasources
    claimed = _claimed(known, refs, environment.uid_prefix, named)
    claimed |= {environment.datasource_name(one): name for name, one in known.items()}
    init = (root / "__init__.py").read_text(encoding="utf-8")
    folders = tuple(environment.folders)
    chosen = folder or ("" if "default" in folders else folders[0] if folders else "")
    written, tables = _written(project, root), _tables(project)
    return ImportTarget(root, init, known, claimed, chosen, written, width(root), tables, project, environment)


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


def _new_datasources(counts: Counter[tuple[str, str]], wanted: set[str]) -> dict[str, QuestDB]:
    """The datasources of a new project: the one that is asked most, of QuestDB's plugin first, is `questdb`, which
    panels ask that name none. Those that are only called by a name count where no plugin is said."""
    asked = _asked([(kind, uid) for kind, uid in counts if kind]) or _asked(counts)
    times = Counter[str]()
    for (_, uid), number in counts.items():
        times[uid] += number
    found: dict[str, QuestDB] = {}
    for uid, plugin in sorted(asked.items(), key=lambda item: (item[1] != DEFAULT_PLUGIN, -times[item[0]])):
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


def _tables(project: Project) -> dict[str, tuple[Path, str]]:
    """Where the tables of a project are declared, as far as that can be told."""
    found = {}
    for cls in project.tables:
        table = table_of(cls)
        if table.source is not None:
            found[table.name.lower()] = (Path(table.source.file), cls.__name__)
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
                value: Any = toml_value(read_text(folder / name))
            except (OSError, ValueError):
                continue
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, dict):
                found = value.get("line-length", _WIDTH)
                return found if isinstance(found, int) and 40 <= found <= 320 else _WIDTH
    return _WIDTH
