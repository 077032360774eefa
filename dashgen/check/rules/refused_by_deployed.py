"""Checks for queries that the declared tables accept and the deployed server refuses.

With `--against URL`. The server explains the query; it does not run it.

## Why is this bad?

The panel shows an error until a table, column or view is added to the server, or until an older QuestDB is upgraded.

## Example

```sql
SELECT host, last_error FROM daemon_metrics -- Invalid column: last_error, where the server lacks the column
```

## Use instead

`dashgen db migrate --to URL` shows the statements that bring the server up to date, and runs them with `--apply`.

```sql
ALTER TABLE daemon_metrics ADD COLUMN last_error VARCHAR
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Refusal, Rule, RuleMatch


def check(refusal: Refusal) -> Iterator[RuleMatch]:
    yield RuleMatch(
        f"the deployed server refuses it: {refusal.message}", "bring the server up to date first", refusal.at
    )


RULE = Rule("DG802", "refused-by-deployed", "error", "deployed answer", check)
