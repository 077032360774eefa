"""For one comment of a pull request on GitHub.

All that comes from specs stands in `<code>` with every sign that Markdown or HTML could read written as a reference,
or in a fenced block: neither is searched for mentions, issues or addresses.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.diff.assemble import Change, EnvironmentDiff, ObjectDiff, Review
from dashgen.diff.reports.phrases import (
    Repeats,
    arrow,
    condition,
    counted_by_class,
    kind,
    moved_together,
    moves,
    people,
    totals,
)
from dashgen.escaping import backticks, markdown_code, visible
from dashgen.model.core.display_path import display_path

MARKER = "<!-- dashgen diff -->"
"""The first line, by which the comment of an earlier run is found and replaced."""
LIMIT = 65_000
"""Bytes. GitHub refuses a comment of more than 65,536 characters."""
_TABLE = LIMIT // 3
_LONGEST = 300
_LINES = 60
"""Lines of a text in the comment; the other reports have all of them."""
_SIGNS = {"…": " …"}


def markdown(review: Review) -> str:
    """At most LIMIT bytes, ends with a line end."""
    out = [MARKER, f"### dashgen: {_summary(review)}", "", f"{code(review.base)} → {code(review.head)}"]
    out += [f"\nNot compared: {code(note)}" for note in review.apart]
    out += [f"\nNot verified: {code(note)}" for environment in review.environments for note in environment.notes]
    subjects = [(e, s) for e in review.environments for s in e.subjects]
    if not subjects:
        return "\n".join(out) + "\n"
    several = len(review.environments) > 1
    out += ["", *_table(subjects, several), *_notified(review, several)]
    used = _bytes(out)
    left_out = 0
    repeats = Repeats()
    for environment, subject in sorted(subjects, key=lambda pair: -pair[1].worst):
        section = _section(environment, subject, several, LIMIT - 300 - used, repeats)
        left_out += not section
        out += section
        used += _bytes(section)
    if left_out:
        out += [
            "",
            f"**Cut off: {left_out} of {len(subjects)} are not shown here, as the comment is full.** "
            "All of them: `dashgen diff`, or `dashgen diff --format html > review.html`.",
        ]
    return "\n".join(out) + "\n"


def _bytes(lines: list[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def code(text: str) -> str:
    """Any text as inline code that is nothing but text."""
    return markdown_code(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def _summary(review: Review) -> str:
    if review.worst is None:
        return "no differences"
    said = [totals(environment) for environment in review.environments if environment.subjects]
    return f"{'; '.join(said)} · worst: {review.worst.word}"


def _table(subjects: list[tuple[EnvironmentDiff, ObjectDiff]], several: bool) -> Iterator[str]:
    """Dashboards first, then everything else."""
    yield ("| environment " if several else "") + "| what | | class | changes |"
    yield ("|---" if several else "") + "|---|---|---|---|"
    used = 0
    ordered = sorted(subjects, key=lambda pair: pair[1].section != "dashboards")
    for at, (environment, subject) in enumerate(ordered):
        row = f"| {code(environment.name)} " if several else ""
        title = f" {code(subject.title)}" if subject.title else ""
        row += f"| {kind(subject)} {code(subject.identity)}{title} | {_state(subject)} | {subject.worst.word} "
        row += f"| {counted_by_class(subject.counts)} |"
        used += len(row.encode())
        if used > _TABLE:
            yield ("| " if several else "") + f"| … and {len(ordered) - at} more | | | |"
            return
        yield row


def _state(subject: ObjectDiff) -> str:
    return {"new": "**NEW**", "gone": "**GONE**"}.get(subject.state, subject.state)


def _notified(review: Review, several: bool) -> Iterator[str]:
    entries = [(e, n) for e in review.environments for n in e.notified]
    if not entries:
        return
    yield ""
    yield "**Who is notified**"
    yield ""
    yield ("| environment " if several else "") + "| alert | before | after |"
    yield ("|---" if several else "") + "|---|---|---|"
    for environment, entry in entries[:50]:
        row = f"| {code(environment.name)} " if several else ""
        yield row + (
            f"| {code(entry.rule + condition(entry))} | {code(people(entry.before))} | {code(people(entry.after))} |"
        )
    if len(entries) > 50:
        yield ("| " if several else "") + f"| … and {len(entries) - 50} more | | |"


def _section(
    environment: EnvironmentDiff, subject: ObjectDiff, several: bool, room: int, repeats: Repeats
) -> list[str]:
    """One subject's changes, as many as fit in `room` bytes; nothing where not one does."""
    name = f"{code(environment.name)} " if several else ""
    title = f" {code(subject.title)}" if subject.title else ""
    head = f"{name}{kind(subject)} {code(subject.identity)}{title}: {subject.state}, {counted_by_class(subject.counts)}"
    out = ["", f"<details><summary>{head}</summary>", ""]
    end = ["", "</details>"]
    room -= _bytes([*out, *end, "- … and 00000 more changes"])
    rest, moved = moves(subject.changes)
    items = [list(_change(change, repeats.of(subject, change))) for change in rest]
    if moved:
        items.append([f"- cosmetic: {code(moved_together(moved))}"])
    for at, item in enumerate(items):
        room -= _bytes(item)
        if room < 0:
            return [*out, f"- … and {len(items) - at} more changes", *end] if at else []
        out += item
    return out + end


def _change(change: Change, repeated: str) -> Iterator[str]:
    w = change.words
    where = display_path(*(code(part) for part in (w.place, w.what) if part))
    said = f"{code(w.old)} → {code(w.new)}" if w.old and w.new else code(arrow(change))
    why = f" ({code(change.why)})" if change.why else ""
    why += f" (the same lines as in {code(repeated)})" if repeated else ""
    yield f"- {change.meaning.word}: {': '.join(filter(None, (where, said)))}{why}"
    if not w.lines or repeated:
        return
    texts = [
        f"{_SIGNS.get(line.sign, line.sign)} {visible(line.text)[:_LONGEST]}".rstrip() for line in w.lines[:_LINES]
    ]
    fence = backticks(texts, 3)
    yield ""
    yield f"  {fence}diff"
    yield from (f"  {text}" for text in texts)
    yield f"  {fence}"
    if len(w.lines) > _LINES:
        yield f"  … and {len(w.lines) - _LINES} more lines"
    yield ""
