"""Alert rules as Grafana's provisioning files take them (pkg/services/provisioning/alerting/rules_types.go).

Nothing newer than Grafana 9.4 is used where the older form says the same. `keepFiringFor` (12) and
`notification_settings` (11) are written only for rules that need them; older versions ignore keys that they don't
know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

from dashgen.model.alerting.alert import TEXTS, AlertGroup, AlertRule, RawRule, Step
from dashgen.model.alerting.expression import (
    AnyExpression,
    Expression,
    Math,
    Reduce,
    Resample,
    Threshold,
    substitute,
)
from dashgen.model.alerting.notification import CHANNELS
from dashgen.model.core.durations import Duration
from dashgen.model.core.ids import panel_id
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.deferred import environment_variables
from dashgen.model.dashboards.query import Query, RawQuery
from dashgen.model.environment import Environment
from dashgen.render.raw import merged
from dashgen.render.serialise import Interpolated, VerbatimText, literal, referenced
from dashgen.render.targets import Datasources, raw_target

EXPR = "__expr__"
_EVALUATORS = {"above": "gt", "below": "lt", "inside": "within_range", "outside": "outside_range"}
_MODES = {"drop": "dropNN", "replace": "replaceNN"}
# What Grafana fills in itself; written out, so that the file says what runs.
_INTERVAL_MS, _MAX_DATA_POINTS = 1000, 43200


def group(value: AlertGroup, environment: Environment, rules: list[dict[str, object]]) -> dict[str, object]:
    """A file with one group."""
    entry = {
        "orgId": environment.org_id,
        "name": Interpolated(value.name),
        "folder": Interpolated(folder(value, environment)),
        "interval": Interpolated(value.interval),
        "rules": [*rules, *(raw_rule(one, environment) for one in value.raw_rules)],
    }
    return {"apiVersion": 1, "groups": [merged(entry, referenced(value.raw)) if value.raw else entry]}


def raw_rule(value: RawRule, environment: Environment) -> dict[str, object]:
    return {"uid": Interpolated(environment.uid_prefix + value.uid), **_as_given(thaw(value.json))}


def _as_given(rule: dict[str, object]) -> dict[str, object]:
    """A rule's JSON with each text marked by whether Grafana expands it."""
    out: dict[str, object] = {}
    for key, value in rule.items():
        if key == "annotations":
            out[key] = literal(value)
        elif key == "data" and isinstance(value, list):
            out[key] = [_step_as_given(step) if isinstance(step, dict) else step for step in value]
        else:
            out[key] = referenced(value)
    return out


def _step_as_given(step: dict[str, object]) -> dict[str, object]:
    return {key: literal(value) if key == "model" else referenced(value) for key, value in step.items()}


def folder(value: AlertGroup, environment: Environment) -> str:
    """The title of a group's folder. Environments that share a Grafana have their own: titles are unique in one."""
    return value.folder + (f" ({environment.name})" if environment.uid_prefix else "")


def labels(value: AlertRule, environment: Environment) -> dict[str, str]:
    """A rule's static labels: NoData and Error instances have no others to be routed by."""
    out = {} if value.imported else {"env": environment.env}
    if value.severity is not None:
        out["severity"] = value.severity
    if value.channels:
        out[CHANNELS] = ",".join(sorted(value.channels))
    return out | dict(value.labels)


def rule(
    value: AlertRule, environment: Environment, datasources: Datasources, settings: dict[str, object] | None
) -> dict[str, object]:
    out: dict[str, object] = {
        "uid": Interpolated(environment.uid_prefix + value.uid),
        "title": Interpolated(value.title),
        "condition": Interpolated(value.ref_id(value.condition_ref)),
        "data": [_step(step, value, environment, datasources) for step in value.steps],
    }
    if value.panel is not None:
        out["dashboardUid"] = Interpolated(environment.uid_prefix + value.panel.dashboard.uid)
        out["panelId"] = panel_id(value.panel.key)
    out["noDataState"] = Interpolated(value.no_data)
    out["execErrState"] = Interpolated(value.on_error)
    out["for"] = Interpolated(value.for_duration)
    if value.keep_firing_for:
        out["keepFiringFor"] = Interpolated(value.keep_firing_for)
    out["annotations"] = {name: VerbatimText(text) for name, text in annotation_texts(value, environment)}
    out["labels"] = {name: Interpolated(text) for name, text in labels(value, environment).items()}
    out["isPaused"] = value.paused
    if settings:
        out["notification_settings"] = settings
    return merged(out, _as_given(thaw(value.raw))) if value.raw else out


