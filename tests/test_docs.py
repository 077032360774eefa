"""README and guides: the specs in them build, what is shown is what comes out, every command is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashgen
from tests.cli.test_commands import COMMANDS, parses
from tests.scratch import Ran, specs
from tests.scratch import dashgen as run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PAGES = {p.relative_to(ROOT).as_posix(): p.read_text() for p in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]}


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks of a page that are of one of the languages ("" for none)."""
    found, language, lines = [], None, list[str]()
    for line in text.splitlines(keepends=True):
        if not line.startswith("```"):
            lines.append(line)
        elif language is None:
            language, lines = line[3:].strip(), []
        else:
            found += ["".join(lines)] if language in languages else []
            language = None
    return found


def test_the_readme_leads_with_the_two_commands() -> None:
    first = blocks(README, "console")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["$ make dashboards", "$ make test"]
    assert README.index(first) < README.index("## A spec and what it becomes") < README.index("## Commands")


def test_the_readmes_spec_becomes_what_is_shown(tmp_path: Path) -> None:
    spec = blocks(README, "python")[0]
    assert 10 <= len(spec.splitlines()) <= 20
    specs(tmp_path, spec, head="")
    assert run(tmp_path, "build").code == 0
    shown = next(b for b in blocks(README, "") if b.startswith("build/prod/"))
    paths = [line.split()[0] for line in shown.splitlines()[1:]]
    prod = tmp_path / "build" / "prod"
    assert sorted(paths) == sorted(p.relative_to(prod).as_posix() for p in prod.rglob("*") if p.is_file())
    assert "QUESTDB_PASSWORD=" in (prod / "environment.example").read_text()


def test_the_readmes_error_is_what_a_user_sees(tmp_path: Path) -> None:
    spec = blocks(README, "python")[0]
    assert 'unit="ms"' in spec
    specs(tmp_path, spec.replace('unit="ms"', 'unit="msec"'), head="")
    ran = run(tmp_path, "build")
    shown = next(b for b in blocks(README, "console") if "msec" in b)
    command, _, output = shown.partition("\n")
    assert command == "$ dashgen build"
    assert ran.err == output


def test_the_guides_specs_build(tmp_path: Path) -> None:
    text = PAGES["docs/authoring.md"]
    project, panel = blocks(text, "python")
    specs(tmp_path / "a", project, head="")
    ran = run(tmp_path / "a", "build")
    assert (ran.code, ran.err.partition(" in ")[0]) == (0, "done"), ran.err
    names = "Dashboard, Environment, Project, Row"
    wrapped = f"from dashgen import {names}\n{panel.replace('TimeSeries(', 'PANEL = TimeSeries(', 1)}"
    wrapped = wrapped.replace("Query, PANEL = TimeSeries", "Query, TimeSeries")
    wrapped += 'D = Dashboard(uid="x", title="X", rows=(Row("", (PANEL,)),))\n'
    wrapped += 'PROJECT = Project(environments=(Environment("prod"),), dashboards=(D,))\n'
    specs(tmp_path / "b", wrapped, head="")
    assert run(tmp_path / "b", "build").code == 0


ALERTING = PAGES["docs/alerting.md"]
MONITORED = """\
from dashgen import *

STATE = Stat("State", "SELECT host, running::int AS state FROM daemon_metrics", key="state", description="Is it up?")
HOST = QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics")
HEALTH = Dashboard(uid="daemon-health", title="Daemon health", variables=(HOST,), rows=(Row("Now", (STATE,)),))
"""
ENDS = """
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True, hosts=("prod-server-01",)),), dashboards=(HEALTH,),
    contact_points=(TELEGRAM, EMAIL), policy=POLICY, mute_timings=(WEEKENDS,), templates=(PAGE,), alerts={alerts},
)
"""


def alerting(folder: Path, alerts: str, groups: str, yaml: str = "") -> Ran:
    """Builds the guide's contact points, policy, mute timing and template with those alert rules."""
    _, _, notified = blocks(ALERTING, "python")
    (weekends,) = re.findall(r"`(MuteTiming\(.*\))`", ALERTING)
    (page,) = re.findall(r"`(Template\(.*?\))`", ALERTING)
    (message,) = re.findall(r"`(message='.*?')`", ALERTING)
    telling = notified.replace('Telegram("telegram-on-call")', f'Telegram("telegram-on-call", {message})')
    assert telling != notified
    text = f"{MONITORED}{groups}{telling}WEEKENDS = {weekends}\nPAGE = {page}\n{ENDS.format(alerts=alerts)}"
    specs(folder, text, {"alerts/silent.yaml": yaml} if yaml else {}, head="")
    return run(folder, "build")


