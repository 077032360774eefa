"""A panel that is added to the module of a dashboard: its constant, a row that shows it, and what it imports."""

from __future__ import annotations

import ast

from dashgen.adopt.source.expressions import Code, assigned
from dashgen.adopt.source.literals import quoted
from dashgen.model.core.problems import DashgenError
from dashgen.starter.dashboard import imports


class PanelEditError(DashgenError, ValueError):
    """The dashboard is not written as a call whose rows can be extended."""


def with_panel(text: str, dashboard: str, name: str, title: str, panel: Code, most: int) -> str:
    """The module with the panel as constant `name` before the dashboard, which shows it in a last row of its own.
    Raises PanelEditError."""
    tree = ast.parse(text)
    statement, rows = _rows(tree, dashboard)
    lines = text.encode().splitlines(keepends=True)
    _put_row(text, lines, rows, f"Row({quoted(title)}, ({name},))", most)
    lines.insert(statement.lineno - 1, f"{assigned(name, panel, most)}\n\n".encode())
    return _imported(b"".join(lines).decode(), ("Row", type_of(panel)))


def _put_row(text: str, lines: list[bytes], rows: ast.expr, row: str, most: int) -> None:
    line = lines[rows.lineno - 1].decode()
    margin, room = _margin(line), most - len(line.rstrip())
    if not isinstance(rows, (ast.Tuple, ast.List)) or not rows.elts:
        shown = [*_unpacked(text, rows), row]
        flat = f"({', '.join(shown)}{',' if len(shown) == 1 else ''})"
        is_long = "\n" in flat or len(row) + 5 > room
        _put(lines, rows, _listed(shown, margin) if is_long else flat)
        return
    if rows.lineno == rows.end_lineno and len(row) + 2 > room:
        shown = [*(ast.get_source_segment(text, one) or "" for one in rows.elts), row]
        _put(lines, rows, _listed(shown, margin, "()" if isinstance(rows, ast.Tuple) else "[]"))
        return
    last = rows.elts[-1]
    end = (last.end_lineno or last.lineno) - 1
    margin = _margin(lines[last.lineno - 1].decode())
    behind = lines[end][last.end_col_offset or 0 :].strip()
    if rows.lineno != last.lineno and behind.startswith(b",") and (behind == b"," or b"#" in behind[:4]):
        lines.insert(end + 1, f"{margin}{row},\n".encode())  # below a comment on what stands before
    else:
        between = f",\n{margin}" if rows.lineno != last.lineno else ", "
        _put(lines, last, f"{ast.get_source_segment(text, last)}{between}{row}")


def _margin(line: str) -> str:
    return " " * (len(line) - len(line.lstrip()))


def _unpacked(text: str, rows: ast.expr) -> list[str]:
    """Rows that are named or computed, as an item of a longer tuple; none where there are none."""
    if isinstance(rows, (ast.Tuple, ast.List)):
        return []
    written = ast.get_source_segment(text, rows) or ""
    needs_brackets = isinstance(rows, (ast.IfExp, ast.BoolOp, ast.Compare, ast.Lambda, ast.NamedExpr))
    return [f"*({written})" if needs_brackets else f"*{written}"]


def _listed(shown: list[str], margin: str, brackets: str = "()") -> str:
    """The rows, each in a line of its own."""
    inner = "".join(f"{margin}    {one},\n" for one in shown)
    return f"{brackets[0]}\n{inner}{margin}{brackets[1]}"


def _put(lines: list[bytes], node: ast.expr, text: str) -> None:
    """Replaces the source of an expression; columns of ast are bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, behind = lines[first][: node.col_offset], lines[last][node.end_col_offset or 0 :]
    lines[first : last + 1] = [before + text.encode() + behind]


def type_of(panel: Code) -> str:
    return (panel.flat or panel.laid_out(0, 0, 0, 88)).partition("(")[0]


def _rows(tree: ast.Module, dashboard: str) -> tuple[ast.stmt, ast.expr]:
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == dashboard for target in targets):
            call = node.value
            given = [k.value for k in call.keywords if k.arg == "rows"] if isinstance(call, ast.Call) else []
            if given:
                return node, given[0]
    raise PanelEditError(f"{dashboard} has no rows=… of its own to extend", "write the panel by hand")


def _imported(text: str, needed: tuple[str, ...]) -> str:
    """The module with these names of dashgen imported."""
    found = [n for n in ast.parse(text).body if isinstance(n, ast.ImportFrom) and n.module == "dashgen" and not n.level]
    there = {alias.asname or alias.name for node in found for alias in node.names}
    missing = sorted({*needed} - there)
    if not missing:
        return text
    lines = text.splitlines(keepends=True)
    first = next(iter(found), None)
    if first is None:
        raise PanelEditError("the module has no from dashgen import …", "write the panel by hand")
    last = first.end_lineno or first.lineno
    own = "".join(lines[first.lineno - 1 : last])
    if any(alias.asname for alias in first.names) or "#" in own:
        lines.insert(last, f"from dashgen import {', '.join(missing)}\n")
    else:
        lines[first.lineno - 1 : last] = [imports([*missing, *(alias.name for alias in first.names)]) + "\n"]
    return "".join(lines)
