"""Something was published and is not in the ledger any more.

With `--base REV`: a rule, contact point, mute timing or template is in the ledger (`published.json`) of the base, and
not in the one here. Grafana keeps what leaves its files; a build writes the deletion of what its ledger has. A revert
of the commit that added it reverts the ledger too, and nobody deletes it any more. The same is said of a ledger that
can't be read.

Restore the ledger from the base, then build: the deletion is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "lost":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG901", "lost-ledger-entry", "error", "base", check)
