"""For GitHub: workflow commands that become annotations beside the lines of a pull request."""

from __future__ import annotations

from dashgen.check.finding import CheckReport, Finding
from dashgen.check.formats.phrases import cases, summary
from dashgen.escaping import github_message, github_property, visible_lines

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github(report: CheckReport) -> str:
    """Annotations count from the root of the checkout, which is the working folder of a step."""
    return "\n".join([*map(_command, report.findings), visible_lines(summary(report))]) + "\n"


def _command(one: Finding) -> str:
    properties = {"title": f"{one.code} {one.rule}"}
    if one.place:
        properties = {"file": one.place.file, "line": str(one.place.line)} | properties
        if one.place.column:
            properties["col"] = str(one.place.column)
    lines = [f"{one.path}: {one.message}" if one.path else one.message, one.hint]
    if one.excerpt:
        lines.append(one.excerpt.text.strip())
    if one.cases:
        lines.append(f"with {cases(one.cases)}")
    written = ",".join(f"{name}={github_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS[one.severity]} {written}::{github_message(chr(10).join(filter(None, lines)))}"
