"""Alert rules as Grafana's provisioning files take them (pkg/services/provisioning/alerting/rules_types.go).

Nothing newer than Grafana 9.4 is used where the older form says the same. `keepFiringFor` (12) and
`notification_settings` (11) are written only for rules that need them; older versions ignore keys that they don't
know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from dashgen.model.alerting.alert import TEXTS, AlertGroup, AlertRule, Step
from dashgen.model.alerting.expression import AnyExpression, Expression, Math, Reduce, Resample, Threshold
from dashgen.model.alerting.notification import CHANNELS
from dashgen.model.core.durations import Duration
from dashgen.model.core.ids import panel_id
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.query import Query
from dashgen.model.dashboards.variable import EnvironmentVariable
from dashgen.model.environment import Environment
from dashgen.render.serialise import Interpolated, VerbatimText, literal
from dashgen.render.targets import Datasources

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
        "rules": rules,
    }
    return {"apiVersion": 1, "groups": [entry]}


def folder(value: AlertGroup, environment: Environment) -> str:
    """The title of a group's folder. Environments that share a Grafana have their own: titles are unique in one."""
    return value.folder + (f" ({environment.name})" if environment.uid_prefix else "")


def labels(value: AlertRule, environment: Environment) -> dict[str, str]:
    """A rule's static labels: NoData and Error instances have no others to be routed by."""
    out = {"env": environment.env, "severity": value.severity}
    if value.channels:
        out[CHANNELS] = ",".join(sorted(value.channels))
    return out | dict(value.labels)


def rule(
    value: AlertRule, environment: Environment, datasources: Datasources, settings: dict[str, object] | None
) -> dict[str, object]:
    out: dict[str, object] = {
        "uid": Interpolated(environment.uid_prefix + value.uid),
        "title": Interpolated(value.title),
        "condition": Interpolated(value.condition_ref),
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
    return out


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
    parts = [
        f"var-{variable.name}={quote(environment.env, safe='')}"
        for variable in dashboard.variables
        if isinstance(variable, EnvironmentVariable)
    ]
    address = f'{{{{ reReplaceAll "/$" "" externalURL }}}}/d/{environment.uid_prefix}{dashboard.uid}?orgId='
    address += "&".join([str(environment.org_id), *parts])
    for name in value.link_variables:
        address += f"{{{{ with $labels.{name} }}}}&var-{name}={{{{ urlquery . }}}}{{{{ end }}}}"
    return address


def _step(step: Step, value: AlertRule, environment: Environment, datasources: Datasources) -> dict[str, object]:
    letter, what = step
    if isinstance(what, Query):
        target = datasources.alert_target(what, value.datasource, letter, environment)
        model: dict[str, object] = json.loads(json.dumps(target.to_json(), default=lambda part: part.to_json()))
        ref = datasources.ref(what.datasource or value.datasource)
        return {
            "refId": Interpolated(letter),
            "relativeTimeRange": {
                "from": int(Duration.parse(value.window).seconds + Duration.parse(value.delay).seconds),
                "to": int(Duration.parse(value.delay).seconds),
            },
            "datasourceUid": Interpolated(ref["uid"]),
            "model": literal({"refId": letter, **model, "intervalMs": _INTERVAL_MS, "maxDataPoints": _MAX_DATA_POINTS}),
        }
    model = {"refId": letter, "datasource": {"type": EXPR, "uid": EXPR}, **_expression(what)}
    return {"refId": Interpolated(letter), "datasourceUid": Interpolated(EXPR), "model": literal(model)}


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
