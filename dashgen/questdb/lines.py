"""How the rows of one table become lines of the InfluxDB line protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from dashgen.model.table import Table

Writer = Callable[[Callable[..., Any], object], None]
"""Takes a buffer's method `row` and a row of the table."""


@cache
def writer(table: Table) -> Writer:
    """Compiled for the table: names that are literals make it twice as fast as dictionaries made from lists.

    Raises ValueError for a table without dedup keys. A value that is None is left out by the client.
    """
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
