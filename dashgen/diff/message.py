"""The message of the commit that publishes a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dashgen.diff.assemble import EnvironmentDiff
from dashgen.diff.reports.phrases import condition, counted_by_class, headline, kind, moves, people, totals
from dashgen.escaping import visible
from dashgen.model.core.counts import counted

_WIDTH = 100
_LINES = 60
"""Of the list of changes: what is left out is counted."""
_SUBJECT = 72
_FOLLOWING = frozenset({"published", "headers", "texts"})
"""What follows from the rest, unless it means something by itself."""


def message(environment: EnvironmentDiff, first: bool) -> str:
    """Its first line fits git's conventions; no line begins with `#`, which git would take for a comment."""
    lines = [_cut(_subject(environment, first), _SUBJECT), "", *_limited(list(_changes(environment, first)))]
    lines += ["", alerting(environment)]
    if environment.new_variables:
        lines.append(variables(environment))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def alerting(environment: EnvironmentDiff) -> str:
    """Whether alerting is to be reloaded: a reload without need sends false RESOLVED messages and pages again
    (seen on Grafana 9.4)."""
    if environment.alerting_changed:
        return "Alerting changed: reload it after the rollout."
    return "No alert changed: don't reload alerting: a reload repeats notifications."


def variables(environment: EnvironmentDiff) -> str:
    """What Grafana's process must have from now on."""
    names = ", ".join(map(visible, environment.new_variables))
    return f"New environment variables, to be set before Grafana restarts: {names}"


def _subject(environment: EnvironmentDiff, first: bool) -> str:
    name = visible(environment.name)
    telling = tuple(s for s in environment.subjects if s.worst or s.section not in _FOLLOWING)
    said = totals(replace(environment, subjects=telling)) or "only how files are written"
    return f"{name}: publish {said}" if first else f"{name}: {said}"


def _changes(environment: EnvironmentDiff, first: bool) -> Iterator[str]:
    subjects = [s for s in environment.subjects if s.worst or s.section not in _FOLLOWING]
    for subject in sorted(subjects, key=lambda s: -s.worst):
        title = f" ({visible(subject.title)})" if subject.title else ""
        yield _cut(
            f"- {kind(subject)} {visible(subject.identity)}{title}: {subject.state}, {counted_by_class(subject.counts)}"
        )
        if first:
            continue
        rest, moved = moves(subject.changes)
        for change in rest:
            yield _cut(f"  {change.meaning.word}: {visible(headline(change))}")
            if change.why:
                yield _cut(f"    {visible(change.why)}")
        if moved:
            yield f"  cosmetic: {counted(len(moved), 'panel')} moved"
    for entry in () if first else environment.notified:
        who = f"{people(entry.before)} → {people(entry.after)}"
        yield _cut(f"- notified of {visible(entry.rule)}{visible(condition(entry))}: {visible(who)}")


def _limited(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _LINES else [*lines[:_LINES], f"- … and {counted(len(lines) - _LINES, 'more line')}"]


def _cut(line: str, width: int = _WIDTH) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
