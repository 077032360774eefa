"""A rule takes a title that another rule still has when Grafana applies the files.

With `--base REV`: Grafana takes a file's rules one after the other, and one of the base's rules has that title at that
moment, in the same folder: a Grafana that has the base's files would not start with these. The build sees the same
between the tree that is there and the next; against a base it is seen over several builds.

Grafana 12.4 and newer take two rules of one title: nothing is said of an environment of theirs.

Publish in two steps: give the rule another title first.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "taken":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG902", "taken-title", "error", "base", check)
