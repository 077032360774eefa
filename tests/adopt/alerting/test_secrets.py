"""No secret of a contact point gets into the specs, the report, a note or an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashgen.adopt.alerting.plan import AlertingPlanner
from dashgen.adopt.dashboard_report import MOST
from dashgen.adopt.plan import TakenInProject
from dashgen.adopt.report import as_json, as_text
from dashgen.adopt.source_kind import ImportRefused, Verdict
from dashgen.adopt.sources import read
from dashgen.adopt.target import target
from dashgen.adopt.write import replace
from dashgen.loading.load import load
from tests.adopt.alerting.documents import planned

Json = dict[str, Any]

SECRET = "hunter2-s3cr3t"  # what must be seen nowhere
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("telegram", {"bottoken": SECRET, "chatid": -100123}),
    ("slack", {"url": f"https://hooks.slack.com/services/{SECRET}"}),
    ("slack", {"token": SECRET, "recipient": "#ops", "endpointUrl": "https://slack.example.com"}),
    ("discord", {"url": f"https://discord.com/api/webhooks/1/{SECRET}"}),
    ("pagerduty", {"integrationKey": SECRET, "client_url": "https://example.com"}),
    ("opsgenie", {"apiKey": SECRET}),
    ("teams", {"url": f"https://example.webhook.office.com/{SECRET}"}),
    ("webhook", {"url": "https://example.com/hook", "password": SECRET, "username": "u"}),
    ("webhook", {"url": f"https://example.com/hook?token={SECRET}"}),
    ("webhook", {"url": f"https://u:{SECRET}@example.com/", "authorization_credentials": f"{SECRET}${{X}}"}),
    ("webhook", {"url": "https://example.com", "http_config": {"oauth2": {"client_secret": SECRET}},
                 "headers": {"Authorization": f"Bearer {SECRET}"}, "tlsConfig": {
                     "clientKey": f"-----BEGIN PRIVATE KEY-----\n{SECRET}"}}),
    ("line", {"token": SECRET}),
    ("pushover", {"userKey": SECRET, "apiToken": SECRET}),
    ("wecom", {"secret": SECRET, "agent_id": "1", "corp_id": "2"}),
    ("googlechat", {"url": f"https://chat.googleapis.com/v1/spaces/x?key={SECRET}"}),
    ("sns", {"topic_arn": "arn:x", "sigv4": {"secret_key": SECRET, "access_key": SECRET}}),
]  # fmt: skip


def documents() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same contact points as a file and as the API's list."""
    listed = [
        {"uid": f"r{at}", "name": f"point {at}", "type": kind, "settings": settings}
        for at, (kind, settings) in enumerate(SETTINGS)
    ]
    points = [
        {"name": one["name"], "receivers": [{key: item for key, item in one.items() if key != "name"}]}
        for one in listed
    ]
    return {"apiVersion": 1, "contactPoints": points}, listed


def imported(data: object, folder: Path) -> tuple[str, str]:
    """All that an import of the data writes, and all that it says."""
    path = folder / "points.json"
    path.write_text(json.dumps(data))
    found = read([path])
    said = "".join(f"{one.path}: {one.message} {one.hint}" for one in found.unreadable)
    try:
        made, to = planned([path], folder / "specs") if found.sources else (None, None)
    except ImportRefused as refused:
        return "", f"{said}{refused.path}: {refused.message} {refused.hint}"
    if made is None or to is None:
        return "", said
    report = as_text(made, to.root, Verdict(), "", "", dry_run=True)
    return "".join(made.files.values()), report + as_json(made, to.root, (), Verdict(), "", "", dry_run=True)


@pytest.mark.parametrize("form", [0, 1], ids=["file", "API"])
def test_no_secret_is_written_or_said(form: int, tmp_path: Path) -> None:
    written, said = imported(documents()[form], tmp_path)
    assert SECRET not in written + said
    assert "Telegram(" in written
    assert '"${LINE_TOKEN}"' in written
    assert "secret: bottoken of a telegram receiver of 'point 0' is the variable TELEGRAM_BOT_TOKEN now" in said
    assert "set in the environment of Grafana's process" in said
    assert said.count("secret: ") == MOST + 1
    told = json.loads(said[said.index("\n{") :])["alerting"][0]["variables"]
    assert len(told) == 21
    assert told.keys() >= {"SNS_SECRET_KEY", "LINE_TOKEN", "WEBHOOK_URL", "WEBHOOK_URL_POINT_9"}


