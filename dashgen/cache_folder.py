"""Where what can be made again is kept: the server's jar, answers, verdicts, records of builds."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
