"""For reading: one page with everything in it, which loads nothing and runs nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

from dashgen.diff.assemble import Change, EnvironmentDiff, ObjectDiff, Review
from dashgen.diff.edits import Moved, Removed
from dashgen.diff.lines import Line, side_by_side
from dashgen.diff.reports.phrases import arrow, condition, counted_by_class, kind, moved_together, moves, people, totals
from dashgen.diff.reports.style import CSS
from dashgen.escaping import html as text

_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".svg": "image/svg+xml"}
SIDES = ("before", "after")


def html(review: Review, pictures: Path | None = None) -> str:
    """`pictures` is a folder with `<uid>.<panel id>.before.png` and `.after.png` (or .jpg, .webp, .svg), which are put
    into the page; those in a sub-folder by the environment's name come first. Without it the page has empty figures of
    class `slot` at their places."""
    return "".join(f"{line}\n" for line in _Page(review, pictures).lines())


class _Page:
    def __init__(self, review: Review, pictures: Path | None) -> None:
        self.review = review
        self.pictures = pictures

    def lines(self) -> Iterator[str]:
        review = self.review
        yield "<!doctype html>"
        yield '<html lang="en"><head><meta charset="utf-8">'
        yield (
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        )
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{text(review.base)} → {text(review.head)}</title>"
        yield f"<style>{CSS}</style></head><body>"
        yield from self._outline()
        yield "<main>"
        worst = _badge(review.worst.word) if review.worst is not None else "no differences"
        yield f"<h1><code>{text(review.base)}</code> → <code>{text(review.head)}</code></h1>"
        yield f"<p>{worst}</p>"
        yield from (f"<p>Not compared: {text(note)}.</p>" for note in review.apart)
        for number, environment in enumerate(review.environments):
            yield from self._environment(environment, number)
        yield "</main></body></html>"

    def _outline(self) -> Iterator[str]:
        yield '<nav aria-label="Outline">'
        for number, environment in enumerate(self.review.environments):
            yield f'<h2><a href="#e{number}">{text(environment.name)}</a></h2><ul>'
            if environment.notified:
                yield f'<li><a href="#e{number}-notified">who is notified</a></li>'
            for at, subject in enumerate(environment.subjects):
                name = subject.title or subject.identity
                yield (
                    f'<li><a href="#e{number}-{at}" title="{text(subject.identity)}"><small>{kind(subject)}</small> '
                    f"{text(name)}</a> {_badge(subject.worst.word)}</li>"
                )
            yield "</ul>"
        yield "</nav>"

    def _environment(self, environment: EnvironmentDiff, number: int) -> Iterator[str]:
        said = totals(environment) or "no differences"
        yield f'<h2 id="e{number}">{text(environment.name)} <small>{said}</small></h2>'
        yield from (f"<p>Not verified: {text(note)}.</p>" for note in environment.notes)
        if environment.notified:
            yield f'<section id="e{number}-notified"><h3>Who is notified</h3>'
            yield "<table class=facts><tr><th>alert<th>before<th>after</tr>"
            for entry in environment.notified:
                alert = f"<b>{text(entry.title)}</b> <code>{text(entry.rule)}</code>{text(condition(entry))}"
                yield f"<tr><td>{alert}<td>{text(people(entry.before))}<td>{text(people(entry.after))}</tr>"
            yield "</table></section>"
        for at, subject in enumerate(environment.subjects):
            yield from self._subject(environment, subject, f"e{number}-{at}")

    def _subject(self, environment: EnvironmentDiff, subject: ObjectDiff, anchor: str) -> Iterator[str]:
        yield f'<section id="{anchor}"><h3><small>{kind(subject)}</small> {text(subject.title or subject.identity)} '
        identity = f"<code>{text(subject.identity)}</code> " if subject.title else ""
        yield f"{identity}{_badge(subject.worst.word)}</h3>"
        yield f"<p class=quiet>{subject.state}; {counted_by_class(subject.counts)}</p>"
        rest, moved = moves(subject.changes)
        groups: dict[str, list[Change]] = {}
        for change in rest:
            groups.setdefault(_panel_of(change) or change.words.place, []).append(change)
        for key, changes in groups.items():
            yield "<div class=group>"
            place = changes[-1].words.place
            if place:
                yield f"<h4>{text(place)}</h4>"
            for change in changes:
                yield from self._change(change)
            if _panel_of(changes[0]) and not all(isinstance(c.edit, Moved) for c in changes):
                yield from self._figures(environment.name, subject.identity, key)
            yield "</div>"
        if moved:
            yield f"<p>{_badge('cosmetic')} {text(moved_together(moved))}</p>"
        yield "</section>"

    def _change(self, change: Change) -> Iterator[str]:
        w = change.words
        what = f"<b>{text(w.what)}</b> " if w.what else ""
        if w.old and w.new:
            said = f"<del>{text(w.old)}</del> → <ins>{text(w.new)}</ins>"
        else:
            tag = "del" if isinstance(change.edit, Removed) else "ins"
            said = f"<{tag}>{text(arrow(change))}</{tag}>" if arrow(change) else ""
        why = f" <span class=quiet>{text(change.why)}</span>" if change.why else ""
        yield f"<p>{_badge(change.meaning.word)} {what}{said}{why}</p>"
        if w.lines:
            yield from _columns(w.lines)

    def _figures(self, environment: str, uid: str, panel: str) -> Iterator[str]:
        found = [self._picture(environment, f"{uid}.{panel}.{side}") for side in SIDES]
        shown = "" if any(found) else " hidden"
        yield f"<div class=pictures{shown}>"
        for side, data in zip(SIDES, found, strict=True):
            inner = f'<img alt="{text(uid)} panel {text(panel)} {side}" src="{data}">' if data else "<i>no picture</i>"
            attributes = f'data-dashboard="{text(uid)}" data-panel="{text(panel)}" data-side="{side}"'
            yield f"<figure class=slot {attributes}><figcaption>{side}</figcaption>{inner}</figure>"
        yield "</div>"

    def _picture(self, environment: str, stem: str) -> str:
        if self.pictures is None or "/" in stem:
            return ""
        for folder in (self.pictures / environment, self.pictures):
            for suffix, kind_of in _TYPES.items():
                path = folder / (stem + suffix)
                if path.is_file():
                    return f"data:{kind_of};base64,{base64.b64encode(path.read_bytes()).decode()}"
        return ""


def _panel_of(change: Change) -> str:
    """The id of the panel that a change is of; empty where it is of none."""
    path = change.edit.path
    return path[3] if path[0] == "dashboards" and len(path) > 3 and path[2] == "panels" and path[3].isdigit() else ""


def _badge(word: str) -> str:
    return f'<span class="badge {word}">{word}</span>'


def _columns(lines: Sequence[Line]) -> Iterator[str]:
    """Old and new side by side; one column where there is only one of them."""
    signs = {line.sign for line in lines}
    if not {"-", "+"} <= signs and " " not in signs:
        yield "<table class=lines>"
        yield from (f"<tr>{_cell(line)}</tr>" for line in lines)
    else:
        yield "<table class=lines><colgroup><col><col></colgroup>"
        yield from (f"<tr>{_cell(old)}{_cell(new)}</tr>" for old, new in side_by_side(lines))
    yield "</table>"


def _cell(line: Line | None) -> str:
    if line is None:
        return "<td class=none></td>"
    if line.sign == "…":
        return "<td class=cut>…</td>"
    kind_of = {"-": " class=old", "+": " class=new", " ": ""}[line.sign]
    return f"<td{kind_of}>{text(line.text)}</td>"
