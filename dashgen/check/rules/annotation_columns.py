"""An annotation whose columns don't have the names that Grafana reads.

Grafana takes `time`, `timeend` (then a region is drawn), `text`, `title`, `tags` and `id`, and passes over every other
column without a word: the mark on the chart then says nothing, or a region becomes a line.

```sql
SELECT timestamp AS time, host || ' restarted' AS message, host AS labels FROM …
```

Write `… AS text`, and `… AS tags` (several in one text, with commas between).
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.core.suggestions import did_you_mean

_READ = ("time", "timeend", "text", "title", "tags", "id")


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "annotation":
        return
    names = [column.name.lower() for column in subject.columns or ()]
    times = [column.name for column in columns(subject, "time")][:1]
    if not {"text", "title"} & set(names):
        yield RuleMatch(f"expected a column named 'text', got {', '.join(names)}", "write … AS text")
    for name in names:
        if name not in _READ and name not in times:
            item = items(subject).get(name)
            yield RuleMatch(
                f"Grafana reads no column {name!r} of an annotation",
                did_you_mean(name, _READ) or f"it reads {', '.join(_READ)}",
                item.name_span if item else None,
            )


RULE = Rule("DG211", "annotation-columns", "warning", "columns", check)
