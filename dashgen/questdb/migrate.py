"""Declared tables against deployed ones: the statements that bring a server up to date, and what no statement
may do.

QuestDB's names have no case (9.3.4, seen: a query of `host` returns `host` from a column `Host`, which can't be added
beside it): a name that differs by it only is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dashgen.model.core.counts import counted
from dashgen.model.core.display_path import display_path
from dashgen.model.tables.table import MaterializedView, TableSchema
from dashgen.questdb.catalog import HttpReader, view_records
from dashgen.questdb.errors import QuestDBError
from dashgen.questdb.http import Client
from dashgen.questdb.retention import retention
from dashgen.questdb.ttl import length
from dashgen.render.ddl import column_definition, create_table, create_view, sql_name, view_sql


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """A statement that keeps every view, and why it is needed. `caution` says what else it does; `drops` is the
    number of rows that go at once, because a TTL is shorter than what is stored.
    """

    sql: str
    reason: str
    caution: str = ""
    drops: int = 0


@dataclass(frozen=True, slots=True)
class MigrationRefusal:
    """A difference of a table or view that dashgen does not remove, and what a person can do. `part` is the column or
    option that differs; empty for the whole."""

    relation: str
    message: str
    hint: str
    part: str = ""

    @property
    def path(self) -> str:
        return display_path(self.relation, self.part) if self.part else self.relation


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """`deployed` has the server's own CREATE statements (SHOW CREATE) of what is refused. `left` are the tables that
    others write, for which no step is made, and `differing` is where they are not as declared: the declaration is to
    follow them."""

    steps: tuple[MigrationStep, ...]
    refusals: tuple[MigrationRefusal, ...]
    deployed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    differing: tuple[MigrationRefusal, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the server has what is declared."""
        return not self.steps and not self.refusals and not self.differing

    @property
    def drops(self) -> int:
        """Rows that the steps drop."""
        return sum(step.drops for step in self.steps)


def plan(client: Client, tables: Iterable[TableSchema], *, now: datetime | None = None) -> MigrationPlan:
    """Compares; changes nothing. Tables of the server that are not declared are left alone, as are those that others
    write.

    Raises QueryError and ServerError as `Client.query` does.
    """
    declared = tuple(tables)
    own = tuple(table for table in declared if not table.written_by_others)
    others = tuple(table for table in declared if table.written_by_others)
    comparison = _Comparison(client, own, now or datetime.now(UTC))
    for table in own:
        comparison.table(table)
    return MigrationPlan(
        tuple(comparison.steps),
        tuple(comparison.refusals),
        comparison.shown(),
        tuple(table.name for table in others),
        tuple(difference for table in others for difference in comparison.of_others(table)),
    )


def apply(client: Client, planned: MigrationPlan) -> None:
    """Runs the steps in their order. Raises QuestDBError, before any of them, for a plan with refusals."""
    if planned.refusals:
        refused = counted(len(planned.refusals), "difference needs", "differences need")
        raise QuestDBError(f"not applied: {refused} a change by hand")
    for step in planned.steps:
        client.execute(step.sql)
    client.settle()


