"""Pitfalls of Python's f-strings in specs, whose braces are also Grafana's: what the source says of each.

Nothing here is asked about specs without a mistake: files are read where a text has braces of its own, or a module
raised.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

from dashgen.model.core.problems import Source
from dashgen.model.core.source_map import literals
from dashgen.model.core.source_map.names import aliases, called, module_of

_BRACED = re.compile(r"(?<![{$])\{(?![{}])")
_QUANTIFIER = re.compile(r"(?<=[^\s{$])\{\d+(?:,\d*)?\}")
_VARIABLES = frozenset(
    {
        "QueryVariable", "CustomVariable", "ConstantVariable", "TextVariable", "IntervalVariable",
        "DatasourceVariable", "EnvironmentVariable",
    }
)  # fmt: skip
_CHOICES = frozenset({"QueryVariable", "CustomVariable", "EnvironmentVariable"})
_Scope: TypeAlias = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class Replaced(NamedTuple):
    """`${host:sqlstring}` in an f-string: Python replaces `{host:sqlstring}`. `name` is what it looks for."""

    text: str
    name: str
    source: Source
    is_known: bool
    """Whether Python knows the name there."""


def braced(text: str) -> Iterator[str]:
    """Every `{…}` of a text that Python would take for a replacement and Grafana for nothing: not `${x}`, not
    `{{ x }}`, and no JSON, quantifier or set of labels."""
    for match in _BRACED.finditer(text):
        depth, at = 0, match.start()
        while at < len(text):
            depth += (text[at] == "{") - (text[at] == "}")
            at += 1
            if not depth:
                break
        found = text[match.start() : at]
        if depth == 0 and not text.startswith("}", at) and names_of(found):
            yield found


def names_of(replacement: str) -> frozenset[str]:
    """The names that Python would look up for `{…}`; none where it is no replacement of one."""
    names: set[str] = set()
    for part in _parts(replacement):
        if not isinstance(part, ast.FormattedValue):
            return frozenset()
        value = part.value
        if not isinstance(value, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp, ast.IfExp)):
            return frozenset()
        bound = {n.id for n in ast.walk(value) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        names |= {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} - bound
    return frozenset(names)


def _parts(replacement: str) -> list[ast.expr]:
    """What `{…}` is in an f-string whose quotes it does not have."""
    for quotes in ('"""', "'''"):
        with suppress(SyntaxError, ValueError):
            parsed = ast.parse(f"f{quotes}{replacement}{quotes}", mode="eval").body
            return parsed.values if isinstance(parsed, ast.JoinedStr) else []
    return []


def substituted(text: str, near: Source | None) -> Replaced | None:
    """The `${name}` of the f-string that made a text, where Python knew the name and put its value in."""
    if near is None:
        return None
    file = SpecFile(Path(near.file))
    for string, one in file.substitutions:
        if one.is_known and string.makes(text):
            return one
    return None


def doubled(one: Replaced) -> str:
    """What to write for it."""
    return f"{one.text} stands in an f-string, where Python puts a value in: write ${{{one.text[1:]}}}"


