"""What a query is made of: the nodes that the parser returns, and ways through them.

Every node has the `span` of the text that it was read from: start and end in the author's SQL, counted in code points.
Macros and variables of Grafana are nodes of their own: what they stand for is not known when the text is read.
Nodes compare by identity. They are not changed once the parser has returned them. One `__repr__` serves all: made for
each class, it would be a third of what importing this module costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from dashgen.sql.lexer import Token, VariableRef

Span: TypeAlias = tuple[int, int]


@dataclass(slots=True, eq=False, repr=False)
class Node:
    span: Span
    _links: ClassVar[frozenset[str]] = frozenset({"span"})
    """Fields that hold no child: plain values, and nodes that stand elsewhere in the tree."""
    _children: tuple[Node, ...] = field(init=False)
    """Kept when they are first asked for: rules walk the same trees a hundred times."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__match_args__)})"

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes directly below this one, in the order of the text."""
        try:
            return self._children
        except AttributeError:
            self._children = tuple(self._found())
            return self._children

    def _found(self) -> Iterator[Node]:
        for name in self.__match_args__:
            if name in self._links:
                continue
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                for one in value:
                    if isinstance(one, Node):
                        yield one


@dataclass(slots=True, eq=False, repr=False)
class Expression(Node):
    """Anything that has a value: a column, a call, a comparison."""


@dataclass(slots=True, eq=False, repr=False)
class Column(Expression):
    """A name in an expression: `price`, `t.price`, `"Price"`. Whether it is a column of a table or an alias is for
    `dashgen.sql.lineage` to say."""

    name: str
    qualifier: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Star(Expression):
    """`*` or `t.*` in a select list, `*` in `count(*)`."""

    qualifier: str = ""


LiteralKind: TypeAlias = Literal["number", "string", "null", "boolean", "geohash", "word"]


@dataclass(slots=True, eq=False, repr=False)
class Constant(Expression):
    """A literal as it is written. `number` has its unit with it (`5s`, `100L`); `word` is a word of the grammar where
    an expression could stand: the `hour` of `extract(hour FROM …)`, the `PREV` of FILL."""

    kind: LiteralKind
    text: str

    @property
    def value(self) -> str:
        """The text of a string without its quotes; any other literal in lower case."""
        return unquoted(self.text) if self.kind == "string" else self.text.lower()


@dataclass(slots=True, eq=False, repr=False)
class Declared(Expression):
    """`@name`, a variable of DECLARE."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class Variable(Expression):
    """A dashboard's variable that stands for a whole expression: `$host`, `${host:sqlstring}`."""

    reference: VariableRef


@dataclass(slots=True, eq=False, repr=False)
class Macro(Expression):
    """`$__name` or `$__name(arguments)`; `arguments` is None where no parenthesis follows. `name` is without `$__`."""

    name: str
    arguments: tuple[Expression, ...] | None = None


