"""What one of Grafana's datasource plugins does to a query and to its rows: everything that differs between plugins.

A plugin is one class, listed in `dashgen.grafana.datasources.plugins`. What it does not say is as most of Grafana's SQL
datasources have it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from dashgen.grafana.datasources.column_types import COLUMN_TYPES, ColumnType, FieldType, common_field
from dashgen.grafana.datasources.frames import Booleans, Format, Frame, WireColumn
from dashgen.grafana.datasources.intervals import TimeRange
from dashgen.grafana.datasources.macros import Macros
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.grafana.versions import Semantics, Version
from dashgen.model.environment import Plugin, QuestDB

VALUE, TEXT = "__value", "__text"
"""Names of the columns of a variable's query by which its value and the text for it are told."""


class VariableColumns(NamedTuple):
    """Places of the value and of its text in a variable's result; the same where there is one column."""

    value: int
    text: int


class Release(NamedTuple):
    """A release of a plugin that is not part of Grafana, and the oldest Grafana that it is for."""

    version: str
    grafana: Version


class DatasourcePlugin(ABC):
    """One plugin. SQL is that of the rendered file, unless it is said otherwise."""

    name: ClassVar[Plugin]
    """What authors call it: `QuestDB(plugin=…)`."""
    id: ClassVar[str]
    """Its id, which every Grafana from 9 to 13 knows."""
    other_ids: ClassVar[tuple[str, ...]] = ()
    """Further ids that dashboards call it by."""
    title: ClassVar[str]
    """What messages call it."""
    release: ClassVar[Release | None] = None
    """The newest release where it is not part of Grafana, but has to be installed."""
    macros: ClassVar[Macros]
    lowest_interval: ClassVar[str] = ""
    """Its own minimum interval of panels."""
    unsaid_format: ClassVar[Format] = "table"
    """What a target is that names no format."""
    converts: ClassVar[Mapping[int, FieldType]] = {}
    """By PostgreSQL's OID: the fields of columns that others send as text."""
    time_column: ClassVar[str] = ""
    """The name that the time of a series must have; a number of that name is an instant too. Empty: the first timestamp
    is the time, whatever its name."""
    metric_column: ClassVar[str] = ""
    """The text column that names a series, where it is the only one and there is one number."""
    booleans_are_labels: ClassVar[bool] = True
    """Whether a boolean in a series is a label; else it is a number, where the Grafana takes it."""
    connection_fields: ClassVar[tuple[str, ...]] = ()
    """The fields of `QuestDB` that only this plugin is told."""

    @abstractmethod
    def adapted(self, sql: str) -> Expanded:
        """The author's SQL, which has the macros of QuestDB's plugin, with those of this one. Raises `MacroError` for
        what it has none for."""

    def in_browser(self, sql: str, variables: Iterable[ChosenVariable]) -> Expanded:
        """What the plugin's part in the browser makes of a query before variables are put in."""
        return Expanded(sql)

    @abstractmethod
    def default_text(self, value: str | tuple[str, ...], variable: ChosenVariable) -> str:
        """What stands for a variable's value where the SQL names no format."""

    @abstractmethod
    def expand(self, sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
        """The text that reaches QuestDB of what the browser sent. Raises `MacroError` with its start in `sql`."""

    def alert_interval(self, span: TimeRange, points: int, interval_ns: int) -> int:
        """The interval of an alert rule's query, in ns, from the one that it names."""
        return interval_ns

    def field(self, oid: int) -> FieldType:
        """The field that becomes of a column."""
        return self.converts.get(oid) or common_field(oid)

    def number_as_text(self, oid: int) -> ColumnType | None:
        """The type of a column that has numbers to QuestDB, and only text in Grafana."""
        known = COLUMN_TYPES.get(oid)
        return known if known and known.number and self.field(oid) == "string" else None

    @abstractmethod
    def frame(
        self,
        sql: str,
        columns: Sequence[WireColumn],
        rows: Sequence[Sequence[Value]],
        format_: Format,
        span: TimeRange,
        booleans: Booleans = "number",
    ) -> Frame:
        """What becomes of the rows of a query; `sql` has its macros still, as they say what is filled. Raises
        `FrameError`."""

    @abstractmethod
    def failure(self, semantics: Semantics) -> str:
        """What an error of the database begins with."""

    @abstractmethod
    def refusal(self, text: str, semantics: Semantics) -> str:
        """What becomes of the server's message."""

    @abstractmethod
    def variable_columns(self, names: Sequence[str]) -> VariableColumns | None:
        """What it takes of a variable's result with two or more columns; None where all become one list of values."""

    @abstractmethod
    def variable_columns_expected(self, value: str, text: str) -> tuple[str, str, str]:
        """What it expects of such a result whose value and text are in these columns, what it does else, and what to
        write."""

    @abstractmethod
    def target(
        self, sql: str, ref_id: str, format_: Format, datasource: Mapping[str, str], *, hide: bool
    ) -> dict[str, object]:
        """A query as a dashboard or a rule has it."""

    @abstractmethod
    def connection(self, datasource: QuestDB) -> dict[str, object]:
        """The keys of a datasource's provisioning that say where QuestDB is and who asks."""
