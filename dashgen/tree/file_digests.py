"""The digests of a tree's files, without reading those that are known not to have changed.

A file is known by its inode, size and times. The time of its last change (ctime) can't be set by programs; on Windows
it is another time, and files are read. A file that changed less than two seconds before it was looked at is read too: a
second change could have the same time (as in git, Documentation/technical/racy-git.txt).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from dashgen.digests import bytes_digest

SETTLED_NS = 2_000_000_000
Status: TypeAlias = list[int]
"""Device, inode, size, and the times of the last writing and the last change."""


class FileDigests:
    """Of the files in `folder`; `known` are statuses and digests by path, as `noted` gave them."""

    def __init__(self, folder: Path, known: Mapping[str, tuple[Status, str]]) -> None:
        self._folder, self._known = str(folder), known

    def of(self, path: str) -> str:
        """The digest of a file. Raises OSError."""
        file = f"{self._folder}/{path}"
        known = self._known.get(path)
        if known is not None and _status(file) == known[0]:
            return known[1]
        with open(file, "rb") as content:  # noqa: PTH123  # pathlib costs as much as the reading
            return bytes_digest(content.read())

    def noted(self, digests: Mapping[str, str]) -> dict[str, tuple[Status, str]]:
        """What is known of files now that they have these digests."""
        found = {}
        for path, digest in digests.items():
            try:
                status = _status(f"{self._folder}/{path}")
            except OSError:
                continue
            if os.name != "nt" and max(status[3:]) < time.time_ns() - SETTLED_NS:
                found[path] = status, digest
        return found


def _status(file: str) -> Status:
    found = os.stat(file)  # noqa: PTH116  # pathlib costs as much again
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
