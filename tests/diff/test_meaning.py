"""What changes say and mean: one case a row, on a tree with one of everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashgen.tree.read import RenderedTree
from tests.diff import trees
from tests.diff.trees import Tree, compared, said, tree

Change = Callable[[Tree], Any]


def put(path: str, *steps: Any, to: Any) -> Change:
    """Sets what is at some steps into a document."""

    def change(t: Tree) -> None:
        at = t.documents[path]
        for step in steps[:-1]:
            at = at[step]
        at[steps[-1]] = to

    return change


def drop(path: str, *steps: Any) -> Change:
    def change(t: Tree) -> None:
        at = t.documents[path] if steps else t.documents
        for step in steps[:-1]:
            at = at[step]
        del at[steps[-1] if steps else path]

    return change


GUARD = {"name": "guard", "type": "file", "disableDeletion": True, "options": {"path": "/etc/grafana/dashboards/_g"}}


def guarded(t: Tree) -> None:
    """A provider without a folder, and its empty place."""
    t.documents[trees.PROVIDERS]["providers"].append(GUARD)
    t.documents["dashboards/_g/.gitkeep"] = "empty"


FIELD = (trees.HEALTH, "panels", 0, "fieldConfig", "defaults")
OVERRIDE = (trees.HEALTH, "panels", 0, "fieldConfig", "overrides", 0)
PROVIDER = (
    "allowUiUpdates no, disableDeletion yes, folder Daemons, folderUid daemons, name dashgen-daemons,"
    " options path /etc/grafana/dashboards/daemons, orgId 1, type file, updateIntervalSeconds 30"
)
RULE = (trees.RULES, "groups", 0, "rules", 0)
TABLE = (trees.SCHEMA, "tables", "load")
ROUTE = (trees.POLICIES, "policies", 0, "routes", 0)

CASES: dict[str, tuple[Change, list[tuple[str, str, str]]]] = {
    "moved": (
        put(trees.HEALTH, "panels", 0, "gridPos", "y", to=3),
        [("cosmetic", "Fetches › moved: x 0, y 56 → x 0, y 3", "")],
    ),
    "resized": (
        put(trees.HEALTH, "panels", 0, "gridPos", "w", to=24),
        [("cosmetic", "Fetches › resized: 12 × 8 → 24 × 8", "")],
    ),
    "retitled": (
        put(trees.HEALTH, "panels", 0, "title", to="Fetch rate"),
        [("cosmetic", "Fetch rate › title: Fetches → Fetch rate", "")],
    ),
    "threshold": (
        put(*FIELD, "thresholds", "steps", 1, "value", to=90),
        [("display", "Fetches › threshold red from: 5 → 90", "")],
    ),
    "threshold added": (
        lambda t: t.panel["fieldConfig"]["defaults"]["thresholds"]["steps"].append({"color": "blue", "value": 9}),
        [("display", "Fetches › threshold blue: new: from 9", "")],
    ),
    "base color": (
        put(*FIELD, "thresholds", "steps", 0, "color", to="blue"),
        [("display", "Fetches › threshold base color: green → blue", "")],
    ),
    "unit": (
        put(*FIELD, "unit", to="ms"),
        [("meaning", "Fetches › unit: short → ms", "the same number reads as another")],
    ),
    "decimals": (put(*FIELD, "decimals", to=2), [("display", "Fetches › decimals: set to 2", "")]),
    "minimum taken away": (drop(*FIELD, "min"), [("display", "Fetches › min: no longer nothing", "")]),
    "mappings": (
        put(*FIELD, "mappings", to=[{"type": "value", "options": {"1": {"text": "UP", "color": "green"}}}]),
        [("display", "Fetches › mappings: new: 1: UP (green)", "")],
    ),
    "override": (
        put(
            trees.HEALTH, "panels", 0, "fieldConfig", "overrides", 0, "properties", 0, "value", "fixedColor", to="blue"
        ),
        [("display", "Fetches › override of rate: color fixed color: red → blue", "")],
    ),
    "override of a unit": (
        lambda t: t.panel["fieldConfig"]["overrides"][0]["properties"].append({"id": "unit", "value": "s"}),
        [("meaning", "Fetches › override of rate: unit: new: s", "the same number reads as another")],
    ),
    "a key without words": (
        put(trees.HEALTH, "panels", 0, "options", "someNewOption", to={"inTwo": [1, True]}),
        [("display", "Fetches › some new option: new: inTwo 1, yes", "")],
    ),
    "a key of the dashboard without words": (
        put(trees.HEALTH, "liveNow", to=True),
        [("display", "live now: set to yes", "")],
    ),
    "SQL": (
        put(trees.HEALTH, "panels", 0, "targets", 0, "rawSql", to=trees.SQL.replace("avg", "max")),
        [("meaning", "Fetches › query A", "")],
    ),
    "SQL formatted": (
        put(trees.HEALTH, "panels", 0, "targets", 0, "rawSql", to=trees.SQL.replace("\n", "\n   ")),
        [("cosmetic", "Fetches › query A", "only the formatting differs")],
    ),
    "datasource of a panel": (
        put(trees.HEALTH, "panels", 0, "datasource", to={"type": "postgres", "uid": "pg"}),
        [
            ("meaning", "Fetches › datasource kind: questdb-questdb-datasource → postgres", ""),
            ("meaning", "Fetches › datasource uid: questdb → pg", ""),
        ],
    ),
    "panel added": (
        lambda t: t.documents[trees.HEALTH]["panels"].append({"id": 99, "type": "text", "title": "Read me"}),
        [("display", "Read me: new: text", "")],
    ),
    "panel gone": (
        drop(trees.HEALTH, "panels", 1),
        [("meaning", "State: gone: stat, 1 query", "what it showed is not shown any longer")],
    ),
    "panel gone that an alert uses": (
        drop(trees.HEALTH, "panels", 0),
        [("breaking", "Fetches: gone: timeseries, 1 query", "alert rule daemon-down points at its id 7")],
    ),
    "panel gone that a link uses": (
        lambda t: (
            drop(trees.HEALTH, "panels", 1)(t),
            t.documents[trees.OTHER].update(links=[{"title": "x", "url": "/d/daemon-health?viewPanel=8"}]),
        ),
        [
            ("breaking", "State: gone: stat, 1 query", "dashboard other points at its id 8"),
            ("display", "links: new: x: title x, url /d/daemon-health?viewPanel=8", ""),
        ],
    ),
    "panel gone with its alert": (
        lambda t: (drop(trees.HEALTH, "panels", 0)(t), drop(trees.RULES, "groups", 0, "rules", 0)(t)),
        [
            ("meaning", "Fetches: gone: timeseries, 1 query", "what it showed is not shown any longer"),
            (
                "alerting",
                "gone: Daemon down, severity critical, for 1m",
                "no deletion is written for it: it stays active in Grafana; delete it there",
            ),
        ],
    ),
    "dashboard gone, kept by its provider": (
        drop(trees.OTHER),
        [
            (
                "meaning",
                "gone: Other, 1 panel",
                "Grafana keeps its last version (disableDeletion), and nothing updates it any longer",
            )
        ],
    ),
    "dashboard gone, deleted by Grafana": (
        lambda t: (drop(trees.OTHER)(t), put(trees.PROVIDERS, "providers", 0, "disableDeletion", to=False)(t)),
        [
            (
                "breaking",
                "gone: Other, 1 panel",
                "Grafana deletes it, and its stars with it (disableDeletion is off)",
            ),
            (
                "display",
                "keeps dashboards whose files are removed: yes → no",
                "from now on Grafana deletes a dashboard whose file goes",
            ),
        ],
    ),
    "dashboard gone that an alert uses": (
        drop(trees.HEALTH),
        [
            (
                "breaking",
                "gone: Daemon health, 2 panels",
                "alert rule daemon-down points at it; Grafana keeps its last version (disableDeletion), and nothing"
                " updates it any longer",
            )
        ],
    ),
    "dashboard gone with its provider": (
        lambda t: (drop(trees.OTHER)(t), put(trees.PROVIDERS, "providers", to=[])(t)),
        [
            ("breaking", "gone: Other, 1 panel", "its provider goes too: Grafana deletes it at its next start"),
            ("display", f"gone: {PROVIDER}", ""),
            ("cosmetic", "providers: set to none", ""),
        ],
    ),
    "guard against deletions at a restart": (
        guarded,
        [
            (
                "cosmetic",
                "new: disableDeletion yes, name guard, options path /etc/grafana/dashboards/_g, type file",
                "without dashboards: it protects those of Grafana 12.4 at a restart",
            ),
            ("cosmetic", "new", ""),
        ],
    ),
    "dashboard in another folder": (
        lambda t: t.documents.update({"dashboards/market/other.json": t.documents.pop(trees.OTHER)}),
        [("display", "file: dashboards/daemons/other.json → dashboards/market/other.json", "")],
    ),
    "variable": (
        put(trees.HEALTH, "templating", "list", 0, "query", to="SELECT DISTINCT host FROM load"),
        [
            (
                "meaning",
                "variable host › query: SELECT DISTINCT host FROM daemon_metrics → SELECT DISTINCT host FROM load",
                "",
            )
        ],
    ),
    "time range": (put(trees.HEALTH, "time", "from", to="now-1h"), [("display", "time from: now-6h → now-1h", "")]),
    "alert threshold": (
        put(*RULE, "data", 2, "model", "conditions", 0, "evaluator", "params", to=[3]),
        [("alerting", "threshold: fires below: 1 → 3", "")],
    ),
    "alert direction": (
        put(*RULE, "data", 2, "model", "conditions", 0, "evaluator", "type", to="gt"),
        [("alerting", "threshold: fires: below → above", "")],
    ),
    "alert for": (put(*RULE, "for", to="5m"), [("alerting", "for: 1m → 5m", "")]),
    "alert severity": (
        put(*RULE, "labels", "severity", to="warning"),
        [("alerting", "severity: critical → warning", "")],
    ),
    "alert SQL": (put(*RULE, "data", 0, "model", "rawSql", to="SELECT 2"), [("alerting", "query A", "")]),
    "alert SQL formatted": (
        put(*RULE, "data", 0, "model", "rawSql", to="SELECT  1"),
        [("cosmetic", "query A", "only the formatting differs")],
    ),
    "alert paused": (put(*RULE, "isPaused", to=True), [("alerting", "paused: no → yes", "")]),
    "alert annotation": (
        put(*RULE, "annotations", "summary", to="down"),
        [("display", "annotation summary: {{ $labels.host }} is down → down", "")],
    ),
    "alert title": (
        put(*RULE, "title", to="Daemon is down"),
        [
            (
                "alerting",
                "title: Daemon down → Daemon is down",
                "the title is the label alertname: routes and silences match it",
            )
        ],
    ),
    "alert uid": (
        lambda t: (
            put(*RULE, "uid", to="daemon-gone")(t),
            t.documents[trees.DELETIONS]["deleteRules"].append({"orgId": 1, "uid": "daemon-down"}),
        ),
        [
            (
                "alerting",
                "gone: Daemon down, severity critical, for 1m",
                "rule daemon-gone has its title now: the same alert under another uid; its state starts again",
            ),
            ("alerting", "new: Daemon down, severity critical, for 1m", ""),
            ("alerting", "new: orgId 1, uid daemon-down", ""),
        ],
    ),
    "alert titles swapped": (
        lambda t: (
            put(*RULE, "title", to="Daemon up")(t),
            t.documents[trees.RULES]["groups"][0]["rules"].append(
                {**t.rule, "uid": "other-rule", "title": "Daemon down"}
            ),
            t.documents[trees.RULES]["groups"][0]["rules"].reverse(),
        ),
        [
            (
                "alerting",
                "title: Daemon down → Daemon up",
                "the title is the label alertname: routes and silences match it",
            ),
            (
                "breaking",
                "new: Daemon down, severity critical, for 1m",
                "rule daemon-down still has the title when Grafana applies it: Grafana before 12.4 does not start",
            ),
        ],
    ),
    "group interval": (put(trees.RULES, "groups", 0, "interval", to="30s"), [("alerting", "interval: 1m → 30s", "")]),
    "policy receiver": (
        put(*ROUTE, "receiver", to="ops"),
        [("alerting", 'policy severity="critical" › receiver: on-call → ops', "")],
    ),
    "policy added": (
        lambda t: t.documents[trees.POLICIES]["policies"][0]["routes"].insert(
            0, {"receiver": "ops", "object_matchers": [["team", "=", "x"]]}
        ),
        [("alerting", 'policy team="x": new: team="x" → ops', "")],
    ),
    "contact point settings": (
        put(trees.CONTACTS, "contactPoints", 0, "receivers", 0, "settings", "chatid", to="-5"),
        [("alerting", "receiver on-call-telegram › chatid: -100123 → -5", "")],
    ),
    "secret of a receiver": (
        put(trees.CONTACTS, "contactPoints", 0, "receivers", 0, "settings", "bottoken", to="1:hunter2"),
        [
            (
                "alerting",
                "receiver on-call-telegram › bottoken: ${TELEGRAM_BOT_TOKEN} → a secret that is not shown",
                "",
            )
        ],
    ),
    "mute timing": (
        put(trees.MUTES, "muteTimes", 0, "time_intervals", 0, "weekdays", to=["sunday"]),
        [("alerting", "time intervals 1 weekdays: saturday, sunday → sunday", "")],
    ),
    "template": (
        put(trees.TEMPLATES, "templates", 0, "template", to="x"),
        [("display", 'template: {{ define "text" }}{{ end }} → x', "the text of notifications")],
    ),
    "column added": (
        lambda t: t.documents[trees.SCHEMA]["tables"]["load"]["columns"].append({"name": "x", "type": "LONG"}),
        [("data", "column x: new: LONG", "")],
    ),
    "column gone": (
        drop(*TABLE, "columns", 2),
        [
            (
                "data",
                "column n: gone: LONG, minimum 0, unit short",
                "QuestDB keeps it; drop it by hand when nothing reads it",
            )
        ],
    ),
    "column type": (put(*TABLE, "columns", 2, "type", to="INT"), [("data", "column n › kind: LONG → INT", "")]),
    "column doc": (put(*TABLE, "columns", 2, "doc", to="N."), [("cosmetic", "column n › doc: Requests. → N.", "")]),
    "retention": (put(*TABLE, "ttl", to="7 DAYS"), [("data", "retention: 90 DAYS → 7 DAYS", "")]),
    "retention for ever": (put(*TABLE, "ttl", to=""), [("data", "retention: 90 DAYS → for ever", "")]),
    "no write interval": (
        put(*TABLE, "writeIntervalSeconds", to=None),
        [("data", "write interval in seconds: 10 → as events occur", "")],
    ),
    "view": (
        put(*TABLE, "views", "load_1m", "sql", to="SELECT timestamp, max(n) AS n FROM load SAMPLE BY 1m"),
        [("data", "view load_1m › SQL", "")],
    ),
    "published uid gone": (
        drop(trees.LEDGER, "published", 2),
        [
            (
                "breaking",
                "gone",
                "the ledger no longer lists it: no build deletes it in Grafana; restore the ledger",
            )
        ],
    ),
    "datasource uid": (
        put(trees.DATASOURCES, "datasources", 0, "uid", to="new"),
        [("breaking", "uid: questdb → new", "dashboards, alerts and links refer to it by its uid")],
    ),
    "environment variable": (
        put(trees.VARIABLES, to="")
        if False
        else (lambda t: t.documents.update({trees.VARIABLES: "# must\nQUESTDB_PASSWORD=\nTOKEN=\n"})),
        [
            (
                "meaning",
                "new",
                "Grafana's process needs it: environment.example says what happens without it",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_said_in_words_and_has_a_class(name: str) -> None:
    change, expected = CASES[name]
    old = tree()
    new = old.changed()
    change(new)
    assert said(old, new) == expected


def test_nothing_is_said_of_the_same_tree() -> None:
    assert not compared(tree(), tree()).subjects


def test_who_is_notified_before_and_after() -> None:
    old = tree()
    new = old.changed()
    put(*ROUTE, "receiver", to="ops")(new)
    (entry,) = compared(old, new).notified
    assert (entry.rule, entry.before, entry.after) == (
        "daemon-down",
        ("on-call (muted in weekends)",),
        ("ops (muted in weekends)",),
    )


def test_who_is_notified_of_alerts_with_labels_of_the_query() -> None:
    old = tree()
    new = old.changed()
    routes = new.documents[trees.POLICIES]["policies"][0]["routes"]
    routes.insert(0, {"receiver": "ops", "object_matchers": [["exchange", "=~", "binance|bybit"]]})
    (entry,) = compared(old, new).notified
    assert entry.labels == (("exchange", "binance"),)
    assert entry.before == ("on-call (muted in weekends)",)
    assert entry.after == ("ops",)


def test_who_is_notified_when_a_query_fails() -> None:
    old = tree()
    route = {"receiver": "platform", "object_matchers": [["alertname", "=~", "DatasourceError|DatasourceNoData"]]}
    old.documents[trees.POLICIES]["policies"][0]["routes"].insert(0, route)
    new = old.changed()
    put(*RULE, "noDataState", to="NoData")(new)
    put(*RULE, "execErrState", to="OK")(new)
    told = {dict(n.labels)["alertname"]: (n.before, n.after) for n in compared(old, new).notified}
    assert told == {"DatasourceError": (("platform",), ()), "DatasourceNoData": ((), ("platform",))}


def test_a_paused_rule_notifies_nobody() -> None:
    old = tree()
    new = old.changed()
    new.rule["isPaused"] = True
    (entry,) = compared(old, new).notified
    assert entry.after == ()


def test_alerting_is_unchanged_when_only_yaml_is_written_otherwise() -> None:
    old = tree()
    files = old.files
    files[trees.RULES] = b"# another comment\n" + files[trees.RULES]
    from dashgen.diff.assemble import review

    assert not review("prod", old.rendered, RenderedTree("prod", files)).alerting_changed


def test_policies_that_cannot_be_walked_are_said_to_be_so() -> None:
    old = tree()
    new = old.changed()
    put(*ROUTE, "object_matchers", to=[["host", "=~", "("]])(new)
    compared_ = compared(old, new)
    assert compared_.notified == ()
    (note,) = compared_.notes
    assert note.startswith("who is notified is not known: ")


def test_alerting_files_that_grafana_would_refuse_are_compared_all_the_same() -> None:
    old = tree()
    new = old.changed()
    del new.documents[trees.RULES]["groups"][0]["folder"]
    compared_ = compared(old, new)
    assert [s.section for s in compared_.subjects] == ["rules", "groups", "groups"]
    assert compared_.notes == (
        "rules whose titles clash, and what can't be deleted, are not known:"
        " provisioning/alerting/rules-daemons.yaml does not have the form that dashgen renders: lacks 'folder'",
    )


NOT_OURS = "Grafana does not start if policies or rules that are not dashgen's name it"


def gone(path: str, section: str, deletion: dict[str, str]) -> Change:
    """Removes the only entry of a file's section, and has it deleted."""

    def change(t: Tree) -> None:
        del t.documents[path]
        t.documents[trees.DELETIONS] = {"apiVersion": 1, section: [{"orgId": 1, **deletion}]}

    return change


