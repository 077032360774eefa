"""For programs: what `dashgen/schema/review.schema.json` describes."""

from __future__ import annotations

from typing import Any

from dashgen import escaping
from dashgen.diff.assemble import Change, EnvironmentDiff, ObjectDiff, Review
from dashgen.diff.edits import Added, Edit, Removed
from dashgen.diff.reports.phrases import kind
from dashgen.diff.values import plain

FORMAT = 1


def as_json(review: Review) -> str:
    """Indented, keys in a fixed order, with a line end."""
    return escaping.json(document(review)) + "\n"


def document(review: Review) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "base": review.base,
        "head": review.head,
        "different": bool(review),
        "worst": review.worst.word if review.worst is not None else None,
        "notCompared": list(review.apart),
        "environments": [_environment(environment) for environment in review.environments],
    }


def _environment(environment: EnvironmentDiff) -> dict[str, Any]:
    return {
        "name": environment.name,
        "alertingChanged": environment.alerting_changed,
        "newVariables": list(environment.new_variables),
        "notVerified": list(environment.notes),
        "subjects": [_subject(subject) for subject in environment.subjects],
        "notified": [
            {
                "rule": entry.rule,
                "title": entry.title,
                "labels": dict(entry.labels),
                "before": list(entry.before),
                "after": list(entry.after),
            }
            for entry in environment.notified
        ],
    }


def _subject(subject: ObjectDiff) -> dict[str, Any]:
    return {
        "kind": kind(subject),
        "id": subject.identity,
        "title": subject.title,
        "state": subject.state,
        "worst": subject.worst.word,
        "changes": [_change(change) for change in subject.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    w = change.words
    return {
        "class": change.meaning.word,
        "why": change.why,
        "place": w.place,
        "what": w.what,
        "was": w.old,
        "now": w.new,
        "lines": [{"sign": line.sign, "text": line.text} for line in w.lines],
        "edit": edit(change.edit),
    }


def edit(given: Edit) -> dict[str, Any]:
    """An edit as data: `old` where something was, `new` where something is."""
    out: dict[str, Any] = {"type": type(given).__name__.lower(), "path": list(given.path)}
    if isinstance(given, Added):
        return {**out, "new": plain(given.value), "after": given.after}
    if isinstance(given, Removed):
        return {**out, "old": plain(given.value)}
    return {**out, "old": _side(given.old), "new": _side(given.new)}


def _side(value: Any) -> Any:
    """Places and sizes by their names, orders as lists, anything else as it was in the file."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    return list(value) if isinstance(value, tuple) else plain(value)
