"""Random trees of policies, mute timings and groups of rules: what an import makes of them renders to the same."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from dashgen.adopt.alerting import notifications
from dashgen.adopt.alerting.rules import RuleScope, adopt
from dashgen.model.alerting.alert import AlertGroup, AlertRule
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import notifications as render
from dashgen.render.serialise import yaml_bytes
from dashgen.schema.located import load
from tests.adopt.alerting.documents import SCOPE, read

Json = dict[str, Any]
NAMES = st.sampled_from(["ops", "on call", "e-mail", "Ärzte", "a.b"])
VALUES = st.sampled_from(["", "x", "a|b", ".*", "5 $", "$1 {{ x }}", '"', "é\\", "yes", "1e3"])
LENGTHS = st.sampled_from(["10s", "1m30s", "2h", "1d", "90s"])
TIMES = st.fixed_dictionaries(
    {},
    optional={
        "group_by": st.lists(st.sampled_from(["env", "host", "..."]), max_size=2, unique=True),
        "group_wait": LENGTHS,
        "group_interval": LENGTHS,
        "repeat_interval": LENGTHS,
    },
)
MATCHER = st.tuples(st.sampled_from(["team", "severity", "a b"]), st.sampled_from(["=", "!=", "=~", "!~"]), VALUES)


def route(children: st.SearchStrategy[list[Json]]) -> st.SearchStrategy[Json]:
    own = st.fixed_dictionaries(
        {"object_matchers": st.lists(MATCHER.map(list), max_size=3)},
        optional={
            "receiver": NAMES,
            "continue": st.booleans(),
            "mute_time_intervals": st.lists(NAMES, max_size=2, unique=True),
            "active_time_intervals": st.lists(NAMES, max_size=1),
            "routes": children,
        },
    )
    return st.builds(lambda one, times: {**one, **times}, own, TIMES)


ROUTES = st.recursive(route(st.just([])), lambda inner: route(st.lists(inner, max_size=3)), max_leaves=6)
CHANNELS = st.sampled_from(["ops", "e-mail"]).map(
    lambda name: {
        "receiver": name,
        "object_matchers": [["channels", "=~", f"(.*,)?{name.replace('-', chr(92) + '-')}(,.*)?"]],
        "continue": True,
    }
)
TREES = st.builds(
    lambda receiver, times, routes: {"receiver": receiver, **times, "routes": routes},
    NAMES, TIMES, st.lists(ROUTES | CHANNELS, max_size=4),
)  # fmt: skip


@settings(max_examples=20)
@given(TREES)
def test_a_tree_comes_back(tree: Json) -> None:
    wanted = read(tree).policy
    assert wanted is not None
    policy = notifications.policy(wanted)
    project = Project(environments=(Environment("prod", owns_policy_tree=True),), policy=policy)
    text = yaml_bytes(render.policy_file(project, policy, project.environments[0])).decode()
    assert read(load(text).data).policy == wanted


LETTERS = st.permutations(["A", "B", "C", "D"])
LIMITS = st.integers(-5, 5) | st.floats(-5, 5, allow_nan=False, width=16)


def reduced(read_from: str) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"type": st.just("reduce"), "expression": st.just(read_from), "reducer": st.sampled_from(["last", "max"])},
        optional={
            "settings": st.sampled_from(
                [{"mode": "dropNN"}, {"mode": ""}, {"mode": "replaceNN", "replaceWithValue": 0}]
            )
        },
    )


@st.composite
def rules(draw: st.DrawFn) -> Json:
    a, b, c, d = draw(LETTERS)
    uid, kind = draw(st.sampled_from([("questdb", "questdb-questdb-datasource"), ("prom", "prometheus")]))
    asks: Json = (
        {"rawSql": "SELECT host, x FROM t", "format": 1} if uid == "questdb" else {"expr": "up", "instant": True}
    )
    fires = draw(st.sampled_from(["gt", "lt", "within_range", "eq"]))
    params = [-1, draw(LIMITS) ** 2] if fires == "within_range" else [draw(LIMITS)]
    judge = {"type": "threshold", "conditions": [{"evaluator": {"type": fires, "params": params}}]}
    shape = draw(st.sampled_from(["reduce", "math", "bare", "classic"]))
    steps: dict[str, Json] = {}
    condition = c
    if shape == "reduce":
        steps = {b: draw(reduced(a)), c: {**judge, "expression": b}}
    elif shape == "math":
        steps = {
            d: draw(reduced(a)),
            b: {"type": "math", "expression": f"100 * ${{{d}}}"},
            c: {**judge, "expression": b},
        }
    elif shape == "bare":
        steps, condition = {}, a
    else:
        query = {"params": [a]}
        classic = {"evaluator": {"type": "gt", "params": [3]}, "query": query, "reducer": {"type": "last"}}
        steps = {c: {"type": "classic_conditions", "conditions": [classic]}}
    data = [
        {"refId": a, "relativeTimeRange": {"from": draw(st.sampled_from([300, 90, 3600])), "to": 0},
         "datasourceUid": uid, "model": {"refId": a, "datasource": {"type": kind, "uid": uid}, **asks}},
    ]  # fmt: skip
    data += [{"refId": name, "datasourceUid": "__expr__", "model": model} for name, model in steps.items()]
    rule: Json = {
        "uid": draw(st.sampled_from(["rule-1", "7f", "r_2"])),
        "title": draw(st.sampled_from(["T", "5 $", "Ä"])),
    }
    rule |= {"condition": condition, "data": draw(st.permutations(data))}
    return rule | draw(
        st.fixed_dictionaries(
            {"ruleGroup": st.just("g"), "folderUID": st.just("F")},
            optional={
                "for": LENGTHS,
                "labels": st.dictionaries(st.sampled_from(["env", "severity", "team", "a b"]), VALUES),
                "annotations": st.dictionaries(st.sampled_from(["summary", "runbook_url", "x"]), VALUES),
                "execErrState": st.sampled_from(["Error", "OK", "KeepLast"]),
                "isPaused": st.booleans(),
                "notification_settings": st.sampled_from([None, {"receiver": "ops", "group_wait": "1m30s"}]),
                "missing_series_evals_to_resolve": st.sampled_from([None, 3]),
            },
        )
    )  # fmt: skip


@settings(max_examples=30)
@given(rules())
def test_a_rule_comes_back(rule: Json) -> None:
    (group,) = read(rule).groups
    (wanted,) = group["rules"]
    adopted = adopt(wanted, RuleScope(SCOPE, "prod", frozenset(), {}))
    assert adopted.difference == ""
    one = adopted.rule
    if rule["uid"] == "rule-1" and rule["condition"] != rule["data"][0]["refId"] and len(rule["data"]) > 1:
        assert isinstance(one, AlertRule)
    own, raw = ((one,), ()) if isinstance(one, AlertRule) else ((), (one,))
    assert AlertGroup("g", folder="F", rules=own, raw_rules=raw).every_rule == (one,)
