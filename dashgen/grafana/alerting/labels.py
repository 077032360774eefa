"""The labels and annotations of an instance: reserved before the rule's before the query's, templates filled in.

Facts: grafana/grafana pkg/services/ngalert/state/{cache,template}.go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dashgen.grafana.alerting.evaluation import Capture, Failure, Result
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.fault_states import FAULTS, sent_labels
from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.functions import LabelMap, go_float
from dashgen.grafana.gotemplate.language import Record, expand
from dashgen.grafana.versions import Semantics


def reserved(rule: RuleSpec) -> dict[str, str]:
    return {
        "__alert_rule_namespace_uid__": rule.folder,
        "__alert_rule_uid__": rule.uid,
        "alertname": rule.title,
        "grafana_folder": rule.folder,
    }


def instance_labels(rule: RuleSpec, result: Result, semantics: Semantics) -> dict[str, str]:
    own = reserved(rule)
    return {**dict(result.labels), **_filled(rule.labels, rule, result, semantics), **own}


def instance_annotations(rule: RuleSpec, result: Result, semantics: Semantics) -> dict[str, str]:
    return _filled(rule.annotations, rule, result, semantics)


def error_annotations(rule: RuleSpec, failure: Failure | None, semantics: Semantics) -> dict[str, str]:
    """What an error adds to an instance's annotations; which query failed only where its labels don't say so."""
    if failure is None:
        return {}
    if not semantics.wrapped_errors:
        return {"Error": failure.text} if failure.ref_id and rule.on_error == "Error" else {}
    found = {"Error": failure.text}
    query = next((q for q in rule.queries if q.ref_id == failure.ref_id), None)
    if query is not None and rule.on_error != "Error":
        found |= {"ref_id": query.ref_id, "datasource_uid": query.datasource_uid}
    return found


def _filled(texts: Mapping[str, str], rule: RuleSpec, result: Result, semantics: Semantics) -> dict[str, str]:
    """`$labels` are the reserved and the query's, not the rule's."""
    if not any("{{" in text for text in texts.values()):
        return dict(texts)
    labels = LabelMap({**dict(result.labels), **reserved(rule)})
    values = {name: _value(capture) for name, capture in result.captures.items()}
    value = value_of(rule, result, semantics)
    data = Record({"Labels": labels, "Values": values, "Value": value})
    known = {"$labels": labels, "$values": values, "$value": value}
    filled = {}
    for key, text in texts.items():
        try:
            filled[key] = expand(text, data, known)
        except TemplateError:
            filled[key] = text
    return filled


def value_of(rule: RuleSpec, result: Result, semantics: Semantics) -> str | float:
    """`$value` in templates: the number of the one query that has one, or else a text of all values."""
    kinds = {query.ref_id: str(query.model.get("type")) if query.is_expression else "query" for query in rule.queries}
    if semantics.value_of_one_query:
        queried = [capture for name, capture in result.captures.items() if kinds.get(name) == "query"]
        if len(queried) == 1:
            return math.nan if queried[0].value is None else queried[0].value
    parts = []
    for name in sorted(result.captures):
        capture = result.captures[name]
        metric = f"metric='{capture.metric}' " if capture.metric else ""
        labels = ", ".join(f"{key}={value}" for key, value in capture.labels)
        # A classic condition's values are numbered.
        kind = f"type='{kinds.get(name) or kinds.get(rule.condition)}' " if semantics.value_has_types else ""
        value = "null" if capture.value is None else go_float(capture.value)
        parts.append(f"[ var='{name}' {metric}labels={{{labels}}} {kind}value={value} ]")
    return ", ".join(parts)


def _value(capture: Capture) -> Record:
    """A null value is NaN to templates; printed it has no exponent."""
    number = math.nan if capture.value is None else capture.value
    return Record({"Labels": LabelMap(capture.labels), "Value": number}, _plain(number))


def _plain(number: float) -> str:
    return go_float(number, exponent_from=400)


def notification_labels(labels: Mapping[str, str], state: str) -> dict[str, str]:
    """What reaches the Alertmanager: NoData and Error go by names of their own, the rule's in `rulename`; internal
    labels stay inside."""
    shown = {key: value for key, value in labels.items() if not (key.startswith("__") and key.endswith("__"))}
    for fault in FAULTS:
        if state == fault:
            shown |= sent_labels(fault, fault, shown.get("alertname", "")) or {}
    return shown
