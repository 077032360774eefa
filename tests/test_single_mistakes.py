# ruff: noqa: E501  # a case a line
"""One mistake is one error, wherever it was made: in a spec, a table, a rule in YAML, a file of tests.

Each case changes one thing in something whole. What is told is one problem with what to do, or with what was expected.
The places of Python declarations are tested in test_alerting_mistakes.py, those of YAML in project/test_alert_files.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from dashgen.alert_tests.test_file import parse
from dashgen.loading.load import load
from dashgen.model.core.problems import Problem
from dashgen.pipeline import prepare
from dashgen.project_checks import check
from tests.scratch import dashgen, specs


class Change(NamedTuple):
    """`right` becomes `wrong`; `told` is in the error, its hint in brackets."""

    right: str
    wrong: str
    told: str


SPEC = """
HEALTH = Dashboard(
    uid="health",
    title="Health",
    folder="ops",
    variables=(CustomVariable("host", ("a", "b")),),
    rows=(Row("Now", (Stat("State", Q, key="state", description="Is it up?"), Stat("Other", Q, description="d"))),),
)
PIPES = Dashboard(uid="pipes", title="Pipes", folder="ops", rows=(Row("Now", (Stat("P", Q, description="d"),)),))
RULE = AlertRule(
    uid="silent",
    title="Silent",
    query="SELECT host, age FROM t WHERE host IN (${hosts:sqlstring})",
    threshold=60,
    for_duration="30s",
    severity="critical",
    channels=("telegram",),
    panel=HEALTH["state"],
)
SECOND = AlertRule(
    uid="down", title="Down", query="SELECT host, age FROM t WHERE host IN (${hosts:sqlstring})", threshold=1,
    severity="info", channels=("telegram",),
)
GROUP = AlertGroup("daemons", folder="Alerts", interval="10s", rules=(RULE, SECOND))
TELEGRAM = ContactPoint("telegram", (Telegram("tg", chat_id="-100", bot_token="${TELEGRAM_BOT_TOKEN}"),))
POLICY = Policy(
    "telegram",
    group_by=("host",),
    routes=(Route("telegram", matchers=(Match("team", "=~", "a|b"),), mute_timings=("weekends",)),),
)
WEEKENDS = MuteTiming("weekends", (TimeInterval(weekdays=("saturday", "sunday")),))
PROD = Environment(
    "prod", hosts=("a",), owns_policy_tree=True, datasources={"questdb": QuestDB()}, folders={"ops": Folder("o", "O")}
)
LOCAL = Environment(
    "local", hosts=("a",), owns_policy_tree=True, datasources={"questdb": QuestDB()}, folders={"ops": Folder("o", "O")}
)
PROJECT = Project(
    environments=(PROD, LOCAL), dashboards=(HEALTH, PIPES), alerts=(GROUP,), contact_points=(TELEGRAM,), policy=POLICY,
    mute_timings=(WEEKENDS,),
)
"""
PANELS = '(Stat("State", Q, key="state", description="Is it up?"), Stat("Other", Q, description="d"))'
SPECS = {
    # dashboards
    "two dashboards of one uid": Change('uid="pipes"', 'uid="health"', "another dashboard has the uid 'health'"),
    "two dashboards of one title": Change('title="Pipes"', 'title="Health"', "of folder 'ops' has the title 'Health'"),
    "a dashboard copied whole": Change(
        'uid="pipes", title="Pipes"', 'uid="health", title="Health"', "another dashboard has the uid 'health'"
    ),
    "a dashboard listed twice": Change("(HEALTH, PIPES)", "(HEALTH, PIPES, PIPES)", "another dashboard has the uid"),
    "panels one by one": Change(
        PANELS, PANELS[1:-1], "panels: expected a tuple, got 2 values one by one (write them as one tuple: (a, b))"
    ),
    "a panel for a tuple": Change(
        '(Stat("P", Q, description="d"),)', 'Stat("P", Q, description="d")',
        "panels: expected a tuple, got a Stat 'P' (write (x,) for a tuple of one)",
    ),
    "a panel for a row": Change(
        '(Row("Now", (Stat("P", Q, description="d"),)),)', '(Stat("P", Q, description="d"),)',
        "rows: expected a Row each, got a Stat 'P' at [0] (Row('title', (panel, …)))",
    ),
    "a dashboard by position": Change(
        'Dashboard(uid="pipes", title="Pipes"', 'Dashboard("pipes", "Pipes"',
        "takes no positional values, got 2 (name them: uid=…, title=…)",
    ),
    "a group by position": Change(
        '"daemons", folder="Alerts", interval="10s", rules=(RULE, SECOND)', '"daemons", "Alerts", "10s", (RULE, SECOND)',
        "takes 1 positional value (name), got 4 (name them: folder=…)",
    ),
    "a misspelt field that is needed": Change('uid="pipes"', 'uidd="pipes"', "has no field 'uidd' (did you mean 'uid'?)"),
    "another word for one that is needed": Change(
        'severity="critical"', 'sev="critical"', "has no field 'sev' (did you mean 'severity', which is required?)"
    ),
    "an empty query": Change('Stat("P", Q', 'Stat("P", ""', "query: expected a text that is not empty, got ''"),
    "no query": Change('Stat("P", Q', 'Stat("P"', "needs a query (give its SQL as the second value"),
    "a misspelt variable": Change(
        'Stat("P", Q', 'Stat("P", Q + " AND h = ${hots:sqlstring}"', "uses $hots, which is not a variable of this dashboard"
    ),
    "a folder that no environment has": Change(
        'title="Pipes", folder="ops"', 'title="Pipes", folder="opps"',
        "no environment has a folder 'opps' (did you mean 'ops'?)",
    ),
    "a datasource that no environment has": Change(
        'Stat("P", Q', 'Stat("P", Q, datasource="loki"', "no environment has a datasource 'loki' (there are questdb)"
    ),
    # environments
    "a folder that one environment lacks": Change(
        '{"ops": Folder("o", "O")}', '{"opps": Folder("o", "O")}',
        "environment prod: has no folder 'ops', which Dashboard 'Health' and 1 more name (did you mean 'opps'?)",
    ),
    "a datasource that one environment lacks": Change(
        '{"questdb": QuestDB()}', '{"other": QuestDB()}',
        "environment prod: has no datasource 'questdb', which Stat 'State' and 4 more name",
    ),
    "a text for a datasource": Change(
        '{"questdb": QuestDB()}', '{"questdb": "questdb"}',
        "datasources: expected a QuestDB each, got 'questdb' at 'questdb' (QuestDB(host='…'))",
    ),
    "a text for a folder": Change(
        '{"ops": Folder("o", "O")}', '{"ops": "O"}', "folders: expected a Folder each, got 'O' at 'ops'"
    ),
    "no hosts": Change(
        '"prod", hosts=("a",)', '"prod"', "environment prod: has no hosts, and the SQL of AlertRule 'silent' and 1 more"
    ),
    "a misspelt field of an environment": Change(
        '"prod", hosts=', '"prod", host=', "has no field 'host' (did you mean 'hosts'?)"
    ),
    "a wrong version": Change(
        '"prod", hosts', '"prod", grafana="12", hosts', "grafana: expected a Grafana version like '12.3', got '12'"
    ),
    "environments of one name": Change('"local", hosts', '"prod", hosts', "two environments are named 'prod' (give one"),
    "environments of one Grafana": Change(
        'owns_policy_tree=True, datasources={"questdb": QuestDB()}, folders={"ops": Folder("o", "O")}\n)\nLOCAL'
        ' = Environment(\n    "local", hosts=("a",), owns_policy_tree=True',
        'instance="g", owns_policy_tree=True, datasources={"questdb": QuestDB()}, folders={"ops": Folder("o", "O")}\n)'
        '\nLOCAL = Environment(\n    "local", instance="g", hosts=("a",)',
        "has the dashboard uid 'health', 'pipes', the datasource uid 'questdb', the folder uid 'o', the alert rule uid"
        " 'down', 'silent' too (give one of them another uid_prefix)",
    ),
    "a prefix that is too long": Change(
        '"prod", hosts', f'"prod", uid_prefix="{"p" * 38}", hosts',
        "uid_prefix: with it the uid 'health', 'pipes', 'silent', 'down', 'questdb' is longer than 40 characters"
    ),
    "a datasource copied": Change(
        '{"questdb": QuestDB()}', '{"questdb": QuestDB(), "second": QuestDB()}',
        "datasources 'questdb' and 'second' have the uid 'questdb' (Grafana would know the last one only: give each a uid of its own)",
    ),
    "a name that is no folder": Change('"prod", hosts', '"eu/prod", hosts', "got 'eu/prod' (such as 'eu-prod')"),
    "no environment's list": Change("environments=(PROD, LOCAL)", "environments=PROD", "environments: expected a tuple"),
    # alerts
    "rules copied": Change("(RULE, SECOND)", "(RULE, SECOND, RULE)", "another rule has the uid 'silent'"),
    "a group listed twice": Change("alerts=(GROUP,)", "alerts=(GROUP, GROUP)", "another group of folder 'Alerts'"),
    "a text for a channel's tuple": Change('channels=("telegram",),\n    panel', 'channels="telegram",\n    panel',
        "channels: expected a tuple, got 'telegram' (write (x,) for a tuple of one)",
    ),
    "a panel as text": Change('HEALTH["state"]', '"health/state"', "panel: expected a PanelRef, got 'health/state'"),
    "a panel that is not there": Change('HEALTH["state"]', 'HEALTH["stat"]', "no panel of key 'stat' (did you mean 'state'?)"),
    "a word in the wrong case": Change("threshold=60", 'threshold=60, no_data="ok"', "got 'ok' (did you mean 'OK'?)"),
    "a version without KeepLast": Change(
        "threshold=60", 'threshold=60, panle=1', "has no field 'panle' (did you mean 'panel'?)"
    ),
    # contact points, policies, mute timings
    "no contact point": Change(
        "contact_points=(TELEGRAM,), ", "", "channels: there is no contact point 'telegram'; 3 more name it (there are none)"
    ),
    "a misspelt list of the project": Change(
        "contact_points=", "contact_pionts=", "has no field 'contact_pionts' (did you mean 'contact_points'?)"
    ),
    "a contact point listed twice": Change(
        "(TELEGRAM,)", "(TELEGRAM, TELEGRAM)", "another contact point has the name 'telegram' (give one another name)"
    ),
    "receivers one by one": Change(
        '(Telegram("tg", chat_id="-100", bot_token="${TELEGRAM_BOT_TOKEN}"),)', 'Telegram("a"), Telegram("b")',
        "receivers: expected a tuple, got 2 values one by one",
    ),
    "a misspelt setting": Change("bot_token=", "bot_tokn=", "has no field 'bot_tokn' (did you mean 'bot_token'?)"),
    "a misspelt contact point in a policy": Change(
        'Policy(\n    "telegram"', 'Policy(\n    "telegrm"', "there is no contact point 'telegrm' (did you mean 'telegram'?)"
    ),
    "a text for a matcher": Change(
        '(Match("team", "=~", "a|b"),)', '("team=a",)', "expected a Match each, got 'team=a' at [0] (Match('team', '=', 'a'))"
    ),
    "no policy": Change(" policy=POLICY,", "", "owns_policy_tree: PROJECT has no policy (policy=Policy('contact point', …)"),
    "a misspelt policy": Change("policy=POLICY", "polcy=POLICY", "has no field 'polcy' (did you mean 'policy'?)"),
    "a misspelt weekday": Change('"saturday"', '"saterday"', "weekdays: expected a weekday like 'monday', got 'saterday'"),
    "a misspelt mute timing": Change('("weekends",)', '("weekend",)', "no mute timing 'weekend' (did you mean 'weekends'?)"),
    # Python
    "a misspelt class": Change("PIPES = Dashboard", "PIPES = Dashbord", "'Dashbord' is not defined (did you mean 'Dashboard'?)"),
    "a misspelt name of one's own": Change("alerts=(GROUP,)", "alerts=(GRUOP,)", "'GRUOP' is not defined (did you mean 'GROUP'?)"),
}  # fmt: skip

TABLE = '''
from datetime import datetime
from typing import Annotated
from annotated_types import Ge, Len
from dashgen.model.tables.row_constraints import Monotonic
from dashgen.model.tables.table import Designated, Doc, Symbol, table

@table(name="trips", ttl="7 DAYS", dedup=("at", "truck"), write_interval="10s", rules=(Monotonic("km", resets_with="up"),))
class Trips:
    """Trips of trucks."""

    at: Annotated[datetime, Designated(), Doc("When.")]
    truck: Annotated[str, Symbol(64), Len(1, 20), Doc("Which.")]
    km: Annotated[float, Ge(0), Doc("How far.", "km")]
    up: Annotated[float, Ge(0), Doc("Since the start.", "s")]

PROJECT = project(dash(stat()), tables=(Trips,))
'''
TABLES = {
    "a misspelt option": Change(
        "write_interval=", "write_intervall=", "unexpected keyword argument 'write_intervall' (did you mean 'write_interval'?)"
    ),
    "a TTL": Change('"7 DAYS"', '"7 dyas"', "HOURS, DAYS, WEEKS, MONTHS or YEARS, got '7 dyas' (such as '90 DAYS')"),
    "a key's column": Change('("at", "truck")', '("at", "trukc")', "got 'trukc' (did you mean 'truck'?)"),
    "a key's timestamp": Change('("at", "truck")', '("att", "truck")', "got 'att' (did you mean 'at'?)"),
    "a rule's column": Change('Monotonic("km"', 'Monotonic("kms"', "got 'kms' in Monotonic (did you mean 'km'?)"),
    "a rule's class": Change('Monotonic("km"', 'Monotonik("km"', "'Monotonik' is not defined (did you mean 'Monotonic'?)"),
    "a type that QuestDB lacks": Change("km: Annotated[float", "km: Annotated[complex", "km: expected one of datetime, str"),
    "a capacity as text": Change("Symbol(64)", "Symbol('64')", "a power of two as symbol capacity, got '64' (Symbol(256))"),
    "no designated timestamp": Change("Designated(), ", "", "exactly one column with Designated(), got none (timestamp:"),
    "the name of a table for its class": Change("(Trips,)", "('trips',)", "tables: expected a class declared with @table each"),
}  # fmt: skip

HEAD = """
HEALTH = Dashboard(uid="health", title="Health", rows=(Row("Now", (Stat("S", Q, key="state", description="d"),)),))
OWN = AlertRule(uid="o", title="O", query="SELECT 1", threshold=1, severity="info", channels=("telegram",))
GROUPS = (AlertGroup("daemons", folder="A", interval="10s"), AlertGroup("p", folder="A", interval="10s", rules=(OWN,)))
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True), Environment("local", owns_policy_tree=True)),
    dashboards=(HEALTH,), alerts=yaml_rules("alerts/*.yaml", groups=GROUPS, dashboards=(HEALTH,)),
    contact_points=(ContactPoint("telegram", (Telegram("tg"),)),), policy=Policy("telegram", group_by=("host",)),
)
"""
RULE = """\
uid: silent
title: Silent
group: daemons
sql: |
  SELECT host, age FROM t WHERE env = ${env:sqlstring}