def test_the_alerting_guides_declarations_build(tmp_path: Path) -> None:
    rule, _, _ = blocks(ALERTING, "python")
    ran = alerting(tmp_path, "(DAEMONS,)", rule)
    assert (ran.code, ran.err.partition(" in ")[0]) == (0, "done"), ran.err
    at = tmp_path / "build/prod/provisioning/alerting"
    assert 'title: "Daemon silent"' in (at / "rules-daemons.yaml").read_text()
    assert "weekends" in (at / "policies.yaml").read_text()
    assert '{{ define "page" }}' in (at / "templates.yaml").read_text().replace('\\"', '"')
    told = run(tmp_path, "routes", "daemon-silent", "--env", "prod").out
    assert "→ telegram (telegram)" in told
    assert "→ email (email)" in told


def test_the_alerting_guides_yaml_builds(tmp_path: Path) -> None:
    _, reading, _ = blocks(ALERTING, "python")
    (yaml,) = blocks(ALERTING, "yaml")
    groups = 'DAEMONS, EXCHANGES = (AlertGroup(name, folder="Alerts") for name in ("daemons", "exchanges"))\n'
    call = reading.partition("=")[2].strip()
    ran = alerting(tmp_path, f"tuple(group for group in {call} if group.rules)", groups, yaml)
    assert (ran.code, ran.err.partition(" in ")[0]) == (0, "done"), ran.err
    rules = (tmp_path / "build/prod/provisioning/alerting/rules-daemons.yaml").read_text()
    assert 'uid: "daemon-silent"' in rules
    assert "env = 'prod'" in rules
    wrong = yaml.replace("severity: critical", "severity: high")
    ran = alerting(tmp_path, call, groups, wrong)
    line = wrong.splitlines().index("severity: high") + 1
    assert ran.errors[0].startswith(f"specs/alerts/silent.yaml:{line}:1: silent.yaml › daemon-silent: severity: ")


def test_the_alerting_guides_walk_is_what_comes_out() -> None:
    (shown,) = (block for block in blocks(ALERTING, "console") if "dashgen routes" in block)
    command, _, output = shown.partition("\n")
    told = run(ROOT, *command.split()[2:]).out
    wanted = re.escape(output.rstrip()).replace("…", ".*")
    assert re.search(wanted, told), told


def test_the_guide_names_what_there_is() -> None:
    """Every capitalised call in the guide is a public name, every field in its tables one of the class."""
    text = PAGES["docs/authoring.md"]
    for name in re.findall(r"`([A-Z]\w+)[(`]", text):
        assert name in dashgen.__all__ or name.isupper() or name.endswith("Error"), name
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+)`", cells[0]) if len(cells) == 3 else ():
            cls = getattr(dashgen, name, None)
            for field in re.findall(r"`(\w+)`", cells[2]) if cls else ():
                assert hasattr(cls, field), f"{name} has no {field}"


def invocations() -> list[tuple[str, str]]:
    """Every `dashgen …` in code of the pages: whole lines of console blocks, and inline code."""
    found = []
    for page, text in PAGES.items():
        for block in blocks(text, "console", "sh", "bash"):
            found += [(page, line[2:]) for line in block.splitlines() if line.startswith("$ dashgen ")]
        found += [(page, code) for code in re.findall(r"`(dashgen [^`]+)`", text)]
    return found


@pytest.mark.parametrize(("page", "command"), invocations())
def test_every_documented_command_is_one(page: str, command: str) -> None:
    synopsis = command.replace("\\|", "|")
    if tuple(synopsis.split()[1:]) in COMMANDS:  # a command is spoken of
        return
    if not re.search(r"[\[…|]", synopsis) and not re.search(r"\b[A-Z]{2,}\b", synopsis):
        parses(synopsis)
        return
    words = re.sub(r"[\[\]]", " ", synopsis).split()[1:]
    at: tuple[str, ...] = ()
    while words and (*at, words[0]) in COMMANDS:
        at += (words.pop(0),)
    assert at, f"{page}: {command}"
    verb = COMMANDS[at]
    if verb.context_settings.get(
        "ignore_unknown_options"
    ):  # they are the specs' own, such as the parameters of the demo data
        return
    options = {option for param in verb.params for option in (*param.opts, *param.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in options, f"{page}: {command}: {word}"
