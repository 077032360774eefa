"""Tables: one declaration from which DDL, validation, ingestion, demo data and the data dictionary follow.

    @table(name="daemon_metrics", ttl="90 DAYS", dedup=("timestamp", "host", "env"), write_interval="10s")
    class DaemonMetrics:
        timestamp: Annotated[datetime, Designated()]
        host: Annotated[str, Symbol(1024), Len(1, 255)]
        fetch_count: Annotated[int, Ge(0), Doc("Fetches since the start.")]

The class becomes a frozen, keyword-only pydantic dataclass: building one validates it, strictly (no "1" for
1). What QuestDB must know about it is in `table_of(DaemonMetrics)`. Bounds are those of `annotated_types`,
which pydantic reads.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Address
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, dataclass_transform, get_args, get_origin
from typing import get_type_hints as type_hints
from uuid import UUID

import annotated_types as at
from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as validated
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from dashgen.model.core.display_path import display_path
from dashgen.model.core.durations import Duration
from dashgen.model.core.problems import Problem, Source, here, report
from dashgen.model.core.suggestions import did_you_mean, nearest_or_all
from dashgen.model.tables import column_bounds
from dashgen.model.tables.column_types import (
    BY_UPPER,
    INTEGERS,
    MOMENTS,
    NEVER_NULL,
    NUMBERS,
    WRITTEN,
    StoredType,
    column_type,
    family,
)
from dashgen.model.tables.row_constraints import Kind, NotAfter, RowRule, SequenceRule, all_hold

Partition = Literal["NONE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]
Rule = RowRule | SequenceRule

LONG_MIN, LONG_MAX = -(2**63) + 1, 2**63 - 1
"""The values of a LONG. -2**63 is QuestDB's null."""

OF_OTHERS: dict[type, str] = {
    **WRITTEN, Decimal: "DECIMAL(18,3)", UUID: "UUID", IPv4Address: "IPv4", bytes: "BINARY"
}  # fmt: skip
"""By the type in Python, what a table that others write has, unless `Stored` says it."""
_NOT_WRITTEN = {
    "Decimal": "DECIMAL", "UUID": "UUID", "IPv4Address": "IPv4", "date": "DATE", "bytes": "BINARY",
    "list": "DOUBLE[]", "tuple": "DOUBLE[]", "ndarray": "DOUBLE[]",
}  # fmt: skip
"""Types of Python by name whose column QuestDB has, and dashgen does not create or fill."""
_BY_OTHERS = "a table that others create and write has columns of all types: written_by_others=True"
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_TABLE_NAME = re.compile(r"(?![ .])(?!.*\.\.)[^\x00-\x0f\x7f%'\"()*+,/:?\\~\ufeff]{1,127}(?<![ .])")
_COLUMN_NAME = re.compile(r"[^\x00-\x0f\x7f%'\"()*+,./:?\\~\ufeff-]{1,127}")
"""What QuestDB 9.3.4 takes between double quotes (seen; tests/questdb/test_column_types.py)."""
_TTL = re.compile(r"([1-9][0-9]*) ?(HOUR|DAY|WEEK|MONTH|YEAR)S?", re.IGNORECASE)
_MEASURED = MOMENTS | {"FLOAT", "DOUBLE", "DECIMAL", "DOUBLE[]"}
"""Families of columns that tell no series from another."""
_HOURS = {"HOUR": 1, "DAY": 24, "WEEK": 168}
_MONTHS = {"MONTH": 1, "YEAR": 12}


@dataclass(frozen=True, slots=True)
class Designated:
    """Marks the designated timestamp, by which QuestDB orders and partitions the table: `Annotated[datetime,
    Designated()]`.
    """


@dataclass(frozen=True, slots=True)
class Symbol:
    """Stores a text column as SYMBOL: `host: Annotated[str, Symbol(1024)]`.

    For texts with few distinct values: QuestDB stores each value once, and compares and groups integers.
    """

    capacity: int = 256
    """Expected number of distinct values, a power of two: `capacity=1024`. QuestDB increases it when it is exceeded."""
    cached: bool = True
    """Whether QuestDB keeps the values in memory. `cached=False` is NOCACHE, for tables with `written_by_others`."""
    index: int = 0
    """Capacity of the index blocks, a power of two, for tables with `written_by_others`: `index=256`. 0: no index."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Type and name in QuestDB of a column of a table with `written_by_others`: `price: Annotated[Decimal,
    Stored("DECIMAL(18,4)")]`.

    A column without it has the QuestDB type of its Python type, and the name of its field.
    """

    type: str = ""
    """Type of the column, as in CREATE TABLE, in upper or lower case: `Stored("INT")`. Empty: the type of its Python
    type."""
    name: str = ""
    """Name of the column, if it is not a valid name in Python: `class_: Annotated[int, Stored(name="class")]`."""