threshold: 60
for_duration: 30s
severity: critical
channels: [telegram]
panel: health/state
"""
RULES = {
    "a key that is needed, misspelt": Change("severity:", "severty:", "severty: unknown key (did you mean 'severity'?)"),
    "another word for it": Change("severity:", "level:", "level: unknown key (did you mean 'severity', which is missing?)"),
    "a key that is needed, left out": Change("severity: critical\n", "", "missing key 'severity' (write severity: one of critical, warning, info)"),
    "the uid, misspelt": Change("uid:", "uuid:", "uuid: unknown key (did you mean 'uid'?)"),
    "any other key": Change("channels:", "chanels:", "chanels: unknown key (did you mean 'channels'?)"),
    "a key that is none": Change("for_duration:", "for:", "for: unknown key (known keys: "),
    "a value": Change("critical", "crtical", "severity: 'crtical' is not allowed here (did you mean 'critical'?)"),
    "a group": Change("group: daemons", "group: daemon", "there is no group 'daemon' (did you mean 'daemons'?)"),
    "a panel": Change("health/state", "health/stat", "no panel with the key 'stat' (did you mean 'state'?)"),
    "a channel": Change("[telegram]", "[telegran]", "no contact point 'telegran' (did you mean 'telegram'?)"),
    "a text for a list": Change("[telegram]", "telegram", "expected a list, got 'telegram' (write a list of one: [telegram])"),
    "a number in quotes": Change("60", "'60'", "expected a number or a list, got '60' (write it without quotes: 60)"),
    "a duration without its unit": Change("30s", "30", "expected a string, got 30 (a duration like 30s, 5m, 1h)"),
    "an empty file": Change(RULE, "", "is empty (write a rule, or remove the file)"),
    "a tab": Change("threshold: 60", "\tthreshold: 60", "a tab: YAML is indented by spaces (replace the tab by spaces)"),
    "a colon in a text": Change("Silent", "Silent: really", "a text may not hold ': ' unless it is in quotes (put the text"),
    "a key deeper than the others": Change(
        "severity: critical\n", "severity: critical\n  owner: me\n",
        "this key is indented deeper than the one before it, whose value is complete",
    ),
    "no colon": Change("title: Silent", "title Silent", "this line is no `key: value` (write a ':' and a space behind"),
    "no space behind a colon": Change("title: Silent", "title:Silent", "this line is no `key: value`"),
    "SQL that is not indented": Change("  SELECT", "SELECT", "this line is no `key: value` (write a ':' and a space"),
    "an open list": Change("[telegram]", "[telegram", "the list that begins here is not closed (a ']' or a ',' is"),
    "an open quote": Change("Silent", "'Silent", "the quote that opens here is not closed"),
    "a template without quotes": Change("Silent", "{{ $labels.host }}", "a text that begins with '{' or '[' must be in quotes"),
    "a percent sign": Change("Silent", "%Silent", "a text may not begin with '%' unless it is in quotes"),
    "a star": Change("Silent", "*Silent", "a text that begins with '*' must be in quotes: YAML takes it for a reference"),
    "an ampersand": Change("Silent", "& Silent", "a text that begins with '&' must be in quotes"),
    "a dash that begins a list": Change("title: Silent", "- title: Silent", "the indentation of this line matches no line above"),
    "a list behind its key": Change("[telegram]", "- telegram", "a list may not begin behind its key (begin it on the next"),
    "a key twice": Change("title: Silent", "title: Silent\ntitle: B", "the key 'title' is there twice (remove one of them)"),
    "two documents": Change("title: Silent", "---\ntitle: Silent", "a second document begins here (a file has one"),
    "a control character": Change("Silent", "Si\x00lent", "a control character (remove it"),
    "an escape": Change("Silent", '"a\\qb"', "an escape that YAML does not know (write it in single quotes"),
}  # fmt: skip

SUITE = """\
defaults:
  rows:
    daemon_metrics: {env: prod, running: true}
