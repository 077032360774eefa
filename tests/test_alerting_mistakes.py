"""The mistakes that authors of alerts make: one error each, said where the mistake is (§), with what came, what to do.

Each changes one thing in a project that is whole. What is wrong with rules in YAML is in project/test_alert_files.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.loading.load import load
from dashgen.model.core.problems import Problem
from dashgen.pipeline import prepare
from dashgen.project_checks import check
from tests.scratch import dashgen, specs

WHOLE = """\
from dashgen import *

STATE = Stat("State", "SELECT host, running::int AS state FROM t", key="state", description="Is it up?")
OTHER = Stat("Other", "SELECT host, running::int AS state FROM t", description="Is it up?")
HEALTH = Dashboard(uid="health", title="Health", rows=(Row("Now", (STATE, OTHER)),))
RULE = AlertRule(
    uid="silent",
    title="Silent",
    query="SELECT host, age FROM t WHERE env = ${env:sqlstring} AND $__timeFilter(at)",
    threshold=60,
    for_duration="30s",
    severity="critical",
    channels=("telegram",),
    panel=HEALTH["state"],
)
GROUP = AlertGroup("daemons", folder="Alerts", interval="10s", rules=(RULE,))
TELEGRAM = ContactPoint("telegram", (Telegram("tg"),))
POLICY = Policy(
    "telegram",
    group_by=("env", "host"),
    routes=(Route("telegram", matchers=(Match("team", "=~", "a|b"),), mute_timings=("weekends",)),),
)
WEEKENDS = MuteTiming("weekends", (TimeInterval(weekdays=("saturday", "sunday")),))
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True),),
    dashboards=(HEALTH,),
    alerts=(GROUP,),
    contact_points=(TELEGRAM,),
    policy=POLICY,
    mute_timings=(WEEKENDS,),
)
"""
RULE = "alerts › daemons › silent"
SECOND = 'AlertRule(uid="{}", title="{}", query="SELECT 1", threshold=1, severity="info")'
MISTAKES = {
    "misspelt field": (
        "threshold=60", "§treshold=60", f"{RULE}: has no field 'treshold' (did you mean 'threshold'?)",
    ),
    "wrong type": (
        "threshold=60", "§threshold='60'",
        f"{RULE}: threshold: expected a finite number, got '60' (whole ones up to 2^53)",
    ),
    "range for one end": (
        "threshold=60", "§threshold=60, fires='inside'",
        f"{RULE}: threshold: expected (low, high) for fires='inside', got 60",
    ),
    "not there": ("RULE = AlertRule", "RULE = §AlertRule", f"{RULE}: needs severity (give severity=…)"),
    "unknown severity": (
        'severity="critical"', "§severity='crit'",
        f"{RULE}: severity: expected one of 'critical', 'warning', 'info', got 'crit' (did you mean 'critical'?)",
    ),
    "unknown channel": (
        'channels=("telegram",)', "§channels=('telegran',)",
        f"{RULE}: channels: there is no contact point 'telegran' (did you mean 'telegram'?)",
    ),
    "a text for a tuple": (
        'channels=("telegram",)', "§channels='telegram'",
        f"{RULE}: channels: expected a tuple, got 'telegram' (write (x,) for a tuple of one)",
    ),
    "duplicate uid": (
        "(RULE,)", f"(RULE, {SECOND.format('silent', 'Other').replace('uid', '§uid')})",
        f"{RULE}: another rule has the uid 'silent' (Grafana would keep only one of them)",
    ),
    "duplicate title": (
        "(RULE,)", f"(RULE, {SECOND.format('other', 'Silent').replace('title', '§title')})",
        "alerts › daemons › other: another rule of folder 'Alerts' has the title 'Silent'"
        " (Grafana 12.3 of 'prod' would not start; 12.4 and newer take it)",
    ),
    "wrong uid": (
        'uid="silent"', "§uid='Silent rule!'",
        "alerts › daemons › Silent: uid: expected a uid of at most 40 letters, digits, '-' and '_', first a letter,"
        " got 'Silent rule!'",
    ),
    "wrong duration": (
        'for_duration="30s"', "§for_duration='30 sec'",
        f"{RULE}: for_duration: expected a duration like '30s', '5m', '1h', got '30 sec'"
        " (one number and one of s, m, h)",
    ),
    "interval": (
        'interval="10s"', "§interval='15s'",
        "alerts › daemons: interval: expected a multiple of 10s, got '15s' (Grafana would not start)",
    ),
    "no such condition": (
        "threshold=60", "threshold=60, §condition='C'",
        f"{RULE}: condition: expected one of A, got 'C'"
        " (Grafana would accept it, and the rule would fail at every evaluation)",
    ),
    "a series judged": (
        'query="SELECT host, age FROM t WHERE env = ${env:sqlstring} AND $__timeFilter(at)",\n    threshold=60',
        'query=Query("SELECT at, age FROM t", format="time_series"),\n    §expressions=(Threshold("A", 60),)',
        f"{RULE}: B, a threshold, compares the time series A"
        " (put a Reduce before it: otherwise every evaluation fails in Grafana)",
    ),
    "a browser's variable": (
        "${env:sqlstring}", "§$host",
        f"{RULE}: the SQL uses $host, which only a browser replaces"
        " (an alert can use ${env:sqlstring}, ${hosts:sqlstring}, ${hosts:rows})",
    ),
    "a browser's macro": (
        "$__timeFilter(at)", "§$__conditionalAll(a = 1, ${env:sqlstring})",
        f"{RULE}: the SQL uses $__conditionalAll, which only a browser replaces"
        " (an alert can use $__timeFilter(column), $__fromTime, $__toTime)",
    ),
    "unknown macro": (
        "$__timeFilter(at)", "§$__timefilter(at)",
        f"{RULE} › A: the questdb datasource has no macro $__timefilter (did you mean $__timeFilter?)",
    ),
    "undefined in a template": (
        "threshold=60", 'threshold=60,\n    summary="{{ §$lables.host }} is silent"',
        f"{RULE}: summary: undefined variable '$lables' in '{{{{ $lables.host }}}} is silent'"
        " (a Go template, like '{{ $labels.host }}')",
    ),
    "unclosed template": (
        "threshold=60", 'threshold=60,\n    summary="Now §{{ $labels.host is silent"',
        f"{RULE}: summary: unclosed action in 'Now {{{{ $labels.host is silent'"
        " (a Go template, like '{{ $labels.host }}')",
    ),
    "panel without a key": (
        'HEALTH["state"]', '§HEALTH["other"]',
        f"{RULE} › health['other']: the panel 'Other' has no explicit key"
        " (a reference by its title would break with it: give it key='other')",
    ),
    "no such panel": (
        'HEALTH["state"]', '§HEALTH["stat"]',
        f"{RULE} › health['stat']: 'Health' has no panel of key 'stat' (did you mean 'state'?)",
    ),
    "variable of the link": (
        'HEALTH["state"]', 'HEALTH["state"], §link_variables=("host",)',
        f"{RULE}: link_variables: 'health' has no variable 'host' (its variables: none)",
    ),
    "label of dashgen's": (
        "threshold=60", 'threshold=60, §labels={"severity": "x"}',
        f"{RULE}: labels: expected labels of your own; 'severity' is set by dashgen or Grafana,"
        " got {'severity': 'x'}",
    ),
    "folder of dashboards": (
        'folder="Alerts"', '§folder="dashgen"',
        "alerts › daemons: folder 'dashgen' is a folder of dashboards in 'prod'"
        " (a new Grafana would create it with another uid, and put the dashboards elsewhere)",
    ),
    "a rule for a group": (
        "alerts=(GROUP,)", "§alerts=(RULE,)",
        "Project: alerts: expected an AlertGroup each, got an AlertRule 'silent' at [0]",
    ),
    "a rule for a tuple": (
        "rules=(RULE,)", "§rules=RULE",
        "alerts › daemons: rules: expected a tuple, got an AlertRule 'silent' (write (x,) for a tuple of one)",
    ),
    "a secret": (
        'Telegram("tg")', "Telegram('tg', §bot_token='123456:AAbbcc')",
        "contact point telegram › Telegram 'tg': bot_token: expected a reference to an environment variable like"
        " '${TELEGRAM_BOT_TOKEN}', got a str that is not shown (secrets are never in the output)",
    ),
    "a chat's number": (
        'Telegram("tg")', "Telegram('tg', §chat_id=-100123)",
        "contact point telegram › Telegram 'tg': chat_id: expected a chat's number as a text, like '-1001234',"
        " '@channel', or '${TELEGRAM_CHAT_ID}', got -100123",
    ),
    "nobody's contact point": (
        "contact_points=(TELEGRAM,)", 'contact_points=(TELEGRAM, §ContactPoint("mail", (Email("m"),)))',
        "contact point mail: nothing routes to it (name it in a rule's channels or in the policy, or remove it)",
    ),
    "unknown receiver": (
        '"telegram",\n    group_by', '§"telegrm",\n    group_by',
        "policy: there is no contact point 'telegrm' (did you mean 'telegram'?)",
    ),
    "wrong matcher": (
        '"=~"', '§"~"',
        "policy › Route 'team~a|b' › Match team~'a|b': operator: expected one of '=', '!=', '=~', '!~', got '~'"
        " (did you mean '=~'?)",
    ),
    "a matcher's expression": (
        '"a|b"', '§"a(b"',
        "policy › Route 'team=~a(b' › Match team=~'a(b': value: 'a(b' is not a regular"
        " expression: missing ), unterminated"
        " subpattern at position 1",
    ),
    "a text for a matcher": (
        'matchers=(Match("team", "=~", "a|b"),)', '§matchers=("team=a",)',
        "policy › Route 'telegram': matchers: expected a Match each, got 'team=a' at [0] (Match('team', '=', 'a'))",
    ),
    "unknown mute timing": (
        'mute_timings=("weekends",)', '§mute_timings=("weekend",)',
        "policy › Route 'team=~a|b': there is no mute timing 'weekend' (did you mean 'weekends'?)",
    ),
    "wrong mute timing": (
        'weekdays=("saturday", "sunday")', '§weekdays=("saturday:monday",)',
        "mute timing weekends › TimeInterval: weekdays: expected a range that ends after it starts, or two of them"
        " (the week starts with sunday), got 'saturday:monday' (Grafana would not start)",
    ),
    "no time of a day": (
        'weekdays=("saturday", "sunday")', '§times=(("9:00", "25:00"),)',
        "mute timing weekends › TimeInterval: times: expected start and end like ('09:00', '17:30'), up to '24:00'"
        " each, got ('9:00', '25:00') at [0]",
    ),
    "no such name": (
        "RULE = AlertRule(", "RULE = §AlertRul(",
        "specs: raises NameError: name 'AlertRul' is not defined (did you mean 'AlertRule'?)",
    ),
    "missing comma": (
        "    threshold=60,\n", "    threshold=§60\n", "specs: SyntaxError: invalid syntax. Perhaps you forgot a comma?",
    ),
}  # fmt: skip


def told(folder: Path, text: str) -> tuple[Problem, ...]:
    loaded = load(specs(folder, text, head=""))
    if loaded.project is None:
        return loaded.problems + (check(loaded.draft) if loaded.draft else ())
    found = check(loaded.project) + prepare(loaded.project, loaded.project.environments[0], folder / "build").problems
    return tuple(dict.fromkeys(found))


def test_the_project_that_is_changed_is_whole(tmp_path: Path) -> None:
    assert told(tmp_path, WHOLE) == ()


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_error_in_its_place(tmp_path: Path, case: str) -> None:
    right, wrong, error = MISTAKES[case]
    assert right in WHOLE
    marked = WHOLE.replace(right, wrong, 1)
    if case == "not there":
        marked = marked.replace('    severity="critical",\n', "")
    (problem,) = told(tmp_path, marked.replace("§", ""))
    before = marked.partition("§")[0]
    place = f"specs/__init__.py:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
    assert problem.source is not None
    assert (
        f"{problem.source.relative_to(tmp_path)}: {str(problem.at(problem.path)).partition(': ')[2]}" == place + error
    )


def test_nothing_is_rendered_from_a_broken_set(tmp_path: Path) -> None:
    """What was there stays as it was, whatever is wrong and however much of it."""
    specs(tmp_path, WHOLE, head="")
    assert dashgen(tmp_path, "build").code == 0
    before = {p: p.read_bytes() for p in (tmp_path / "build").rglob("*") if p.is_file()}
    for cases, code in (
        (("unknown channel", "unknown macro"), 1),
        (("misspelt field", "interval", "unknown mute timing"), 2),
    ):
        text = WHOLE
        for case in cases:
            right, wrong, _ = MISTAKES[case]
            text = text.replace(right, wrong.replace("§", ""), 1)
        specs(tmp_path, text, head="")
        ran = dashgen(tmp_path, "build")
        assert ran.code == code
        assert len(ran.errors) == len(cases)
        assert {p: p.read_bytes() for p in (tmp_path / "build").rglob("*") if p.is_file()} == before
