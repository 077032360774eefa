"""What a rule is, what it looks at, and what it says.

A rule is a module of `dashgen.lint.rules` with one `RULE`. Its docstring is its documentation page: what the rule
finds, why that is bad, an example, what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dashgen.datasource.macros import Plugin
from dashgen.model.query import Format, Query

if TYPE_CHECKING:
    from dashgen.datasource.frames import Column
    from dashgen.model.dashboard import Dashboard
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project

Severity = Literal["error", "warning", "note"]
Stage = Literal["text", "columns", "project"]
"""What a rule needs: the SQL and the model, offline; the columns that a server described; the whole project."""
Role = Literal["panel", "variable", "annotation", "alert"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One query of the project, as one environment's datasource plugin runs it.

    `sql` is the author's text, with the QuestDB plugin's macros whatever it is rendered for: spans count in it.
    `owner` is the panel, annotation, variable or alert rule. `columns` are those of the result as a server described
    them; None before that, and where it refused the query.
    """

    project: Project
    environment: Environment
    role: Role
    owner: object
    query: Query
    plugin: Plugin
    format: Format
    path: str
    dashboard: Dashboard | None = None
    columns: tuple[Column, ...] | None = None

    @property
    def sql(self) -> str:
        return self.query.sql


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a rule found. `span` is start and end in the author's SQL, None for the whole query."""

    message: str
    hint: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is stable (`DG` and three digits), `name` is its slug and the name of its module with '-' for '_'."""

    code: str
    name: str
    severity: Severity
    stage: Stage
    check: Callable[[Subject], Iterator[Match]]
