"""A dashboard: rows of panels, variables, annotations, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast, get_args

from dashgen.model.core import validators
from dashgen.model.core.fields import checked, field
from dashgen.model.core.ids import slug
from dashgen.model.core.ignore import Ignore, ignores
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.problems import specs_root
from dashgen.model.core.suggestions import did_you_mean, listed
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.field import Color, color
from dashgen.model.dashboards.foreign import ForeignPanel, RawPanel
from dashgen.model.dashboards.foreign import panel as foreign_panel
from dashgen.model.dashboards.link import Addressable, Link, Placement, placement
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import AnyQuery, Query, query
from dashgen.model.dashboards.variable import DatasourceVariable, Variable
from dashgen.model.generated.refresh import REFRESH_INTERVALS, Refresh

AnyPanel: TypeAlias = Panel | ForeignPanel | RawPanel


def _panel(value: object) -> object:
    return value if isinstance(value, (Panel, ForeignPanel, RawPanel)) else foreign_panel(value)


@node
class Row(Node):
    """A titled row; its panels flow from left to right and wrap at 24 columns. Without a title it has no header."""

    title: str = checked(validators.any_text, kw_only=False)
    """The row's header. Empty: no header, and the panels follow those of the row before (`title`)."""
    panels: tuple[AnyPanel, ...] = checked(validators.many(_panel), default=(), kw_only=False)
    """The row's panels, from left to right; panels that do not fit into 24 columns continue on the next line."""
    collapsed: bool = checked(validators.flag, default=False)
    """True shows only the header until a viewer expands the row; the queries of its panels run then (`collapsed`)."""
    repeat: str = checked(validators.name, default="")
    """Name of a variable: the row is drawn once for each of its chosen values. `repeat="exchange"` (`repeat`)."""
    key: str = checked(validators.uid, default="")
    """Key from which the row's id is derived. Default: the title as a slug. Give a key where two rows have the same
    title."""
    top: int | None = checked(validators.maybe(validators.whole(0, 100_000)), default=None)
    """Grid row at which the row begins, counted from the top of the dashboard: `top=12`. None: directly below the
    previous row (`gridPos.y`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered row, without validation: `raw={"title": ""}`. None removes a key, as in
    JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""

    def __post_init__(self) -> None:
        if not self.title and (self.collapsed or self.repeat):
            self.problem("needs a title", "a collapsed or repeated row needs a header")

    @property
    def slug(self) -> str:
        """The key, or the title as one; rows and panels have ids of one space, hence the prefix."""
        return "row:" + (self.key or slug(self.title))


@node
class Annotation(Node):
    """An annotation query in SQL, whose events are shown in panels over time. Columns: `time` and `text`, `timeend` for
    regions, and `tags`.

    `Annotation("Restarts", "SELECT timestamp AS time, host AS text FROM restarts WHERE $__timeFilter(timestamp)")`
    """

    name: str = checked(validators.text, kw_only=False)
    """Name of the annotation, shown with its toggle at the top of the dashboard (`name`)."""
    sql: AnyQuery = checked(query, kw_only=False)
    """SQL or a `Query` with the columns `time` and `text`, and optionally `timeend` and `tags` (`target.rawSql`).
    """
    color: Color = checked(color, default="red")
    """Colour of the event markers (`iconColor`)."""
    enabled: bool = checked(validators.flag, default=True)
    """False: the events are not shown until a viewer turns them on (`enable`)."""
    hidden: bool = checked(validators.flag, default=False)
    """True hides the toggle (`hide`)."""
    placement: Placement = checked(placement, default="header")
    """Where the toggle is shown: above the panels, or, with `"menu"`, in the controls menu (`placement`)."""
    datasource: str = checked(validators.text, default="questdb")
    """Name of a data source of the environment, or `$name` of a `DatasourceVariable`."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered annotation, without validation: `raw={"filter": {"ids": [3]}}`. None
    removes a key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls
    included."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` to suppress for this query."""

    def __post_init__(self) -> None:
        if self.hidden and self.placement != "header":
            self.problem("is hidden and has a placement", "give one of them: a hidden one has no place", "placement")

    @property
    def query(self) -> Query:
        """What was given as `sql`, as its check keeps it."""
        return cast("Query", self.sql)