@dataclass(slots=True, eq=False, repr=False)
class Spliced(Expression):
    """Text and variables without a blank between them, that Grafana makes one word of: `trades_$market`, `${n}m`."""

    tokens: tuple[Token, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Unary(Expression):
    """`-x`, `~x`, `NOT x`."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False, repr=False)
class Binary(Expression):
    """Two operands and the operator between them, in lower case with one blank between its words: `=`, `||`, `like`,
    `not like`, `is`, `is not`, `is distinct from`."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span = (0, 0)


@dataclass(slots=True, eq=False, repr=False)
class Logical(Expression):
    """All that one level of `and` or `or` puts together, at least two operands."""

    operator: Literal["and", "or"]
    operands: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class In(Expression):
    """`x IN (items)`, `x IN (query)`, `timestamp IN '2026-01'` (one item, `listed` is false) and `x WITHIN (…)`."""

    operand: Expression
    items: tuple[Expression, ...]
    query: Query | None = None
    negated: bool = False
    listed: bool = True
    within: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Between(Expression):
    operand: Expression
    low: Expression
    high: Expression
    negated: bool = False


@dataclass(slots=True, eq=False, repr=False)
class When(Node):
    condition: Expression
    result: Expression


@dataclass(slots=True, eq=False, repr=False)
class Case(Expression):
    operand: Expression | None
    branches: tuple[When, ...]
    default: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Cast(Expression):
    """`x::type`, `cast(x AS type)`, `timestamp '2026-01-01'`; the type in lower case, without blanks."""

    operand: Expression
    type: str


@dataclass(slots=True, eq=False, repr=False)
class Call(Expression):
    """`name(arguments)`, with its window where OVER follows. The name is in lower case."""

    name: str
    name_span: Span
    arguments: tuple[Expression, ...]
    distinct: bool = False
    window: Window | None = None


@dataclass(slots=True, eq=False, repr=False)
class Window(Node):
    """What stands after OVER. `name` is that of a window of the clause WINDOW; `frame` are the words of `ROWS …`."""

    partition: tuple[Expression, ...] = ()
    order: tuple[OrderItem, ...] = ()
    frame: tuple[str, ...] = ()
    name: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Array(Expression):
    items: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Index(Expression):
    """`array[1]`, `array[1, 2:3]`; a slice that is open has None where nothing is written."""

    operand: Expression
    subscripts: tuple[Expression | Slice, ...]


@dataclass(slots=True, eq=False, repr=False)
class Slice(Node):
    low: Expression | None
    high: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Subquery(Expression):
    """A query in parentheses where a value is expected."""

    query: Query


@dataclass(slots=True, eq=False, repr=False)
class Tuple(Expression):
    """`(a, b)`, as `ON (a, b)` has it."""

    items: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Item(Node):
    """One of a select list."""

    expression: Expression
    alias: str = ""
    alias_span: Span | None = None

    @property
    def name(self) -> str:
        """The output column's: the alias, or the column's own name; empty where the server makes one up."""
        if self.alias_span is not None:
            return self.alias
        return self.expression.name if isinstance(self.expression, Column) else ""

    @property
    def name_span(self) -> Span:
        return self.alias_span or self.expression.span

    @property
    def star(self) -> bool:
        return isinstance(self.expression, Star)


@dataclass(slots=True, eq=False, repr=False)
class OrderItem(Node):
    expression: Expression
    descending: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Join(Node):
    """How a source is joined to those before it. `kind` is in lower case without JOIN and OUTER: `inner`, `left`,
    `cross` (a comma too), `asof`, `lt`, `splice`, `window`, `horizon`."""

    kind: str
    on: Expression | None = None
    tolerance: Expression | None = None
    bounds: tuple[Expression, ...] = ()
    alias: str = ""
    """That of a HORIZON JOIN's offsets."""


@dataclass(slots=True, eq=False, repr=False)
class Source(Node):
    """What FROM or JOIN names: a table, view or common table expression by `name`, a query, or a function's rows.

    `opaque` is a name that a variable or macro is part of: nobody knows what it reads. `cte` is the common table
    expression that the name means.
    """

    name: str
    name_span: Span
    alias: str = ""
    query: Query | None = None
    function: Call | None = None
    opaque: bool = False
    join: Join | None = None
    designated: Expression | None = None
    """The column of `TIMESTAMP(column)`."""
    cte: Query | None = None
    _links: ClassVar[frozenset[str]] = frozenset({"span", "cte", "name_span"})

    @property
    def rows(self) -> Query | None:
        """The query whose rows it has: its own, or that of a common table expression."""
        return self.query or self.cte

    @property
    def is_relation(self) -> bool:
        """Whether its name is that of a table or view."""
        return bool(self.name) and not self.opaque and self.rows is None and self.function is None


@dataclass(slots=True, eq=False, repr=False)
class Latest(Node):
    """`LATEST ON on PARTITION BY by`, or the old `LATEST BY by` (`on` is None)."""

    on: Expression | None
    by: tuple[Expression, ...]
    by_span: Span


@dataclass(slots=True, eq=False, repr=False)
class Sample(Node):
    """`SAMPLE BY interval FROM start TO stop FILL(fill) ALIGN TO align TIME ZONE time_zone WITH OFFSET offset`."""

    interval: Expression
    start: Expression | None = None
    stop: Expression | None = None
    fill: tuple[Expression, ...] = ()
    align: Literal["", "calendar", "first observation"] = ""
    time_zone: Expression | None = None
    offset: Expression | None = None


@dataclass(slots=True, eq=False, repr=False)
class Limit(Node):
    low: Expression
    high: Expression | None = None


@dataclass(slots=True, eq=False, repr=False)
class Pivot(Node):
    """`PIVOT (items FOR keys IN (…) GROUP BY group)`; `keys` are In nodes."""

    items: tuple[Item, ...]
    keys: tuple[Expression, ...]
    group: tuple[Expression, ...] = ()
    alias: str = ""


@dataclass(slots=True, eq=False, repr=False)
class NamedWindow(Node):
    name: str
    window: Window


@dataclass(slots=True, eq=False, repr=False)
class Select(Node):
    """One SELECT. A bare table is one too, as QuestDB reads it: its `keyword` is None, its `items` one star."""

    keyword: Span | None
    items: tuple[Item, ...]
    sources: tuple[Source, ...] = ()
    distinct: bool = False
    where: Expression | None = None
    latest: Latest | None = None
    sample: Sample | None = None
    group: tuple[Expression, ...] = ()
    windows: tuple[NamedWindow, ...] = ()
    pivot: Pivot | None = None
    order: tuple[OrderItem, ...] = ()
    limit: Limit | None = None
    group_span: Span = (0, 0)
    order_span: Span = (0, 0)

    @property
    def star(self) -> bool:
        return any(item.star for item in self.items)


@dataclass(slots=True, eq=False, repr=False)
class Cte(Node):
    """`name AS (query)` of WITH."""

    name: str
    query: Query


@dataclass(slots=True, eq=False, repr=False)
class Assignment(Node):
    """`@name := value` of DECLARE."""

    name: str
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Query(Node):
    """One SELECT, or several that `sets` (`union`, `union all`, `except`, `intersect`, …) put together.

    ORDER BY and LIMIT behind the last of several belong to all; they are kept with the last.
    """

    selects: tuple[Select, ...]
    sets: tuple[str, ...] = ()
    ctes: tuple[Cte, ...] = ()
    declared: tuple[Assignment, ...] = ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, the outer ones first, in the order of the text; queries within it too."""
    stack: list[Node] = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.children))


def within(node: Node) -> Iterator[Node]:
    """Like `walk`, but not into queries: what belongs to the SELECT that the node stands in."""
    stack: list[Node] = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed([child for child in one.children if not isinstance(child, Query)]))


def selects(query: Query) -> Iterator[Select]:
    """Every SELECT of a query, common table expressions and queries within it included, the outer ones first."""
    return (node for node in walk(query) if isinstance(node, Select))


def unquoted(text: str) -> str:
    """A name or string literal without its quotes; doubled ones are one."""
    quote = text[:1]
    if quote not in ("'", '"', "`"):
        return text
    return text[1 : -1 if len(text) > 1 and text.endswith(quote) else None].replace(quote * 2, quote)
