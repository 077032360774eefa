"""The mistakes that authors make: what dashgen says to each and where, and what the Foundation SDK does with the same.

docs/authoring.md has the table; a test here holds it against what was measured.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from grafana_foundation_sdk.builders import alerting, dashboard, stat
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as dm

from dashgen.loading.load import load
from dashgen.pipeline import prepare
from dashgen.project_checks import check
from tests.scratch import specs

ROOT = Path(__file__).resolve().parent.parent


class Query(Dataquery):
    def __init__(self, ref_id: str) -> None:
        self.ref_id = ref_id

    def build(self) -> Query:
        return self

    def to_json(self) -> dict[str, str]:
        return {"refId": self.ref_id}


def thresholds(*steps: dm.Threshold) -> Any:
    mode = dashboard.ThresholdsConfig().mode(dm.ThresholdsMode.ABSOLUTE)
    return stat.Panel().thresholds(mode.steps(list(steps)))


class Mistake(NamedTuple):
    """`spec` is the dashgen spec with the mistake; `where` is what stops it (load or build); `editor` is what mypy
    calls it, if it does; `sdk` builds the same with the SDK, and `sdk_says` is the error or what passes into JSON."""

    spec: str
    where: str
    error: str
    editor: str
    sdk: Callable[[], Any]
    sdk_says: str


AnySdk: Any = stat.Panel  # whose mistakes a type checker need not see here
MISTAKES: dict[str, Mistake] = {
    "typo in a field name": Mistake(
        "dash(stat(unti='ms'))", "load", "x › A: has no field 'unti' (did you mean 'unit'?)", "call-arg",
        lambda: AnySdk().unti("ms"), "AttributeError: 'Panel' object has no attribute 'unti'",
    ),
    "bad enum": Mistake(
        "dash(Stat('A', Q, description='d', color_mode='backgroud'))", "load",
        "x › A: color_mode: expected one of 'value', 'background', 'background_solid', 'none', got 'backgroud'"
        " (did you mean 'background'?)", "arg-type",
        lambda: AnySdk().color_mode("backgroud"), '"colorMode": "backgroud"',
    ),
    "bad unit": Mistake(
        "dash(Stat('A', Q, description='d', unit='msec'))", "load",
        "x › A: unit: expected a unit of Grafana's list, got 'msec' (did you mean 'ms'?)", "arg-type",
        lambda: AnySdk().unit("msec"), '"unit": "msec"',
    ),
    "wrong type for a query": Mistake(
        "dash(Stat('A', 5, description='d'))", "load",
        "x › A: query: expected SQL, a Query, or a tuple of them, got 5", "arg-type",
        lambda: AnySdk().with_target(5), "AttributeError: 'int' object has no attribute 'build'",
    ),
    "unknown override property": Mistake(
        "dash(Stat('A', Q, description='d', overrides=(Override('v', unti='ms'), Override('w', custom={'nope': 1}))))",
        "load", "x › A › Override 'v': has no field 'unti' (did you mean 'unit'?)", "call-arg",
        lambda: AnySdk().override_by_name("v", [dm.DynamicConfigValue("unti", "ms")]), '"id": "unti"',
    ),
    "bad colour": Mistake(
        "dash(Stat('A', Q, description='d', thresholds=Thresholds('grene')))", "load",
        "x › A › Thresholds: base: expected a colour of Grafana's palette, got 'grene' (did you mean 'green'?)",
        "arg-type", lambda: thresholds(dm.Threshold(None, "grene")), '"color": "grene"',
    ),
    "unsorted thresholds": Mistake(
        "dash(Stat('A', Q, description='d', thresholds=Thresholds('green', (5, 'red'), (1, 'orange'))))", "load",
        "x › A › Thresholds: steps must ascend, but 1 follows 5 (order the steps by value)", "",
        lambda: thresholds(dm.Threshold(5, "red"), dm.Threshold(1, "orange")), '"value": 5',
    ),
    "unknown $variable": Mistake(
        "dash(Stat('A', Q + ' AND h = $host', description='d'))", "build",
        "x › A: the SQL uses $host, which is not a variable of this dashboard (its variables: none)", "",
        lambda: AnySdk().title("$host"), '"title": "$host"',
    ),
    "duplicate refId or id": Mistake(
        "dash(Stat('A', (Query(Q, name='a'), Query(Q, name='a')), description='d'), Stat('A', Q, description='d'))",
        "load", "x › A: two queries are named 'a' (overrides and conditions refer to queries by name)", "",
        lambda: AnySdk().with_target(Query("A")).with_target(Query("A")), '"refId": "A"',
    ),
    "off-grid width": Mistake(
        "dash(Stat('A', Q, description='d', width=30))", "load",
        "x › A: width: expected a whole number from 1 to 24, got 30", "",
        lambda: AnySdk().span(30), "ValueError: w must be <= 24",
    ),
    "missing condition": Mistake(
        "alerts=(AlertGroup('g', folder='f', interval='1m', rules=("
        "AlertRule(uid='r', title='R', query=(Q, Q), threshold=1, severity='critical'),)),)",
        "load", "has 2 queries and no condition (condition='A' … names the condition)", "",
        lambda: alerting.Rule("R"), '"condition": ""',
    ),
    "bad duration": Mistake(
        "dash(Stat('A', Q, description='d', min_interval='5 minutes'))", "load",
        "x › A: min_interval: expected a duration like '30s', '5m', '1h', got '5 minutes'"
        " (one number and one of ms, s, m, h, d, w)", "",
        lambda: AnySdk().interval("5 minutes"), '"interval": "5 minutes"',
    ),
    "wrong settings key": Mistake(
        "contact_points=(ContactPoint('c', (Telegram('t', bot_tokn='${TOKEN}'),)),)", "load",
        "has no field 'bot_tokn' (did you mean 'bot_token'?)", "call-arg",
        lambda: alerting.ContactPoint().type("telegram").settings({"bottokn": "x"}), '"bottokn": "x"',
    ),
    "bad refresh": Mistake(
        "dash(refresh='7s')", "load",
        "x: refresh: expected a refresh interval of Grafana's list (5s, 10s, 30s, 1m, 5m and 5 more)"
        " or '', got '7s'", "arg-type",
        lambda: dashboard.Dashboard("x").refresh("7s"), '"refresh": "7s"',
    ),
}  # fmt: skip


def spec(mistake: Mistake) -> str:
    return f"PROJECT = project({mistake.spec})"


def told(folder: Path, text: str) -> tuple[str, list[str]]:
    """Where a spec is stopped, and by what: each error without its file and line, the hint in brackets."""
    loaded = load(specs(folder, text))
    where, found = "load", loaded.problems
    if loaded.project is not None:
        where = "build"
        found = (
            *check(loaded.project),
            *prepare(loaded.project, loaded.project.environments[0], folder / "build").problems,
        )
    assert all(p.source is not None for p in found)
    return where, [f"{p.path}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in found]


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_an_error_with_its_place(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    where, errors = told(tmp_path, spec(mistake))
    assert where == mistake.where
    assert any(mistake.error in error for error in errors), errors


def test_an_override_of_a_custom_option_that_is_unknown_is_found_by_the_build(tmp_path: Path) -> None:
    where, errors = told(tmp_path, "PROJECT = project(dash(stat(overrides=(Override('w', custom={'nope': 1}),))))")
    assert where == "build"
    assert "fieldConfig/overrides/0/properties/0/id: 'custom.nope' is not allowed here" in errors[0]


@pytest.mark.parametrize("name", MISTAKES)
def test_what_the_sdk_does_with_it(name: str) -> None:
    mistake = MISTAKES[name]
    try:
        said = JSONEncoder(sort_keys=True, indent=2).encode(mistake.sdk().build())
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    assert mistake.sdk_says in said


@pytest.mark.slow
def test_what_an_editor_says(tmp_path: Path) -> None:
    """mypy is the editor's eye here: one file with a mistake a line."""
    lines = ["from dashgen import *", 'Q = "SELECT 1"', "def dash(*panels: Panel) -> Dashboard: ..."]
    at = {}
    for name, mistake in MISTAKES.items():
        call = mistake.spec.removeprefix("alerts=").removeprefix("contact_points=")
        call = call.replace("stat(unti='ms')", "Stat('A', Q, unti='ms')")
        call = call.replace("dash(refresh='7s')", "Dashboard(uid='x', title='X', rows=(), refresh='7s')")
        lines.append(call)
        at[len(lines)] = name
    file = tmp_path / "mistakes.py"
    file.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--disable-error-code=empty-body", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found: dict[str, set[str]] = {name: set() for name in MISTAKES}
    for line, code in re.findall(r"mistakes\.py:(\d+): error: .*\[([\w-]+)\]", done.stdout):
        found[at[int(line)]].add(code)
    for name, mistake in MISTAKES.items():
        assert found[name] == ({mistake.editor} if mistake.editor else set()), (name, done.stdout)


def test_the_documented_table_is_what_was_measured() -> None:
    rows = {}
    for line in (ROOT / "docs" / "authoring.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] in MISTAKES:
            rows[cells[0]] = cells[1:]
    assert rows == {
        name: [
            "yes" if m.editor else "–",
            m.where,
            f"`{m.sdk_says.partition(':')[0]}`" if "Error:" in m.sdk_says else "passes it on",
        ]
        for name, m in MISTAKES.items()
    }
