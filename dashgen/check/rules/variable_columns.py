"""Checks for query variables whose value is not clear, or is one that no condition of SQL can take.

A variable takes one column, or two: the value, which goes into the SQL, and the text, which the viewer sees. These are
the columns `__value` and `__text` in any order, otherwise the first and the second one. dashgen renders what each
plugin needs: the QuestDB plugin reads columns by position, Grafana's PostgreSQL data source by name.

## Why is this bad?

With three columns, or with two that have no names, the plugin decides: the PostgreSQL data source makes one list of the
values of all columns. The same holds in a dashboard of another library, which dashgen does not rewrite.

Of a time the browser gets milliseconds since 1970: viewers see `1767225600000`, and a comparison with a TIMESTAMP finds
nothing (read: grafana#52195, grafana#36404). An array or a BINARY is listed as a text, and
QuestDB compares neither type with one (measured: QuestDB 9.3.4).

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
from dashgen.grafana.datasources.column_fields import field_type
from dashgen.grafana.datasources.column_types import COLUMN_TYPES
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.variable_columns import meant, names_of, taken


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "variable":
        return
    yield from _times(subject)
    yield from _without_text(subject)
    names = tuple(c.name for c in subject.columns or ())
    if len(names) < 2:
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


def _times(subject: Subject) -> Iterator[RuleMatch]:
    for column in subject.columns or ():
        if field_type(column, subject.plugin) == "time":
            yield RuleMatch(
                f"expected text or a number, got the time {column.name!r}: Grafana lists it as milliseconds since 1970",
                f"make a text of it: to_str({column.name}, 'yyyy-MM-ddTHH:mm:ss.SSSUUUZ')",
            )


def _without_text(subject: Subject) -> Iterator[RuleMatch]:
    """The value goes into the SQL; the text is only shown."""
    columns = subject.columns or ()
    value = meant(tuple(c.name for c in columns))
    if value is not None:
        column = columns[value.value]
        known = COLUMN_TYPES.get(column.oid)
        if known and known.text:
            yield RuleMatch(
                f"expected text or a number, got the {known.of[0]} {column.name!r}: QuestDB compares it with no text of"
                " a variable",
                f"make a text of it: {known.text.format(column.name)}",
            )


RULE = Rule("DG214", "variable-columns", "error", "columns", check)
