"""`dashgen preview`."""

from __future__ import annotations

import enum
import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Format, OutputFormat, Specs, Timeout

if TYPE_CHECKING:
    from dashgen.preview.chromium import Chromium
    from dashgen.preview.live import Endpoint, Work
    from dashgen.preview.pictures import Picture, PictureStyle
    from dashgen.preview.server import Server
    from dashgen.preview.session import PreviewSession, Settings


class Theme(enum.StrEnum):
    DARK = "dark"
    LIGHT = "light"


Env = Annotated[str, typer.Option("--env", metavar="NAME", help="The environment; default: the first of PROJECT.")]
Against = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="URL",
        help="A running QuestDB: postgresql://user@host:8812/qdb. Default: an embedded one with demo data."
        " Login: DASHGEN_QUESTDB_USER and DASHGEN_QUESTDB_PASSWORD.",
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
Port = Annotated[int, typer.Option("--port", help="Port; 0 takes any free one.", min=0, max=65535)]
At = Annotated[
    str,
    typer.Option(
        "--at", metavar="MOMENT", help="Time that counts as now: 2026-01-31T12:00 (UTC). Demo data end there."
    ),
]
Dashboards = Annotated[
    list[str] | None, typer.Option("--dashboard", metavar="UID", help="Only this dashboard (repeatable).")
]
Png = Annotated[Path | None, typer.Option("--png", metavar="DIR", help="Write a picture of each dashboard, and exit.")]
Panels = Annotated[
    list[str] | None,
    typer.Option(
        "--panel", metavar="TITLE", help="With --png: only panels with this title; '*' matches any text (repeatable)."
    ),
]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page, and exit.")]
Range = Annotated[
    str, typer.Option("--range", metavar="RANGE", help="6h, now-7d/d,now-1d/d or two times; default: each dashboard's.")
]
Width = Annotated[int, typer.Option("--width", help="Width of pictures in pixels.", min=200, max=8000)]
Height = Annotated[
    int | None,
    typer.Option(
        "--height", help="Height of pictures; default: the whole dashboard, 400 for a panel.", min=100, max=20000
    ),
]
ThemeOf = Annotated[Theme, typer.Option("--theme", help="dark or light.")]
ChromiumPath = Annotated[
    Path | None,
    typer.Option("--chromium", metavar="PATH", help="Chromium for pictures; default: one installed on this machine."),
]
Hours = Annotated[float, typer.Option("--hours", help="Hours of demo data.", min=0.1, max=24 * 366)]
QueryTimeout = Annotated[float, typer.Option("--query-timeout", help="Timeout of a query in seconds.", min=0.1)]


