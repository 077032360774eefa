"""`dashgen test --replay` and `--demo`: rules over past data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dashgen.cli import report
from dashgen.cli.past_data import HISTORY, Span, past

if TYPE_CHECKING:
    from dashgen.alert_tests.suite import Fixture
    from dashgen.backtest.replay import Backtest
    from dashgen.backtest.tick_answers import PastData
    from dashgen.grafana.alerting.rule import RuleSpec
    from dashgen.grafana.versions import Semantics
    from dashgen.model.project import Project
    from dashgen.tree.read import RenderedTree

DEMO_START = datetime(2026, 1, 5, tzinfo=UTC)
DEMO_DAYS = 3


def span(given_from: str, given_to: str) -> Span:
    """Three days of demo time unless given; `--to` alone or `--from` alone means a day. Raises UsageError."""
    from dashgen.model.core.problems import UsageError

    begin, end = _instant("--from", given_from), _instant("--to", given_to)
    if begin is None and end is None:
        begin, end = DEMO_START, DEMO_START + timedelta(days=DEMO_DAYS)
    elif begin is None and end is not None:
        begin = end - timedelta(days=1)
    elif begin is not None and end is None:
        end = begin + timedelta(days=1)
    if begin is None or end is None or begin >= end:
        raise UsageError(f"expected --from before --to, got {given_from} and {given_to}")
    return Span(int(begin.timestamp()), int(end.timestamp()))


def span_until(now: datetime, given_from: str, given_to: str) -> Span:
    """As `span`, of a server that has rows up to now only: the last day unless given. Raises UsageError."""
    from dashgen.model.core.problems import UsageError

    if not given_from and not given_to:
        given_to = now.isoformat()
    wanted = span(given_from, given_to)
    end = int(now.timestamp())
    if wanted.start >= end:
        raise UsageError(f"expected --from before now, got {given_from or given_to}: the server has no rows of it yet")
    return Span(wanted.start, min(wanted.end, end))


def _instant(option: str, text: str) -> datetime | None:
    from dashgen.alert_tests.test_file import instant
    from dashgen.model.core.problems import UsageError

    try:
        return instant(text) if text else None
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def replay(
    project: Project, fixture: Fixture, uids: Sequence[str], when: Span, against: str, base: RenderedTree | None,
    base_name: str, as_json: bool, upgrade: Semantics | None = None,
) -> int:  # fmt: skip
    """Prints what would have fired. With a base or an upgrade, exit code 1 says that it fires otherwise than now."""
    from dataclasses import replace

    from dashgen.alert_tests import report as reports
    from dashgen.alert_tests.fixture import base_fixture
    from dashgen.backtest import upgrade as upgrades
    from dashgen.backtest.replay import as_data, errors, paired, side_by_side, table

    wanted = list(fixture.rules) if list(uids) == ["all"] else list(uids)
    before_fixture = base_fixture(base, fixture) if base is not None else None
    now = "now"
    if upgrade is not None:
        before_fixture, base_name, now = fixture, str(fixture.semantics), f"by {upgrade}"
        fixture = replace(fixture, semantics=upgrade)
    known = {**fixture.rules, **(before_fixture.rules if before_fixture else {})}
    unknown = [uid for uid in wanted if uid not in known]
    if unknown:
        return _unknown(unknown, known)
    with past(project, when, against, fixture.env) as connect:
        after = _run([fixture.rules[u] for u in wanted if u in fixture.rules], when, connect, fixture, "now")
        if before_fixture is None:
            notes = _notes([fixture.rules[u] for u in wanted], fixture)
            if as_json:
                found = [as_data(i) for i in after.incidents]
                grafana = reports.grafana(fixture.semantics)
                _json({"grafana": grafana, "incidents": found, "evaluations": after.ticks, "notes": notes})
            else:
                report.echo(table(after.incidents, when.end), nl=False)
                _say((*errors(after.incidents), *notes, _evaluated_as(fixture)))
            return 0
        rules = [before_fixture.rules[u] for u in wanted if u in before_fixture.rules]
        before = _run(rules, when, connect, before_fixture, base_name)
    together = paired if upgrade is None else upgrades.compare
    pairs = together(before.incidents, after.incidents)
    both_rules = [*(fixture.rules[u] for u in wanted if u in fixture.rules), *rules]
    notes = list(dict.fromkeys(_notes(both_rules, fixture)))
    if as_json:
        both = [{"before": p.before and as_data(p.before), "after": p.after and as_data(p.after)} for p in pairs]
        grafana = reports.grafana(fixture.semantics)
        about = (
            upgrades.versions(before_fixture.semantics, upgrade) if upgrade else {"base": base_name, "grafana": grafana}
        )
        _json({**about, "incidents": both, "evaluations": before.ticks + after.ticks, "notes": notes})
    else:
        if upgrade is not None:
            report.echo(upgrades.head(before_fixture.semantics, upgrade))
        report.echo(side_by_side(pairs, when.end, base_name, now), nl=False)
        as_one = () if upgrade else (_evaluated_as(fixture),)
        _say((*errors((*after.incidents, *before.incidents)), *notes, *as_one))
    return int(not all(pair.is_equal for pair in pairs))


def demo(project: Project, fixture: Fixture, uids: Sequence[str], when: Span, as_json: bool) -> int:
    """Prints precision and recall over the demo data, of all rules or of these; exit code 1 where either is not 1.
    Paused rules are evaluated as if they were not."""
    from dashgen.alert_tests import report as reports
    from dashgen.backtest.outages import happened, score
    from dashgen.backtest.replay import errors

    if not project.outages:
        return report.error("PROJECT declares no outages of its demo data", "list them in Project(outages=…)")
    chosen = [uid for uid in uids if uid != "all"] or list(fixture.rules)
    if unknown := [uid for uid in chosen if uid not in fixture.rules]:
        return _unknown(unknown, fixture.rules)
    rules = [fixture.rules[uid] for uid in chosen]
    known = [outage for outage in project.outages if outage.rule in chosen]
    with past(project, when, "", fixture.env) as connect:
        with closing(connect()) as source:
            outages = happened(known, source.run, when.start - int(HISTORY.total_seconds()), when.end)
        found = _run(rules, when, connect, fixture, "")
    notes = _notes(rules, fixture)
    result = score(outages, found.incidents, when.start, when.end)
    if as_json:
        _json(
            {
                "recall": result.recall,
                "precision": result.precision,
                "outages": result.promised,
                "missed": len(result.missed),
                "alerts": result.incidents,
                "false": len(result.false),
                "evaluations": found.ticks,
                "grafana": reports.grafana(fixture.semantics),
                "notes": notes,
            }
        )
    else:
        report.echo(str(result), nl=False)
        _say((*errors(found.incidents), *notes, _evaluated_as(fixture)))
    return int(bool(result.missed or result.false))


def _unknown(uids: Sequence[str], known: Mapping[str, RuleSpec]) -> int:
    from dashgen.model.core.suggestions import did_you_mean, listed

    near = [did_you_mean(uid, tuple(known)) for uid in uids]
    hint = " ".join(filter(None, near)) or f"there are {listed(sorted(known), uids[0])}; or all"
    return report.error(f"no rule {', '.join(map(repr, uids))}", hint)


def _run(
    rules: Sequence[RuleSpec], when: Span, connect: Callable[[], PastData], fixture: Fixture, what: str
) -> Backtest:
    from dashgen.backtest.replay import backtest

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{what}{' ' if what else ''}{done} of {total} evaluations{end}")
            sys.stderr.flush()

    return backtest(
        rules, when.start, when.end, connect, fixture.notifications, fixture.semantics,
        workers=os.cpu_count() or 2, progress=progress,
    )  # fmt: skip


def base_tree(root: Path, out: Path, environment: str, base: str) -> RenderedTree:
    """The tree of an environment as it is in a revision or a folder; no checkout is touched. Raises TreeError."""
    from dashgen.tree.environments import named
    from dashgen.tree.errors import TreeError

    found = named(base, out, root)
    if environment not in found.trees:
        raise TreeError(f"{found.label} has no tree of the environment {environment!r}", "--env names another one")
    return found.trees[environment]


def _notes(rules: Sequence[RuleSpec], fixture: Fixture) -> list[str]:
    """What past data can't show truly."""
    from dashgen.alert_tests.lookahead import hindsight
    from dashgen.alert_tests.suite import rule_findings

    return [note for rule in rules for note in (*hindsight(rule, fixture.classes), *rule_findings(rule))]


def _evaluated_as(fixture: Fixture) -> str:
    return f"evaluated as {fixture.semantics} does ({fixture.semantics.known})"


def _say(notes: Sequence[str]) -> None:
    for note in notes:
        report.echo(f"note: {note}", err=True)


def _json(data: object) -> None:

    report.echo_json(data)
