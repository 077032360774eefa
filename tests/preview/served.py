"""A preview's server in a thread of this process, over given dashboards and rules, asked by HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import yaml

from dashgen.preview.server import HEADER, Server
from dashgen.preview.session import PreviewSession, Processes, Settings

Json = dict[str, Any]
SOURCE = {"type": "questdb-questdb-datasource", "uid": "qdb"}
POSTGRES = {"type": "postgres", "uid": "pg"}
AT = 1_767_268_800_000
"""2026-01-01T12:00Z."""
HOUR = 3_600_000


class Given:
    """Stands for the process that loads specs: answers what it was given, one after the other."""

    def __init__(self, *answers: Json) -> None:
        self._answers = list(answers)

    def ask(self, request: Json) -> None:
        pass

    async def answer(self) -> Json | None:
        return self._answers.pop(0) if self._answers else None

    async def answers(self) -> AsyncIterator[Json]:
        for one in self._answers:
            yield one

    def stop(self) -> None:
        pass


def loaded(dashboards: Sequence[Json], rules: Sequence[Json] = (), faults: Sequence[Json] = ()) -> Json:
    """What the loader answers for these."""
    documents = {f"dashboards/f/{one['uid']}.json": json.dumps(one) for one in dashboards}
    sources = [
        {"name": "QuestDB", "uid": "qdb", "type": SOURCE["type"]},
        {"name": "QuestDB too", "uid": "qdb2", "type": SOURCE["type"]},
        {"name": "Wire", "uid": "pg", "type": "postgres"},
    ]
    documents["provisioning/datasources/dashgen.yaml"] = yaml.safe_dump({"datasources": sources})
    group = {"name": "group", "folder": "Alerts", "interval": "10s", "rules": list(rules)}
    documents["provisioning/alerting/rules-group.yaml"] = yaml.safe_dump({"groups": [group]})
    return {
        "is_loaded": True, "documents": documents, "environment": "prod", "environments": ["prod", "local"],
        "folders": {"f": "The folder"}, "grafana": "12.3", "env": "prod", "demo": "", "has_demo": False,
        "faults": list(faults),
    }  # fmt: skip


def target(sql: str, ref_id: str = "A", format_: object = 0, **more: object) -> Json:
    return {"refId": ref_id, "rawSql": sql, "format": format_, "datasource": SOURCE, **more}


def panel(number: int, *targets: Json, **more: object) -> Json:
    grid = {"x": 0, "y": 0, "w": 12, "h": 8}
    return {
        "id": number, "type": "timeseries", "title": f"Panel {number}", "gridPos": grid, "datasource": SOURCE,
        "targets": list(targets), **more,
    }  # fmt: skip


def dashboard(*panels: Json, uid: str = "one", variables: Sequence[Json] = (), **more: object) -> Json:
    return {
        "uid": uid, "title": uid.title(), "schemaVersion": 42, "tags": ["a tag"], "panels": list(panels),
        "templating": {"list": list(variables)}, "time": {"from": "now-6h", "to": "now"}, **more,
    }  # fmt: skip


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Served:
    """Within `with`; `answers` are those of the loader, the first of which is loaded at the start."""

    def __init__(
        self, dsn: str, *answers: Json, at: int | None = AT, timeout: float = 120.0, most_rows: int | None = None
    ) -> None:
        settings = Settings(Path("specs"), at=at, query_timeout=timeout)
        self.session = PreviewSession(settings, dsn, None, Processes(Given(*answers)))
        if most_rows is not None:
            self.session.database.most_rows = most_rows
        self.server = Server(self.session)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self.server.start())
        self.do(self.session.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self.server.stop())
        self.do(self.session.stop())
        self.do(_all_ended())
        self.do(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def do(self, work: Any, timeout: float = 200) -> Any:
        """Runs it on the server's loop."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout)

    def connect(self, timeout: float = 200) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.server.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None,
        *, with_token: bool = True, raw: bytes | None = None,
    ) -> Reply:  # fmt: skip
        """`raw` is a body that is no JSON of an object."""
        sent = {HEADER: self.server.token} if with_token else {}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent |= {"Content-Type": "application/json"} if data is not None else {}
        connection = self.connect()
        try:
            connection.request(method, path, data, {**sent, **(headers or {})})
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def query(self, number: int, /, **more: object) -> Json:
        """The answer for a panel over the six hours before `AT`."""
        reply = self.ask("POST", "/api/query", {**span(), "uid": "one", "panelId": number, "width": 600, **more})
        assert reply.status == 200, reply.body
        data: Json = reply.data
        return data

    def result(self, number: int, ref_id: str = "A", /, **more: object) -> Json:
        found: Json = self.query(number, **more)["results"][ref_id]
        return found


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def span(hours: float = 6, to: int = AT) -> Json:
    return {"from": int(to - hours * HOUR), "to": to, "range": {"from": f"now-{hours:g}h", "to": "now"}}


def columns(result: Json) -> list[tuple[str, Json, list[object]]]:
    """Name, labels and values of each field of a result's frame."""
    assert "error" not in result, result["error"]
    (frame,) = result["frames"]
    fields = frame["schema"]["fields"]
    return [
        (field["name"], field.get("labels", {}), values)
        for field, values in zip(fields, frame["data"]["values"], strict=True)
    ]
