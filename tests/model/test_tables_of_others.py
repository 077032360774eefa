"""Tables that others create and write: columns of every type, names of any letters, nothing that dashgen writes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest

from dashgen.model.core.problems import SpecError, collecting
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.column_types import column_type
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.row_constraints import Monotonic
from dashgen.model.tables.rows import validate_rows
from dashgen.model.tables.table import Designated, MaterializedView, Stored, Symbol, table, table_of, values_of
from dashgen.questdb.lines import writer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@table(name="Order Book", written_by_others=True, partition_by="HOUR", dedup=("Ts", "class"))
class Book:
    """Orders."""

    ts: Annotated[datetime, Designated(), Stored("timestamp_ns", name="Ts")]
    class_: Annotated[str, Symbol(512, cached=False, index=64), Stored(name="class")]
    level: Annotated[int, Stored("byte")]
    price: Annotated[Decimal, Stored("decimal( 18 , 4 )")]
    order: UUID | None
    peer: IPv4Address | None
    cell: Annotated[str | None, Stored("geohash(25b)")]
    depth: list[list[float]] | None
    raw: bytes | None
    day: Annotated[datetime | None, Stored("DATE")]


def test_columns_have_any_type_and_name() -> None:
    described = table_of(Book)
    assert described.written_by_others
    assert described.designated == "Ts"
    assert [(c.name, c.attribute, c.type) for c in described.columns] == [
        ("Ts", "ts", "TIMESTAMP_NS"),
        ("class", "class_", "SYMBOL"),
        ("level", "level", "BYTE"),
        ("price", "price", "DECIMAL(18,4)"),
        ("order", "order", "UUID"),
        ("peer", "peer", "IPv4"),
        ("cell", "cell", "GEOHASH(5c)"),
        ("depth", "depth", "DOUBLE[][]"),
        ("raw", "raw", "BINARY"),
        ("day", "day", "DATE"),
    ]
    symbol = described.column("class")
    assert (symbol.capacity, symbol.cached, symbol.index) == (512, False, 64)
    assert described.series == ("class",)


def row(**changed: Any) -> Book:
    values: dict[str, Any] = {
        "ts": NOON, "class_": "a", "level": 1, "price": Decimal("1.5"), "order": None, "peer": IPv4Address("10.0.0.1"),
        "cell": None, "depth": [[1.0]], "raw": b"x", "day": None,
    }  # fmt: skip
    return Book(**{**values, **changed})


def test_rows_are_judged_by_their_types() -> None:
    assert values_of(row())["class"] == "a"
    for wrong in ({"level": 128}, {"price": 1.5}, {"peer": "10.0.0.1"}, {"depth": [1.0]}, {"class_": None}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            row(**wrong)
    (late,) = validate_rows([row()], now=datetime(2025, 1, 1, tzinfo=UTC))
    assert (late.table, late.field) == ("Order Book", "Ts")


def test_nothing_writes_them() -> None:
    with pytest.raises(
        ValueError, match="expected a table that dashgen writes, got Order Book, whose rows others write"
    ):
        writer(table_of(Book))


def test_a_table_without_a_designated_timestamp() -> None:
    @table(name="names", written_by_others=True, partition_by="NONE", wal=False)
    class Names:
        id: Annotated[int, Stored("INT")]

    assert table_of(Names).designated == ""
    with pytest.raises(SpecError, match="demo of names: names has no designated timestamp"):
        Demo(table=table_of(Names), series=lambda given: 1, columns={}, every="1m")
    with pytest.raises(TypeError, match="names has no designated timestamp: its rows have no order to be judged in"):
        validate_rows([Names(id=1)], now=NOON)


def test_views_of_others_may_be_over_views_and_of_any_kind() -> None:
    first = MaterializedView(name="Hour", refresh="EVERY 10m", sql='SELECT "Ts", last(x) OVER () FROM t SAMPLE BY 1M')
    second = MaterializedView(name="Day", bucket="1d", base="Hour", sql="SELECT * FROM Hour SAMPLE BY 1d")

    @table(name="T", written_by_others=True, views=(first, second))
    class T:
        Ts: Annotated[datetime, Designated()]

    assert [(v.base, v.bucket_seconds) for v in table_of(T).views] == [("T", 0), ("Hour", 86400)]
    assert table_of(T).intervals == {"Day": 86400}


def wrong(hint: Any, *, others: bool = True, **options: Any) -> tuple[tuple[str, str, str], ...]:
    """What is said of a table `bad` with a column `c` of that annotation."""
    with collecting(Path(__file__).parent) as collector:
        annotations = {"ts": Annotated[datetime, Designated()], "c": hint}
        cls = type("Bad", (), {"__annotations__": annotations, "__module__": __name__})
        table(**{"name": "bad", "written_by_others": others, **options})(cls)
    return tuple((p.path, p.message, p.hint) for p in collector.problems)


BY_OTHERS = "a table that others create and write has columns of all types: written_by_others=True"


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (Annotated[int, Stored("INTT")], "expected a type of QuestDB, got 'INTT'"),
        (Annotated[int, Stored("interval")], "expected a type of QuestDB, got 'interval'"),
        (Annotated[int, Stored("INT(4)")], "expected INT, got 'INT(4)'"),
        (Annotated[int, Stored(7)], "expected a type of QuestDB, got 7"),  # type: ignore[arg-type]  # what is tried
        (Annotated[str, Stored("INT")], "expected int for INT, got str"),
        (Annotated[list[float], Stored("DOUBLE[][]")], "expected list[list[float]] for DOUBLE[][], got list[float]"),
        (Annotated[float, Stored("DOUBLE[]")], "expected list[float] for DOUBLE[], got float"),
        (
            Annotated[list[float], Stored("INT[]")],
            "expected DOUBLE[] with at most 32 dimensions, got 'INT[]'",
        ),
        (Annotated[str, Stored("GEOHASH")], "expected GEOHASH(5c) or GEOHASH(31b), got 'GEOHASH'"),
        (
            Annotated[str, Stored("GEOHASH(61b)")],
            "expected GEOHASH(1c) to GEOHASH(12c), or GEOHASH(1b) to GEOHASH(60b), got 'GEOHASH(61b)'",
        ),
        (
            Annotated[Decimal, Stored("DECIMAL(77,1)")],
            "expected DECIMAL(precision,scale) with 76 digits at most, got 'DECIMAL(77,1)'",
        ),
        (Annotated[int | None, Stored("SHORT")], "expected a SHORT without None, got one with it"),
        (bool | None, "expected a BOOLEAN without None, got one with it"),
        (Annotated[str, Stored("CHAR"), Symbol()], "expected SYMBOL as the type of a Symbol(), got CHAR"),
        (Annotated[str, Symbol(index=3)], "expected a power of two as index capacity, got 3"),
        (Annotated[str, Symbol(cached="no")], "expected True or False, got 'no'"),  # type: ignore[arg-type]  # as above
        (Annotated[int, Stored(name="a.b")], "expected a name that QuestDB can have, got 'a.b'"),
        (Annotated[int, Stored(name='a"b')], "expected a name that QuestDB can have, got 'a\"b'"),
    ],
)
def test_columns_of_others_that_are_wrong(hint: Any, message: str) -> None:
    assert [(path, said) for path, said, _ in wrong(hint)] == [("bad › c", message)]


def test_a_misspelt_type_is_suggested() -> None:
    assert wrong(Annotated[str, Stored("VARCHR")])[0][2] == "did you mean 'VARCHAR'?"


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (Annotated[int, Stored("INT")], "expected a type that dashgen writes, got 'INT'"),
        (Annotated[int, Stored(name="n")], "expected a column of its Python name, got 'n'"),
        (Annotated[str, Symbol(index=256)], "expected neither an index nor cached=False, got one"),
    ],
)
def test_a_table_that_dashgen_writes_says_whose_it_would_have_to_be(hint: Any, message: str) -> None:
    assert wrong(hint, others=False) == (("bad › c", message, BY_OTHERS),)


def test_a_type_that_is_not_written_says_so() -> None:
    ((_, message, hint),) = wrong(UUID, others=False)
    assert message == "expected a type that dashgen writes, got UUID, QuestDB's UUID"
    assert hint.endswith(BY_OTHERS)


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"name": "it's"}, "bad › name", 'expected a name that QuestDB can have, got "it\'s"'),
        ({"name": ".a"}, "bad › name", "expected a name that QuestDB can have, got '.a'"),
        ({"written_by_others": "yes"}, "bad › written_by_others", "expected True or False, got 'yes'"),
        (
            {"views": (MaterializedView(name="v", base="w", sql="SELECT 1"),)},
            "bad › view v",
            "expected the table or a view before it as base, got 'w'",
        ),
        (
            {"views": (MaterializedView(name="BAD", sql="SELECT 1"),)},
            "bad › views",
            "expected each name once, got bad, BAD",
        ),
        ({"dedup": ("ts", "C")}, "bad › dedup", "expected a column of the table, got 'C'"),
    ],
)
def test_options_of_others_that_are_wrong(options: dict[str, Any], path: str, message: str) -> None:
    found = wrong(int, **options)
    assert [(p.replace(options.get("name", "bad"), "bad", 1), m) for p, m, _ in found] == [(path, message)]


def test_columns_that_differ_by_case_only() -> None:
    found = wrong(Annotated[int, Stored(name="TS")])
    assert [m for _, m, _ in found] == ["expected each name once in whatever case, got ts, TS"]


def test_a_rule_is_about_columns_of_their_python_names() -> None:
    found = wrong(Annotated[int, Stored(name="N")], dedup=("ts",), rules=(Monotonic("N", resets_with="N"),))
    assert {m for _, m, _ in found} == {"expected a column of its Python name, got 'N' in Monotonic"}


def test_tables_whose_names_differ_by_case_only() -> None:
    @table(name="order book", written_by_others=True)
    class Other:
        ts: Annotated[datetime, Designated()]

    with pytest.raises(SpecError, match="two tables or views are named 'order book'"):
        Project(environments=(Environment("prod"),), tables=(Book, Other))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ipv4", "IPv4"), (" Symbol ", "SYMBOL"), ("DECIMAL", "DECIMAL(18,3)"), ("decimal(5)", "DECIMAL(5,0)"),
        ("Double [ ] []", "DOUBLE[][]"), ("GEOHASH(12C)", "GEOHASH(12c)"), ("geohash( 31B )", "GEOHASH(31b)"),
        ("long256", "LONG256"), ("LONG128", "LONG128"),
    ],
)  # fmt: skip
def test_a_type_is_named_as_the_server_names_it(text: str, name: str) -> None:
    assert column_type(text).name == name
