"""Checks for texts that show the value of All, and alert lists that filter by it.

## Why is this bad?

Where a variable has All, its value is `'__all'`, which the guards in SQL compare with. In titles of panels and rows
Grafana shows what the picker shows, `All`; everywhere else it inserts the value: a text panel or a description with
`$host` shows `'__all'` (read: scenes' MultiValueVariable and VizPanelRenderer, and the text panel of Grafana 12.3;
titles of links and names of fields are assumed to behave alike). An alert list that is filtered by `{host="$host"}` is
empty. In URLs of links the value is right: the target dashboard reads it as All.

## Example

```python
Text("About", content="You look at **$host**.")
```

## Use instead

`${host:text}` is `All`, or the chosen values joined with ` + `. An alert list can't ask for All: remove the filter, or
give the variable no All.

```python
Text("About", content="You look at **${host:text}**.")
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.check.imported_variables import panels, repeated, variables_of
from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.model.core.display_path import display_path
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.foreign import ForeignDashboard, ForeignPanel, RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.variable import Choice
from dashgen.sql.lexer import variables

_READABLE = frozenset({"text", "queryparam"})
Values = dict[str, str]
"""What All is, by variable."""


def check(whole: Whole) -> Iterator[RuleMatch]:
    for dashboard in whole.project.dashboards:
        if isinstance(dashboard, Dashboard):
            yield from _dashboard(dashboard)
        else:
            yield from _foreign(dashboard)


def _dashboard(dashboard: Dashboard) -> Iterator[RuleMatch]:
    every = {
        v.name: v.all_value for v in dashboard.variables if isinstance(v, Choice) and v.include_all and v.all_value
    }
    if not every:
        return
    for link in dashboard.links:
        yield from _said(
            link, display_path(dashboard.uid, link.called()), every, title=link.title, tooltip=link.tooltip
        )
    for row in dashboard.rows:
        in_row = {name: value for name, value in every.items() if name != row.repeat}
        yield from _titled(row, display_path(dashboard.uid, row.title), in_row, row.title)
        for panel in row.panels:
            path = display_path(dashboard.uid, panel.title)
            if isinstance(panel, (ForeignPanel, RawPanel)):
                yield from _foreign_panel(panel, panel.data, path, in_row)
            else:
                yield from _panel(panel, path, {n: v for n, v in in_row.items() if n != panel.repeat})


def _panel(panel: Panel, path: str, every: Values) -> Iterator[RuleMatch]:
    yield from _titled(panel, path, every, panel.title)
    yield from _said(panel, path, every, description=panel.description)
    yield from _said(panel, path, every, **{field: getattr(panel, field) for field in panel.TEXTS})
    for field in panel.ALERT_FILTERS:
        for name, value in _spoken(getattr(panel, field), every):
            yield RuleMatch(
                f"{field}: with All chosen, ${name} is the text {value}, which no alert has: the list is empty",
                "remove the filter, or give the variable no All (include_all=False)", owner=panel, path=path,
            )  # fmt: skip
    for link in panel.links:
        yield from _said(link, display_path(path, link.called()), every, title=link.title)
    for options in (panel, *panel.overrides):
        where = path if options is panel else display_path(path, options.called())
        yield from _said(options, where, every, display_name=options.display_name or "")
        for data_link in options.data_links:
            yield from _said(data_link, display_path(where, data_link.called()), every, title=data_link.title)


def _foreign(dashboard: ForeignDashboard) -> Iterator[RuleMatch]:
    known = variables_of(dashboard.data)
    for data, repeats in panels(dashboard.data):
        seen = repeated(known, repeats)
        every = {v.name: v.all_value for v in seen if v.include_all and v.all_value and not v.repeats}
        path = display_path(dashboard.uid, data.get("title") or "untitled")
        yield from _foreign_panel(dashboard, data, path, every)


def _foreign_panel(owner: object, data: dict[str, Any], path: str, every: Values) -> Iterator[RuleMatch]:
    every = {name: value for name, value in every.items() if name != data.get("repeat")}
    options = data.get("options")
    content = (options.get("content") if isinstance(options, dict) else None) or data.get("content")
    yield from _titled(owner, path, every, str(data.get("title") or ""))
    yield from _said(owner, path, every, description=str(data.get("description") or ""))
    if data.get("type") == "text":
        yield from _said(owner, path, every, content=str(content or ""))


def _titled(owner: object, path: str, every: Values, title: str) -> Iterator[RuleMatch]:
    """Without a format of its own a variable in a title is what the picker shows."""
    for ref in variables(title):
        if ref.format or ref.path not in (None, "text"):
            yield from _said(owner, path, every, title=title[ref.start : ref.end])


def _said(owner: object, path: str, every: Values, **texts: str) -> Iterator[RuleMatch]:
    for field, text in texts.items():
        for name, value in _spoken(text, every):
            yield RuleMatch(
                f"{field}: with All chosen in ${name}, this says {value}", f"write ${{{name}:text}}, which is All then",
                owner=owner, path=path,
            )  # fmt: skip


def _spoken(text: str, every: Values) -> Iterator[tuple[str, str]]:
    """The variables of which a text has the value."""
    told = set()
    for ref in variables(text):
        readable = (ref.format or "").partition(":")[0] in _READABLE or (ref.path == "text" and not ref.format)
        if ref.name in every and not readable and ref.name not in told:
            told.add(ref.name)
            yield ref.name, every[ref.name]


RULE = Rule("DG321", "all-in-text", "error", "project", check)
