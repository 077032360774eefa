"""Whom an instance reaches: the provisioning files' policy tree, mute timings, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dashgen.grafana.alerting.labels import notification_labels
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import Observed
from dashgen.grafana.alerting.state import FIRING
from dashgen.grafana.mute_timings import ProvisionedMuteTiming
from dashgen.grafana.notification_policies import RouteNode, muted_by, route_alert


@dataclass(frozen=True, slots=True)
class Delivery:
    """One node that notifies. `muted` names the timings that keep it silent."""

    contact_point: str
    group: Mapping[str, str]
    muted: tuple[str, ...]
    route: RouteNode = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Notifications:
    """An org's policies and mute timings as provisioned."""

    root: RouteNode | None
    timings: Mapping[str, ProvisionedMuteTiming]
    resolves: Mapping[str, frozenset[bool]] = field(default_factory=dict)
    """Of each contact point: whether its receivers want to hear that an alert is over; True where it is not known."""

    @property
    def contact_points(self) -> frozenset[str]:
        """Those that are declared, and those that a policy names."""
        return frozenset(self.resolves) | {route.receiver for route in (self.root.walk() if self.root else ())}

    def deliveries(self, rule: RuleSpec, instance: Observed, at: int) -> tuple[Delivery, ...]:
        """Of an instance that fires; none for one that does not."""
        if instance.state not in FIRING:
            return ()
        labels = notification_labels(instance.labels, instance.state)
        moment = datetime.fromtimestamp(at, UTC)
        routes = route_alert({"notification_settings": rule.receiver}, labels, self.root)
        return tuple(Delivery(r.receiver, r.group_labels(labels), muted_by(r, self.timings, moment), r) for r in routes)

    def reached(self, rule: RuleSpec, instance: Observed, at: int) -> tuple[str, ...]:
        """The contact points that hear of it, sorted."""
        return tuple(sorted({d.contact_point for d in self.deliveries(rule, instance, at) if not d.muted}))


NOBODY = Notifications(None, {})
