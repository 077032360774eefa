"""What the vocabulary says of itself: signatures, and a sentence for each field. Worked out when somebody asks.

A field's sentence is the string below it in its class, which Python drops when it compiles: it costs no start-up, and
editors show it. So it is read from the source, as the types are, which keep their names there (`AnyUnit | None`).
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import linecache
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, cast

from dashgen.model.core.fields import MISSING, fields

LISTED = 15
"""A type of more literals than that keeps its name."""


class FieldDoc(NamedTuple):
    """One field of a class, or one parameter of a function."""

    name: str
    written: str
    """Its type, as the source has it."""
    default: object
    """`MISSING` where it must be given."""
    kind: inspect._ParameterKind
    sentence: str
    """Empty where nobody wrote one."""
    owner: type | None
    """The class that declares it, of the ones that document it."""


class _Written(str):
    """An annotation as its source has it: signatures show it without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Module(NamedTuple):
    classes: dict[str, ast.ClassDef]
    aliases: dict[str, ast.expr]
    alias_sentences: dict[str, str]
    imports: dict[str, tuple[str, str]]


@lru_cache(maxsize=256)
def _module(name: str) -> _Module:
    """What a module of the vocabulary declares. Empty where its source can't be had."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    text = "".join(linecache.getlines(file, vars(module))) if module and file else ""
    tree = ast.parse(text)
    found = _Module({}, {}, {}, {})
    for item in ast.walk(tree):
        match item:
            case ast.ClassDef():
                found.classes[item.name] = item
            case ast.AnnAssign(
                target=ast.Name(id=alias), annotation=ast.Name(id="TypeAlias"), value=ast.expr() as value
            ):
                found.aliases[alias] = value
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Subscript(value=ast.Name(id="Literal")) as value):
                found.aliases[alias] = value
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.BinOp(op=ast.BitOr()) as value):
                found.aliases[alias] = value
            case ast.ImportFrom(module=str(origin), level=level):
                home = ".".join((*name.split(".")[:-level], origin)) if level else origin
                found.imports.update({one.asname or one.name: (home, one.name) for one in item.names})
    for declared, below in pairwise(tree.body):
        target = declared.target if isinstance(declared, ast.AnnAssign) else getattr(declared, "targets", [None])[0]
        if isinstance(target, ast.Name) and target.id in found.aliases and (sentence := _string(below)):
            found.alias_sentences[target.id] = sentence
    return found


def _string(statement: ast.stmt) -> str:
    """The text of a statement that is a string alone; empty of any other."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.split())
    return ""


def alias_sentence(module: str, name: str) -> str:
    """The sentence below an alias of a type."""
    return _module(module).alias_sentences.get(name, "")


def own_sentences(cls: type) -> dict[str, str]:
    """The sentences that stand below the fields of a class, those of its bases not."""
    declared = _module(cls.__module__).classes.get(cls.__name__)
    body = declared.body if declared else []
    return {
        field.target.id: sentence
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and (sentence := _string(below))
    }


def _documented(cls: type, name: str) -> tuple[str, type | None]:
    """A field's sentence, of the nearest class that has one, and that class; the declaring one where none has."""
    declaring = None
    for base in cls.__mro__:
        if name in inspect.get_annotations(base):
            declaring = declaring or base
            sentence = own_sentences(base).get(name)
            if sentence:
                return sentence, base
    return "", declaring


def _annotation(cls: type, name: str) -> str:
    return next((str(a[name]) for base in cls.__mro__ if name in (a := inspect.get_annotations(base))), "")


def field_docs(cls: type) -> tuple[FieldDoc, ...]:
    """The fields that a class is constructed with (a node or a dataclass), in the order of its signature."""
    return tuple(
        FieldDoc(p.name, str(p.annotation), _default(p), p.kind, *_documented(cls, p.name))
        for p in inspect.signature(cls).parameters.values()
    )


def _default(parameter: inspect.Parameter) -> object:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return ()
    return MISSING if parameter.default is inspect.Parameter.empty else parameter.default


def signature(cls: type) -> inspect.Signature:
    """How a class of nodes is constructed. What comes by position stands first, as it must be written."""
    kinds = inspect.Parameter
    rest = getattr(cls, "REST", "")
    first: list[inspect.Parameter] = []
    by_name: list[inspect.Parameter] = []
    for name, field in fields(cls).items():
        if not field.init:
            continue
        written = _annotation(cls, name)
        default = kinds.empty if field.default is MISSING else field.default
        if name == rest:
            one = written.removeprefix("tuple[").removesuffix(", ...]")
            first.append(kinds(name, kinds.VAR_POSITIONAL, annotation=_Written(one)))
        else:
            kind = kinds.KEYWORD_ONLY if field.kw_only else kinds.POSITIONAL_OR_KEYWORD
            where = by_name if field.kw_only else first
            where.append(kinds(name, kind, default=default, annotation=_Written(written)))
    return inspect.Signature([*first, *by_name])


