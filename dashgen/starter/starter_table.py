"""A table as a first dashboard and a first alert see it: its moments, its series, and what is measured of them."""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.adopt.source import names
from dashgen.model.tables.column_types import NUMBERS
from dashgen.model.tables.row_constraints import Monotonic
from dashgen.model.tables.table import Column, TableSchema
from dashgen.render.ddl import sql_name

MOST = 4
"""Columns that a first dashboard draws."""


@dataclass(frozen=True, slots=True)
class StarterTable:
    """`module` and `name` are where the table's class is declared: `specs.tables.cpu`, `Cpu`."""

    table: TableSchema
    module: str
    name: str

    @property
    def title(self) -> str:
        words = names.words(self.table.name)
        return " ".join(words).capitalize() if words else self.name

    @property
    def slug(self) -> str:
        """The title as a part of uids."""
        return "-".join(word.lower() for word in names.words(self.table.name))[:30].strip("-") or "table"

    @property
    def sql(self) -> str:
        return sql_name(self.table.name)

    @property
    def moment(self) -> str:
        """The designated timestamp as SQL names it."""
        return sql_name(self.table.designated)

    @property
    def series(self) -> tuple[Column, ...]:
        """The columns that tell series apart; of a table that does not say, its first SYMBOL."""
        table = self.table
        if table.series:
            return tuple(map(table.column, table.series))
        return tuple(column for column in table.columns if column.type == "SYMBOL")[:1]

    @property
    def environment(self) -> Column | None:
        """The dimension `env`, which a viewer chooses by a variable of its own."""
        return next((column for column in self.series if column.name == "env"), None)

    @property
    def labels(self) -> tuple[Column, ...]:
        """What names a series in a legend."""
        return tuple(column for column in self.series if column.name != "env")

    @property
    def measured(self) -> tuple[Column, ...]:
        """Numbers to draw, but no counters: what only grows is drawn by its increase."""
        counters = {rule.fields[0] for rule in self.table.rules if isinstance(rule, Monotonic)}
        keys = {column.name for column in self.series} | set(self.table.dedup)
        return tuple(
            column
            for column in self.table.columns
            if column.family in NUMBERS and column.name not in counters | keys
        )[:MOST]  # fmt: skip

    @property
    def silent_after(self) -> int:
        """Seconds without a row after which somebody should look."""
        return 6 * self.table.write_interval_seconds if self.table.write_interval_seconds else 600

    @property
    def every(self) -> int:
        """Seconds between two rows of a series in demo data and tests."""
        return self.table.write_interval_seconds or 60
