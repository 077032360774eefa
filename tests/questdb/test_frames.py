from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from annotated_types import Gt
from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.model.tables.rows import RowFinding, Validator, validate_rows
from dashgen.model.tables.table import Designated, Symbol, table, table_of, unchecked
from dashgen.questdb import EmbeddedQuestDB, QuestDBError
from dashgen.questdb.frames import FrameValidator, as_pandas
from dashgen.questdb.ingest import Ingest
from dashgen.render.ddl import create_table
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(seconds=3)
MOMENTS = st.sampled_from([NOON + timedelta(seconds=number) for number in range(5)])
COUNTS = st.sampled_from([0, 1, 2, 5, -1, 2**63 - 1])
AMOUNTS = st.sampled_from([0.0, 0.5, 1.0, 100.0, 10_000.0, 10_000.1, -0.1, float("inf"), 1 / 3])
TEXTS = {"env": ["prod", "dev", "production"], "exchange": ["okx", "bybit", "kraken"], "data_type": ["oi", "trades"]}
DTYPES = {"LONG": "Int64", "DOUBLE": "float64", "BOOLEAN": "boolean", "TIMESTAMP": "datetime64[us, UTC]"}
Rows = list[dict[str, Any]]


def rows_of(cls: type) -> st.SearchStrategy[Rows]:
    """Rows that are good, nearly good and bad: few values, so that series and rules meet."""
    columns: dict[str, st.SearchStrategy[Any]] = {}
    for column in table_of(cls).columns:
        match column.type:
            case "TIMESTAMP":
                values: st.SearchStrategy[Any] = MOMENTS
            case "LONG":
                values = COUNTS
            case "DOUBLE":
                values = AMOUNTS
            case "BOOLEAN":
                values = st.booleans()
            case _:
                values = st.sampled_from(TEXTS.get(column.name, ["a", "b", "", "x" * 256]))
        # The designated timestamp has no None in a frame's column of datetimes that is worth a test of its own.
        is_text = column.type in ("SYMBOL", "VARCHAR")
        columns[column.name] = values if is_text else values | (st.none() if column.nullable else st.nothing())
    return st.lists(st.fixed_dictionaries(columns), max_size=12)


def frame_of(cls: type, rows: Rows, text: str) -> pd.DataFrame:
    data = {}
    for column in table_of(cls).columns:
        dtype = DTYPES.get(column.type, text)
        data[column.name] = pd.Series([row[column.name] for row in rows], dtype=dtype)
    return pd.DataFrame(data)


@pytest.mark.parametrize("cls", [DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics])
@given(data=st.data(), text=st.sampled_from(["object", "category", "str"]))
@settings(max_examples=60, deadline=None)
def test_vectors_judge_as_rows_do(cls: type, data: st.DataObject, text: str) -> None:
    rows = data.draw(rows_of(cls))
    built: list[Any] = [unchecked(cls, **row) for row in rows]
    judge = FrameValidator(cls, Validator())
    judged = judge.judge(judge.shaped(frame_of(cls, rows, text)), 0, now=NOW)

    one = Validator()
    refused = [finding for index, row in enumerate(built) for finding in one.check(row, index, now=NOW)]
    assert judged.refused == refused
    bad = {finding.row for finding in refused}
    assert len(judged.good) == len(rows) - len(bad)
    contradictions = [finding for finding in validate_rows(built, now=NOW) if finding.row not in bad]
    assert key(judged.contradictions) == key(contradictions)


def key(findings: list[RowFinding]) -> list[tuple[int, str, str]]:
    return sorted((finding.row, finding.field, finding.message) for finding in findings)


def daemon(second: int, count: int, **values: Any) -> dict[str, Any]:
    row = {
        "timestamp": NOON + timedelta(seconds=second), "host": "a", "env": "prod", "fetch_count": count,
        "error_count": 0, "liquidation_count": 0, "uptime_seconds": float(second), "running": True,
    }  # fmt: skip
    return row | values


