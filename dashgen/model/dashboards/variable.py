"""Variables of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.ignore import Ignore, ignores
from dashgen.model.core.node import Node, Wrong, node, shown
from dashgen.model.core.problems import Problem, here, report
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.link import Placement, placement
from dashgen.model.dashboards.query import AnyQuery, Query, query

Hide = Literal["nothing", "label", "variable"]

ALL_GUARD = "'__all'"
"""What All stands for in SQL: one literal instead of the list of all values, so that a comparison with it folds away
(0.6 ms against 91 ms for 200 symbols over 62 million rows, docs/facts/questdb.md, Variables of dashboards)."""


def _identifier(value: object) -> object:
    if isinstance(value, str) and value.startswith("__"):
        raise Wrong("a name that does not start with '__'", "Grafana reserves those")
    return validators.name(value)


def _values(value: object) -> object:
    kept = validators.some(validators.text)(value)
    if len(set(kept)) < len(kept):
        twice = sorted({v for v in kept if kept.count(v) > 1})
        raise Wrong("values that differ", came=", ".join(map(repr, twice)) + " twice", kept=tuple(dict.fromkeys(kept)))
    return kept


@node
class Variable(Node):
    """What all variables share."""

    name: str = checked(_identifier, kw_only=False)
    """What SQL and texts call it, `$name` or `${name}`: letters, digits and `_` (`name`)."""
    label: str = checked(validators.any_text, default="")
    """Text before the choice. Empty: the name (`label`)."""
    description: str = checked(validators.any_text, default="")
    """What hovering over the label shows (`description`)."""
    hide: Hide = checked(validators.literal(), default="nothing")
    """What viewers don't see: its label, or the whole variable (`hide`)."""
    placement: Placement = checked(placement, default="header")
    """Where its control is: above the panels, or, with `"menu"`, in the menu of controls (`hide`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged over the variable as it is rendered, unchecked: `raw={"skipUrlSync": True}`. None takes a key
    out (RFC 7396)."""

    def __post_init__(self) -> None:
        if self.hide != "nothing" and self.placement != "header":
            # Grafana keeps both in one number
            self.problem(
                f"hides its {self.hide} and has a placement",
                "give one of them: the menu shows every variable",
                "placement",
            )

    def written_in_text(self, name: str, spec: str) -> str:
        return f"write {self._reference(spec)}"

    def _reference(self, spec: str) -> str:
        form = f":{spec}" if spec else ""
        return f"${{{{{self.name}{form}}}}}, with two braces in an f-string"


@node
class Choice(Variable):
    """What the variables with a list of values share."""

    multi: bool = checked(validators.flag, default=False)
    """True lets viewers choose several values (`multi`)."""
    include_all: bool = checked(validators.flag, default=False)
    """True adds the choice All, which is the first one unless `default` says otherwise (`includeAll`)."""
    default: str | None = checked(validators.maybe(validators.text), default=None)
    """The value at first: `default="binance"`. None: All where there is one, else the first of the list; of an
    `EnvironmentVariable` the environment's own `env` (`current.value`)."""
    all_value: str = checked(validators.any_text, default=ALL_GUARD)
    """What All stands for in SQL, as it is written there: `all_value="'.*'"`. Empty: the list of all values, which
    Grafana writes out (`allValue`)."""

    def written_in_text(self, name: str, spec: str) -> str:
        return f'write {{{name}.matches("column")}}; for its value {self._reference(spec)}'

    def matches(self, column: str) -> str:
        """SQL for "the column has a chosen value", safe for quotes in values and cheap for All.

        `HOST.matches("host")` is `('__all' IN (${host:sqlstring}) OR host IN (${host:sqlstring}))`.

        Args:
            column: The column, or any SQL expression, that is compared with the chosen values.
        """
        given: object = column
        if not isinstance(given, str):
            message = f"matches: expected the name of a column, got {shown(given)}"
            report(Problem(self.called(), message, 'write .matches("column")', here(), self, "matches"))
            column = self.name
        values = f"${{{self.name}:sqlstring}}"
        if self.include_all and self.all_value == ALL_GUARD:
            return f"({ALL_GUARD} IN ({values}) OR {column} IN ({values}))"
        if self.multi or self.include_all:
            return f"{column} IN ({values})"
        return f"{column} = {values}"


Sort = Literal["none", "asc", "desc", "numeric asc", "numeric desc", "asc, case-insensitive", "desc, case-insensitive"]


