"""For a pull request: tables, with everything that specs or a server said escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashgen.check.finding import CheckReport
from dashgen.check.formats.phrases import cases, scanned, slowest_first, summary
from dashgen.check.query_collection import Unchecked
from dashgen.escaping import markdown as escaped
from dashgen.escaping import markdown_code as code

_MARKS = {"error": "❌ error", "warning": "⚠️ warning", "note": "ℹ️ note"}


def markdown(report: CheckReport) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CheckReport) -> Iterator[str]:
    yield "### dashgen check"
    yield ""
    yield escaped(summary(report))
    if report.findings:
        yield ""
        yield "| | rule | where | what |"
        yield "|---|---|---|---|"
        for finding in report.findings:
            where = "<br>".join(
                filter(None, (escaped(finding.path), code(str(finding.place)) if finding.place else ""))
            )
            what = [escaped(finding.message)]
            if finding.excerpt:
                what.append(code(finding.excerpt.text.strip()))
            if finding.hint:
                what.append(escaped(finding.hint))
            if finding.cases:
                what.append(f"with {escaped(cases(finding.cases))}")
            rule = f"{finding.code} {escaped(finding.rule)}"
            yield f"| {_MARKS[finding.severity]} | {rule} | {where} | {'<br>'.join(what)} |"
    if report.measurements:
        yield ""
        yield "| query | environment | rows | ms | scanned |"
        yield "|---|---|--:|--:|---|"
        for one in slowest_first(report):
            late = " ⚠️" if one.milliseconds > one.budget_ms else ""
            path, name = escaped(one.subject.path), escaped(one.subject.environment.name)
            yield f"| {path} | {name} | {one.rows:,} | {one.milliseconds:,.1f}{late} | {escaped(scanned(one))} |"
    yield from _folded("not run", report.not_run)
    yield from _folded("not checked", report.unchecked)


def _folded(what: str, unchecked: Sequence[Unchecked]) -> Iterator[str]:
    if not unchecked:
        return
    yield ""
    yield f"<details><summary>{what}: {len(unchecked)}</summary>"
    yield ""
    yield "| what | why |"
    yield "|---|---|"
    for one in unchecked:
        yield f"| {escaped(one.path)} | {escaped(one.reason)} |"
    yield ""
    yield "</details>"
