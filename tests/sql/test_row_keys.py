"""Which rows ORDER BY takes for equal though something tells them apart: what DG317 says of ties before LIMIT."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pytest

from dashgen import Table
from dashgen.model.tables.table import Designated, Symbol, table
from tests.check.helpers import TABLES, matches

IN = "env = ${env:sqlstring} AND $__timeFilter(timestamp)"
GROUPED = f"SELECT exchange, host, count() AS n FROM exchange_status WHERE {IN}"
LATEST = f"FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host, env"


@table(name="events", write_interval=None)
class Events:
    """Rows without dedup keys."""

    timestamp: Annotated[datetime, Designated()]
    env: Annotated[str, Symbol(16)]
    host: Annotated[str, Symbol(16)]
    text: str


def ties(sql: str) -> list[str]:
    """What tells equal rows apart, for each LIMIT."""
    found = matches("limit-without-order", Table("Rows", sql), tables=(*TABLES, Events))
    return [match.message.partition("they differ in ")[2] for match in found if "they differ in" in match.message]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        # groups
        (f"{GROUPED} GROUP BY exchange, host ORDER BY n DESC LIMIT 20", "exchange, host"),
        (f"{GROUPED} ORDER BY n DESC LIMIT 20", "exchange, host"),
        (f"{GROUPED} GROUP BY exchange, host ORDER BY n DESC, host LIMIT 20", "exchange"),
        (f"{GROUPED} GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 20", "host"),
        (f"{GROUPED} ORDER BY n DESC, upper(host), exchange LIMIT 20", "host"),
        (f"SELECT upper(host) AS big, max(latency_ms) AS ms FROM exchange_status WHERE {IN} ORDER BY 2 LIMIT 5", "big"),
        (
            f"SELECT upper(host) AS big, max(latency_ms) AS ms FROM exchange_status WHERE {IN} GROUP BY upper(host)"
            " ORDER BY ms LIMIT 5",
            "big",
        ),
        # through queries within queries, by whatever name
        (f"SELECT x, h, n FROM (SELECT exchange AS x, host AS h, count() AS n FROM exchange_status WHERE {IN})"
         " ORDER BY n LIMIT 9", "x, h"),
        (f"WITH g AS ({GROUPED}) SELECT host, n FROM g ORDER BY n LIMIT 9", "exchange, host"),
        (f"SELECT exchange FROM ({GROUPED} ORDER BY n) LIMIT 9", "exchange, host"),
        # what is latest
        (f"SELECT exchange, host, latency_ms {LATEST} ORDER BY latency_ms DESC LIMIT 9", "exchange, host"),
        (f"SELECT exchange, latency_ms FROM (SELECT * {LATEST}) ORDER BY latency_ms DESC LIMIT 9", "exchange, host"),
        # rows, by the declared keys; env is one value
        (f"SELECT timestamp, host, running FROM daemon_metrics WHERE {IN} ORDER BY timestamp DESC LIMIT 9", "host"),
        (f"SELECT * FROM daemon_metrics WHERE {IN} ORDER BY timestamp DESC LIMIT 9", "host"),
        ("SELECT * FROM daemon_metrics WHERE $__timeFilter(timestamp) ORDER BY timestamp DESC LIMIT 9", "host, env"),
        (f"SELECT timestamp, host FROM daemon_metrics WHERE {IN} AND host IN ('a', 'b') ORDER BY 1 LIMIT 9", "host"),
        (f"SELECT host, running FROM daemon_metrics WHERE {IN} ORDER BY timestamp LIMIT -9", "host"),
        (f"SELECT timestamp AS t, records FROM pipeline_1m WHERE {IN} ORDER BY t LIMIT 9", "exchange, data_type, host"),
        # every value
        (f"SELECT DISTINCT exchange, host FROM exchange_status WHERE {IN} ORDER BY host LIMIT 9", "exchange"),
        # of a union only what is grouped around it is known
        (
            f"SELECT host, max(v) AS v FROM (SELECT host, 1 AS v FROM daemon_metrics WHERE {IN} UNION ALL"
            f" SELECT host, 2 FROM exchange_status WHERE {IN}) ORDER BY v LIMIT 9",
            "host",
        ),
    ],
)  # fmt: skip
def test_ties(sql: str, names: str) -> None:
    assert ties(sql) == [names]


@pytest.mark.parametrize(
    "sql",
    [
        f"{GROUPED} GROUP BY exchange, host ORDER BY n DESC, exchange, host LIMIT 20",
        f"{GROUPED} ORDER BY n DESC, 2, 1 LIMIT 20",
        f"{GROUPED} ORDER BY host ASC, exchange DESC NULLS LAST LIMIT 20",
        f"{GROUPED} ORDER BY exchange || ' ' || host LIMIT 20",
        f"SELECT exchange || ' on ' || host AS what, n FROM ({GROUPED}) ORDER BY n, what LIMIT 20",
        f"SELECT concat(exchange, host) AS what, n FROM ({GROUPED}) ORDER BY n, what LIMIT 20",
        f"{GROUPED} ORDER BY n DESC, exchange, host::string LIMIT 20",
        f"{GROUPED} ORDER BY n DESC",
        # one value of host: of each exchange one row
        f"{GROUPED} AND host = 'a' ORDER BY n DESC, exchange LIMIT 20",
        # a single row
        f"SELECT count() AS n FROM exchange_status WHERE {IN} ORDER BY n LIMIT 1",
        # equal rows look the same
        f"SELECT timestamp FROM daemon_metrics WHERE {IN} ORDER BY timestamp DESC LIMIT 1",
        f"SELECT latency_ms FROM exchange_status WHERE {IN} ORDER BY 1 LIMIT 5",
        f"SELECT DISTINCT host FROM daemon_metrics WHERE {IN} ORDER BY host LIMIT 9",
        f"SELECT timestamp, host, running FROM daemon_metrics WHERE {IN} ORDER BY timestamp DESC, host LIMIT 9",
        f"SELECT exchange, host, latency_ms {LATEST} ORDER BY latency_ms DESC, exchange, host LIMIT 9",
        # a number of the row
        f"SELECT host, row_number() OVER (ORDER BY timestamp) AS n FROM daemon_metrics WHERE {IN} ORDER BY n LIMIT 9",
        # not known: no keys, a join, a function, a union
        f"SELECT timestamp, host, text FROM events WHERE {IN} ORDER BY timestamp DESC LIMIT 9",
        f"SELECT d.host, e.exchange FROM daemon_metrics d JOIN exchange_status e ON d.host = e.host WHERE d.{IN}"
        " ORDER BY d.host LIMIT 9",
        "SELECT name, suspended FROM wal_tables() ORDER BY suspended LIMIT 9",
        f"SELECT host FROM daemon_metrics WHERE {IN} UNION ALL SELECT host FROM exchange_status WHERE {IN}"
        " ORDER BY host LIMIT 9",
        f"SELECT host, v FROM (SELECT host, 1 AS v FROM daemon_metrics WHERE {IN} UNION ALL"
        f" SELECT host, 2 FROM exchange_status WHERE {IN}) ORDER BY v LIMIT 9",
        # what tells the rows apart is not in sight: host can't be ordered by
        f"SELECT v FROM (SELECT max(latency_ms) AS v FROM exchange_status WHERE {IN} GROUP BY host) ORDER BY v LIMIT 9",
    ],
)
def test_a_full_order_and_what_is_not_known(sql: str) -> None:
    assert ties(sql) == []


def test_what_is_said_of_a_tie() -> None:
    sql = f"SELECT exchange, count() AS n FROM exchange_status WHERE {IN} ORDER BY n\n  DESC LIMIT 3"
    (match,) = matches("limit-without-order", Table("Rows", sql))
    assert match.message == (
        "rows that are equal in this order come by chance, and LIMIT cuts among them: they differ in exchange"
    )
    assert match.hint == "ORDER BY n DESC, exchange"
    assert match.span is not None
    assert sql[slice(*match.span)] == "n\n  DESC"
