"""A rate is the true one at every zoom: over restarts, over holes, in the first bucket and in the last one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.specs.grafana import Grafana, find, series
from tests.specs.staging import END, LIFE

pytestmark = pytest.mark.questdb

MONTH, WEEK, DAY = 30 * 24.0, 7 * 24.0, 24.0
ZOOMS = [5 / 60, 1, 6, DAY, WEEK, MONTH]
NAMES = ["5m", "1h", "6h", "24h", "7d", "30d"]


def points(
    grafana: Grafana, uid: str, title: str, name: str, hours: float, **chosen: str
) -> list[tuple[datetime, float]]:
    return series(grafana.panel(uid, title, END, hours, env="staging", **chosen))[name]


def edges(found: list[tuple[datetime, float]], hours: float, grain: int) -> None:
    """The first bucket holds the range's begin; the last one all but what is still filling."""
    first, last = found[0][0], found[-1][0]
    width = (found[1][0] - first) if len(found) > 1 else timedelta(hours=hours)
    assert first <= END - timedelta(hours=hours) < first + width
    assert END - last <= width + timedelta(seconds=2 * grain)


@pytest.mark.parametrize("hours", ZOOMS, ids=NAMES)
@pytest.mark.parametrize(
    ("title", "rate"), [("Fetches", 7.0), ("Liquidations", 2.0), ("Errors", 1.0), ("Error ratio", 1 / 7)]
)
def test_counters(grafana: Grafana, title: str, rate: float, hours: float) -> None:
    found = points(grafana, "daemon-health", title, "steady", hours, host="steady")
    edges(found, hours, 10)
    assert [value for _, value in found] == pytest.approx([rate] * len(found), rel=1e-9)


@pytest.mark.parametrize("hours", [6, DAY])
def test_a_hole_is_no_drop(grafana: Grafana, hours: float) -> None:
    found = points(grafana, "daemon-health", "Fetches", "holey", hours, host="holey")
    assert [value for _, value in found] == pytest.approx([7.0] * len(found), rel=1e-9)


@pytest.mark.parametrize("hours", ZOOMS, ids=NAMES)
@pytest.mark.parametrize(("title", "rate"), [("Records", 3.0), ("Bytes", 300.0)])
def test_throughput(grafana: Grafana, title: str, rate: float, hours: float) -> None:
    found = points(grafana, "pipeline", f"{title} by exchange", "okx", hours, data_type="oi")
    edges(found, hours, 60)
    assert [value for _, value in found] == pytest.approx([rate] * len(found), rel=1e-9)
    by_type = points(grafana, "pipeline", f"{title} by data type", "oi", hours, exchange="okx")
    assert by_type == found


@pytest.mark.parametrize("hours", ZOOMS[:4], ids=NAMES[:4])
@pytest.mark.parametrize(("title", "rate"), [("Orders placed", 12.0), ("Orders filled", 6.0)])
def test_orders(grafana: Grafana, title: str, rate: float, hours: float) -> None:
    found = points(grafana, "trading", title, "steady", hours)
    edges(found, hours, 10)
    assert [value for _, value in found] == pytest.approx([rate] * len(found), rel=1e-9)


@pytest.mark.parametrize("hours", [6, DAY])
def test_amounts_are_carried(grafana: Grafana, hours: float) -> None:
    for title, amount in (("PnL over time", 10.0), ("Exposure over time", 100.0)):
        frame = series(grafana.panel("trading", title, END, hours, env="staging"))
        assert set(frame) == {"steady", "stopper"}
        assert {value for found in frame.values() for _, value in found} == {amount}
        assert frame["stopper"][-1][0] == frame["steady"][-1][0]


@pytest.mark.parametrize("seconds", [1.0, 2.5, 7.7, 13.3])
def test_the_end_may_be_anywhere(grafana: Grafana, seconds: float) -> None:
    """Whatever part of a bucket has passed: the last point is no drop."""
    end = END - timedelta(seconds=seconds)
    for uid, title, name, rate in (
        ("daemon-health", "Fetches", "steady", 7.0),
        ("pipeline", "Records by exchange", "okx", 3.0),
        ("trading", "Orders placed", "steady", 12.0),
    ):
        asked = find(grafana.plugin, uid, title)
        chosen = {"env": "staging"} | ({"data_type": "oi"} if uid == "pipeline" else {})
        for hours in (0.5, 3.0, 12.0):
            found = series(grafana.ask(asked, end, hours, **chosen))[name]
            assert [value for _, value in found] == pytest.approx([rate] * len(found), rel=1e-9)


@pytest.mark.parametrize("hours", [DAY, 2 * DAY, WEEK])
def test_restarts_are_counted_alike(grafana: Grafana, hours: float) -> None:
    """A restart is one in the 15 minutes after it, at every zoom."""
    found = points(grafana, "daemon-health", "Restarts", "steady", hours, host="steady")
    width = found[1][0] - found[0][0]
    restarted = [t for t, value in found if value == 1]
    assert {value for _, value in found} == {0, 1}
    epoch = int(END.timestamp())
    expected = sum(1 for t in range(epoch - round(hours * 3600), epoch) if t % LIFE == 0)
    marked = len(restarted) * width / max(width, timedelta(minutes=15))
    assert expected <= marked <= 2 * expected + 1
