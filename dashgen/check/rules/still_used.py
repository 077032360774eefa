"""A mute timing or contact point goes while something in Grafana still names it.

With `--base REV`: Grafana deletes mute timings before it applies the rules. Where the policy tree isn't dashgen's, the
base's rules name theirs themselves, and Grafana with the base's files would not start with these: "Time interval is
used" (seen on 12.3.0 and 12.4.0). The same where an environment gives up its policy tree and removes in the same step
what the tree names: the tree stays in Grafana. The build sees the same between the tree that is there and the next;
against a base it is seen over several builds.

A mute timing that gets another name is removed under the old one.

Publish in two steps: first nothing names it, though it is still declared; then remove it. Whether the org's own
policies or rules name it can't be seen here: the build notes what it deletes.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "used":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG903", "still-used", "error", "base", check)
