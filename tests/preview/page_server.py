"""A server that answers the page's questions with what a test gives it, and keeps what it was asked."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.preview import pages
from tests.preview.pages import Json

Answer = Callable[[Json], Json]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_INDEX = (
    '<!doctype html><html data-theme="dark"><meta charset="utf-8"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="/assets/app.css"><div id="root"></div>'
    '<script type="module" src="/assets/app.js"></script>'
)


@dataclass
class PageServer:
    """`boards` by uid; the answers may be replaced at any time."""

    boards: dict[str, Json]
    query: Answer = field(default=lambda asked: pages.answer(pages.series(1)))
    variables: Answer = field(default=lambda asked: {"variables": []})
    annotations: Answer = field(default=lambda asked: {"annotations": []})
    now: int | None = pages.NOW
    errors: list[Json] = field(default_factory=list)
    asked: dict[str, list[Json]] = field(default_factory=lambda: {"query": [], "variables": [], "annotations": []})
    url: str = ""
    opening: int = 0
    """Which page is asking: pages say it in their address. What one before it still asks for is not kept."""
    _events: list[queue.Queue[Json | None]] = field(default_factory=list)
    _revision: int = 1

    @property
    def meta(self) -> Json:
        entries = [
            {"uid": uid, "title": b["title"], "folder": "Folder", "tags": b.get("tags", []), "panels": len(b["panels"])}
            for uid, b in self.boards.items()
        ]
        return {
            "environment": "prod",
            "environments": ["prod"],
            "datasource": {"kind": "embedded"},
            "now": self.now,
            "dashboards": entries,
            "errors": self.errors,
            "revision": self._revision,
        }

    def reset(self, boards: dict[str, Json], **answers: Any) -> None:
        """As new, with other dashboards and answers."""
        fresh = PageServer(boards, **answers)
        for name in ("boards", "query", "variables", "annotations", "now", "errors", "asked"):
            setattr(self, name, getattr(fresh, name))
        self.opening += 1

    def change(self, *changed: str, errors: list[Json] | None = None) -> None:
        """Tells the pages that the specs have changed."""
        self._revision += 1
        self.errors = errors or []
        for listener in self._events:
            listener.put({"revision": self._revision, "changed": list(changed), "errors": self.errors})

    def answer(self, path: str, body: Json, asking: str = "") -> Any:
        if path == "/api/dashboards":
            return self.meta
        if path.startswith("/api/dashboards/"):
            return {"dashboard": self.boards[path.rsplit("/", 1)[1]], "revision": self._revision}
        name = path.rsplit("/", 1)[1]
        if "opening=" not in asking or f"opening={self.opening}&" in f"{asking}&":
            self.asked.setdefault(name, []).append(body)
        return {"query": self.query, "variables": self.variables, "annotations": self.annotations}[name](body)

    @contextmanager
    def running(self) -> Iterator[PageServer]:
        server = _QuietServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            for listener in self._events:
                listener.put(None)
            server.shutdown()
            server.server_close()


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Browsers leave connections as they like."""


def _handler(told: PageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its base names it so
            """Nothing is printed."""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/api/events":
                self._stream()
            elif path.startswith("/api/"):
                self._json(path, {})
            elif path.startswith("/assets/"):
                name = path.rsplit("/", 1)[1]
                kind = "text/css" if name.endswith("css") else "text/javascript"
                self._send((pages.ASSETS / name).read_bytes(), kind)
            else:
                self._send(_INDEX.encode(), "text/html")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._json(self.path, body)

        def _json(self, path: str, body: Json) -> None:
            try:
                self._send(
                    json.dumps(told.answer(path, body, self.headers.get("Referer", ""))).encode(), "application/json"
                )
            except KeyError as error:
                self._send(json.dumps({"error": f"there is no {error}"}).encode(), "application/json", 404)
            except ConnectionError:
                pass  # the page went away

        def _send(self, data: bytes, kind: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Cache-Control", "max-age=600" if "/assets/" in self.path else "no-store")
            self.end_headers()
            self.wfile.write(data)

        def _stream(self) -> None:
            listener: queue.Queue[Json | None] = queue.Queue()
            told._events.append(listener)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            while (event := listener.get()) is not None:
                try:
                    self.wfile.write(f"event: revision\ndata: {json.dumps(event)}\n\n".encode())
                    self.wfile.flush()
                except OSError:
                    return

    return Handler