@dataclass(frozen=True, slots=True)
class Doc:
    """What a column means: `jobs: Annotated[int, Doc("Jobs since the start.")]`."""

    text: str
    """What the column means, for the data dictionary."""
    unit: str = ""
    """Unit of the values, a Grafana unit or any text: `unit="ms"`."""


@dataclass(frozen=True, slots=True)
class Column:
    """`capacity`, `cached` and `index` are of a SYMBOL only. `nullable` is the model's word: in QuestDB all but
    BOOLEAN, BYTE, SHORT and the designated timestamp can be null. `choices` are the only values, where they are listed;
    `minimum` and `maximum` are the bounds of a number (inclusive), `lengths` those of a text in characters. `custom`
    says that there is more to a value, which only building a row can judge. `python_name` is the attribute of a row
    that holds the value, where it is not `name`.
    """

    name: str
    type: str
    capacity: int | None = None
    nullable: bool = False
    doc: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    lengths: tuple[int, int | None] | None = None
    custom: bool = False
    cached: bool = True
    index: int = 0
    python_name: str = ""

    @property
    def attribute(self) -> str:
        """The name of its value in a row of Python."""
        return self.python_name or self.name

    @property
    def family(self) -> str:
        """Its type without what stands in brackets: `DECIMAL`."""
        return family(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterializedView:
    """A materialized view over one table, refreshed as rows arrive.

    `MaterializedView(name="t_1m", bucket="1m", sql="SELECT ts, max(x) AS x FROM t SAMPLE BY 1m")`
    """

    name: str
    """Name of the view: small letters, digits and `_`."""
    bucket: str = ""
    """Bucket width, as in SAMPLE BY: `bucket="1m"`. Panels that read the view use at least this width. Only a view of a
    table with `written_by_others` may have none."""
    sql: str
    """The query of the view, with `SAMPLE BY` and without window functions: QuestDB accepts a window function, but its
    results are wrong at the boundary of each refresh."""
    ttl: str = ""
    """How long rows are kept: a number of `HOURS`, `DAYS`, `WEEKS`, `MONTHS` or `YEARS`, a multiple of the partition.
    `ttl="1 YEAR"`. Empty: no TTL, rows are never dropped."""
    partition_by: Partition = "DAY"
    """The time unit of partitions, which QuestDB stores and drops as a whole."""
    doc: str = ""
    """Purpose of the view, for the data dictionary."""
    base: str = ""
    """Name of the base table, set by the table that lists the view. A view of a table with `written_by_others` may name
    a view that is listed before it."""
    refresh: str = ""
    """Refresh clause of a view of a table with `written_by_others`, as after REFRESH in CREATE MATERIALIZED VIEW:
    `refresh="EVERY 10m"`. Empty: as rows arrive."""

    @property
    def bucket_seconds(self) -> int:
        return whole_seconds(self.bucket) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """What QuestDB is told. `ttl` is `90 DAYS` or empty (rows stay), `designated` a column's name (empty for a table of
    others that has none), `dedup` the upsert keys with the designated timestamp first, `write_interval_seconds` None
    where rows come as events occur.
    """

    name: str
    columns: tuple[Column, ...]
    designated: str
    partition_by: Partition
    ttl: str
    dedup: tuple[str, ...]
    write_interval_seconds: int | None
    views: tuple[MaterializedView, ...]
    rules: tuple[Rule, ...]
    doc: str
    wal: bool
    source: Source | None = None
    series_columns: tuple[str, ...] | None = None
    """What `series` of `@table` names; None where the table says nothing."""
    written_by_others: bool = False
    """Whether the table belongs to others: queries are checked against it; nothing creates, alters or writes it."""

    @property
    def identity(self) -> tuple[str, ...]:
        """The dedup key without the designated timestamp: what tells apart the rows of one moment."""
        return tuple(name for name in self.dedup if name != self.designated)

    @property
    def series(self) -> tuple[str, ...]:
        """The columns that tell one series from another: those that the table names, else the identity of its rows,
        else none where that is one of events."""
        if self.series_columns is not None:
            return self.series_columns
        return () if self._key_is_of_events else self.identity

    @property
    def has_events(self) -> bool:
        """Whether each row is an event of its own (a trade, an order), of which a series has several at one moment."""
        return not set(self.identity) <= set(self.series)

    @property
    def _key_is_of_events(self) -> bool:
        """Whether the dedup key has a measured value, or an id where dimensions are SYMBOLs. Rules from row to row are
        about series: where there are some, the key names them."""
        if any(isinstance(rule, SequenceRule) for rule in self.rules):
            return False
        keys = frozenset(self.identity)
        dimensions = {c.name for c in self.columns if c.type == "SYMBOL"}
        flags = {c.name for c in self.columns if c.type == "BOOLEAN" or c.choices}
        others = [c for c in self.columns if c.name in keys - dimensions - flags]
        if any(column.family in _MEASURED for column in others):
            return True
        return bool(others) and (bool(dimensions) or self.write_interval_seconds is None)  # `sensor: int` is a series

    @property
    def intervals(self) -> dict[str, int]:
        """Seconds between rows of a series, by the table's name and those of its views (whose rows are at least a
        bucket apart). What has no declared interval is not in it."""
        own = self.write_interval_seconds or 0
        found = {self.name: own, **{view.name: max(view.bucket_seconds, own) for view in self.views}}
        return {name: length for name, length in found.items() if length}

    def column(self, name: str) -> Column:
        """Raises KeyError for a column that is not there."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


Row = TypeVar("Row")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def table(
    *,
    name: str,
    dedup: tuple[str, ...] = (),
    series: tuple[str, ...] | None = None,
    write_interval: str | None = None,
    partition_by: Partition = "DAY",
    ttl: str = "",
    wal: bool = True,
    views: tuple[MaterializedView, ...] = (),
    rules: tuple[Rule, ...] = (),
    written_by_others: bool = False,
) -> Callable[[type[Row]], type[Row]]:
    """Declares the decorated class as a table: `@table(name="daemon_metrics", ttl="90 DAYS")`.

    Errors in the declaration are reported with their location.

    Args:
        name: Name of the table in QuestDB: small letters, digits and `_`.
        dedup: The DEDUP UPSERT KEYS, the designated timestamp first. Of rows with equal keys QuestDB keeps the last
            one, so that a writer's retry duplicates nothing. `dedup=("timestamp", "host", "env")`.
        series: The columns that identify a series, for the checks of LATEST ON, window functions, first and last:
            `series=("symbol",)`. None: all columns of `dedup` except the timestamp, or no column if `dedup` identifies
            an event (it contains a price, an amount or a trade's id).
        write_interval: Interval at which a writer adds a row per series. Panels take their minimum interval from it:
            `write_interval="10s"`. None: a table of events, whose rows can arrive at any time.
        partition_by: The time unit of partitions, which QuestDB stores and drops as a whole.
        ttl: How long rows are kept: a number of `HOURS`, `DAYS`, `WEEKS`, `MONTHS` or `YEARS`, a multiple of the
            partition. `ttl="90 DAYS"`. Empty: no TTL, rows are never dropped.
        wal: Whether the table has a write-ahead log (WAL), which deduplication and materialized views need.
        views: Materialized views over the table.
        rules: Constraints between the columns of a row, or between consecutive rows of a series.
        written_by_others: True: another system creates and writes the table. Queries are checked against the
            declaration; dashgen does not create, alter, fill or drop the table. Columns can have any QuestDB type
            (`Stored`), and names any characters.
    """
    source = here()
    caller = sys._getframe(1)

    def declare(cls: type[Row]) -> type[Row]:
        hints = type_hints(cls, localns=dict(caller.f_locals), include_extras=True)
        own = {key: hints[key] for key in inspect.get_annotations(cls)}
        declared = _Declaration(name, source, others=written_by_others is True)
        declared.options(partition_by=partition_by, wal=wal)
        declared.flag("written_by_others", written_by_others)
        upserted = declared.tuple_of("dedup", dedup, str, 'dedup=("timestamp", "host")')
        listed_views = declared.tuple_of("views", views, MaterializedView, "views=(MaterializedView(…),)")
        listed_rules = declared.tuple_of("rules", rules, (RowRule, SequenceRule), "rules=(NotAfter(…),)")
        columns = tuple(c for key, hint in own.items() if (c := declared.column(key, hint)) is not None)
        described = TableSchema(
            name=name,
            columns=columns,
            designated=declared.designated(own),
            partition_by=partition_by,
            ttl=declared.ttl(ttl, partition_by, "ttl"),
            dedup=upserted,
            write_interval_seconds=None
            if write_interval is None
            else declared.duration(write_interval, "write_interval", "None for rows that come as events occur"),
            views=tuple(replace(v, base=declared.base(v), ttl=declared.view(v)) for v in listed_views),
            rules=listed_rules,
            doc=inspect.cleandoc(cls.__doc__) if cls.__doc__ else "",
            wal=wal,
            source=source,
            series_columns=series,
            written_by_others=declared.others,
        )
        declared.whole(described)
        unjudged = declared.unusable | declared.unbounded
        cls.__annotations__ = {key: Any if key in unjudged else _validated(hint) for key, hint in own.items()}
        known = {column.name for column in columns}
        row_rules = tuple(r for r in listed_rules if isinstance(r, RowRule) and known.issuperset(r.fields))
        if row_rules:
            cls._check_rules = _rules_validator(row_rules)  # type: ignore[attr-defined]  # pydantic collects it
        config = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")
        made = validated(frozen=True, kw_only=True, slots=True, config=config)(cls)
        for key in own.keys() - unjudged:
            declared.default(key, made, cls.__annotations__[key], config)
        made.__table__ = described  # type: ignore[attr-defined]  # read back by table_of
        return cast("type[Row]", made)

    return declare


def table_of(cls: type) -> TableSchema:
    """Returns the table schema of a class that `@table` declared. Raises TypeError for any other class.

    Args:
        cls: The class that `@table` decorates.
    """
    found = getattr(cls, "__table__", None)
    if not isinstance(found, TableSchema):
        raise TypeError(f"{cls.__qualname__} is not a table: it was not declared with @table")
    return found


def unchecked(cls: type[Row], **values: Any) -> Row:
    """Makes a row without validation, for tests that need an invalid one: `unchecked(WorkerMetrics, jobs=-1)`.

    It is an instance of a subclass, which distinguishes it from validated rows. It equals a validated row with the same
    values.

    Args:
        cls: The class of the row, declared with `@table`.
        values: Values by column name. Missing columns get their default, or None. TypeError is raised for a name that
            is no column's.
    """
    row: Row = object.__new__(_unchecked_class(validated_class(cls)))
    for item in fields(cls):  # type: ignore[arg-type]  # a @table class is a dataclass, which its type can't show
        default = None if item.default is MISSING else item.default
        object.__setattr__(row, item.name, values.pop(item.name, default))
    if values:
        raise TypeError(f"{cls.__qualname__} has no column {', '.join(sorted(values))}")
    return row


def values_of(row: object) -> dict[str, Any]:
    """The values of a row of a declared table, by column."""
    return {column.name: getattr(row, column.attribute) for column in table_of(type(row)).columns}


def validated_class(cls: type) -> type:
    """The declared class, for it and for the one that its `unchecked` rows are of."""
    return cls.__base__ if issubclass(cls, _Unchecked) and cls.__base__ is not None else cls


class _Unchecked:
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        cls = validated_class(type(self))
        if not isinstance(other, cls):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(cls))

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, f.name) for f in fields(validated_class(type(self)))))


@cache
def _unchecked_class(cls: type) -> type:
    made = type(cls.__name__, (cls, _Unchecked), {"__slots__": (), "__module__": cls.__module__})
    made.__eq__, made.__hash__ = _Unchecked.__eq__, _Unchecked.__hash__  # type: ignore[assignment,method-assign]  # over the dataclass's
    return made


def _rules_validator(rules: tuple[RowRule, ...]) -> object:
    holds = all_hold(rules)

    def check_rules(row: Any) -> Any:
        if holds(row):
            return row
        for rule in rules:
            if fault := rule.check(row):
                context = {"field": fault.field, "message": fault.message}
                raise PydanticCustomError("row_rule", "{field}: {message}", context)
        return row

    return model_validator(mode="after")(check_rules)


def _validated(hint: object) -> object:
    """The annotation with what every column of its type must hold: LONG's 64 bits, UTC.

    Both are judged by pydantic's core: a function of Python for each would halve the speed.
    """
    kind, _, metadata = _taken_apart(hint)
    if kind is int and not any(isinstance(item, _Choices) for item in metadata):
        named = next((item.type for item in metadata if isinstance(item, Stored)), "")
        low, high = INTEGERS.get(named.strip().upper(), (LONG_MIN, LONG_MAX))
        if not any(isinstance(item, at.Ge | at.Gt | at.Interval) for item in metadata):
            hint = Annotated[hint, at.Ge(low)]
        if not any(isinstance(item, at.Le | at.Lt | at.Interval) for item in metadata):
            hint = Annotated[hint, at.Le(high)]
        return hint
    if kind is datetime:
        return Annotated[hint, _InUtc()]
    return hint


@dataclass(frozen=True, slots=True)
class _InUtc:
    """A datetime whose offset is 0, whatever its time zone is called."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler(source)
        if schema["type"] == "nullable":
            return core_schema.nullable_schema(self._narrowed(schema["schema"]))
        return self._narrowed(schema)

    @staticmethod
    def _narrowed(schema: Any) -> CoreSchema:
        narrowed = schema | {"tz_constraint": 0}
        if not schema.keys() <= {"type", "strict", "microseconds_precision"}:
            return cast("CoreSchema", narrowed)  # bounds of the author have messages of their own
        message = "expected a datetime in UTC"
        return core_schema.custom_error_schema(narrowed, custom_error_type="utc", custom_error_message=message)


def _taken_apart(hint: object) -> tuple[type | None, bool, tuple[object, ...]]:
    """Python type, whether None is allowed, and all metadata, at whatever depth it stands."""
    metadata: tuple[object, ...] = ()
    nullable = False
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            inner, *extras = get_args(hint)
            hint, metadata = inner, (*extras, *metadata)
        elif origin in (Union, UnionType):
            others = [arg for arg in get_args(hint) if arg is not NoneType]
            nullable = nullable or len(others) < len(get_args(hint))
            if len(others) != 1:
                return None, nullable, metadata
            hint = others[0]
        elif origin is Literal:
            kinds = {type(value) for value in get_args(hint)}
            metadata = (*metadata, _Choices(tuple(map(str, get_args(hint)))))
            return (kinds.pop() if len(kinds) == 1 else None), nullable, metadata
        elif depth := _dimensions(hint):
            return list, nullable, (*metadata, _Dimensions(depth))
        else:
            return (hint if isinstance(hint, type) else None), nullable, metadata


def _dimensions(hint: object) -> int:
    """1 for `list[float]`, 2 for `list[list[float]]`; 0 for what is no array of numbers."""
    depth = 0
    while get_origin(hint) is list:
        (hint,) = get_args(hint)
        depth += 1
    return depth if hint is float else 0


@dataclass(frozen=True, slots=True)
class _Dimensions:
    count: int


@dataclass(frozen=True, slots=True)
class _Choices:
    values: tuple[str, ...]


def whole_seconds(duration: object) -> int | None:
    """The length of `10s`, `1m`, `1h` or `1d`; None for anything else."""
    found = Duration.read(duration, ("s", "m", "h", "d"))
    return int(found.seconds) or None if found else None


class _Declaration:
    """Judges what was handed to `@table`, and reports it under the table's name."""

    def __init__(self, name: str, source: Source | None, *, others: bool = False) -> None:
        self.name = name
        self.source = source
        self.others = others
        self.listed: list[str] = []
        """The views so far."""
        self.unusable: set[str] = set()
        self.unbounded: set[str] = set()
        """Columns whose bounds can't be meant: their values are not judged."""
        self.identifier(name, "name")

    def wrong(self, what: str, message: str, hint: str = "") -> None:
        field = "views" if what.startswith("view ") else what
        report(Problem(display_path(self.name, what), message, hint, self.source, field=field))

    def tuple_of(self, what: str, given: Any, kind: type | tuple[type, ...], hint: str) -> Any:
        """What was given as an option that takes several; none of it where it is of another form."""
        if isinstance(given, tuple) and all(isinstance(one, kind) for one in given):
            return given
        self.wrong(what, f"expected a tuple, got {given!r:.80}", hint)
        return ()

    def options(self, *, partition_by: object, wal: object = True, what: str = "") -> None:
        """What only a type checker would refuse; `what` is the view that it is given for."""
        if partition_by not in get_args(Partition):
            known = ", ".join(map(repr, get_args(Partition)))
            self.wrong(what or "partition_by", f"expected a partition of {known}, got {partition_by!r}")
        self.flag("wal", wal)

    def flag(self, what: str, given: object) -> None:
        if not isinstance(given, bool):
            self.wrong(what, f"expected True or False, got {given!r}")

    def identifier(self, text: object, what: str, form: re.Pattern[str] = _TABLE_NAME) -> None:
        if self.others:
            if not isinstance(text, str) or not form.fullmatch(text):
                self.wrong(what, f"expected a name that QuestDB can have, got {text!r}")
        elif not isinstance(text, str) or not _IDENTIFIER.fullmatch(text):
            self.wrong(what, f"expected a plain name (a-z, 0-9, _), got {text!r}", "SQL then never needs to quote it")

    def column(self, attribute: str, hint: object) -> Column | None:
        kind, nullable, metadata = _taken_apart(hint)
        stored = next((item for item in metadata if isinstance(item, Stored)), Stored())
        name = stored.name or attribute
        self.identifier(name, attribute, _COLUMN_NAME)
        if stored.name and not self.others:
            self.wrong(attribute, f"expected a column of its Python name, got {stored.name!r}", _BY_OTHERS)
        found = self.type_of(attribute, hint, kind, metadata, stored)
        if kind is None or found is None:
            self.unusable.add(attribute)
            return None
        python_name = attribute if name != attribute else ""
        column = self.bounded(
            attribute, kind, metadata, Column(name, found, nullable=nullable, python_name=python_name)
        )
        if column.type in NEVER_NULL and nullable:
            missing = "false" if column.type == "BOOLEAN" else "0"
            self.wrong(
                attribute,
                f"expected a {column.type} without None, got one with it",
                f"QuestDB stores a missing one as {missing}",
            )
        return column

    def type_of(
        self, name: str, hint: object, kind: type | None, metadata: tuple[object, ...], stored: Stored
    ) -> str | None:
        """The type that the column is stored as; None, which was reported, where there is none."""
        dimensions = next((item.count for item in metadata if isinstance(item, _Dimensions)), 0)
        usual = {**OF_OTHERS, list: "DOUBLE" + "[]" * dimensions} if self.others else WRITTEN
        if kind not in usual:
            self.not_a_column(name, hint, kind, usual)
            return None
        if not stored.type:
            return usual[kind]
        named = self.named_type(name, stored)
        if named is None:
            return None
        if not self.others and named.name not in {*WRITTEN.values()}:
            what = "Symbol()" if named.name == "SYMBOL" else "a type that dashgen writes"
            self.wrong(name, f"expected {what}, got {stored.type!r}", _BY_OTHERS)
            return None
        if named.kind is not kind or dimensions != named.name.count("[]"):
            expected, got = _called(named.kind, named.name.count("[]")), _called(kind, dimensions)
            self.wrong(name, f"expected {expected} for {named.name}, got {got}")
            return None
        return named.name

    def named_type(self, name: str, stored: Stored) -> StoredType | None:
        try:
            if not isinstance(stored.type, str):
                raise ValueError(f"expected a type of QuestDB, got {stored.type!r}")
            return column_type(stored.type)
        except ValueError as error:
            given = str(stored.type).partition("(")[0].strip().upper()
            names = sorted(BY_UPPER.values())
            hint = "" if given in BY_UPPER else did_you_mean(given, names) or f"QuestDB has {', '.join(names)}"
            self.wrong(name, str(error), hint)
            return None

    def not_a_column(self, name: str, hint: object, kind: type | None, usual: dict[type, str]) -> None:
        named = getattr(kind or get_origin(hint), "__name__", "")
        if named in _NOT_WRITTEN and not self.others:
            self.wrong(
                name,
                f"expected a type that dashgen writes, got {named}, QuestDB's {_NOT_WRITTEN[named]}",
                f"it writes SYMBOL, {', '.join(WRITTEN.values())}: use float for a DECIMAL, str for a UUID or an IPv4; "
                f"{_BY_OTHERS}",
            )
            return
        expected = ", ".join("list[float]" if one is list else one.__name__ for one in usual)
        self.wrong(
            name, f"expected one of {expected} (or a Literal of text), got {hint}", "QuestDB's types are made of these"
        )

    def symbol(self, name: str, kind: type, column: Column, given: Symbol) -> Column:
        sizes = [("symbol capacity", given.capacity, "Symbol(256)")]
        if given.index != 0:
            sizes.append(("index capacity", given.index, "Symbol(index=256)"))
        if kind is not str:
            self.wrong(name, f"expected a text column for Symbol(), got {kind.__name__}")
        elif column.type not in ("VARCHAR", "SYMBOL"):
            self.wrong(name, f"expected SYMBOL as the type of a Symbol(), got {column.type}")
        for what, value, example in sizes if kind is str else ():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1 or value & (value - 1):
                self.wrong(name, f"expected a power of two as {what}, got {value!r}", example)
                return column
        self.flag(name, given.cached)
        if not self.others and (given.index or not given.cached):
            self.wrong(name, "expected neither an index nor cached=False, got one", _BY_OTHERS)
        return replace(column, type="SYMBOL", capacity=given.capacity, cached=bool(given.cached), index=given.index)

    def bounded(self, name: str, kind: type, metadata: tuple[object, ...], column: Column) -> Column:
        """The column with what its metadata say."""
        for one in column_bounds.wrong(kind, metadata):
            self.wrong(name, one.message, one.hint)
            self.unbounded.add(name)
        for item in metadata:
            match item:
                case Symbol():
                    column = self.symbol(name, kind, column, item)
                case Stored() | _Dimensions():
                    pass
                case Designated():
                    if kind is not datetime or column.type == "DATE":
                        got = kind.__name__ if kind is not datetime else column.type
                        self.wrong(name, f"expected a datetime as designated timestamp, got {got}")
                    elif column.nullable:
                        self.wrong(name, "expected a designated timestamp that is never null, got one with None")
                case Doc(text, unit):
                    column = replace(column, doc=text, unit=unit)
                case _Choices(values):
                    column = replace(column, choices=values)
                case at.Interval(gt=None, lt=None):
                    column = _narrowed(_narrowed(column, low=item.ge), high=item.le)
                case at.Ge():
                    column = _narrowed(column, low=item.ge)
                case at.Le():
                    column = _narrowed(column, high=item.le)
                case at.Len():
                    column = replace(column, lengths=(item.min_length, item.max_length))
                case _:
                    column = replace(column, custom=True)
        return column

    def default(self, name: str, made: type, hint: Any, config: ConfigDict) -> None:
        """Judges the default of a column by what its values must be: pydantic trusts it."""
        default = next(item.default for item in fields(made) if item.name == name)
        if default is MISSING:
            return
        try:
            TypeAdapter(hint, config=config).validate_python(default)
        except ValidationError as error:
            why = error.errors()[0]["msg"]
            self.wrong(name, f"expected a default that a row may have, got {default!r}: {why[:1].lower()}{why[1:]}")

    def designated(self, hints: dict[str, object]) -> str:
        found = []
        for attribute, hint in hints.items():
            metadata = _taken_apart(hint)[2]
            if any(isinstance(item, Designated) for item in metadata):
                found.append(next((m.name for m in metadata if isinstance(m, Stored) and m.name), attribute))
        if self.others and len(found) > 1:
            self.wrong("designated timestamp", f"expected one column with Designated(), got {', '.join(found)}")
        elif not self.others and len(found) != 1:
            self.wrong(
                "designated timestamp",
                f"expected exactly one column with Designated(), got {', '.join(found) or 'none'}",
                "timestamp: Annotated[datetime, Designated(), Doc('…')]",
            )
        return found[0] if found else ""

    def duration(self, text: object, what: str, hint: str = "") -> int:
        seconds = whole_seconds(text)
        if seconds is None:
            self.wrong(what, f"expected a duration such as 10s, 1m or 1h, got {text!r}", hint)
        return seconds or 0

    def ttl(self, text: object, partition: Partition, what: str) -> str:
        """In the canonical form: `90 DAYS`, `1 YEAR`."""
        if text == "":
            return ""
        match = _TTL.fullmatch(text) if isinstance(text, str) else None
        if not match:
            self.wrong(
                what, f"expected a number and HOURS, DAYS, WEEKS, MONTHS or YEARS, got {text!r}", "such as '90 DAYS'"
            )
            return ""
        count, unit = int(match[1]), match[2].upper()
        if partition in get_args(Partition) and not _whole_partitions(count, unit, partition):
            self.wrong(
                what,
                f"expected a multiple of the partition ({partition}), got {text!r}",
                "QuestDB drops whole partitions",
            )
        return f"{count} {unit}{'' if count == 1 else 'S'}"

    def base(self, view: MaterializedView) -> str:
        """What a view is over: the table, or a view of others that is listed before it."""
        before = [self.name, *self.listed]
        self.listed.append(view.name)
        if not self.others or not view.base:
            return self.name
        if view.base not in before:
            hint = nearest_or_all(view.base, before, "there is")
            self.wrong(f"view {view.name}", f"expected the table or a view before it as base, got {view.base!r}", hint)
        return view.base

    def view(self, view: MaterializedView) -> str:
        """Judges a view and returns its TTL in the canonical form."""
        what = f"view {view.name}"
        self.identifier(view.name, what)
        self.options(partition_by=view.partition_by, what=what)
        if self.others and not view.bucket:
            return self.ttl(view.ttl, view.partition_by, what)
        self.duration(view.bucket, what)
        if view.refresh and not self.others:
            self.wrong(what, f"expected a view that is refreshed as rows arrive, got refresh={view.refresh!r}")
        if not re.search(rf"\bSAMPLE\s+BY\s+{re.escape(view.bucket)}(?!\w)", view.sql, re.IGNORECASE):
            self.wrong(what, f"expected SAMPLE BY {view.bucket} in its SQL, got {' '.join(view.sql.split())!r}")
        if not self.others and re.search(r"\bOVER\s*\(", view.sql, re.IGNORECASE):
            self.wrong(
                what,
                "expected no window function, got OVER (…)",
                "QuestDB accepts it, and loses a difference at the edge of every refresh",
            )
        return self.ttl(view.ttl, view.partition_by, what)

    def whole(self, table: TableSchema) -> None:
        """What spans columns and options."""
        known = {column.name for column in table.columns}
        for key in table.dedup:
            if key not in known | self.unusable:
                self.wrong(
                    "dedup",
                    f"expected a column of the table, got {key!r}",
                    nearest_or_all(key, known, "it has"),
                )
        if len(set(table.dedup)) < len(table.dedup):
            self.wrong("dedup", f"expected each column once, got {', '.join(table.dedup)}")
        if table.dedup and table.designated and table.dedup[0] in known - {table.designated}:
            self.wrong("dedup", f"expected the designated timestamp first, got {table.dedup[0]!r}")
        if table.dedup and not table.wal:
            self.wrong("dedup", "expected wal=True, got False", "QuestDB deduplicates only tables with a WAL")
        if table.views and not table.wal:
            self.wrong("views", "expected wal=True, got False", "a materialized view needs a base with a WAL")
        if self.others and not table.designated and (table.partition_by != "NONE" or table.wal):
            self.wrong(
                "designated timestamp",
                "expected a column with Designated(), as the table has partitions or a WAL, got none",
                "partition_by='NONE', wal=False where the table has no designated timestamp",
            )
        elif table.partition_by == "NONE" and table.wal:
            self.wrong("partition_by", "expected a partition for a table with a WAL, got 'NONE'")
        for rule in table.rules:
            for field, kind in zip(rule.fields, rule.kinds, strict=True):
                if field in self.unusable:
                    continue
                if field not in known:
                    self.wrong(
                        "rules",
                        f"expected a column of the table, got {field!r} in {type(rule).__name__}",
                        nearest_or_all(field, known, "it has"),
                    )
                elif (column := table.column(field)).python_name:
                    self.wrong("rules", f"expected a column of its Python name, got {field!r} in {type(rule).__name__}")
                elif wanted := _unlike(kind, column):
                    got = f"{column.type}{' or null' if column.nullable else ''}"
                    self.wrong("rules", f"expected {wanted} as {field!r} in {type(rule).__name__}, got {got}")
            if isinstance(rule, NotAfter) and known.issuperset(rule.fields):
                first, second = (table.column(field).family for field in rule.fields)
                if first != second and not {first, second} <= NUMBERS:
                    self.wrong("rules", f"expected columns that compare in NotAfter, got {first} and {second}")
            if isinstance(rule, SequenceRule) and not (table.dedup or table.series_columns):
                self.wrong(
                    "rules",
                    f"expected dedup keys for {type(rule).__name__}, got none",
                    "they name the series",
                )
        self.series(table, known)
        names = [table.name, *(view.name for view in table.views)]
        if len({n.lower() for n in names if isinstance(n, str)}) < len(names):
            self.wrong("views", f"expected each name once, got {', '.join(map(str, names))}")
        columns = [column.name for column in table.columns]
        if len({name.lower() for name in columns}) < len(columns):
            self.wrong("columns", f"expected each name once in whatever case, got {', '.join(columns)}")

    def series(self, table: TableSchema, known: set[str]) -> None:
        """What the table names as its series."""
        named = table.series_columns
        if named is None:
            return
        if not isinstance(named, tuple) or not all(isinstance(name, str) for name in named):
            self.wrong("series", f"expected a tuple of column names, got {named!r}", 'series=("symbol",)')
            return
        for name in named:
            if name == table.designated:
                self.wrong("series", f"expected no designated timestamp, got {name!r}", "a series goes along it")
            elif name not in known | self.unusable:
                hint = nearest_or_all(name, known, "it has")
                self.wrong("series", f"expected a column of the table, got {name!r}", hint)
            elif name in known and (column := table.column(name)).family in _MEASURED:
                hint = "a series is told from another by a name or an id"
                self.wrong("series", f"expected a column that names a series, got {name!r}, a {column.type}", hint)
        if len(set(named)) < len(named):
            self.wrong("series", f"expected each column once, got {', '.join(named)}")


def _called(kind: type, dimensions: int) -> str:
    """`list[list[float]]`, `int`."""
    return f"{'list[' * dimensions}float{']' * dimensions}" if dimensions else kind.__name__


def _unlike(kind: Kind, column: Column) -> str:
    """What a rule needs instead of the column; empty where it is right."""
    if kind == "flag" and column.type != "BOOLEAN":
        return "a BOOLEAN column"
    if kind == "number" and column.family not in NUMBERS:
        return "a number"
    if kind == "counter" and (column.family not in NUMBERS or column.nullable):
        return "a number that is never null"
    return ""


def _whole_partitions(count: int, unit: str, partition: Partition) -> bool:
    """As QuestDB 9.3.4 accepts them: months fit any partition up to a month, days fit none from a month
    on.
    """
    if partition == "NONE":
        return False
    if unit in _MONTHS:
        months = 12 if partition == "YEAR" else 1
        return count * _MONTHS[unit] % months == 0
    hours = _HOURS.get(partition)
    return hours is not None and count * _HOURS[unit] % hours == 0


def _narrowed(column: Column, low: object = None, high: object = None) -> Column:
    """The column with a further bound, if it is one of a number."""
    if isinstance(low, int | float):
        column = replace(column, minimum=low if column.minimum is None else max(column.minimum, low))
    if isinstance(high, int | float):
        column = replace(column, maximum=high if column.maximum is None else min(column.maximum, high))
    return column
