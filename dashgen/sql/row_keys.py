"""Which columns tell the rows of a SELECT apart, as far as its text and the declared tables say, and what its ORDER BY
leaves open. Which columns tell the series apart that it reads is `lineage.series_keys`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from dashgen.sql.ast import Binary, Call, Cast, Column, Constant, Expression, Item, Node, Query, Select, walk, within
from dashgen.sql.conditions import columns
from dashgen.sql.functions import is_aggregated
from dashgen.sql.lineage import MAX_STEPS, Origin, Schema, bound, definitions


class Computed(NamedTuple):
    """What one SELECT computes: an item, or an expression of its GROUP BY that is none."""

    select: Select
    expression: Node

    @property
    def key(self) -> tuple[object, ...]:
        return id(self.select), _shape(self.expression)


Value: TypeAlias = Origin | Computed
Key: TypeAlias = dict[tuple[object, ...], Value]
"""Values, each once, in the order of the text."""


def row_key(select: Select, known: Schema, depth: int = 0) -> Key | None:
    """The values of which no two rows have all the same, and fewer of which two rows may share: dedup keys, what is
    grouped by, partitions of LATEST ON, all that DISTINCT shows. Empty for a single row; None where it is not known."""
    if depth > MAX_STEPS or select.pivot is not None:
        return None
    found: list[Value] | None
    if select.distinct:
        found = None if select.star else _of_items(select, select.items, known)
    elif select.group:
        found = [_of_expression(select, one, known) or Computed(select, one) for one in select.group]
    elif select.sample or is_aggregated(select):
        # QuestDB groups by all that is not aggregated
        grouped = [item for item in select.items if not is_aggregated(item.expression)]
        found = None if select.star or any(map(_is_windowed, grouped)) else _of_items(select, grouped, known)
        if found is not None and select.sample:
            found.append(Computed(select, select.sample))
    elif select.latest:
        found = None
        if len(select.sources) == 1:
            found = [_of_expression(select, one, known) or Computed(select, one) for one in select.latest.by]
    else:
        found = _of_source(select, known, depth)
    if found is None:
        return None
    fixed = {origin.key for origin in bound(select, known)}
    return {value.key: value for value in found if value.key not in fixed}


def _of_source(select: Select, known: Schema, depth: int) -> list[Value] | None:
    if len(select.sources) != 1:
        return None  # what a join does with the rows is not known
    (source,) = select.sources
    if source.rows is not None:
        inner = row_key(source.rows.selects[0], known, depth + 1) if len(source.rows.selects) == 1 else None
        return None if inner is None else list(inner.values())
    relation = known.get(source.name.lower()) if source.is_relation else None
    if relation is None or not relation.identity:
        return None
    return [Origin(relation, name) for name in (relation.designated, *relation.identity)]


def _of_items(select: Select, items: Iterable[Item], known: Schema) -> list[Value]:
    """Constants tell no rows apart."""
    return [_of_item(select, item, known) for item in items if list(columns(item))]


def _of_expression(select: Select, expression: Expression, known: Schema) -> Value | None:
    """Of GROUP BY or ORDER BY: a name, a position, or an item written again; None for another expression."""
    if isinstance(expression, Constant) and expression.text.isdigit():
        at = int(expression.text) - 1
        return _of_item(select, select.items[at], known) if 0 <= at < len(select.items) else None
    if isinstance(expression, Column):
        name = "" if expression.qualifier else expression.name.lower()
        item = next((item for item in select.items if name and item.name.lower() == name), None)
        return _of_item(select, item, known) if item else _resolved(select, expression, known)
    shape = _shape(expression)
    item = next((item for item in select.items if _shape(item.expression) == shape), None)
    return _of_item(select, item, known) if item else None


def _of_item(select: Select, item: Item, known: Schema, depth: int = 0) -> Value:
    """Where an item's value comes from; itself where that is computed, or not to be told (of a UNION's members)."""
    found = None
    if isinstance(item.expression, Column):
        found = _resolved(select, item.expression, known, depth, item)
    return Computed(select, item.expression) if found is None else found


def _resolved(
    select: Select, column: Column, known: Schema, depth: int = 0, within_item: Item | None = None
) -> Value | None:
    """Where a column comes from, unchanged on the way; None where that is not known, or several."""
    found = list(definitions(select, column, known)) if depth < MAX_STEPS else []
    if len(found) != 1:
        return None
    (definition,) = found
    if isinstance(definition, Origin):
        return definition
    inner, item = definition
    return None if item is within_item else _of_item(inner, item, known, depth + 1)


def _shape(node: Node) -> tuple[object, ...]:
    """What a node says, wherever it is written."""
    parts: list[object] = [type(node).__name__]
    for name in node.__match_args__:
        value = getattr(node, name)
        if isinstance(value, Node):
            parts.append(_shape(value))
        elif isinstance(value, tuple) and not name.endswith("span"):
            parts.append(tuple(_shape(one) if isinstance(one, Node) else one for one in value))
        elif isinstance(value, str):
            is_text = isinstance(node, Constant) and node.kind == "string"
            parts.append(value if is_text else value.lower())
    return tuple(parts)


def _is_windowed(item: Item) -> bool:
    return any(isinstance(one, Call) and one.window is not None for one in within(item))


def undetermined(select: Select, known: Schema) -> tuple[str, ...]:
    """The names of the columns in sight that tell apart rows which ORDER BY takes for equal. Empty where its order is
    full, where nothing is known, or where what is equal also looks the same."""
    key = row_key(select, known)
    if not key or not select.order:
        return ()
    ordered = _ordered(select, known)
    if ordered is None or not _differs(select, ordered, known):
        return ()
    names = (_name(select, value, known) for at, value in key.items() if at not in ordered)
    return tuple(dict.fromkeys(filter(None, names)))


def _ordered(select: Select, known: Schema) -> Key | None:
    """What ORDER BY determines; None where the number of a row is in it."""
    found: Key = {}
    for order in select.order:
        value = _of_expression(select, order.expression, known)
        if isinstance(value, Computed) and isinstance(value.expression, Call) and value.expression.name == "row_number":
            return None
        parts = _parts(select, order.expression, known)
        if isinstance(value, Computed) and isinstance(value.expression, Expression):
            parts = _parts(value.select, value.expression, known)
        for one in (*((value,) if value else ()), *parts):
            found[one.key] = one
    return found


def _parts(select: Select, expression: Expression, known: Schema) -> Iterator[Value]:
    """The columns that a text put together of them determines, `exchange || ' on ' || host`, or one that is only
    cast."""
    if isinstance(expression, Column):
        value = _resolved(select, expression, known)
        if value is not None:
            yield value
        return
    below: tuple[Expression, ...] = ()
    if isinstance(expression, Binary) and expression.operator == "||":
        below = (expression.left, expression.right)
    elif isinstance(expression, Cast):
        below = (expression.operand,)
    elif isinstance(expression, Call) and expression.name == "concat" and expression.window is None:
        below = expression.arguments
    for one in below:
        yield from _parts(select, one, known)


def _differs(select: Select, ordered: Key, known: Schema) -> bool:
    """Whether rows that are equal in what orders them may look different."""
    shown = [item for item in select.items if not isinstance(item.expression, Constant)]
    return select.star or any(_of_item(select, item, known).key not in ordered for item in shown)


def _name(select: Select, value: Value, known: Schema) -> str:
    """What a value is called where ORDER BY stands; empty where it is not in sight."""
    for item in select.items:
        if not item.star and item.name and _of_item(select, item, known).key == value.key:
            return item.name
    hidden = select.group or select.sample or select.distinct or is_aggregated(select)
    if hidden or len(select.sources) != 1:
        return ""
    (source,) = select.sources
    if source.rows is None:
        return value.column if isinstance(value, Origin) else ""
    return _name(source.rows.selects[0], value, known) if len(source.rows.selects) == 1 else ""


def lone_selects(query: Query) -> Iterator[Select]:
    """The SELECTs of a text that are whole queries: an ORDER BY behind the last of a UNION belongs to all of it."""
    for node in walk(query):
        if isinstance(node, Query) and len(node.selects) == 1:
            yield node.selects[0]