NO_WEEKENDS = gone(trees.MUTES, "deleteMuteTimes", {"name": "weekends"})
NO_ON_CALL = gone(trees.CONTACTS, "deleteContactPoints", {"uid": "on-call-telegram"})


def test_what_grafana_would_not_delete_is_breaking() -> None:
    def why(old: Tree, change: Change, section: str) -> list[tuple[str, str]]:
        new = old.changed()
        change(new)
        (subject,) = (s for s in compared(old, new).subjects if s.section == section)
        return [(change.meaning.word, change.why) for change in subject.changes]

    def muted(t: Tree) -> Tree:
        t.rule["notification_settings"] = {"receiver": "on-call", "mute_time_intervals": ["weekends"]}
        return t

    def without_policies(change: Change) -> Change:
        return lambda t: (change(t), t.documents.pop(trees.POLICIES))

    named = "rule daemon-down still names it when Grafana deletes it: it does not start"
    stays = "the policy tree, which stays in Grafana, still names it when Grafana deletes it: it does not start"
    assert why(tree(), NO_WEEKENDS, "mute timings") == [("alerting", NOT_OURS)]
    assert why(muted(tree()), NO_WEEKENDS, "mute timings") == [("breaking", named)]
    assert why(tree(), without_policies(NO_WEEKENDS), "mute timings") == [("breaking", stays)]
    assert why(tree(), NO_ON_CALL, "contact points") == [("alerting", NOT_OURS)]
    assert why(tree(), without_policies(NO_ON_CALL), "contact points") == [("breaking", stays)]


