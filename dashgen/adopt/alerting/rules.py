"""Alert rules as objects of the model that render to the same, up to `canonical`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from dashgen.adopt.alerting import canonical
from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.rule_queries import asked, pipeline
from dashgen.adopt.alerting.texts import in_file
from dashgen.adopt.differences import first_difference, patch
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.source_kind import LinkedPanel
from dashgen.adopt.values import made
from dashgen.grafana.durations import duration
from dashgen.grafana.provisioning_variables import expand, map_texts, references
from dashgen.model.alerting import alert as model
from dashgen.model.core.durations import Duration
from dashgen.model.core.fields import fields
from dashgen.model.core.ids import panel_id
from dashgen.model.core.node import Wrong
from dashgen.model.core.validators import uid as valid_uid
from dashgen.model.dashboards.deferred import variable_names
from dashgen.model.environment import Environment
from dashgen.render import alerts as render
from dashgen.render.serialise import EnvRef, Interpolated
from dashgen.render.targets import Datasources

Json = dict[str, Any]


_LINKED = re.compile(r"\{\{ with \$labels\.(\w+) \}\}&var-\1=", re.ASCII)
"""A variable that dashgen's address of a dashboard sets from a label."""


@dataclass(frozen=True, slots=True)
class AdoptedRule:
    """A rule, and what there is to say of it."""

    rule: model.AlertRule | model.RawRule
    unchecked: tuple[str, ...] = ()
    """Why its queries are not checked."""
    difference: str = ""


@dataclass(frozen=True, slots=True)
class RuleScope:
    """What reading rules knows beside their JSON."""

    scope: ImportScope
    env: str
    """What the environment calls itself in the label `env`."""
    channels: frozenset[str]
    """The contact points that rules can have among their `channels`: policies route by that label."""
    panels: Mapping[tuple[str, int], LinkedPanel]
    """Panels by their dashboards' uids and the ids that documents know them by."""

    def rendering(self) -> tuple[Environment, Datasources]:
        context = self.scope.rendered()
        environment = Environment("import", env=self.env, grafana="12.4", owns_policy_tree=True)
        return environment, context.datasources


def adopt(given: Json, scope: RuleScope) -> AdoptedRule:
    """The rule of a canonical form."""
    reader = _Reader(scope)
    found = reader.typed(given)
    if found is not None:
        return AdoptedRule(found, reader.unchecked(given))
    raw = reader.raw(given)
    return AdoptedRule(raw, reader.unchecked(given), reader.difference(raw, given))