def preview(
    env: Env = "",
    against: Against = "",
    open_: Open = False,
    port: Port = 0,
    at: At = "",
    dashboard: Dashboards = None,
    png: Png = None,
    panel: Panels = None,
    html: Html = None,
    range_: Range = "",
    width: Width = 1600,
    height: Height = None,
    theme: ThemeOf = Theme.DARK,
    chromium: ChromiumPath = None,
    hours: Hours = 24.0,
    query_timeout: QueryTimeout = 30.0,
    specs: Specs = Path("specs"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Show the dashboards with data, without a Grafana: a local page, or pictures of it.

    The page draws what is rendered by Grafana's own components over live data, and follows every change of the specs,
    until Ctrl-C. It listens on this machine only; its address has a token. Only queries of the dashboards
    are run, and they only read. Pictures need a Chromium.

    \b
    Examples:
      dashgen preview --open
      dashgen preview --against postgresql://reader@questdb.example:8812/qdb --env prod
      dashgen preview --png pictures --at 2026-01-31T12:00
      dashgen preview --png pictures --dashboard overview --panel '*' --range 24h --theme light
      dashgen preview --html dashboards.html

    Exit code: 0 stopped by Ctrl-C, or all was drawn; 1 panels of a picture show an error; 2 something is missing, or
    the specs can't be loaded.
    """
    from dashgen.preview.errors import PreviewError
    from dashgen.questdb.errors import QuestDBError

    try:
        settings, endpoint, style = _asked(
            env, against, port, at, range_, width, height, theme, hours, query_timeout, specs, load_timeout,
            is_still=bool(png or html),
        )  # fmt: skip
        if panel and not png:
            raise PreviewError("--panel needs --png", "add --png DIR")
        if png or html:
            code = _draw(settings, endpoint, style, png, html, dashboard or (), panel or (), chromium, output)
        else:
            code = _show(settings, endpoint, dashboard or (), output, opens=open_)
    except (PreviewError, QuestDBError, ValueError) as error:
        code = report.error(str(error), getattr(error, "hint", ""))
    raise typer.Exit(code)


def _asked(
    env: str, against: str, port: int, at: str, range_: str, width: int, height: int | None, theme: Theme,
    hours: float, query_timeout: float, specs: Path, load_timeout: float, *, is_still: bool,
) -> tuple[Settings, Endpoint, PictureStyle]:  # fmt: skip
    """Raises PreviewError and ValueError for what can't be."""
    from dashgen.preview.errors import PreviewError
    from dashgen.preview.live import Endpoint
    from dashgen.preview.pictures import PictureStyle
    from dashgen.preview.session import Settings

    if not (specs / "__init__.py").is_file():
        raise PreviewError(
            f"{specs} is not a specs package",
            "write its __init__.py with PROJECT = Project(…), or name another folder: --specs DIR",
        )
    fixed = _moment(at) if at else datetime.now(UTC).replace(second=0, microsecond=0) if is_still else None
    ms = int(fixed.timestamp() * 1000) if fixed else None
    span = _span(range_, fixed or datetime.now(UTC)) if range_ else None
    settings = Settings(specs, env, ms, hours, load_timeout=load_timeout, query_timeout=query_timeout)
    endpoint = Endpoint(_dsn(against) if against else "", port, theme.value)
    return settings, endpoint, PictureStyle(width, height, theme.value, span)


def _moment(text: str) -> datetime:
    from dashgen.preview.errors import PreviewError

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise PreviewError(f"--at: expected a moment such as 2026-01-31T12:00, got {text!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _span(text: str, now: datetime) -> tuple[str, str]:
    """`6h`, or two ends with a comma between them."""
    from dashgen.grafana.relative_times import resolved
    from dashgen.preview.errors import PreviewError

    start, comma, end = text.partition(",")
    start, end = (start, end) if comma else (f"now-{text}", "now")
    try:
        backwards = resolved(start, now) >= resolved(end, now, "end")
    except (ValueError, OverflowError):
        message = f"--range: expected one such as 6h, now-7d/d,now or two moments, got {text!r}"
        raise PreviewError(message) from None
    if backwards:
        raise PreviewError(f"--range: {start} is not before {end}")
    return start, end


def _dsn(url: str) -> str:
    from dashgen.preview.errors import PreviewError
    from dashgen.questdb.address import is_pg, pg_dsn, shown

    if not is_pg(url):
        hint = "the preview cancels queries over the PG wire; QuestDB's default port for it is 8812"
        raise PreviewError(f"--against: expected postgresql://user@host:8812/qdb, got {shown(url)!r}", hint)
    user, password = (os.environ.get(f"DASHGEN_QUESTDB_{name}") for name in ("USER", "PASSWORD"))
    return pg_dsn(url, user=user, password=password)


def _run(settings: Settings, endpoint: Endpoint, work: Work) -> int:
    """Exit code 2 for what keeps it from running, which was reported."""
    from dashgen.preview.errors import PreviewError
    from dashgen.preview.live import run
    from dashgen.questdb import QuestDBError

    try:
        run(settings, endpoint, work)
    except (PreviewError, QuestDBError) as error:
        return report.error(str(error), getattr(error, "hint", ""))
    return 0


def _show(
    settings: Settings, endpoint: Endpoint, dashboards: Sequence[str], output: OutputFormat, *, opens: bool
) -> int:
    import asyncio

    from dashgen.preview.pictures import chosen

    async def work(session: PreviewSession, server: Server) -> None:
        _tell_faults(session)
        path = f"d/{chosen(session, dashboards)[0].uid}" if dashboards else ""
        url = f"{server.origin}/{path}?token={server.token}"
        await _warn_of_login(session, endpoint)
        if output is OutputFormat.JSON:
            report.echo_json({"url": url, "pid": os.getpid()}, indent=None)
        else:
            report.echo(url)
            report.echo("Ctrl-C stops it", err=True)
        if opens:
            import webbrowser

            webbrowser.open(url)
        session.watch()
        await asyncio.Event().wait()

    try:
        return _run(settings, endpoint, work)
    except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
        report.echo("stopped", err=True)
        return 0


def _tell_faults(session: PreviewSession) -> None:
    for fault in session.revision.faults:
        where = f"{fault.file}:{fault.line}: " if fault.file else ""
        report.echo(f"error: {where}{fault.message}", err=True)
        if fault.hint:
            report.echo(f"  {fault.hint}", err=True)


async def _warn_of_login(session: PreviewSession, endpoint: Endpoint) -> None:
    if endpoint.dsn and await session.database.can_write():
        report.echo("note: this login may write; the preview only reads: use a read-only login", err=True)


def _draw(
    settings: Settings, endpoint: Endpoint, style: PictureStyle, png: Path | None, html: Path | None,
    dashboards: Sequence[str], panels: Sequence[str], chromium: Path | None, output: OutputFormat,
) -> int:  # fmt: skip
    import asyncio

    from dashgen.model.core.counts import counted
    from dashgen.preview.chromium import Chromium
    from dashgen.preview.errors import PreviewError
    from dashgen.preview.pictures import take, write_page

    made: list[Picture] = []
    pages: list[tuple[Path, int]] = []

    def told(picture: Picture) -> None:
        made.append(picture)
        if output is OutputFormat.TEXT:
            shown = f", {counted(picture.failed, 'panel')} with an error" if picture.failed else ""
            report.echo(f"{picture.path.as_posix()}  {report.size(picture.size)}, {picture.seconds:.1f} s{shown}")

    async def work(session: PreviewSession, server: Server) -> None:
        _tell_faults(session)
        if not session.revision.boards:
            raise PreviewError("the specs can't be loaded", "no picture was made")
        await _warn_of_login(session, endpoint)
        if png is not None:
            await take(session, server, png, style, dashboards, panels, browser, told)
        if html is not None:
            pages.append((html, await write_page(session, server, html, style, dashboards, browser)))

    with ExitStack() as stack:
        browser: Chromium = stack.enter_context(Chromium(chromium))
        if not browser.is_sandboxed:
            report.echo("note: Chromium runs without its sandbox, as the user is root", err=True)
        try:
            if code := _run(settings, endpoint, work):
                return code
        except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
            report.echo("stopped", err=True)
            return 130
    _tell_drawn(made, pages, settings, output)
    return int(any(picture.failed for picture in made))


def _tell_drawn(
    made: Sequence[Picture], pages: Sequence[tuple[Path, int]], settings: Settings, output: OutputFormat
) -> None:
    if output is OutputFormat.JSON:
        files = [{"path": p.path.as_posix(), "bytes": p.size, "failed": p.failed} for p in made]
        files += [{"path": path.as_posix(), "bytes": size} for path, size in pages]
        report.echo_json({"files": files, "at": settings.at})
        return
    for path, size in pages:
        report.echo(f"{path.as_posix()}  {report.size(size)}")
