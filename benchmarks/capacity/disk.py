"""Bytes that files take on disk."""

from __future__ import annotations

import os
from pathlib import Path

_BLOCK = 512


def on_disk(folder: Path) -> tuple[int, int]:
    """Bytes of all files below, and of those of write-ahead logs (`wal1`, `txn_seq`). Files that are removed meanwhile
    count nothing."""
    total = log = 0
    for path, _, names in os.walk(folder):
        own = sum(_bytes(Path(path, name)) for name in names)
        total += own
        if any(part.startswith("wal") or part == "txn_seq" for part in Path(path).relative_to(folder).parts):
            log += own
    return total, log


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_blocks * _BLOCK
    except FileNotFoundError:
        return 0
