"""Declared tables against deployed ones: the statements that bring a server up to date, and what no statement
may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashgen.model.table import MaterializedView, Table
from dashgen.render.ddl import column_definition, create_table, create_view, view_sql

from .errors import QuestDBError
from .http import Client

_HOURS = {"HOUR": 1, "DAY": 24, "WEEK": 168}
_MONTHS = {"MONTH": 1, "YEAR": 12}


@dataclass(frozen=True, slots=True)
class Step:
    """A statement that keeps every row and every view, and why it is needed. `caution` says what else it
    does.
    """

    sql: str
    reason: str
    caution: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A difference that dashgen does not remove, and what a person can do."""

    path: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the server has what is declared."""
        return not self.steps and not self.refusals


def plan(client: Client, tables: Iterable[Table]) -> Plan:
    """Compares; changes nothing. Tables of the server that are not declared are left alone.

    Raises QueryError and ServerError as `Client.query` does.
    """
    comparison = _Comparison(client)
    for table in tables:
        comparison.table(table)
    return Plan(tuple(comparison.steps), tuple(comparison.refusals))


def apply(client: Client, planned: Plan) -> None:
    """Runs the steps in their order. Raises QuestDBError, before any of them, for a plan with refusals."""
    if planned.refusals:
        raise QuestDBError(f"not applied: {len(planned.refusals)} differences need a person")
    for step in planned.steps:
        client.execute(step.sql)
    client.settle()


class _Comparison:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.steps: list[Step] = []
        self.refusals: list[Refusal] = []
        self.deployed = {str(r["table_name"]): r for r in client.query("SELECT * FROM tables()").records()}
        self.views = {str(r["view_name"]): r for r in client.query("materialized_views()").records()}

    def table(self, table: Table) -> None:
        found = self.deployed.get(table.name)
        if found is None:
            self.steps.append(Step(create_table(table), f"{table.name} is not there"))
        elif found["matView"]:
            self.refuse(table.name, "expected a table, got a materialized view", "rename one of them")
            return
        else:
            self.columns(table)
            self.option(table, "partition", table.partition_by, found["partitionBy"])
            self.option(table, "WAL", table.wal, found["walEnabled"])
            self.ttl(f"ALTER TABLE {table.name}", table.name, table.ttl, found)
        for view in table.views:
            self.view(view)

    def columns(self, table: Table) -> None:
        rows = self.client.query(f"table_columns('{table.name}')").records()
        types = {str(row["column"]): str(row["type"]) for row in rows}
        for column in table.columns:
            path = f"{table.name} › {column.name}"
            if column.name not in types:
                if column.name == table.designated:
                    self.refuse(path, "expected the designated timestamp, got no such column", _ANEW)
                    continue
                self.steps.append(
                    Step(
                        f"ALTER TABLE {table.name} ADD COLUMN {column_definition(column)}",
                        f"{path} is not there",
                    )
                )
            elif types[column.name] != column.type:
                self.refuse(path, f"expected {column.type}, got {types[column.name]}", _ANEW)
        declared = {column.name for column in table.columns}
        for name in types:
            if name not in declared:
                self.refuse(
                    f"{table.name} › {name}",
                    "expected no such column, got one",
                    "declare it, or drop it by hand: its values go, and every materialized view of the table"
                    " becomes invalid",
                )
        designated = {str(row["column"]) for row in rows if row["designated"]}
        if designated != {table.designated}:
            self.refuse(
                table.name,
                f"expected {table.designated} as designated timestamp, got {', '.join(designated)}",
                _ANEW,
            )
        keys = {str(row["column"]) for row in rows if row["upsertKey"]}
        if keys == set(table.dedup):
            return
        if table.dedup:
            sql = f"ALTER TABLE {table.name} DEDUP ENABLE UPSERT KEYS({', '.join(table.dedup)})"
            had = ", ".join(sorted(keys)) or "none"
            self.steps.append(
                Step(
                    sql,
                    f"{table.name} has other dedup keys: {had}",
                    "rows that are there already stay as they are",
                )
            )
        else:
            self.refuse(
                table.name,
                f"expected no dedup keys, got {', '.join(sorted(keys))}",
                f"a retry would then double rows; if that is wanted: ALTER TABLE {table.name} DEDUP DISABLE",
            )

    def option(self, table: Table, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.refuse(f"{table.name} › {what}", f"expected {expected}, got {found}", _ANEW)

    def ttl(self, alter: str, name: str, expected: str, found: dict[str, object]) -> None:
        value, unit = found["ttlValue"], str(found["ttlUnit"])
        now = f"{value} {unit}" if value else ""
        wanted, is_now = _length(expected), _length(now)
        if wanted == is_now:
            return
        caution = ""
        if expected and (not now or wanted[0] != is_now[0] or wanted[1] < is_now[1]):
            caution = "rows that are older are dropped at once"
        sql = f"{alter} SET TTL {expected or '0 DAYS'}"
        self.steps.append(Step(sql, f"{name} keeps rows for {now or 'ever'}", caution))

    def view(self, view: MaterializedView) -> None:
        found = self.views.get(view.name)
        if found is None:
            if view.name in self.deployed:
                self.refuse(view.name, "expected a materialized view, got a table", "rename one of them")
            else:
                self.steps.append(Step(create_view(view), f"{view.name} is not there"))
            return
        if found["base_table_name"] != view.base or _words(str(found["view_sql"])) != _words(view_sql(view)):
            self.refuse(
                view.name,
                "expected the declared query, got another",
                "a view can't be altered: give the new one another name, or drop it by hand; its history is"
                " rebuilt from the rows that its base still has",
            )
        if found["view_status"] == "invalid":
            self.refuse(
                view.name,
                f"expected a valid view, got an invalid one ({found['invalidation_reason']})",
                f"it no longer updates; REFRESH MATERIALIZED VIEW {view.name} FULL rebuilds it, without"
                " what its base has dropped",
            )
        self.ttl(f"ALTER MATERIALIZED VIEW {view.name}", view.name, view.ttl, self.deployed[view.name])

    def refuse(self, path: str, message: str, hint: str) -> None:
        self.refusals.append(Refusal(path, message, hint))


_ANEW = "no statement does that in place: create a new table, copy the rows, rename"


def _length(ttl: str) -> tuple[str, int]:
    """In hours or in months, which don't compare: `14 DAY` and `2 WEEKS` are the same."""
    if not ttl:
        return ("hours", 0)
    count, unit = ttl.upper().split()
    unit = unit.removesuffix("S")
    if unit in _MONTHS:
        return ("months", int(count) * _MONTHS[unit])
    return ("hours", int(count) * _HOURS[unit])


def _words(sql: str) -> str:
    return " ".join(sql.split())
