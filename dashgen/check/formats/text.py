"""For a person: each finding with the line of SQL and a caret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from dashgen.check.finding import CheckReport, Excerpt, Finding
from dashgen.check.formats.phrases import cases, scanned, slowest_first, summary
from dashgen.check.query_collection import Unchecked
from dashgen.check.rule import Subject
from dashgen.escaping import styled, visible, visible_lines
from dashgen.excerpt import WIDTH, marked
from dashgen.model.core.counts import counted

_COLORS = {"error": "31", "warning": "33", "note": "36"}


def text(report: CheckReport, *, color: bool, every: int, width: int = WIDTH) -> str:
    """`every` is how many environments were checked: a finding of all of them doesn't say which. Excerpts are no wider
    than `width`."""
    style = _Style(color)
    blocks = [
        *("\n".join(_finding(one, style, every, width)) for one in report.findings),
        *(["\n".join(_measured(report))] if report.measurements else []),
        *(["\n".join(_unchecked("not run", report.not_run))] if report.not_run else []),
        *(["\n".join(_unchecked("not checked", report.unchecked))] if report.unchecked else []),
        visible_lines(summary(report)),
    ]
    return "\n\n".join(blocks) + "\n"


class _Style:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, code: str) -> str:
        return styled(visible_lines(text), code, color=self.color)


def _finding(one: Finding, style: _Style, every: int, width: int) -> Iterator[str]:
    place = f" {visible(str(one.place))}:" if one.place else ""
    head = style(f"{one.severity}[{one.code}]", f"1;{_COLORS[one.severity]}")
    yield f"{head}{place} {style(one.path, '1')}" if one.path else f"{head}{place}".rstrip(":")
    yield f"  {visible_lines(one.message)}"
    if one.excerpt:
        number = str(one.place.line if one.place and one.place != one.built else one.excerpt.line)
        colored = partial(style, code=_COLORS[one.severity])
        yield from (f"  {line}" for line in _caret(one.excerpt, number, colored, width - 2))
    if one.hint:
        yield f"  {style('help:', '1')} {visible_lines(one.hint)}"
    if one.built and one.place and one.built.file != one.place.file:
        yield f"  in the query of {visible(str(one.built))}"
    if one.cases:
        yield f"  with {visible(cases(one.cases))}"
    if one.environments and len(one.environments) < every:
        yield visible(f"  in {', '.join(one.environments)} only")
    if one.sent:
        yield "  sent to the server:"
        yield from (f"    {line}" for line in visible_lines(one.sent).splitlines())


def _caret(excerpt: Excerpt, number: str, style: Callable[[str], str], width: int) -> Iterator[str]:
    margin = " " * len(number)
    line, mark = marked(excerpt.text, excerpt.start, excerpt.end, width - len(margin) - len(" | "))
    yield f"{margin} |"
    yield f"{number} | {line}"
    yield f"{margin} | {mark[: -len(mark.lstrip())]}{style(mark.lstrip())}"


def _measured(report: CheckReport) -> Iterator[str]:
    rows = [
        (
            f"{one.milliseconds:,.1f}",
            f"{one.rows:,}",
            *map(visible, (scanned(one), one.subject.environment.name, one.subject.path)),
        )
        for one in slowest_first(report)
    ]
    titles = ("ms", "rows", "scanned", "environment", "query")
    widths = [max(len(row[i]) for row in (titles, *rows)) for i in range(4)]
    for ms, count, read, environment, path in (titles, *rows):
        yield f"{ms:>{widths[0]}}  {count:>{widths[1]}}  {read:<{widths[2]}}  {environment:<{widths[3]}}  {path}"


def _query(subject: Subject) -> tuple[str, str]:
    return subject.environment.name, subject.path


def _unchecked(what: str, unchecked: Sequence[Unchecked]) -> Iterator[str]:
    yield f"{what} ({counted(len(unchecked), 'query', 'queries')}):"
    reasons: dict[str, list[str]] = {}
    for one in unchecked:
        reasons.setdefault(one.reason, []).append(one.path)
    for reason, paths in reasons.items():
        shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        yield visible_lines(f"  {shown}: {reason}")
