"""QuestDB's functions in expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.model.sql import Token

AGGREGATES = frozenset(
    re.findall(
        r"\w+",
        """
    approx_count_distinct approx_median approx_percentile arg_max arg_min avg bit_and bit_or bit_xor bool_and bool_or
    corr count count_distinct covar_pop covar_samp first first_not_null geomean haversine_dist_deg kahan_sum ksum last
    last_not_null max min mode nsum regr_intercept regr_slope stddev stddev_pop stddev_samp string_agg
    string_distinct_agg sum twap var_pop var_samp variance vwap weighted_avg weighted_stddev
    """,
    )
)
"""QuestDB's functions over the rows of a group (9.3.4)."""


def closing(tokens: list[Token], at: int) -> int:
    """Where the parenthesis that opens at a token is closed; the end if it is not."""
    depth = 0
    for end in range(at, len(tokens)):
        depth += (tokens[end].text == "(") - (tokens[end].text == ")")
        if not depth:
            return end
    return len(tokens)


def calls(part: Part, names: frozenset[str]) -> Iterator[int]:
    """Where functions of some names are called, by the index of the token. A window's function is none of them."""
    tokens = part.tokens
    for at in range(len(tokens) - 1):
        if tokens[at].kind == "word" and tokens[at + 1].text == "(" and tokens[at].text.lower() in names:
            close = closing(tokens, at + 1)
            if close + 1 >= len(tokens) or tokens[close + 1].text.lower() not in ("over", "ignore", "respect"):
                yield at


def called(part: Part, names: frozenset[str]) -> bool:
    return next(calls(part, names), None) is not None
