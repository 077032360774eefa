"""The definitions of a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reachable(definitions: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Only what the root leads to."""
    kept: dict[str, Any] = {root: definitions[root]}
    waiting: list[object] = [definitions[root]]
    while waiting:
        match waiting.pop():
            case {"$ref": str(pointer)}:
                name = pointer.rsplit("/", 1)[-1]
                if name not in kept:
                    kept[name] = definitions[name]
                    waiting.append(definitions[name])
            case dict() as node:
                waiting.extend(node.values())
            case list() as nodes:
                waiting.extend(nodes)
    return kept
