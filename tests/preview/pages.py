"""Pages of the preview with their data inside: what a test gives as frames is what the page draws."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ASSETS = Path(__file__).resolve().parents[2] / "dashgen" / "preview" / "assets"
NOW = 1_790_000_000_000
"""2026-09-21T14:13:20Z"""
FROM = NOW - 3_600_000
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; font-src data:; img-src data: blob:;"
    " base-uri 'none'; form-action 'none'"
)


def frame(columns: Mapping[str, Sequence[object]], labels: Mapping[str, Mapping[str, str]] | None = None) -> Json:
    """A frame as the server answers it; `time` is a time, other types are those of the values."""
    fields = []
    for name, values in columns.items():
        known = next((v for v in values if v is not None), 0)
        kind = "time" if name == "time" else _TYPES[type(known)]
        fields.append({"name": name.partition("#")[0], "type": kind, "labels": (labels or {}).get(name)})
    meta = {"executedQueryString": "SELECT 1"}
    return {
        "schema": {"refId": "A", "fields": fields, "meta": meta},
        "data": {"values": [list(c) for c in columns.values()]},
    }


_TYPES: dict[type, str] = {int: "number", float: "number", str: "string", bool: "boolean"}


def minutes(count: int = 60, step_ms: int = 60_000) -> list[int]:
    """Times that end now."""
    return [NOW - (count - 1 - i) * step_ms for i in range(count)]


def series(count: int, points: int = 60, name: str = "load") -> Json:
    """Series that differ by a label."""
    columns: dict[str, Sequence[object]] = {"time": minutes(points, 3_600_000 // max(points, 1))}
    columns |= {f"{name}#{n}": [float(n + i % 5) for i in range(points)] for n in range(count)}
    return frame(columns, {f"{name}#{n}": {"host": f"host-{n:02}"} for n in range(count)})


def panel(kind: str, number: int = 1, *, width: int = 12, height: int = 8, **more: Any) -> Json:
    given: Json = {"id": number, "type": kind, "title": f"Panel {number}", "targets": [{"refId": "A"}]}
    return given | {"gridPos": {"x": 0, "y": 0, "w": width, "h": height}} | more


def dashboard(*panels: Json, **more: Any) -> Json:
    return {
        "uid": "board",
        "title": "Board",
        "timezone": "utc",
        "time": {"from": "now-1h", "to": "now"},
        "panels": list(panels),
    } | more


def answer(*frames: Json, error: str | None = None) -> Json:
    result: Json = {"refId": "A", "frames": list(frames), "status": 400 if error else 200, "rows": 1, "ms": 3.5}
    return {"results": {"A": result | ({"error": error} if error else {})}, "interval": {"text": "1m", "ms": 60_000}}


def data(
    board: Json,
    answers: Mapping[str, Json],
    *,
    variables: Sequence[Json] = (),
    annotations: Sequence[Json] = (),
    alerts: Mapping[str, Json] | None = None,
    theme: str = "dark",
    panel_id: int | None = None,
) -> Json:
    """`answers` are by `<panel>` or `<panel>/<scoped variables as JSON>`."""
    uid = board["uid"]
    keys = {(key if "/" in key else f"{key}/{{}}"): value for key, value in answers.items()}
    entry = {"uid": uid, "title": board["title"], "folder": "Folder", "tags": [], "panels": len(board["panels"])}
    return {
        "meta": {
            "environment": "prod",
            "environments": ["prod"],
            "datasource": {"kind": "embedded"},
            "now": NOW,
            "dashboards": [entry],
            "errors": [],
            "revision": 1,
        },
        "dashboards": {uid: {"dashboard": board, "revision": 1}},
        "variables": {uid: {"variables": list(variables)}},
        "queries": {f"{uid}/{key}": value for key, value in keys.items()},
        "annotations": {uid: {"annotations": list(annotations)}},
        "alerts": {f"{uid}/{key}": value for key, value in (alerts or {}).items()},
        "range": {"from": "now-1h", "to": "now", "fromMs": FROM, "toMs": NOW},
        "theme": theme,
        "timezone": "utc",
        "view": {"uid": uid, "panelId": panel_id},
        "static": True,
    }


class Gallery:
    """Many panels on one page, below each other: loading a page costs more than drawing a panel."""

    def __init__(self) -> None:
        self.panels: list[Json] = []
        self.answers: dict[str, Json] = {}
        self.alerts: dict[str, Json] = {}

    def add(
        self, kind: str, *frames: Json, error: str | None = None, alerts: Json | None = None, height: int = 8,
        width: int = 12, **more: Any,
    ) -> str:  # fmt: skip
        """A panel; answers the selector of what is drawn of it."""
        number = len(self.panels) + 1
        top = sum(p["gridPos"]["h"] for p in self.panels)
        made = panel(kind, number, **more)
        made["gridPos"] = {"x": 0, "y": top, "w": width, "h": height}
        self.panels.append(made)
        self.answers[str(number)] = answer(*frames, error=error)
        if alerts is not None:
            self.alerts[str(number)] = alerts
        return f'[data-panel-id="{number}"]'

    @property
    def data(self) -> Json:
        return data(dashboard(*self.panels), self.answers, alerts=self.alerts)


def html(given: Json) -> str:
    script = (ASSETS / "app.js").read_text().replace("</script", "<\\/script").replace("<!--", "<\\!--")
    style = (ASSETS / "app.css").read_text()
    inert = json.dumps(given).replace("<", "\\u003c")
    return (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<style>{style}</style><div id="root"></div>'
        f'<script type="application/json" id="dashgen-data">{inert}</script><script type="module">{script}</script>'
    )
