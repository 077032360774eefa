"""Sentences that the formats share."""

from __future__ import annotations

from collections.abc import Sequence

from dashgen.check.finding import SEVERITIES, CheckReport
from dashgen.check.rule import Measurement
from dashgen.model.core.counts import counted


def cases(names: Sequence[str]) -> str:
    """The ways to run a query that show a finding, the first few by name."""
    shown = "; ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def summary(report: CheckReport) -> str:
    """`12 queries in 2 environments: 1 error, 2 warnings`."""
    found = [counted(n, severity) for severity in SEVERITIES if (n := report.count(severity))]
    counts = report.counts
    result = ", ".join(found) or "all right"
    if not counts.queries:
        proved = "no query was proved on a server"
    else:
        proved = (
            f"{counted(counts.queries, 'query', 'queries')} in {counted(counts.environments, 'environment')}"
            f" proved by {counted(counts.statements, 'statement')}"
        )
    unchecked = f"; {len(report.unchecked):,} not checked" if report.unchecked else ""
    return f"{proved}: {result}{unchecked}"


def slowest_first(report: CheckReport) -> list[Measurement]:
    return sorted(
        report.measurements, key=lambda one: (-one.milliseconds, one.subject.path, one.subject.environment.name)
    )


def scanned(one: Measurement) -> str:
    """`daemon_metrics 7 d, pipeline_1m all`: what was read of each table."""
    return ", ".join(f"{table} {span(length)}" for table, length in one.scanned) or "-"


def span(seconds: float | None) -> str:
    if seconds is None:
        return "all"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
