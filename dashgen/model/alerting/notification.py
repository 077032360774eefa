"""Who hears of an alert: contact points, notification policies, mute timings, message templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

from dashgen.model.alerting.alert import short_title
from dashgen.model.alerting.receiver import Receiver
from dashgen.model.core import validators
from dashgen.model.core.durations import Duration
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.validators import NOTHING

Operator = Literal["=", "!=", "=~", "!~"]
CHANNELS = "channels"
"""The label that holds a rule's channels, sorted, with commas between."""
_NOT_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!]|\(|P[=>])|\\[1-9]|(?<!\\)[*+?}]\+")


def _plain(value: object) -> str:
    """A name that Grafana takes everywhere: no reference, no comma."""
    text = short_title(value)
    if text != text.strip() or "," in text or "$" in text:
        raise Wrong("a name without ',' and '$', and without spaces around it")
    return text


@node
class ContactPoint(Node):
    """A contact point: receivers that are notified together: `ContactPoint("telegram",
    (Telegram("telegram-on-call"),))`. Rules name it among their `channels`.
    """

    name: str = checked(_plain, kw_only=False)
    """Name, which rules and policies refer to; without `,` and `$` (`contactPoints.name`)."""
    receivers: tuple[Receiver, ...] = checked(validators.many(validators.a(Receiver)), kw_only=False)
    """The receivers, all of which are notified: `receivers=(Telegram("telegram-on-call"),)`
    (`contactPoints.receivers`)."""

    def __post_init__(self) -> None:
        if not self.receivers and "receivers" not in self.refused:
            self.problem("has no receivers", "(Telegram(…),) for one", "receivers")


@node
class Match(Node):
    """One condition on an alert's labels: `Match("severity", "=", "critical")`."""

    label: str = checked(validators.text, kw_only=False)
    """Name of the label; a missing label counts as the empty string."""
    operator: Operator = checked(validators.literal(), kw_only=False)
    """Whether the value is equal (`=`), not equal (`!=`), or matches the whole of a regular expression (`=~`) or does
    not (`!~`)."""
    value: str = checked(validators.any_text, kw_only=False)
    """The text, or the regular expression in RE2 syntax, which has no look-around and no back references."""

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            if _NOT_RE2.search(self.value):
                self.problem(
                    f"value: {self.value!r} is not RE2",
                    "it has no look-around, back references, possessives",
                    field="value",
                )
                return
            try:
                re.compile(self.value)
            except re.error as error:
                self.problem(f"value: {self.value!r} is not a regular expression: {error}", field="value")

    def called(self) -> str:
        return f"Match {self.label}{self.operator}{self.value!r}"


def _contact_point(value: object) -> object:
    return value.name if isinstance(value, ContactPoint) else validators.text(value)


def _mute_timing(value: object) -> object:
    return value.name if isinstance(value, MuteTiming) else validators.text(value)


def _group_by(value: object) -> object:
    names = cast("tuple[str, ...]", validators.many(validators.text)(value))
    if "..." in names and len(names) > 1:
        raise Wrong("label names, or ('...',) for all labels", "'...' must be the only entry")
    if len(set(names)) < len(names):
        raise Wrong("label names, each once", "Grafana would not start")
    return names


def _some_time(value: object) -> object:
    """Alertmanager waits for nothing at first, if it is told so, but never repeats without a pause."""
    text = validators.duration(value)
    if not Duration.parse(text).seconds:
        raise Wrong("a duration above 0", "Grafana would not start")
    return text


@node
class Grouping(Node):
    """Grouping and timing of a notification policy. Fields that are not given are inherited from the parent policy."""

    group_by: tuple[str, ...] = checked(_group_by, default=())
    """Labels by which alerts are grouped into one notification: `group_by=("env", "host")`; `group_by=("...",)` puts
    each alert into its own group. Empty: inherited from the parent policy (`group_by`)."""
    group_wait: str | None = checked(validators.maybe(validators.duration), default=None)
    """How long a new group waits for more alerts before its first notification: `group_wait="10s"`. None: inherited
    from the parent policy; 30 s at the root (`group_wait`)."""
    group_interval: str | None = checked(validators.maybe(_some_time), default=None)
    """Minimum time between two notifications of a group that has changed: `group_interval="2m"`. None: inherited from
    the parent policy; 5 min at the root (`group_interval`)."""
    repeat_interval: str | None = checked(validators.maybe(_some_time), default=None)
    """Time after which the notification of an unchanged group is repeated: `repeat_interval="12h"`. None: inherited
    from the parent policy; 4 h at the root (`repeat_interval`)."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered policy, without validation: `raw={"object_matchers": []}` lets a `Route`
    without `matchers` match every alert. None removes a key, as in JSON Merge Patch (RFC 7396); an object that is not
    rendered is added as it is, nulls included."""