@node
class RawAnnotation(Node):
    """An annotation query of a data source other than QuestDB, as dashboard JSON: `RawAnnotation({"name": "Deploys"})`.

    It is rendered unchanged and is not checked.
    """

    json: Mapping[str, Any] = checked(validators.json_object, kw_only=False)
    """A complete entry of the dashboard's list of annotations: `json={"name": "Deploys", "enable": True}`."""

    @property
    def name(self) -> str:
        return str(self.json.get("name") or "")


AnyAnnotation: TypeAlias = Annotation | RawAnnotation


def _refresh(value: object) -> object:
    if isinstance(value, str) and value in REFRESH_INTERVALS:
        return value
    offered = listed((r for r in get_args(Refresh) if r), str(value))
    raise Wrong(f"a refresh interval of Grafana's list ({offered}) or ''")


def _timezone(value: object) -> object:
    """`Continent/City`, as the IANA's database names them; which of them there are is for the viewer's browser."""
    if isinstance(value, str) and (value in ("browser", "utc", "") or _ZONE.match(value)):
        return value
    raise Wrong("'browser', 'utc', a name of the IANA's database like 'Europe/Berlin', or ''")


_ZONE = re.compile(r"[A-Za-z_+-]+(?:/[A-Za-z0-9_+-]+)*\Z")


