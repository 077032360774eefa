"""One sentence each about what Grafana does; `recorded` ones hold for 9.4, the others say since when."""

from typing import Any

import pytest

from dashgen.simulate.semantics import Version, changes, semantics
from tests.simulate.scripted import Row, a_rule, run, states

NODATA = "datasource_uid=q,ref_id=A"
ERROR = "datasource_uid=q,ref_id=A Error"


def threshold(kind: str, *params: float, **more: Any) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = a_rule()["data"]
    data[1]["model"]["conditions"][0] = {"evaluator": {"type": kind, "params": list(params)}, **more}
    return data


def test_for_60s_is_pending_six_times() -> None:
    assert states([20.0] * 8, for_="60s") == ["Pending"] * 6 + ["Alerting"] * 2


def test_for_that_is_no_multiple_is_rounded_up() -> None:
    assert states([20.0] * 4, for_="15s") == ["Pending", "Pending", "Alerting", "Alerting"]


def test_firing_starts_anew_with_the_tick_that_fires() -> None:
    rule = run([5.0, 20.0, 20.0, 5.0], for_="10s")
    assert [rule.tick(at).instances[0].since for at in (0, 10, 20, 30)] == [None, 10, 20, 30]


def test_pending_goes_on_over_one_missed_evaluation() -> None:
    ticks = [{"a": 5.0, "b": 5.0}, {"a": 20.0, "b": 5.0}, {"b": 5.0}, {"a": 20.0, "b": 5.0}]
    assert [text.split(", ")[0] for text in states(ticks, for_="20s")] == [
        "host=a Normal", "host=a Pending", "host=a Pending*", "host=a Alerting",
    ]  # fmt: skip


def test_a_series_is_gone_at_the_second_evaluation_without_it() -> None:
    ticks = [{"a": 20.0, "b": 5.0}, {"b": 5.0}, {"b": 5.0}, {"a": 20.0, "b": 5.0}]
    assert states(ticks, interval="20s") == [
        "host=a Alerting, host=b Normal", "host=a Alerting*, host=b Normal", "host=b Normal",
        "host=a Alerting, host=b Normal",
    ]  # fmt: skip


def test_removed_instances_are_told() -> None:
    rule = run([{"a": 20.0}, {"b": 5.0}, {"b": 5.0}])
    removed = [[(one.labels["host"], one.state) for one in rule.tick(at).removed] for at in (0, 10, 20)]
    assert removed == [[], [], [("a", "Alerting")]]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((9, 4), [f"{NODATA} Alerting (NoData)"] * 2),
        ((10, 0), [f"{NODATA} Pending (NoData)", f"{NODATA} Alerting (NoData)"]),
    ],
)
def test_no_data_as_alerting_honours_for_since_10(version: Version, expected: list[str]) -> None:
    assert states([None, None], version, noDataState="Alerting", for_="10s") == expected


def test_no_data_as_alerting_on_the_same_instance_skips_for() -> None:
    """A null value of a series, recorded: it goes on Alerting, even if it was only Pending."""
    rule = a_rule(noDataState="Alerting", for_="30s")
    rule["data"][0]["model"]["format"] = "time_series"
    machine = run([20.0], rule=rule)._machine
    from dashgen.simulate.evaluation import Result

    found = []
    for at, outcome in enumerate(("Alerting", "NoData", "Alerting", "Normal")):
        machine.process(at * 10, [Result((), outcome)])  # type: ignore[arg-type]  # the literals of a loop
        (instance,) = machine.instances.values()
        found.append(f"{instance.state} {instance.reason}".strip())
    assert found == ["Pending", "Alerting NoData", "Alerting", "Normal"]


def test_a_no_data_policy_touches_every_instance_since_10_3() -> None:
    ticks = [{"a": 20.0, "b": 5.0}, None, {"a": 20.0, "b": 5.0}]
    assert states(ticks, (10, 3), noDataState="OK") == [
        "host=a Alerting, host=b Normal", "host=a Normal (NoData), host=b Normal (NoData)",
        "host=a Alerting, host=b Normal",
    ]  # fmt: skip
    assert states(ticks, (9, 4), noDataState="OK")[1] == (f"{NODATA} Normal (NoData), host=a Alerting*, host=b Normal*")


def test_keep_last_keeps_the_state_and_pending_goes_on() -> None:
    ticks: list[Row] = [{"a": 20.0, "b": 5.0}, "boom", "boom", "boom"]
    assert states(ticks, (12, 3), execErrState="KeepLast", for_="20s") == [
        "host=a Pending, host=b Normal",
        "host=a Pending (Error, KeepLast), host=b Normal (Error, KeepLast)",
        "host=a Alerting (Error, KeepLast), host=b Normal (Error, KeepLast)",
        "host=a Alerting (Error, KeepLast), host=b Normal (Error, KeepLast)",
    ]
    assert states([None], (12, 3), noDataState="KeepLast") == [f"{NODATA} Normal (NoData, KeepLast)"]


