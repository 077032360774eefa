"""Variables of a dashboard."""

from __future__ import annotations

from typing import Literal, cast

from dashgen.model import checks
from dashgen.model.ignore import Ignore, ignores
from dashgen.model.node import Node, Wrong, checked, node
from dashgen.model.query import AnyQuery, Query, query

Hide = Literal["nothing", "label", "variable"]

ALL_GUARD = "'__all'"
"""What All stands for in SQL: one literal instead of the list of all values, so that a comparison with it folds away
(0.6 ms against 91 ms for 200 symbols over 62 million rows, questdb-facts section 6)."""


def _identifier(value: object) -> object:
    if isinstance(value, str) and value.startswith("__"):
        raise Wrong("a name that does not start with '__'", "Grafana keeps those for itself")
    return checks.name(value)


def _values(value: object) -> object:
    kept = checks.some(checks.text)(value)
    if len(set(kept)) < len(kept):
        twice = sorted({v for v in kept if kept.count(v) > 1})
        raise Wrong("values that differ", came=", ".join(map(repr, twice)) + " twice", kept=tuple(dict.fromkeys(kept)))
    return kept


@node
class Variable(Node):
    """What all variables share."""

    name: str = checked(_identifier, kw_only=False)
    label: str = checked(checks.any_text, default="")
    description: str = checked(checks.any_text, default="")
    hide: Hide = checked(checks.one_of(("nothing", "label", "variable")), default="nothing")


@node
class Choice(Variable):
    """A variable with a list of values; `multi` and `include_all` as in Grafana."""

    multi: bool = checked(checks.flag, default=False)
    include_all: bool = checked(checks.flag, default=False)
    default: str | None = checked(checks.maybe(checks.text), default=None)
    """The value at first. None: All where there is one, else the first of the list."""

    def matches(self, column: str) -> str:
        """SQL for "the column has a chosen value", safe for quotes in values and cheap for All.

        `HOST.matches("host")` is `('__all' IN (${host:sqlstring}) OR host IN (${host:sqlstring}))`.
        """
        values = f"${{{self.name}:sqlstring}}"
        if self.include_all:
            return f"({ALL_GUARD} IN ({values}) OR {column} IN ({values}))"
        if self.multi:
            return f"{column} IN ({values})"
        return f"{column} = {values}"


Sort = Literal["none", "asc", "desc", "numeric asc", "numeric desc", "asc, case-insensitive", "desc, case-insensitive"]


@node
class QueryVariable(Choice):
    """Values from SQL: the only column, or value and text."""

    sql: AnyQuery = checked(query, kw_only=False)
    datasource: str = checked(checks.text, default="questdb")
    refresh: Literal["load", "time range"] = checked(checks.one_of(("load", "time range")), default="load")
    sort: Sort = checked(
        checks.one_of(
            (
                "none",
                "asc",
                "desc",
                "numeric asc",
                "numeric desc",
                "asc, case-insensitive",
                "desc, case-insensitive",
            )
        ),
        default="asc",
    )
    regex: str = checked(checks.any_text, default="")
    ignore: tuple[Ignore, ...] = checked(ignores, default=())

    @property
    def query(self) -> Query:
        """What was given as `sql`, as its check keeps it."""
        return cast("Query", self.sql)


@node
class CustomVariable(Choice):
    """Values written down."""

    values: tuple[str, ...] = checked(_values, kw_only=False)

    def __post_init__(self) -> None:
        if self.default is not None and self.default not in self.values:
            # a default outside the options silently becomes the first one (operator-wishes)
            self.problem(f"default: {self.default!r} is not among the values", ", ".join(self.values))


@node
class ConstantVariable(Variable):
    """One value, hidden."""

    value: str = checked(checks.text, kw_only=False)


@node
class TextVariable(Variable):
    """A text that the viewer types."""

    default: str = checked(checks.any_text, default="", kw_only=False)


@node
class IntervalVariable(Variable):
    """A bucket width to choose; `auto` adds one that follows the time range."""

    values: tuple[str, ...] = checked(checks.some(checks.duration), kw_only=False)
    auto: bool = checked(checks.flag, default=False)


@node
class DatasourceVariable(Variable):
    """A datasource to choose, of the plugin that the named logical datasource has in the environment.

    A panel, query or variable that follows the choice has `datasource="$name"`.
    """

    datasource: str = checked(checks.text, default="questdb", kw_only=False)


@node
class EnvironmentVariable(Choice):
    """The environment that a viewer looks at: its default is the environment's own `env`.

    Its values are the `env` of the project's environments, in their order, unless others are given:
    `EnvironmentVariable("env", ("prod", "staging"))`, where the data have rows of environments that no Grafana is
    rendered for.
    """

    values: tuple[str, ...] = checked(_values, default=(), kw_only=False)

    def offered(self, of_project: tuple[str, ...]) -> tuple[str, ...]:
        """What a viewer may choose; `of_project` is `Project.env_values`."""
        return self.values or of_project
