"""Why a SELECT does not see a column that is there: what it is called, and where."""

from __future__ import annotations

from dashgen.sql.ast import Column, Select
from dashgen.sql.lineage import Schema, of_source


def advice(select: Select, name: str, qualifier: str, known: Schema) -> str:
    """What to write for a column that a SELECT can't read under this name; empty where no such column is near."""
    if alias := _renamed(select, name):
        return f"the query that FROM reads calls it {alias}: write {alias}"
    if not qualifier:
        own = (item.alias.lower() for item in select.items if item.alias_span is not None)
        if name.lower() in own:
            return f"{name} is an alias of the same SELECT, which can't read it: name it in a query that FROM reads"
        return ""
    for source in select.sources:
        called = source.alias or source.name
        if called and any(True for _ in of_source(source, name, known)):
            return f"{called} has it: write {called}.{name}"
    return ""


def _renamed(select: Select, name: str) -> str:
    """What a query in FROM calls the column that it reads by that name."""
    for source in select.sources:
        for item in source.rows.selects[0].items if source.rows else ():
            if isinstance(item.expression, Column) and item.expression.name.lower() == name.lower():
                return item.alias
    return ""
