"""What a rule is, what it looks at, and what it says.

A rule is a module of `dashgen.check.rules` with one `RULE`. Its docstring is its page (`dashgen.check.pages`): what the
rule does, why that is bad, an example, what to use instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from dashgen.model.dashboards.query import Format, Query
from dashgen.model.environment import DEFAULT_PLUGIN, Plugin

if TYPE_CHECKING:
    from dashgen.check.imported_variables import Theirs
    from dashgen.grafana.datasources.frames import WireColumn
    from dashgen.model.core.ignore import Ignore
    from dashgen.model.core.problems import Problem
    from dashgen.model.dashboards.dashboard import Dashboard
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project

Severity = Literal["error", "warning", "note"]
Stage = Literal[
    "text",
    "columns",
    "choices",
    "project",
    "answer",
    "created",
    "demo",
    "run",
    "deployed",
    "deployed answer",
    "base",
    "ignores",
]
"""What a rule needs, and what its `check` is handed: `text` a Subject, offline; `columns` a Subject whose `columns` a
server described; `choices` a Choosing, offline too; `project` a Whole, once a run and offline; `answer` a Refusal;
`created` a NotCreated; `demo` a DemoFault and `run` a Measurement, with `--run`; `deployed` a Deployed and `deployed
answer` a Refusal, with `--against`; `base` a Since, with `--base`; `ignores` an Unused."""
Role = Literal["panel", "variable", "annotation", "alert"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One query of the project, as one environment's data source plugin runs it.

    `sql` is the author's text: spans count in it. It has the macros of `dialect`, the QuestDB plugin's whatever it is
    rendered for, unless a panel or dashboard of another library brought PostgreSQL's. `owner` is the panel,
    annotation, variable or alert rule, or the foreign panel or dashboard. `columns` are those of the result as a
    server described them; None before that, and where it refused the query. `beside` are the other queries of the same
    panel, described like this one. `min_interval` is the panel's as rendered, `10s`. `theirs` are the variables of a
    dashboard of another library; `dashboard` is None there. `foreign` is the JSON of another library's panel,
    `called` how its variable or annotation is called.
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
    columns: tuple[WireColumn, ...] | None = None
    dialect: Plugin = DEFAULT_PLUGIN
    min_interval: str | None = None
    beside: tuple[Subject, ...] = ()
    theirs: tuple[Theirs, ...] = ()
    foreign: Mapping[str, Any] | None = None
    called: str = ""

    @property
    def sql(self) -> str:
        return self.query.sql


@dataclass(frozen=True, slots=True)
class Choosing:
    """A query, for what each choice in its variables makes of it. `evaluate` runs a query of one value that reads no
    table; it answers None offline, and for what the server refuses."""

    subject: Subject
    evaluate: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Whole:
    """The project in one look, for what no single query shows. `subjects` are those of all environments, without
    columns."""

    project: Project
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a query does not run: the server's words or, where `macro` names one, its data source's.

    `at` is the place in the author's SQL, None where the server named none. `cases` are the ways to run the query
    that are refused so, empty if every time range is; `sent` is the text of the first.
    """

    subject: Subject
    message: str
    at: tuple[int, int] | None
    cases: tuple[str, ...]
    sent: str = ""
    hint: str = ""
    macro: str = ""


@dataclass(frozen=True, slots=True)
class NotCreated:
    """A declared table or view that the server refuses. `sql` is the statement, `position` the server's place in it."""

    table: type
    name: str
    message: str
    position: int | None
    sql: str


@dataclass(frozen=True, slots=True)
class DemoFault:
    """Why a table has no demo data: nobody says how to make them up (`missing`), or the server refuses a formula
    (`refused`). `problem` says it, with its place."""

    what: Literal["missing", "refused"]
    problem: Problem


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of a query on demo data. `series_rows` are those of its longest series, 0 for a table; `points` are
    the most that its panel has room for; `scanned` are the seconds of each table that were read, None for all of it."""

    subject: Subject
    case: str
    rows: int
    series_rows: int
    milliseconds: float
    budget_ms: int
    points: int
    scanned: tuple[tuple[str, float | None], ...] = ()
    refused: str = ""
    """Grafana's words where it makes no frame of the rows."""
    stopped: str = ""
    """The bound that ended the run, as "after 10 s": rows and milliseconds are those until then."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A difference between a declared table and a server's: what `path` is about, and what to do."""

    path: str
    message: str
    hint: str
    table: type


@dataclass(frozen=True, slots=True)
class BaseDifference:
    """What publishing would do to a Grafana that has a base revision's trees: never delete what its ledger `lost`, or
    not start: for a title that is `taken`, for something deleted that is `used`, for a data source that `moved`.
    `problem` says it, with its place."""

    what: Literal["lost", "taken", "used", "moved"]
    problem: Problem


@dataclass(frozen=True, slots=True)
class Unused:
    """An ignore that suppressed nothing. `known` are the codes of all rules."""

    ignore: Ignore
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """One thing that a rule found. `span` is start and end in the author's SQL, None for the whole query.

    `owner` and `path` are for rules of the stage `project`: the object that it is about (its `source` is the place)
    and its name in the tree. Elsewhere they are the subject's.
    """

    message: str
    hint: str = ""
    span: tuple[int, int] | None = None
    owner: object = None
    path: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """`code` is stable (`DG` and three digits), `name` is its slug and the name of its module with '-' for '_'. What a
    rule about the text finds where the server refuses the query is the same mistake where it is `refused_too`."""

    code: str
    name: str
    severity: Severity
    stage: Stage
    check: Callable[[T], Iterator[RuleMatch]]
    refused_too: bool = False
