"""What a report says of an alerting document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashgen.adopt.dashboard_report import errors_of, lacks_table, some
from dashgen.adopt.source_kind import Verdict
from dashgen.model.core.counts import counted

Json = dict[str, Any]


@dataclass(slots=True)
class ImportedAlerting:
    """One document of an import."""

    origin: str
    form: str
    counts: dict[str, int] = field(default_factory=dict)
    """How many there are of each thing, by what it is called."""
    own: int = 0
    """Rules in dashgen's words."""
    leaves: int = 0
    raw_leaves: int = 0
    raw: list[str] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    """Rules with a query that no check looks at, each with the reason."""
    notes: list[str] = field(default_factory=list)
    variables: Mapping[str, str] = field(default_factory=dict)
    difference: str = ""
    paths: set[str] = field(default_factory=set)
    """Where its things stand in the project's tree."""
    modules: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "alerting"

    def covers(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one} ") for one in self.paths)

    def lines(self, root: Path, verdict: Verdict) -> list[str]:
        things = ", ".join(counted(number, what) for what, number in self.counts.items() if number)
        lines = [f"{self.origin} ({self.form}): {things or 'nothing'}"]
        if rules := self.counts.get("rule"):
            share = 100 if not self.raw_leaves else 100 * (self.leaves - self.raw_leaves) // max(self.leaves, 1)
            lines.append(f"  {self.own} of {counted(rules, 'rule')} in dashgen's words; {share} % of their values")
        if self.difference:
            lines.append(f"  NOT THE SAME as the document: {self.difference}")
        lines += [f"  note: {text}" for text in self.notes]
        lines += some("raw", self.raw)
        lines += some("secret", [f"{what} is the variable {name} now" for name, what in self.variables.items()])
        reasons = Counter(reason for _, reason in self.unchecked)
        lines += some("not checked", [f"{reason} ({times})" for reason, times in reasons.most_common()])
        refused = [problem for problem in verdict.refused if self.covers(problem.path)]
        lines += some("a build refuses", [f"{problem.path}: {problem.message}" for problem in refused])
        found = [one for one in errors_of(self, verdict) if not lacks_table(one)]
        return lines + some("a server refuses", [f"{one.path}: {one.message}" for one in found])

    def data(self, root: Path, verdict: Verdict) -> Json:
        refused = [problem for problem in verdict.refused if self.covers(problem.path)]
        return {
            "file": self.origin,
            "form": self.form,
            "counts": {what: number for what, number in self.counts.items() if number},
            "modules": [(root / module).as_posix() for module in self.modules],
            "notes": self.notes,
            "rules": {"all": self.counts.get("rule", 0), "own": self.own},
            "values": {"all": self.leaves, "raw": self.raw_leaves},
            "raw": self.raw,
            "variables": dict(self.variables),
            "not_checked": [{"object": name, "reason": reason} for name, reason in self.unchecked],
            "difference": self.difference,
            "build_refuses": [{"path": problem.path, "message": problem.message} for problem in refused],
            "server_refuses": [
                {"path": one.path, "code": one.code, "message": one.message} for one in errors_of(self, verdict)
            ],
        }


def next_steps(imported: Sequence[ImportedAlerting], verdict: Verdict) -> Iterator[str]:
    tables = {lacks_table(found) for one in imported for found in errors_of(one, verdict)} - {""}
    if tables:
        listed = ", ".join(sorted(tables))
        yield f"declare {counted(len(tables), 'table')} that rules read, so that they are proved: {listed}"
    variables = sorted({name for one in imported for name in one.variables})
    if variables:
        yield f"set in the environment of Grafana's process, before it starts: {', '.join(variables)}"