@node
class QueryVariable(Choice):
    """Values from SQL: `QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics", multi=True)`."""

    sql: AnyQuery = checked(query, kw_only=False)
    """SQL or a `Query` with one column, or with two: the value as `__value` and its text as `__text`, in any order;
    without these names, the value and then its text. It is rendered as the datasource's plugin needs it (`query`)."""
    datasource: str = checked(validators.text, default="questdb")
    """Name of a datasource of the environment, or `$name` of a `DatasourceVariable`."""
    refresh: Literal["load", "time range"] = checked(validators.literal(), default="load")
    """When the SQL runs: when the dashboard is opened, or also whenever the time range changes (`refresh`)."""
    sort: Sort = checked(
        validators.literal(),
        default="asc",
    )
    """Order of the values; `none` keeps the query's (`sort`)."""
    regex: str = checked(validators.any_text, default="")
    """JavaScript's regular expression between slashes; values that it does not match are left out, and a group in it
    cuts them: `regex="/^prod-(.*)/"`. Empty: all (`regex`)."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` that are accepted for this query."""

    @property
    def query(self) -> Query:
        """What was given as `sql`, as its check keeps it."""
        return cast("Query", self.sql)


@node
class CustomVariable(Choice):
    """Values that are written down: `CustomVariable("side", ("buy", "sell"))`."""

    values: tuple[str, ...] = checked(_values, kw_only=False)
    """The values, in this order: `values=("buy", "sell")` (`query`)."""
    free_values: bool = checked(validators.flag, default=False)
    """True lets viewers type a value that is not listed (`allowCustomValue`)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.default is not None and self.default not in self.values:
            # a default outside the options silently becomes the first one (docs/facts/grafana.md, Dashboards)
            self.problem(f"default: {self.default!r} is not among the values", ", ".join(self.values), field="default")


@node
class ConstantVariable(Variable):
    """One value, which viewers don't see: `ConstantVariable("table", "daemon_metrics")`."""

    value: str = checked(validators.text, kw_only=False)
    """The text that stands for `$name` (`query`)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.placement != "header":
            self.problem("is hidden and has a placement", "a constant has no control", "placement")


@node
class TextVariable(Variable):
    """A text that the viewer types: `TextVariable("filter", "BTC")`."""

    default: str = checked(validators.any_text, default="", kw_only=False)
    """The text at first (`query`)."""


@node
class IntervalVariable(Variable):
    """A bucket width that the viewer chooses: `IntervalVariable("bucket", ("1m", "5m", "1h"), auto=True)`."""

    values: tuple[str, ...] = checked(validators.some(validators.duration), kw_only=False)
    """The widths that can be chosen, in this order: `values=("1m", "5m", "1h")` (`query`)."""
    auto: bool = checked(validators.flag, default=False)
    """True adds a width that follows the time range, which is chosen at first (`auto`)."""
    auto_count: int = checked(validators.whole(1, 10_000), default=30)
    """Buckets that this width makes of the time range: `auto_count=200` (`auto_count`)."""
    auto_min: str = checked(validators.duration, default="10s")
    """The smallest that it gets: `auto_min="1m"` (`auto_min`)."""


@node
class DatasourceVariable(Variable):
    """A datasource that the viewer chooses, of the plugin that the named one has in the environment.

    A panel, query or variable that follows the choice has `datasource="$name"`: `DatasourceVariable("db",
    "questdb")`.
    """

    datasource: str = checked(validators.text, default="questdb", kw_only=False)
    """Name of a datasource of the environment: viewers choose among all that have its plugin, and it is chosen at
    first."""


@node
class EnvironmentVariable(Choice):
    """The environment that a viewer looks at: its default is the environment's own `env`.

    Its values are the `env` of the project's environments, in their order, unless others are given:
    `EnvironmentVariable("env", ("prod", "staging"))`, where the data have rows of environments that no Grafana is
    rendered for.
    """

    values: tuple[str, ...] = checked(_values, default=(), kw_only=False)
    """The values that a viewer may choose, in this order: `values=("prod", "staging")`. Empty: those of the project's
    environments (`query`)."""

    def offered(self, of_project: tuple[str, ...]) -> tuple[str, ...]:
        """What a viewer may choose; `of_project` is `Project.env_values`."""
        return self.values or of_project


@node
class RawVariable(Variable):
    """A variable of another kind or datasource, as Grafana has it: `RawVariable("filters", {"type": "adhoc"})`.

    It is rendered as it is, and no check of the schema looks at it.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """The variable without `name`, `label`, `description` and `hide`: `json={"type": "adhoc", "filters": []}`."""
