"""Something was published and is forgotten.

With `--base REV`: a rule, contact point, mute timing or template that the base's `published.json` remembers, and the
one here does not. Grafana keeps what leaves its files; only the memory makes the build write its deletion. A revert of
the commit that added it takes the memory back too, and nobody deletes it any more. The same is said of a memory that
can't be read.

Take the memory back from the base, then build: the deletion is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "forgotten":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG901", "forgotten", "error", "base", check)
