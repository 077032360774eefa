"""The command `dashgen` without its start: a process that has imported it forks for each run.

A run is a process of its own all the same, with its arguments, folder, environment, output and exit code, and imports
the specs itself. What Python takes from its environment when it starts is tried by `python -m dashgen`.
"""

from __future__ import annotations

import gc
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from typing import NamedTuple

PRELOADED = (
    "dashgen.cli.build", "dashgen.cli.check", "dashgen.cli.diff", "dashgen.cli.test", "dashgen.cli.specs",
    "dashgen.loading.worker", "dashgen.loading.load", "dashgen.project_checks", "dashgen.pipeline", "dashgen.render",
    "dashgen.tree.writer", "dashgen.check.run", "dashgen.check.answer_cache", "dashgen.alert_tests.suite",
    "dashgen.questdb.server", "pydantic.types", "importlib.metadata", "concurrent.futures.thread",
)  # fmt: skip
"""Of dashgen and of Python; what is missing here a run imports itself."""
SECONDS = 240.0
AT_THE_START = {"PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONUTF8", "LC_ALL", "LANG", "TZ"}
"""Variables that Python reads once."""
Finished = subprocess.CompletedProcess[str]


class Request(NamedTuple):
    arguments: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    given: str
    out: str
    err: str


def run_command(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None, *, stdin: str = ""
) -> Finished:
    """`python -m dashgen` in that folder, as `subprocess.run` does it with `capture_output` and `text`; `environment`
    is what it has besides ours."""
    # Two texts of one length in one second: the bytecode of the first would pass for the second's.
    own = {"PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    given = {**os.environ, **own}
    if own.keys() & AT_THE_START:
        command = [sys.executable, "-m", "dashgen", *arguments]
        return subprocess.run(
            command, cwd=folder, env=given, input=stdin, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    server = _server()
    try:
        return server.run(folder, tuple(arguments), given, stdin)
    except BaseException:  # of what it says next nobody knows what it answers
        server.stop()
        _server.cache_clear()
        raise


@cache
def _server() -> CommandServer:
    return CommandServer()


class CommandServer:
    """It ends with the process that made it."""

    def __init__(self) -> None:
        ours, theirs = socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
            )  # fmt: skip
        self._connection = Connection(ours.detach())

    def stop(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def run(self, folder: Path, arguments: tuple[str, ...], environment: dict[str, str], stdin: str) -> Finished:
        with tempfile.TemporaryDirectory() as beside:
            files = [Path(beside) / name for name in ("in", "out", "err")]
            for file, text in zip(files, (stdin, "", ""), strict=True):
                file.write_text(text)
            self._connection.send((arguments, str(folder), environment, *map(str, files)))
            child: int = self._connection.recv()
            is_late = not self._connection.poll(SECONDS)
            if is_late:
                os.kill(child, signal.SIGKILL)
            code: int = self._connection.recv()
            texts = [file.read_text() for file in files[1:]]
        command = ["dashgen", *arguments]
        if is_late:
            raise subprocess.TimeoutExpired(command, SECONDS, *texts)
        return subprocess.CompletedProcess(command, code, *texts)


def _serve(connection: Connection) -> None:
    """Returns in the process of a run, which goes on as the command; ends with the last request."""
    for name in PRELOADED:
        import_module(name)
    gc.freeze()
    while True:
        try:
            request = Request(*connection.recv())
        except EOFError:
            raise SystemExit from None
        child = os.fork()
        if child == 0:
            connection.close()
            return _become(request)
        connection.send(child)
        _, status = os.waitpid(child, 0)
        connection.send(os.waitstatus_to_exitcode(status))


def _become(request: Request) -> None:
    for descriptor, path in enumerate((request.given, request.out, request.err)):
        file = os.open(path, os.O_WRONLY | os.O_APPEND if descriptor else os.O_RDONLY)
        os.dup2(file, descriptor)
        os.close(file)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.dont_write_bytecode = True
    sys.argv[1:] = request.arguments
    further = request.environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [request.folder, *filter(None, further)]


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
    runpy.run_module("dashgen", run_name="__main__", alter_sys=True)
