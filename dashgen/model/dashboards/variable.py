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
    """Fields that all variables have."""

    name: str = checked(_identifier, kw_only=False)
    """Name, which SQL and texts use as `$name` or `${name}`: letters, digits and `_` (`name`)."""
    label: str = checked(validators.any_text, default="")
    """Label of the control. Empty: the name (`label`)."""
    description: str = checked(validators.any_text, default="")
    """Text that is shown when the pointer is over the label (`description`)."""
    hide: Hide = checked(validators.literal(), default="nothing")
    """What is hidden from viewers: nothing, the label, or the whole variable (`hide`)."""
    placement: Placement = checked(placement, default="header")
    """Where the variable is shown: above the panels, or, with `"menu"`, in the controls menu (`hide`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered variable, without validation: `raw={"skipUrlSync": True}`. None removes a
    key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""

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
    """Fields that the variables with a list of values have."""

    multi: bool = checked(validators.flag, default=False)
    """True lets viewers choose several values (`multi`)."""
    include_all: bool = checked(validators.flag, default=False)
    """True adds the option All, which is the default unless `default` names another (`includeAll`)."""
    default: str | None = checked(validators.maybe(validators.text), default=None)
    """Default value: `default="binance"`. None: All if it is included, else the first value; for an
    `EnvironmentVariable` the environment's `env` (`current.value`)."""
    all_value: str = checked(validators.any_text, default=ALL_GUARD)
    """SQL text that the variable is replaced with when All is chosen: `all_value="'.*'"`. Empty: the list of all
    values, which Grafana expands (`allValue`)."""

    def written_in_text(self, name: str, spec: str) -> str:
        return f'write {{{name}.matches("column")}}; for its value {self._reference(spec)}'

    def matches(self, column: str) -> str:
        """SQL condition that is true if the column has a chosen value. It is safe for quotes in values, and cheap for
        All.

        `HOST.matches("host")` is `('__all' IN (${host:sqlstring}) OR host IN (${host:sqlstring}))`.

        Args:
            column: The column or SQL expression to compare with the chosen values.
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
    """A variable whose values come from SQL: `QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics",
    multi=True)`."""

    sql: AnyQuery = checked(query, kw_only=False)
    """SQL or a `Query` that returns one column, or two: the value as `__value` and its text as `__text`, in any order;
    without these names, first the value and then its text. It is rendered for the data source's plugin (`query`)."""
    datasource: str = checked(validators.text, default="questdb")
    """Name of a data source of the environment, or `$name` of a `DatasourceVariable`."""
    refresh: Literal["load", "time range"] = checked(validators.literal(), default="load")
    """When the SQL runs: when the dashboard is opened, or also whenever the time range changes (`refresh`)."""
    sort: Sort = checked(
        validators.literal(),
        default="asc",
    )
    """Order of the values; `none` keeps the order of the query (`sort`)."""
    regex: str = checked(validators.any_text, default="")
    """JavaScript regular expression between slashes. Values that do not match are left out; a capture group extracts
    the value: `regex="/^prod-(.*)/"`. Empty: all (`regex`)."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` to suppress for this query."""

    @property
    def query(self) -> Query:
        """What was given as `sql`, as its check keeps it."""
        return cast("Query", self.sql)


@node
class CustomVariable(Choice):
    """A variable with a fixed list of values: `CustomVariable("side", ("buy", "sell"))`."""

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
    """A constant that viewers don't see: `ConstantVariable("table", "daemon_metrics")`."""

    value: str = checked(validators.text, kw_only=False)
    """The text that replaces `$name` (`query`)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.placement != "header":
            self.problem("is hidden and has a placement", "a constant has no control", "placement")


@node
class TextVariable(Variable):
    """A text that the viewer enters: `TextVariable("filter", "BTC")`."""

    default: str = checked(validators.any_text, default="", kw_only=False)
    """Text that is used until the viewer enters another (`query`)."""


@node
class IntervalVariable(Variable):
    """A bucket width that the viewer chooses: `IntervalVariable("bucket", ("1m", "5m", "1h"), auto=True)`."""

    values: tuple[str, ...] = checked(validators.some(validators.duration), kw_only=False)
    """The widths that can be chosen, in this order: `values=("1m", "5m", "1h")` (`query`)."""
    auto: bool = checked(validators.flag, default=False)
    """True adds the option auto, a width that follows the time range, and makes it the default (`auto`)."""
    auto_count: int = checked(validators.whole(1, 10_000), default=30)
    """Number of buckets into which the auto width divides the time range: `auto_count=200` (`auto_count`)."""
    auto_min: str = checked(validators.duration, default="10s")
    """Lower bound of the auto width: `auto_min="1m"` (`auto_min`)."""


@node
class DatasourceVariable(Variable):
    """A data source that the viewer chooses, among those of one plugin.

    A panel, query or variable that follows the choice has `datasource="$name"`: `DatasourceVariable("db",
    "questdb")`.
    """

    datasource: str = checked(validators.text, default="questdb", kw_only=False)
    """Name of a data source of the environment. It is the default, and viewers choose among all data sources that have
    its plugin."""


@node
class EnvironmentVariable(Choice):
    """Selects the environment whose data are shown. The default is the `env` of the environment that the dashboard is
    rendered for.

    By default its values are the `env` of the project's environments, in their order. Give others, such as
    `EnvironmentVariable("env", ("prod", "staging"))`, if the data have rows of further environments.
    """

    values: tuple[str, ...] = checked(_values, default=(), kw_only=False)
    """The values that a viewer may choose, in this order: `values=("prod", "staging")`. Empty: the `env` of the
    project's environments (`query`)."""

    def offered(self, of_project: tuple[str, ...]) -> tuple[str, ...]:
        """What a viewer may choose; `of_project` is `Project.env_values`."""
        return self.values or of_project


@node
class RawVariable(Variable):
    """A variable of another type or data source, as dashboard JSON: `RawVariable("filters", {"type": "adhoc"})`.

    It is rendered unchanged and is not validated against the schema.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """The variable without `name`, `label`, `description` and `hide`: `json={"type": "adhoc", "filters": []}`."""
