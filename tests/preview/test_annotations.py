"""Annotations of SQL: points and regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashgen.grafana.datasources.frames import Frame, FrameField
from dashgen.preview.events import AnnotationEvent, events
from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import AT, HOUR, POSTGRES, SOURCE, Served, dashboard, loaded, span, target

pytestmark = pytest.mark.questdb
Json = dict[str, Any]


def annotation(name: str, sql: str, **more: object) -> Json:
    return {
        "name": name, "datasource": SOURCE, "enable": True, "iconColor": "red",
        "target": target(sql, "Anno", 1), **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def served(questdb: EmbeddedQuestDB) -> Iterator[Served]:
    start, end = (f"cast({(AT - hours * HOUR) * 1000} AS TIMESTAMP)" for hours in (2, 1))
    region = f"SELECT {start} AS time, {end} AS timeend, 'Restart of $host' AS text, 'a, b,,c' AS tags"
    builtin = {"builtIn": 1, "name": "Annotations & Alerts", "datasource": {"type": "grafana", "uid": "-- Grafana --"}}
    listed = [
        builtin,
        annotation("Regions", f"{region} FROM long_sequence(1) WHERE {start} >= $__fromTime"),
        annotation("Points", f"SELECT {end} AS at, 'only a text' AS what", enable=False),
        annotation("Broken", "SELECT nope"),
        annotation("Elsewhere", "up", datasource={"type": "prometheus", "uid": "p"}),
        annotation(
            "Wire",
            "",
            datasource=POSTGRES,
            target=target(f"SELECT {end} AS time", format_="table", datasource=POSTGRES),
        ),
    ]
    variable = {"name": "host", "type": "custom", "query": "a,b"}
    with Served(
        questdb.readonly_dsn, loaded([dashboard(variables=[variable], annotations={"list": listed})])
    ) as running:
        yield running


def found(served: Served, **more: object) -> dict[str, Json]:
    reply = served.ask("POST", "/api/annotations", {**span(), "uid": "one", **more})
    assert reply.status == 200, reply.body
    return {one["name"]: one for one in reply.data["annotations"]}


def test_points_and_regions(served: Served) -> None:
    shown = found(served, variables={"host": "b"})
    assert list(shown) == ["Regions", "Points", "Broken", "Elsewhere", "Wire"]
    assert shown["Regions"] == {
        "name": "Regions", "color": "red", "enable": True,
        "events": [
            {"time": AT - 2 * HOUR, "timeEnd": AT - HOUR, "text": "Restart of b", "tags": ["a", "b", "c"]}
        ],
    }  # fmt: skip
    assert shown["Points"]["events"] == [{"time": AT - HOUR, "text": "only a text", "tags": []}]
    assert shown["Points"]["enable"] is False
    assert shown["Wire"]["events"] == []  # without a text, as in Grafana


def test_they_follow_the_range(served: Served) -> None:
    assert found(served, **span(1.5))["Regions"]["events"] == []


def test_what_fails_is_said_of_that_one(served: Served) -> None:
    shown = found(served)
    assert shown["Broken"]["error"] == "error querying the database: pq: Invalid column: nope"
    assert shown["Elsewhere"]["error"] == "not previewed: annotations of another datasource"
    assert "error" not in shown["Regions"]
    assert served.ask("POST", "/api/annotations", {**span(), "uid": "two"}).status == 404


def test_rows_as_events() -> None:
    fields = (
        FrameField("Time", "float64", (1000.0, None, 3000.0)),
        FrameField("timeEnd", "float64", (1000.0, None, 4000.0)),
        FrameField("said", "string", ("a", "b", None)),
        FrameField("TITLE", "string", ("t", None, None)),
        FrameField("tags", "string", (None, "x", " y ")),
    )
    assert list(events(Frame(fields))) == [
        AnnotationEvent(1000, "a", None, (), "t"),
        AnnotationEvent(3000, "", 4000, ("y",), ""),
    ]
    # the first of texts, whatever it is; none at all
    assert [event.text for event in events(Frame((*fields[:2], *fields[3:])))] == ["t", ""]
    assert list(events(Frame(fields[:2]))) == []
    assert list(events(Frame(fields[2:]))) == []


def test_of_two_fields_alike_the_last_counts() -> None:
    fields = (
        FrameField("time", "float64", (1000.0,)),
        FrameField("text", "string", ("a",)),
        FrameField("TEXT", "string", ("b",)),
    )
    assert [event.text for event in events(Frame(fields))] == ["b"]
