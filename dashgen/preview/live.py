"""A preview from its start to its end: what runs for it, and what ends with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashgen.preview.errors import PreviewError
from dashgen.preview.server import Server
from dashgen.preview.session import PreviewSession, Processes, Settings
from dashgen.questdb.extras import from_extra

if TYPE_CHECKING:
    from dashgen.questdb import EmbeddedQuestDB

_LOOK_SECONDS = 0.5
Work = Callable[[PreviewSession, Server], Awaitable[None]]
"""What is done while the preview is served."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the preview is served; `dsn` is of a QuestDB that runs already, empty for an embedded one."""

    dsn: str = ""
    port: int = 0
    theme: str = "dark"


def run(settings: Settings, endpoint: Endpoint, work: Work) -> None:
    """Serves until `work` is done, a signal, or the end of the embedded server or of the process that started this one.
    Raises PreviewError, QuestDBError, and KeyboardInterrupt where it was interrupted."""
    from dashgen.preview.database import CONNECTIONS

    with from_extra("preview"):  # of a live page, which would start a server first
        import watchfiles  # noqa: F401
    with ExitStack() as stack:
        processes = Processes.begun(settings, is_embedded=not endpoint.dsn)
        stack.callback(processes.stop)
        database: EmbeddedQuestDB | None = None
        dsn = endpoint.dsn
        if not dsn:
            from dashgen.questdb import EmbeddedQuestDB

            database = stack.enter_context(EmbeddedQuestDB(pg_workers=CONNECTIONS + 4))
            dsn = database.readonly_dsn
        asyncio.run(_run(settings, endpoint, dsn, database, processes, work))


async def _run(
    settings: Settings, endpoint: Endpoint, dsn: str, database: EmbeddedQuestDB | None, processes: Processes, work: Work
) -> None:
    session = PreviewSession(settings, dsn, database, processes)
    current = asyncio.current_task()
    assert current is not None  # noqa: S101  # within a task
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), current.cancel)
    async with _serving(session, endpoint) as server:
        working = asyncio.ensure_future(work(session, server))
        watching = asyncio.ensure_future(_until_an_end(database))
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            for task in (working, watching):
                if task.done():
                    task.result()
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)


@asynccontextmanager
async def _serving(session: PreviewSession, endpoint: Endpoint) -> AsyncIterator[Server]:
    server = Server(session, theme=endpoint.theme)
    try:
        await server.start(endpoint.port)
        await session.start()
        yield server
    finally:
        await server.stop()
        await session.stop()


async def _until_an_end(database: EmbeddedQuestDB | None) -> None:
    """Of the parent, which returns, or of the embedded server, which raises PreviewError."""
    parent = os.getppid()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if os.getppid() != parent:
            return
        if database is not None and database.ended(0):
            raise PreviewError("the embedded QuestDB stopped unexpectedly", f"see {database.folder / 'dashgen.log'}")
