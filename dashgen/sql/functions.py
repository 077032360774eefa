"""QuestDB's functions in expressions."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.sql.ast import Call, Node, Select, Window, within
from dashgen.sql.grammar import words

AGGREGATES = words(
    """
    approx_count_distinct approx_median approx_percentile arg_max arg_min avg bit_and bit_or bit_xor bool_and
    bool_or corr count count_distinct covar_pop covar_samp first first_not_null geomean haversine_dist_deg
    kahan_sum ksum last last_not_null max min mode nsum regr_intercept regr_slope stddev stddev_pop
    stddev_samp string_agg string_distinct_agg sum twap var_pop var_samp variance vwap weighted_avg
    weighted_stddev
    """
)
"""QuestDB's functions over the rows of a group (9.3.4)."""


def calls(node: Node, names: frozenset[str] = AGGREGATES) -> Iterator[Call]:
    """Where functions of some names are called, but not over a window, and not in queries within."""
    for one in within(node):
        if isinstance(one, Call) and one.window is None and one.name in names:
            yield one


def is_aggregated(node: Node) -> bool:
    """Whether an expression, or an item of a SELECT, puts the rows of a group together."""
    if isinstance(node, Select):
        return any(is_aggregated(item.expression) for item in node.items)
    return next(calls(node), None) is not None


def windowed(select: Select) -> Iterator[tuple[Call, Window]]:
    """The functions over a window in a SELECT, each with its window: that of the clause WINDOW where OVER names one."""
    named = {one.name.lower(): one.window for one in select.windows}
    for item in select.items:
        for one in within(item):
            if isinstance(one, Call) and one.window is not None:
                yield one, named.get(one.window.name.lower(), one.window)
