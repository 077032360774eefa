from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MultipleOf

from dashgen.model.core.problems import SpecError, collecting
from dashgen.model.tables.row_constraints import Monotonic, NotAfter, OnlyWhile, Ratio
from dashgen.model.tables.table import (
    Column,
    Designated,
    Doc,
    MaterializedView,
    Symbol,
    table,
    table_of,
    unchecked,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VIEW = MaterializedView(name="load_1m", bucket="1m", sql="SELECT timestamp, sum(n) AS n FROM load SAMPLE BY 1m")


@table(
    name="load",
    ttl="2 weeks",
    dedup=("timestamp", "host"),
    write_interval="1m",
    views=(VIEW,),
    partition_by="DAY",
)
class Load:
    """Load of a host."""

    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(64), Len(1, 255)]
    n: Annotated[int, Ge(0), Doc("Requests.", "short")]
    ratio: float | None = None
    text: str = ""
    up: bool = True


def test_describes_what_the_database_must_know() -> None:
    described = table_of(Load)
    assert described.name == "load"
    assert described.designated == "timestamp"
    assert described.ttl == "2 WEEKS"
    assert described.write_interval_seconds == 60
    assert described.series == ("host",)
    assert described.doc == "Load of a host."
    assert described.views[0].base == "load"
    assert described.views[0].bucket_seconds == 60
    assert [(c.name, c.type, c.nullable) for c in described.columns] == [
        ("timestamp", "TIMESTAMP", False),
        ("host", "SYMBOL", False),
        ("n", "LONG", False),
        ("ratio", "DOUBLE", True),
        ("text", "VARCHAR", False),
        ("up", "BOOLEAN", False),
    ]
    assert described.column("n") == Column("n", "LONG", doc="Requests.", unit="short", minimum=0)
    assert described.column("host").capacity == 64
    assert described.column("host").lengths == (1, 255)
    assert hash(described) == hash(table_of(Load))


def test_rows_are_values() -> None:
    row = Load(timestamp=NOON, host="a", n=2**63 - 1)
    assert row == Load(timestamp=NOON, host="a", n=2**63 - 1)
    assert pickle.loads(pickle.dumps(row)) == row
    with pytest.raises(AttributeError):
        row.n = 3  # type: ignore[misc]  # what the test shows


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": "1"}, "valid integer"),
        ({"n": True}, "valid integer"),
        ({"n": 1.0}, "valid integer"),
        ({"n": -1}, "greater than or equal to 0"),
        ({"n": 2**63}, "less than or equal to 9223372036854775807"),
        ({"host": ""}, "at least 1 character"),
        ({"host": "x" * 256}, "at most 255 characters"),
        ({"host": None}, "valid string"),
        ({"up": 1}, "valid boolean"),
        ({"ratio": float("nan")}, "finite number"),
        ({"ratio": float("inf")}, "finite number"),
        ({"timestamp": NOON.replace(tzinfo=None)}, "expected a datetime in UTC"),
        ({"timestamp": NOON.isoformat()}, "expected a datetime in UTC"),
        ({"timestamp": NOON.astimezone(timezone(timedelta(hours=1)))}, "expected a datetime in UTC"),
        ({"nope": 1}, "Unexpected keyword argument"),
    ],
)
def test_a_row_is_refused(wrong: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"timestamp": NOON, "host": "a", "n": 1}
    with pytest.raises(ValueError, match=message):
        Load(**good | wrong)


def test_unchecked_rows_hold_anything() -> None:
    row = unchecked(Load, timestamp=NOON, n="many")
    assert [getattr(row, name) for name in ("n", "host", "up")] == ["many", None, True]
    assert type(row) is not Load
    assert isinstance(row, Load)
    same = unchecked(type(row), timestamp=NOON, host="a", n=1)
    assert same == Load(timestamp=NOON, host="a", n=1)
    assert Load(timestamp=NOON, host="a", n=1) == same
    assert hash(same) == hash(Load(timestamp=NOON, host="a", n=1))
    assert same != Load(timestamp=NOON, host="b", n=1)
    with pytest.raises(TypeError, match="Load has no column nope"):
        unchecked(Load, nope=1)


