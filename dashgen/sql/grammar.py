"""The words of QuestDB's grammar, and how tightly its operators bind (9.3.4)."""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


SETS = words("union except intersect")
JOINS = words("join inner left right full outer cross asof lt splice window horizon")
NO_QUERY = words(
    """
    alter backup begin cancel checkpoint close commit compile copy create deallocate delete discard drop fetch grant
    insert prepare refresh reindex rename reset resume revoke rollback set show snapshot suspend truncate update vacuum
    values
    """
)
"""A statement that begins with one of these reads no rows for a panel."""

ENDS = (
    SETS
    | JOINS
    | words("as from on where limit tolerance pivot fill align asc desc then when else end and or over for")
    | words("between in is like ilike within not range include exclude nulls ignore respect using")
)
"""Words that end an expression or a source where an alias could stand."""
PAIRS = {
    "latest": words("on by"),
    "sample": words("by"),
    "group": words("by"),
    "order": words("by"),
    "partition": words("by"),
    "align": words("to"),
    "left": words("join outer"),
    "right": words("join outer"),
    "full": words("join outer"),
    "asof": words("join"),
    "lt": words("join"),
    "splice": words("join"),
    "cross": words("join"),
    "inner": words("join"),
    "outer": words("join"),
    "horizon": words("join"),
    "ignore": words("nulls"),
    "respect": words("nulls"),
    "include": words("prevailing"),
    "exclude": words("prevailing"),
    "range": words("between from"),
}
"""Words of the grammar only with one of these behind them: a column may be called `sample` or `latest`."""

WINDOW_WORDS = words("partition order rows range groups cumulative")
TYPED_LITERALS = words("timestamp timestamp_ns date interval timestamptz")
FILLS = words("none null prev linear")
UNITS = words(
    """
    u t s m h d w y n us ms microsecond microseconds millisecond milliseconds second seconds minute minutes hour hours
    day days week weeks month months year years nanosecond nanoseconds
    """
)

# QuestDB's precedences (`griffin/OperatorExpression.java`, read), turned round so that more is tighter.
OR, AND, NOT, EQUALS, LESS, SET, BIT_OR, BIT_XOR, BIT_AND, CONCAT, IP, SUM, PRODUCT, SIGN = range(1, 15)
BINARY = {
    **dict.fromkeys(("=", "==", "!=", "<>", "~", "!~", "~="), EQUALS),
    **dict.fromkeys(("<", "<=", ">", ">="), LESS),
    "|": BIT_OR,
    "^": BIT_XOR,
    "&": BIT_AND,
    "||": CONCAT,
    **dict.fromkeys(("<<", ">>", "<<=", ">>="), IP),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "%"), PRODUCT),
}
JOINED = frozenset({"<<", ">>", "<<=", ">>="})
"""Operators that the lexer gives in pieces."""
CONTINUING = frozenset(BINARY) | words("and or not in within between like ilike is")
"""What an expression goes on with behind an operand."""
SPECIAL = ENDS | frozenset(PAIRS) | TYPED_LITERALS | words("case cast extract array null true false window select not")
"""Words that are more than a name, in some places."""
FOLLOWING_NAMES = frozenset({".", "(", "[", "::"})
"""Signs that make more of a name than a column."""
