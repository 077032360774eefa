"""Rules against what the demo data are known to hold: which outages raised their alert in time, and what fired without
one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashgen.alert_tests.assertions import braces, clock
from dashgen.backtest.replay import Incident, moment
from dashgen.grafana.alerting.queries import Answer
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.durations import seconds
from dashgen.model.core.problems import DashgenError
from dashgen.model.tables.demo import Outage


@dataclass(frozen=True, slots=True)
class Happened:
    """One outage: its labels, its first and its last bad row in seconds since 1970."""

    outage: Outage
    labels: Labels
    since: float
    until: float

    @property
    def is_promised(self) -> bool:
        return self.until - self.since >= seconds(self.outage.at_least)

    def explains(self, incident: Incident) -> bool:
        """Whether the incident is of this outage: its rule, its labels, and it began while that went on."""
        return (
            incident.rule in (self.outage.rule, *self.outage.also)
            and set(self.labels) <= set(incident.labels)
            and self.since <= incident.since <= self.until + seconds(self.outage.echo)
        )

    def raised(self, incident: Incident) -> bool:
        """Whether it is the promised alert, in time."""
        return (
            incident.rule == self.outage.rule
            and set(self.labels) <= set(incident.labels)
            and self.since <= (incident.until or float("inf"))
            and incident.since <= self.since + seconds(self.outage.within)
        )


@dataclass(frozen=True, slots=True)
class Score:
    promised: int
    missed: tuple[Happened, ...]
    incidents: int
    false: tuple[Incident, ...]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.promised if self.promised else 1.0

    @property
    def precision(self) -> float:
        return 1 - len(self.false) / self.incidents if self.incidents else 1.0

    def __str__(self) -> str:
        raised, true = self.promised - len(self.missed), self.incidents - len(self.false)
        lines = [
            f"recall {self.recall:.3f}: {raised} of {self.promised} outages raised their alert in time",
            f"precision {self.precision:.3f}: {true} of {self.incidents} alerts had an outage",
        ]
        lines += [
            f"  missed: {one.outage.name} {braces(dict(one.labels))} at {moment(int(one.since))},"
            f" {clock(one.until - one.since)} long: no {one.outage.rule} within {one.outage.within}"
            for one in self.missed
        ]
        lines += [f"  false: {one.instance} at {moment(one.since)} ({', '.join(one.states)})" for one in self.false]
        return "\n".join(lines) + "\n"


def happened(outages: Iterable[Outage], run: Callable[[str], Answer], start: int, end: int) -> tuple[Happened, ...]:
    """Asks the data what outages they hold. Raises DashgenError for columns that are no timestamps."""
    found: list[Happened] = []
    for outage in outages:
        bounds = {"start": _literal(start), "end": _literal(end)}
        answer = run(outage.query.format(**bounds))
        names = [column.name for column in answer.columns]
        for row in answer.rows:
            values = dict(zip(names, row, strict=True))
            since, until = values.pop("since"), values.pop("until")
            if not isinstance(since, datetime) or not isinstance(until, datetime):
                raise DashgenError(f"{outage.name}: expected the columns since and until to be timestamps")
            labels = tuple(sorted((name, str(value)) for name, value in values.items()))
            found.append(Happened(outage, labels, since.timestamp(), until.timestamp()))
    return tuple(sorted(found, key=lambda one: (one.since, one.outage.name, one.labels)))


def score(outages: Sequence[Happened], incidents: Sequence[Incident], start: int, end: int) -> Score:
    """Of outages that began early enough for their alert to be due before `end`, and late enough not to have begun
    before the rules were first evaluated."""
    promised = [
        one
        for one in outages
        if one.is_promised and start <= one.since and one.since + seconds(one.outage.within) <= end
    ]
    missed = tuple(one for one in promised if not any(one.raised(incident) for incident in incidents))
    false = tuple(i for i in incidents if not any(one.explains(i) for one in outages))
    return Score(len(promised), missed, len(incidents), false)


def _literal(at: int) -> str:
    return f"'{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}'"