@node
class Route(Grouping):
    """A nested policy: `Route("email", matchers=(Match("severity", "=", "warning"),))` handles the alerts that match
    all `matchers`.
    """

    receiver: str | ContactPoint | None = checked(validators.maybe(_contact_point), default=None, kw_only=False)
    """The contact point, or its name. None: inherited from the parent policy (`receiver`)."""
    matchers: tuple[Match, ...] = checked(
        validators.many(validators.a(Match, hint="Match('team', '=', 'a')")), default=()
    )
    """Conditions on the alert's labels, all of which must hold: `matchers=(Match("severity", "=", "critical"),)`
    (`object_matchers`)."""
    mute_timings: tuple[str | MuteTiming, ...] = checked(validators.many(_mute_timing), default=())
    """Mute timings during which nothing is sent, by value or name: `mute_timings=("weekends",)`
    (`mute_time_intervals`)."""
    active_timings: tuple[str | MuteTiming, ...] = checked(validators.many(_mute_timing), default=())
    """Active timings: mute timings outside of which nothing is sent, by value or name: `active_timings=("office",)`.
    Not in Grafana 9.4 (`active_time_intervals`)."""
    goes_on: bool = checked(validators.flag, default=False)
    """True continues with the policies after this one, which can match the alert too (`continue`)."""
    routes: tuple[Route, ...] = checked(lambda value: _routes(value), default=())
    """Nested policies; the first one that matches handles the alert (`routes`)."""

    def __post_init__(self) -> None:
        if not self.matchers and "matchers" not in self.refused and "object_matchers" not in self.raw:
            self.problem("has no matchers", "it would match every alert, as its parent policy does", "matchers")

    def called(self) -> str:
        given = [m for m in self.matchers if isinstance(m, Match)] if isinstance(self.matchers, tuple) else []
        return f"Route {', '.join(f'{m.label}{m.operator}{m.value}' for m in given) or self.receiver!r}"


@node
class ChannelRoute(Grouping):
    """The policy of one channel: `ChannelRoute("email", repeat_interval="12h")` handles the alerts of the rules that
    name it in their `channels`, and continues with the policies after it. For a channel without a ChannelRoute one is
    generated after the declared routes.
    """

    channel: str | ContactPoint = checked(_contact_point, kw_only=False)
    """The contact point, or its name, that rules name in their `channels` (`receiver`)."""
    mute_timings: tuple[str | MuteTiming, ...] = checked(validators.many(_mute_timing), default=())
    """Mute timings during which nothing is sent, by value or name: `mute_timings=("weekends",)`
    (`mute_time_intervals`)."""
    active_timings: tuple[str | MuteTiming, ...] = checked(validators.many(_mute_timing), default=())
    """Active timings: mute timings outside of which nothing is sent, by value or name: `active_timings=("office",)`.
    Not in Grafana 9.4 (`active_time_intervals`)."""
    routes: tuple[Route, ...] = checked(lambda value: _routes(value), default=())
    """Nested policies; the first one that matches handles the alert (`routes`)."""

    def called(self) -> str:
        return f"ChannelRoute {self.channel!r}"


AnyRoute: TypeAlias = Route | ChannelRoute


def _routes(value: object) -> object:
    return validators.many(validators.a(Route))(value)


@node
class Policy(Grouping):
    """The org's whole notification policy tree, `Policy("email", routes=(Route("sms", matchers=(CRITICAL,)),))`:
    Grafana replaces the existing tree. The root matches every alert, so it has no matchers and no timings.
    """

    receiver: str | ContactPoint = checked(_contact_point, kw_only=False)
    """The default contact point, or its name, for alerts that match no other policy (`policies.receiver`)."""
    group_by: tuple[str, ...] = checked(_group_by, default=("env", "host"))
    """Labels by which alerts are grouped into one notification. By default the alerts of one host in one environment
    are one group, because Grafana can't inhibit an alert while another fires (`policies.group_by`)."""
    routes: tuple[AnyRoute, ...] = checked(validators.many(validators.a(Route, ChannelRoute)), default=())
    """Nested policies, in the order in which they are evaluated. Generated policies follow for the channels that rules
    name and that have no `ChannelRoute` (`policies.routes`)."""

    def called(self) -> str:
        return "policy"