def annotation_texts(value: AlertRule, environment: Environment) -> Iterator[tuple[str, str]]:
    for name in TEXTS:
        text: str = getattr(value, name)
        if text:
            yield name, text
    if value.panel is not None:
        yield "dashboard_url", dashboard_url(value, environment)
    yield from value.annotations.items()
    if value.panel is not None:
        yield "__dashboardUid__", environment.uid_prefix + value.panel.dashboard.uid
        yield "__panelId__", str(panel_id(value.panel.key))


def dashboard_url(value: AlertRule, environment: Environment) -> str:
    """A Go template of the address of the rule's dashboard with its variables filled in. `externalURL` may end in a
    slash; a label that an instance lacks (NoData) leaves its variable out."""
    if value.panel is None:
        return ""
    dashboard = value.panel.dashboard
    parts = [f"var-{name}={quote(environment.env, safe='')}" for name in environment_variables(dashboard)]
    address = f'{{{{ reReplaceAll "/$" "" externalURL }}}}/d/{environment.uid_prefix}{dashboard.uid}?orgId='
    address += "&".join([str(environment.org_id), *parts])
    for name in value.link_variables:
        address += f"{{{{ with $labels.{name} }}}}&var-{name}={{{{ urlquery . }}}}{{{{ end }}}}"
    return address


def _step(step: Step, value: AlertRule, environment: Environment, datasources: Datasources) -> dict[str, object]:
    letter, what = step
    ref_id = value.ref_id(letter)
    if isinstance(what, RawQuery):
        model = {**raw_target(what, ref_id)}
        uid = what.datasource.uid if what.datasource is not None else ""
        return _asked(ref_id, uid, model, value)
    if isinstance(what, Query):
        target = datasources.alert_target(what, value.datasource, ref_id, environment)
        model = json.loads(json.dumps(target.to_json(), default=lambda part: part.to_json()))
        model |= {"intervalMs": _INTERVAL_MS, "maxDataPoints": _MAX_DATA_POINTS}
        model = merged({"refId": ref_id, **model}, what.raw)
        return _asked(ref_id, datasources.ref(what.datasource or value.datasource)["uid"], model, value)
    model = {"refId": ref_id, "datasource": {"type": EXPR, "uid": EXPR}, **_renamed(_expression(what), value)}
    return {"refId": Interpolated(ref_id), "datasourceUid": Interpolated(EXPR), "model": literal(model)}


def _asked(ref_id: str, uid: str, model: dict[str, object], value: AlertRule) -> dict[str, object]:
    """A query of a datasource."""
    delay = Duration.parse(value.delay).seconds
    return {
        "refId": Interpolated(ref_id),
        "relativeTimeRange": {"from": int(Duration.parse(value.window).seconds + delay), "to": int(delay)},
        "datasourceUid": Interpolated(uid),
        "model": literal(model),
    }


def _renamed(model: dict[str, object], value: AlertRule) -> dict[str, object]:
    """An expression with Grafana's names of what it reads, where they are not the letters."""
    if not value.ref_ids:
        return model
    out = dict(model)
    read = model.get("expression")
    if isinstance(read, str):
        out["expression"] = substitute(read, value.ref_ids) if model.get("type") == "math" else value.ref_id(read)
    if model.get("type") == "classic_conditions" and isinstance(model.get("conditions"), list):
        out["conditions"] = [_renamed_condition(one, value) for one in cast("list[Any]", model["conditions"])]
    return out


def _renamed_condition(condition: Any, value: AlertRule) -> Any:
    query = condition.get("query") if isinstance(condition, dict) else None
    if not isinstance(query, dict) or not isinstance(query.get("params"), list):
        return condition
    return {**condition, "query": {**query, "params": [value.ref_id(str(name)) for name in query["params"]]}}


def _expression(what: AnyExpression) -> dict[str, object]:
    if isinstance(what, Reduce):
        settings: dict[str, object] = {"mode": _MODES[what.nulls]} if what.nulls in _MODES else {}
        if what.replace_with is not None:
            settings["replaceWithValue"] = what.replace_with
        out: dict[str, object] = {"type": "reduce", "expression": what.input, "reducer": what.reducer}
        return out | ({"settings": settings} if settings else {})
    if isinstance(what, Threshold):
        limits = list(what.threshold) if isinstance(what.threshold, tuple) else [what.threshold]
        evaluator = {"type": _EVALUATORS[what.fires], "params": limits}
        return {"type": "threshold", "expression": what.input, "conditions": [{"evaluator": evaluator}]}
    if isinstance(what, Math):
        return {"type": "math", "expression": what.expression}
    if isinstance(what, Resample):
        return {
            "type": "resample",
            "expression": what.input,
            "window": what.window,
            "downsampler": what.downsampler,
            "upsampler": what.upsampler,
        }
    if isinstance(what, Expression):
        model: dict[str, object] = thaw(what.model)
        return model
    raise TypeError(f"no rendering for {type(what).__name__}")
