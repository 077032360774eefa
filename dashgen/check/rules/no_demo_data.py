"""Queries were not run, because there are no demo data of what they read.

With `--run`, the tables are filled with the project's demo data. Queries of a table that gets none would all return no
rows, and that says nothing about them: they are not run, and the table is named here, once. It is the project that is
named where it has no demo data at all.

```python
Project(tables=(DaemonMetrics,), demos=())
```

Say how rows of the table are made up: `Project(demos=(Demo(table=table_of(DaemonMetrics), …),))`. Where the table has a
`Demo` and no rows all the same, its `exists` holds for no moment of the day, or `series` is 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import DemoFault, Rule, RuleMatch


def check(fault: DemoFault) -> Iterator[RuleMatch]:
    if fault.what == "missing":
        yield RuleMatch(fault.problem.message, fault.problem.hint, owner=fault.problem, path=fault.problem.path)


RULE = Rule("DG705", "no-demo-data", "warning", "demo", check)
