"""What Grafana sends where a rule's query fails or finds no rows: the rule's state for that decides.

Recorded on Grafana 9.4, 12.3 and 12.4 (tests/grafana/alerting/traces); for the versions between read in grafana/grafana
pkg/services/ngalert/state/{manager,state}.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from dashgen.grafana.provisioning_variables import expand
from dashgen.grafana.versions import DIFFERENCES

Fault = Literal["Error", "NoData"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
KEYS: Mapping[Fault, str] = {"Error": "execErrState", "NoData": "noDataState"}
"""Of a rule in a provisioning file."""
FIELDS: Mapping[Fault, str] = {"Error": "on_error", "NoData": "no_data"}
"""Of an AlertRule."""
APPLIED_TO_ALL = DIFFERENCES["policies_for_all"].since
"""Since when Alerting, OK and KeepLast change every instance that there is (grafana#68142)."""


def policy(rule: Mapping[str, Any], fault: Fault) -> str:
    """Of a rule of a provisioning file; Grafana's default where it does not say."""
    return str(rule.get(KEYS[fault]) or ("Alerting" if fault == "Error" else "NoData"))


def sent_labels(fault: Fault, policy: str, title: str) -> dict[str, str] | None:
    """What the alert has beside the rule's own labels; None where none is sent. It never has labels of the query."""
    if policy == fault:
        return {"alertname": f"Datasource{fault}", "rulename": title}
    return {"alertname": title} if policy == "Alerting" else None


def arises(rule: Mapping[str, Any], alertname: str) -> bool:
    """Whether a rule of a provisioning file has alerts of that name."""
    for fault in FAULTS:
        if alertname == f"Datasource{fault}":
            return policy(rule, fault) == fault
    return alertname == expand(str(rule.get("title", "")))


def happens(policy: str, version: tuple[int, int]) -> str:
    """What becomes of the rule's instances; empty for alerts of their own name."""
    for_all = version >= APPLIED_TO_ALL
    if policy == "OK" and for_all:
        return "every instance becomes Normal: firing alerts are resolved"
    if policy == "OK":
        return "firing alerts are resolved two evaluations later, as their series are missing"
    if policy == "KeepLast":
        return "firing alerts stay firing, pending ones fire in time, the others stay Normal"
    if policy == "Alerting" and for_all:
        return "every existing instance fires, with its labels; without any, this one"
    return ""
