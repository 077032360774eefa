"""The imports of a module whose source was edited: names that it uses now, without those that it used before."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def with_imports(before: str, after: str, used: Iterable[str], most: int) -> str:
    """`after` with the names of dashgen that it needs, and without imported ones that only `before` used."""
    gone = _used(before) - _used(after)
    text = after
    for node in reversed(_statements(text)):
        names = [alias for alias in node.names if (alias.asname or alias.name) not in gone]
        wanted = [ast.unparse(alias) for alias in names]
        if node.module == "dashgen":
            wanted = sorted({*wanted, *(name for name in used if name not in _imported(text))})
        if wanted != [ast.unparse(alias) for alias in node.names]:
            text = _replaced(text, node, wanted, most)
    missing = sorted(set(used) - _imported(text))
    if missing:
        lines = text.split("\n")
        lines.insert(_behind(text), _import("dashgen", missing, most))
        text = "\n".join(lines)
    return text


def _statements(text: str) -> list[ast.ImportFrom]:
    return [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom) and not node.level]


def _imported(text: str) -> set[str]:
    """Names of dashgen that are there under their own names."""
    found = (node for node in _statements(text) if node.module == "dashgen")
    return {alias.name for node in found for alias in node.names if alias.asname in (None, alias.name)}


def _used(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _replaced(text: str, node: ast.ImportFrom, names: list[str], most: int) -> str:
    """A statement with these names; one with comments is left alone."""
    lines = text.split("\n")
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    if any("#" in line for line in lines[first:last]) or lines[first][: node.col_offset].strip():
        return text
    has_lines = last - first > 1  # as its author wrote it
    made = [_import(str(node.module), names, 0 if has_lines else most)] if names else []
    return "\n".join([*lines[:first], *made, *lines[last:]])


def _import(module: str, names: list[str], most: int) -> str:
    flat = f"from {module} import {', '.join(names)}"
    if len(flat) <= most:
        return flat
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _behind(text: str) -> int:
    """The line behind the docstring and the imports from `__future__`, from 0."""
    body = ast.parse(text).body
    line = 0
    for node in body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = node.end_lineno or 0
    return line