def test_a_class_that_is_no_table() -> None:
    with pytest.raises(TypeError, match="int is not a table"):
        table_of(int)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dedup": ("timestamp", "hots")}, "bad › dedup: expected a column of the table, got 'hots'"),
        ({"dedup": ("host", "timestamp")}, "expected the designated timestamp first, got 'host'"),
        ({"dedup": ("timestamp",), "wal": False}, "expected wal=True, got False"),
        ({"ttl": "36 HOURS"}, r"bad › ttl: expected a multiple of the partition \(DAY\), got '36 HOURS'"),
        ({"ttl": "90"}, "expected a number and HOURS, DAYS, WEEKS, MONTHS or YEARS, got '90'"),
        ({"ttl": "30 DAYS", "partition_by": "MONTH"}, r"multiple of the partition \(MONTH\)"),
        ({"name": "Bad-Name"}, "expected a plain name"),
        ({"write_interval": "often"}, "expected a duration such as 10s"),
        ({"rules": (Monotonic("m", resets_with="n"),)}, "got 'm' in Monotonic"),
        (
            {"rules": (Monotonic("host", resets_with="n"),)},
            "a number that is never null as 'host' in Monotonic, got SYMBOL",
        ),
        ({"rules": (OnlyWhile("n", flag="host"),)}, "expected a BOOLEAN column as 'host' in OnlyWhile, got SYMBOL"),
        ({"rules": (Ratio("host", "n", "n"),)}, "expected a number as 'host' in Ratio, got SYMBOL"),
        ({"rules": (NotAfter("n", "timestamp"),)}, "expected columns that compare in NotAfter, got LONG and TIMESTAMP"),
        ({"rules": (Monotonic("n", resets_with="n"),)}, "expected dedup keys for Monotonic, got none"),
        (
            {"views": (MaterializedView(name="v", bucket="5m", sql=VIEW.sql),)},
            "expected SAMPLE BY 5m in its SQL",
        ),
        (
            {"views": (MaterializedView(name="v", bucket="1m", sql="SELECT lag(n) OVER () SAMPLE BY 1m"),)},
            "expected no window function",
        ),
        ({"views": (VIEW, VIEW)}, "expected each name once"),
        ({"dedup": ("timestamp", "host", "host")}, "expected each column once, got timestamp, host, host"),
        ({"views": (VIEW,), "wal": False}, "expected wal=True, got False"),
        ({"partition_by": "NONE"}, "expected a partition for a table with a WAL, got 'NONE'"),
        ({"partition_by": "NONE", "wal": False, "ttl": "1 DAY"}, r"expected a multiple of the partition \(NONE\)"),
        ({"partition_by": "YEAR", "ttl": "18 MONTHS"}, r"expected a multiple of the partition \(YEAR\)"),
        ({"partition_by": "day"}, "bad › partition_by: expected a partition of 'NONE', .*, got 'day'"),
        ({"dedup": "timestamp"}, "bad › dedup: expected a tuple, got 'timestamp'"),
        ({"dedup": ["timestamp"]}, r"bad › dedup: expected a tuple, got \['timestamp'\]"),
        ({"dedup": ("timestamp", 5)}, "bad › dedup: expected a tuple, got"),
        ({"views": VIEW}, "bad › views: expected a tuple, got MaterializedView"),
        ({"rules": NotAfter("n", "n")}, "bad › rules: expected a tuple, got NotAfter"),
        ({"ttl": 90}, "bad › ttl: expected a number and HOURS, .*, got 90"),
        ({"wal": "no"}, "bad › wal: expected True or False, got 'no'"),
        ({"name": 5}, "expected a plain name .*, got 5"),
    ],
)
def test_a_declaration_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:

        @table(**{"name": "bad"} | options)
        class Bad:
            timestamp: Annotated[datetime, Designated()]
            host: Annotated[str, Symbol(64)]
            n: int

    source = caught.value.problems[0].source
    assert source is not None
    assert Path(source.file).name == "test_table.py"


def test_all_that_is_wrong_is_reported_together() -> None:
    with collecting(Path(__file__).parent) as found:

        @table(name="bad", ttl="soon")
        class Bad:
            timestamp: datetime
            up: bool | None
            size: Annotated[int, Symbol(1000)]
            when: bytes

    assert [problem.path for problem in found.problems] == [
        "bad › up",
        "bad › size",
        "bad › when",
        "bad › designated timestamp",
        "bad › ttl",
    ]


