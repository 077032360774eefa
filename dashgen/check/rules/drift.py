"""The deployed server differs from the declared tables.

With `--against URL`: the tables, columns, keys, retention and views of a server that is only read, compared with the
declared ones. Queries that are right for the declared tables fail on one that lacks a column.

`dashgen db migrate` shows the statements that bring a server up to date.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Deployed, Rule, RuleMatch


def check(deployed: Deployed) -> Iterator[RuleMatch]:
    yield RuleMatch(deployed.message, deployed.hint, owner=deployed.table, path=deployed.path)


RULE = Rule("DG801", "drift", "error", "deployed", check)
