"""What runs beside this process must end with it: at its end, and on SIGTERM."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn, Protocol

_DIES_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""

_KILLED_SECONDS = 60.0
"""So long a killed process may stay in a call of the kernel, such as a write to a disk that is gone."""


class Stoppable(Protocol):
    def stop(self) -> None:
        """Harmless when it is not running."""
        ...


_running: list[Stoppable] = []
_lock = threading.Lock()
_took_sigterm = False


def enlist(server: Stoppable) -> None:
    """Stops it with the process. On SIGTERM too, where the program has no handler of its own."""
    global _took_sigterm
    with _lock:
        _running.append(server)
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _exit_on_sigterm)
            _took_sigterm = True


def discharge(server: Stoppable) -> None:
    """It has stopped by itself."""
    global _took_sigterm
    with _lock:
        if server in _running:
            _running.remove(server)
        main = threading.current_thread() is threading.main_thread()
        if not _running and _took_sigterm and main:
            if signal.getsignal(signal.SIGTERM) is _exit_on_sigterm:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _took_sigterm = False


def _exit_on_sigterm(number: int, frame: FrameType | None) -> NoReturn:
    """Unwinds the stack, so that `with` blocks and atexit run; 143 is what a shell shows for SIGTERM."""
    raise SystemExit(128 + number)


@atexit.register
def _stop_all() -> None:
    for server in list(_running):
        server.stop()


def parent_bound() -> list[str]:
    """A prefix of a command by which Linux ends the program, given by its path, when this process is killed outright.

    By SIGKILL: a SIGTERM is an invitation to Java, whose shutdown hooks can wait for a start that is under way, and
    a server that nobody waits for must not depend on them (a survivor was seen once in 509 kills, at 2.2 s of its
    start; that the hooks held it is a guess). QuestDB's data stand a kill.

    Set in a process between, as code that runs after a fork of a threaded process is not safe.
    """
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", _DIES_WITH_PARENT, str(os.getpid())]


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Without the lock of `Popen.poll` and `wait`: a signal whose handler raises can leave that lock taken (Python
    3.11, seen at 4 of 1,604 ends by SIGTERM), and then nothing ever sees the end of the process."""
    if sys.platform == "win32":
        return process.poll() is not None
    if process.returncode is None:
        try:
            pid, status = os.waitpid(process.pid, os.WNOHANG)
        except ChildProcessError:  # a signal came between the status and its note
            process.returncode = 0
        else:
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode is not None


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits that long."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while not has_ended(process):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 2, 0.05)
    return True


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Asks it to end, and kills it where it has not after so many seconds, or where waiting is cut short: also by a
    second Ctrl-C, which is raised again."""
    try:
        process.terminate()
        ended = ends_within(process, seconds)
    except BaseException:
        kill(process)
        raise
    if not ended:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """With what it started itself, also where that is left alone: it is the leader of its own session."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # nothing of it is left; macOS forbids what has ended
            os.killpg(process.pid, signal.SIGKILL)
    ends_within(process, _KILLED_SECONDS)
