"""A headless Chromium and its pages, driven over the DevTools protocol on two pipes: no port is opened for it.

The protocol is that of `--remote-debugging-pipe`: JSON messages that end with a NUL byte, read from descriptor 3 and
written to descriptor 4 (tried on Chromium 156).
"""

from __future__ import annotations

import base64
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from dashgen.preview.chromium_paths import find
from dashgen.preview.errors import PreviewError
from dashgen.questdb.lifetime import discharge, ends_within, enlist, kill, parent_bound
from dashgen.questdb.temporary import TemporaryFolder

Theme = Literal["dark", "light"]

Json = dict[str, Any]
PREFIX = "dashgen-chromium-"
_STOP_SECONDS = 5.0
_ON_DESCRIPTORS = """
import os, sys
reading, writing = int(sys.argv[1]), int(sys.argv[2])
for one in (reading, writing):
    os.set_inheritable(one, False)
high = [os.dup(one) for one in (reading, writing)]
while min(high) < 5:
    high = [os.dup(one) for one in high]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_OPTIONS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--mute-audio",
    "--hide-scrollbars",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    # the same pixels on every machine
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    # nothing but this machine can be asked
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (e) => window.__violations.push(
  `${e.effectiveDirective} ${e.blockedURI}`));
"""


class ChromiumError(PreviewError):
    """Chromium could not be started, ended, refused a command or did not answer in time."""


