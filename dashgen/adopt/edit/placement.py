"""Changes placed in the source of a module; a comment says what could not be placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from dashgen.adopt.edit.changes import Change, FieldChange, FieldStep, KeptEntry, SequenceChange, is_same
from dashgen.adopt.edit.imports import with_imports
from dashgen.adopt.edit.spec_module import SpecModule
from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import Code
from dashgen.adopt.source.module import calls
from dashgen.adopt.source.objects import expression, sql
from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node
from dashgen.model.dashboards.dashboard import Dashboard, Row
from dashgen.model.dashboards.query import Query

INDENT = 4
_MOST = 20
"""Lines of a comment that show what a value is now."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A change that a person makes: what, and why it is not placed."""

    subject: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlacedChanges:
    """The module with the changes in it, and with comments for those that are not."""

    text: str
    placed: tuple[str, ...]
    unplaced: tuple[Unplaced, ...]


def place(module: SpecModule, changes: Sequence[Change], dashboard: Dashboard, width: int) -> PlacedChanges:
    edit = _Edit(module, dashboard, width)
    for change in changes:
        if isinstance(change, FieldChange):
            edit.field(change)
        else:
            edit.sequence(change)
    return edit.done()


Make = Callable[[cst.CSTNode], cst.CSTNode]


@dataclass
class _Edit:
    module: SpecModule
    dashboard: Dashboard
    width: int
    making: dict[int, list[Make]] = field(default_factory=dict)
    """What is made of a node of the tree, by its id: of what its inner nodes have become."""
    used: set[str] = field(default_factory=set)
    """Names of dashgen that new source uses."""
    placed: list[str] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    comments: dict[int, list[str]] = field(default_factory=dict)
    """By the id of the statement that they go above."""
    statements: dict[int, list[tuple[str, Code]]] = field(default_factory=dict)
    """New constants by the id of the statement that they go above."""
    taken: set[str] = field(default_factory=set)
    replaced: dict[int, Sequence[FieldStep]] = field(default_factory=dict)
    """Where an expression was replaced, by its id: the way to the value that it has now."""

    def field(self, change: FieldChange) -> None:
        """From the innermost place outwards: where a text stands for a query, the query takes its place."""
        for length in range(len(change.trail), 0, -1):
            if self._at(change.trail[:length]):
                self.placed.append(f"{change.subject}: {_path(change.trail)}")
                return
        self._comment(change)

    def _at(self, trail: Sequence[FieldStep]) -> bool:
        step = trail[-1]
        call = self.module.call(step.owner)
        if step.index is not None or call is None:
            return self._replaced(self._value(trail), trail)
        known = fields(type(step.owner))[step.field]
        arg = self.module.argument(call, step.field)
        if is_same(step.value, known.default) and (arg is None or arg.keyword is not None):
            if arg is None:
                return False  # it comes from elsewhere
            self._make(call, lambda made: _without(made, step.field))
            return True
        if arg is not None:
            return self._replaced(self.module.resolved(arg.value), trail)
        self._add(call, step)
        return True

    def _value(self, trail: Sequence[FieldStep]) -> cst.BaseExpression | None:
        """The expression of the value that a trail leads to."""
        step = trail[-1]
        call = self.module.call(step.owner)
        if call is None:
            is_text = isinstance(step.owner, Query) and step.field == "sql"
            return self._value(trail[:-1]) if is_text and len(trail) > 1 else None
        arg = self.module.argument(call, step.field)
        if arg is None:
            return None
        return self.module.resolved(arg.value) if step.index is None else self.module.entry(arg.value, step.index)

    def _replaced(self, value: cst.BaseExpression | None, trail: Sequence[FieldStep]) -> bool:
        """A value that holds what an earlier change put here takes its place: it has all changes."""
        if value is None or not self.module.is_plain(value):
            return False
        if id(value) in self.making and not _leads_to(trail, self.replaced.get(id(value), ())):
            return False
        step, self.replaced[id(value)] = trail[-1], trail
        there = self.module.range(value)
        after = len(self.module.lines[there.end.line - 1]) - there.end.column
        code = self._code(step)
        text = code.laid_out(self.module.indent(there.start.line), there.start.column, min(after, 2), self.width)
        self._make(value, lambda _: _parsed(text))
        return True

    def _code(self, step: FieldStep) -> Code:
        value = step.value
        code = sql(value) if step.field == "sql" and isinstance(value, str) else expression(_bare(step), lambda _: None)
        self.used |= calls(code)
        return code

    def _make(self, node: cst.CSTNode, make: Make) -> None:
        self.making.setdefault(id(node), []).append(make)

    def _add(self, call: cst.Call, step: FieldStep) -> None:
        """A further argument, in a line of its own where the others have one."""
        there = self.module.range(call)
        line = self.module.lines[there.start.line - 1]
        has_lines = there.end.line > there.start.line and (
            isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
        )
        code, name = self._code(step), f"{step.field}="
        flat = code.flat
        room = self.width - len(line) - len(name) - len(flat or "") - 2
        if not has_lines and (flat is None or room < 0):
            self._make(call, lambda made: _in_lines(made, self.module.indent(there.start.line)))
            has_lines = True
        indent = self.module.indent(there.start.line) + INDENT
        if there.end.line > there.start.line and call.args:
            indent = self.module.indent(self.module.range(call.args[-1]).start.line)
        text = code.laid_out(indent, indent + len(name), 1, self.width) if has_lines else str(flat)
        arg = cst.Arg(_parsed(text), keyword=cst.Name(step.field), equal=_EQUAL)
        self._make(call, lambda made: _with(made, arg, indent if has_lines else None))

    def sequence(self, change: SequenceChange) -> None:
        call = self.module.call(change.owner)
        arg = self.module.argument(call, change.field) if call is not None else None
        there: Sequence[object] = getattr(change.owner, change.field)
        if call is not None and arg is None and not there:
            self._add(
                call,
                FieldStep(
                    change.owner, change.field, None, tuple(one for one in change.items if isinstance(one, Node))
                ),
            )
            self._tell(change)
            return
        listed = self.module.resolved(arg.value) if arg is not None else None
        elements = [self._element(one, listed, change.owner) for one in change.items]
        if not isinstance(listed, (cst.Tuple, cst.List)) or None in elements or not _is_written_out(listed, there):
            self._comment(change)
            return
        if isinstance(change.owner, Dashboard) and change.field == "rows":
            self._name_rows(change, listed, elements)
        self._list(listed, [one for one in elements if one is not None])
        self._tell(change)

    def _tell(self, change: SequenceChange) -> None:
        self.placed.append(f"{change.subject}: {change.field}")

    def _element(
        self, item: KeptEntry | Node, listed: cst.BaseExpression | None, owner: Node
    ) -> cst.BaseElement | Node | None:
        """What stands for an entry: that of the source, or the new object."""
        if not isinstance(item, KeptEntry):
            return item
        if item.owner is not owner:
            call = self.module.call(item.owner)
            arg = self.module.argument(call, item.field) if call is not None else None
            listed = self.module.resolved(arg.value) if arg is not None else None
        there: Sequence[object] = getattr(item.owner, item.field)
        if not isinstance(listed, (cst.Tuple, cst.List)) or not _is_written_out(listed, there):
            return None
        return listed.elements[item.index]

    def _name_rows(
        self, change: SequenceChange, listed: cst.Tuple | cst.List, elements: list[cst.BaseElement | Node | None]
    ) -> None:
        """New rows get a constant each where all the others have one."""
        above = self.module.statement(listed)
        if above is None or not all(isinstance(one.value, cst.Name) for one in listed.elements):
            return
        self.taken |= _names(self.module.text)
        for at, one in enumerate(elements):
            if isinstance(one, Row):
                name = names.unique(names.constant(one.title, "PANELS") + "_ROW", self.taken)
                self.taken.add(name)
                code = expression(one, lambda _: None)
                self.used |= calls(code)
                self.statements.setdefault(id(above), []).append((name, code))
                elements[at] = cst.Element(cst.Name(name))

    def _list(self, listed: cst.Tuple | cst.List, elements: Sequence[cst.BaseElement | Node]) -> None:
        """A tuple of these elements, each in a line of its own where they were or where they need it."""
        there = self.module.range(listed)
        outer = self.module.indent(there.start.line)
        inner = outer + INDENT
        has_lines = there.end.line > there.start.line or any(not isinstance(one, cst.BaseElement) for one in elements)
        if listed.elements and there.end.line > there.start.line:
            inner = self.module.indent(self.module.range(listed.elements[0]).start.line)
            outer = inner - INDENT
        made: list[tuple[cst.BaseElement, cst.Comma | None]] = []
        for one in elements:
            if isinstance(one, cst.BaseElement):
                made.append(
                    (one, one.comma if isinstance(one, cst.Element) and isinstance(one.comma, cst.Comma) else None)
                )
                continue
            code = expression(one, lambda _: None)
            self.used |= calls(code)
            made.append((cst.Element(_parsed(code.laid_out(inner, inner, 1, self.width))), None))

        def build(_: cst.CSTNode) -> cst.CSTNode:
            changed = [(self._visited(one), comma) for one, comma in made]
            return _listed(listed, changed, inner if has_lines else None, outer)

        self._make(listed, build)

    def _visited(self, element: cst.BaseElement) -> cst.BaseElement:
        found = element.visit(_Transformer(self.making))
        assert isinstance(found, cst.BaseElement)  # noqa: S101  # the transformer keeps kinds
        return found

    def _comment(self, change: Change) -> None:
        """Says what to change, above the statement of what it is a change of."""
        owner = change.trail[0].owner if isinstance(change, FieldChange) else change.owner
        call = self.module.call(owner) or self.module.call(self.dashboard)
        if isinstance(change, FieldChange):
            what, lines = _path(change.trail), self._shown(change)
            reason = "its value is not written out here"
        else:
            what, lines = change.field, self._entries(change)
            reason = "they are not written out here"
        self.unplaced.append(Unplaced(change.subject, what, reason))
        above = self.module.statement(call) if call is not None else None
        at = id(above if above is not None else next(iter(self.module.statements), None))
        head = f"# Grafana has another {what} of {change.subject} ({reason}):"
        self.comments.setdefault(at, []).extend(_clean(line) for line in (head, *(f"#     {line}" for line in lines)))

    def _shown(self, change: FieldChange) -> list[str]:
        step = change.trail[-1]
        if isinstance(step.value, str) and "\n" in step.value:
            lines = step.value.split("\n")
        else:
            lines = expression(step.value, lambda _: None).laid_out(0, 0, 0, self.width - 10).split("\n")
        return lines if len(lines) <= _MOST else [*lines[:_MOST], "…"]

    def _entries(self, change: SequenceChange) -> list[str]:
        entries = []
        for item in change.items:
            one = getattr(item.owner, item.field)[item.index] if isinstance(item, KeptEntry) else item
            entries.append(
                ("" if isinstance(item, KeptEntry) else "new: ")
                + str(getattr(one, "title", getattr(one, "name", "")) or "without a title")
            )
        return entries

    def done(self) -> PlacedChanges:
        making = dict(self.making)
        transformer = _Transformer(making, self.comments, self._constants())
        tree = self.module.tree.visit(transformer)
        assert isinstance(tree, cst.Module)  # noqa: S101  # as above
        text = with_imports(self.module.text, tree.code, self.used, self.width)
        return PlacedChanges(text, tuple(self.placed), tuple(self.unplaced))

    def _constants(self) -> dict[int, str]:
        from dashgen.adopt.source.expressions import assigned

        return {
            at: "".join(f"{assigned(name, code, self.width)}\n\n" for name, code in listed)
            for at, listed in self.statements.items()
        }


