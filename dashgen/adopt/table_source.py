"""Tables as a kind of source: those of a live QuestDB, and files of CREATE statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.adopt.source import names
from dashgen.adopt.source.project import Addition
from dashgen.adopt.source.table import attributes, class_name, source
from dashgen.adopt.source_kind import (
    ImportRefused,
    ImportTarget,
    NotThisKind,
    PlanPart,
    SourceFile,
    TakenNames,
    Verdict,
)
from dashgen.adopt.target import DATASOURCE
from dashgen.grafana.datasources.plugins import AUTHORS
from dashgen.model.core.counts import counted
from dashgen.questdb.catalog import Catalog, CatalogTable, CatalogView, catalog_reader, read_catalog
from dashgen.questdb.ddl_file import creates, run_ddl
from dashgen.questdb.server import EmbeddedQuestDB

Json = dict[str, Any]
FOLDER = "tables"


class _OfQuestDB:
    """What both forms of tables are to an import."""

    @property
    def kind(self) -> str:
        return TableKind.name

    def datasources(self) -> Iterator[tuple[str, str]]:
        yield AUTHORS.id, DATASOURCE


@dataclass(frozen=True, slots=True)
class TableSource(_OfQuestDB):
    """A table as a server has it, with the views over it in the order in which they can be made."""

    origin: str
    table: CatalogTable
    views: tuple[CatalogView, ...]


@dataclass(frozen=True, slots=True)
class StatementFile(_OfQuestDB):
    """A file of CREATE statements, which a server of dashgen's own reads."""

    origin: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a server is no table that can be declared, and why."""

    name: str
    reason: str


def live(
    url: str, only: Sequence[str] = (), *, user: str | None = None, password: str | None = None
) -> tuple[tuple[TableSource, ...], tuple[LeftOut, ...]]:
    """The tables of a server, which is only read; of `only`, where there are such names, in whatever case. Raises
    QuestDBError, and NotThisKind for a name that the server does not have."""
    wanted = {name.lower() for name in only}
    with catalog_reader(url, user=user, password=password) as reader:
        catalog = read_catalog(reader, wanted=lambda name: True)
    there = {table.name.lower() for table in catalog.tables} | {view.name.lower() for view in catalog.views}
    if missing := sorted(wanted - there):
        has = ", ".join(one.name for one in catalog.tables[:20]) or "none"
        raise NotThisKind(f"the server has no table {missing[0]!r}", f"its tables: {has}")
    found, gaps = of_catalog(catalog, "the server")
    if wanted:
        found = tuple(
            one for one in found if wanted & {one.table.name.lower(), *(view.name.lower() for view in one.views)}
        )
        gaps = ()
    return found, gaps


def of_catalog(catalog: Catalog, origin: str) -> tuple[tuple[TableSource, ...], tuple[LeftOut, ...]]:
    """Each table with its views, and theirs."""
    left = [LeftOut(gap.name, gap.reason) for gap in catalog.gaps if gap.kind != "system"]
    over: dict[str, list[CatalogView]] = {table.name: [] for table in catalog.tables}
    roots = {table.name: table.name for table in catalog.tables}
    for view in catalog.views:  # behind what they are over
        root = roots.get(view.base)
        if root is None:
            left.append(LeftOut(view.name, f"what it is over, {view.base}, can't be declared"))
            continue
        roots[view.name] = root
        over[root].append(view)
    found = (
        TableSource(str(table.source) if table.source else origin, table, tuple(over[table.name]))
        for table in catalog.tables
    )
    return tuple(found), tuple(left)


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """One table of an import. `module` is the path of its module, relative to the project."""

    origin: str
    module: str
    name: str
    table: CatalogTable
    views: tuple[CatalogView, ...]

    @property
    def kind(self) -> str:
        return TableKind.name

    @property
    def difference(self) -> str:
        return ""  # what is declared makes the same table again

    def covers(self, path: str) -> bool:
        return path.partition(" › ")[0] in {self.table.name, *(view.name for view in self.views)}

    def lines(self, root: Path, verdict: Verdict) -> list[str]:
        table = self.table
        lines = [f"{self.origin}: the table {table.name}", f"  {self._stored()}"]
        lines += [f"  note: {text}" for text in self._notes()]
        refused = [problem for problem in verdict.refused if self.covers(problem.path)]
        return lines + [f"  a build refuses: {problem.path}: {problem.message}" for problem in refused]

    def data(self, root: Path, verdict: Verdict) -> Json:
        return {
            "origin": self.origin,
            "table": self.table.name,
            "module": (root / self.module).as_posix(),
            "name": self.name,
            "columns": len(self.table.columns),
            "views": [view.name for view in self.views],
            "notes": list(self._notes()),
            "build_refuses": [
                {"path": problem.path, "message": problem.message}
                for problem in verdict.refused
                if self.covers(problem.path)
            ],
        }

    def _stored(self) -> str:
        table, count = self.table, len(self.table.columns)
        said = [counted(count, "column"), f"partitions: {table.partition_by}"]
        said += [f"kept {table.ttl.lower()}"] if table.ttl else []
        said += [f"dedup keys {', '.join(table.dedup)}"] if table.dedup else []
        said += [f"views {', '.join(view.name for view in self.views)}"] if self.views else []
        return "; ".join(said)

    def _notes(self) -> Iterator[str]:
        if self.table.suspended:
            yield "it is suspended on the server: its newest rows are not shown"
        renamed = [
            f"{name} ({column.name})"
            for column, name in zip(self.table.columns, attributes(self.table), strict=True)
            if name != column.name
        ]
        if renamed:
            yield f"named otherwise in Python: {', '.join(renamed[:8])}{', …' if len(renamed) > 8 else ''}"
        for view in self.views:
            if view.status not in ("", "valid"):
                yield f"the view {view.name} is {view.status}{f': {view.reason}' if view.reason else ''}"
            if view.refresh_limit:
                yield f"the view {view.name} has a refresh limit of {view.refresh_limit}, which is not declared"


class TableKind:
    """Tables and materialized views of QuestDB."""

    name = "tables"
    suffixes = frozenset({".sql"})

    def recognises(self, file: SourceFile) -> bool:
        return file.path.suffix == ".sql"

    def read(self, file: SourceFile) -> Sequence[StatementFile]:
        if not creates(file.value):
            raise NotThisKind("has no CREATE TABLE", "give what SHOW CREATE TABLE prints")
        return (StatementFile(str(file.path), file.value),)

    def plan(
        self, sources: Sequence[TableSource | StatementFile], target: ImportTarget, taken: TakenNames, *, force: bool
    ) -> PlanPart:
        found = [one for one in sources if isinstance(one, TableSource)]
        found += _of_files([one for one in sources if isinstance(one, StatementFile)])
        files: dict[str, str] = {}
        imported: list[ImportedTable] = []
        additions: list[Addition] = []
        replaced: list[str] = []
        seen: dict[str, str] = {}
        for one in found:
            table = one.table
            for name in (table.name, *(view.name for view in one.views)):
                if (first := seen.setdefault(name.lower(), one.origin)) is not one.origin:
                    raise ImportRefused(one.origin, f"has {name!r}, which {first} has too", "leave one of them out")
            if table.name.lower() in target.tables:
                module, name = _again(one, target, force)
                replaced.append(module)
            else:
                stem = taken.module(FOLDER, names.module(table.name, "table"))
                name = taken.constant(class_name(table.name))
                module = f"{FOLDER}/{stem}.py"
                additions.append(Addition(f"{FOLDER}.{stem}", name, "tables"))
            files[module] = source(table, one.views, name, target.width)
            imported.append(ImportedTable(one.origin, module, name, table, one.views))
        if additions and not (target.root / FOLDER / "__init__.py").exists():
            files[f"{FOLDER}/__init__.py"] = '"""Tables, one module each."""\n'
        return PlanPart(files, imported, additions, replaced)

    def next_steps(self, imported: Sequence[ImportedTable], verdict: Verdict) -> Iterable[str]:
        yield "say what the tables and their columns mean: a docstring, Doc(…) with a unit, write_interval"
        yield "written_by_others=True is right where others write the rows; leave it out where dashgen shall"


def _of_files(files: Sequence[StatementFile]) -> tuple[TableSource, ...]:
    """What the statements of all files make on one server. Raises ImportRefused with each that makes nothing."""
    if not files:
        return ()
    with EmbeddedQuestDB(compiler="quick") as server:
        read = run_ddl({one.origin: one.text for one in files}, server)
    if read.problems:
        first = read.problems[0]
        raise ImportRefused(first.source.file if first.source else "", first.message, problems=read.problems)
    found, left = of_catalog(read.catalog, files[0].origin)
    if left:
        raise ImportRefused(files[0].origin, f"{left[0].name}: {left[0].reason}")
    return found


def _again(one: TableSource, to: ImportTarget, force: bool) -> tuple[str, str]:
    """The module and the class of a table that the project has already."""
    path, name = to.tables[one.table.name.lower()]
    if not force:
        what = f"PROJECT has a table {one.table.name!r} already, in {path}"
        raise ImportRefused(one.origin, what, "--force replaces it")
    root = to.root.resolve()
    if not name or not path.resolve().is_relative_to(root / FOLDER):
        hint = "remove it there, and import again"
        raise ImportRefused(one.origin, f"the table {one.table.name!r} of {path} has no module of its own", hint)
    return path.resolve().relative_to(root).as_posix(), name
