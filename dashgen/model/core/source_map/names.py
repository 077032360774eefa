"""What a call in a source file calls, by the name that it has where it is defined."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping


def called(func: ast.expr, aliases: Mapping[str, str], file: str = "") -> str:
    """The own name of a called class or function: `TimeSeries` of `TS(…)` and `d.TimeSeries(…)`. What the module of
    `file` has under that name says it, else what the file's text does."""
    parts = _dotted(func)
    if not parts:
        return ""
    found: object = module_of(file) if file else None
    for part in parts:
        found = getattr(found, part, None)
    if isinstance(found, type):
        return found.__name__
    return aliases.get(parts[0], parts[0]) if len(parts) == 1 else parts[-1]


def aliases(tree: ast.AST) -> dict[str, str]:
    """What names of a file stand for: `from dashgen import TimeSeries as TS`, `TS = d.TimeSeries`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {one.asname: one.name for one in node.names if one.asname}
        elif isinstance(node, ast.Assign) and (parts := _dotted(node.value)):
            found |= {target.id: parts[-1] for target in node.targets if isinstance(target, ast.Name)}
    return found


def _dotted(node: ast.expr) -> list[str]:
    """`["d", "TimeSeries"]`; nothing of what is no name."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return [*before, node.attr]
    return []


def module_of(file: str) -> object:
    """The module that was loaded from a file, as far as it was; None where none was."""
    return next((one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == file), None)
