"""A preview: the revision that is shown, the data behind it, and what the page asks of both."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from dashgen.model.dashboards.panel_kinds import of
from dashgen.preview.alerts import AlertStates, all_failed, listed
from dashgen.preview.database import Database
from dashgen.preview.errors import PreviewError
from dashgen.preview.loader_process import LoaderProcess
from dashgen.preview.queries import NotFound, Queries, board_of
from dashgen.preview.requests import Range, chosen_of, name_of, panel_of, panel_request, range_of, uid_of
from dashgen.preview.revision import Fault, Revision, revision
from dashgen.questdb.errors import ServerError
from dashgen.watching import changed_specs

if TYPE_CHECKING:
    from dashgen.questdb import EmbeddedQuestDB

Json = dict[str, Any]
SEED = 1
FIRST_HOURS = 6.0
"""What is filled before the first picture: the range that dashboards open with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`env` is an environment's name, empty for the first. `at` is a fixed moment in milliseconds, None for now."""

    specs: Path
    env: str = ""
    at: int | None = None
    hours: float = 24.0
    seed: int = SEED
    load_timeout: float = 30.0
    query_timeout: float = 30.0


@dataclass(slots=True)
class Recorder:
    """What the page asked for, by what it asked: the data of a self-contained page."""

    variables: dict[str, Json] = field(default_factory=dict)
    queries: dict[str, Json] = field(default_factory=dict)
    annotations: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Json] = field(default_factory=dict)


class SpecsProcess(Protocol):
    """What loads specs: `LoaderProcess`."""

    def ask(self, request: Json) -> None: ...

    async def answer(self) -> Json | None: ...

    def answers(self) -> AsyncIterator[Json]: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Processes:
    """That which loads the specs, and that which fills an embedded server."""

    loader: SpecsProcess
    feeder: SpecsProcess | None = None

    @classmethod
    def begun(cls, settings: Settings, *, is_embedded: bool) -> Self:
        loader = LoaderProcess(settings.specs, settings.load_timeout)
        return cls(loader, LoaderProcess(settings.specs, settings.load_timeout) if is_embedded else None)

    def stop(self) -> None:
        """Where no session took them."""
        for process in (self.loader, self.feeder):
            if process is not None:
                process.stop()


