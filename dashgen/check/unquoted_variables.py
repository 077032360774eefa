"""Where a variable's value is not data in a query but part of its SQL: a table, a column, a function, a number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dashgen.sql.ast import Between, Binary, In, Macro, Node, Query, Span, Variable, walk
from dashgen.sql.lexer import tokenize, variables
from dashgen.sql.parser import understood

_COMPARING = frozenset(
    {"=", "==", "!=", "<>", "~", "!~", "~=", "like", "ilike", "not like", "not ilike"}
    | {"is distinct from", "is not distinct from"}
)
_QUOTING = frozenset({"sqlstring", "singlequote"})


@lru_cache(maxsize=4096)
def is_spliced(sql: str, name: str) -> bool:
    """Whether the variable stands outside quotes somewhere, formatted without any, and is not compared with: `FROM
    $table`, `avg($column)`, `"$column"`, `LIMIT $n`; not `host = $host`, `$host = host`, `host IN ($host)` and
    `'$host'`. In a text that the parser does not know every one outside quotes is."""
    query = understood(sql)
    compared = set(_compared(query)) if query is not None else set()
    values = [t for t in tokenize(sql) if t.kind in ("string", "comment")]
    return any(
        ref.name == name
        and (ref.format or "").partition(":")[0] not in _QUOTING
        and not any(start <= ref.start < stop for start, stop in compared)
        and not any(t.start <= ref.start < t.start + len(t.text) for t in values)
        for ref in variables(sql)
    )


def _compared(query: Query) -> Iterator[Span]:
    """The variables that a column is compared with, and those of a macro's argument that is not sent."""
    for node in walk(query):
        sides: tuple[Node, ...] = ()
        if isinstance(node, Binary) and node.operator in _COMPARING:
            sides = (node.left, node.right)
        elif isinstance(node, In):
            sides = (node.operand, *node.items)
        elif isinstance(node, Between):
            sides = (node.operand, node.low, node.high)
        elif isinstance(node, Macro) and node.name.lower() == "conditionalall":
            sides = (node.arguments or ())[-1:]
        yield from (side.span for side in sides if isinstance(side, Variable))
