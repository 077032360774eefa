"""Every query of every dashboard, for both plugins, on a real QuestDB."""

from __future__ import annotations

import pytest

from dashgen.grafana.datasources.frames import Frame, FrameError
from tests.specs.grafana import Asked, Grafana, queries
from tests.specs.staging import END

pytestmark = pytest.mark.questdb

EMPTY_WHEN_WELL = {
    "exchanges › Outages": 24,
    "daemon-health › Restarts": 168,
    "daemon-health › Silences": 24,
    "exchanges › Silences": 24,
    "pipeline › Gaps": 24,
    "pipeline › Worst symbols": 24,
}
"""What has rows only where something happened, and the hours in which the demo data let it happen for sure."""


def wrong(asked: Asked, frame: Frame, hours: float) -> str:
    """What Grafana or an operator would stumble over; empty if nothing."""
    count = len(frame.fields[0].values) if frame.fields else 0
    if not count:
        expected = hours >= EMPTY_WHEN_WELL.get(str(asked), 0)
        return "no rows" if expected else ""
    if asked.format == "table":
        return f"{count} rows, without a LIMIT" if count > 200 else ""
    time, *values = frame.fields
    if time.type != "time":
        return f"a series without a time: {[f.name for f in frame.fields]}"
    labels = {name for field in values for name, _ in field.labels}
    if not labels <= {"metric"} or any(f.type == "string" for f in values):
        return f"series with the labels {labels}"
    if len(values) > 60:
        return f"{len(values)} series"
    if all(v is None for field in values for v in field.values):
        return "nothing but NULL"
    return ""


@pytest.mark.parametrize("hours", [5 / 60, 6, 24, 168], ids=["5m", "6h", "24h", "7d"])
def test_every_query_returns_rows(grafana: Grafana, hours: float) -> None:
    found = []
    for asked in queries(grafana.plugin):
        try:
            problem = wrong(asked, grafana.ask(asked, END, hours), hours)
        except (FrameError, Exception) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            found.append(f"{asked}: {problem}")
    assert not found, "\n".join(found)
