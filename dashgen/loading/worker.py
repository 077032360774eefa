"""Specs are somebody's code: they are loaded in a process of their own, watched by this one.

The worker loads and does the work; the watcher sees to it that a module that hangs, or ends the process, becomes an
error with a place instead of a silence.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from dashgen.model.core.problems import DashgenError, Problem, Source

LOADED = b"L"
SLICE_SECONDS = 0.2
INTERRUPTED_SECONDS = 2.0
"""So long after an interrupt the worker has time to end, before it is interrupted (again)."""
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


class Unfinished(DashgenError):
    """The specs hang, or ended the process that loaded them."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem), problems=(problem,))


def run(work: Callable[[Callable[[], None]], int], specs: Path, timeout: float) -> int:
    """Runs `work(loaded)` in a child, which calls `loaded()` once the specs are read. Returns its exit code. Raises
    Unfinished if the specs took more than `timeout` seconds or ended the process."""
    if not hasattr(os, "fork"):  # Windows: unwatched
        return work(lambda: None)
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile("w+") as trace:
        reading, writing = os.pipe()
        # One that comes before both are ready waits: it would end the watcher and leave the worker alone.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        child = os.fork()
        if child == 0:
            os.close(reading)
            _child(work, writing, trace, mask)
        os.close(writing)
        ended = signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
        # A terminal sends it to the child too, which decides. One that was for this process alone is passed on.
        alarmed = signal.signal(signal.SIGALRM, lambda *_: _interrupt(child))
        before = signal.signal(signal.SIGINT, _interrupted)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        try:
            return _watch(child, reading, trace, specs, timeout)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGINT, before)
            signal.signal(signal.SIGALRM, alarmed)
            signal.signal(signal.SIGTERM, ended)
            os.close(reading)


_was_interrupted = False


def was_interrupted() -> bool:
    """Whether an interrupt came while this process watched a worker, which may have ended by itself then."""
    return _was_interrupted


def _interrupted(*_: object) -> None:
    global _was_interrupted
    _was_interrupted = True
    signal.setitimer(signal.ITIMER_REAL, INTERRUPTED_SECONDS)


def _interrupt(child: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGINT)


def _child(
    work: Callable[[Callable[[], None]], int], writing: int, trace: IO[str], mask: Iterable[int | signal.Signals]
) -> None:
    faulthandler.register(signal.SIGUSR1, file=trace, all_threads=False)
    told = False

    def loaded() -> None:
        nonlocal told
        if not told:
            told = True
            os.write(writing, LOADED)

    # A short life with few cycles: collecting garbage would take a fifth of a large build.
    gc.disable()
    code = 1
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        code = work(loaded)
    except KeyboardInterrupt:
        loaded()
        sys.stderr.write("interrupted\n")
        code = 130
    except SystemExit as error:  # what an embedded server makes of SIGTERM
        loaded()
        code = error.code if isinstance(error.code, int) else 1
    except BrokenPipeError:
        loaded()
        code = _unread()
    except BaseException:
        loaded()
        import traceback

        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BrokenPipeError:
            code = _unread()
        os._exit(code)


def _unread() -> int:
    """Whoever read the output has seen enough (`dashgen … | head`): no error to show, and the shell's code for it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _watch(child: int, reading: int, trace: IO[str], specs: Path, timeout: float) -> int:
    if not _readable(reading, timeout):
        os.kill(child, signal.SIGUSR1)
        os.waitpid(child, os.WNOHANG)
        select.select([reading], [], [], 0.2)  # time to write the trace
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise Unfinished(
            Problem(
                str(specs),
                f"is still loading after {timeout:g} s",
                "specs may only declare at import: no network, no waiting; or raise --load-timeout",
                _place(trace, specs),
            )
        )
    told = os.read(reading, 1)
    code = os.waitstatus_to_exitcode(_status(child, reading))
    if told != LOADED:
        how = f"exit status {code}" if code >= 0 else f"signal {-code}"
        raise Unfinished(
            Problem(
                str(specs),
                f"ended the process while it was loaded ({how})",
                "specs may only declare at import: no os._exit, no signals",
            )
        )
    return code if code >= 0 else 128 - code


def _readable(reading: int, timeout: float) -> bool:
    """In slices: Python sees a signal that came just before a wait only when that wait is over."""
    end = time.monotonic() + timeout
    while (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], min(left, SLICE_SECONDS))[0]:
            return True
    return False


def _status(child: int, reading: int) -> int:
    """Of the worker when it has ended, which closes its end of the pipe."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if select.select([reading], [], [], SLICE_SECONDS)[0]:
            time.sleep(0.001)  # closed, and about to end


def _place(trace: IO[str], specs: Path) -> Source | None:
    """The statement of the innermost frame of the specs in a dumped stack (innermost first), which names no columns."""
    from dashgen.model.core.source_map.arguments import indented

    trace.seek(0)
    root = str(specs.resolve())
    for file, line in _FRAME.findall(trace.read()):
        if file.startswith(root):
            return Source(file, int(line), indented(file, int(line)))
    return None
