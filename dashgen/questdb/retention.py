"""How long rows stay: what TTL will drop next, and dropping by hand where a server has no TTL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashgen.model.tables.table import TableSchema
from dashgen.questdb.catalog import HttpReader, view_records
from dashgen.questdb.http import Client
from dashgen.questdb.ttl import drop_moment
from dashgen.render.ddl import sql_name


@dataclass(frozen=True, slots=True)
class Partition:
    """`name` is QuestDB's (`2026-01-31`), `size` bytes on disk, `oldest` and `newest` the moments of its
    rows.
    """

    name: str
    rows: int
    size: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Retention:
    """One deployed table or materialized view. `ttl` is what the server has (`90 DAY`, empty without one),
    `declared` what it should have.

    TTL drops the oldest partition (`next_drop`) first, when all of it is older than the TTL, counted from the
    newest row or from now, whichever is earlier; the newest partition always stays. `views` are the
    materialized views that a drop by hand would make invalid; TTL does not. `base` is the table that a view is
    over, empty for a table. Of one that others write (`written_by_others`) dashgen drops nothing.
    """

    table: str
    ttl: str
    declared: str
    partition_by: str
    partitions: tuple[Partition, ...]
    views: tuple[str, ...] = ()
    base: str = ""
    written_by_others: bool = False

    @property
    def rows(self) -> int:
        return sum(partition.rows for partition in self.partitions)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(partition.size for partition in self.partitions)

    @property
    def next_drop(self) -> Partition | None:
        return self.partitions[0] if self.ttl and len(self.partitions) > 1 else None

    @property
    def next_drop_at(self) -> datetime | None:
        """The moment that the clock and the newest row must have reached for `next_drop` to go."""
        partition = self.next_drop
        if partition is None or partition.oldest is None:
            return None
        return drop_moment(partition.oldest, self.partition_by, self.ttl)

    def dropped_by(self, ttl: str, now: datetime) -> tuple[Partition, ...]:
        """The partitions that another TTL would drop at once."""
        newest = self.partitions[-1].newest if self.partitions else None
        if newest is None:
            return ()
        reached = min(now, newest)
        found = []
        for partition in self.partitions[:-1]:
            moment = drop_moment(partition.oldest, self.partition_by, ttl) if partition.oldest else None
            if moment is not None and moment <= reached:
                found.append(partition)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Drop:
    """What a drop by hand would do. Nothing is done before `execute` is given its `sql`."""

    sql: str
    partitions: tuple[Partition, ...]
    warning: str


def retention(client: Client, tables: Iterable[TableSchema]) -> tuple[Retention, ...]:
    """The deployed ones of the tables, each followed by its views. Names that differ by case are the same. Raises
    QueryError and ServerError as `Client.query` does.
    """
    relations = client.query("SELECT table_name, ttlValue, ttlUnit, partitionBy, matView FROM tables()").records()
    found = {
        str(row["table_name"]).lower(): (
            f"{row['ttlValue']} {row['ttlUnit']}" if row["ttlValue"] else "",
            str(row["partitionBy"]),
        )
        for row in relations
    }
    views = sorted(
        (str(row["view_name"]), str(row["base_table_name"])) for row in view_records(HttpReader(client), relations)
    )
    shown = []
    for table in tables:
        others = table.written_by_others
        if table.name.lower() in found:
            ttl, partition_by = found[table.name.lower()]
            over = tuple(view for view, base in views if base.lower() == table.name.lower())
            partitions = _partitions(client, table.name)
            shown.append(
                Retention(table.name, ttl, table.ttl, partition_by, partitions, over, written_by_others=others)
            )
        for view in table.views:
            if view.name.lower() in found:
                ttl, partition_by = found[view.name.lower()]
                partitions = _partitions(client, view.name)
                shown.append(
                    Retention(
                        view.name, ttl, view.ttl, partition_by, partitions, base=table.name, written_by_others=others
                    )
                )
    return tuple(shown)


def drop_before(deployed: Retention, moment: datetime) -> Drop | None:
    """The drop of all partitions whose rows are all older than `moment`; None when there is none, for a view, and for a
    table that others write.

    Partitions are named one by one: `DROP PARTITION WHERE timestamp < …` would also take the one in which the
    moment falls. The newest partition stays.
    """
    old = tuple(p for p in deployed.partitions[:-1] if p.newest is not None and p.newest < moment)
    if not old or deployed.base or deployed.written_by_others:
        return None
    names = ", ".join(f"'{partition.name}'" for partition in old)
    warning = ""
    if deployed.views:
        views = ", ".join(deployed.views)
        warning = (
            f"this makes {views} invalid: they stop updating until REFRESH MATERIALIZED VIEW … FULL, which"
            " also deletes what they keep of the dropped rows; a TTL does not"
        )
    return Drop(f"ALTER TABLE {sql_name(deployed.table)} DROP PARTITION LIST {names}", old, warning)


def _partitions(client: Client, table: str) -> tuple[Partition, ...]:
    facts = "name, numRows, diskSize, minTimestamp, maxTimestamp"
    # A declared name has no quote in it.
    sql = f"SELECT {facts} FROM table_partitions('{table}') WHERE attached ORDER BY minTimestamp"  # noqa: S608
    answer = client.query(sql)
    return tuple(
        Partition(
            str(name),
            rows if isinstance(rows, int) else 0,
            size if isinstance(size, int) else 0,
            oldest if isinstance(oldest, datetime) else None,
            newest if isinstance(newest, datetime) else None,
        )
        for name, rows, size, oldest, newest in answer
    )
