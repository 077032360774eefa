"""For a pull request: tables, with everything that specs or a server said escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from dashgen.lint.finding import Report
from dashgen.lint.formats.words import cases, summary

_MARKS = {"error": "❌ error", "warning": "⚠️ warning", "note": "ℹ️ note"}


def markdown(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield "### dashgen check"
    yield ""
    yield escaped(summary(report))
    if report.findings:
        yield ""
        yield "| | rule | where | what |"
        yield "|---|---|---|---|"
        for one in report.findings:
            where = "<br>".join(filter(None, (escaped(one.path), code(str(one.place)) if one.place else "")))
            what = [escaped(one.message)]
            if one.excerpt:
                what.append(code(one.excerpt.text.strip()))
            if one.hint:
                what.append(escaped(one.hint))
            if one.cases:
                what.append(f"with {escaped(cases(one.cases))}")
            yield f"| {_MARKS[one.severity]} | {one.code} {escaped(one.rule)} | {where} | {'<br>'.join(what)} |"
    if report.unchecked:
        yield ""
        yield f"<details><summary>not checked: {len(report.unchecked)}</summary>"
        yield ""
        yield "| what | why |"
        yield "|---|---|"
        for unchecked in report.unchecked:
            yield f"| {escaped(unchecked.path)} | {escaped(unchecked.reason)} |"
        yield ""
        yield "</details>"


def escaped(text: str) -> str:
    """Text that shows as it is, on one line of a table."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_\[\]|~#@])", r"\\\1", plain)


def code(text: str) -> str:
    """Text in a monospaced face; HTML, as a code span in a table can hold neither every backtick nor every pipe."""
    plain = html.escape(" ".join(text.split()), quote=False)
    shown = re.sub(r"[|`*_~@\[\]\\]", lambda match: f"&#{ord(match[0])};", plain)
    return f"<code>{shown}</code>"
