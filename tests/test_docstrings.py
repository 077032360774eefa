"""Docstrings of public functions name the exceptions that these raise themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "dashgen"
ELSEWHERE = {
    "Wrong": "what every check of a field raises, said by its class",
    "NotImplementedError": "for classes that derive",
    "AttributeError": "what Python asks of __getattr__",
    "NotThisKind": "said by the protocol of kinds of sources",
    "ImportRefused": "said by the protocol of kinds of sources",
    "SystemExit": "the end of a process",
}
"""Exceptions whose docstring is not the function's."""
COMMANDS = PACKAGE / "cli"
"""Docstrings of commands are their help, which says the exit codes."""


def functions(path: Path) -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """The public functions and methods of a module, each with its name and with what the docstrings say. A method
    without a docstring is one of a protocol, or of a base, that has it."""

    def of(body: list[ast.stmt], name: str, said: str) -> Iterator[tuple[str, str, ast.FunctionDef]]:
        for one in body:
            if isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
                yield from of(one.body, f"{name}{one.name}.", said + (ast.get_docstring(one) or ""))
            elif isinstance(one, ast.FunctionDef) and (one.name == "__init__" or not one.name.startswith("_")):
                own = ast.get_docstring(one) or ""
                if own or not name or one.name == "__init__":
                    yield f"{name}{one.name}", said + own, one

    yield from of(ast.parse(path.read_text()).body, "", "")


def raised(function: ast.FunctionDef) -> Iterator[str]:
    """The names of the exceptions that the function's own statements raise."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = what.attr if isinstance(what, ast.Attribute) else what.id if isinstance(what, ast.Name) else ""
            if name[:1].isupper():
                yield name
        left += ast.iter_child_nodes(node)


def test_each_exception_is_named() -> None:
    unsaid = [
        f"{path.relative_to(PACKAGE)}: {name} raises {error}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if COMMANDS not in path.parents
        for name, said, function in functions(path)
        for error in dict.fromkeys(raised(function))
        if error not in said and error not in ELSEWHERE
    ]
    assert unsaid == []


def test_what_is_found() -> None:
    def raising(source: str) -> list[str]:
        (function,) = ast.parse(source).body
        assert isinstance(function, ast.FunctionDef)
        return list(raised(function))

    assert raising("def f():\n if x:\n  raise errors.QueryError('a') from None\n raise") == ["QueryError"]
    assert raising("def f():\n def g():\n  raise ValueError\n raise error") == []