def test_an_error_as_alerting_honours_for_and_its_text_stays() -> None:
    rule = run([20.0, "boom", "boom", 20.0, 5.0], execErrState="Alerting", for_="20s")
    ticks = [rule.tick(at * 10) for at in range(5)]
    assert [tick.instances[0].described for tick in ticks] == [
        "Pending", "Pending (Error)", "Alerting (Error)", "Alerting", "Normal",
    ]  # fmt: skip
    assert [sorted(tick.possible_health) for tick in ticks] == [["ok"], ["error"], ["error"], ["error"], ["ok"]]
    assert "boom" in ticks[3].instances[0].error


def test_an_error_leaves_what_goes_on_alerting_since_12() -> None:
    ticks: list[Row] = [20.0, "boom", 20.0]
    for version, remains in (((11, 6), True), ((12, 0), False)):
        rule = run(ticks, version, execErrState="Alerting")
        assert ["boom" in rule.tick(at * 10).instances[0].error for at in range(3)] == [False, True, remains]


def test_keep_last_lets_what_recovers_become_normal_in_its_time() -> None:
    ticks: list[Row] = [20.0, 5.0, "boom", "boom", "boom"]
    assert states(ticks, (12, 2), keepFiringFor="20s", execErrState="KeepLast") == [
        "Alerting", "Recovering", "Recovering (Error, KeepLast)", "Normal (Error, KeepLast)",
        "Normal (Error, KeepLast)",
    ]  # fmt: skip


def test_error_labels_stick_in_9_4_and_leave_since_10_3() -> None:
    ticks: list[Row] = [20.0, "boom", 20.0]
    assert states(ticks) == ["Alerting", ERROR, f"{NODATA} Alerting"]
    assert states(ticks, (10, 3)) == ["Alerting", ERROR, "Alerting"]


def test_errors_say_what_failed_in_the_words_of_their_version() -> None:
    (old,) = run(["boom"]).tick(0).instances
    (new,) = run(["boom"], (12, 3)).tick(0).instances
    assert old.error == "failed to execute query A: db query error: pq: boom"
    assert new.error == (
        "[sse.dataQueryError] failed to execute query [A]: db query error: ERROR: boom (SQLSTATE 00000)"
    )


def test_no_data_and_error_leave_at_once_since_12_1() -> None:
    ticks: list[Row] = [None, {"a": 5.0}]
    assert states(ticks, (12, 0))[1] == f"{NODATA} NoData*, host=a Normal"
    assert states(ticks, (12, 1))[1] == "host=a Normal"


def test_no_data_and_error_wait_for_since_13() -> None:
    ticks = [5.0, None, None, None]
    assert states(ticks, (13, 0), for_="10s")[1:] == [
        "Normal*, datasource_uid=q,ref_id=A Pending (NoData)",
        f"{NODATA} NoData",
        f"{NODATA} NoData",
    ]


def test_keep_firing_recovers_before_it_is_normal() -> None:
    ticks = [20.0, 5.0, 5.0, 5.0, 20.0, 5.0, 20.0]
    assert states(ticks, (12, 2), keepFiringFor="20s") == [
        "Alerting", "Recovering", "Recovering", "Normal", "Alerting", "Recovering", "Alerting",
    ]  # fmt: skip
    assert states(ticks[:2], (11, 6), keepFiringFor="20s") == ["Alerting", "Normal"]


def test_missing_series_evaluations_to_resolve() -> None:
    ticks = [{"a": 20.0, "b": 5.0}] + [{"b": 5.0}] * 3
    found = [text.count("host=a") for text in states(ticks, (12, 2), missing_series_evals_to_resolve=3)]
    assert found == [1, 1, 1, 0]
    found = [text.count("host=a") for text in states(ticks, (12, 2), missing_series_evals_to_resolve=1)]
    assert found == [1, 0, 0, 0]


def test_a_recovery_threshold_holds_what_has_fired() -> None:
    data = threshold("gt", 10, unloadEvaluator={"type": "lt", "params": [5]})
    ticks = [{"a": 12.0, "b": 7.0}, {"a": 7.0, "b": 7.0}, {"a": 5.0, "b": 7.0}, {"a": 4.0, "b": 7.0}]
    assert states(ticks, (12, 3), data=data) == [
        "host=a Alerting, host=b Normal", "host=a Alerting, host=b Normal", "host=a Alerting, host=b Normal",
        "host=a Normal, host=b Normal",
    ]  # fmt: skip
    assert states(ticks[:2], (9, 4), data=data)[1] == "host=a Normal, host=b Normal"


