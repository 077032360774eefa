"""The loader as the preview sees it: requests in, answers out, ended with the preview."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from dashgen.questdb.lifetime import discharge, enlist, kill, parent_bound

Json = dict[str, Any]
_BEGIN = """
import sys
sys.path[:] = sys.argv.pop(1).split("\\n")
from dashgen.preview.loader import main
raise SystemExit(main())
"""
"""With the path that this process imports from: the working folder is no part of it."""


class LoaderProcess:
    """Started at once; one request at a time."""

    def __init__(self, specs: Path, timeout: float) -> None:
        self._common = {"specs": str(specs), "timeout": timeout}
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(  # noqa: S603  # this Python
            [*parent_bound(), sys.executable, "-P", "-c", _BEGIN, "\n".join(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        enlist(self)

    def ask(self, request: Json) -> None:
        """Sends a request; its answers come by `answer` or `answers`."""
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps({**self._common, **request}).encode() + b"\n")
            process.stdin.flush()

    async def answer(self) -> Json | None:
        """The next answer; None where the process has ended."""
        return await asyncio.to_thread(self.read)

    def read(self) -> Json | None:
        """As `answer`, and waits."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        try:
            line = process.stdout.readline()
        except ValueError:  # closed by `stop`
            return None
        found: Json | None = json.loads(line) if line.endswith(b"\n") else None
        return found

    async def answers(self) -> AsyncIterator[Json]:
        """Until the process has ended."""
        while (found := await self.answer()) is not None:
            yield found

    def stop(self) -> None:
        """With what it works on. Harmless when it has ended."""
        process, self._process = self._process, None
        if process is not None:
            kill(process)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        discharge(self)