def test_a_series_goes_on_from_frame_to_frame() -> None:
    judge = FrameValidator(DaemonMetrics, Validator())
    first = pd.DataFrame([daemon(0, 5), daemon(1, 7)])
    second = pd.DataFrame([daemon(2, 6), daemon(3, 8)])
    assert judge.judge(judge.shaped(first), 0, now=NOW).contradictions == []
    (finding,) = judge.judge(judge.shaped(second), 2, now=NOW).contradictions
    assert (finding.row, finding.field) == (2, "fetch_count")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(fetch_count=1.0), "fetch_count: expected an integer dtype, got float64"),
        (lambda f: f.assign(running=1), "running: expected a bool dtype, got int64"),
        (lambda f: f.assign(host=1), "host: expected a dtype of text or categories of text, got int64"),
        (lambda f: f.assign(host=pd.Categorical([1])), "host: expected a dtype of text or categories of text"),
        (lambda f: f.assign(uptime_seconds="1"), "uptime_seconds: expected a float dtype, got str"),
        (
            lambda f: f.assign(timestamp=f["timestamp"].dt.tz_localize(None)),
            "timestamp: expected a datetime dtype in UTC, got datetime64[us]",
        ),
        (
            lambda f: f.assign(timestamp=f["timestamp"].dt.tz_convert("Asia/Tokyo")),
            "timestamp: expected a datetime dtype in UTC, got datetime64[us, Asia/Tokyo]",
        ),
        (lambda f: f.drop(columns="env").assign(nope=1), "no column 'nope' is declared; env is missing"),
    ],
)
def test_what_would_need_a_cast_is_refused(change: Callable[[pd.DataFrame], pd.DataFrame], said: str) -> None:
    judge = FrameValidator(DaemonMetrics, Validator())
    with pytest.raises(ValueError, match="a frame for daemon_metrics: ") as caught:
        judge.shaped(change(pd.DataFrame([daemon(0, 1)])))
    assert said in str(caught.value)


def test_texts_that_are_none_and_bounds_that_vectors_do_not_know() -> None:
    @table(name="odd", dedup=("at", "host"))
    class Odd:
        at: Annotated[datetime, Designated()]
        host: Annotated[str, Symbol(16)]
        n: Annotated[int, Gt(0)]

    judge = FrameValidator(Odd, Validator())
    frame = pd.DataFrame({"at": pd.Series([NOON] * 3), "host": pd.Series(["a", 5, None], dtype=object), "n": [0, 1, 1]})
    refused = judge.judge(judge.shaped(frame), 10, now=NOW).refused
    assert [(f.row, f.field) for f in refused] == [(10, "n"), (11, "host"), (12, "host")]


def test_what_is_no_frame() -> None:
    with pytest.raises(TypeError, match="expected a DataFrame of pandas or polars, or a Table of pyarrow, got list"):
        as_pandas([])


@table(name="framed", dedup=("timestamp", "host"), write_interval="1s")
class Framed:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    count: int
    share: float | None = None
    note: str | None = None
    seen: datetime | None = None
    up: bool = True
    step: int = 1


