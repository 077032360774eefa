"""Where a Chromium is on this machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from dashgen.preview.errors import PreviewError

VARIABLE = "DASHGEN_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_IN_PLAYWRIGHT = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_HINT = f"apt-get install chromium, or playwright install chromium; or name one: --chromium PATH, or {VARIABLE}"


def find(given: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The one that is named, else that of the variable, the PATH, the usual folder on a Mac or Playwright's cache, the
    newest one there. Raises PreviewError where there is none."""
    named = given or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if named is not None:
        found = shutil.which(str(named), path=environment.get("PATH"))
        if found is None:
            said = "--chromium" if given else VARIABLE
            raise PreviewError(f"{said}: {named} is not an executable program", _HINT)
        return Path(found)
    for path in _everywhere(environment):
        return path
    raise PreviewError("there is no Chromium on this machine", _HINT)


def _everywhere(environment: Mapping[str, str]) -> Iterator[Path]:
    for name in _NAMES:
        if found := shutil.which(name, path=environment.get("PATH")):
            yield Path(found)
    if sys.platform == "darwin":
        yield from (path for path in map(Path, _APPLICATIONS) if path.is_file())
    yield from _of_playwright(environment)


def _of_playwright(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or Path.home())
    beside = "Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright"
    given = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    cache = Path(given) if given and given != "0" else home / beside
    for pattern in _IN_PLAYWRIGHT:
        found = (path for path in cache.glob(pattern) if os.access(path, os.X_OK))
        yield from sorted(found, key=_revision, reverse=True)


def _revision(path: Path) -> int:
    """1181 of `chromium-1181`."""
    numbers = [int(match[1]) for part in path.parts if (match := re.fullmatch(r"chromium\w*-(\d+)", part))]
    return max(numbers, default=0)
