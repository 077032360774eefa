"""Commands that go on: their work is done again after each change of the specs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashgen.cli import report
from dashgen.cli.options import OutputFormat

INTERRUPTED = 130
_SHOWN = 3


class Watch:
    """One run of a command with `--watch`. `running` are the versions that its process has loaded. Raises
    MissingExtraError."""

    def __init__(self, specs: Path, output: OutputFormat) -> None:
        from dashgen.incremental.versions import versions
        from dashgen.questdb.extras import from_extra

        with from_extra("preview"):
            import watchfiles  # noqa: F401

        self._specs, self._output = specs, output
        self.running = versions(specs.resolve())
        if output is OutputFormat.JSON:
            report.one_line_a_document()

    def run(self, work: Callable[[], int]) -> int:
        """Calls `work` now and after each change. Returns the exit code: 0 where it is interrupted."""
        from dashgen.incremental.build import files_read
        from dashgen.incremental.versions import versions
        from dashgen.loading.worker import was_interrupted
        from dashgen.model.core.problems import DashgenError
        from dashgen.watching import changes

        try:
            for changed in changes(self._specs, lambda: files_read(self._specs, self.running)):
                if versions(self._specs.resolve()) != self.running:
                    return report.error("dashgen, Python or an installed package changed", "start the command again")
                if changed:
                    self._tell(f"changed: {_named(changed)}")
                if work() == INTERRUPTED or was_interrupted():
                    raise KeyboardInterrupt
                self._tell("waiting for changes; Ctrl-C stops")
        except KeyboardInterrupt:
            report.echo("stopped", err=True)
        except DashgenError as error:
            return report.refused(error)
        return 0

    def _tell(self, text: str) -> None:
        if self._output is OutputFormat.TEXT:
            report.echo(text, err=True)


def _named(changed: tuple[Path, ...]) -> str:
    from dashgen.model.core.counts import counted

    here = Path.cwd()
    names = [path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix() for path in changed]
    more = f" and {counted(len(names) - _SHOWN, 'other')}" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