@node
class Dashboard(Addressable):
    """A dashboard: `Dashboard(uid="daemon-health", title="Daemon health", rows=(Row("Now", (STATE,)),))`."""

    uid: str = checked(validators.grafana_uid)
    """Uid of the dashboard, used in URLs and by alert rules: `uid="daemon-health"`. Letters, digits, `-` and `_`, at
    most 40, preferably a letter first. For a changed uid Grafana creates another dashboard (`uid`)."""
    title: str = checked(validators.text)
    """Title of the dashboard, unique in its folder (`title`)."""
    rows: tuple[Row, ...] = checked(validators.many(validators.a(Row, hint="Row('title', (panel, …))")))
    """The rows of the dashboard, from top to bottom."""
    description: str = checked(validators.any_text, default="")
    """What the dashboard is for, shown in its header and in search results (`description`)."""
    variables: tuple[Variable, ...] = checked(validators.many(validators.a(Variable)), default=())
    """Template variables, in the order in which they are shown: `variables=(EnvironmentVariable("env"),)`
    (`templating.list`)."""
    annotations: tuple[AnyAnnotation, ...] = checked(
        validators.many(validators.a(Annotation, RawAnnotation)), default=()
    )
    """Annotations, whose events are shown in all panels over time (`annotations.list`)."""
    links: tuple[Link, ...] = checked(validators.many(validators.a(Link)), default=())
    """Links in the dashboard's header (`links`)."""
    tags: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Tags, by which searches and links find the dashboard: `tags=("daemons",)` (`tags`)."""
    folder: str = checked(validators.text, default="default")
    """Name of one of the environment's `folders`."""
    refresh: Refresh = checked(_refresh, default="30s")
    """Auto-refresh interval: `refresh="1m"`. Empty: no auto-refresh (`refresh`)."""
    refresh_intervals: tuple[str, ...] = checked(validators.many(validators.duration), default=())
    """Refresh intervals that a viewer can choose: `refresh_intervals=("10s", "1m")`. Empty: Grafana's default list
    (`timepicker.refresh_intervals`)."""
    time_from: str = checked(validators.moment, default="now-6h")
    """Default start of the time range: `time_from="now-24h"`, `time_from="2021-03-01T00:00:00Z"` (`time.from`)."""
    time_to: str = checked(validators.moment, default="now")
    """Default end of the time range: `time_to="now/d"` (`time.to`)."""
    timezone: str = checked(_timezone, default="browser")
    """Time zone in which times are displayed: `browser`, `utc`, or a name such as `timezone="Europe/Berlin"`. Empty:
    the preference of the viewer or the org (`timezone`)."""
    crosshair: Literal["off", "crosshair", "tooltip"] = checked(validators.literal(), default="crosshair")
    """What the other panels show while the pointer is over one of them: a crosshair, a crosshair and a tooltip, or
    nothing (`graphTooltip`)."""
    editable: bool = checked(validators.flag, default=False)
    """True lets users with edit permission change the dashboard in the UI (`editable`)."""
    imported: bool = checked(validators.flag, default=False)
    """True accepts everything that Grafana accepts, as `dashgen import` needs it: panels without a description, panels
    of one title, a uid that begins with a digit, and `$names` in texts and SQL that are no variables. False reports
    them as problems."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered dashboard, without validation: `raw={"weekStart": "monday"}`. None removes
    a key, as in JSON Merge Patch (RFC 7396); an object that is not rendered is added as it is, nulls included."""
    _by_key: dict[str, AnyPanel] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.uid[:1].isdigit() and not self.imported:
            self.problem(f"uid: expected first a letter, got {self.uid!r}", "a uid is a Kubernetes name too", "uid")
        by_key = self._by_key
        titles: set[str] = set()
        for row in self.rows:
            for panel in row.panels:
                if panel.slug in by_key:
                    what = "title" if not panel.key else "key"
                    panel.problem(
                        f"its {what} gives the key {panel.slug!r}, which another panel of {self.title!r} has",
                        "give one of them another title, or key=…",
                        what,
                    )
                elif panel.title and panel.title in titles and not self.imported:
                    panel.problem(
                        f"another panel of {self.title!r} has this title", "viewers can't tell them apart", "title"
                    )
                by_key[panel.slug] = panel
                titles.add(panel.title)
        rows = [row.slug for row in self.rows if row.title]
        for key in sorted({r for r in rows if rows.count(r) > 1}):
            self.problem(
                f"two rows have the key {key.removeprefix('row:')!r}", "give one another title, or key=…", "rows"
            )
        names = [v.name for v in self.variables]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.problem(f"two variables are named {name!r}", field="variables")

    def chosen(self, datasource: str) -> DatasourceVariable | None:
        """The variable by which a viewer chooses the data source, where it is given as `$name`."""
        if not datasource.startswith("$"):
            return None
        name = datasource.removeprefix("$").strip("{}")
        return next((v for v in self.variables if isinstance(v, DatasourceVariable) and v.name == name), None)

    def logical(self, datasource: str) -> str:
        """The environment's name of a data source, which may be one that the viewer chooses."""
        variable = self.chosen(datasource)
        return variable.datasource if variable else datasource

    @property
    def panels(self) -> tuple[AnyPanel, ...]:
        return tuple([panel for row in self.rows for panel in row.panels])

    def titled(self, key: str) -> AnyPanel | None:
        """The panel whose key was taken from its title, which nothing may refer to."""
        panel = self._by_key.get(key)
        return panel if panel is not None and not panel.key else None

    def __getitem__(self, key: str) -> PanelRef:
        """Reference to the panel that has this explicit key, for alert rules: `HEALTH["state"]`.

        Args:
            key: The explicit `key` that the panel has.
        """
        panel = self._by_key.get(key)
        there = ", ".join(sorted(self._by_key))
        if panel is None and specs_root() is None:
            raise KeyError(f"{self.title!r} has no panel of key {key!r}; it has {there}")
        ref = PanelRef(self, key)
        if panel is None:
            ref.problem(f"{self.title!r} has no panel of key {key!r}", did_you_mean(key, self._by_key) or there, "key")
        elif not panel.key:
            ref.problem(
                f"the panel {panel.title!r} has no explicit key",
                f"a reference by its title would break with it: give it key={key!r}",
                "key",
            )
        return ref


@node
class PanelRef(Node):
    """Reference to a panel of a dashboard, for alert rules: `HEALTH["state"]`.

    The panel must have an explicit key: a reference by title would break when the title changes.
    """

    dashboard: Dashboard = checked(validators.a(Dashboard), kw_only=False)
    """The dashboard that has the panel."""
    key: str = checked(validators.text, kw_only=False)
    """The explicit `key` that the panel has."""

    def called(self) -> str:
        return f"{getattr(self.dashboard, 'uid', self.dashboard)}[{self.key!r}]"
