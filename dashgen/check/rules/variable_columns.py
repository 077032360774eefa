"""A variable whose query returns columns of which nobody can tell which is the value.

A variable takes one column, or two: the value, which goes into the SQL, and its text, which the viewer sees. Those are
the columns `__value` and `__text`, in any order, else the first and the second one: dashgen renders for each datasource
plugin what it needs (the QuestDB plugin goes by place, Grafana's PostgreSQL datasource by name). Of three columns, and
of two that have no names to be rendered by, nothing can be told; there, and in a dashboard of another library, the
plugin takes what it finds: the PostgreSQL datasource makes one list of the values of all columns.

```python
QueryVariable("host", "SELECT host, env, version FROM …")
```

Name them: `SELECT host AS __value, host || ' ' || env AS __text`.
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
            "name the two that are meant: SELECT … AS __value, … AS __text",
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