class Chromium:
    """One browser for as long as the `with` block lasts; its profile is a temporary folder that goes with it.

    Its sandbox is off only for root, for whom Chromium has none (`is_sandboxed`). Not for several threads at once.
    """

    def __init__(self, path: Path | None = None, *, timeout: float = 30.0) -> None:
        self.path = find(path)
        self.is_sandboxed = not (hasattr(os, "geteuid") and os.geteuid() == 0)
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._profile: TemporaryFolder | None = None
        self._pipes: list[int] = []
        self._number = 0
        self._sending = threading.Lock()
        self._awaited: set[int] = set()
        self._arrived = threading.Condition()
        self._answers: dict[int, Json] = {}
        self._listeners: dict[str, Callable[[str, Json], None]] = {}
        self._ended = False

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101  # within the `with` block
        return self._process.pid

    def page(self, width: int = 1280, height: int = 800, *, theme: Theme = "dark", timezone: str = "UTC") -> Page:
        """A page in a context of its own: no cookies of others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, context, (width, height), theme, timezone, self._timeout)

    def call(self, method: str, session: str = "", timeout: float | None = None, **params: object) -> Json:
        """Sends a command and waits for its result. Raises ChromiumError."""
        number = self._send(method, session, params)
        with self._arrived:
            wait = self._timeout if timeout is None else timeout
            if not self._arrived.wait_for(lambda: number in self._answers or self._ended, wait):
                self._awaited.discard(number)
                raise ChromiumError(f"Chromium did not answer {method} within {wait:g} s")
            self._awaited.discard(number)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise ChromiumError("Chromium has exited")
        if "error" in answer:
            raise ChromiumError(f"Chromium refused {method}: {answer['error'].get('message')}")
        result: Json = answer["result"]
        return result

    def tell(self, method: str, session: str, **params: object) -> None:
        """Sends a command whose result nobody waits for."""
        with suppress(ChromiumError):
            self._send(method, session, params, is_awaited=False)

    def _send(self, method: str, session: str, params: Json, *, is_awaited: bool = True) -> int:
        with self._sending:
            self._number += 1
            message: Json = {"id": self._number, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            if is_awaited:
                self._awaited.add(self._number)
            try:
                _write(self._pipes[1], json.dumps(message).encode() + b"\0")
            except (OSError, IndexError):
                raise ChromiumError("Chromium has exited") from None
            return self._number

    def listen(self, session: str, listener: Callable[[str, Json], None] | None) -> None:
        """Calls it with each event of the session, on a thread that must not be kept waiting."""
        if listener is None:
            self._listeners.pop(session, None)
        else:
            self._listeners[session] = listener

    def stop(self) -> None:
        """Harmless when it is not running."""
        process, self._process = self._process, None
        try:
            if process is not None:
                self._end(process)
        finally:
            for pipe in self._pipes:
                with suppress(OSError):
                    os.close(pipe)
            self._pipes = []
            if self._profile is not None:
                self._profile.remove()
                self._profile = None
            discharge(self)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self.tell("Browser.close", "")
        try:
            ends_within(process, _STOP_SECONDS)
        finally:  # also at a second Ctrl-C; with what it started and left
            kill(process)

    def _start(self) -> None:
        if sys.platform == "win32":
            raise ChromiumError("pictures are not made on Windows", "run it in WSL")
        self._profile = TemporaryFolder(PREFIX)
        enlist(self)
        log = self._profile.path / "chromium.log"
        reading, its_writing = os.pipe()
        its_reading, writing = os.pipe()
        self._pipes = [reading, writing]
        try:
            with log.open("wb") as out:
                self._process = subprocess.Popen(  # noqa: S603  # found on this machine, or named by its user
                    [
                        *parent_bound(),
                        *(sys.executable, "-I", "-S", "-c", _ON_DESCRIPTORS, str(its_reading), str(its_writing)),
                        str(self.path),
                        *_OPTIONS,
                        *(() if self.is_sandboxed else ("--no-sandbox",)),
                        f"--user-data-dir={self._profile.path / 'profile'}",
                        "about:blank",
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    pass_fds=(its_reading, its_writing),
                    start_new_session=True,
                )
        finally:
            os.close(its_reading)
            os.close(its_writing)
        threading.Thread(target=self._read, args=(reading,), name="chromium", daemon=True).start()
        try:
            self.call("Browser.getVersion")
        except ChromiumError as error:
            raise self._not_started(log.read_text(errors="replace"), error) from None

    def _not_started(self, log: str, error: ChromiumError) -> ChromiumError:
        lines = [line for line in log.splitlines() if line.strip()]
        if any("sandbox" in line.lower() for line in lines):
            hint = "its sandbox needs user namespaces, which this machine refuses; as root it runs without a sandbox"
        else:
            hint = "name another one: --chromium PATH"
        said = "\n".join(lines[-5:])
        return ChromiumError(f"{self.path} did not start: {error}" + (f"\n{said}" if said else ""), hint)

    def _read(self, pipe: int) -> None:
        """The messages of the browser until it ends."""
        buffer = bytearray()
        with suppress(OSError):
            while chunk := os.read(pipe, 1 << 20):
                buffer += chunk
                if b"\0" not in chunk:
                    continue
                *messages, rest = buffer.split(b"\0")
                buffer = rest
                for message in messages:
                    self._take(json.loads(message))
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def _take(self, message: Json) -> None:
        if "id" in message:
            with self._arrived:
                if message["id"] in self._awaited:
                    self._answers[message["id"]] = message
                    self._arrived.notify_all()
            return
        listener = self._listeners.get(message.get("sessionId", ""))
        if listener is not None:
            listener(message["method"], message["params"])


def _write(pipe: int, data: bytes) -> None:
    while data:
        data = data[os.write(pipe, data) :]


class Page:
    """One tab. What it asked for and said is kept: `requests` are URLs, `blocked` those that a policy kept from being
    asked, `console` what was logged, `errors` uncaught exceptions, `dialogs` the texts of `alert` and the like, which
    are closed at once."""

    def __init__(
        self, browser: Chromium, session: str, context: str, size: tuple[int, int], theme: str, timezone: str,
        timeout: float,
    ) -> None:  # fmt: skip
        self._browser, self._session, self._context = browser, session, context
        self._timeout = timeout
        self.requests: list[str] = []
        self.blocked: list[str] = []
        self._asked: dict[str, str] = {}
        self.console: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        browser.listen(session, self._heard)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
        self.call("Emulation.setTimezoneOverride", timezoneId=timezone)
        self.call("Emulation.setLocaleOverride", locale="en-US")
        features = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
        self.call(
            "Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in features.items()]
        )
        self.resize(*size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, method: str, timeout: float | None = None, **params: object) -> Json:
        """A command of the DevTools protocol. Raises ChromiumError."""
        return self._browser.call(method, self._session, timeout, **params)

    def resize(self, width: int, height: int) -> None:
        self._size = width, height
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def go(self, url: str) -> None:
        """Begins to load it; `wait` waits for what should be there. Raises ChromiumError where nothing answers."""
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise ChromiumError(f"{url.partition('?')[0]}: {answer['errorText']}")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, that of a promise when it is there. Raises ChromiumError with what it
        throws."""
        return self._evaluated(expression).get("value")

    def wait(self, expression: str, timeout: float | None = None) -> Any:
        """The value of an expression as soon as it is true. Raises ChromiumError if it never is."""
        seconds = self._timeout if timeout is None else timeout
        deadline = time.monotonic() + seconds
        while True:
            last = ""
            try:
                found = self._evaluated(expression)
                if found.get("value") or (found["type"] == "object" and found.get("subtype") != "null"):
                    return found.get("value")
            except ChromiumError as error:  # also while a document goes
                last = f": {error}"
            if time.monotonic() > deadline:
                said = "; ".join((*self.errors[-3:], *self.console[-3:]))
                why = f"{last} ({said})" if said else last
                raise ChromiumError(f"{expression!r} was not true within {seconds:g} s{why}")
            time.sleep(0.02)

    def _evaluated(self, expression: str) -> Json:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            said = thrown.get("exception", {}).get("description") or thrown.get("text")
            raise ChromiumError(f"{expression[:80]!r} throws {said}")
        result: Json = answer["result"]
        return result

    @property
    def violations(self) -> list[str]:
        """What the document's Content-Security-Policy kept from happening."""
        found: list[str] = self.evaluate("window.__violations || []")
        return found

    def screenshot(self, *, full: bool = True) -> bytes:
        """A PNG of the whole document, or of what the window shows."""
        window = self._size
        if full:
            # Not by captureBeyondViewport: for a moment the page has the size of the browser's window then, and is
            # laid out anew for it (seen, Chromium 156).
            content = self.call("Page.getLayoutMetrics")["cssContentSize"]
            self.resize(window[0], max(window[1], math.ceil(content["height"])))
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        try:
            answer = self.call("Page.captureScreenshot", format="png")
        finally:
            if self._size != window:
                self.resize(*window)
        return base64.b64decode(answer["data"])

    def click(self, selector: str) -> None:
        """In the middle of the element. Raises ChromiumError where there is none that can be seen."""
        x, y = self.middle(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """With the left button down."""
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start)
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            self.mouse("mouseMoved", x, y, pressed=True)
        self.mouse("mouseReleased", *end)

    def mouse(self, kind: str, x: float, y: float, *, pressed: bool = False) -> None:
        """`kind` is mouseMoved, mousePressed or mouseReleased."""
        has_button = pressed or kind != "mouseMoved"
        self.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left" if has_button else "none",
            buttons=int(pressed or kind == "mousePressed"), clickCount=int(kind != "mouseMoved"),
        )  # fmt: skip

    def middle(self, selector: str) -> tuple[float, float]:
        """Of the first such element, which is scrolled into view. Raises ChromiumError where there is none."""
        found = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
            " e.scrollIntoView({block: 'nearest', inline: 'nearest'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2, r.width * r.height]; })()"
        )
        if not found or not found[2]:
            raise ChromiumError(f"there is no {selector!r} to be seen")
        return found[0], found[1]

    def type(self, text: str) -> None:
        """Into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """`Enter`, `Escape`, `Tab`, `a`."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "Backspace": 8, "ArrowDown": 40, "ArrowUp": 38}
        more: Json = {"windowsVirtualKeyCode": codes.get(key, 0)} | ({"text": "\r"} if key == "Enter" else {})
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def close(self) -> None:
        with suppress(ChromiumError):
            self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)
        self._browser.listen(self._session, None)

    def _heard(self, method: str, params: Json) -> None:
        """On the thread that reads: what is said is kept, nothing is waited for."""
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            self._asked[params["requestId"]] = url
            self.requests.append(url)
        elif method == "Network.loadingFailed" and params.get("blockedReason"):
            url = self._asked.get(params["requestId"], "")
            if url in self.requests:  # it never left the browser
                self.requests.remove(url)
                self.blocked.append(url)
        elif method == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(one.get("value", one.get("description"))) for one in params["args"]))
        elif method == "Log.entryAdded":
            self.console.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            thrown = params["exceptionDetails"]
            self.errors.append(str(thrown.get("exception", {}).get("description") or thrown.get("text")))
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(params["message"])
            self._browser.tell("Page.handleJavaScriptDialog", self._session, accept=False)
