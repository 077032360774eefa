"""The queries in which an earlier run found nothing to tell, in the user's cache folder.

Kept is only that the server took the query in every way that it is run, and which rules found what its own ignores keep
back: a query with any other finding is judged each time. A query is the same where all is that a rule is handed: its
text, what holds it, its dashboard, the environment, the declared tables. A file holds those of one dashgen, one server
version, and one set of tables, rules and environments.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dashgen import own_files
from dashgen.cache_folder import cache_folder, write_cache_file
from dashgen.check.answer_cache import schema
from dashgen.check.rule import Rule, Subject
from dashgen.digests import digest
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.questdb.jar import VERSION
from dashgen.render.render_key import exact

FORMAT = 2
FILES = 20
"""Those used last stay."""


class QueryVerdict(NamedTuple):
    """Of a sound query: digests of the statements that it became, and codes of the rules whose findings are ignored."""

    statements: tuple[str, ...]
    ignored: tuple[str, ...] = ()


class Verdicts:
    """Those of sound queries. Reading and writing never fail: a file that can't be read is as good as none."""

    def __init__(self, path: Path | None, project: Project) -> None:
        self._path = path
        self._before = _read(path) if path else {}
        self._sound: dict[str, QueryVerdict] = {}
        tables = [(cls.__name__, table_of(cls)) for cls in project.tables]
        self._declared = digest(repr((tables, exact(project.env_values))))
        self._parts: dict[int, tuple[object, str]] = {}

    @classmethod
    def of(cls, project: Project, rules: Iterable[Rule[Any]], environments: Iterable[Environment]) -> Verdicts:
        """Those for the project's tables, these rules and environments."""
        names = [rule.code for rule in rules], [environment.name for environment in environments]
        name = digest(repr((FORMAT, own_files.state(), VERSION, schema(project), names)))[:24]
        return cls(cache_folder() / "check" / "verdicts" / f"{name}.json", project)

    def get(self, subject: Subject) -> QueryVerdict | None:
        """Its verdict, where nothing was found in the query that is to be told."""
        key = self._key(subject)
        verdict = self._before.get(key)
        if verdict is not None:
            self._sound[key] = verdict
        return verdict

    def put(self, subject: Subject, verdict: QueryVerdict) -> None:
        self._sound[self._key(subject)] = verdict

    def save(self) -> None:
        """Keeps those that this run used or found, if any is new."""
        if self._path is None or self._sound.keys() <= self._before.keys():
            return
        write_cache_file(self._path, json.dumps(self._sound, separators=(",", ":")).encode(), FILES)

    def _key(self, subject: Subject) -> str:
        others = tuple(
            (one.role, one.path, exact(one.query), one.plugin, one.format, one.dialect, one.min_interval)
            for one in (subject, *subject.beside)
        )
        parts = (self._part(subject.environment), self._part(subject.owner), self._part(subject.dashboard))
        rest = repr((subject.theirs, exact(subject.foreign), subject.called, others))
        return digest(self._declared, *parts, rest)

    def _part(self, value: object) -> str:
        """A digest of what many queries have in common."""
        found = self._parts.get(id(value))
        if found is None:
            whole = dict(vars(value)) if isinstance(value, Dashboard) else {"": value}
            whole.pop("source", None)
            found = self._parts[id(value)] = value, digest(repr(exact(whole)))  # kept, so that its id stays its own
        return found[1]


def _read(path: Path) -> Mapping[str, QueryVerdict]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict) or not all(_is_verdict(value) for value in data.values()):
        return {}
    return {key: QueryVerdict(*map(tuple, value)) for key, value in data.items()}


def _is_verdict(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_list_of_texts, value))


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
