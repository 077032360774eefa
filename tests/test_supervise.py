"""The watcher: what becomes of a worker that hangs, ends, fails or is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashgen.loading.worker import Unfinished, run

ROOT = Path(__file__).resolve().parent.parent
Loaded = Callable[[], None]


def test_the_workers_exit_code_is_returned(tmp_path: Path) -> None:
    for code in (0, 1, 2, 7):

        def work(loaded: Loaded, code: int = code) -> int:
            loaded()
            loaded()  # told once
            return code

        handlers = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
        assert run(work, tmp_path, 5) == code
        assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == handlers


def test_time_counts_only_until_the_specs_are_loaded(tmp_path: Path) -> None:
    def work(loaded: Loaded) -> int:
        loaded()
        time.sleep(0.4)
        return 3

    assert run(work, tmp_path, 0.2) == 3


def test_a_worker_that_hangs_is_stopped_and_its_place_told(tmp_path: Path) -> None:
    module = tmp_path / "slow.py"
    module.write_text("import time\n\n\ndef wait():\n    while True:\n        time.sleep(1)\n\n\nwait()\n")

    def work(loaded: Loaded) -> int:
        exec(compile(module.read_text(), str(module), "exec"), {})
        return 0

    with pytest.raises(Unfinished, match=r"still loading after 1\.5 s") as raised:
        run(work, tmp_path, 1.5)
    source = raised.value.problems[0].source
    assert source is not None
    assert (source.file, source.line) == (str(module), 6)


def test_a_worker_that_hangs_outside_the_specs_is_told_without_a_place(tmp_path: Path) -> None:
    with pytest.raises(Unfinished) as raised:
        run(lambda loaded: time.sleep(60) or 0, tmp_path, 0.5)  # type: ignore[func-returns-value]  # a short way to wait
    assert raised.value.problems[0].source is None


@pytest.mark.parametrize(
    ("end", "how"), [(lambda: os._exit(4), "exit status 4"), (lambda: os.kill(os.getpid(), signal.SIGKILL), "signal 9")]
)
def test_a_worker_that_ends_before_the_specs_are_loaded(tmp_path: Path, end: Callable[[], None], how: str) -> None:
    def work(loaded: Loaded) -> int:
        end()
        return 0

    with pytest.raises(Unfinished, match=f"ended the process while it was loaded \\({how}\\)"):
        run(work, tmp_path, 5)


def test_a_worker_that_is_killed_later_gives_the_shells_code(tmp_path: Path) -> None:
    def work(loaded: Loaded) -> int:
        loaded()
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    assert run(work, tmp_path, 5) == 128 + signal.SIGKILL


def test_a_fault_of_dashgen_itself_is_a_traceback_and_exit_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def work(loaded: Loaded) -> int:
        raise RuntimeError("a bug")

    assert run(work, tmp_path, 5) == 1
    assert "RuntimeError: a bug" in capfd.readouterr().err


def test_an_interrupt_stops_the_worker(tmp_path: Path) -> None:
    """Ctrl-C goes to both processes: the worker ends, and the watcher with 130. An interrupt that is for the watcher
    alone (`kill -INT`) reaches the worker too, after a while."""
    script = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from dashgen.loading.worker import run

        def work(loaded):
            loaded()
            print("working", flush=True)
            time.sleep(60)

        sys.exit(run(work, Path("."), 5))
    """)
    terminated = 128 + signal.SIGTERM
    for sent, everybody, code in (
        (signal.SIGINT, True, 130), (signal.SIGINT, False, 130), (signal.SIGTERM, False, terminated),
    ):  # fmt: skip
        watcher = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, text=True,
        )  # fmt: skip
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "working\n"
        if everybody:
            os.killpg(watcher.pid, sent)
        else:
            watcher.send_signal(sent)
        _, err = watcher.communicate(timeout=120)
        assert watcher.returncode == code
        assert "Traceback" not in err


def test_a_signal_before_the_watcher_watches_is_not_lost(tmp_path: Path) -> None:
    """The worker asks for it at once: the watcher hands it on when it is ready, and does not die of it before."""
    script = textwrap.dedent("""
        import os, signal, sys, time
        from pathlib import Path
        from dashgen.loading.worker import run

        def work(loaded):
            loaded()
            os.kill(os.getppid(), signal.SIGTERM)
            time.sleep(30)

        sys.exit(run(work, Path("."), 5))
    """)
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=120, check=False)
        assert done.returncode == 128 + signal.SIGTERM


def test_a_worker_that_an_embedded_server_ends_keeps_its_exit_code(tmp_path: Path) -> None:
    for given, code in ((SystemExit(143), 143), (SystemExit("enough"), 1)):

        def work(loaded: Loaded, given: SystemExit = given) -> int:
            raise given

        assert run(work, tmp_path, 5) == code


def test_an_interrupted_worker_says_so_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def work(loaded: Loaded) -> int:
        raise KeyboardInterrupt

    assert run(work, tmp_path, 5) == 130
    assert capfd.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("when", ["while it writes", "when it ends"])
def test_a_reader_that_has_seen_enough_gives_the_shells_code(when: str) -> None:
    """As `dashgen … | head` does: no traceback, whether the pipe breaks in the middle or at the last flush."""
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from dashgen.loading.worker import run

        def work(loaded):
            loaded()
            sys.stdin.read()
            print("x" * {10**6 if when == "while it writes" else 5})
            return 0

        sys.exit(run(work, Path("."), 20))
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as watcher:  # fmt: skip
        assert watcher.stdin is not None
        assert watcher.stdout is not None
        assert watcher.stderr is not None
        watcher.stdout.close()
        watcher.stdin.close()
        said = watcher.stderr.read()
    assert (watcher.returncode, said) == (128 + signal.SIGPIPE, "")


def test_without_fork_the_work_is_done_unwatched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    told = []

    def work(loaded: Loaded) -> int:
        loaded()
        told.append(os.getpid())
        return 4

    assert run(work, tmp_path, 5) == 4
    assert told == [os.getpid()]
