"""Checks for entries of a base revision's ledger that the current ledger does not have, and a ledger that can't be
read.

With `--base REV`. The ledger (`published.json`) lists every alert rule, contact point, mute timing and notification
template that was ever rendered.

## Why is this bad?

Grafana keeps what disappears from its provisioning files; a build writes deletions for the entries of its ledger only.
A revert of the commit that added an alert rule also reverts the ledger, and the rule stays in Grafana.

## Example

```console
$ git revert --no-edit HEAD
```

## Use instead

Restore the ledger from the base, then build: the build writes the deletion.

```console
$ git checkout main -- build/prod/published.json
$ dashgen build
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "lost":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG901", "lost-ledger-entry", "error", "base", check)
