"""Which alerts there are now: the rendered rules evaluated over the rows of the last minutes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashgen.alert_tests.connection import QueryConnection
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import Observed, RuleRun
from dashgen.grafana.datasources.interpolation import interpolate
from dashgen.grafana.datasources.positions import rewrite
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.grafana.notification_policies import Matcher
from dashgen.grafana.versions import semantics, version_of
from dashgen.model.environment import DEFAULT_PLUGIN
from dashgen.preview.revision import Revision
from dashgen.questdb.errors import ServerError
from dashgen.sql.lexer import variables as references

Json = dict[str, Any]
_TICK = 10
"""Seconds of Grafana's scheduler."""
_FEWEST, _MOST = 10, 90
"""Evaluations of a rule that its state now is found by."""
_STATES = {
    "Alerting": "firing", "Pending": "pending", "Recovering": "recovering", "Normal": "normal", "NoData": "nodata",
    "Error": "error",
}  # fmt: skip
_MATCHER = re.compile(r"""([A-Za-z_][\w.]*)\s*(=~|!~|!=|=)\s*(?:"((?:\\.|[^"\\])*)"|([^,}\s]+))""")


@dataclass(frozen=True, slots=True)
class AlertInstance:
    """One instance of a rule."""

    rule: RuleSpec
    observed: Observed
    annotations: Mapping[str, str]

    @property
    def state(self) -> str:
        return _STATES[self.observed.state]

    @property
    def labels(self) -> dict[str, str]:
        """With those of the rule, without what is internal."""
        return {k: v for k, v in self.observed.labels.items() if not k.startswith("__")}

    def as_data(self) -> Json:
        dashboard, panel = (self.rule.annotations.get(f"__{name}__") for name in ("dashboardUid", "panelId"))
        found: Json = {
            "uid": self.rule.uid,
            "name": self.rule.title,
            "state": self.state,
            "since": self.observed.since * 1000 if self.observed.since is not None else None,
            "labels": self.labels,
            "annotations": {k: v for k, v in self.annotations.items() if not k.startswith("__")},
            "folder": self.rule.folder,
        }
        found |= {"dashboardUid": dashboard} if dashboard else {}
        return found | ({"panelId": int(panel)} if panel and panel.isdigit() else {})


@dataclass(slots=True)
class _Running:
    run: RuleRun
    last: int
    alerts: tuple[AlertInstance, ...] = ()


@dataclass(slots=True)
class AlertStates:
    """The instances of all rules. The first time that they are asked for, each rule is evaluated over its pending time
    and some evaluations more; then it goes on from there."""

    dsn: str
    now: Callable[[], int]
    _running: dict[str, _Running] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def states(self, revision: Revision) -> tuple[AlertInstance, ...]:
        """Raises ServerError where the server does not answer."""
        async with self._lock:
            return await asyncio.shield(
                asyncio.to_thread(self._advanced, revision, self.now() // 1000 // _TICK * _TICK)
            )

    def _advanced(self, revision: Revision, now: int) -> tuple[AlertInstance, ...]:
        due = [rule for rule in revision.rules if self._is_due(rule, now)]
        self._running = {rule.uid: self._running[rule.uid] for rule in revision.rules if rule.uid in self._running}
        if due:
            with QueryConnection(self.dsn) as connection:
                for rule in due:
                    self._advance(rule, revision, connection, now)
        return tuple(alert for one in self._running.values() for alert in one.alerts)

    def _is_due(self, rule: RuleSpec, now: int) -> bool:
        one = self._running.get(rule.uid)
        return one is None or one.run.rule != rule or one.last < now // rule.interval * rule.interval

    def _advance(self, rule: RuleSpec, revision: Revision, connection: QueryConnection, now: int) -> None:
        end = now // rule.interval * rule.interval
        lasting = int(rule.pending + rule.keep_firing) // rule.interval + 1
        begin = end - min(lasting + _FEWEST, _MOST) * rule.interval
        one = self._running.get(rule.uid)
        if one is None or one.run.rule != rule or one.last < begin:
            one = _Running(RuleRun(rule, semantics(version_of(revision.grafana)), connection.run), begin)
        else:
            one.run.ask_by(connection.run)
            begin = one.last
        for at in range(begin + rule.interval, end + 1, rule.interval):
            tick = one.run.tick(at)
            one.last = at
            one.alerts = tuple(AlertInstance(rule, observed, observed.annotations) for observed in tick.instances)
        self._running[rule.uid] = one


def listed(alerts: Sequence[AlertInstance], panel: Json, uid: str, variables: Sequence[ChosenVariable]) -> Json:
    """What an alert list shows of them, by the groups of their rules (public/app/plugins/panel/alertlist of 12.3:
    UnifiedAlertList.tsx, filterRules and filterAlerts)."""
    options = panel.get("options") or {}
    groups: dict[str, list[Json]] = {}
    for alert in alerts:
        if _is_listed(alert, options, uid, variables):
            groups.setdefault(alert.rule.group, []).append(alert.as_data())
    return {"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]}


def _is_listed(alert: AlertInstance, options: Json, uid: str, variables: Sequence[ChosenVariable]) -> bool:
    shown = {str(name).lower(): bool(given) for name, given in (options.get("stateFilter") or {}).items()}
    if shown and not shown.get(alert.state, False):
        return False
    name = _replaced(str(options.get("alertName") or ""), variables).lower()
    if name not in alert.rule.title.lower():
        return False
    folder = options.get("folder")
    title = str(folder.get("title") or "") if isinstance(folder, dict) else ""
    if title and title != alert.rule.folder:
        return False
    if options.get("dashboardAlerts") and alert.rule.annotations.get("__dashboardUid__") != uid:
        return False
    text = _replaced(str(options.get("alertInstanceLabelFilter") or ""), variables)
    return all(matcher.matches(alert.labels) for matcher in matchers(text))


def matchers(text: str) -> Iterator[Matcher]:
    """Of `{host="a", env=~"prod|dev"}`, with or without braces and quotes. What is not a regular expression matches
    nothing."""
    for name, operator, quoted, plain in _MATCHER.findall(text):
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        if "~" in operator:
            try:
                re.compile(value)
            except re.error:
                value = r"(?!)"
        yield Matcher(name, operator, value)


def _replaced(text: str, variables: Sequence[ChosenVariable]) -> str:
    """Outside of queries several values are `{a,b}`, which is Grafana's format `glob`."""
    bare = [ref for ref in references(text) if ref.format is None and not ref.path]
    spelled = rewrite(text, [(ref.start, ref.end, f"${{{ref.name}:glob}}") for ref in bare]).text
    return interpolate(spelled, variables, DEFAULT_PLUGIN).text


def all_failed(error: ServerError) -> Json:
    """The answer where rules can't be evaluated."""
    return {"groups": [], "error": str(error)}
