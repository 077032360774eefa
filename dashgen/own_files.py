"""Which dashgen runs: two that differ in a line of code are two, though their version is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from dashgen.digests import bytes_digest

_PACKAGE = Path(__file__).parent


def state() -> str:
    """A digest of Python's version and of dashgen's files: of the list with their digests that an installer keeps
    (PEP 376), else of their sizes and times, as they are edited in a checkout."""
    lists = sorted(_PACKAGE.parent.glob("dashgen_grafana-*.dist-info/RECORD"))
    parts = [one.read_bytes() for one in lists] or [line.encode() for line in _sizes_and_times()]
    return bytes_digest(b"\0".join([sys.version.encode(), *parts]))


def _sizes_and_times() -> Iterator[str]:
    waiting = [str(_PACKAGE)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.is_dir():
                    waiting += [entry.path] if entry.name != "__pycache__" else []
                else:
                    status = entry.stat()
                    yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
