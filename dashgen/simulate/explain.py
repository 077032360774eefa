"""What a person needs to understand a rule at one moment: its SQL, what came, each expression's values, the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dashgen.datasource.frames import Frame
from dashgen.simulate.cases import AlertTest
from dashgen.simulate.judge import braces, clock
from dashgen.simulate.labels import instance_annotations
from dashgen.simulate.notify import Notifications
from dashgen.simulate.rule import RuleSpec
from dashgen.simulate.run import Tick
from dashgen.simulate.suite import World, run_suite
from dashgen.simulate.values import NoData, Number, Scalar, Series, Value, labels_of

if TYPE_CHECKING:
    from dashgen.questdb.server import QuestDB

_ROWS = 20


def explained(test: AlertTest, world: World, server: QuestDB, uid: str, at: float) -> str:
    """Of a rule's last evaluation up to `at` seconds into a test."""
    only = replace(test, rules=(uid,), end=max(test.last, at), expect=())
    (outcome,) = run_suite((only,), world, server, workers=1).outcomes
    if outcome.broken:
        return f"{test.name}: {outcome.broken}\n"
    timeline = outcome.timelines[uid]
    tick = timeline.at(at)
    head = f"{test.place}{': ' if test.place else ''}{test.name}, at {clock(at)}\n"
    if tick is None:
        return f"{head}{uid} was not evaluated yet; its interval is {clock(timeline.rule.interval)}\n"
    return head + describe(timeline.rule, tick, world.notifications)


def describe(rule: RuleSpec, tick: Tick, notifications: Notifications) -> str:
    moment = datetime.fromtimestamp(tick.at, UTC)
    lines = [
        f"{rule.uid} ({rule.title}) evaluated at {moment:%Y-%m-%d %H:%M:%S} UTC",
        f"  every {clock(rule.interval)}, for {clock(rule.pending)}, no data: {rule.no_data}, error: {rule.on_error}",
    ]
    for query in rule.queries:
        ref = query.ref_id
        judged = "  ← condition" if ref == rule.condition else ""
        if query.is_expression:
            lines += ["", f"{ref}  {_expression(query.model)}{judged}"]
        else:
            lines += [
                "",
                f"{ref}  {query.datasource_uid}, {clock(query.range_from)} to {clock(query.range_to)} ago{judged}",
            ]
            queried = tick.evaluation.queried.get(ref)
            if queried is not None:
                lines += [f"   {line}" for line in queried.sql.strip().splitlines()]
                lines += _frame(queried.frame)
        if ref in tick.evaluation.values:
            values = tick.evaluation.values[ref]
            lines += [f"   = {_value(value)}" for value in values[:_ROWS]] or ["   = nothing"]
            if len(values) > _ROWS:
                lines.append(f"   and {len(values) - _ROWS} more")
    lines += ["", "instances"]
    for instance in tick.instances:
        note = "" if instance.evaluated else " (its series is missing)"
        lines.append(f"  {instance.described} {braces(instance.own_labels())}{note}")
        if instance.since is not None:
            lines.append(f"    since {datetime.fromtimestamp(instance.since, UTC):%H:%M:%S}")
        if instance.error:
            lines.append(f"    {instance.error}")
        for delivery in notifications.deliveries(rule, instance, tick.at):
            muted = f", muted by {', '.join(delivery.muted)}" if delivery.muted else ""
            way = " › ".join(delivery.route.steps)
            lines.append(f"    → {delivery.contact_point} in the group {braces(delivery.group) or '{}'} ({way}){muted}")
        if instance.result is not None and instance.state != "Normal":
            filled = instance_annotations(rule, instance.result)
            lines += [f"    {key}: {text}" for key, text in sorted(filled.items()) if not key.startswith("__")]
    if not tick.instances:
        lines.append("  none")
    lines += [f"  removed, its series was missing: {braces(dict(one.key))}" for one in tick.removed]
    return "\n".join(lines) + "\n"


def _expression(model: Any) -> str:
    kind = model.get("type")
    if kind == "reduce":
        mode = (model.get("settings") or {}).get("mode") or "strict"
        return f"reduce {model.get('expression')}: {model.get('reducer')}, {mode}"
    if kind == "threshold":
        condition = model["conditions"][0]
        recovery = condition.get("unloadEvaluator")
        back = f", recovers {_evaluator(recovery)}" if recovery else ""
        return f"threshold {model.get('expression')}: {_evaluator(condition['evaluator'])}{back}"
    if kind == "math":
        return f"math {model.get('expression')}"
    if kind == "resample":
        return f"resample {model.get('expression')}: {model.get('window')}"
    return str(kind)


def _evaluator(evaluator: Any) -> str:
    return f"{evaluator.get('type')} {' to '.join(f'{p:g}' for p in evaluator.get('params', ()))}"


def _frame(frame: Frame) -> list[str]:
    if not frame.fields:
        return ["   no rows"]
    heads = [f"{f.name}{braces(dict(f.labels))}" for f in frame.fields]
    rows = [[_cell(value) for value in row] for row in zip(*(f.values for f in frame.fields), strict=True)]
    shown = rows[-_ROWS:]
    widths = [max(map(len, column)) for column in zip(heads, *shown, strict=True)]
    lines = ["   | " + "  ".join(text.ljust(width) for text, width in zip(heads, widths, strict=True)).rstrip()]
    if len(rows) > len(shown):
        lines.append(f"   | … {len(rows) - len(shown)} rows before")
    lines += ["   | " + "  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in shown]
    return lines


def _cell(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"{value:%H:%M:%S}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(value: Value) -> str:
    match value:
        case NoData():
            return "no data"
        case Series(labels, points):
            return f"series {braces(dict(labels))} of {len(points)} points"
        case Number() | Scalar():
            return f"{_cell(value.value)} {braces(dict(labels_of(value)))}".rstrip()
