"""What a check says: a finding, where it is, and what was not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from dashgen.check.query_collection import Unchecked
from dashgen.check.rule import Measurement, Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Place:
    """`file` is relative to the working folder; `column` counts from 1, 0 where it is not known."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of the author's SQL; `line` counts from 1 in the SQL, `start` and `end` are columns from 0."""

    text: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `place` is where the SQL's line was written if that can be known, else where the object was built, which `built`
    is in any case. `cases` are the ways to run the query that show it, empty for all. `sent` is the text that the
    server was given, where the fault is in what a macro or variable became.
    """

    code: str
    rule: str
    severity: Severity
    path: str
    message: str
    hint: str = ""
    environments: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    place: Place | None = None
    built: Place | None = None
    excerpt: Excerpt | None = None
    sent: str = ""

    @property
    def order(self) -> tuple[int, str, int, int, str, str, str]:
        """What is worse comes first, then what stands first."""
        place = self.place or Place("", 0)
        severity = SEVERITIES.index(self.severity)
        return severity, place.file, place.line, place.column, self.code, self.path, self.message


@dataclass(frozen=True, slots=True)
class Counts:
    """`statements` are the distinct expanded texts, `asked` those that the server was asked about."""

    queries: int = 0
    environments: int = 0
    statements: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All that a check found. `measurements` and `not_run` are there if queries were run."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    counts: Counts = Counts()
    measurements: tuple[Measurement, ...] = ()
    not_run: tuple[Unchecked, ...] = ()

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def fails(self, on: Severity) -> bool:
        """Whether there is a finding of that severity or a worse one."""
        return any(SEVERITIES.index(f.severity) <= SEVERITIES.index(on) for f in self.findings)
