"""The source of a module of specs, and where the objects that it builds stand in it.

Objects know the call that they were built by. A change is placed where nothing but the object that it is meant for
follows from the source that it changes: in a call of a module, whose arguments are literals, objects and names.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from dashgen.model.core.node import Node
from dashgen.model.core.source_map.signatures import POSITIONAL
from dashgen.model.dashboards.dashboard import Dashboard


class SpecModule:
    """A module's text as a tree. `nodes` are all objects of the project; `names_elsewhere` those that other modules
    import of it."""

    def __init__(self, path: Path, text: str, nodes: Sequence[Node], names_elsewhere: frozenset[str]) -> None:
        self.path, self.text = path.resolve(), text
        self.lines = text.split("\n")
        wrapper = MetadataWrapper(cst.parse_module(text))
        self.tree = wrapper.module
        self.ranges = wrapper.resolve(PositionProvider)
        finder = _Finder()
        self.tree.visit(finder)
        self.calls: dict[tuple[int, int], cst.Call] = {}
        for call in finder.calls:
            start = self.range(call).start
            self.calls[start.line, start.column] = call
        self.statements = finder.statements
        self.vocabulary = _vocabulary(text)
        """What the module calls names of dashgen, by what it calls them."""
        self.constants = _constants(text, names_elsewhere)
        # what refers to a dashboard refers to its panels: it is there once for all of them
        users: Counter[int] = Counter(id(one) for one in nodes if not isinstance(one, Dashboard))
        self.shared = {number for number, times in users.items() if times > 1}
        places = Counter(
            (place, type(one).__name__)
            for one in {id(one): one for one in nodes}.values()
            if (place := self._place(one))
        )
        self.repeated = {place for place, times in places.items() if times > 1}

    def range(self, node: cst.CSTNode) -> CodeRange:
        found = self.ranges[node]
        assert isinstance(found, CodeRange)  # noqa: S101  # what this provider gives
        return found

    def _place(self, node: Node) -> tuple[int, int] | None:
        source = node.source
        if source is None or Path(source.file).resolve() != self.path:
            return None
        return source.line, source.column - 1

    def call(self, node: Node) -> cst.Call | None:
        """The call that builds an object and no other one, which is used once."""
        place = self._place(node)
        if place is None or id(node) in self.shared or (place, type(node).__name__) in self.repeated:
            return None
        call = self.calls.get(place)
        return call if call is not None and self.called(call) == type(node).__name__ else None

    def called(self, call: cst.Call) -> str:
        """The name in dashgen of what is called."""
        if isinstance(call.func, cst.Name):
            return self.vocabulary.get(call.func.value, "")
        if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
            return call.func.attr.value if call.func.value.value == "dashgen" else ""
        return ""

    def argument(self, call: cst.Call, field: str) -> cst.Arg | None:
        """What a call gives for a field."""
        for arg in call.args:
            if arg.keyword is not None and arg.keyword.value == field:
                return arg
        for name, arg in zip(POSITIONAL.get(self.called(call), ()), call.args, strict=False):
            if arg.star or arg.keyword is not None:
                return None
            if name == field:
                return arg
        return None

    def resolved(self, value: cst.BaseExpression) -> cst.BaseExpression:
        """What a name stands for that is assigned once and used here only; else the expression itself."""
        if isinstance(value, cst.Name) and value.value in self.constants:
            for statement in self.statements:
                for line in statement.body:
                    if isinstance(line, cst.Assign) and _assigns(line, value.value):
                        return line.value
        return value

    def entry(self, value: cst.BaseExpression, index: int) -> cst.BaseExpression | None:
        """An entry of a tuple that is written out; what stands alone is one of one entry."""
        value = self.resolved(value)
        if isinstance(value, (cst.Tuple, cst.List)):
            if any(isinstance(one, cst.StarredElement) for one in value.elements) or index >= len(value.elements):
                return None
            return self.resolved(value.elements[index].value)
        return value if index == 0 else None

    def is_plain(self, value: cst.BaseExpression) -> bool:
        """Whether it says what it is: literals, names, and objects of such."""
        if isinstance(value, (cst.SimpleString, cst.Integer, cst.Float, cst.Name)):
            return True
        if isinstance(value, cst.ConcatenatedString):
            return self.is_plain(value.left) and self.is_plain(value.right)
        if isinstance(value, cst.UnaryOperation):
            return self.is_plain(value.expression)
        if isinstance(value, (cst.Tuple, cst.List)):
            return all(isinstance(one, cst.Element) and self.is_plain(one.value) for one in value.elements)
        if isinstance(value, cst.Dict):
            return all(isinstance(one, cst.DictElement) and self.is_plain(one.value) for one in value.elements)
        if isinstance(value, cst.Call):
            return bool(self.called(value)) and all(not arg.star and self.is_plain(arg.value) for arg in value.args)
        return False

    def statement(self, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
        """The statement of the module that something stands in."""
        line = self.range(node).start.line
        for one in self.statements:
            found = self.range(one)
            if found.start.line <= line <= found.end.line:
                return one
        return None

    def indent(self, line: int) -> int:
        """Blanks that a line begins with."""
        text = self.lines[line - 1]
        return len(text) - len(text.lstrip(" "))

    def source(self, node: cst.CSTNode) -> str:
        return self.tree.code_for_node(node)


class _Finder(cst.CSTVisitor):
    """Calls and simple statements of a module that are run once."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[cst.Call] = []
        self.statements: list[cst.SimpleStatementLine] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802  # libcst's name
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: N802  # as above
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:  # noqa: N802  # as above
        return False

    def visit_For(self, node: cst.For) -> bool:  # noqa: N802  # as above
        return False

    def visit_If(self, node: cst.If) -> bool:  # noqa: N802  # as above
        return False

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> bool:  # noqa: N802  # as above
        return False

    def visit_ListComp(self, node: cst.ListComp) -> bool:  # noqa: N802  # as above
        return False

    def visit_DictComp(self, node: cst.DictComp) -> bool:  # noqa: N802  # as above
        return False

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  # as above
        self.calls.append(node)

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:  # noqa: N802  # as above
        self.statements.append(node)


def _assigns(line: cst.Assign, name: str) -> bool:
    return (
        len(line.targets) == 1 and isinstance(line.targets[0].target, cst.Name) and line.targets[0].target.value == name
    )


def _vocabulary(text: str) -> dict[str, str]:
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom) and node.module == "dashgen"]
    return {alias.asname or alias.name: alias.name for node in imports for alias in node.names}


def _constants(text: str, names_elsewhere: frozenset[str]) -> frozenset[str]:
    """Names that a module assigns once and reads once."""
    tree = ast.parse(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    loaded = Counter(node.id for node in names if isinstance(node.ctx, ast.Load))
    top = {
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }
    return frozenset(name for name in top - names_elsewhere if stored[name] == loaded[name] == 1)


def imported_names(texts: Iterable[str], module: str) -> frozenset[str]:
    """The names that modules import of another one."""
    return frozenset(name for text in texts for name in _imports(text, module))


def _imports(text: str, module: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(module):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr  # of the module, for all that can be told
