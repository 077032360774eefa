"""Folders of servers that keep nothing: removed with their server, or by the next one."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from dashgen.questdb.locks import held

PREFIX = "dashgen-questdb-"
_NEW_SECONDS = 60.0
"""So long a folder may be without its owner's lock: it is not taken at the same moment as the folder is made."""


class TemporaryFolder:
    """A folder that is ours as long as its lock is held, which the system gives up even for a process that is
    killed. Making one removes those that nobody holds any more.
    """

    def __init__(self, prefix: str = PREFIX) -> None:
        _sweep(Path(tempfile.gettempdir()), prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._handle = held(self.path)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _sweep(parent: Path, prefix: str) -> None:
    for folder in parent.glob(prefix + "*"):
        try:
            is_ours = folder.stat().st_uid == os.getuid() and not folder.is_symlink()
            is_new = time.time() - folder.stat().st_mtime < _NEW_SECONDS
        except (OSError, AttributeError):
            continue
        if not is_ours or is_new:
            continue
        handle = held(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)
