"""Whatever moment a signal comes at, what runs beside this process can be ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from dashgen.questdb.lifetime import end, ends_within, has_ended, kill

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and groups of POSIX")


@contextmanager
def sleeping(code: str = "import time; time.sleep(300)") -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process._waitpid_lock.locked():  # type: ignore[attr-defined]
                process._waitpid_lock.release()  # type: ignore[attr-defined]
            process.kill()


class Signalled(BaseException):
    """What a handler raises."""


def signalled_at(moment: int, work: Callable[[], object]) -> bool:
    """Raises before the opcode of that number, as a handler does; whether the work was that long."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
            if count == moment:
                raise Signalled
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Signalled:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_signal_at_any_moment_of_waiting_leaves_a_process_that_can_be_ended() -> None:
    moment = 1
    with sleeping() as process:
        while signalled_at(moment, lambda: ends_within(process, 0.002)):
            assert not has_ended(process)
            moment += 1
        assert moment > 50
        end(process, 60)
        assert process.returncode == -signal.SIGTERM


def test_a_signal_at_any_moment_of_an_end_does_not_hide_it() -> None:
    moment, was_longer = 0, True
    while was_longer:
        moment += 1
        with sleeping("") as process:
            assert process.stdout is not None
            assert process.stdout.read() == b""  # it has closed all, and ends
            was_longer = signalled_at(moment, lambda p=process: ends_within(p, 60))  # type: ignore[misc]
            assert ends_within(process, 60)
    assert moment > 10


def test_the_lock_that_a_signal_left_taken_keeps_nothing_alive() -> None:
    """`Popen.wait` of Python 3.11 takes it, and may be left between that and its `try`."""
    with sleeping("import signal, time; signal.signal(15, 1); print(flush=True); time.sleep(300)") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process._waitpid_lock.acquire()  # type: ignore[attr-defined]
        started = time.monotonic()
        end(process, 0.2)
        assert time.monotonic() - started < 30
        assert process.returncode == -signal.SIGKILL


def test_what_has_ended_can_be_ended_and_killed_again() -> None:
    with sleeping("print(flush=True)") as process:
        assert ends_within(process, 60)
        end(process, 60)
        kill(process)
        assert process.returncode == 0
