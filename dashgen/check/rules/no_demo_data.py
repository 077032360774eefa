"""Checks for tables without demo data, with `--run`. The project is named where it has no demo data at all.

## Why is this bad?

Queries of such a table would all return no rows, which says nothing about them. They are not run, so that rows, times
and frames stay unchecked.

## Example

```python
Project(tables=(DaemonMetrics,), demos=())
```

## Use instead

Declare how rows of the table are generated. Where a table has a `Demo` but no rows, its `exists` holds for no moment of
the day, or `series` is 0.

```python
Project(tables=(DaemonMetrics,), demos=(Demo(table=table_of(DaemonMetrics), …),))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import DemoFault, Rule, RuleMatch


def check(fault: DemoFault) -> Iterator[RuleMatch]:
    if fault.what == "missing":
        yield RuleMatch(fault.problem.message, fault.problem.hint, owner=fault.problem, path=fault.problem.path)


RULE = Rule("DG705", "no-demo-data", "warning", "demo", check)
