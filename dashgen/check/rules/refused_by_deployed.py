"""The deployed server refuses the query.

With `--against URL`: the query is right for the declared tables, and the server that is deployed does not take it: a
table, a column or a view is not there yet, or it is an older QuestDB. The panel shows an error until that is mended.

`dashgen db migrate --to URL` shows what brings the server up to date. The query is explained there, never run.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Refusal, Rule, RuleMatch


def check(refusal: Refusal) -> Iterator[RuleMatch]:
    yield RuleMatch(
        f"the deployed server refuses it: {refusal.message}", "bring the server up to date first", refusal.at
    )


RULE = Rule("DG802", "refused-by-deployed", "error", "deployed answer", check)
