"""What to do about a table or view that a query reads and the project does not declare.

The servers that dashgen starts to check queries and to test rules have what `Project(tables=…)` lists, nothing else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from dashgen.model.core.suggestions import did_you_mean
from dashgen.model.project import Project
from dashgen.model.tables.table import TableSchema, table_of

_REFUSED = re.compile(r"table does not exist \[table=(.+?)\]")


def refused_table(message: str) -> str:
    """The table that is missing by QuestDB's own error (seen with 9.3.4), or nothing."""
    found = _REFUSED.search(message)
    return found[1] if found else ""


def advice(name: str, project: Project, others: Iterable[str] = ()) -> str:
    """How the relation comes to be there; `others` are names that are known where it is read, such as those of WITH."""
    if cls := _unlisted(name, project):
        return f"{cls.__module__}.{cls.__qualname__} declares it: list it in Project(tables=(…))"
    known = [relation for cls in project.tables for relation in _relations(table_of(cls))]
    return did_you_mean(name, [*known, *others]) or (
        f'only declared tables are there: declare it (@table(name="{name}") on a class of its columns), or import the'
        " class that its writer has, and list it in Project(tables=(…)); written_by_others=True where others own it"
    )


def _relations(table: TableSchema) -> tuple[str, ...]:
    return (table.name, *(view.name for view in table.views))


def _unlisted(name: str, project: Project) -> type | None:
    """A class among the modules of the specs that declares it, and that the project does not list."""
    return next((cls for cls in _classes(project) if name in _relations(table_of(cls))), None)


def _classes(project: Project) -> Iterator[type]:
    if project.source is None:
        return
    root = Path(project.source.file).parent
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(root):
            for value in list(vars(module).values()):
                if isinstance(value, type) and isinstance(getattr(value, "__table__", None), TableSchema):
                    yield value
