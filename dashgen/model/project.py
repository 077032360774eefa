"""Everything that is rendered, listed explicitly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from dashgen.model.alerting.alert import AlertGroup, AlertRule
from dashgen.model.alerting.notification import ContactPoint, MuteTiming, Policy, Template
from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import DeferredDashboard
from dashgen.model.dashboards.foreign import ForeignDashboard
from dashgen.model.dashboards.foreign import dashboard as foreign_dashboard
from dashgen.model.environment import Environment

if TYPE_CHECKING:
    from dashgen.model.tables.demo import Demo, Outage

AnyDashboard: TypeAlias = Dashboard | ForeignDashboard


def _dashboard(value: object) -> object:
    return value if isinstance(value, (Dashboard, ForeignDashboard)) else foreign_dashboard(value)


def _table(value: object) -> object:
    if isinstance(value, type) and hasattr(value, "__table__"):
        return value
    raise Wrong("a class declared with @table")


def _demo(value: object) -> object:
    from dashgen.model.tables.demo import Demo  # with pydantic behind it, which a project without tables need not load

    if isinstance(value, Demo):
        return value
    raise Wrong("a Demo")


def _outage(value: object) -> object:
    from dashgen.model.tables.demo import Outage  # as above

    if isinstance(value, Outage):
        return value
    raise Wrong("an Outage")


@node
class Project(Node):
    """Everything that dashgen renders: `Project(environments=(Environment("prod"),), dashboards=(HEALTH,))`.

    A specs package exports it as PROJECT. Objects that it does not list are not rendered.
    """

    environments: tuple[Environment, ...] = checked(
        validators.some(validators.a(Environment, hint="Environment('prod')"))
    )
    """The Grafana instances that everything is rendered for; at least one."""
    dashboards: tuple[AnyDashboard, ...] = checked(validators.many(_dashboard), default=())
    """The dashboards. Dashboards that are built with grafanalib or the Foundation SDK are accepted too."""
    alerts: tuple[AlertGroup, ...] = checked(validators.many(validators.a(AlertGroup)), default=())
    """The groups of alert rules."""
    contact_points: tuple[ContactPoint, ...] = checked(validators.many(validators.a(ContactPoint)), default=())
    """The contact points that rules and policies can notify."""
    policy: Policy | None = checked(validators.maybe(validators.a(Policy)), default=None)
    """The notification policy tree. None: only for environments without `owns_policy_tree`, where each rule notifies
    its `channels` with Grafana's default grouping and timing."""
    mute_timings: tuple[MuteTiming, ...] = checked(validators.many(validators.a(MuteTiming)), default=())
    """The mute timings that policies refer to by name."""
    templates: tuple[Template, ...] = checked(validators.many(validators.a(Template)), default=())
    """Notification templates that receivers use in their messages."""
    tables: tuple[type, ...] = checked(validators.many(_table), default=())
    """The classes that are declared with `@table`: queries are checked against them, and `dashgen ddl` prints their
    SQL."""
    demos: tuple[Demo, ...] = checked(validators.many(_demo), default=())
    """Generators of demo data for the tables."""
    demo_parameters: Mapping[str, int] = checked(validators.mapping(validators.whole(0, 10**6)), default=NOTHING)
    """Numbers that the SQL of demo data uses, by name: `demo_parameters={"hosts": 5}`. Options of the command line
    override them."""
    replay_parameters: Mapping[str, int] = checked(validators.mapping(validators.whole(0, 10**6)), default=NOTHING)
    """Values that replace those of `demo_parameters` when alert rules run over demo data, to have fewer rows with the
    same outages: `replay_parameters={"symbols": 5}`."""
    outages: tuple[Outage, ...] = checked(validators.many(_outage), default=())
    """Outages in the demo data that alert rules must detect."""

    def __post_init__(self) -> None:
        self._check_environments()
        self._check_tables()

    def _check_environments(self) -> None:
        alike: dict[str, list[str]] = {}
        for environment in self.environments:
            if environment.name:
                alike.setdefault(environment.name.casefold(), []).append(environment.name)
        for names in alike.values():
            first, *others = dict.fromkeys(names)
            if others:
                self.problem(
                    f"the environments {first!r} and {others[0]!r} differ by case only",
                    "on many systems their trees would go into one folder: give one of them another name",
                    "environments",
                )
            elif len(names) > 1:
                self.problem(f"two environments are named {first!r}", "give one of them another name", "environments")

    def _check_tables(self) -> None:
        tables = [cls.__table__ for cls in self.tables]  # type: ignore[attr-defined]  # what `_table` asked for
        names = [name for table in tables for name in (table.name, *(view.name for view in table.views))]
        alike = Counter(name.lower() for name in names)  # as QuestDB tells them apart
        for name in sorted(name for name, count in alike.items() if count > 1):
            self.problem(f"two tables or views are named {name!r}", field="tables")
        for demo in self.demos:
            if all(demo.table != table for table in tables):
                self.problem(
                    f"demos: {demo.table.name!r} is not a table of this project",
                    "list its class in tables",
                    field="demos",
                )
            demo.check_parameters(self.demo_parameters)

    def environment(self, name: str) -> Environment | None:
        return next((e for e in self.environments if e.name == name), None)

    @property
    def executed_dashboards(self) -> tuple[AnyDashboard, ...]:
        """The dashboards without those whose modules this load left out: an earlier one checked each of them."""
        return tuple(one for one in self.dashboards if type(one) is not DeferredDashboard)

    @property
    def deferred_dashboards(self) -> tuple[DeferredDashboard, ...]:
        """The others."""
        return tuple(one for one in self.dashboards if type(one) is DeferredDashboard)

    @property
    def env_values(self) -> tuple[str, ...]:
        """The `env` of each environment, each once, in their order."""
        return tuple(dict.fromkeys(e.env for e in self.environments))

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """The rules of all groups."""
        return tuple(rule for group in self.alerts for rule in group.rules)
