"""What Python left in texts: braces of a forgotten `f`, reprs of objects, the single braces that an f-string makes of
a Go template's two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dashgen.loading.fstrings import Sources
from dashgen.model.core.format_errors import MARK
from dashgen.model.core.problems import Problem, Source
from dashgen.model.core.source_map.position import Spot

_REPR = re.compile(
    r"<(?:class '[\w.]+'>|function [\w.<>]+ at 0x|bound method [\w.]+|built-in (?:function|method) |module '"
    r"|generator object |[\w.]+ object at 0x)[^>\n]*"
)
_FIRST_FIELD = r"\((?:name|title|uid|sql|kind|dashboard|key)=['\"A-Z]"
_NODE = re.compile(r"\b[A-Z]\w+" + _FIRST_FIELD)
_MAYBE_NODE = re.compile(_FIRST_FIELD)  # begins with a character: a text without it is passed over quickly
_TEMPLATE = re.compile(
    r"(?<![{$])\{\s*(?:\$(?:labels|values|value)\b|\.(?:Labels|Values|Value|Alerts|Common\w+)\b)[^{}]*\}(?!\})"
)


def check(texts: Iterable[tuple[Any, str, str]], root: Path) -> Iterator[Problem]:
    """What is wrong with texts of objects, each place once. `texts` has for each the object, its field and the
    text."""
    sources = Sources(root)
    for file in sources.files:
        for quantifier, at in file.quantifiers:
            said = f"{quantifier} stands in an f-string, where Python makes {quantifier[1:-1]} of it"
            yield Problem(file.path.name, said, f"a quantifier's braces are doubled there: {{{quantifier}}}", at)
    places: set[object] = set()
    for owner, field, text in texts:
        for problem in _wrong(owner, field, text, sources):
            place = (problem.source.place if problem.source else None, problem.message.partition(": ")[2])
            if place not in places:
                places.add(place)
                yield problem


def _wrong(owner: Any, field: str, text: str, sources: Sources) -> Iterator[Problem]:
    if MARK in text:
        return
    source: Source | None = owner.source
    if text.count("{") > text.count("${"):  # one that is not of a variable
        found = _TEMPLATE.search(text)
        if found:
            yield Problem(
                owner.called(), f"{field}: {found[0]!r} is not a Go template: those have two braces",
                f"write {{{found[0]}}}; in an f-string, where two make one, {{{{{{{found[0]}}}}}}}",
                source, owner, field, Spot(text, found.start()),
            )  # fmt: skip
        if forgotten := sources.forgotten(text, source):
            yield _forgotten(owner, field, text, *forgotten)
    for is_possible, pattern in (("<" in text, _REPR), (_MAYBE_NODE.search(text), _NODE)):
        match = pattern.search(text) if is_possible else None
        if match:
            yield Problem(
                owner.called(), f"{field}: has the repr of an object in it: {match[0][:60]!r}", _of_repr(match[0]),
                source, owner, field, Spot(text, match.start()),
            )  # fmt: skip
            return


def _forgotten(owner: Any, field: str, text: str, place: Source, meant: tuple[str, ...]) -> Problem:
    said = ", ".join(meant[:3]) + (f" and {len(meant) - 3} more" if len(meant) > 3 else "")
    is_one = len(meant) == 1
    variable = re.search(r"\$\{\w+[^{}]*\}", text)
    hint = f'put an f before the quotes: f"…{meant[0]}…"'
    if variable:
        hint += f"; Grafana's own braces are then doubled: ${{{variable[0][1:]}}}"
    else:
        hint += f'; if the braces are meant: f"…{{{meant[0]}}}…"'
    return Problem(
        owner.called(), f"{field}: {said} {'stands' if is_one else 'stand'} in a string without the prefix f", hint,
        place, owner, field,
    )  # fmt: skip


def _of_repr(text: str) -> str:
    if text.startswith("<class"):
        return "of a table's class take its name: table_of(CLASS).name"
    if text.startswith(("<function", "<bound method", "<built-in")):
        return 'call it: {HOST.matches("column")}, {helper()}'
    if text.startswith("<generator"):
        return 'join its values: {", ".join(…)}'
    return "format its name, title, uid or SQL"