@pytest.mark.parametrize(
    ("receiver", "said"),
    [
        ({"uid": "x" * 50, "settings": {"token": SECRET}}, "a uid, a type or settings that Grafana does not take"),
        ({"uid": "r", "settings": SECRET}, "a receiver has no settings"),
        ({"uid": "r", "settings": {}}, "a uid, a type or settings that Grafana does not take"),
    ],
    ids=["uid", "text", "nothing"],
)
def test_no_secret_is_in_an_error(receiver: Json, said: str, tmp_path: Path) -> None:
    data = {"apiVersion": 1, "contactPoints": [{"name": "a", "receivers": [{"type": "slack", **receiver}]}]}
    written, told = imported(data, tmp_path)
    assert said in told
    assert (written, SECRET in told) == ("", False)


def test_a_secret_of_another_type_is_one_too(tmp_path: Path) -> None:
    one = {"uid": "r", "type": "slack", "settings": {"url": [SECRET], "recipient": "#x"}}
    written, said = imported({"apiVersion": 1, "contactPoints": [{"name": "a", "receivers": [one]}]}, tmp_path)
    assert '"url": ["${SLACK_WEBHOOK_URL}"]' in written
    assert "RawReceiver(" in written
    assert SECRET not in written + said


def test_what_grafana_does_not_show_becomes_a_variable(tmp_path: Path) -> None:
    points = [
        {"uid": "a", "name": "one", "type": "slack", "settings": {"url": "[REDACTED]"}},
        {"uid": "b", "name": "two", "type": "slack", "settings": {"recipient": "#x"}, "secureFields": {"token": True}},
    ]
    source, _ = imported(points, tmp_path)
    assert 'Slack("a", url="${SLACK_WEBHOOK_URL}")' in source
    assert 'Slack("b", token="${SLACK_TOKEN}", recipient="#x")' in source


def slack(name: str, url: str) -> Json:
    return {"name": name, "receivers": [{"uid": name, "type": "slack", "settings": {"url": url}}]}


def points(*given: Json) -> Json:
    return {"apiVersion": 1, "contactPoints": list(given)}


def test_a_variable_that_another_receiver_names_is_none_of_a_secret(tmp_path: Path) -> None:
    data = points(slack("a", "https://hooks.slack.com/services/T/B/x"), slack("b", "${SLACK_WEBHOOK_URL}"))
    source, _ = imported(data, tmp_path)
    assert 'Slack("a", url="${SLACK_WEBHOOK_URL_A}")' in source
    assert 'Slack("b", url="${SLACK_WEBHOOK_URL}")' in source


def test_secrets_of_several_documents_and_of_the_project_have_their_own_variables(tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(points(slack(name, f"https://hooks.slack.com/services/T/B/{name}"))))
    made, to = planned(files, tmp_path / "specs")
    text = made.files["notifications.py"]
    assert 'Slack("a", url="${SLACK_WEBHOOK_URL}")' in text
    assert 'Slack("b", url="${SLACK_WEBHOOK_URL_B}")' in text
    replace(to.root, made.files)
    project = load(to.root).project
    assert project is not None
    again = target(to.root, project, project.environments[0], {}, (), "")
    planner = AlertingPlanner(again, TakenInProject(again), force=False)
    planner.read("c", points(slack("c", "https://hooks.slack.com/services/T/B/c")))
    planner.read("a", points(slack("a", "https://hooks.slack.com/services/T/B/a")))
    (_, third), (_, first) = planner.documents
    assert (list(third.variables), list(first.variables)) == (["SLACK_WEBHOOK_URL_C"], ["SLACK_WEBHOOK_URL"])