class _Transformer(cst.CSTTransformer):
    def __init__(
        self, making: dict[int, list[Make]], comments: dict[int, list[str]] | None = None,
        constants: dict[int, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.making, self.comments, self.constants = making, comments or {}, constants or {}

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT):  # type: ignore[no-untyped-def]  # any kind of node
        found: object = super().on_leave(original_node, updated_node)
        for make in self.making.get(id(original_node), ()):
            found = make(found)  # type: ignore[arg-type]  # a node
        if isinstance(original_node, cst.SimpleStatementLine) and isinstance(found, cst.SimpleStatementLine):
            return self._above(original_node, found)
        return found

    def _above(self, original: cst.SimpleStatementLine, found: cst.SimpleStatementLine) -> object:
        lines = [cst.EmptyLine(comment=cst.Comment(line)) for line in self.comments.get(id(original), ())]
        made = found.with_changes(leading_lines=[*found.leading_lines, *lines]) if lines else found
        if id(original) not in self.constants:
            return made
        new = cst.parse_module(self.constants[id(original)]).body
        first = new[0]
        assert isinstance(first, cst.SimpleStatementLine)  # noqa: S101  # an assignment
        blank = [cst.EmptyLine(indent=False)]
        return cst.FlattenSentinel([first.with_changes(leading_lines=blank), *new[1:], made])


def _parsed(text: str) -> cst.BaseExpression:
    """An expression that stands in brackets, so that it may have several lines."""
    found = cst.parse_expression(f"({text})")
    return found.with_changes(lpar=found.lpar[1:], rpar=found.rpar[:-1])


_EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def _path(trail: Sequence[FieldStep]) -> str:
    steps = [step for step in trail if step.index is None or step is trail[-1]]
    counted = [f"{step.field}[{step.index}]" if step.index is not None else step.field for step in steps]
    return ".".join(counted)


def _leads_to(outer: Sequence[FieldStep], inner: Sequence[FieldStep]) -> bool:
    """Whether the way to a value begins with that to another, which then holds it."""
    return len(outer) <= len(inner) and all(
        (one.owner, one.field, one.index) == (other.owner, other.field, other.index)
        for one, other in zip(outer, inner, strict=False)
    )


def _bare(step: FieldStep) -> object:
    """A tuple of one query is written as the query."""
    value = step.value
    if step.field == "query" and isinstance(value, tuple) and len(value) == 1:
        return value[0]
    return value


def _clean(line: str) -> str:
    """A comment is one line, whatever stands in it."""
    return "".join(sign if sign.isprintable() else " " for sign in line).rstrip()


def _names(text: str) -> frozenset[str]:
    from dashgen.adopt.source.project import names_in

    return names_in(text)


def _is_written_out(listed: cst.Tuple | cst.List, there: Sequence[object]) -> bool:
    stars = any(isinstance(one, cst.StarredElement) for one in listed.elements)
    return not stars and len(listed.elements) == len(there)


def _without(call: cst.CSTNode, field: str) -> cst.CSTNode:
    """A call without an argument. What ends the call stays at its end."""
    assert isinstance(call, cst.Call)  # noqa: S101  # it is made of one
    args = [arg for arg in call.args if arg.keyword is None or arg.keyword.value != field]
    if args and len(args) < len(call.args) and args[-1] is not call.args[-1]:
        args[-1] = args[-1].with_changes(comma=call.args[-1].comma)
    return call.with_changes(args=args)


def _with(call: cst.CSTNode, arg: cst.Arg, indent: int | None) -> cst.CSTNode:
    """A call with one more argument; `indent` is that of its line, if it gets one."""
    assert isinstance(call, cst.Call)  # noqa: S101  # as above
    before = list(call.args)
    if indent is None:
        if before:
            before[-1] = before[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return call.with_changes(args=[*before, arg])
    ending = before[-1].comma if before else cst.MaybeSentinel.DEFAULT
    if before:
        comment = _first_line(before[-1].comma)
        before[-1] = before[-1].with_changes(comma=cst.Comma(whitespace_after=_line(indent, comment)))
    last = _line(indent - INDENT)
    if isinstance(ending, cst.Comma) and isinstance(ending.whitespace_after, cst.ParenthesizedWhitespace):
        last = ending.whitespace_after.with_changes(first_line=cst.TrailingWhitespace())
    return call.with_changes(args=[*before, arg.with_changes(comma=cst.Comma(whitespace_after=last))])


def _in_lines(call: cst.CSTNode, indent: int) -> cst.CSTNode:
    """A call with each argument in a line of its own."""
    assert isinstance(call, cst.Call)  # noqa: S101  # as above
    inner = cst.Comma(whitespace_after=_line(indent + INDENT))
    args = [arg.with_changes(comma=inner) for arg in call.args]
    if args:
        args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=_line(indent)))
    return call.with_changes(args=args, whitespace_before_args=_line(indent + INDENT))


