"""For a program: JSON, described in docs/check.md."""

from __future__ import annotations

from dashgen import escaping
from dashgen.check.finding import CheckReport, Finding, Place
from dashgen.check.query_collection import Unchecked
from dashgen.check.rule import Measurement

FORMAT = 1


def data(report: CheckReport) -> str:
    counts = report.counts
    document = {
        "format": FORMAT,
        "findings": [_finding(one) for one in report.findings],
        "not_checked": [_unchecked(one) for one in report.unchecked],
        "not_run": [_unchecked(one) for one in report.not_run],
        "measurements": [_measurement(one) for one in report.measurements],
        "counts": {
            "error": report.count("error"),
            "warning": report.count("warning"),
            "note": report.count("note"),
            "environments": counts.environments,
            "queries": counts.queries,
            "statements": counts.statements,
            "asked": counts.asked,
        },
    }
    return escaping.json(document) + "\n"


def _finding(one: Finding) -> dict[str, object]:
    excerpt = one.excerpt
    return {
        "code": one.code,
        "rule": one.rule,
        "severity": one.severity,
        "path": one.path,
        "message": one.message,
        "hint": one.hint,
        "environments": list(one.environments),
        "cases": list(one.cases),
        "place": _place(one.place),
        "built": _place(one.built),
        "sql": {"text": excerpt.text, "line": excerpt.line, "start": excerpt.start, "end": excerpt.end}
        if excerpt
        else None,
        "sent": one.sent,
    }


def _place(place: Place | None) -> dict[str, object] | None:
    return {"file": place.file, "line": place.line, "column": place.column or None} if place else None


def _unchecked(one: Unchecked) -> dict[str, object]:
    return {"path": one.path, "reason": one.reason, "environment": one.environment}


def _measurement(one: Measurement) -> dict[str, object]:
    return {
        "path": one.subject.path,
        "environment": one.subject.environment.name,
        "case": one.case,
        "rows": one.rows,
        "milliseconds": round(one.milliseconds, 3),
        "budget_ms": one.budget_ms,
        "points": one.points,
        "series_rows": one.series_rows,
        "scanned_seconds": dict(one.scanned),
    }
