"""Time from a fault to the page, by the simulator, and what shorter times would cost in pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

from benchmarks.data_set import END
from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.fixture import fixture_of
from dashgen.backtest.outages import happened
from dashgen.grafana.durations import seconds
from dashgen.grafana.notification_policies import reached
from dashgen.grafana.versions import shown
from dashgen.model.tables.demo import Outage
from dashgen.questdb import EmbeddedQuestDB
from specs import PROJECT
from specs.outages import OUTAGES, SPAN, pauses
from tests.specs.alert_delays import delays

TARGET = 60.0
"""Seconds from the fault to the page."""
DAYS = 7
"""Of the data set, whose outages are counted."""

_ROWS = {
    "daemon-silent": (f"SELECT timestamp, host FROM daemon_metrics WHERE {SPAN}", "host"),
    "pipeline-stalled-oi": (
        "SELECT timestamp, exchange, data_type FROM pipeline_metrics"
        f" WHERE data_type = 'oi' AND records_count > 0 AND {SPAN}",
        "exchange, data_type",
    ),
}
"""What pauses, where the declared outage leaves short ones out."""


def measured(server: EmbeddedQuestDB, data: EmbeddedQuestDB) -> dict[str, Any]:
    """`server` is an empty one, for the simulator; `data` holds the data set."""
    environment = PROJECT.environments[0]
    fixture = fixture_of(PROJECT, environment)
    root = fixture.notifications.root
    assert root is not None
    fires = delays(server, environment.version).fires
    rows = []
    for uid, rule in fixture.rules.items():
        if rule.labels["severity"] != "critical":
            continue
        wait = min(route.group_wait for route in reached(root, rule.labels))
        page = fires[uid] + wait
        rows.append({
            "rule": uid, "paused": rule.paused, "interval": rule.interval, "pending": rule.pending, "fires": fires[uid],
            "group_wait": wait, "page": page, "pages": _pages(data, uid, TARGET - wait),
        })  # fmt: skip
    return {"grafana": shown(environment.version), "target": TARGET, "days": DAYS, "rules": rows}


def _pages(data: EmbeddedQuestDB, uid: str, soon: float) -> dict[str, int] | None:
    """Outages in the data that page today, and that would if it were after `soon` seconds. None where rows tell of
    none."""
    declared = [one for one in OUTAGES if one.rule == uid]
    if not declared:
        return None
    (outage,) = declared
    lengths = [*_lengths(data, replace(outage, query=pauses(*_ROWS[uid], 20)) if uid in _ROWS else outage)]
    return {
        "today": sum(length >= seconds(outage.at_least) for length in lengths),
        "soon": sum(length >= soon for length in lengths),
        "all": len(lengths),
    }


def _lengths(data: EmbeddedQuestDB, outage: Outage) -> Iterator[float]:
    end = int(END.timestamp())
    with closing(QueryConnection(data.readonly_dsn)) as connection:
        for one in happened([outage], connection.run, end - int(timedelta(days=DAYS).total_seconds()), end):
            yield one.until - one.since
