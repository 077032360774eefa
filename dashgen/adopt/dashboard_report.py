"""What a report says of a dashboard: its share in dashgen's words, what stayed raw, what a person does next."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.adopt.dashboards import Adopted, Shares
from dashgen.adopt.source_kind import Imported, Verdict
from dashgen.check.finding import Finding
from dashgen.model.core.counts import counted

Json = dict[str, Any]
MOST = 8
"""Lines of one kind that a text says of one thing."""


def some(what: str, items: Sequence[str]) -> list[str]:
    """A line for each of the first items, and how many there are beside them."""
    more = [f"  {what}: and {len(items) - MOST} more"] if len(items) > MOST else []
    return [*(f"  {what}: {item}" for item in items[:MOST]), *more]


@dataclass(frozen=True, slots=True)
class ImportedDashboard:
    """One dashboard of an import. `module` is the path of its module, relative to the project."""

    origin: str
    form: str
    module: str
    name: str
    adopted: Adopted
    notes: tuple[str, ...]

    @property
    def kind(self) -> str:
        return "dashboards"

    @property
    def difference(self) -> str:
        return self.adopted.difference

    def covers(self, path: str) -> bool:
        return path.split(" ")[0] == self.adopted.dashboard.uid

    def lines(self, root: Path, verdict: Verdict) -> list[str]:
        adopted = self.adopted
        lines = [f"{self.origin} ({self.form}): {adopted.dashboard.title}", f"  {_shares(adopted.shares)}"]
        if adopted.difference:
            lines.append(f"  NOT THE SAME as the document: {adopted.difference}")
        lines += [f"  note: {text}" for text in self.notes]
        lines += some("raw", adopted.raw_paths)
        lines += some("not checked", [f"{reason} ({times})" for reason, times in self._unchecked().most_common()])
        if adopted.undescribed:
            lines.append(f"  without a description: {counted(len(adopted.undescribed), 'panel')}")
        own = [problem for problem in verdict.refused if self.covers(problem.path)]
        lines += some("a build refuses", [f"{problem.path}: {problem.message}" for problem in own])
        refusals = [found for found in errors(self, verdict) if not lacks_table(found)]
        return lines + some("a server refuses", [f"{found.path}: {found.message}" for found in refusals])

    def _unchecked(self) -> Counter[str]:
        """The reasons why queries are not checked, and how many."""
        return Counter(reason for _, reason in self.adopted.unchecked)

    def data(self, root: Path, verdict: Verdict) -> Json:
        adopted, shares = self.adopted, self.adopted.shares
        refused = [problem for problem in verdict.refused if self.covers(problem.path)]
        return {
            "file": self.origin,
            "form": self.form,
            "uid": adopted.dashboard.uid,
            "title": adopted.dashboard.title,
            "module": (root / self.module).as_posix(),
            "name": self.name,
            "notes": list(self.notes),
            "panels": {"all": shares.panels, "own": shares.own_panels},
            "values": {"all": shares.leaves, "own": shares.own, "by_name": shares.by_name, "raw": shares.raw},
            "raw": list(adopted.raw_paths),
            "not_checked": [{"object": name, "reason": reason} for name, reason in adopted.unchecked],
            "without_description": list(adopted.undescribed),
            "difference": adopted.difference,
            "build_refuses": [{"path": problem.path, "message": problem.message} for problem in refused],
            "server_refuses": [
                {"path": found.path, "code": found.code, "message": found.message} for found in errors(self, verdict)
            ],
        }


def _percent(part: int, whole: int) -> int:
    """Rounded down, so that 100 % is all."""
    return 100 if part == whole else 100 * part // whole


def _shares(shares: Shares) -> str:
    whole = max(shares.leaves, 1)
    return (
        f"{shares.own_panels} of {counted(shares.panels, 'panel')} in dashgen's words; of "
        f"{counted(shares.leaves, 'value')} {_percent(shares.own, whole)} % are fields, "
        f"{-(-100 * shares.by_name // whole)} % options by Grafana's names, {-(-100 * shares.raw // whole)} % raw"
    )


def errors(one: ImportedDashboard, verdict: Verdict) -> list[Finding]:
    """The errors that a check found in a dashboard."""
    return errors_of(one, verdict)


def errors_of(one: Imported, verdict: Verdict) -> list[Finding]:
    """The errors that a check found in what was imported."""
    return [finding for finding in verdict.findings() if finding.severity == "error" and one.covers(finding.path)]


_NO_TABLE = re.compile(r"table does not exist \[table=(.+?)\]")


def lacks_table(finding: Finding) -> str:
    """The table that a query reads and PROJECT does not declare, so that no server here has it."""
    match = _NO_TABLE.search(finding.message)
    return match[1] if match else ""


def next_steps(imported: Sequence[ImportedDashboard], verdict: Verdict) -> Iterator[str]:
    for name in sorted({name for one in imported for name in one.adopted.names_asked})[:MOST]:
        given = shlex.quote(f"{name}=questdb")
        yield f"import again with --datasource {given} --force, if {name!r} is the QuestDB: its SQL was not checked"
    tables = {lacks_table(found) for one in imported for found in errors(one, verdict)} - {""}
    if tables:
        listed = ", ".join(sorted(tables)[:MOST])
        yield f"declare {counted(len(tables), 'table')} that queries read, so that the queries can be checked: {listed}"
    undescribed = sum(len(one.adopted.undescribed) for one in imported)
    if undescribed:
        yield f"describe {counted(undescribed, 'panel')}, and remove imported=True: a build then reports the rest"