tests:
  - name: dead
    rows:
      - table: daemon_metrics
        from: -5m
        values: {host: a}
    run: {to: 3m}
    events:
      - {at: 10s, sql: X}
    database:
      - {away: true, from: 1m}
    expect:
      - fires: silent
        labels: {host: b}
        after: 1m
        within: 90s
        resolves: {after: 4m, within: 60s}
      - never: silent
        labels: {host: a}
      - at: 30s
        alerts:
          - {rule: silent, state: Alerting, value: 0}
      - messages: telegram
        sent:
          - {at: 130s, firing: 2}
"""
SUITES = {
    "never": Change("never:", "nevr:", "dead › expect › nevr: unknown key (did you mean 'never'?)"),
    "fires": Change("fires:", "fire:", "dead › expect › fire: unknown key (did you mean 'fires'?)"),
    "messages": Change("messages:", "mesages:", "dead › expect › mesages: unknown key (did you mean 'messages'?)"),
    "at": Change("- at: 30s", "- att: 30s", "dead › expect › att: unknown key (did you mean 'at'?)"),
    "no kind of expectation": Change(
        "never:", "quiet:", "dead › expect: one of these keys is missing: at, fires, messages, never (each expectation"
    ),
    "within": Change("        within:", "        withn:", "dead › expect › withn: unknown key (did you mean 'within'?)"),
    "alerts": Change("alerts:", "alert:", "dead › expect › alert: unknown key (did you mean 'alerts'?)"),
    "rule": Change("{rule:", "{rul:", "dead › expect › alerts › rul: unknown key (did you mean 'rule'?)"),
    "sent": Change("sent:", "snt:", "dead › expect › snt: unknown key (did you mean 'sent'?)"),
    "expect": Change("expect:", "expct:", "dead › expct: unknown key (did you mean 'expect'?)"),
    "name": Change("name:", "nam:", "a test without a name › nam: unknown key (did you mean 'name'?)"),
    "tests": Change("tests:", "test:", "test: unknown key (did you mean 'tests'?)"),
    "table": Change("table:", "tabel:", "dead › rows › tabel: unknown key (did you mean 'table'?)"),
    "sql": Change("sql: X", "sq: X", "dead › events › sq: unknown key (did you mean 'sql'?)"),
    "defaults": Change("defaults:", "defalts:", "defalts: unknown key (did you mean 'defaults'?)"),
    "a time": Change("after: 1m", "after: soon", "dead › expect › after: 'soon' does not have the form that is needed (a duration"),
    "a time without its unit": Change("after: 1m", "after: 60", "dead › expect › after: expected a string or 0, got 60 (a duration"),
    "a state": Change("Alerting", "Alertin", "'Alertin' is not allowed here (did you mean 'Alerting'?)"),
    "a number for a text": Change("{host: a}\n      - at", "{host: 5}\n      - at", "expected a string, got 5 (write it in quotes: '5')"),
    "two tests of one name": Change(
        "  - name: dead\n", "  - {name: dead, expect: [{never: x}]}\n  - name: dead\n", "two tests are named 'dead' (give each"
    ),
    "a colon in a text": Change("name: dead", "name: dead: really", "a text may not hold ': ' unless it is in quotes"),
    "an empty file": Change(SUITE, "", "is empty (write tests, or remove the file"),
}  # fmt: skip


def told(folder: Path, text: str, others: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """All that `build` says of specs, in every environment."""
    loaded = load(specs(folder, text, others))
    if loaded.project is None:
        return loaded.problems + (check(loaded.draft) if loaded.draft else ())
    found = check(loaded.project)
    for environment in loaded.project.environments:
        found += prepare(loaded.project, environment, folder / "build" / environment.name).problems
    return tuple(dict.fromkeys(found))


def changed(text: str, change: Change) -> str:
    assert change.right in text
    return text.replace(change.right, change.wrong, 1)


def is_told_once(problems: Sequence[Problem], change: Change) -> None:
    (problem,) = problems
    said = f"{problem.path}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
    assert change.told in said
    assert problem.hint or "expected " in problem.message, f"no word of what to do: {said}"
    assert problem.source is not None


def test_what_is_changed_is_whole(tmp_path: Path) -> None:
    assert told(tmp_path / "spec", SPEC) == ()
    assert told(tmp_path / "table", TABLE) == ()
    assert told(tmp_path / "rule", HEAD, {"alerts/r.yaml": RULE}) == ()
    assert parse(tmp_path / "a.yaml", SUITE)[1] == []
    assert len({*SPECS, *TABLES, *RULES, *SUITES}) > 100


@pytest.mark.parametrize("case", SPECS)
def test_a_spec(case: str, tmp_path: Path) -> None:
    is_told_once(told(tmp_path, changed(SPEC, SPECS[case])), SPECS[case])


@pytest.mark.parametrize("case", TABLES)
def test_a_table(case: str, tmp_path: Path) -> None:
    is_told_once(told(tmp_path, changed(TABLE, TABLES[case])), TABLES[case])


@pytest.mark.parametrize("case", RULES)
def test_a_rule_in_yaml(case: str, tmp_path: Path) -> None:
    is_told_once(told(tmp_path, HEAD, {"alerts/r.yaml": changed(RULE, RULES[case])}), RULES[case])


@pytest.mark.parametrize("case", SUITES)
def test_a_file_of_tests(case: str, tmp_path: Path) -> None:
    is_told_once(parse(tmp_path / "a.yaml", changed(SUITE, SUITES[case]))[1], SUITES[case])


def test_a_fault_of_yaml_is_shown_with_its_line(tmp_path: Path) -> None:
    long = "title: " + "Silent " * 30 + ": {{ $labels.host }} " + "for long " * 20
    specs(tmp_path, HEAD, {"alerts/r.yaml": RULE.replace("title: Silent", long)})
    ran = dashgen(tmp_path, "build", env={"COLUMNS": "80"})
    where, line, mark, hint, summary = ran.err.splitlines()
    at = long.index(": {{")
    assert where.startswith(f"error: specs/alerts/r.yaml:2:{at + 1}: r.yaml: a text may not hold ': '")
    assert max(len(line), len(mark)) <= 80
    assert line.startswith("  2 | …")
    assert line[mark.index("^") :].startswith(": {{ $labels.host }}")
    assert hint == "  put the text in quotes: 'a: b'"
    assert summary == "1 problem; nothing was written"


def test_a_description_that_is_refused_is_not_missing(tmp_path: Path) -> None:
    specs(tmp_path, 'PROJECT = project(dash(Stat("A", Q, description="d\\ud800")))')
    (said,) = dashgen(tmp_path, "build").errors
    assert "x › A: description: expected characters that UTF-8 can say" in said


def test_options_without_end_are_one_mistake(tmp_path: Path) -> None:
    text = """
    ITSELF = {}
    ITSELF["a"] = ITSELF
    DEEP = []
    for _ in range(300):
        DEEP = [DEEP]
    PROJECT = project(dash(*(
        Panel("piechart", name, Q, description="d", options={"x": data}) for name, data in (("I", ITSELF), ("D", DEEP)))))
    """
    said = [f"{p.path}: {p.message}" for p in load(specs(tmp_path, text)).problems]
    assert [one.partition("got")[0] for one in said] == [
        f"x › {name}: options: expected JSON data, " for name in ("I", "D")
    ]
    assert all("more than 100 levels in x" in one for one in said)
