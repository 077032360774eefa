"""The module that exports PROJECT, with further objects: by libcst, so that nothing else in it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashgen.adopt.source.expressions import AtomCode, CallCode, Code, MappingCode, SequenceCode, assigned
from dashgen.adopt.source.objects import expression
from dashgen.model.core.problems import DashgenError
from dashgen.model.environment import Environment, QuestDB


class CanNotExtend(DashgenError):
    """PROJECT is not written as a call that can be extended."""

    def __init__(self, message: str, line: int = 1, argument: str = "dashboards") -> None:
        super().__init__(message)
        self.line, self.argument = line, argument


@dataclass(frozen=True, slots=True)
class Addition:
    """What PROJECT lists: the module below the package, the name of its constant there, and the argument of Project.

    `is_whole`: the argument is this one thing, no list of such.
    """

    module: str
    name: str
    argument: str = "dashboards"
    is_whole: bool = False


def names_in(text: str) -> frozenset[str]:
    """Every name that a module uses."""
    tree = ast.parse(text)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    found |= {alias.asname or alias.name for node in imports for alias in node.names}
    return frozenset(found)


def new(package: str, additions: Sequence[Addition], datasources: dict[str, QuestDB], most: int) -> str:
    """The module of a project that has none."""
    used = ["Environment", "Project"] + (["QuestDB"] if datasources else [])
    given: list[tuple[str, Code]] = [("", expression("prod", lambda _: None))]
    if datasources:
        held = tuple((name, expression(one, lambda _: None)) for name, one in datasources.items())
        given.append(("datasources", MappingCode(held)))
    if any(one.argument == "policy" for one in additions):
        given.append(("owns_policy_tree", AtomCode("True")))
    project = CallCode(
        "Project",
        (
            ("environments", SequenceCode((CallCode(Environment.__name__, tuple(given)),))),
            *_arguments(additions),
        ),
    )
    imports = [f"from dashgen import {', '.join(sorted(used))}"]
    imports += _imports(package, additions, most).values()
    blocks = ['"""What is rendered for Grafana."""', "\n".join(imports), assigned("PROJECT", project, most)]
    return "\n\n".join(blocks) + "\n"


def _arguments(additions: Sequence[Addition]) -> Iterator[tuple[str, Code]]:
    for argument in dict.fromkeys(one.argument for one in additions):
        listed = [one for one in additions if one.argument == argument]
        held = tuple(AtomCode(one.name) for one in listed)
        yield argument, held[0] if listed[0].is_whole else SequenceCode(held)


def imports_of(package: str, additions: Sequence[Addition], most: int) -> list[str]:
    """The imports of what is in modules of the package, each once."""
    return list(_imports(package, list(dict.fromkeys(additions)), most).values())


def _imports(package: str, additions: Sequence[Addition], most: int) -> dict[str, str]:
    """The import of each module, by the module's name."""
    found: dict[str, list[str]] = {}
    for one in additions:
        found.setdefault(one.module, []).append(one.name)
    return {module: _import(f"{package}.{module}", sorted(found[module]), most) for module in sorted(found)}


def _import(module: str, names: Sequence[str], most: int) -> str:
    flat = f"from {module} import {', '.join(names)}"
    if len(flat) <= most:
        return flat
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def extended(text: str, package: str, additions: Sequence[Addition], most: int = 88) -> str:
    """The module with the objects in PROJECT and their imports. Raises CanNotExtend."""
    import libcst as cst  # reads and writes grammars: half of what the command line needs to start

    from dashgen.adopt.source.project_edit import Extension

    changed = cst.parse_module(text)
    for argument in dict.fromkeys(one.argument for one in additions):
        own = [one for one in additions if one.argument == argument]
        edit = Extension(argument, [one.name for one in own], is_whole=own[0].is_whole)
        changed = changed.visit(edit)
        if not edit.done:
            raise CanNotExtend(edit.reason or "PROJECT is not assigned a Project(…) here", _line(text), argument)
    return _with_imports(changed.code, package, additions, most)


def _line(text: str) -> int:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "PROJECT" for t in node.targets):
            return node.lineno
    return 1


def _with_imports(text: str, package: str, additions: Sequence[Addition], most: int) -> str:
    """Each import before the first one of the package that comes after it, else behind the last one of the module."""
    end = "\r\n" if "\r\n" in text else "\n"
    for module, line in _imports(package, additions, most).items():
        lines = text.splitlines(keepends=True)
        lines.insert(_place(text, package, module), line.replace("\n", end) + end)
        text = "".join(lines)
    return text


def _place(text: str, package: str, own_module: str) -> int:
    """The line that the import goes before, from 0."""
    found = [node for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    own = f"{package}.{own_module}"
    for node in found:
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if module.startswith(f"{package}.") and module > own:
            return node.lineno - 1
    return (found[-1].end_lineno or 0) if found else _behind_docstring(text)


def _behind_docstring(text: str) -> int:
    body = ast.parse(text).body
    first = body[0] if body else None
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) if first is not None and is_docstring else 0
