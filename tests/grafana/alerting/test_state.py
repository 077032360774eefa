"""One sentence each about what Grafana does; `recorded` ones hold for 9.4, the others say since when."""

from typing import Any

import pytest

from dashgen.grafana.alerting.evaluation import Result
from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.alerting.state import Machine
from dashgen.grafana.versions import (
    DIFFERENCES,
    IGNORE_PENDING,
    UnknownVersion,
    Version,
    changes,
    semantics,
    version_of,
)
from tests.grafana.alerting.scripted import Row, a_rule, run, states

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


def test_error_labels_stick_in_9_4_and_leave_since_9_5() -> None:
    ticks: list[Row] = [20.0, "boom", 20.0]
    assert states(ticks) == ["Alerting", ERROR, f"{NODATA} Alerting"]
    assert states(ticks, (9, 5)) == ["Alerting", ERROR, "Alerting"]


def test_a_failed_query_is_an_instance_of_its_own_since_12_3() -> None:
    """The data's instance is missing meanwhile, and its clock goes on."""
    ticks: list[Row] = [20.0, "boom", 20.0]
    assert states(ticks, (12, 2), for_="20s") == ["Pending", ERROR, "Pending"]
    assert states(ticks, (12, 3), for_="20s") == ["Pending", f"Pending*, {ERROR}", "Alerting"]
    assert states(ticks, (12, 4), for_="20s")[1] == f"Pending*, {NODATA} Pending (Error)"


def test_errors_say_what_failed_in_the_words_of_their_version() -> None:
    (old,) = run(["boom"]).tick(0).instances
    (new,) = run(["boom"], (12, 3)).tick(0).instances
    assert old.error == "failed to execute query A: db query error: pq: boom"
    assert new.error == ("[sse.dataQueryError] failed to execute query [A]: db query error: pq: boom")
    (newest,) = run(["boom"], (12, 4)).tick(0).instances
    assert newest.error.endswith("[A]: db query error: ERROR: boom (SQLSTATE 00000)")
    rule = a_rule()
    rule["data"][0]["model"]["datasource"]["type"] = "questdb-questdb-datasource"
    (plugin,) = run(["boom"], (12, 4), rule=rule).tick(0).instances
    assert plugin.error.endswith("[A]: error querying the database: pq: boom")


def test_no_data_and_error_leave_at_once_since_12_1() -> None:
    ticks: list[Row] = [None, {"a": 5.0}]
    assert states(ticks, (12, 0))[1] == f"{NODATA} NoData*, host=a Normal"
    assert states(ticks, (12, 1))[1] == "host=a Normal"


def test_no_data_and_error_wait_for_since_12_4() -> None:
    ticks = [5.0, None, None, None]
    assert states(ticks, (12, 3), for_="10s")[1] == f"Normal*, {NODATA} NoData"
    assert states(ticks, (12, 4), for_="10s")[1:] == [
        f"Normal*, {NODATA} Pending (NoData)",
        f"{NODATA} NoData",
        f"{NODATA} NoData",
    ]
    assert states(ticks, (12, 4), for_="0s")[1] == f"Normal*, {NODATA} NoData"


def _outcomes(outcomes: str, toggles: tuple[str, ...] = (), **overrides: Any) -> list[str]:
    """One instance over results by their first letters."""
    names = {one[0]: one for one in ("Normal", "Alerting", "Error")} | {"-": "NoData"}
    machine = Machine(rule_spec(a_rule(**overrides)), semantics((12, 4), toggles))
    found = []
    for number, letter in enumerate(outcomes):
        machine.process(number * 10, [Result((), names[letter])])  # type: ignore[arg-type]  # the literals of a dict
        (instance,) = machine.instances.values()
        reason = f" ({instance.reason})" if instance.reason else ""
        found.append(f"{instance.state}{reason}@{instance.since}")
    return found


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        # a firing alert is resolved by it, and fires again by that clock
        ("A--A", ["Pending@0", "Pending (NoData)@0", "NoData@20", "Pending@30"]),
        ("AAA-A-", ["Pending@0"] * 2 + ["Alerting@20", "Pending (NoData)@30", "Pending@30", "NoData@50"]),
        # from one fault to the other it waits anew
        ("N---E", ["Normal@0"] + ["Pending (NoData)@10"] * 2 + ["NoData@30", "Pending (Error)@40"]),
        ("NE-A", ["Normal@0", "Pending (Error)@10", "Pending (NoData)@10", "Alerting@30"]),
        ("N-N", ["Normal@0", "Pending (NoData)@10", "Normal@20"]),
    ],
)  # fmt: skip
def test_pending_goes_on_whatever_the_result_since_12_4(outcomes: str, expected: list[str]) -> None:
    assert _outcomes(outcomes, for_="20s") == expected


def test_with_the_toggle_only_what_is_pending_already_waits() -> None:
    assert _outcomes("AAA-", (IGNORE_PENDING,), for_="20s") == ["Pending@0", "Pending@0", "Alerting@20", "NoData@30"]
    assert _outcomes("A-", (IGNORE_PENDING,), for_="20s") == ["Pending@0", "Pending (NoData)@0"]


def test_recovering_becomes_no_data_at_once() -> None:
    assert _outcomes("AN-", keepFiringFor="60s") == ["Alerting@0", "Recovering@10", "NoData@20"]
    assert _outcomes("AAN-", for_="10s", keepFiringFor="60s")[2:] == ["Recovering@20", "NoData@30"]


