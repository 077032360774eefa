"""Checks for data sources whose name changes while the uid stays, or whose uid changes while the name stays.

With `--base REV`. The build reports the same between the rendered tree and the next one; against a base it is found
over several builds.

## Why is this bad?

Grafana finds a data source by its name and updates it by its uid. With another uid under the same name it does not
start: "data source not found" (grafana#110740; seen on 12.4.0). With another name and the same uid it does not start,
either (grafana#111667).

## Example

```python
QuestDB(uid="questdb", name="QuestDB")  # in the base
QuestDB(uid="market-data", name="QuestDB")
```

## Use instead

Keep both as in the base, or change both: that is another data source, and the old one stays until somebody deletes it.

```python
QuestDB(uid="market-data", name="Market data")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import BaseDifference, Rule, RuleMatch


def check(since: BaseDifference) -> Iterator[RuleMatch]:
    if since.what == "moved":
        yield RuleMatch(since.problem.message, since.problem.hint, owner=since.problem, path=since.problem.path)


RULE = Rule("DG904", "moved-datasource", "error", "base", check)
