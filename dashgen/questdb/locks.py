"""Locks that the system gives up with the process that holds them, even one that is killed."""

from __future__ import annotations

import os
from pathlib import Path


def held(path: Path) -> int | None:
    """A handle that holds the lock of a file or folder until it is closed; None where another process has it, or where
    there is nothing to open. Where the system has no such locks (Windows), a file is held by everybody.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # gone, or somebody else's
        return None
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return handle
    except OSError:
        os.close(handle)
        return None
    return handle