class _Comparison:
    def __init__(self, client: Client, declared: tuple[TableSchema, ...], now: datetime) -> None:
        self.client = client
        self.now = now
        self.retention = {found.table.lower(): found for found in retention(client, declared)}
        self.suspended = {
            str(name).lower() for (name,) in client.query("SELECT name FROM wal_tables() WHERE suspended")
        }
        self.steps: list[MigrationStep] = []
        self.refusals: list[MigrationRefusal] = []
        self.deployed = {str(r["table_name"]).lower(): r for r in client.query("SELECT * FROM tables()").records()}
        views = view_records(HttpReader(client), self.deployed.values())
        self.views = {str(r["view_name"]).lower(): r for r in views}

    def table(self, table: TableSchema) -> None:
        found = self.deployed.get(table.name.lower())
        if found is None:
            self.steps.append(MigrationStep(create_table(table), f"{table.name} is not there"))
        elif found["matView"]:
            self.refuse(table.name, "expected a table, got a materialized view", "rename one of them")
            return
        else:
            self.is_alive(table.name)
            self.columns(table)
            self.option(table.name, "partition", table.partition_by, found["partitionBy"])
            self.option(table.name, "WAL", table.wal, found["walEnabled"])
            self.ttl(f"ALTER TABLE {sql_name(table.name)}", table.name, table.ttl)
        for view in table.views:
            self.view(view)

    def of_others(self, table: TableSchema) -> Iterator[MigrationRefusal]:
        """Where a table of others is not as queries were checked against it: what is missing, or of another type. What
        it has beyond that is no difference."""
        found = self.deployed.get(table.name.lower())
        if found is None or found["matView"]:
            got = "none" if found is None else "a materialized view"
            yield MigrationRefusal(table.name, f"expected a table that others create, got {got}", _FOLLOW)
            return
        rows = self.client.query(f"table_columns('{table.name}')").records()
        types = {str(row["column"]).lower(): str(row["type"]) for row in rows}
        for column in table.columns:
            if (got := types.get(column.name.lower(), "no such column")) != column.type:
                yield MigrationRefusal(table.name, f"expected {column.type}, got {got}", _FOLLOW, column.name)
        designated = next((str(row["column"]) for row in rows if row["designated"]), "")
        if designated.lower() != table.designated.lower():
            expected, got = table.designated or "none", designated or "none"
            message = f"expected {expected} as designated timestamp, got {got}"
            yield MigrationRefusal(table.name, message, _FOLLOW)
        keys = {str(row["column"]).lower() for row in rows if row["upsertKey"]}
        if keys != {key.lower() for key in table.dedup}:
            expected, got = ", ".join(sorted(table.dedup)) or "none", ", ".join(sorted(keys)) or "none"
            yield MigrationRefusal(table.name, f"expected the dedup keys {expected}, got {got}", _FOLLOW)
        if table.name.lower() in self.suspended:
            message = "expected a table that takes rows, got one that is suspended"
            yield MigrationRefusal(
                table.name, message, "others own it: tell its owner that its newest rows are not shown"
            )
        for view in table.views:
            there = self.deployed.get(view.name.lower())
            if there is None or not there["matView"]:
                got = "none" if there is None else "a table"
                yield MigrationRefusal(view.name, f"expected a materialized view of others, got {got}", _FOLLOW)

    def columns(self, table: TableSchema) -> None:
        rows = self.client.query(f"table_columns('{table.name}')").records()
        types = {str(row["column"]).lower(): str(row["type"]) for row in rows}
        for column in table.columns:
            there = types.get(column.name.lower())
            if there is None:
                if column.name == table.designated:
                    self.refuse(table.name, "expected the designated timestamp, got no such column", _ANEW, column.name)
                    continue
                self.steps.append(
                    MigrationStep(
                        f"ALTER TABLE {sql_name(table.name)} ADD COLUMN {column_definition(column)}",
                        f"{display_path(table.name, column.name)} is not there",
                    )
                )
            elif there != column.type:
                self.refuse(table.name, f"expected {column.type}, got {there}", _ANEW, column.name)
        declared = {column.name.lower() for column in table.columns}
        for name in (str(row["column"]) for row in rows):
            if name.lower() not in declared:
                self.refuse(
                    table.name,
                    "expected no such column, got one",
                    "declare it, or drop it by hand: its values go, and every materialized view of the table"
                    " becomes invalid",
                    name,
                )
        designated = [str(row["column"]) for row in rows if row["designated"]]
        if [name.lower() for name in designated] != [table.designated.lower()]:
            self.refuse(
                table.name,
                f"expected {table.designated} as designated timestamp, got {', '.join(designated)}",
                _ANEW,
            )
        keys = {str(row["column"]).lower() for row in rows if row["upsertKey"]}
        if keys == {key.lower() for key in table.dedup}:
            return
        if table.dedup:
            upserted = ", ".join(map(sql_name, table.dedup))
            sql = f"ALTER TABLE {sql_name(table.name)} DEDUP ENABLE UPSERT KEYS({upserted})"
            had = ", ".join(sorted(keys)) or "none"
            self.steps.append(
                MigrationStep(
                    sql,
                    f"{table.name} has other dedup keys: {had}",
                    "rows that are there already stay as they are",
                )
            )
        else:
            self.refuse(
                table.name,
                f"expected no dedup keys, got {', '.join(sorted(keys))}",
                f"a retry would then duplicate rows; to accept that: ALTER TABLE {table.name} DEDUP DISABLE",
            )

    def is_alive(self, name: str) -> None:
        if name.lower() in self.suspended:
            self.refuse(
                name,
                "expected a table that takes rows, got one that is suspended",
                f"free the disk or fix the cause of its error (wal_tables()), then: ALTER TABLE {name} RESUME WAL",
            )

    def option(self, relation: str, name: str, expected: object, found: object) -> None:
        if expected != found:
            self.refuse(relation, f"expected {expected}, got {found}", _ANEW, name)

    def ttl(self, alter: str, name: str, expected: str) -> None:
        found = self.retention[name.lower()]
        if length(expected) == length(found.ttl):
            return
        gone = found.dropped_by(expected, self.now)
        caution = ""
        if gone:
            caution = f"drops {counted(sum(p.rows for p in gone), 'row')} at once: {gone[0].name} to {gone[-1].name}"
        sql = f"{alter} SET TTL {expected or '0 DAYS'}"
        self.steps.append(
            MigrationStep(
                sql,
                f"{name} keeps rows {'for ' + found.ttl if found.ttl else 'without a TTL'}",
                caution,
                sum(p.rows for p in gone),
            )
        )

    def view(self, view: MaterializedView) -> None:
        found = self.views.get(view.name.lower())
        if found is None:
            if view.name.lower() in self.deployed:
                self.refuse(view.name, "expected a materialized view, got a table", "rename one of them")
            else:
                self.steps.append(MigrationStep(create_view(view), f"{view.name} is not there"))
            return
        if str(found["base_table_name"]).lower() != view.base.lower() or _words(str(found["view_sql"])) != _words(
            view_sql(view)
        ):
            self.refuse(
                view.name,
                "expected the declared query, got another",
                "a view can't be altered: name the new one differently, or drop the old one by hand; its history is"
                " rebuilt from the rows that its base still has",
            )
        if found["view_status"] == "invalid":
            self.refuse(
                view.name,
                f"expected a valid view, got an invalid one ({found['invalidation_reason']})",
                f"it no longer updates; REFRESH MATERIALIZED VIEW {view.name} FULL rebuilds it, without"
                " what its base has dropped",
            )
        self.is_alive(view.name)
        if found["refresh_type"] != "immediate":
            sql = f"ALTER MATERIALIZED VIEW {sql_name(view.name)} SET REFRESH IMMEDIATE"
            how = "by hand (manual)" if found["refresh_type"] == "manual" else f"by {found['refresh_type']}"
            self.steps.append(MigrationStep(sql, f"{view.name} is refreshed {how}, not as rows arrive"))
        self.option(view.name, "partition", view.partition_by, self.deployed[view.name.lower()]["partitionBy"])
        self.ttl(f"ALTER MATERIALIZED VIEW {sql_name(view.name)}", view.name, view.ttl)

    def shown(self) -> tuple[str, ...]:
        """What the server says of the tables and views with refusals, in the order of those."""
        names = dict.fromkeys(refusal.relation for refusal in self.refusals)
        kinds = {name: "MATERIALIZED VIEW" if self.deployed[name.lower()]["matView"] else "TABLE" for name in names}
        return tuple(
            str(self.client.query(f"SHOW CREATE {kind} {sql_name(name)}").value).strip() for name, kind in kinds.items()
        )

    def refuse(self, relation: str, message: str, hint: str, part: str = "") -> None:
        self.refusals.append(MigrationRefusal(relation, message, hint, part))


_FOLLOW = "others own it, so nothing is run for it: let the declaration say what the server has"
_ANEW = "no statement does that in place: create a new table, copy the rows, rename"


def _words(sql: str) -> str:
    return " ".join(sql.split())
