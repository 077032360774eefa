"""One evaluation of a rule, shown to people and to programs."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from dashgen.alert_tests.assertions import as_data as instance_data
from dashgen.alert_tests.assertions import braces, clock
from dashgen.alert_tests.evaluation_trace import Explained, utc
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.values import NoData, Number, Scalar, Series, Value, labels_of
from dashgen.grafana.datasources.frames import Frame
from dashgen.model.core.counts import counted
from dashgen.model.core.display_path import display_path

_ROWS = 20


def text(explained: Explained, notifications: Notifications) -> str:
    rule, tick = explained.rule, explained.tick
    lines = [
        explained.place,
        f"{rule.uid} ({rule.title}) evaluated at {utc(tick.at)} UTC",
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
            older = " or before" if explained.may_be_older(instance) else ""
            lines.append(f"    since {utc(instance.since)}{older}")
        if instance.error:
            lines.append(f"    {instance.error}")
        for delivery in notifications.deliveries(rule, instance, tick.at):
            muted = f", muted by {', '.join(delivery.muted)}" if delivery.muted else ""
            way = display_path(*delivery.route.steps)
            lines.append(f"    → {delivery.contact_point} in the group {braces(delivery.group) or '{}'} ({way}){muted}")
        if instance.state != "Normal":
            filled = instance.annotations
            lines += [f"    {key}: {text}" for key, text in sorted(filled.items()) if not key.startswith("__")]
    if not tick.instances:
        lines.append("  none")
    lines += [f"  removed, its series was missing: {braces(dict(one.key))}" for one in tick.removed]
    return "\n".join(lines) + "\n"


def as_data(explained: Explained, notifications: Notifications) -> dict[str, Any]:
    """For `--format json`."""
    rule, tick = explained.rule, explained.tick
    queries: list[dict[str, Any]] = []
    for query in rule.queries:
        one: dict[str, Any] = {"ref_id": query.ref_id, "condition": query.ref_id == rule.condition}
        queried = tick.evaluation.queried.get(query.ref_id)
        if query.is_expression:
            one["expression"] = _expression(query.model)
        if queried is not None:
            one["sql"] = queried.sql
            one["frame"] = [
                {"name": f.name, "labels": dict(f.labels), "type": f.type, "values": [_plain(v) for v in f.values]}
                for f in queried.frame.fields
            ]
        values = tick.evaluation.values.get(query.ref_id, ())
        one["values"] = [_data(value) for value in values]
        queries.append(one)
    return {
        "place": explained.place,
        "rule": rule.uid,
        "at": _moment(tick.at),
        "evaluated_from": None if explained.began is None else _moment(explained.began),
        "queries": queries,
        "instances": [
            {
                **instance_data(instance),
                "evaluated": instance.evaluated,
                "since": None if instance.since is None else _moment(instance.since),
                "may_be_older": explained.may_be_older(instance),
                "error": instance.error,
                "notifies": [
                    {"contact_point": d.contact_point, "group": dict(d.group), "muted_by": list(d.muted)}
                    for d in notifications.deliveries(rule, instance, tick.at)
                ],
            }
            for instance in tick.instances
        ],
        "removed": [dict(one.key) for one in tick.removed],
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _data(value: Value) -> dict[str, Any]:
    match value:
        case NoData():
            return {"kind": "no data"}
        case Series(labels, points):
            return {
                "kind": "series",
                "labels": dict(labels),
                "points": [[at.isoformat(), _plain(x)] for at, x in points],
            }
        case Number() | Scalar():
            kind = "number" if isinstance(value, Number) else "scalar"
            return {"kind": kind, "labels": dict(labels_of(value)), "value": _plain(value.value)}


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
        lines.append(f"   | … {counted(len(rows) - len(shown), 'row')} before")
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
            return f"series {braces(dict(labels))} of {counted(len(points), 'point')}"
        case Number() | Scalar():
            return f"{_cell(value.value)} {braces(dict(labels_of(value)))}".rstrip()
