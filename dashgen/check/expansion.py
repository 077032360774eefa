"""A query's text on its way from the spec to the server: rendered, interpolated by the browser, expanded by the
backend; with the way back to what the author wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.check.rule import Subject
from dashgen.grafana.datasources.browser import Viewing
from dashgen.grafana.datasources.execution import in_backend, sent
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.grafana.datasources.intervals import MS, Interval, TimeRange, browser_text
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import AUTHORS
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.model.dashboards.variable import QueryVariable
from dashgen.render.query import placed, render_query


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a viewer, or the scheduler of alerts, has a query run. `name` says which: `6h, host: All`."""

    name: str
    time_range: TimeRange
    interval_ns: int
    variables: tuple[ChosenVariable, ...] = ()
    is_choice: bool = False
    """Whether it is about what is chosen, and not about the time range."""


def rendered(subject: Subject) -> Expanded:
    """The text that the dashboard or the rule file has. Raises `MacroError` with its start in the author's text."""
    if subject.dialect != AUTHORS.name:
        return cleaned(subject.sql)
    alert_of = subject.environment if subject.role == "alert" else None
    is_variable = isinstance(subject.owner, QueryVariable)
    made = render_query(subject.sql, subject.plugin, alert_of=alert_of, is_variable=is_variable)
    if made.error and subject.plugin != AUTHORS.name:
        raise placed(made.error, Expanded(subject.sql))
    return made.text


def expand(subject: Subject, case: Case) -> Expanded:
    """The text that reaches QuestDB. Raises `MacroError` with its start in the author's text."""
    text = rendered(subject)
    try:
        if subject.role == "alert":
            return text.then(in_backend(text.text, subject.plugin, case.time_range, case.interval_ns))
        return text.then(sent(text.text, subject.plugin, _viewing(subject, case), case.interval_ns))
    except MacroError as error:
        raise placed(error, text) from None


def _viewing(subject: Subject, case: Case) -> Viewing:
    ms = case.interval_ns // MS
    interval = None if subject.role == "variable" else Interval(ms, browser_text(ms))
    shown = subject.dashboard
    dashboard = (subject.environment.uid_prefix + shown.uid, shown.title) if shown else ("", "")
    return Viewing(case.time_range, interval, case.variables, dashboard)
