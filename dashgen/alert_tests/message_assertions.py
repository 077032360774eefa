"""Whether contact points get the messages that a test expects, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dashgen.alert_tests.assertions import Failed, Timeline, braces, clock
from dashgen.alert_tests.test_model import AlertTest, Messages, NamedAlert, SentMessage
from dashgen.grafana.alerting.message_dispatch import Message, SentAlert, alerts, messages
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule_runner import RESERVED
from dashgen.model.core.suggestions import nearest_or_all


def sent(timelines: Mapping[str, Timeline], notifications: Notifications, end: float) -> tuple[Message, ...]:
    """Of a test's rules, up to `end` in seconds since 1970."""
    found = [alert for timeline in timelines.values() for alert in alerts(timeline.rule, timeline.ticks)]
    rules = {uid: timeline.rule for uid, timeline in timelines.items()}
    return messages(found, rules, notifications, end)


def judge_messages(
    test: AlertTest, timelines: Mapping[str, Timeline], notifications: Notifications
) -> Iterator[Failed]:
    wanted = [(number, one) for number, one in enumerate(test.expect) if isinstance(one, Messages)]
    if not wanted:
        return
    zero = int(test.start.timestamp())
    found = sent(timelines, notifications, zero + test.last)
    for number, expectation in wanted:
        if expectation.contact_point not in (points := notifications.contact_points):
            told = (
                f"no contact point {expectation.contact_point!r}; {nearest_or_all(expectation.contact_point, points)}"
            )
            yield Failed(number, told, next(iter(timelines)))
            continue
        got = [message for message in found if message.contact_point == expectation.contact_point]
        if len(got) == len(expectation.sent) and all(map(_is_as, expectation.sent, got, [zero] * len(got))):
            continue
        lines = [
            f"expected {expectation.contact_point} to get",
            *(f"    {_wanted(one)}" for one in expectation.sent),
            "  got",
            *(f"    {_got(message, zero)}" for message in got),
        ]
        for place, part in ((1, expectation.sent), (len(expectation.sent) + 2, got)):
            if not part:
                lines.insert(place, "    nothing")
        yield Failed(number, "\n".join(lines), next(iter(timelines)))


def _is_as(wanted: SentMessage, got: Message, zero: int) -> bool:
    return (
        got.at - zero == wanted.at
        and _are(wanted.firing, got.firing)
        and _are(wanted.resolved, got.resolved)
        and (wanted.group is None or dict(wanted.group) == dict(got.group))
    )


def _are(wanted: int | tuple[NamedAlert, ...], got: Sequence[SentAlert]) -> bool:
    """Each named one is one of these, and none is left."""
    if isinstance(wanted, int):
        return len(got) == wanted
    rest = list(got)
    # Those that say most choose first.
    for named in sorted(wanted, key=lambda one: -len(one.labels)):
        alert = next((a for a in rest if a.rule == named.rule and set(named.labels.items()) <= set(a.labels)), None)
        if alert is None:
            return False
        rest.remove(alert)
    return not rest


def _wanted(one: SentMessage) -> str:
    parts = [f"at {clock(one.at)}"]
    for what, part in (("firing", one.firing), ("resolved", one.resolved)):
        if isinstance(part, int):
            parts += [f"{part} {what}"] if part else []
        elif part:
            parts.append(f"{what} " + " and ".join(f"{n.rule}{braces(n.labels)}" for n in part))
    if one.group is not None:
        parts.append(f"in the group {braces(one.group) or '{}'}")
    return ", ".join(parts)


def _got(message: Message, zero: int) -> str:
    parts = [f"at {clock(message.at - zero)}"]
    for what, part in (("firing", message.firing), ("resolved", message.resolved)):
        if part:
            parts.append(f"{what} " + " and ".join(f"{alert.rule}{_braces(alert)}" for alert in part))
    return ", ".join([*parts, f"in the group {braces(message.group) or '{}'}"])


def _braces(alert: SentAlert) -> str:
    """`alertname` where it is not the rule's own."""
    shown = {k: v for k, v in alert.labels if k not in (*RESERVED, "rulename")}
    named = dict(alert.labels)
    return braces({**shown, "alertname": named["alertname"]} if "rulename" in named else shown)
