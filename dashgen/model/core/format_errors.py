"""An object of the model where a text is expected: `f"WHERE {HOST}"`. Its repr in SQL or in a title helps nobody.

Asked while specs load, by `Node`, for whatever code of the specs formats: f-strings, `str()`, `%s`, `.format`, `+`.
"""

from __future__ import annotations

from types import FrameType
from typing import Protocol

from dashgen.model.core.problems import Problem, here, report
from dashgen.model.core.suggestions import article

MARK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Begins what stands in a text for the object: what follows from it is no news."""


class _Node(Protocol):
    def called(self) -> str: ...
    def written_in_text(self, name: str, spec: str) -> str: ...


def stand_in(node: _Node, frame: FrameType, spec: str = "") -> str:
    """Reports that an object was formatted by the code of a frame, and returns what the load goes on with."""
    kind = type(node).__name__
    called = node.called()
    name = _name(node, frame)
    by = f" by {spec!r}" if spec else ""
    message = f"is formatted into a text{by}, where {article(kind)} {kind} is only its repr"
    report(Problem(called, message, _instead(node, name, spec), here(), node))
    return MARK + called


def _name(node: object, frame: FrameType) -> str:
    """What the code calls the object."""
    for names in (frame.f_locals, frame.f_globals):
        for name, value in names.items():
            if value is node:
                return name
    return ""


def _instead(node: _Node, name: str, spec: str) -> str:
    called = name or "…"
    if own := node.written_in_text(called, spec):
        return own
    for field, use in (("sql", "its SQL"), ("uid", "its uid"), ("title", "its title"), ("key", "its key"),
                       ("name", "its name"), ("url", "its address")):  # fmt: skip
        if isinstance(getattr(node, field, None), str):
            linked = "; a link takes the object itself: dashboard=…" if type(node).__name__ == "Dashboard" else ""
            return f"write {{{called}.{field}}} for {use}{linked}"
    return "give the object where one is expected, and a text where a text is"
