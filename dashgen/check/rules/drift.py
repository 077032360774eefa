"""Checks for differences between a deployed server and the declared tables: tables, columns, keys, retention and views.

With `--against URL`. The server is only read.

## Why is this bad?

Queries that are right for the declared tables fail on a server that lacks a column.

## Example

```sql
ALTER TABLE daemon_metrics DROP COLUMN last_error  -- on the deployed server; the declaration still has the column
```

## Use instead

`dashgen db migrate --to URL` shows the statements that bring the server up to date, and runs them with `--apply`.

```sql
ALTER TABLE daemon_metrics ADD COLUMN last_error VARCHAR
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Deployed, Rule, RuleMatch


def check(deployed: Deployed) -> Iterator[RuleMatch]:
    yield RuleMatch(deployed.message, deployed.hint, owner=deployed.table, path=deployed.path)


RULE = Rule("DG801", "drift", "error", "deployed", check)
