"""Checks for window functions in a materialized view.

## Why is this bad?

QuestDB accepts `lag()` there and computes a wrong view: each refresh sees only the new rows, so that the difference to
the row before is lost at each edge. Measured: 354 instead of 357, and the status of the view stays valid.

## Example

```python
MaterializedView(name="fetches_1m", bucket="1m", sql="SELECT timestamp, host, fetch_count - lag(fetch_count) OVER …")
```

## Use instead

Keep in the view what the difference needs, and subtract in the query.

```python
MaterializedView(name="fetches_1m", bucket="1m", sql="SELECT timestamp, host, last(fetch_count) AS fetch_count FROM …")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.model.core.display_path import display_path
from dashgen.sql.ast import selects
from dashgen.sql.functions import windowed
from dashgen.sql.lineage import schema


def check(whole: Whole) -> Iterator[RuleMatch]:
    for relation in schema(whole.project).values():
        for select in selects(relation.query) if relation.query else ():
            for call, _ in windowed(select):
                yield RuleMatch(
                    f"view {relation.name}: {call.name}() loses a difference at each refresh",
                    "keep last(…) in the view, and subtract in the query",
                    owner=relation.table,
                    path=display_path(relation.table.name, f"view {relation.name}"),
                )


RULE = Rule("DG604", "window-in-view", "error", "project", check)