class Sources:
    """The files of a specs folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[SpecFile, ...]:
        return tuple(SpecFile(path) for path in sorted(self.root.rglob("*.py")) if "__pycache__" not in path.parts)

    def file(self, path: str) -> SpecFile | None:
        return next((file for file in self.files if str(file.path) == path), None)

    def forgotten(self, text: str, near: Source | None) -> tuple[Source, tuple[str, ...]] | None:
        """Where the string of a text stands that has replacements in it which Python knows there, but is no f-string
        there, and these replacements. None where there is none: its braces are meant."""
        found = tuple(dict.fromkeys(braced(text)))
        if not found:
            return None
        best: tuple[tuple[bool, bool, int, int], Source | None, tuple[str, ...]] | None = None
        for file in self.files:
            here = near is not None and str(file.path) == near.file
            for string in file.strings:
                is_whole = string.makes(text)
                if not is_whole and not string.is_in(text):
                    continue
                places = {one: place for one in found if (place := file.forgets(string, one))}
                distance = -abs(string.node.lineno - near.line) if here and near else 0
                rank = (is_whole, here, string.certain, distance)
                if (places or is_whole) and (best is None or rank > best[0]):
                    best = (rank, next(iter(places.values()), None), tuple(places))
        return None if best is None or best[1] is None else (best[1], best[2])

    def variable(self, name: str) -> str:
        """The Python name of the variable of that name, and how it is used: `HOST.matches("column")`."""
        for file in self.files:
            known = aliases(file.tree)
            for node in ast.walk(file.tree):
                if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or not node.value.args:
                    continue
                kind = called(node.value.func, known)
                first, target = node.value.args[0], node.targets[0]
                named = isinstance(first, ast.Constant) and first.value == name and isinstance(target, ast.Name)
                if named and kind in _VARIABLES and isinstance(target, ast.Name):
                    return f'{{{target.id}.matches("column")}}' if kind in _CHOICES else ""
        return ""


class String(NamedTuple):
    """A string, or several in a row, as it is written. `parts` are certain; None is what an f-string replaces."""

    node: ast.Constant | ast.JoinedStr
    parts: tuple[str | None, ...]

    @property
    def certain(self) -> int:
        return sum(len(part) for part in self.parts if part)

    def makes(self, text: str) -> bool:
        """Whether the text is this string."""
        pattern = "".join(".*" if part is None else re.escape(part) for part in self.parts)
        return re.fullmatch(pattern, text, re.DOTALL) is not None

    def is_in(self, text: str) -> bool:
        """Whether the text has all that is certain of this string in it, whatever its indentation."""
        whole = " ".join(text.split())
        return all(" ".join(part.split()) in whole for part in self.parts if part)


class SpecFile:
    """One file of the specs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = literals.SourceText(path)

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.source.text)
        except (SyntaxError, ValueError):
            return ast.Module([], [])

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def strings(self) -> tuple[String, ...]:
        """Those that have a brace in what they are certain to contribute."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            elif isinstance(node, ast.Constant) and not isinstance(
                self.parents.get(node), (ast.JoinedStr, ast.FormattedValue)
            ):
                parts = [node.value]
            else:
                continue
            if any(isinstance(part, str) and "{" in part for part in parts):
                found.append(String(node, tuple(part if isinstance(part, str) else None for part in parts)))
        return tuple(found)

    def forgets(self, string: String, replacement: str) -> Source | None:
        """Where a replacement stands in a string, or a piece of one, that is no f-string, if Python knows its names
        there. In an f-string it has doubled braces."""
        read = self.source.literal(string.node)
        if read is None or not self.knows(names_of(replacement), string.node):
            return None
        for part, offsets in zip(read.parts, read.offsets, strict=True):
            at = part.find(replacement)
            while at >= 0:
                if not self.source.text.startswith("{{", offsets[at]):
                    return Source(str(self.path), *self.source.position(offsets[at]))
                at = part.find(replacement, at + 1)
        return None

    @cached_property
    def substitutions(self) -> tuple[tuple[String, Replaced], ...]:
        """Every f-string with a `${…}` in it that Python replaces, and the first of them."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr) and (one := next(self._dollars(node), None)):
                parts = [str(p.value) if isinstance(p, ast.Constant) else None for p in node.values]
                found.append((String(node, tuple(parts)), one))
        return tuple(found)

    @property
    def quantifiers(self) -> Iterator[tuple[str, Source]]:
        """`{3}` or `{1,3}` of a regular expression in an f-string, which Python makes 3 and (1, 3) of."""
        if not _QUANTIFIER.search(self.source.text):
            return
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            for before, part in zip(node.values, node.values[1:], strict=False):
                follows = isinstance(before, ast.Constant) and str(before.value)[-1:].strip()
                if follows and isinstance(part, ast.FormattedValue) and _is_numbers(part.value):
                    text = f"{{{ast.unparse(part.value).strip('()').rstrip(',').replace(' ', '')}}}"
                    begin, end = self._span(node)
                    match = _QUANTIFIER.search(self.source.text, begin, end)
                    yield text, Source(str(self.path), *self.source.position(match.start() if match else begin))

    def replaced(self, line: int | None = None) -> Iterator[Replaced]:
        """Every `${…}` of the f-strings, or of those that have a line."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.JoinedStr) or not (
                line is None or node.lineno <= line <= (node.end_lineno or node.lineno)
            ):
                continue
            yield from self._dollars(node)

    def _dollars(self, node: ast.JoinedStr) -> Iterator[Replaced]:
        for before, part in zip(node.values, node.values[1:], strict=False):
            ends = isinstance(before, ast.Constant) and str(before.value).endswith("$")
            if ends and isinstance(part, ast.FormattedValue) and (one := self._replaced(node, part)):
                yield one

    def _replaced(self, node: ast.JoinedStr, part: ast.FormattedValue) -> Replaced | None:
        root: ast.expr = part.value
        while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
            root = root.func if isinstance(root, ast.Call) else root.value
        if not isinstance(root, ast.Name):
            return None
        begin, end = self._span(node)
        match = re.compile(rf"\$\{{\s*{re.escape(root.id)}\b[^{{}}]*\}}").search(self.source.text, begin, end)
        if match is None:
            return None
        place = Source(str(self.path), *self.source.position(match.start()))
        return Replaced(match[0], root.id, place, self.knows(frozenset({root.id}), node))

    def knows(self, names: frozenset[str], at: ast.AST) -> bool:
        """Whether Python knows all of the names where something stands, and one of them not by itself."""
        own = frozenset(dir(builtins))
        mine = names - own
        return bool(mine) and mine <= self._known(at)

    def _known(self, at: ast.AST) -> set[str]:
        found: set[str] = set()
        node: ast.AST | None = at
        while node is not None:
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                found |= _bound(node)
            elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
                for generator in node.generators:
                    found |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
            node = self.parents.get(node)
        return found | self._starred

    @cached_property
    def _starred(self) -> frozenset[str]:
        """What `from x import *` brought, as far as the module was loaded."""
        if not any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(self.tree)):
            return frozenset()
        module = module_of(str(self.path))
        return frozenset(name for name in vars(module) if not name.startswith("__")) if module else frozenset()

    def _span(self, node: ast.expr) -> tuple[int, int]:
        begin = self.source.offset(node.lineno, node.col_offset)
        return begin, self.source.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)


def _is_numbers(value: ast.expr) -> bool:
    several = value.elts if isinstance(value, ast.Tuple) else [value]
    return all(isinstance(one, ast.Constant) and type(one.value) is int for one in several)


def _bound(scope: _Scope) -> set[str]:
    """The names that are bound in a scope, those of scopes inside it left out."""
    found: set[str] = set()
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        every = scope.args
        found |= {a.arg for a in (*every.posonlyargs, *every.args, *every.kwonlyargs)}
        found |= {a.arg for a in (every.vararg, every.kwarg) if a is not None}
    waiting: list[ast.AST] = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        waiting += ast.iter_child_nodes(node)
    return found