class PreviewSession:
    """Use `start` and `stop`. `server` is the embedded QuestDB, None where `dsn` is that of another. `processes` are
    waiting already, so that Python's start and the server's take one time together."""

    def __init__(
        self, settings: Settings, dsn: str, server: EmbeddedQuestDB | None, processes: Processes
    ) -> None:  # fmt: skip
        self._settings = settings
        self._server = server
        self._loader: SpecsProcess = processes.loader
        self._feeder = processes.feeder
        self._is_fed = False
        self._filled = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._queues: set[asyncio.Queue[Json]] = set()
        self._has_data = asyncio.Event()
        self._has_all = asyncio.Event()
        self._data_faults: tuple[Fault, ...] = ()
        self._started = int(time.time() * 1000)
        self.revision = Revision()
        self.recorder: Recorder | None = None
        self.database = Database(dsn, timeout=settings.query_timeout)
        self._queries = Queries(self.database, self.now)
        self._alerts = AlertStates(dsn, self.now)

    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(time.time() * 1000) if self._settings.at is None else self._settings.at

    async def start(self) -> None:
        """Loads the specs for the first time. Raises PreviewError where no server answers; specs that can't be loaded
        are in `revision.faults`."""
        await self.database.__aenter__()
        if self._server is None:
            self._has_data.set()
            self._has_all.set()
        else:
            self._fill()
        await self._load()
        self._filled = self.revision.demo

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for process in (self._feeder, self._loader):
            if process is not None:
                process.stop()
        await self.database.__aexit__()

    async def wait_for_all(self) -> None:
        """Until all demo data are there. Raises PreviewError where they can't be made."""
        await self._has_all.wait()
        if self._data_faults:
            raise PreviewError(self._data_faults[0].message)

    def watch(self) -> None:
        """Loads the specs again whenever one of their files changes."""
        self._begin(self._watched())

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watched(self) -> None:
        async for _ in changed_specs(self._settings.specs):
            await self.reload()

    async def reload(self) -> None:
        """Loads the specs and tells every page what changed."""
        before = self.revision
        await self._load()
        self._queries.forget()
        if self._server is not None and self.revision.demo != self._filled:
            self._fill()
            self._filled = self.revision.demo
        self._tell(self.revision.changed_since(before))

    def _tell(self, changed: tuple[str, ...]) -> None:
        event = {"revision": self.revision.number, "changed": list(changed), "errors": self._errors()}
        for queue in self._queues:
            queue.put_nowait(event)

    async def _load(self) -> None:
        self._loader.ask({"do": "load", "env": self._settings.env})
        answer = await self._loader.answer()
        if answer is None:
            lost = {"message": "the process that loads the specs has exited", "file": "", "line": 0, "hint": ""}
            answer = {"is_loaded": False, "faults": [lost]}
            self._loader = LoaderProcess(self._settings.specs, self._settings.load_timeout)
        self.revision = revision(answer, self.revision)

    def _fill(self) -> None:
        """Makes the embedded server's tables and rows as they are declared now."""
        assert self._server is not None  # noqa: S101  # asked for by those who call it
        if self._is_fed and self._feeder is not None:
            self._feeder.stop()
            self._feeder = None
        if self._feeder is None:
            self._feeder = LoaderProcess(self._settings.specs, self._settings.load_timeout)
        self._is_fed = True
        self._has_data.clear()
        self._has_all.clear()
        self._data_faults = ()
        at = self._settings.at
        self._feeder.ask(
            {
                "do": "fill",
                "url": self._server.http_url,
                "env": self._settings.env,
                "seed": self._settings.seed,
                "end": (self._started if at is None else at) / 1000,
                "hours": self._settings.hours,
                "first_hours": min(FIRST_HOURS, self._settings.hours),
                "follows": at is None,
            }
        )
        self._begin(self._fed(self._feeder))

    async def _fed(self, feeder: SpecsProcess) -> None:
        """What the filling process tells, until it ends."""
        async for answer in feeder.answers():
            faults = tuple(Fault(**fault) for fault in answer["faults"])
            if faults:
                self._data_faults = faults
                self._tell(())
            if answer.get("is_first") or faults:
                self._has_data.set()
                self._queries.forget()
                self._begin(self._evaluated())
            if answer.get("is_complete") or faults:
                self._has_all.set()
        if feeder is self._feeder:
            self._has_data.set()
            self._has_all.set()

    async def _evaluated(self) -> None:
        """The rules, before a page asks for their states: the first time takes seconds."""
        kinds = {panel.get("type") for board in self.revision.boards.values() for panel in board.panels.values()}
        if any(of(str(kind)).shows_alerts for kind in kinds):
            with suppress(ServerError):
                await self._alerts.states(self.revision)

    def _errors(self) -> list[Json]:
        return [fault.as_data() for fault in (*self.revision.faults, *self._data_faults)]

    async def dashboards(self) -> Json:
        shown = self.revision
        return {
            "environment": shown.environment,
            "environments": list(shown.environments),
            "datasource": {"kind": "embedded" if self._server is not None else "url"},
            "now": self._settings.at,
            "dashboards": [
                {
                    "uid": board.uid,
                    "title": board.title,
                    "folder": board.folder,
                    "tags": board.data.get("tags") or [],
                    "panels": len(board.panels),
                }
                for board in shown.boards.values()
            ],
            "errors": self._errors(),
            "revision": shown.number,
        }

    async def dashboard(self, uid: str) -> Json:
        return {"dashboard": board_of(self.revision, uid).data, "revision": self.revision.number}

    async def query(self, body: Mapping[str, Any]) -> Json:
        request = panel_request(body)
        await self._has_data.wait()
        answer = await self._queries.panel(self.revision, request)
        if self.recorder is not None:
            self.recorder.queries[_key(request.uid, request.panel, body)] = _untimed(answer)
        return answer

    async def variables(self, body: Mapping[str, Any]) -> Json:
        uid, range_, chosen, changed = uid_of(body), range_of(body), chosen_of(body), name_of(body)
        await self._has_data.wait()
        answer = await self._queries.variables(self.revision, uid, range_, chosen, changed)
        if self.recorder is not None:
            self.recorder.variables[uid] = answer
        return answer

    async def annotations(self, body: Mapping[str, Any]) -> Json:
        uid, range_, chosen = uid_of(body), range_of(body), chosen_of(body)
        await self._has_data.wait()
        answer = await self._queries.annotations(self.revision, uid, range_, chosen)
        if self.recorder is not None:
            self.recorder.annotations[uid] = answer
        return answer

    async def alerts(self, body: Mapping[str, Any]) -> Json:
        uid, number, chosen = uid_of(body), panel_of(body), chosen_of(body)
        panel = board_of(self.revision, uid).panels.get(number)
        if panel is None:
            raise NotFound(f"dashboard {uid!r} has no panel {number}")
        await self._has_data.wait()
        now = self.now()
        variables = await self._queries.known(self.revision, uid, Range(now - 6 * 3_600_000, now), chosen)
        try:
            answer = listed(await self._alerts.states(self.revision), panel, uid, variables)
        except ServerError as error:
            answer = all_failed(error)
        if self.recorder is not None:
            self.recorder.alerts[_key(uid, number, None)] = answer
        return answer

    def subscribe(self) -> asyncio.Queue[Json]:
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Json]) -> None:
        self._queues.discard(queue)


def _untimed(answer: Json) -> Json:
    """Without how long it took, which differs each time."""
    results: dict[str, Json] = answer["results"]
    return {**answer, "results": {ref_id: {**result, "ms": 0} for ref_id, result in results.items()}}


def _key(uid: str, panel: int, body: Mapping[str, Any] | None) -> str:
    """`overview/3/{"host":"a"}`, as the page makes it."""
    if body is None:
        return f"{uid}/{panel}"
    scoped = json.dumps(body.get("scopedVars") or {}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{uid}/{panel}/{scoped}"
