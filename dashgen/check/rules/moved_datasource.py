"""A datasource has another name with the same uid, or another uid with the same name.

With `--base REV`: Grafana finds a datasource by its name and updates it by its uid. With another uid under the same
name it stops at "data source not found" (grafana#110740; seen on 12.4.0), and another name with the same uid stops it
too (grafana#111667). The build sees the same between the tree that is there and the next; against a base it is seen
over several builds.

Keep both as the base has them, or change both: that is another datasource, and the old one stays until somebody
deletes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "moved":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG904", "moved-datasource", "error", "base", check)