class _Reader:
    def __init__(self, scope: RuleScope) -> None:
        self.scope = scope
        self.environment, self.datasources = scope.rendering()
        self.named = scope.scope.read_back()

    def unchecked(self, given: Json) -> tuple[str, ...]:
        steps = [step for step in given["steps"].values() if "query" in step]
        return tuple(reason for step in steps if (reason := asked(step, self.scope.scope).reason))

    def typed(self, given: Json) -> model.AlertRule | None:
        """None where no AlertRule says it: recording rules, and queries that have no pipeline of dashgen."""
        if "record" in given or "condition" not in given:
            return None
        found = pipeline(given, self.scope.scope)
        if found is None or not _is_uid(given.get("uid")):
            return None
        shared = found | self._shared(given)
        base = made(model.AlertRule, uid=given["uid"], title=expand(given["title"]), **shared)
        if base is None:
            return None
        if base.panel is not None:
            if given["annotations"].get("dashboard_url") == self._address(base):
                shared["annotations"] = {key: text for key, text in base.annotations.items() if key != "dashboard_url"}
            else:
                shared["link_variables"] = ()
            base = made(model.AlertRule, uid=given["uid"], title=expand(given["title"]), **shared) or base
        left = self._lacks(base, given)
        if not left:
            return base
        if "steps" in left:
            return None
        shared["raw"] = self._as_raw(left)
        one = made(model.AlertRule, uid=given["uid"], title=expand(given["title"]), **shared)
        return one if one is not None and not self._lacks(one, given) else None

    def _shared(self, given: Json) -> Json:
        labels = {name: text for name, text in given["labels"].items() if not references(text)}
        plain = {name: expand(text) for name, text in labels.items()}
        severity = plain.get("severity")
        names = tuple(name for name in plain.get("channels", "").split(",") if name)
        own = {name: text for name, text in plain.items() if _fits("labels", {name: text})}
        texts = {name: given["annotations"][name] for name in model.TEXTS if given["annotations"].get(name)}
        others = {
            name: text
            for name, text in given["annotations"].items()
            if name not in model.TEXTS and _fits("annotations", {name: text})
        }
        out: Json = {
            "severity": severity if severity in get_args(model.Severity) else None,
            "imported": plain.get("env") != self.scope.env or severity not in get_args(model.Severity),
            "labels": own,
            "annotations": others,
            "for_duration": _short(given.get("for", 0)),
            "no_data": given.get("noDataState", "NoData"),
            "on_error": given.get("execErrState", "Alerting"),
            "paused": bool(given.get("isPaused")),
            **texts,
        }
        if given.get("keepFiringFor"):
            out["keep_firing_for"] = _short(given["keepFiringFor"])
        if names and set(names) <= self.scope.channels and ",".join(sorted(names)) == plain.get("channels"):
            out["channels"] = names
        panel = self.scope.panels.get((given.get("dashboardUid", ""), given.get("panelId", 0)))
        if panel is not None:
            out["panel"] = panel.ref
            linked = dict.fromkeys(_LINKED.findall(given["annotations"].get("dashboard_url", "")))
            known = variable_names(panel.ref.dashboard)
            out["link_variables"] = tuple(name for name in linked if name in known)
        return out

    def _lacks(self, rule: model.AlertRule, given: Json) -> Json:
        return patch(self._form(rule), self._wanted(rule, given))

    def _wanted(self, rule: model.AlertRule | model.RawRule, given: Json) -> Json:
        """The rule as its own dashboard calls the panel, and with the address of it that dashgen adds."""
        if not isinstance(rule, model.AlertRule) or rule.panel is None:
            return given
        notes = dict(given["annotations"])
        if notes.get("dashboard_url") == self._address(rule):
            del notes["dashboard_url"]
        return given | {"panelId": panel_id(rule.panel.key), "annotations": notes}

    def _address(self, rule: model.AlertRule | model.RawRule) -> str:
        return render.dashboard_url(rule, self.environment) if isinstance(rule, model.AlertRule) else ""

    def _form(self, rule: model.AlertRule | model.RawRule) -> Json:
        if isinstance(rule, model.RawRule):
            rendered = render.raw_rule(rule, self.environment)
        else:
            rendered = render.rule(rule, self.environment, self.datasources, None)
        form = canonical.rule(_read_back(rendered), str, self.named, "rule")
        linked = isinstance(rule, model.AlertRule) and rule.panel is not None
        if linked and form["annotations"].get("dashboard_url") == self._address(rule):
            del form["annotations"]["dashboard_url"]
        return form

    def _as_raw(self, left: Json) -> Json:
        """A difference in the words of a file, as an author writes it."""
        out = self._said(left)
        if left.get("dashboardUid"):
            notes = {"__dashboardUid__": left["dashboardUid"], "__panelId__": str(left.get("panelId", 0))}
            out["annotations"] = dict(out.get("annotations") or {}) | notes
        return out

    def _said(self, given: Json) -> Json:
        out: Json = {}
        for key, item in given.items():
            if key in ("for", "keepFiringFor") and item is not None:
                out[key] = duration(item)
            elif key == "notification_settings" and isinstance(item, dict):
                times = ("group_wait", "group_interval", "repeat_interval")
                settings = {name: duration(one) if name in times else one for name, one in item.items()}
                out[key] = map_texts(settings, expand)
            else:
                out[key] = item if key == "annotations" else map_texts(item, expand)
        return out

    def raw(self, given: Json) -> model.RawRule:
        """The rule as a provisioning file has it."""
        json = {key: item for key, item in given.items() if key not in ("uid", "steps") and item != {}}
        json = self._as_raw(json)
        json["data"] = [self._step(name, step) for name, step in given["steps"].items()]
        one = made(model.RawRule, given["uid"], json)
        if one is None:
            raise AlertingError(f"the rule {given['uid']!r} has a uid or title that Grafana does not take")
        return one

    def _step(self, name: str, step: Json) -> Json:
        if "query" not in step:
            model_of = {"refId": name, "datasource": {"type": render.EXPR, "uid": render.EXPR}, **step}
            return {"refId": name, "datasourceUid": render.EXPR, "model": model_of}
        target = self.scope.scope.restored(step["query"])
        uid = (target.get("datasource") or {}).get("uid", "")
        times = {"from": step["from"], "to": step["to"]}
        return {
            "refId": name, "relativeTimeRange": times, "datasourceUid": map_texts(uid, expand),
            "model": {"refId": name, **target, **_format(step["query"])},
        }  # fmt: skip

    def difference(self, rule: model.RawRule, given: Json) -> str:
        return first_difference(self._form(rule), given)


def _format(query: Json) -> Json:
    """`format` of a SQL target by the number or the word that its plugin takes."""
    if not isinstance(query.get("datasource"), dict) or "environment" not in query["datasource"]:
        return {}
    return {"format": query.get("format")} if "rawSql" in query else {}


def _read_back(value: Any) -> Any:
    """What was rendered, its texts as a file has them."""
    return map_texts(value, lambda text: in_file(text) if isinstance(text, (EnvRef, Interpolated)) else text)


def _short(length: float) -> str:
    """Seconds in one unit, as an author writes them."""
    whole = int(length)
    return str(Duration(whole)) if whole else "0s"


def _is_uid(value: object) -> bool:
    try:
        valid_uid(value)
    except Wrong:
        return False
    return True


def _fits(field: str, value: Json) -> bool:
    """Whether a field of a rule takes the value."""
    check = fields(model.AlertRule)[field].check
    try:
        if check is not None:
            check(value)
    except Wrong:
        return False
    return True
