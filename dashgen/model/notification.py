"""Who hears of an alert: contact points, notification policies, mute timings, message templates."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, cast, get_args

from dashgen.model import checks
from dashgen.model.alert import short_title
from dashgen.model.node import Node, Wrong, checked, node
from dashgen.model.receiver import Receiver

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
    """Receivers that are notified together: `ContactPoint("telegram", (Telegram("telegram-on-call"),))`. Rules name
    it among their `channels`."""

    name: str = checked(_plain, kw_only=False)
    receivers: tuple[Receiver, ...] = checked(checks.many(checks.a(Receiver)), kw_only=False)

    def __post_init__(self) -> None:
        if not self.receivers and "receivers" not in self.refused:
            self.problem("has no receivers", "(Telegram(…),) for one", "receivers")


@node
class Match(Node):
    """One condition on an alert's labels: `Match("severity", "=", "critical")`. Regular expressions must match the
    whole value; a label that is missing is the empty text."""

    label: str = checked(checks.text, kw_only=False)
    operator: Operator = checked(checks.one_of(get_args(Operator)), kw_only=False)
    value: str = checked(checks.any_text, kw_only=False)

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            if _NOT_RE2.search(self.value):
                self.problem(f"value: {self.value!r} is not RE2", "it has no look-around, back references, possessives")
                return
            try:
                re.compile(self.value)
            except re.error as error:
                self.problem(f"value: {self.value!r} is no regular expression: {error}")

    def called(self) -> str:
        return f"Match {self.label}{self.operator}{self.value!r}"


def _contact_point(value: object) -> object:
    return value.name if isinstance(value, ContactPoint) else checks.text(value)


def _mute_timing(value: object) -> object:
    return value.name if isinstance(value, MuteTiming) else checks.text(value)


def _group_by(value: object) -> object:
    names = cast("tuple[str, ...]", checks.many(checks.text)(value))
    if "..." in names and len(names) > 1:
        raise Wrong("label names, or ('...',) for all labels", "'...' stands alone")
    if len(set(names)) < len(names):
        raise Wrong("label names, each once", "Grafana would not start")
    return names


def _some_time(value: object) -> object:
    """Alertmanager waits for nothing at first, if it is told so, but never repeats without a pause."""
    text = checks.duration(value)
    if not checks.seconds(text):
        raise Wrong("a duration above 0", "Grafana would not start")
    return text


@node
class Grouping(Node):
    """What a policy says of the notifications that it sends; what is not given comes from the policy above."""

    group_by: tuple[str, ...] = checked(_group_by, default=())
    group_wait: str | None = checked(checks.maybe(checks.duration), default=None)
    group_interval: str | None = checked(checks.maybe(_some_time), default=None)
    repeat_interval: str | None = checked(checks.maybe(_some_time), default=None)
    """What goes on is sent again at the first flush (every `group_interval`) at which more than this has passed: `1m`
    with a `group_interval` of `1m` comes every two minutes."""


@node
class Route(Grouping):
    """A nested policy: takes the alerts that all `matchers` match. `receiver` is a contact point or its name.
    `goes_on` (Grafana's `continue`) lets the policies after it see the alert as well."""

    receiver: str | ContactPoint | None = checked(checks.maybe(_contact_point), default=None, kw_only=False)
    matchers: tuple[Match, ...] = checked(checks.many(checks.a(Match)), default=())
    mute_timings: tuple[str | MuteTiming, ...] = checked(checks.many(_mute_timing), default=())
    active_timings: tuple[str | MuteTiming, ...] = checked(checks.many(_mute_timing), default=())
    goes_on: bool = checked(checks.flag, default=False)
    routes: tuple[Route, ...] = checked(lambda value: _routes(value), default=())

    def __post_init__(self) -> None:
        if not self.matchers and "matchers" not in self.refused:
            self.problem("has no matchers", "it would take every alert: that is what the policy above does", "matchers")

    def called(self) -> str:
        given = [m for m in self.matchers if isinstance(m, Match)] if isinstance(self.matchers, tuple) else []
        return f"Route {', '.join(f'{m.label}{m.operator}{m.value}' for m in given) or self.receiver!r}"


@node
class ChannelRoute(Grouping):
    """The policy of one channel: takes the alerts of the rules that name it among their `channels`, and lets the
    others' see them too. A channel that no ChannelRoute is written for gets one after the author's routes."""

    channel: str | ContactPoint = checked(_contact_point, kw_only=False)
    mute_timings: tuple[str | MuteTiming, ...] = checked(checks.many(_mute_timing), default=())
    active_timings: tuple[str | MuteTiming, ...] = checked(checks.many(_mute_timing), default=())
    routes: tuple[Route, ...] = checked(lambda value: _routes(value), default=())

    def called(self) -> str:
        return f"ChannelRoute {self.channel!r}"


AnyRoute: TypeAlias = Route | ChannelRoute


def _routes(value: object) -> object:
    return checks.many(checks.a(Route))(value)


@node
class Policy(Grouping):
    """The org's whole tree of notification policies: Grafana replaces what is there. The root takes every alert, so
    it has no matchers and no timings."""

    receiver: str | ContactPoint = checked(_contact_point, kw_only=False)
    group_by: tuple[str, ...] = checked(_group_by, default=("env", "host"))
    """Grafana has no inhibition: what happens to one host in one environment comes as one message."""
    routes: tuple[AnyRoute, ...] = checked(checks.many(checks.a(Route, ChannelRoute)), default=())

    def called(self) -> str:
        return "policy"


def datasource_errors(receiver: str | ContactPoint, *, repeat_interval: str | None = None) -> Route:
    """The policy for rules that can't be evaluated: with the database down each of them would page, so they come as
    one message to whoever runs the platform. It belongs first."""
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
    """All that is given must hold: `TimeInterval(weekdays=("saturday", "sunday"))`. Ranges are written `monday:friday`,
    `1:7`, `-3:-1` (the month's last three days), `january:march`, `2026:2027`. `location` is a time zone; UTC unless
    given."""

    times: tuple[Times, ...] = checked(checks.many(_times), default=())
    weekdays: tuple[str, ...] = checked(checks.many(checks.text), default=())
    days_of_month: tuple[str, ...] = checked(checks.many(checks.text), default=())
    months: tuple[str, ...] = checked(checks.many(checks.text), default=())
    years: tuple[str, ...] = checked(checks.many(checks.text), default=())
    location: str = checked(checks.text, default="UTC")

    def __post_init__(self) -> None:
        if not self.refused and not (self.times or self.weekdays or self.days_of_month or self.months or self.years):
            self.problem("says no time", "it would always hold")

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
    """Times that policies name: in them nothing is sent (`mute_timings`), or only in them (`active_timings`)."""

    name: str = checked(_plain, kw_only=False)
    intervals: tuple[TimeInterval, ...] = checked(checks.many(checks.a(TimeInterval)), kw_only=False)

    def __post_init__(self) -> None:
        if not self.intervals and "intervals" not in self.refused:
            self.problem("has no intervals", field="intervals")


@node
class Template(Node):
    """A group of message templates in Go's language: `{{ define "name" }} … {{ end }}`. Receivers use one by
    `{{ template "name" . }}`."""

    name: str = checked(_plain, kw_only=False)
    text: str = checked(checks.text, kw_only=False)
