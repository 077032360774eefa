"""What is said to be sent for an error or no data, held against the simulated state machine."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen.grafana.alerting.labels import notification_labels
from dashgen.grafana.alerting.state import FIRING
from dashgen.grafana.fault_states import FAULTS, FIELDS, KEYS, Fault, arises, happens, policy, sent_labels
from dashgen.grafana.versions import Version
from dashgen.model.alerting.alert import AlertRule
from tests.grafana.alerting.scripted import Row, run

VERSIONS: tuple[Version, ...] = ((9, 4), (10, 4), (12, 3), (13, 0))
_OF_ERRORS = ("ref_id", "datasource_uid")
CASES = [
    (version, fault, name)
    for version in VERSIONS
    for fault in FAULTS
    for name in ("Alerting", "OK", "KeepLast", fault)
    if version > (9, 4) or name != "KeepLast"
]


def _sent(rows: tuple[Row, ...], version: Version, fault: Fault, name: str) -> list[dict[str, str]]:
    """Of the last evaluation, what reaches the Alertmanager beside the folder."""
    given: dict[str, Any] = {KEYS[fault]: name}
    rule = run(rows, version, **given)
    for number in range(len(rows)):
        tick = rule.tick(number * 10)
    found = [notification_labels(one.labels, one.state) for one in tick.instances if one.state in FIRING]
    return [{k: v for k, v in one.items() if k not in (*_OF_ERRORS, "grafana_folder")} for one in found]


@pytest.mark.parametrize(("version", "fault", "name"), CASES)
def test_where_there_is_no_instance(version: Version, fault: Fault, name: str) -> None:
    row: Row = "boom" if fault == "Error" else None
    expected = sent_labels(fault, name, "Rule")
    assert _sent((row, row), version, fault, name) == ([] if expected is None else [expected])


@pytest.mark.parametrize(("version", "fault", "name"), CASES)
def test_where_one_fires(version: Version, fault: Fault, name: str) -> None:
    row: Row = "boom" if fault == "Error" else None
    # long enough for a series to go that is missing
    sent = _sent(({"a": 20.0, "b": 5.0}, row, row, row, row), version, fault, name)
    said = happens(name, version)
    if name == "Alerting" and said:
        assert sent == [{"alertname": "Rule", "host": host} for host in "ab"]
    elif name == "KeepLast":
        assert said.startswith("firing alerts stay firing")
        assert sent == [{"alertname": "Rule", "host": "a"}]
    else:
        expected = sent_labels(fault, name, "Rule")
        assert sent == ([] if expected is None else [expected])
        assert bool(said) == (name == "OK")


def test_the_fields_are_those_of_a_rule() -> None:
    assert all(hasattr(AlertRule, field) for field in FIELDS.values())


def test_a_rule_that_does_not_say_has_grafanas_defaults() -> None:
    assert (policy({}, "Error"), policy({}, "NoData")) == ("Alerting", "NoData")
    rule = {"title": "Rule", "execErrState": "OK", "noDataState": "NoData"}
    assert [arises(rule, name) for name in ("Rule", "DatasourceError", "DatasourceNoData", "Other")] == [
        True, False, True, False,
    ]  # fmt: skip