def datasource_errors(receiver: str | ContactPoint, *, repeat_interval: str | None = None) -> Route:
    """Returns a policy for the alerts of rules whose query fails: `datasource_errors("platform",
    repeat_interval="12h")`.

    While the database is down, each of these rules would notify its contact points. This policy groups them into one
    notification for the operators of the platform. Put it first in `routes`.

    Args:
        receiver: The contact point to notify, or its name.
        repeat_interval: Time after which the notification is repeated: `repeat_interval="12h"`. None: inherited from
            the parent policy.
    """
    match = Match("alertname", "=~", "DatasourceError|DatasourceNoData")
    return Route(receiver, matchers=(match,), group_by=("alertname", "env"), repeat_interval=repeat_interval)


Times: TypeAlias = tuple[str, str]
_TIME = re.compile(r"(?:([01]\d|2[0-3]):[0-5]\d|24:00)\Z")


def _times(value: object) -> object:
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    if pair and all(isinstance(end, str) and _TIME.match(end) for end in cast("tuple[object, ...]", value)):
        return tuple(cast("tuple[str, ...]", value))
    raise Wrong("start and end like ('09:00', '17:30'), up to '24:00'")


@node
class TimeInterval(Node):
    """The times at which all given fields match: `TimeInterval(weekdays=("saturday", "sunday"), times=(("09:00",
    "17:30"),))`.
    """

    times: tuple[Times, ...] = checked(validators.many(_times), default=())
    """Starts and ends within a day, the end not included: `times=(("22:00", "24:00"), ("00:00", "06:00"))`
    (`muteTimes.time_intervals.times`)."""
    weekdays: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Days or ranges of days; the week starts with sunday: `weekdays=("saturday", "sunday")`,
    `weekdays=("monday:friday",)` (`muteTimes.time_intervals.weekdays`)."""
    days_of_month: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Days or ranges of days; negative numbers count from the end of the month: `days_of_month=("1:7", "-3:-1")`
    (`muteTimes.time_intervals.days_of_month`)."""
    months: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Months or ranges, by name or number: `months=("january:march", "12")` (`muteTimes.time_intervals.months`)."""
    years: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Years or ranges: `years=("2026:2027",)` (`muteTimes.time_intervals.years`)."""
    location: str = checked(validators.text, default="UTC")
    """Time zone of the times: `location="Europe/Berlin"`. Not in Grafana 9.4 (`muteTimes.time_intervals.location`)."""

    def __post_init__(self) -> None:
        if not self.refused and not (self.times or self.weekdays or self.days_of_month or self.months or self.years):
            self.problem("says no time", "it would mute all the time")

    @property
    def document(self) -> dict[str, object]:
        """As it stands in a provisioning file."""
        times = [{"start_time": start, "end_time": end} for start, end in self.times]
        out: dict[str, object] = {"times": times} if times else {}
        for name in ("weekdays", "days_of_month", "months", "years"):
            if getattr(self, name):
                out[name] = list(getattr(self, name))
        # Grafana 9.4 knows no location; UTC is what it takes anyway
        return out | ({"location": self.location} if self.location != "UTC" else {})


@node
class MuteTiming(Node):
    """A mute timing, which policies refer to. Nothing is sent during these times (`mute_timings`) or outside of them
    (`active_timings`).

    `MuteTiming("weekends", (TimeInterval(weekdays=("saturday", "sunday")),))`
    """

    name: str = checked(_plain, kw_only=False)
    """Name, which policies refer to; without `,` and `$` (`muteTimes.name`)."""
    intervals: tuple[TimeInterval, ...] = checked(validators.many(validators.a(TimeInterval)), kw_only=False)
    """The time intervals; the timing applies during any of them (`muteTimes.time_intervals`)."""

    def __post_init__(self) -> None:
        if not self.intervals and "intervals" not in self.refused:
            self.problem("has no intervals", field="intervals")


@node
class Template(Node):
    """A group of notification templates in Go's template language: `Template("page", '{{ define "page" }}{{ .Status
    }}{{ end }}')`. A receiver uses one with `message='{{ template "page" . }}'`.
    """

    name: str = checked(_plain, kw_only=False)
    """Name of the template group; each `define` in it has its own name (`templates.name`)."""
    text: str = checked(validators.text, kw_only=False)
    """The templates, in Go's template language with Grafana's notification functions (`templates.template`)."""
