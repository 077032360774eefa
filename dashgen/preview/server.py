"""The preview's HTTP server: on loopback only, for the one browser that has the token.

What keeps other pages of that browser out: the port is a random one, the name in `Host` must be the loopback address
(which a name that an attacker lets point there is not), `Origin` and `Sec-Fetch-Site` must be this page's, and every
path needs the token, which the page has as a cookie that no other site's requests carry.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from dashgen.preview import document
from dashgen.preview.errors import PreviewError
from dashgen.preview.queries import NotFound
from dashgen.preview.requests import BadRequest
from dashgen.questdb.extras import from_extra

with from_extra("preview"):
    from aiohttp import web
    from aiohttp.typedefs import Middleware

Json = dict[str, Any]
HOST = "127.0.0.1"
HEADER = "X-Preview-Token"
MOST_BYTES = 1 << 20
_HEARTBEAT_SECONDS = 15.0
_HEADERS = {
    "Content-Security-Policy": document.POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class Api(Protocol):
    """What answers the page. Each may raise BadRequest and NotFound."""

    async def dashboards(self) -> Json: ...

    async def dashboard(self, uid: str) -> Json: ...

    async def query(self, body: Mapping[str, Any]) -> Json: ...

    async def variables(self, body: Mapping[str, Any]) -> Json: ...

    async def annotations(self, body: Mapping[str, Any]) -> Json: ...

    async def alerts(self, body: Mapping[str, Any]) -> Json: ...

    def subscribe(self) -> asyncio.Queue[Json]:
        """Gets each new revision."""
        ...

    def unsubscribe(self, queue: asyncio.Queue[Json]) -> None: ...


class Server:
    """Listens from `start` to `stop`; `url` has the token."""

    def __init__(self, api: Api, *, theme: str = "dark") -> None:
        self._api = api
        self._theme = theme
        self.token = secrets.token_urlsafe(24)
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Cookies know no ports: two previews must not share one."""
        return f"dashgen-preview-{self.port}"

    async def start(self, port: int = 0) -> None:
        """Port 0 is any free one. Raises PreviewError where it can't listen."""
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[self._guarded()])
        app.router.add_get("/", self._page)
        app.router.add_get("/d/{uid}", self._page)
        app.router.add_get("/d/{uid}/{slug}", self._page)
        app.router.add_get("/assets/{name}", self._asset)
        app.router.add_get("/api/dashboards", self._dashboards)
        app.router.add_get("/api/dashboards/{uid}", self._dashboard)
        app.router.add_get("/api/events", self._events)
        for name in ("query", "variables", "annotations", "alerts"):
            app.router.add_post(f"/api/{name}", self._answering(getattr(self._api, name)))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            await self.stop()
            message = f"port {port} of {HOST} can't be listened on: {error.strerror}"
            raise PreviewError(message, "leave --port out for any free one") from None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _guarded(self) -> Middleware:
        @web.middleware
        async def guarded(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            refused = self._refused(request)
            if refused:
                return web.Response(status=403, text=refused, headers=_HEADERS)
            try:
                response = await handler(request)
            except web.HTTPException as error:
                text = f"{error.status}: {error.reason}"
                return web.Response(status=error.status, text=text, headers=_HEADERS)
            except PreviewError as error:
                return web.Response(status=503, text=f"{error}. {error.hint}", headers=_HEADERS)
            except Exception as error:  # a fault of dashgen: the page shows it, the server goes on
                traceback.print_exc()
                return web.Response(status=500, text=f"{type(error).__name__}: {error}", headers=_HEADERS)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guarded

    def _refused(self, request: web.Request) -> str:
        """Why a request is not answered; empty where it is."""
        if request.headers.get("Host") not in (f"{HOST}:{self.port}", f"localhost:{self.port}"):
            return "the preview is at 127.0.0.1 only"
        own = f"http://{request.headers['Host']}"
        origin = request.headers.get("Origin")
        if origin is not None and origin != own:
            return "the preview answers its own page only"
        is_page = request.method == "GET" and (request.path == "/" or request.path.startswith("/d/"))
        site = request.headers.get("Sec-Fetch-Site")
        if site not in (None, "none", "same-origin") and not is_page:
            return "the preview answers its own page only"
        by_header = request.headers.get(HEADER)
        if by_header is not None:
            return "" if self._is_token(by_header) else "wrong token"
        if request.method != "GET" and origin is None:
            return f"a request without Origin needs the header {HEADER}"
        if self._is_token(request.cookies.get(self.cookie)):
            return ""
        if is_page and self._is_token(request.query.get("token")):
            return ""
        return "open the address that `dashgen preview` has printed: it has the token"

    def _is_token(self, given: str | None) -> bool:
        return given is not None and secrets.compare_digest(given.encode(), self.token.encode())

    async def _page(self, request: web.Request) -> web.Response:
        response = web.Response(text=document.served(self._theme), content_type="text/html")
        if "token" in request.query:
            response.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
        return response

    async def _asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in document.ASSETS:
            raise web.HTTPNotFound
        return web.Response(body=document.asset(name), headers={"Content-Type": document.ASSETS[name]})

    async def _dashboards(self, request: web.Request) -> web.Response:
        return _answer(await self._api.dashboards())

    async def _dashboard(self, request: web.Request) -> web.Response:
        try:
            return _answer(await self._api.dashboard(request.match_info["uid"]))
        except NotFound as error:
            return _answer({"error": str(error.args[0])}, 404)

    def _answering(
        self, work: Callable[[Mapping[str, Any]], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
            try:
                body = json.loads(await request.read())
            except (ValueError, RecursionError):
                return _answer({"error": "expected JSON"}, 400)
            if not isinstance(body, dict):
                return _answer({"error": "expected a JSON object"}, 400)
            try:
                return _answer(await work(body))
            except BadRequest as error:
                return _answer({"error": str(error)}, 400)
            except NotFound as error:
                return _answer({"error": str(error.args[0])}, 404)

        return answer

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        queue = self._api.subscribe()
        try:
            await response.prepare(request)
            await response.write(b": connected\n\n")
            while True:
                try:
                    async with asyncio.timeout(_HEARTBEAT_SECONDS):
                        event = await queue.get()
                except TimeoutError:
                    await response.write(b": alive\n\n")
                else:
                    await response.write(f"event: revision\ndata: {json.dumps(event)}\n\n".encode())
        except ConnectionError:
            pass
        finally:
            self._api.unsubscribe(queue)
        with suppress(ConnectionError):
            await response.write_eof()
        return response


def _answer(data: Json, status: int = 200) -> web.Response:
    import orjson

    body = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json")
