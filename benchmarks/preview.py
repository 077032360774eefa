"""How long `dashgen preview` takes to show something, a picture, and many panels; and what it keeps in memory.

Run from the repository: `python -m benchmarks.preview [--refreshes 720]`. Times are of one machine, the best of three
where they are short. Needs a Chromium.

- cold: from the command to the first dashboard drawn in a browser, with the embedded server's start and its demo data
- warm: the same dashboard opened again in the running preview
- picture: one PNG of each shipped dashboard, browser and data being there
- many: a dashboard of 30 panels, 3 series of 1,000 points each, until all are drawn
- memory: of the server's process and of the page's script after as many refreshes as an hour has at 5 seconds
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashgen.preview.chromium import Chromium, Page

ROOT = Path(__file__).resolve().parent.parent
READY = "document.documentElement.dataset.ready === 'true'"
_BUTTON = '[data-testid="data-testid RefreshPicker run button"]'
AT = "2026-01-05T15:00"
MANY = """
from dashgen import Dashboard, Environment, Project, Query, Row, TimeSeries

SQL = '''SELECT cast(cast($__fromTime AS LONG) + (x / 3) * 21600000L AS TIMESTAMP) AS time,
         concat('series ', x % 3) AS metric, sin(x / 50.0 + {n}) * 10 + x % 7 AS value FROM long_sequence(3000)'''
PANELS = tuple(TimeSeries(f"Panel {n}", SQL.format(n=n), description="d", width=6) for n in range(30))
PROJECT = Project(environments=(Environment("prod"),),
                  dashboards=(Dashboard(uid="many", title="Many", rows=(Row("All", PANELS),)),))
"""


class Preview:
    """The command, as a process."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashgen", "preview", "--format", "json", *arguments],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stdout is not None
        url = urlsplit(json.loads(self.process.stdout.readline())["url"])
        self.origin, self.query = f"http://{url.netloc}", url.query
        self.until_address = time.perf_counter() - self.began

    def open(self, page: Page, dashboard: str, more: str = "") -> float:
        """Seconds until it is drawn."""
        began = time.perf_counter()
        page.go(f"{self.origin}/d/{dashboard}?{self.query}&{more}")
        page.wait(READY, 120)
        return time.perf_counter() - began

    def memory(self) -> float:
        """Of the server's process, in MB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def best(work: Callable[[], float], times: int = 3) -> float:
    return min(work() for _ in range(times))


def show(name: str, value: str) -> None:
    print(f"{name:<46} {value}", flush=True)


def shipped(chromium: Chromium) -> None:
    preview = Preview(ROOT)
    with chromium.page(1600, 900) as page:
        preview.open(page, "overview")
        show("cold: until the address is printed", f"{preview.until_address:.1f} s")
        show("cold: until the first dashboard is drawn", f"{time.perf_counter() - preview.began:.1f} s")
        show("warm: until a dashboard is drawn", f"{best(lambda: preview.open(page, 'overview')):.2f} s")
    preview.end()


def pictures(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "dashgen", "preview", "--png", str(folder), "--at", AT],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = [float(line.split(", ")[1].split()[0]) for line in ran.stdout.splitlines()]
    show("a picture, mean of the shipped dashboards", f"{sum(seconds) / len(seconds):.2f} s")


def many(chromium: Chromium, folder: Path, refreshes: int) -> None:
    (folder / "specs").mkdir()
    (folder / "specs" / "__init__.py").write_text(MANY)
    preview = Preview(folder)
    with chromium.page(1600, 900) as page:
        all_of_it = "all=1&kiosk=1&from=now-6h&to=now"
        seconds = best(lambda: preview.open(page, "many", all_of_it))
        show("30 panels x 3 series x 1,000 points, drawn", f"{seconds:.2f} s")
    with chromium.page(1600, 900) as page:
        preview.open(page, "many", "from=now-6h&to=now")
        before = (preview.memory(), _heap(page))
        began = time.perf_counter()
        _refreshed(page, refreshes)
        after = (preview.memory(), _heap(page))
        seconds = (time.perf_counter() - began) / refreshes
        show(f"memory of the server after {refreshes} refreshes", f"{before[0]:.0f} -> {after[0]:.0f} MB")
        show(f"heap of the page after {refreshes} refreshes", f"{before[1]:.0f} -> {after[1]:.0f} MB")
        show("a refresh, mean", f"{seconds:.2f} s")
    preview.end()


def _refreshed(page: Page, refreshes: int) -> None:
    """As fast as they are drawn, by the page's own button, which waits for the last answers."""
    in_view = len(_asked(page))
    for _ in range(refreshes):
        wanted = len(_asked(page)) + in_view
        while len(_asked(page)) < wanted:
            page.evaluate(f"document.querySelector({_BUTTON!r}).click()")
            deadline = time.monotonic() + 0.5
            while len(_asked(page)) < wanted and time.monotonic() < deadline:
                time.sleep(0.005)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")


def _asked(page: Page) -> list[str]:
    return [url for url in page.requests if url.endswith("/api/query")]


def _heap(page: Page) -> float:
    page.call("HeapProfiler.collectGarbage")
    found: dict[str, Any] = page.call("Runtime.getHeapUsage")
    return float(found["usedSize"]) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refreshes", type=int, default=720)
    given = parser.parse_args()
    with Chromium(timeout=120) as chromium, tempfile.TemporaryDirectory() as folder:
        shipped(chromium)
        pictures(Path(folder) / "pictures")
        many(chromium, Path(folder), given.refreshes)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
