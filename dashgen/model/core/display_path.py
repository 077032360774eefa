"""How a place in a project is shown to people: `daemon-health › Fetches › rate`. Made here only, and never taken apart:
what needs the parts of a path has them as values."""

from __future__ import annotations


def display_path(*parts: object) -> str:
    """The path with these parts, the outermost first."""
    return " › ".join(map(str, parts))