def plain_doc(cls: type) -> str | None:
    """The docstring of a class as it is written."""
    return vars(cls).get("__doc__")


def help_text(cls: type) -> str:
    """The docstring of a class with its fields: their types, defaults and sentences."""
    parts = [inspect.cleandoc(plain_doc(cls) or ""), "Fields:" if field_docs(cls) else ""]
    for doc in field_docs(cls):
        stars = "*" if doc.kind is inspect.Parameter.VAR_POSITIONAL else ""
        given = "" if stars or doc.default is MISSING else f" = {doc.default!r}"
        parts.append(f"    {stars}{doc.name}: {spelled_out(doc.written, cls, doc.name)}{given}")
        parts.append(textwrap.fill(doc.sentence, 88, initial_indent=" " * 8, subsequent_indent=" " * 8))
    head, *rest = [part for part in parts if part]
    return "\n".join([head, "", *rest] if rest else [head])


def spelled_out(written: str, cls: type, name: str) -> str:
    """A type with its aliases replaced by what they stand for; long lists of literals keep their names."""
    home = next((base.__module__ for base in cls.__mro__ if name in inspect.get_annotations(base)), cls.__module__)
    return ast.unparse(expanded(ast.parse(written, mode="eval").body, home))


def alias(module: str, name: str) -> tuple[str, ast.expr] | None:
    """What a name of a module stands for where it is an alias of a type, and the module that says so."""
    found = _module(module)
    if name in found.aliases:
        return module, found.aliases[name]
    if name in found.imports:
        home, there = found.imports[name]
        return alias(home, there) if home.startswith("dashgen.") else None
    return None


def expanded(written: ast.expr, module: str) -> ast.expr:
    match written:
        case ast.Name(id=name):
            found = alias(module, name)
            if found is None or len(literals(found[1])) > LISTED:
                return written
            return expanded(found[1], found[0])
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(expanded(left, module), op, expanded(right, module))
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name != "Literal":
            return ast.Subscript(written.value, expanded(inner, module), written.ctx)
        case ast.Tuple(elts=items):
            return ast.Tuple([expanded(item, module) for item in items], written.ctx)
    return written


def long_aliases(written: ast.expr, module: str) -> Iterator[tuple[str, str, ast.expr]]:
    """The aliases whose names `expanded` keeps: each with the module that says what it stands for."""
    for part in ast.walk(written):
        found = alias(module, part.id) if isinstance(part, ast.Name) else None
        if found is not None and len(literals(found[1])) > LISTED:
            yield cast("ast.Name", part).id, *found
        elif found is not None:
            yield from long_aliases(found[1], found[0])


def literals(written: ast.expr) -> tuple[object, ...]:
    """The values of a `Literal[…]`, none of any other type."""
    if isinstance(written, ast.Subscript) and isinstance(written.value, ast.Name) and written.value.id == "Literal":
        items = written.slice.elts if isinstance(written.slice, ast.Tuple) else [written.slice]
        return tuple(item.value for item in items if isinstance(item, ast.Constant))
    return ()


def parameter_sentences(function: object) -> dict[str, str]:
    """What the section `Args:` of a docstring says of each parameter."""
    _, _, section = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    found: dict[str, str] = {}
    for line in section.splitlines():
        name, colon, text = line.partition(":")
        if line.startswith("    ") and colon and line[4:5].strip() and name.strip().isidentifier():
            found[name.strip()] = text.strip()
        elif line.startswith("     ") and found:
            found[next(reversed(found))] += f" {line.strip()}"
        elif line.strip():
            break
    return found


def parameter_docs(function: object) -> Iterator[FieldDoc]:
    """The parameters of a function, with what its docstring says of each."""
    told: Mapping[str, str] = parameter_sentences(function)
    for p in inspect.signature(function).parameters.values():  # type: ignore[arg-type]  # only callables come here
        if p.name != "self":
            yield FieldDoc(p.name, str(p.annotation), _default(p), p.kind, told.get(p.name, ""), None)


def is_declared(cls: type) -> bool:
    """Whether a class has fields: a node or a dataclass."""
    return bool(fields(cls)) or dataclasses.is_dataclass(cls)
