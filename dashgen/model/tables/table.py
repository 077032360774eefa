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
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, dataclass_transform, get_args, get_origin
from typing import get_type_hints as type_hints

import annotated_types as at
from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as validated
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from dashgen.model.core.display_path import display_path
from dashgen.model.core.durations import Duration
from dashgen.model.core.problems import Problem, Source, here, report
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.tables import column_bounds
from dashgen.model.tables.row_constraints import Kind, NotAfter, RowRule, SequenceRule, all_hold

ColumnType = Literal["TIMESTAMP", "SYMBOL", "VARCHAR", "LONG", "DOUBLE", "BOOLEAN"]
Partition = Literal["NONE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]
Rule = RowRule | SequenceRule

LONG_MIN, LONG_MAX = -(2**63) + 1, 2**63 - 1
"""The values of a LONG. -2**63 is QuestDB's null."""

_TYPES: dict[type, ColumnType] = {
    datetime: "TIMESTAMP",
    str: "VARCHAR",
    int: "LONG",
    float: "DOUBLE",
    bool: "BOOLEAN",
}
_NOT_WRITTEN = {
    "Decimal": "DECIMAL", "UUID": "UUID", "IPv4Address": "IPv4", "date": "DATE", "bytes": "BINARY",
    "list": "DOUBLE[]", "tuple": "DOUBLE[]", "ndarray": "DOUBLE[]",
}  # fmt: skip
"""Types of Python by name whose column QuestDB has, and dashgen does not create or fill."""
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_TTL = re.compile(r"([1-9][0-9]*) ?(HOUR|DAY|WEEK|MONTH|YEAR)S?", re.IGNORECASE)
_HOURS = {"HOUR": 1, "DAY": 24, "WEEK": 168}
_MONTHS = {"MONTH": 1, "YEAR": 12}
_NUMBERS = {"LONG", "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Designated:
    """Marks the designated timestamp, by which QuestDB orders and partitions the table: `Annotated[datetime,
    Designated()]`.
    """


@dataclass(frozen=True, slots=True)
class Symbol:
    """Stores a text column as SYMBOL: `host: Annotated[str, Symbol(1024)]`.

    For texts of which few are distinct: QuestDB keeps each once, and compares and groups numbers.
    """

    capacity: int = 256
    """Number of distinct values that are expected, a power of two: `capacity=1024`. QuestDB grows it when it is
    exceeded."""


@dataclass(frozen=True, slots=True)
class Doc:
    """What a column means: `jobs: Annotated[int, Doc("Jobs since the start.")]`."""

    text: str
    """What the column means, for the data dictionary."""
    unit: str = ""
    """Unit of the values, one of Grafana's or a plain word: `unit="ms"`."""


@dataclass(frozen=True, slots=True)
class Column:
    """`capacity` is set for SYMBOL only. `nullable` is the model's word: in QuestDB all but BOOLEAN and the
    designated timestamp can be null. `choices` are the only values, where they are listed; `minimum` and
    `maximum` are the bounds of a number (inclusive), `lengths` those of a text in characters. `custom` says that
    there is more to a value, which only building a row can judge.
    """

    name: str
    type: ColumnType
    capacity: int | None = None
    nullable: bool = False
    doc: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    lengths: tuple[int, int | None] | None = None
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterializedView:
    """A materialized view over one table, refreshed as rows arrive.

    `MaterializedView(name="t_1m", bucket="1m", sql="SELECT ts, max(x) AS x FROM t SAMPLE BY 1m")`
    """

    name: str
    """Name of the view: small letters, digits and `_`."""
    bucket: str
    """Width of the buckets, as SAMPLE BY has it: `bucket="1m"`. Panels that read the view have no smaller ones."""
    sql: str
    """The query over the table, with `SAMPLE BY` and without window functions: QuestDB takes one and loses a difference
    at each refresh."""
    ttl: str = ""
    """How long rows are kept: a number of `HOURS`, `DAYS`, `WEEKS`, `MONTHS` or `YEARS`, a multiple of the partition.
    `ttl="1 YEAR"`. Empty: for ever."""
    partition_by: Partition = "DAY"
    """The span of time that QuestDB stores, and drops, together."""
    doc: str = ""
    """What the view is for, for the data dictionary."""
    base: str = ""
    """Name of the table, filled in by the table that lists the view."""

    @property
    def bucket_seconds(self) -> int:
        return whole_seconds(self.bucket) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """What QuestDB is told. `ttl` is `90 DAYS` or empty (rows stay), `designated` a column's name, `dedup`
    the upsert keys with the designated timestamp first, `write_interval_seconds` None where rows come as events occur.
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
        if any(column.type in ("DOUBLE", "TIMESTAMP") for column in others):
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
) -> Callable[[type[Row]], type[Row]]:
    """Makes the class below it a table: `@table(name="daemon_metrics", ttl="90 DAYS")`.

    What is wrong with the declaration is reported, with its place.

    Args:
        name: Name of the table in QuestDB: small letters, digits and `_`.
        dedup: The upsert keys, the designated timestamp first: of rows that agree in them QuestDB keeps the last, so
            that a writer's retry doubles nothing. `dedup=("timestamp", "host", "env")`.
        series: The columns that tell one series from another, for the checks of LATEST ON, window functions, first and
            last: `series=("symbol",)`. None: all of `dedup` but the timestamp; where that identifies an event (a price,
            an amount or a trade's id is in it), none.
        write_interval: How often a writer adds a row per series, from which panels get their minimum interval:
            `write_interval="10s"`. None: a table of events, of which nothing is assumed when rows come.
        partition_by: The span of time that QuestDB stores, and drops, together.
        ttl: How long rows are kept: a number of `HOURS`, `DAYS`, `WEEKS`, `MONTHS` or `YEARS`, a multiple of the
            partition. `ttl="90 DAYS"`. Empty: for ever.
        wal: Whether writes go through a log first, which deduplication and views need.
        views: Materialized views over the table.
        rules: What must hold between the columns of a row, or from row to row.
    """
    source = here()
    caller = sys._getframe(1)

    def declare(cls: type[Row]) -> type[Row]:
        hints = type_hints(cls, localns=dict(caller.f_locals), include_extras=True)
        own = {key: hints[key] for key in inspect.get_annotations(cls)}
        declared = _Declaration(name, source)
        declared.options(partition_by=partition_by, wal=wal)
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
            views=tuple(replace(v, base=name, ttl=declared.view(v)) for v in listed_views),
            rules=listed_rules,
            doc=inspect.cleandoc(cls.__doc__) if cls.__doc__ else "",
            wal=wal,
            source=source,
            series_columns=series,
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
    """What was declared with `@table`. Raises TypeError for any other class.

    Args:
        cls: The class below the decorator.
    """
    found = getattr(cls, "__table__", None)
    if not isinstance(found, TableSchema):
        raise TypeError(f"{cls.__qualname__} is not a table: it was not declared with @table")
    return found


def unchecked(cls: type[Row], **values: Any) -> Row:
    """A row that nothing validates, for tests that need a bad one: `unchecked(WorkerMetrics, jobs=-1)`.

    It is of a subclass, by which a row that was validated is known from one that was not; it equals a
    validated row of the same values.

    Args:
        cls: The declared class that the row is of.
        values: Values by column. Columns that are left out get their default, or None.
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
    return {column.name: getattr(row, column.name) for column in table_of(type(row)).columns}


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
        if not any(isinstance(item, at.Ge | at.Gt | at.Interval) for item in metadata):
            hint = Annotated[hint, at.Ge(LONG_MIN)]
        if not any(isinstance(item, at.Le | at.Lt | at.Interval) for item in metadata):
            hint = Annotated[hint, at.Le(LONG_MAX)]
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
        else:
            return (hint if isinstance(hint, type) else None), nullable, metadata


@dataclass(frozen=True, slots=True)
class _Choices:
    values: tuple[str, ...]


def whole_seconds(duration: object) -> int | None:
    """The length of `10s`, `1m`, `1h` or `1d`; None for anything else."""
    found = Duration.read(duration, ("s", "m", "h", "d"))
    return int(found.seconds) or None if found else None


class _Declaration:
    """Judges what was handed to `@table`, and reports it under the table's name."""

    def __init__(self, name: str, source: Source | None) -> None:
        self.name = name
        self.source = source
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
        if not isinstance(wal, bool):
            self.wrong("wal", f"expected True or False, got {wal!r}")

    def identifier(self, text: object, what: str) -> None:
        if not isinstance(text, str) or not _IDENTIFIER.fullmatch(text):
            self.wrong(what, f"expected a plain name (a-z, 0-9, _), got {text!r}", "SQL then never needs to quote it")

    def column(self, name: str, hint: object) -> Column | None:
        self.identifier(name, name)
        kind, nullable, metadata = _taken_apart(hint)
        if kind not in _TYPES:
            expected = ", ".join(t.__name__ for t in _TYPES)
            named = getattr(kind or get_origin(hint), "__name__", "")
            if named in _NOT_WRITTEN:
                self.wrong(
                    name,
                    f"expected a type that dashgen writes, got {named}, QuestDB's {_NOT_WRITTEN[named]}",
                    f"it writes {', '.join(dict.fromkeys(('SYMBOL', *_TYPES.values())))}: a column of another "
                    "type can't be declared yet; use float for a DECIMAL, str for a UUID or an IPv4",
                )
            else:
                self.wrong(
                    name,
                    f"expected one of {expected} (or a Literal of text), got {hint}",
                    "QuestDB's types are made of these",
                )
            self.unusable.add(name)
            return None
        column = Column(name, _TYPES[kind], nullable=nullable)
        for one in column_bounds.wrong(kind, metadata):
            self.wrong(name, one.message, one.hint)
            self.unbounded.add(name)
        for item in metadata:
            match item:
                case Symbol(capacity):
                    if kind is not str:
                        self.wrong(name, f"expected a text column for Symbol(), got {kind.__name__}")
                    elif not isinstance(capacity, int) or capacity < 1 or capacity & (capacity - 1):
                        self.wrong(name, f"expected a power of two as symbol capacity, got {capacity!r}", "Symbol(256)")
                        continue
                    column = replace(column, type="SYMBOL", capacity=capacity)
                case Designated():
                    if kind is not datetime:
                        self.wrong(name, f"expected a datetime as designated timestamp, got {kind.__name__}")
                    elif nullable:
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
        if kind is bool and nullable:
            self.wrong(
                name,
                "expected a BOOLEAN without None, got one with it",
                "QuestDB stores a missing one as false",
            )
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
        found = [
            name for name, hint in hints.items() if any(isinstance(item, Designated) for item in _taken_apart(hint)[2])
        ]
        if len(found) != 1:
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

    def view(self, view: MaterializedView) -> str:
        """Judges a view and returns its TTL in the canonical form."""
        what = f"view {view.name}"
        self.identifier(view.name, what)
        self.options(partition_by=view.partition_by, what=what)
        self.duration(view.bucket, what)
        if not re.search(rf"\bSAMPLE\s+BY\s+{re.escape(view.bucket)}(?!\w)", view.sql, re.IGNORECASE):
            self.wrong(what, f"expected SAMPLE BY {view.bucket} in its SQL, got {' '.join(view.sql.split())!r}")
        if re.search(r"\bOVER\s*\(", view.sql, re.IGNORECASE):
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
        if table.partition_by == "NONE" and table.wal:
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
                elif wanted := _unlike(kind, column := table.column(field)):
                    got = f"{column.type}{' or null' if column.nullable else ''}"
                    self.wrong("rules", f"expected {wanted} as {field!r} in {type(rule).__name__}, got {got}")
            if isinstance(rule, NotAfter) and known.issuperset(rule.fields):
                first, second = (table.column(field).type for field in rule.fields)
                if first != second and not {first, second} <= _NUMBERS:
                    self.wrong("rules", f"expected columns that compare in NotAfter, got {first} and {second}")
            if isinstance(rule, SequenceRule) and not (table.dedup or table.series_columns):
                self.wrong(
                    "rules",
                    f"expected dedup keys for {type(rule).__name__}, got none",
                    "they name the series",
                )
        self.series(table, known)
        names = [table.name, *(view.name for view in table.views)]
        if len(set(names)) < len(names):
            self.wrong("views", f"expected each name once, got {', '.join(names)}")

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
            elif name in known and (column := table.column(name)).type in ("DOUBLE", "TIMESTAMP"):
                hint = "a series is told from another by a name or an id"
                self.wrong("series", f"expected a column that names a series, got {name!r}, a {column.type}", hint)
        if len(set(named)) < len(named):
            self.wrong("series", f"expected each column once, got {', '.join(named)}")


def _unlike(kind: Kind, column: Column) -> str:
    """What a rule needs instead of the column; empty where it is right."""
    if kind == "flag" and column.type != "BOOLEAN":
        return "a BOOLEAN column"
    if kind == "number" and column.type not in _NUMBERS:
        return "a number"
    if kind == "counter" and (column.type not in _NUMBERS or column.nullable):
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
