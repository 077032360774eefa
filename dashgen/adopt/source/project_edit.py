"""The edit of PROJECT as a transformer of libcst, which only this module needs at import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import libcst as cst

Blank: TypeAlias = cst.BaseParenthesizableWhitespace


class Extension(cst.CSTTransformer):
    """Adds names to an argument of `PROJECT = Project(dashboards=…)`; `is_whole` where it is one name alone."""

    def __init__(self, argument: str, names: list[str], *, is_whole: bool = False) -> None:
        super().__init__()
        self.argument, self.names, self.is_whole = argument, names, is_whole
        self.done = False
        self.reason = ""

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802  # libcst's name
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: N802  # as above
        return False

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:  # noqa: N802  # as above
        if not any(isinstance(t.target, cst.Name) and t.target.value == "PROJECT" for t in updated_node.targets):
            return updated_node
        return updated_node.with_changes(value=self._project(updated_node.value))

    def leave_AnnAssign(  # noqa: N802  # as above
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        if not isinstance(updated_node.target, cst.Name) or updated_node.target.value != "PROJECT":
            return updated_node
        return (
            updated_node.with_changes(value=self._project(updated_node.value)) if updated_node.value else updated_node
        )

    def _project(self, value: cst.BaseExpression) -> cst.BaseExpression:
        if not isinstance(value, cst.Call) or not _is_project(value.func):
            self.reason = "PROJECT is made by something else than a call of Project(…)"
            return value
        if any(argument.star for argument in value.args):
            self.reason = "PROJECT is made of arguments that are unpacked (*, **)"
            return value
        for at, argument in enumerate(value.args):
            if argument.keyword is not None and argument.keyword.value == self.argument:
                if self.is_whole:
                    self.reason = f"PROJECT has {self.argument} already"
                    return value
                made = argument.with_changes(value=self._listed(argument.value))
                self.done = True
                return value.with_changes(args=[*value.args[:at], made, *value.args[at + 1 :]])
        self.done = True
        return value.with_changes(args=self._appended(value))

    def _listed(self, value: cst.BaseExpression) -> cst.BaseExpression:
        names = [cst.Element(cst.Name(name)) for name in self.names]
        if isinstance(value, cst.Tuple) and value.lpar:
            elements, closing = _joined(
                value.elements, names, value.lpar[0].whitespace_after, value.rpar[0].whitespace_before
            )
            ending = value.rpar[0].with_changes(whitespace_before=closing)
            return value.with_changes(elements=elements, rpar=[ending, *value.rpar[1:]])
        if isinstance(value, cst.List):
            elements, closing = _joined(
                value.elements, names, value.lbracket.whitespace_after, value.rbracket.whitespace_before
            )
            return value.with_changes(
                elements=elements, rbracket=value.rbracket.with_changes(whitespace_before=closing)
            )
        return cst.Tuple([cst.StarredElement(value), *names])

    def _appended(self, call: cst.Call) -> Sequence[cst.Arg]:
        listed = cst.Tuple([cst.Element(cst.Name(name)) for name in self.names])
        made = cst.Arg(
            cst.Name(self.names[0]) if self.is_whole else listed,
            keyword=cst.Name(self.argument),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        return _joined(call.args, [made], call.whitespace_before_args, _NOTHING)[0]


def _is_project(function: cst.BaseExpression) -> bool:
    name = function.attr if isinstance(function, cst.Attribute) else function
    return isinstance(name, cst.Name) and name.value == "Project"


def _joined(before: Sequence[Any], more: Sequence[Any], opening: Blank, closing: Blank) -> tuple[list[Any], Blank]:
    """Elements or arguments with more behind them, each in a line of its own where those before are; and the blanks
    behind them all. A comment stays behind what it is said of."""
    line = opening.with_changes(first_line=_BARE) if isinstance(opening, cst.ParenthesizedWhitespace) else None
    between = cst.Comma(whitespace_after=line or cst.SimpleWhitespace(" "))
    if not before:
        return [*(one.with_changes(comma=between) for one in more[:-1]), more[-1]], closing
    behind = before[-1].comma
    joint, last = between, behind
    ending = behind.whitespace_after if isinstance(behind, cst.Comma) else None
    if isinstance(ending, cst.ParenthesizedWhitespace):
        joint = cst.Comma(whitespace_after=(line or ending).with_changes(first_line=ending.first_line))
        last = cst.Comma(whitespace_after=ending.with_changes(first_line=_BARE))
    elif isinstance(closing, cst.ParenthesizedWhitespace) and line is not None:
        joint = cst.Comma(whitespace_after=line.with_changes(first_line=closing.first_line))
        closing = closing.with_changes(first_line=_BARE)
    elif line is None:
        last = cst.MaybeSentinel.DEFAULT
    added = [*(one.with_changes(comma=between) for one in more[:-1]), more[-1].with_changes(comma=last)]
    return [*before[:-1], before[-1].with_changes(comma=joint), *added], closing


_BARE = cst.TrailingWhitespace()
_NOTHING = cst.SimpleWhitespace("")