def test_a_recovery_threshold_forgets_what_an_error_kept() -> None:
    data = threshold("gt", 10, unloadEvaluator={"type": "lt", "params": [5]})
    ticks: list[Row] = [{"a": 12.0}, "boom", {"a": 7.0}]
    assert states(ticks, (12, 3), data=data, execErrState="KeepLast") == [
        "host=a Alerting", "host=a Alerting (Error, KeepLast)", "host=a Normal",
    ]  # fmt: skip
    assert states([{"a": 12.0}, {"a": 4.0}, {"a": 7.0}], (12, 3), data=data, keepFiringFor="60s") == [
        "host=a Alerting", "host=a Recovering", "host=a Recovering",
    ]  # fmt: skip


def test_a_threshold_names_its_input_without_a_dollar() -> None:
    data = threshold("gt", 10)
    data[1]["model"]["expression"] = "$A"
    (instance,) = run([20.0], data=data).tick(0).instances
    assert "unable to find dependent node '$A'" in instance.error


def test_nan_fires_in_9_4_and_not_since_11() -> None:
    assert states([None, {"": None}], (9, 4))[1].endswith("Alerting")
    for kind, params in (("gt", (10,)), ("lt", (10,)), ("within_range", (1, 2)), ("outside_range", (1, 2))):
        assert states([{"a": None}], (9, 4), data=threshold(kind, *params)) == ["host=a Alerting"]
        assert states([{"a": None}], (11, 0), data=threshold(kind, *params)) == ["host=a Normal"]


def test_parameters_were_rounded_to_six_decimals() -> None:
    data = threshold("gt", 0.0000004)
    assert states([0.0000002], (9, 4), data=data) == ["Alerting"]
    assert states([0.0000002], (11, 0), data=data) == ["Normal"]


@pytest.mark.parametrize(
    ("kind", "params", "firing"),
    [
        ("eq", (10,), {10}), ("ne", (10,), {9, 11, 20, 21}), ("gte", (20,), {20, 21}), ("lte", (9,), {9}),
        ("gt", (20,), {21}), ("lt", (10,), {9}), ("within_range", (10, 20), {11}), ("outside_range", (10, 20), {9, 21}),
        ("within_range_included", (10, 20), {10, 11, 20}), ("outside_range_included", (10, 20), {9, 10, 20, 21}),
    ],
)  # fmt: skip
def test_every_comparison_and_its_edges(kind: str, params: tuple[float, ...], firing: set[int]) -> None:
    ticks = [{str(value): float(value) for value in (9, 10, 11, 20, 21)}]
    (text,) = states(ticks, (12, 3), data=threshold(kind, *params))
    assert {int(one.split("=")[1].split()[0]) for one in text.split(", ") if "Alerting" in one} == firing


def test_labels_reserved_before_rule_before_query() -> None:
    labels = {"alertname": "mine", "host": "fixed", "severity": "critical"}
    (instance,) = run([{"a": 20.0}], labels=labels).tick(0).instances
    assert dict(instance.labels) == {
        "alertname": "Rule", "grafana_folder": "F", "host": "fixed", "severity": "critical",
        "__alert_rule_uid__": "r", "__alert_rule_namespace_uid__": "F",
    }  # fmt: skip


def test_a_label_that_follows_the_value_makes_a_new_instance() -> None:
    """With `$$` the template survives the reading of the file; the old text's instance goes missing."""
    label = {"severity": "{{ if gt $$values.A.Value 20.0 }}critical{{ else }}warning{{ end }}"}
    assert states([12.0, 30.0, 30.0], labels=label) == [
        "severity=warning Alerting", "severity=critical Alerting, severity=warning Alerting*",
        "severity=critical Alerting",
    ]  # fmt: skip
    label = {"severity": "{{ if gt $values.A.Value 20.0 }}critical{{ else }}warning{{ end }}"}
    assert states([12.0], labels=label) == [
        "severity={{ if gt .A.Value 20.0 }}critical{{ else }}warning{{ end }} Alerting"
    ]


def test_annotations_keep_their_dollars() -> None:
    rule = run([{"a": 20.0}], annotations={"summary": "{{ $labels.host }} is at {{ $values.A }} ({{ $value }})"})
    tick = rule.tick(0)
    assert rule.annotations(tick.instances[0]) == {
        "summary": "a is at 20 ([ var='A' labels={host=a} value=20 ], [ var='C' labels={host=a} value=1 ])"
    }


def test_a_paused_rule_has_no_instances() -> None:
    assert states([20.0], isPaused=True) == [""]


def test_a_condition_that_does_not_exist_is_an_error_every_time() -> None:
    (instance,) = run([20.0], condition="Z").tick(0).instances
    assert instance.state == "Error"
    assert instance.error.endswith("condition Z does not exist, must be one of [A C]")


def test_what_changes_between_versions_is_told() -> None:
    assert changes((12, 3), (13, 0)) == ("faults_wait",)
    assert not any(getattr(semantics((9, 4)), name) for name in changes((9, 3), (13, 0)))
