"""Checks for mute timings and contact points that are removed while something in Grafana still names them.

With `--base REV`. The build reports the same between the rendered tree and the next one; against a base it is found
over several builds. A mute timing that is renamed is removed under its old name. Whether the organization's own
policies or rules name it can't be seen here: the build notes what it deletes.

## Why is this bad?

Grafana deletes mute timings before it applies the rules. Where dashgen does not own the policy tree, the base's rules
name their mute timings themselves, and a Grafana with the base's files does not start with these: "Time interval is
used" (seen on 12.3.0 and 12.4.0). The same happens where an environment gives up its policy tree and removes in the
same step what the tree names: the tree stays in Grafana.

## Example

```python
MUTE_TIMINGS, MUTED = ("nights",), ("nights",)  # declared, and named by the policy, in the base
MUTE_TIMINGS, MUTED = ("days",), ("days",)
```

## Use instead

Publish in two steps: first nothing names the mute timing, but it is still declared; then remove it.

```python
MUTE_TIMINGS, MUTED = ("nights", "days"), ("days",)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "used":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG903", "still-used", "error", "base", check)