def test_a_folders_new_title() -> None:
    old = tree()
    new = old.changed()
    put(trees.PROVIDERS, "providers", 0, "folder", to="New")(new)
    put(trees.RULES, "groups", 0, "folder", to="Other alerts")(new)
    compared_ = compared(old, new)
    assert [change.why for change in compared_.changes if change.why] == [
        "Grafana keeps the empty folder Daemons",
        "Grafana finds the folder by its uid and leaves its title: rename it there too",
    ]
    from dashgen.diff.message import message

    assert "    Grafana keeps the empty folder Daemons\n" in message(compared_, first=False)


def test_a_tree_that_loses_its_guard_is_breaking() -> None:
    safe = tree()
    guarded(safe)
    unsafe = [change for change in compared(safe, tree()).changes if change.meaning.word == "breaking"]
    assert [change.why for change in unsafe] == [
        "all providers have one folder title now: Grafana 12.4 deletes provisioned dashboards at each start"
    ]
    two = tree()
    two.documents[trees.PROVIDERS]["providers"].append({**GUARD, "folder": "Trading"})
    renamed = two.changed()
    renamed.documents[trees.PROVIDERS]["providers"][1]["folder"] = "Daemons"
    (change,) = compared(two, renamed).changes
    assert change.meaning.word == "breaking"
    assert change.why.startswith("all providers have one folder title")


@pytest.mark.parametrize("panels", [None, "x", ["a", "b"], [None], [[1]], 5, {"a": 1}, [{"targets": "x", "id": "a"}]])
def test_panels_that_are_none_are_a_difference(panels: object) -> None:
    old, new = tree(), tree()
    put(trees.HEALTH, "panels", to=panels)(new)
    assert said(old, new)
    assert said(new, old)
