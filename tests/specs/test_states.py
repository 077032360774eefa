"""What died is seen to be dead, whatever the range; what never wrote is missed; availability divides by time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashgen.grafana.datasources.values import Value
from tests.specs.grafana import Grafana, rows, series
from tests.specs.staging import END, HOLE, OUTAGE, STOPPED

pytestmark = pytest.mark.questdb

UP, STALE, DOWN, SILENT, MISSING, STALLED = range(6)
RANGES = pytest.mark.parametrize("hours", [5 / 60, 6, 24, 168], ids=["5m", "6h", "24h", "7d"])


def before(seconds: float) -> datetime:
    return END - timedelta(seconds=seconds)


@RANGES
def test_the_state_of_daemons(grafana: Grafana, hours: float) -> None:
    def states(env: str) -> list[tuple[Value, Value]]:
        return [
            (row["host"], row["state"]) for row in rows(grafana.panel("daemon-health", "State", END, hours, env=env))
        ]

    assert states("staging") == [("stopper", SILENT), ("holey", UP), ("o'brien", UP), ("steady", UP)]
    assert states("prod") == [
        ("prod-server-04", MISSING),
        ("prod-server-05", MISSING),
        ("prod-server-01", UP),
        ("prod-server-02", UP),
        ("prod-server-03", UP),
    ]
    assert states("dev") == [("localhost", MISSING)]


@RANGES
def test_a_daemon_over_time(grafana: Grafana, hours: float) -> None:
    frame = grafana.panel("daemon-health", "State over time", END, hours, env="staging")
    assert all(value is not None for field in frame.fields for value in field.values)
    found = series(frame)
    width = found["steady"][1][0] - found["steady"][0][0]
    assert found["steady"][-1][0] + width > END
    if hours < 48:
        assert {value for _, value in found["steady"]} == {UP}
    for t, value in found["stopper"]:
        if before(48 * 3600) < t:
            # the last row came up to 10 s before it stopped, and 60 s more is not silence yet
            assert value == (SILENT if t + width > before(STOPPED - 53) else UP), t
    assert found["stopper"][-1][1] == SILENT
    for t, value in found["holey"]:
        if before(HOLE[0]) <= t and t + width <= before(HOLE[1]):
            assert value == SILENT, t


def test_a_missing_host_is_in_the_timeline(grafana: Grafana) -> None:
    found = series(grafana.panel("daemon-health", "State over time", END, 6))
    assert {value for _, value in found["prod-server-04"]} == {SILENT}
    assert {value for _, value in found["prod-server-01"]} == {UP}


@RANGES
def test_exchanges_now(grafana: Grafana, hours: float) -> None:
    table = rows(grafana.panel("exchanges", "Exchange now", END, hours, env="staging"))
    assert [(row["exchange"], row["host"], row["state"]) for row in table] == [
        ("binance", "stopper", SILENT),
        ("bybit", "steady", STALE),
        ("bybit", "holey", UP),
        ("dydx", "steady", UP),
        ("okx", "steady", UP),
    ]
    table = rows(grafana.panel("exchanges", "Exchange now", END, hours, env="prod", exchange="okx"))
    assert [(row["exchange"], row["host"], row["state"]) for row in table[:2]] == [
        ("none", "prod-server-04", MISSING),
        ("none", "prod-server-05", MISSING),
    ]
    assert len(table) == 5


def test_a_disconnect_now(grafana: Grafana) -> None:
    table = rows(grafana.panel("exchanges", "Exchange now", before(OUTAGE[1] + 60), 6, env="staging"))
    assert [row["state"] for row in table if row["exchange"] == "dydx"] == [DOWN]


@RANGES
def test_exchanges_over_time(grafana: Grafana, hours: float) -> None:
    frame = grafana.panel("exchanges", "State over time", END, hours, env="staging")
    assert all(value is not None for field in frame.fields for value in field.values)
    found = series(frame)
    assert found["binance · stopper"][-1][1] == SILENT
    assert found["okx · steady"][-1][1] == UP
    assert found["bybit · steady"][-1][1] == STALE
    width = found["okx · steady"][1][0] - found["okx · steady"][0][0]
    for t, value in found["dydx · steady"]:
        if before(OUTAGE[0] - 10) < t + width and t < before(OUTAGE[1]) and hours < 48:
            assert value == DOWN, t


@pytest.mark.parametrize("hours", [5 / 60, 2, 6, 24])
def test_availability_divides_by_time(grafana: Grafana, hours: float) -> None:
    table = rows(grafana.panel("exchanges", "Availability", END, hours, env="staging"))
    found = {row["exchange"]: row["availability"] for row in table}
    span = hours * 3600
    hole = max(0, min(span, HOLE[0]) - HOLE[1])
    outage = max(0, min(span, OUTAGE[0]) - OUTAGE[1])
    # bybit has two hosts, of which one has the hole
    expected = {
        "okx": 100.0,
        "bybit": 100 * (1 - hole / span / 2),
        "binance": 100 * (1 - min(span, STOPPED) / span),
        "dydx": 100 * (1 - outage / span),
    }
    assert found == pytest.approx(expected, abs=100 * 15 / span)
    assert list(found.values()) == sorted(found.values(), key=lambda value: float(str(value)))


def test_what_is_not_well(grafana: Grafana) -> None:
    def count(title: str, env: str) -> Value:
        ((field,),) = (grafana.panel("overview", title, END, 6, env=env).fields,)
        (value,) = field.values
        return value

    assert [count("Daemons", env) for env in ("prod", "staging", "dev")] == [2, 1, 1]
    assert [count("Connections", env) for env in ("prod", "staging", "dev")] == [2, 2, 1]
    assert [count("Feeds stalled", env) for env in ("prod", "staging", "dev")] == [0, 2, -1]
    assert [count("Strategies", env) for env in ("staging", "dev")] == [1, -1]
    assert count("Database", "prod") == 0


@RANGES
def test_the_age_of_a_record_is_exact(grafana: Grafana, hours: float) -> None:
    """What was recorded long ago, too, of which only the view is read."""
    found = rows(grafana.panel("pipeline", "Freshness", END, hours, env="staging"))
    assert [(row["exchange"], row["data_type"], row["age"]) for row in found] == [
        ("okx", "liquidation", 7207),
        ("binance", "oi", STOPPED + 7),
        ("okx", "oi", 7),
    ]


def test_the_list_of_what_is_not_well(grafana: Grafana) -> None:
    """Causes first: a daemon, its connections, the feeds that end with them."""
    table = rows(grafana.panel("overview", "Not well now", END, 6, env="staging"))
    assert [(row["what"], row["exchange"], row["host"], row["state"], row["first_step"]) for row in table] == [
        ("daemon", "", "stopper", SILENT, "does the host answer?"),
        ("connection", "binance", "stopper", SILENT, "see its daemon"),
        ("connection", "bybit", "steady", STALE, "restart the daemon"),
        ("feed liquidation", "okx", "", STALLED, "is it connected?"),
        ("feed oi", "binance", "", STALLED, "is it connected?"),
        ("strategy stopper", "okx", "", SILENT, "open orders at the venue"),
    ]


def test_everything_is_silent_in_the_end(grafana: Grafana) -> None:
    """Half an hour after the last row nothing looks well, whatever the range."""
    end = END + timedelta(minutes=30)
    for hours in (5 / 60, 24):
        assert {r["state"] for r in rows(grafana.panel("daemon-health", "State", end, hours))} == {SILENT, MISSING}
        assert {r["state"] for r in rows(grafana.panel("exchanges", "Exchange now", end, hours))} == {SILENT, MISSING}
        lines = series(grafana.panel("exchanges", "State over time", end, hours))
        assert {values[-1][1] for values in lines.values()} == {SILENT}
        fields = grafana.panel("overview", "Age of the newest row", end, hours).fields
        assert min(int(str(v)) for v in fields[1].values) >= 1790  # the minute of the view ends after its last row
    availability = rows(grafana.panel("exchanges", "Availability", end, 0.25))
    assert {r["availability"] for r in availability} == {0.0}


def test_a_range_that_ends_in_the_future(grafana: Grafana) -> None:
    """ "Today" ends at midnight: silence is judged by now."""
    ahead = datetime.now(tz=END.tzinfo) + timedelta(hours=5)
    lines = series(grafana.panel("daemon-health", "State over time", ahead, 6, env="prod"))
    assert lines["prod-server-01"][-1][0] < ahead - timedelta(hours=4)


def test_silences_and_outages_are_regions(grafana: Grafana) -> None:
    regions = rows(grafana.panel("daemon-health", "Silences", END, 24, env="staging"))
    assert [(row["text"], row["time"], row["timeend"]) for row in regions] == [
        ("holey was silent", before(HOLE[0] + 7.123), before(HOLE[1] - 2.877)),
        ("stopper was silent", before(STOPPED + 7.123), END),
    ]
    (region,) = rows(grafana.panel("exchanges", "Outages", END, 24, env="staging"))[:1]
    assert region["exchange"] == "dydx"


@pytest.mark.parametrize("hours", [2, 6, 24])
def test_reconnects(grafana: Grafana, hours: float) -> None:
    found = series(grafana.panel("exchanges", "Reconnects", END, hours, env="staging"))
    assert max(value for _, value in found["dydx"]) == 1
    assert {value for _, value in found["okx"]} == {0}


@pytest.mark.parametrize(
    ("chosen", "hosts"),
    [
        ("o'brien", {"o'brien"}),
        (("o'brien", "steady"), {"o'brien", "steady"}),
        ("$__all", {"o'brien", "steady", "stopper", "holey"}),
        (("$__all",), {"o'brien", "steady", "stopper", "holey"}),
    ],
)
def test_one_several_all(grafana: Grafana, chosen: str | tuple[str, ...], hosts: set[str]) -> None:
    table = rows(grafana.panel("daemon-health", "Last errors", END, 6, env="staging", host=chosen))
    assert {row["host"] for row in table} == hosts
    lines = series(grafana.panel("daemon-health", "Fetches", END, 24, env="staging", host=chosen))
    assert set(lines) == hosts


def test_the_choices(grafana: Grafana) -> None:
    def choices(uid: str, name: str, env: str) -> list[Value]:
        return list(grafana.panel(uid, name, END, 6, env=env).fields[0].values)

    assert choices("daemon-health", "$host", "staging") == ["holey", "o'brien", "steady", "stopper"]
    assert choices("daemon-health", "$host", "prod")[-2:] == ["prod-server-04", "prod-server-05"]
    assert choices("exchanges", "$exchange", "staging") == ["binance", "bybit", "dydx", "okx"]
    assert choices("trading", "$strategy", "staging") == ["steady", "stopper"]