def test_pending_and_recovering_is_a_rule_state_that_grafana_chooses_at_random() -> None:
    rule = run([{"a": 20.0, "b": 5.0}] * 2 + [{"a": 5.0, "b": 20.0}], (12, 4), for_="10s", keepFiringFor="60s")
    assert [sorted(rule.tick(at).possible_rule_states) for at in (0, 10, 20)] == [
        ["pending"], ["firing"], ["pending", "recovering"],
    ]  # fmt: skip


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
    assert tick.instances[0].annotations == {
        "summary": "a is at 20 ([ var='A' labels={host=a} value=20 ], [ var='C' labels={host=a} value=1 ])"
    }


def test_value_is_the_number_of_the_only_query_since_12_and_has_types_since_12_4() -> None:
    texts = {"summary": "{{ $value }}"}
    assert run([20.0], (12, 0), annotations=texts).tick(0).instances[0].annotations == {"summary": "20"}
    data = threshold("gt", 10)
    data.insert(1, {**data[0], "refId": "B"})
    for version, kinds in (((12, 3), ("", "")), ((12, 4), ("type='query' ", "type='threshold' "))):
        (instance,) = run([20.0, 5.0], version, data=data, annotations=texts).tick(0).instances
        query, fires = kinds
        assert instance.annotations["summary"] == (
            f"[ var='A' labels={{}} {query}value=20 ], [ var='B' labels={{}} {query}value=5 ],"
            f" [ var='C' labels={{}} {fires}value=1 ]"
        )


def test_an_error_adds_itself_to_the_annotations() -> None:
    text = "[sse.dataQueryError] failed to execute query [A]: db query error: pq: boom"
    (own,) = run(["boom"], (12, 3)).tick(0).instances
    assert own.annotations == {"Error": text}
    (normal,) = run(["boom"], (12, 3), execErrState="OK").tick(0).instances
    assert normal.annotations == {"Error": text, "ref_id": "A", "datasource_uid": "q"}


def test_where_a_policy_is_applied_to_all_texts_stay_and_values_are_minus_one() -> None:
    rule = run([20.0, "boom", 30.0], (12, 3), execErrState="KeepLast", annotations={"summary": "{{ $values.A }}"})
    found = [rule.tick(at).instances[0] for at in (0, 10, 20)]
    assert [one.annotations["summary"] for one in found] == ["20", "20", "30"]
    assert [one.applied_to_all for one in found] == [False, True, False]
    assert [one.state_values["A"] for one in found] == [20, -1, 30]
    assert found[1].values == {}


def _edited(*edits: tuple[int, dict[str, Any]], until: int) -> list[str]:
    """A value that fires after 10 s; after which tick which keys of the rule are others."""
    rule = run([20.0] * (until + 1), (12, 4), for_="10s")
    raw, texts = a_rule(for_="10s"), []
    for number in range(until + 1):
        tick = rule.tick(number * 10)
        texts.append(" ".join(f"{one.state}@{one.since}" for one in tick.instances) or f"{len(tick.reset)} reset")
        for at, keys in edits:
            if at == number:
                raw |= keys
                rule.change(rule_spec(raw))
    return texts


def test_an_edit_resets_unless_it_is_of_an_annotation() -> None:
    assert _edited((1, {"annotations": {"x": "y"}}), until=2)[1:] == ["Alerting@10", "Alerting@10"]
    for keys in ({"title": "Other"}, {"for": "20s"}, {"labels": {"team": "t"}}, {"noDataState": "OK"}):
        assert _edited((1, keys), until=2)[1:] == ["Alerting@10", "Pending@20"]


def test_a_pause_forgets_at_the_next_tick_and_begins_anew() -> None:
    pause, resume = {"isPaused": True}, {"isPaused": False}
    assert _edited((1, pause), (3, resume), until=5) == [
        "Pending@0", "Alerting@10", "1 reset", "0 reset", "Pending@40", "Alerting@50",
    ]  # fmt: skip
    assert _edited((1, pause), (1, resume), until=2)[2] == "Alerting@10"


def test_a_paused_rule_has_no_instances() -> None:
    assert states([20.0], isPaused=True) == [""]


def test_a_condition_that_does_not_exist_is_an_error_every_time() -> None:
    (instance,) = run([20.0], condition="Z").tick(0).instances
    assert instance.state == "Error"
    assert instance.error.endswith("condition Z does not exist, must be one of [A C]")


def test_what_changes_between_versions_is_told() -> None:
    assert changes((12, 3), (13, 0)) == ("faults_wait", "pending_outlasts_faults", "value_has_types", "pgx")
    assert not any(getattr(semantics((9, 4)), name) for name in DIFFERENCES)
    assert all(getattr(semantics((13, 0)), name) for name in DIFFERENCES)


def test_it_is_said_how_much_was_recorded() -> None:
    assert [semantics(one).known for one in ((12, 3), (11, 0), (13, 0))] == [
        "recorded",
        "between 9.4 and 12.3, which were recorded; the rest was read",
        "as 12.4, which was recorded last; what is newer was read",
    ]
    assert str(semantics((12, 4), (IGNORE_PENDING,))) == f"Grafana 12.4, {IGNORE_PENDING} on"


@pytest.mark.parametrize("text", ["12", "twelve", "8.5", "12.x", ""])
def test_what_is_no_version_is_refused(text: str) -> None:
    assert version_of("v12.4.0-pre (abc)") == (12, 4)
    with pytest.raises(UnknownVersion, match="expected a Grafana "):
        version_of(text)
