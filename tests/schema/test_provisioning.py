from __future__ import annotations

from typing import Any

import pytest

from dashgen.schema.validate import SCHEMA_NAMES, SchemaName, validate
from tests.schema.documents import provisioning
from tests.schema.test_validate import spoil

NAMES = tuple(name for name in SCHEMA_NAMES if name != "dashboard")


def document(name: SchemaName) -> dict[str, Any]:
    return provisioning()[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_are_valid(name: SchemaName) -> None:
    assert list(map(str, validate(name, document(name)))) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_key_at_the_root_is_refused(name: SchemaName) -> None:
    (violation,) = validate(name, document(name) | {"nonsense": 1})
    assert violation.pointer == ("nonsense",)


RULE = "groups/0/rules/0"


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        ("rules", "groups/0/interval", "1 minute", ": '1 minute' does not have the form"),
        ("rules", "groups/0/interval", 60, ": expected a string, got 60"),
        ("rules", "groups/0/title", "x", ": unknown key"),
        ("rules", f"{RULE}/uid", "a b", ": 'a b' does not have the form"),
        ("rules", f"{RULE}/keep_firing_for", "1m", ": unknown key; did you mean 'keepFiringFor'?"),
        ("rules", f"{RULE}/noDataState", "Ok", ": 'Ok' is not allowed here; did you mean 'OK'?"),
        ("rules", f"{RULE}/execErrState", "NoData", ": 'NoData' is not allowed here; known values: Alert"),
        ("rules", f"{RULE}/annotations/runbook", 3, ": expected a string, got 3"),
        ("rules", f"{RULE}/data", [], ": expected at least 1 entry, got []"),
        ("rules", f"{RULE}/data/0/model/format", "table", ": 'table' is not allowed here; 0: time"),
        ("rules", f"{RULE}/data/1/model/reducer", "lastNotNull", ": 'lastNotNull' is not"),
        ("rules", f"{RULE}/data/1/model/type", "reducer", ": 'reducer' is not allowed here; did you"),
        ("rules", f"{RULE}/data/2/model/conditions/0/evaluator/params", 1, ": expected a list, got 1"),
        (
            "contact-points",
            "contactPoints/0/receivers/0/settings/chatid",
            -100,
            ": expected a string, got -100; a quoted string",
        ),
        ("contact-points", "contactPoints/0/receivers/0/settings", {}, ": "),
        (
            "contact-points",
            "contactPoints/0/receivers/0/type",
            "telegramm",
            ": 'telegramm' is not allowed here; did you mean 'telegram'?",
        ),
        ("policies", "policies/0/mute_time_intervals", ["x"], ": unknown key"),
        ("policies", "policies/0/routes/0/object_matchers/0/1", "==", ": '==' is not allowed here"),
        ("policies", "policies/0/routes/0/object_matchers/0", ["a", "="], ": expected at least 3 entries"),
        (
            "policies",
            "policies/0/routes/0/matchers",
            ["a=b"],
            ": unknown key; known keys: ",
        ),
        (
            "mute-timings",
            "muteTimes/0/time_intervals/0/weekdays/0",
            "sat",
            ": 'sat' does not have the form that is needed; a weekday's name",
        ),
        (
            "mute-timings",
            "muteTimes/0/time_intervals/0/times/0",
            {"from": "00:00", "to": "01:00"},
            ": missing key 'end_time'",
        ),
        ("mute-timings", "muteTimes/0/time_intervals/0/times/0/start_time", "25:00", ": '25:00' does not"),
        ("deletions", "deleteRules/0/name", "x", ": unknown key; known keys: orgId, uid"),
        ("datasources", "datasources/0/jsonData/host", "x", ": unknown key"),
        ("datasources", "datasources/0/jsonData/port", "8812", ": expected a whole number, got '8812'"),
        ("datasources", "datasources/1/jsonData", {}, ": missing key 'database'"),
        ("datasources", "datasources/0/secureJsonData/password", 1, ": expected a string, got 1"),
        ("dashboards", "providers/0/type", "files", ": expected 'file', got 'files'"),
        ("dashboards", "providers/0/updateIntervalSeconds", 0, ": expected at least 1, got 0"),
        (
            "published",
            "published/0",
            "daemon-health",
            ": 'daemon-health' does not have the form that is needed; a kind and a uid",
        ),
        ("tables", "tables/load/ttl", "90", ": '90' does not have the form that is needed; a number and a unit"),
        ("tables", "tables/load/columns/0/type", "LONGG", ": 'LONGG' is not allowed here; did you mean 'LONG'?"),
        ("tables", "tables/load/columns/0/units", "s", ": unknown key; did you mean 'unit'?"),
        ("tables", "tables/load/columns", [], ": expected at least 1 entry"),
        ("tables", "tables/load/writeIntervalSeconds", 0, ": expected at least 1, got 0"),
        ("tables", "tables/load/views/load_1m/bucketSeconds", "1m", ": expected a whole number, got '1m'"),
        ("templates", "templates/0/template", "", ": expected some text, got ''"),
    ],
)
def test_mistakes(name: SchemaName, path: str, value: object, said: str) -> None:
    found = [str(violation) for violation in validate(name, spoil(document(name), path, value))]
    assert found[0].startswith(f"/{path}{said}")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("condition", "/groups/0/rules/0: one of these keys is missing: condition, record"),
        ("dashboardUid", "/groups/0/rules/0: 'panelId' needs the key 'dashboardUid' beside it"),
        ("uid", "/groups/0/rules/0: missing key 'uid'"),
    ],
)
def test_what_a_rule_needs(key: str, message: str) -> None:
    rules = document("rules")
    del rules["groups"][0]["rules"][0][key]
    assert list(map(str, validate("rules", rules))) == [message]


@pytest.mark.parametrize("duration", ["10s", "1m", "1h30m", "0", "0s", "1d", "1w2d", "500ms"])
def test_durations(duration: str) -> None:
    assert validate("rules", spoil(document("rules"), f"{RULE}/for", duration)) == []


@pytest.mark.parametrize("duration", ["", "1", "m", "1m1h", "1.5h", "-1m", "5 m"])
def test_what_is_no_duration(duration: str) -> None:
    assert validate("rules", spoil(document("rules"), f"{RULE}/for", duration))
