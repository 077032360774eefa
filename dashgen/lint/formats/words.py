"""Sentences that the formats share."""

from __future__ import annotations

from collections.abc import Sequence

from dashgen.lint.finding import SEVERITIES, Report


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cases(names: Sequence[str]) -> str:
    """The ways to run a query that show a finding, the first few by name."""
    shown = "; ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def summary(report: Report) -> str:
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
