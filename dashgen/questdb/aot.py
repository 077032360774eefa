"""Java's ahead-of-time cache: classes of the server as they are after loading and linking, kept between starts.

With it a server is ready in half of the time and a third of the processor's (JEP 483 and 514; since Java 25 one run
makes it). It is made once for a runtime and a jar, by a training run, and never needed: where it is missing, or where
Java finds that it does not fit, the server starts as without one. The run takes as long as several starts, so a machine
that is thrown away after one or two never makes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dashgen.questdb.locks import held

OLDEST = 25
STARTS_WITHOUT = 3
_UNUSED_SECONDS = 30 * 86400
"""A cache has 50 MB, and each virtual environment its own: those that nobody starts with go."""


def aot_cache(java: Path, jar: Path, train: Callable[[Path], None]) -> Path | None:
    """The cache of this runtime and this jar, which are kept beside the jar; None where there is none.

    `train` writes one to the path that it is given. While another process does that, and after it failed, a server
    starts without one. Raises nothing of what `train` raises, but for what ends the program.
    """
    path = jar.with_name(_name(java, jar))
    if not _is_new_enough(java):
        return None
    try:
        if not path.exists():
            if _starts(path.with_suffix(".starts")) <= STARTS_WITHOUT:
                return None
            _make(path, train)
        os.utime(path)
        return path if path.stat().st_size else None
    except OSError:  # a folder that is not ours to write in
        return None


def discard(cache: Path) -> None:
    """Removes a cache with which Java crashed: it looks into the header only, not for pages that a disk lost. The next
    one is made after as many starts as the first.

    A server that runs with it keeps it, as the file itself is not touched.
    """
    for path in (cache, cache.with_suffix(".starts")):
        with suppress(OSError):
            path.unlink()


def _name(java: Path, jar: Path) -> str:
    """Java refuses a cache when the jar or the runtime's modules have another path, size or time."""
    parts = [str(java), str(jar)]
    for file in (jar, java.parent.parent / "lib" / "modules"):
        if file.exists():
            found = file.stat()
            parts += [str(found.st_size), str(found.st_mtime_ns)]
    return f"{jar.stem}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:16]}.aot"


def _is_new_enough(java: Path) -> bool:
    """By the runtime's own description: asking it would cost a tenth of a second at each start."""
    try:
        text = (java.resolve().parent.parent / "release").read_text(errors="replace")
    except OSError:
        return False
    match = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return match is not None and int(match[1]) >= OLDEST


def _starts(counter: Path) -> int:
    """Counts this one too: a byte each."""
    with counter.open("ab") as file:
        file.write(b".")
        return file.tell()


def _make(path: Path, train: Callable[[Path], None]) -> None:
    """An empty file stands for a training that failed, so that not every start tries it again."""
    with _alone(path.with_suffix(".lock")) as alone:
        if not alone or path.exists():
            return
        _forget_unused(path.parent)
        made = path.with_suffix(".training")
        made.unlink(missing_ok=True)
        with suppress(Exception):  # whatever it was, the server starts without a cache
            train(made)
        if not made.exists():
            made.touch()
        made.chmod(0o600)  # what a server runs is nobody else's to change
        made.replace(path)


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Whether nobody else is here."""
    lock.touch(mode=0o600)
    handle = held(lock)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _forget_unused(folder: Path) -> None:
    for old in folder.glob("*.aot"):
        if time.time() - old.stat().st_mtime > _UNUSED_SECONDS:
            old.unlink(missing_ok=True)
            for beside in (".lock", ".starts"):
                old.with_suffix(beside).unlink(missing_ok=True)
