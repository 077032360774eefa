"""How the rows of one table become lines of the InfluxDB line protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from dashgen.model.tables.table import TableSchema

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The earliest designated timestamp: of earlier ones QuestDB 9.3.4 says "not allowed", and its client takes none."""

Writer = Callable[[Callable[..., Any], object], None]
"""Takes a buffer's method `row` and a row of the table."""


@cache
def writer(table: TableSchema) -> Writer:
    """Compiled for the table: names that are literals make it more than twice as fast as dictionaries made from lists
    (352 against 847 ns a row of `daemon_metrics`).

    Raises ValueError for a table without dedup keys, and for one that others write. A value that is None is left out by
    the client.
    """
    if table.written_by_others:
        raise ValueError(f"expected a table that dashgen writes, got {table.name}, whose rows others write")
    if not table.dedup:
        raise ValueError(f"expected dedup keys on {table.name}, got none: a batch that is sent again would double")
    symbols = (c.name for c in table.columns if c.type == "SYMBOL")
    others = (c.name for c in table.columns if c.type != "SYMBOL" and c.name != table.designated)
    source = (
        f"lambda add, row: add({table.name!r}, symbols={_dictionary(symbols)}, columns={_dictionary(others)},"
        f" at=row.{table.designated})"
    )
    made: Writer = eval(source, {})  # noqa: S307 - the names are plain identifiers, which `@table` sees to
    return made


def _dictionary(names: Iterable[str]) -> str:
    return "{" + ", ".join(f"{name!r}: row.{name}" for name in names) + "}"


def unsendable(table: TableSchema, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Columns whose value fits its type and still can't be sent, each with the reason: the client raises at it, or the
    server rejects the request that it is in (seen with QuestDB 9.3.4 and its client 6.0.0).

    A NUL is refused in a SYMBOL only; in a VARCHAR the server stores it.
    """
    for column in table.columns:
        value = values.get(column.name)
        if isinstance(value, str) and column.type in ("SYMBOL", "VARCHAR"):
            if not value.isascii() and (at := _lone_surrogate(value)) is not None:
                yield (
                    column.name,
                    f"expected text without lone surrogates, got {value[at]!r} at {at} of {_short(value)}",
                )
            elif column.type == "SYMBOL" and "\0" in value:
                yield column.name, f"expected a SYMBOL without NUL characters, got {_short(value)}"
        elif column.name == table.designated and isinstance(value, datetime) and value < EPOCH:
            yield column.name, f"expected a designated timestamp that is not before 1970, got {value}"


def _lone_surrogate(text: str) -> int | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _short(text: str) -> str:
    return repr(text) if len(text) <= 100 else f"{text[:100]!r}…"