@pytest.fixture
def empty(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    questdb.execute("DROP TABLE IF EXISTS framed")
    questdb.execute(create_table(table_of(Framed)))
    return questdb


def framed(count: int) -> pd.DataFrame:
    moments = pd.Series(pd.date_range(NOON, periods=count, freq="s", unit="us"))
    return pd.DataFrame({"timestamp": moments, "host": "ä", "count": range(count)})


@pytest.mark.questdb
def test_all_types_arrive_and_defaults_are_filled_in(empty: EmbeddedQuestDB) -> None:
    frame = framed(2).assign(
        share=[0.5, None], note=["n", None], seen=pd.Series([NOON, None], dtype=DTYPES["TIMESTAMP"])
    )
    with Ingest(empty.http_url) as ingest:
        ingest.add_frame(Framed, frame)
    assert ingest.report.refused == []
    empty.settle()
    assert list(empty.query("framed ORDER BY timestamp")) == [
        (NOON, "ä", 0, 0.5, "n", NOON, True, 1),
        (NOON + timedelta(seconds=1), "ä", 1, None, None, None, True, 1),
    ]


@pytest.mark.questdb
def test_a_frame_of_polars_arrives_as_one_of_pandas_does(empty: EmbeddedQuestDB) -> None:
    """Whole numbers with a null stay whole, categories stay texts, and a bad row is named."""
    frame = pl.DataFrame(
        {
            "timestamp": pl.Series([NOON, NOON + timedelta(seconds=1), NOON], dtype=pl.Datetime("us", "UTC")),
            "host": pl.Series(["ä", "b", None], dtype=pl.Categorical),
            "count": pl.Series([2**63 - 1, 2, 3], dtype=pl.Int64),
            "share": pl.Series([None, 0.5, None], dtype=pl.Float64),
            "note": pl.Series(["n", None, None], dtype=pl.String),
            "seen": pl.Series([None, NOON, None], dtype=pl.Datetime("ns", "UTC")),
        }
    )
    with Ingest(empty.http_url) as ingest:
        ingest.add_frame(Framed, frame)
    assert [(f.row, f.field) for f in ingest.report.refused] == [(2, "host")]
    empty.settle()
    assert list(empty.query("framed ORDER BY timestamp")) == [
        (NOON, "ä", 2**63 - 1, None, "n", None, True, 1),
        (NOON + timedelta(seconds=1), "b", 2, 0.5, None, NOON, True, 1),
    ]


@pytest.mark.questdb
def test_bad_rows_are_named_and_the_others_written(empty: EmbeddedQuestDB) -> None:
    frame = framed(250_000)
    frame.loc[[7, 200_001], "host"] = None
    with Ingest(empty.http_url) as ingest:
        ingest.add(Framed(timestamp=NOON - timedelta(seconds=1), host="row", count=0))
        ingest.add_frame(Framed, pa.Table.from_pandas(frame))
    assert [(f.row, f.field) for f in ingest.report.refused] == [(8, "host"), (200_002, "host")]
    assert ingest.report.written == 249_999
    empty.settle()
    assert empty.query("SELECT count() FROM framed").value == 249_999


@pytest.mark.questdb
def test_another_type_on_the_server_names_table_and_column(questdb: EmbeddedQuestDB) -> None:
    questdb.execute("DROP TABLE IF EXISTS framed")
    questdb.execute(create_table(table_of(Framed)).replace("count LONG", "count BOOLEAN"))
    ingest = Ingest(questdb.http_url)
    ingest.add(Framed(timestamp=NOON + timedelta(days=9000), host="of the future", count=1))
    ingest.add_frame(Framed, framed(3))
    ingest.flush()
    assert [(f.row, f.field) for f in ingest.report.refused[1:]] == [(1, "count"), (2, "count"), (3, "count")]
    assert all("table: framed, column: count; cast error" in f.message for f in ingest.report.refused[1:])
    ingest.add_frame(Framed, framed(30))
    with pytest.raises(QuestDBError, match=r"rejects every row; the last one: framed, row 23, count: .*cast error"):
        ingest.flush()
    ingest.close()


@pytest.mark.questdb
@pytest.mark.parametrize("text", ["object", "category"])
def test_values_that_cannot_be_sent_are_refused_and_the_others_written(empty: EmbeddedQuestDB, text: str) -> None:
    """One NUL, lone surrogate or moment before 1970 takes no other row of the frame with it."""
    frame = framed(8).astype({"host": object})
    frame["note"] = pd.Series([None] * 8, dtype=object)
    frame.loc[1, "host"] = "a\0b"
    frame.loc[3, "host"] = "\ud800"
    frame.loc[5, "timestamp"] = pd.Timestamp("1969-12-31", tz="UTC")
    frame.loc[6, "note"] = "x\udfff"
    with Ingest(empty.http_url) as going:
        if text == "category":
            found, known = pd.factorize(frame["host"])
            frame["host"] = pd.Categorical.from_codes(found, categories=pd.Index(known, dtype=object))
        going.add_frame(Framed, frame)
    refused = [(f.row, f.field) for f in going.report.refused]
    assert refused == [(1, "host"), (3, "host"), (5, "timestamp"), (6, "note")]
    empty.settle()
    assert going.report.written == empty.query("SELECT count() FROM framed").value == 4


@pytest.mark.questdb
def test_a_frame_with_a_nul_alone_is_judged_at_the_refusal(empty: EmbeddedQuestDB) -> None:
    frame = framed(1000).astype({"host": object})
    frame.loc[[0, *range(500, 600)], "host"] = "\0"
    with Ingest(empty.http_url) as going:
        going.add_frame(Framed, frame)
    assert [f.row for f in going.report.refused] == [0, *range(500, 600)]
    empty.settle()
    assert going.report.written == empty.query("SELECT count() FROM framed").value == 899
