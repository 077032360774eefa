"""What is said of a deployment: a finding and its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True, order=True)
class FilePosition:
    """In a file that was read; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class DeployFinding:
    """One thing that is wrong (`error`), or that could not be verified or should be known (`note`). `subject` is what
    it is about: `grafana › volumes`."""

    code: str
    place: FilePosition
    subject: str
    message: str
    hint: str = ""
    severity: Severity = "error"
