"""The labels and annotations of an instance: reserved before the rule's before the query's, templates filled in.

Facts: grafana/grafana pkg/services/ngalert/state/{cache,template}.go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dashgen.fault_states import FAULTS, sent_labels
from dashgen.gotemplate.functions import LabelMap, go_float
from dashgen.gotemplate.language import Record, expand
from dashgen.gotemplate.syntax import TemplateError
from dashgen.simulate.evaluation import Capture, Result
from dashgen.simulate.rule import RuleSpec


def reserved(rule: RuleSpec) -> dict[str, str]:
    return {
        "__alert_rule_namespace_uid__": rule.folder,
        "__alert_rule_uid__": rule.uid,
        "alertname": rule.title,
        "grafana_folder": rule.folder,
    }


def instance_labels(rule: RuleSpec, result: Result) -> dict[str, str]:
    own = reserved(rule)
    return {**dict(result.labels), **_filled(rule.labels, own, result), **own}


def instance_annotations(rule: RuleSpec, result: Result) -> dict[str, str]:
    return _filled(rule.annotations, reserved(rule), result)


def _filled(texts: Mapping[str, str], own: Mapping[str, str], result: Result) -> dict[str, str]:
    """`$labels` are the reserved and the query's, not the rule's."""
    if not any("{{" in text for text in texts.values()):
        return dict(texts)
    labels = LabelMap({**dict(result.labels), **own})
    values = {name: _value(capture) for name, capture in result.captures.items()}
    data = Record({"Labels": labels, "Values": values, "Value": result.text})
    known = {"$labels": labels, "$values": values, "$value": result.text}
    filled = {}
    for key, text in texts.items():
        try:
            filled[key] = expand(text, data, known)
        except TemplateError:
            filled[key] = text
    return filled


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
