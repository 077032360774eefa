"""Pictures of dashboards and panels, and a page with its data inside: the preview's own page in a headless Chromium."""

from __future__ import annotations

import asyncio
import fnmatch
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dashgen.grafana.relative_times import resolved
from dashgen.model.core.ids import slug
from dashgen.preview.chromium import Chromium, ChromiumError, Page, Theme
from dashgen.preview.document import self_contained
from dashgen.preview.errors import PreviewError
from dashgen.preview.revision import Board
from dashgen.preview.server import Server
from dashgen.preview.session import PreviewSession, Recorder

Json = dict[str, Any]
_DRAWN_SECONDS = 60.0
_WINDOW_HEIGHT = 300
"""The least that a picture of a whole dashboard has."""
_PANEL_HEIGHT = 400


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """How pictures look. `span` is the time range as Grafana writes it, None for each dashboard's own; `height` None
    for the whole dashboard."""

    width: int = 1600
    height: int | None = None
    theme: Theme = "dark"
    span: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    path: Path
    size: int
    seconds: float
    failed: int
    """Panels that show an error."""


async def take(
    session: PreviewSession, server: Server, folder: Path, style: PictureStyle, dashboards: Sequence[str],
    panels: Sequence[str], chromium: Chromium, told: Callable[[Picture], None],
) -> tuple[Picture, ...]:  # fmt: skip
    """One PNG a dashboard, or one a panel whose title or id `panels` name. Raises PreviewError."""
    await session.wait_for_all()
    boards = chosen(session, dashboards)
    wanted = list(_wanted(boards, panels))
    if panels and not wanted:
        titles = sorted({str(panel.get("title") or "") for board in boards for panel in board.panels.values()})
        raise PreviewError(f"no panel is called {' or '.join(map(repr, panels))}", f"there is {', '.join(titles)}")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for board, panel in wanted:
        name = board.uid if panel is None else f"{board.uid}-{panel['id']}-{slug(str(panel.get('title') or ''))}"
        number = None if panel is None else int(panel["id"])
        picture = await asyncio.to_thread(_taken, chromium, server, board, number, style, folder / f"{name}.png")
        told(picture)
        made.append(picture)
    return tuple(made)


async def write_page(
    session: PreviewSession,
    server: Server,
    path: Path,
    style: PictureStyle,
    dashboards: Sequence[str],
    chromium: Chromium,
) -> int:
    """Every dashboard with its data in one HTML file; returns its size. The page is drawn once, and what it asks for is
    what goes into the file. Raises PreviewError."""
    await session.wait_for_all()
    boards = chosen(session, dashboards)
    session.recorder = recorder = Recorder()
    try:
        for board in boards:
            await asyncio.to_thread(_drawn, chromium, server, board, None, style)
    finally:
        session.recorder = None
    meta = await session.dashboards()
    kept = {board.uid for board in boards}
    meta["dashboards"] = [one for one in meta["dashboards"] if one["uid"] in kept]
    now = session.now()
    raw = style.span or _range_of(boards[0])
    data: Json = {
        "meta": {**meta, "now": now},
        "dashboards": {board.uid: {"dashboard": board.data, "revision": meta["revision"]} for board in boards},
        "variables": recorder.variables,
        "queries": recorder.queries,
        "annotations": recorder.annotations,
        "alerts": recorder.alerts,
        "range": {"from": raw[0], "to": raw[1], **_moments(raw, now)},
        "theme": style.theme,
        "timezone": "utc",
        "view": {"uid": boards[0].uid} if len(boards) == 1 else {},
        "static": True,
    }
    title = boards[0].title if len(boards) == 1 else f"Dashboards of {session.revision.environment}"
    text = self_contained(title, data).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return len(text)


def chosen(session: PreviewSession, dashboards: Sequence[str]) -> tuple[Board, ...]:
    """The dashboards of those uids, all where none is given. Raises PreviewError."""
    boards = session.revision.boards
    unknown = [uid for uid in dashboards if uid not in boards]
    if unknown:
        raise PreviewError(f"there is no dashboard {unknown[0]!r}", f"there is {', '.join(boards)}")
    if not boards:
        raise PreviewError("the specs have no dashboards")
    return tuple(boards[uid] for uid in dashboards or boards)


def _wanted(boards: Sequence[Board], panels: Sequence[str]) -> Iterator[tuple[Board, Json | None]]:
    for board in boards:
        if not panels:
            yield board, None
        for number, panel in board.panels.items():
            title = str(panel.get("title") or "")
            if any(pattern == str(number) or fnmatch.fnmatchcase(title, pattern) for pattern in panels):
                yield board, panel


def _taken(
    chromium: Chromium, server: Server, board: Board, panel: int | None, style: PictureStyle, path: Path
) -> Picture:  # fmt: skip
    began = time.perf_counter()
    image, failed = _drawn(chromium, server, board, panel, style)
    path.write_bytes(image)
    return Picture(path, len(image), time.perf_counter() - began, failed)


def _drawn(
    chromium: Chromium, server: Server, board: Board, panel: int | None, style: PictureStyle
) -> tuple[bytes, int]:  # fmt: skip
    """The picture, and how many panels show an error."""
    height = style.height or (_WINDOW_HEIGHT if panel is None else _PANEL_HEIGHT)
    with chromium.page(style.width, height, theme=style.theme) as page:
        _log_in(page, server)
        page.go(f"{server.origin}/d/{board.uid}?{_query(board, panel, style)}")
        try:
            page.wait("document.documentElement.dataset.ready === 'true'", _DRAWN_SECONDS)
        except ChromiumError as error:
            raise PreviewError(f"dashboard {board.uid!r} was not drawn: {error}") from None
        failed = int(page.evaluate("document.documentElement.dataset.failed") or 0)
        return page.screenshot(full=panel is None and style.height is None), failed


def _log_in(page: Page, server: Server) -> None:
    page.call(
        "Network.setCookie", name=server.cookie, value=server.token, url=server.origin, httpOnly=True,
        sameSite="Strict",
    )  # fmt: skip


def _query(board: Board, panel: int | None, style: PictureStyle) -> str:
    start, end = style.span or _range_of(board)
    asked = {"from": start, "to": end, "theme": style.theme, "timezone": "utc", "kiosk": "1", "all": "1"}
    return urlencode(asked | ({} if panel is None else {"viewPanel": str(panel)}))


def _range_of(board: Board) -> tuple[str, str]:
    given = board.data.get("time") or {}
    return str(given.get("from") or "now-6h"), str(given.get("to") or "now")


def _moments(raw: tuple[str, str], now: int) -> Json:
    at = datetime.fromtimestamp(now / 1000, UTC)
    start, end = resolved(raw[0], at), resolved(raw[1], at, "end")
    return {"fromMs": int(start.timestamp() * 1000), "toMs": int(end.timestamp() * 1000)}