def test_a_daemon_does_not_pay_for_the_command_line() -> None:
    code = "import sys, dashgen.model.tables.rows; print({'typer', 'grafana_foundation_sdk'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotated[int, Symbol()], r"expected a text column for Symbol\(\), got int"),
        (Annotated[str, Designated()], "expected a datetime as designated timestamp, got str"),
        (Annotated[datetime | None, Designated()], "expected a designated timestamp that is never null"),
        (int | str, r"expected one of datetime, .*, got int \| str"),
        (Literal["a", 1], r"\(or a Literal of text\), got"),
    ],
)
def test_a_column_is_refused(annotation: object, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        table(name="bad")(type("Bad", (), {"__annotations__": {"at": annotation, "x": annotation}}))


@pytest.mark.parametrize(
    ("annotation", "default", "message"),
    [
        (
            Annotated[int, Ge(5), Le(3)],
            ...,
            r"bad › x: expected bounds with a value between them, got Ge\(5\) and Le\(3\)",
        ),
        (Annotated[int | None, Ge(5), Le(3)], None, "expected bounds with a value between them"),
        (Annotated[int, Gt(5), Lt(6)], ..., r"a value between them, got Gt\(5\) and Lt\(6\)"),
        (Annotated[float, Interval(ge=3, lt=3)], ..., r"a value between them, got Ge\(3\) and Lt\(3\)"),
        (Annotated[str, Len(5, 3)], ..., "a value between them, got a length from 5 and a length up to 3"),
        (Annotated[int, Ge(1.2), Le(1.8)], ..., r"a value between them, got Ge\(1.2\) and Le\(1.8\)"),
        (
            Annotated[int, MultipleOf(5), Ge(1), Le(3)],
            ...,
            r"a value between them, got MultipleOf\(5\), Ge\(1\) and Le\(3\)",
        ),
        (Annotated[int, MultipleOf(5), Gt(0), Lt(5)], ..., r"got MultipleOf\(5\), Gt\(0\) and Lt\(5\)"),
        (Annotated[int, MultipleOf(4), MultipleOf(6), Gt(0), Lt(12)], ..., r"MultipleOf\(4\), MultipleOf\(6\), Gt"),
        (Annotated[float, MultipleOf(0.5), Ge(0.1), Le(0.4)], ..., r"MultipleOf\(0.5\), Ge\(0.1\) and Le\(0.4\)"),
        (Annotated[int, MultipleOf(0)], ..., r"expected MultipleOf a number above 0, got MultipleOf\(0\)"),
        (Annotated[str, Ge(5)], ..., r"expected no bound on a text, got Ge\(5\)"),
        (Annotated[bool, Le(1)], ..., r"expected no bound on a boolean, got Le\(1\)"),
        (Annotated[int, Len(1, 5)], ..., "expected no length on a whole number"),
        (Annotated[int, Ge("0")], ..., r"expected a bound that is a whole number, got Ge\('0'\)"),
        (Annotated[float, Le(float("nan"))], ..., r"expected a bound that is a number, got Le\(nan\)"),
        (Annotated[datetime, Ge(5)], ..., r"expected a bound that is a datetime, got Ge\(5\)"),
        (Annotated[str, Symbol], ..., r"expected Symbol\(\), got the class itself"),
        (Annotated[int, Ge(0)], -1, "expected a default that a row may have, got -1: input should be greater than or"),
        (int, "a", "expected a default that a row may have, got 'a': input should be a valid integer"),
        (float, None, "expected a default that a row may have, got None"),
        (Literal["buy", "sell"], "hold", "got 'hold': input should be 'buy' or 'sell'"),
        (Annotated[str, Len(1, 3)], "", "expected a default that a row may have, got ''"),
        (datetime, datetime(2026, 1, 1), "expected a default that a row may have"),  # noqa: DTZ001 - that is the mistake
    ],
)
def test_constraints_that_contradict_are_one_error(annotation: object, default: object, message: str) -> None:
    body = {"__annotations__": {"at": Annotated[datetime, Designated()], "x": annotation}}
    body |= {} if default is ... else {"x": default}  # type: ignore[dict-item]  # a class's body
    with collecting(Path(__file__).parent) as found:
        table(name="bad")(type("Bad", (), body))
    (problem,) = found.problems
    with pytest.raises(SpecError, match=message):
        raise SpecError(problem)


def test_constraints_that_agree_are_taken() -> None:
    @table(name="agreed")
    class Agreed:
        at: Annotated[datetime, Designated()]
        once: Annotated[int, Ge(5), Le(5)]
        twice: Annotated[int, Ge(1), Ge(5), Le(9), Le(7)] = 6
        open: Annotated[float, Gt(5), Lt(6)] = 5.5
        fives: Annotated[int, MultipleOf(5), Ge(1), Le(5)] = 5
        tenths: Annotated[float, MultipleOf(0.1), Ge(0.2), Lt(0.3)] = 0.2
        zero: Annotated[int, MultipleOf(7), Gt(-7), Lt(7)] = 0
        whole: float = 0
        none: float | None = None

    _, once, twice, *_ = table_of(Agreed).columns
    assert (once.minimum, once.maximum) == (5, 5)
    assert (twice.minimum, twice.maximum) == (5, 7)


def test_bounds_and_choices_are_known_to_the_description() -> None:
    @table(name="bounded", dedup=("at",))
    class Bounded:
        at: Annotated[datetime, Designated()]
        share: Annotated[float, Interval(ge=0, le=1)]
        least: Annotated[int, Ge(3)]
        most: Annotated[int, Le(9)]
        side: Literal["buy", "sell"]

    described = table_of(Bounded)
    assert (described.column("share").minimum, described.column("share").maximum) == (0, 1)
    assert (described.column("least").minimum, described.column("most").maximum) == (3, 9)
    assert described.column("side").choices == ("buy", "sell")
    with pytest.raises(ValueError, match="Input should be 'buy' or 'sell'"):
        Bounded(at=NOON, share=0.5, least=3, most=9, side="hold")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Bounded(at=NOON, share=1.5, least=3, most=9, side="buy")


def test_an_unchecked_row_is_no_row_of_another_table() -> None:
    row: object = "a row"
    assert unchecked(Load, timestamp=NOON, host="a", n=1) != row


@pytest.mark.parametrize(("kind", "named"), [(Decimal, "DECIMAL"), (UUID, "UUID"), (list[float], r"DOUBLE\[\]")])
def test_types_of_questdb_that_dashgen_does_not_write_are_said_so(kind: Any, named: str) -> None:
    with pytest.raises(SpecError, match=f"expected a type that dashgen writes, got .*, QuestDB's {named}"):

        @table(name="t")
        class T:
            at: Annotated[datetime, Designated()]
            value: kind
