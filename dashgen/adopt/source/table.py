"""The module of a table that QuestDB has: its class, with every column as the server stores it."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import INDENT, AtomCode, CallCode, Code, SequenceCode, TextCode
from dashgen.adopt.source.literals import quoted, width
from dashgen.adopt.source.objects import sql
from dashgen.model.tables.column_types import NEVER_NULL, column_type
from dashgen.model.tables.table import OF_OTHERS
from dashgen.questdb.catalog import CatalogColumn, CatalogTable, CatalogView

_MODULES = {
    "datetime": "datetime", "decimal": "Decimal", "ipaddress": "IPv4Address", "typing": "Annotated", "uuid": "UUID"
}  # fmt: skip
"""The modules that annotations import from, with what each one has."""
_OURS = ("Designated", "MaterializedView", "Stored", "Symbol", "table")
_BUILTINS = frozenset({"bool", "bytes", "float", "int", "list", "str"})
TAKEN = frozenset({*_MODULES.values(), *_OURS, *_BUILTINS})
"""Names that an annotation means something else by."""
_IDENTIFIER = re.compile(r"[^\W\d_]\w*")
_SYMBOL_CAPACITY = 256
_BUCKET = re.compile(r"\bSAMPLE\s+BY\s+([1-9][0-9]*[smhd])\b", re.IGNORECASE)


def class_name(table: str) -> str:
    """`OrderBook` of `order_book`."""
    found = "".join(word[:1].upper() + word[1:] for word in names.words(table)) or "Table"
    if found[0].isdigit() or found in TAKEN or keyword.iskeyword(found):
        return f"{found}Table" if not found[0].isdigit() else f"Table{found}"
    return found


@dataclass(frozen=True, slots=True)
class _Annotated:
    """A column's line: its name in Python, its type, and what is said beside that."""

    attribute: str
    kind: str
    metadata: tuple[str, ...]

    def lines(self, most: int) -> Iterator[str]:
        margin = " " * INDENT
        whole = f"Annotated[{', '.join((self.kind, *self.metadata))}]" if self.metadata else self.kind
        flat = f"{margin}{self.attribute}: {whole}"
        if width(flat) <= most or not self.metadata:
            yield flat
            return
        yield f"{margin}{self.attribute}: Annotated["
        yield from (f"{margin * 2}{one}," for one in (self.kind, *self.metadata))
        yield f"{margin}]"


def source(table: CatalogTable, views: Iterable[CatalogView], name: str, most: int = 88) -> str:
    """The module's source, which declares the table as class `name`, written by others. Lines have `most` columns."""
    given = tuple(views)
    columns = [_annotated(table, *one) for one in zip(table.columns, attributes(table), strict=True)]
    body = "\n".join(line for column in columns for line in column.lines(most))
    decorator = _decorator(table, given).laid_out(0, 1, 0, most)
    words = " ".join(names.words(table.name))
    says = f"The table {words}, which others write." if words else ""
    docstring = f'"""{says if 0 < len(says) < most - 6 else "A table that others write."}"""'
    return f"{docstring}\n\n{_imports(columns, bool(given))}\n\n\n@{decorator}\nclass {name}:\n{body}\n"


def _imports(columns: Iterable[_Annotated], has_views: bool) -> str:
    used = {"table", *(["MaterializedView"] if has_views else [])}
    for column in columns:
        used |= {*re.findall(r"\w+", column.kind), *(one.partition("(")[0] for one in column.metadata)}
        used |= {"Annotated"} if column.metadata else set()
    lines = [f"from {module} import {name}" for module, name in _MODULES.items() if name in used]
    ours = f"from dashgen import {', '.join(one for one in _OURS if one in used)}"
    return "\n".join([*lines, "", ours] if lines else [ours])


def _decorator(table: CatalogTable, views: tuple[CatalogView, ...]) -> CallCode:
    arguments: list[tuple[str, Code]] = [("name", TextCode(table.name))]
    if table.partition_by != "DAY":
        arguments.append(("partition_by", TextCode(table.partition_by)))
    if table.ttl:
        arguments.append(("ttl", TextCode(table.ttl)))
    if table.dedup:
        arguments.append(("dedup", SequenceCode(tuple(map(TextCode, table.dedup)))))
    if not table.wal:
        arguments.append(("wal", AtomCode("False")))
    if views:
        arguments.append(("views", SequenceCode(tuple(_view(one, table.name) for one in views))))
    arguments.append(("written_by_others", AtomCode("True")))
    return CallCode("table", tuple(arguments))


def _view(view: CatalogView, table: str) -> Code:
    arguments: list[tuple[str, Code]] = [("name", TextCode(view.name))]
    if view.base != table:
        arguments.append(("base", TextCode(view.base)))
    if bucket := _BUCKET.findall(view.sql):
        arguments.append(("bucket", TextCode(bucket[-1])))
    if view.partition_by != "DAY":
        arguments.append(("partition_by", TextCode(view.partition_by)))
    if view.ttl:
        arguments.append(("ttl", TextCode(view.ttl)))
    if view.refresh not in ("", "IMMEDIATE"):
        arguments.append(("refresh", TextCode(view.refresh)))
    arguments.append(("sql", sql(view.sql)))
    return CallCode("MaterializedView", tuple(arguments))


def _annotated(table: CatalogTable, column: CatalogColumn, attribute: str) -> _Annotated:
    stored = column_type(column.type)
    dimensions = stored.name.count("[]")
    kind = "list[" * dimensions + "float" + "]" * dimensions if dimensions else stored.kind.__name__
    never_null = column.name in (table.designated, *table.dedup) or stored.family in NEVER_NULL
    metadata = ["Designated()"] if column.name == table.designated else []
    if stored.name == "SYMBOL":
        metadata.append(_symbol(column))
    said = [quoted(stored.name)] if stored.name not in ("SYMBOL", _usual(stored.kind, dimensions)) else []
    said += [f"name={quoted(column.name)}"] if attribute != column.name else []
    metadata += [f"Stored({', '.join(said)})"] if said else []
    return _Annotated(attribute, kind if never_null else f"{kind} | None", tuple(metadata))


def _symbol(column: CatalogColumn) -> str:
    given = [str(column.capacity)] if column.capacity not in (None, _SYMBOL_CAPACITY) else []
    given += [] if column.cached else ["cached=False"]
    given += [f"index={column.index}"] if column.index else []
    return f"Symbol({', '.join(given)})"


def _usual(kind: type, dimensions: int) -> str:
    """What a column of that type in Python is stored as where nothing else is said."""
    return "DOUBLE" + "[]" * dimensions if dimensions else OF_OTHERS[kind]


def attributes(table: CatalogTable) -> tuple[str, ...]:
    """The names of the columns' values in Python: their own where these can be."""
    own = {column.name for column in table.columns if _can_be_named(column.name)}
    taken = set(own)
    found = []
    for column in table.columns:
        name = column.name
        if name not in own:
            made = "_".join(word.lower() for word in names.words(name)) or "column"
            made = f"column_{made}" if made[0].isdigit() else made
            name = names.unique(f"{made}_" if keyword.iskeyword(made) or made in TAKEN else made, taken)
            taken.add(name)
        found.append(name)
    return tuple(found)


def _can_be_named(name: str) -> bool:
    """Whether a class can have it: Python changes what begins with two underscores, and letters that look alike."""
    is_one = _IDENTIFIER.fullmatch(name) is not None and name.isidentifier()
    return is_one and unicodedata.normalize("NFKC", name) == name and name not in TAKEN and not keyword.iskeyword(name)
