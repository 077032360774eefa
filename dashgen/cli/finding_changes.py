"""What changed between two checks of `dashgen check --watch`: findings that appeared, and those that went."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashgen.cli import report
from dashgen.cli.options import OutputFormat

if TYPE_CHECKING:
    from dashgen.check.finding import CheckReport, Finding

Key = tuple[str, str, str, str]


class FindingChanges:
    """Each check is a process of its own: the findings of the last one are in `file`."""

    def __init__(self, file: Path, output: OutputFormat) -> None:
        self._file, self._output = file, output

    def tell(self, done: CheckReport, written: Callable[[CheckReport], str]) -> None:
        """Writes the findings of the first check, and of each later one what appeared and went. JSON is a line a check:
        the whole report with the numbers of the findings that `appeared`, and those that went in `gone`."""
        from dashgen.check.formats.data import data
        from dashgen.model.core.counts import counted

        before = self._before()
        found = {_key(one): one for one in done.findings}
        self._file.write_text(json.dumps([list(key) for key in found]), encoding="utf-8")
        known = set(before or ())
        appeared = [number for number, one in enumerate(done.findings) if _key(one) not in known]
        gone = [key for key in before or () if key not in found]
        if self._output is OutputFormat.JSON:
            names = ("code", "path", "message", "file")
            changed = {"appeared": appeared, "gone": [dict(zip(names, key, strict=True)) for key in gone]}
            report.echo_json({**json.loads(data(done)), **changed})
            return
        if before is None:
            sys.stdout.write(written(done))
            return
        for code, path, message, _ in gone:
            report.echo(f"gone: {code} {path}: {message}")
        if appeared:
            sys.stdout.write(written(replace(done, findings=tuple(done.findings[number] for number in appeared))))
        else:
            left = f"; {counted(len(found), 'finding')} as before" if found else ""
            report.echo(f"{counted(done.counts.queries, 'query', 'queries')} checked, no new findings{left}")

    def _before(self) -> list[Key] | None:
        try:
            found: list[Key] = [(code, path, message, file) for code, path, message, file in json.loads(self._text())]
        except OSError:
            return None
        return found

    def _text(self) -> str:
        return self._file.read_text(encoding="utf-8")


def _key(finding: Finding) -> Key:
    """What a finding is known by: lines move with each edit."""
    return finding.code, finding.path, finding.message, finding.place.file if finding.place else ""
