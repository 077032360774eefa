"""Checks for query variables that return columns of which it is not clear which one is the value.

A variable takes one column, or two: the value, which goes into the SQL, and the text, which the viewer sees. These are
the columns `__value` and `__text` in any order, otherwise the first and the second one. dashgen renders what each
plugin needs: the QuestDB plugin reads columns by position, Grafana's PostgreSQL datasource by name.

## Why is this bad?

With three columns, or with two that have no names, the plugin decides: the PostgreSQL datasource makes one list of the
values of all columns. The same holds in a dashboard of another library, which dashgen does not rewrite.

## Example

```python
QueryVariable("host", "SELECT host, env, version FROM …")
```

## Use instead

```python
QueryVariable("host", "SELECT host AS __value, host || ' ' || env AS __text FROM …")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.variable_columns import meant, names_of, taken


def check(subject: Subject) -> Iterator[RuleMatch]:
    names = tuple(c.name for c in subject.columns or ())
    if subject.role != "variable" or len(names) < 2:
        return
    columns = meant(names)
    if columns is None:
        yield RuleMatch(
            f"expected one column, or a value and its text, got {', '.join(names)}",
            "name the value and its text: SELECT … AS __value, … AS __text",
        )
        return
    written = names_of(subject.sql)
    renders = subject.dashboard is not None and written is not None and all(written)
    if renders or taken(names, subject.plugin) == columns:
        return
    value, text = names[columns.value], names[columns.text]
    expected, why, hint = PLUGINS[subject.plugin].variable_columns_expected(value, text)
    yield RuleMatch(f"expected {expected}, got {', '.join(names)}: {why}", hint)


RULE = Rule("DG214", "variable-columns", "error", "columns", check)
