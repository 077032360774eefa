"""What runs beside this process must end with it: at its end, and on SIGTERM."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import NoReturn, Protocol

_DIES_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


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


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Asks it to end, and kills it where it has not after so many seconds, or where waiting is cut short: also by a
    second Ctrl-C, which is raised again."""
    process.terminate()
    try:
        process.wait(seconds)
    except BaseException as error:
        kill(process)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise


def kill(process: subprocess.Popen[bytes]) -> None:
    """With what it started itself: it is the leader of its own session."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
