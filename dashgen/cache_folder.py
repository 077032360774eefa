"""Where what can be made again is kept: the server's jar, answers, verdicts, records of builds."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_WRITING = ".writing-"
_LEFT_SECONDS = 3600
"""So much older than the newest file is what a killed process left half written."""


def cache_folder() -> Path:
    """`DASHGEN_CACHE`, else the platform's folder for caches."""
    if chosen := os.environ.get("DASHGEN_CACHE"):
        return Path(chosen)
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "dashgen"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dashgen"
    if sys.platform == "win32" and (chosen := os.environ.get("LOCALAPPDATA")):
        return Path(chosen) / "dashgen" / "cache"
    return Path.home() / ".cache" / "dashgen"


def write_cache_file(path: Path, data: bytes, files: int) -> None:
    """Writes a file of the cache in one step. Of the JSON files in its folder only so many stay, those written last.
    Never fails: what can't be written costs the next run its time."""
    import tempfile  # late, as most runs write nothing

    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_WRITING)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _forget(path.parent, files)


def _forget(folder: Path, files: int) -> None:
    found = []
    for path in folder.iterdir():
        with suppress(OSError):
            found.append((path.stat().st_mtime, path))
    kept = sorted((one for one in found if one[1].suffix == ".json"), reverse=True)
    newest = max((time for time, _ in found), default=0.0)
    left = [path for time, path in found if path.name.startswith(_WRITING) and time < newest - _LEFT_SECONDS]
    for path in (*(path for _, path in kept[files:]), *left):
        path.unlink(missing_ok=True)