def _line(indent: int, first: cst.TrailingWhitespace | None = None) -> cst.ParenthesizedWhitespace:
    """A line end, and the blanks that the next line begins with."""
    return cst.ParenthesizedWhitespace(
        first_line=first or cst.TrailingWhitespace(), indent=True, last_line=cst.SimpleWhitespace(" " * indent)
    )


def _first_line(comma: object) -> cst.TrailingWhitespace | None:
    """What stands behind a comma in its line, such as a comment."""
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    return space.first_line if isinstance(space, cst.ParenthesizedWhitespace) else None


def _listed(
    listed: cst.Tuple | cst.List,
    elements: list[tuple[cst.BaseElement, cst.Comma | None]],
    inner: int | None,
    outer: int,
) -> cst.CSTNode:
    made = []
    for at, (element, comma) in enumerate(elements):
        is_last = at == len(elements) - 1
        if inner is None:
            between = cst.Comma(whitespace_after=cst.SimpleWhitespace("" if is_last else " "))
            needed = not is_last or (len(elements) == 1 and isinstance(listed, cst.Tuple))
            made.append(element.with_changes(comma=between if needed else cst.MaybeSentinel.DEFAULT))
            continue
        space = _line(outer if is_last else inner, _first_line(comma))
        made.append(element.with_changes(comma=cst.Comma(whitespace_after=space)))
    opening = cst.SimpleWhitespace("") if inner is None or not made else _line(inner)
    closing = cst.SimpleWhitespace("")
    if isinstance(listed, cst.List):
        return listed.with_changes(
            elements=made, lbracket=cst.LeftSquareBracket(whitespace_after=opening),
            rbracket=cst.RightSquareBracket(whitespace_before=closing),
        )  # fmt: skip
    brackets = {"lpar": [cst.LeftParen(whitespace_after=opening)], "rpar": [cst.RightParen(whitespace_before=closing)]}
    return listed.with_changes(elements=made, **brackets)
