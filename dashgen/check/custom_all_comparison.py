"""What a condition is where All is chosen in a variable, and whether it would be something else with a row's own value
chosen: from its form where that is plain, else by running both on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dashgen.check.inlined_columns import Written
from dashgen.grafana.datasources.interpolation import interpolate
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.model.environment import Plugin
from dashgen.model.tables.column_types import family
from dashgen.sql.ast import Binary, Constant, Expression, In, Node, Query, Tuple, walk, within
from dashgen.sql.conditions import columns
from dashgen.sql.lexer import macros, variables
from dashgen.sql.lineage import Schema
from dashgen.sql.parser import NotUnderstood, parse_expression

Evaluate = Callable[[str], object]
"""What a server says of a query of one value; None where it says nothing."""
SAMPLE = "zz sample"
_SAMPLES = {
    "text": f"'{SAMPLE}'",
    "number": "1.5",
    "truth": "true",
    "moment": "'2026-01-05T14:34:56.000000Z'::timestamp",
}
_KINDS = {"BOOLEAN": "truth", "TIMESTAMP": "moment", "TIMESTAMP_NS": "moment", "DATE": "moment"} | dict.fromkeys(
    ("BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL", "LONG256"), "number"
)
_EQUAL = {"=": True, "==": True, "!=": False, "<>": False}


class Comparison(NamedTuple):
    """A condition with All chosen. `is_blind` is whether it is something else where a row's own value is chosen."""

    holds: bool | None
    is_blind: bool


UNKNOWN = Comparison(None, False)


class Comparisons:
    """Judges the conditions of one query, with these choices in its variables, All in the one of that name."""

    def __init__(
        self, name: str, chosen: tuple[ChosenVariable, ...], plugin: Plugin, known: Schema, evaluate: Evaluate
    ) -> None:
        self.name, self.chosen, self.plugin, self.evaluate = name, chosen, plugin, evaluate
        variable = next(one for one in chosen if one.name == name)
        own = variable._replace(value=(SAMPLE,) if isinstance(variable.value, tuple) else SAMPLE)
        self._own = tuple(own if one.name == name else one for one in chosen)
        self._judged: dict[str, Comparison] = {}
        self._kinds = {
            column.lower(): _KINDS.get(family(type_), "text")
            for relation in known.values()
            for column, type_ in relation.columns.items()
        }

    def uses(self, written: Written, node: Node | None = None) -> bool:
        """Whether the variable is in the expression, or in this part of it."""
        part = node or written.expression
        return self.is_in(written.sql(part)) and next(self.mentions(written, part), None) is not None

    def mentions(self, written: Written, node: Node) -> Iterator[Node]:
        """What has the variable in it and nothing below it: `$host`, a text like `'${host:text}'`."""
        is_in = self.is_in(written.sql(node))  # most are not, and need no look at their parts
        return (one for one in within(node) if self.is_mention(written, one)) if is_in else iter(())

    def is_mention(self, written: Written, node: Node) -> bool:
        return not node.children and self.is_in(written.sql(node))

    def is_in(self, sql: str) -> bool:
        return any(ref.name == self.name for ref in variables(sql))

    def with_all(self, sql: str) -> str:
        return interpolate(sql, self.chosen, self.plugin).text

    def of(self, written: Written, atom: Expression) -> Comparison:
        key = written.key(atom)
        found = self._judged.get(key)
        if found is None:
            found = self._judged[key] = self._judge(written, atom)
        return found

    def _judge(self, written: Written, atom: Expression) -> Comparison:
        if any(isinstance(node, Query) for node in walk(atom)):
            return UNKNOWN
        sql = written.sql(atom)
        uses = self.uses(written, atom)
        # A guard of another variable; whatever is about rows may be either.
        if not uses and (not variables(sql) or macros(sql) or any(columns(atom))):
            return UNKNOWN
        with_own = interpolate(sql, self._own, self.plugin).text if uses else sql
        return self._by_form(written, atom) or self._by_run(self.with_all(sql), with_own)

    def _by_form(self, written: Written, atom: Expression) -> Comparison | None:
        """`column = value`, `column IN (values)`, and two values: what these are needs no server."""
        if isinstance(atom, Binary) and atom.operator in _EQUAL:
            sides: tuple[tuple[Expression, ...], ...] = ((atom.left,), (atom.right,))
            is_equal = _EQUAL[atom.operator]
        elif isinstance(atom, In) and not atom.within:
            sides = ((atom.operand,), atom.items)
            is_equal = not atom.negated
        else:
            return None
        left, right = (self._texts(written, side) for side in sides)
        if left is not None and right is not None:
            return Comparison(any(one in right for one in left) == is_equal, False)
        other = sides[1] if left is not None else sides[0]
        if left is None and right is None:
            return None
        if any(self.uses(written, one) for one in other) or not any(any(columns(one)) for one in other):
            return None
        return Comparison(not is_equal, True)

    def _texts(self, written: Written, side: tuple[Expression, ...]) -> list[str] | None:
        """The texts that expressions are, variables put in; None if one is anything else."""
        found: list[str] = []
        for expression in side:
            made = _read(f"({self.with_all(written.sql(expression))})")
            for one in made.items if isinstance(made, Tuple) else (made,):
                if not isinstance(one, Constant) or one.kind != "string":
                    return None
                found.append(one.value)
        return found or None

    def _by_run(self, with_all: str, with_own: str) -> Comparison:
        found = _read(with_own)
        for preferred in (None, *_SAMPLES) if found is not None else ():
            first = self._asked(with_all, preferred)
            if first is None:
                continue
            if not any(columns(found)):
                return Comparison(first, False)
            second = self._asked(with_own, preferred)
            if second is not None:
                # Where both are false, another row may have it true.
                return Comparison(first if first or second else None, first != second)
        return UNKNOWN

    def _asked(self, sql: str, preferred: str | None) -> bool | None:
        """What a server says of a condition whose columns have a sample each."""
        condition = _read(sql)
        if condition is None or any(isinstance(node, Query) for node in walk(condition)):
            return None
        named = {sql[slice(*column.span)]: column for column in columns(condition)}
        texts = list(named)
        for start, end in sorted((column.span for column in columns(condition)), reverse=True):
            sql = f"{sql[:start]}c{texts.index(sql[start:end])}{sql[end:]}"
        samples = (_SAMPLES[preferred or self._kinds.get(column.name.lower(), "text")] for column in named.values())
        inner = ", ".join(f"{sample} AS c{at}" for at, sample in enumerate(samples))
        row = f" FROM (SELECT {inner})" if texts else ""
        value = self.evaluate(f"SELECT ({sql}){row}")
        return value if isinstance(value, bool) else None


def _read(sql: str) -> Expression | None:
    try:
        return parse_expression(sql)
    except NotUnderstood:
        return None
