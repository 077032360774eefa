"""What can be seen of a page in a browser: texts, colours, legends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.preview.chromium import Chromium, Page
from tests.preview import pages

PALETTE = {"green": "#73bf69", "yellow": "#f2cc0c", "blue": "#5794f2", "orange": "#ff9830", "red": "#f2495c"}
"""The colours of Grafana's classic palette on dark: the first series is green, the second yellow, and so on."""


def opened(chromium: Chromium, folder: Path, given: pages.Json, *, width: int = 1000, query: str = "") -> Page:
    """A page with its data inside, drawn, which asked nobody for anything."""
    path = folder / "page.html"
    path.write_text(pages.html(given))
    page = chromium.page(width, 700)
    page.go(f"file://{path}{query}")
    page.wait("document.documentElement.dataset.ready === 'true'")
    assert page.errors == []
    assert page.violations == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    return page


@dataclass(frozen=True)
class Drawn:
    """A part of a page."""

    page: Page
    selector: str = "#root"

    @property
    def text(self) -> str:
        found: str = self.page.evaluate(f"document.querySelector({json.dumps(self.selector)}).innerText")
        return found

    def texts(self, selector: str) -> list[str]:
        """Of all such elements in it."""
        found: list[str] = self.evaluate(
            f"[...root.querySelectorAll({json.dumps(selector)})].map((e) => e.innerText || e.textContent)"
        )
        return found

    def count(self, selector: str) -> int:
        found: int = self.evaluate(f"root.querySelectorAll({json.dumps(selector)}).length")
        return found

    @property
    def legend(self) -> list[str]:
        """Names of the series in the legend."""
        return self.texts('[data-testid^="data-testid VizLegend series"]')

    def colors(self, least: int = 20) -> set[str]:
        """Colours, as `#rrggbb`, that at least so many pixels, hardly transparent, of its canvases have."""
        found: list[str] = self.evaluate(
            """(() => { const seen = {}; for (const c of root.querySelectorAll('canvas')) {
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 150) {
              const k = '#' + [d[i], d[i + 1], d[i + 2]].map((v) => v.toString(16).padStart(2, '0')).join('');
              seen[k] = (seen[k] ?? 0) + 1; } }
            return Object.entries(seen).filter(([, n]) => n >= LEAST).map(([k]) => k); })()""".replace(
                "LEAST", str(least)
            )
        )
        return set(found)

    def has_color_near(self, color: str, distance: int = 4) -> bool:
        """Whether a canvas has a colour that rounding may have changed."""
        channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        every = ([int(found[i : i + 2], 16) for i in (1, 3, 5)] for found in self.colors())
        return any(all(abs(a - b) <= distance for a, b in zip(channels, one, strict=True)) for one in every)

    def has_color_at(self, color: str, left: float, right: float) -> bool:
        """Whether a canvas has the colour anywhere between two shares of its width."""
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        found: bool = self.evaluate(
            f"""(() => {{ const c = root.querySelector('canvas'), from = Math.floor({left} * c.width);
            const d = c.getContext('2d').getImageData(from, 0, Math.ceil({right - left} * c.width), c.height).data;
            for (let i = 0; i < d.length; i += 4)
              if (d[i] === {red} && d[i + 1] === {green} && d[i + 2] === {blue}) return true;
            return false; }})()"""
        )
        return found

    def evaluate(self, expression: str) -> Any:
        """An expression in which `root` is this part's element."""
        return self.page.evaluate(f"((root) => {expression})(document.querySelector({json.dumps(self.selector)}))")
