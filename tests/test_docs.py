"""README and guides: each block in them is run, what is shown is what comes out, every command is one."""

from __future__ import annotations

import contextlib
import inspect
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import dashgen
from dashgen.alert_tests import report as reports
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import SuiteReport, run_alert_tests
from dashgen.alert_tests.test_file import read
from dashgen.check.formats.text import text as as_text
from dashgen.check.run import Scope, prove, report
from dashgen.check.session import check_session
from dashgen.installation import installation
from dashgen.loading.load import load
from dashgen.model.project import Project
from dashgen.pipeline import prepare
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.describe import Describer
from dashgen.render import render
from dashgen.render.ddl import create_statements
from specs import PROJECT
from tests.cli.test_commands import COMMANDS, parses
from tests.deploy.test_shipped import SET
from tests.documents import BLOCKS, PAGES, Block, blocks, python, specs_of
from tests.scratch import Ran, specs
from tests.scratch import dashgen as run

ROOT = Path(__file__).resolve().parent.parent
README = PAGES["README.md"]


def texts(page: str, language: str) -> list[str]:
    return [block.text for block in blocks(page, language)]


def test_the_readme_leads_with_the_two_commands() -> None:
    first = texts("README.md", "console")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["$ make dashboards", "$ make test"]
    assert README.index(first) < README.index("## A spec and what it becomes") < README.index("## Commands")


def test_the_readme_begins_with_pictures() -> None:
    """Each is there, none is left over, and they don't make a clone large."""
    shown = re.findall(r"!\[[^\]]*\]\((docs/pictures/[^)]+)\)", README)
    assert README.index(shown[0]) < README.index("```")
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "pictures").rglob("*.png")}
    assert set(shown) == kept
    assert sum((ROOT / name).stat().st_size for name in kept) < 1_500_000


def test_the_readmes_spec_becomes_what_is_shown(tmp_path: Path) -> None:
    spec = texts("README.md", "python")[0]
    assert len(spec.splitlines()) <= 40
    specs(tmp_path, spec, head="")
    assert run(tmp_path, "build").code == 0
    shown = next(b for b in texts("README.md", "") if b.startswith("build/prod/"))
    paths = [line.split()[0] for line in shown.splitlines()[1:]]
    prod = tmp_path / "build" / "prod"
    assert sorted(paths) == sorted(p.relative_to(prod).as_posix() for p in prod.rglob("*") if p.is_file())
    assert "QUESTDB_PASSWORD=" in (prod / "environment.example").read_text()


def test_the_readmes_error_is_what_a_user_sees(tmp_path: Path) -> None:
    spec = texts("README.md", "python")[0]
    assert 'unit="ms"' in spec
    specs(tmp_path, spec.replace('unit="ms"', 'unit="msec"'), head="")
    ran = run(tmp_path, "build")
    shown = next(b for b in texts("README.md", "console") if "msec" in b)
    command, _, output = shown.partition("\n")
    assert command == "$ dashgen build"
    assert ran.err == output


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
    _, _, notified = texts("docs/alerting.md", "python")
    (weekends,) = re.findall(r"`(MuteTiming\(.*\))`", ALERTING)
    (page,) = re.findall(r"`(Template\(.*?\))`", ALERTING)
    (message,) = re.findall(r"`(message='.*?')`", ALERTING)
    telling = notified.replace('Telegram("telegram-on-call")', f'Telegram("telegram-on-call", {message})')
    assert telling != notified
    text = f"{MONITORED}{groups}{telling}WEEKENDS = {weekends}\nPAGE = {page}\n{ENDS.format(alerts=alerts)}"
    specs(folder, text, {"alerts/silent.yaml": yaml} if yaml else {}, head="")
    return run(folder, "build")


def test_the_alerting_guides_declarations_build(tmp_path: Path) -> None:
    rule, _, _ = texts("docs/alerting.md", "python")
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
    _, reading, _ = texts("docs/alerting.md", "python")
    (yaml,) = texts("docs/alerting.md", "yaml")
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
    (shown,) = (block for block in texts("docs/alerting.md", "console") if "dashgen routes" in block)
    command, _, output = shown.partition("\n")
    told = run(ROOT, *command.split()[2:]).out
    wanted = re.escape(output.rstrip()).replace("…", ".*")
    assert re.search(wanted, told), told


def test_the_guide_names_what_there_is() -> None:
    """Every capitalised call in the guide is a public name, every field in its tables one of the class."""
    text = PAGES["docs/authoring.md"]
    for name in re.findall(r"`([A-Z]\w+)[(`]", text):
        assert name in dashgen.MODULES or name.isupper() or name.endswith("Error"), name
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+)`", cells[0]) if len(cells) == 3 else ():
            cls = getattr(dashgen, name, None)
            for field in re.findall(r"`(\w+)`", cells[2]) if cls else ():
                assert hasattr(cls, field), f"{name} has no {field}"


def test_the_deployment_guides_finding_is_what_comes_out(tmp_path: Path) -> None:
    """Of the shipped Compose file without the mount of the dashboards."""
    shown = (b.commands for b in BLOCKS if b.page == "docs/deploy.md" and "not-mounted" in b.text)
    (((command, output),),) = shown
    (tmp_path / "deploy").mkdir()
    (tmp_path / "build").symlink_to(ROOT / "build")
    text = (ROOT / "deploy/compose.yaml").read_text()
    begin = text.rindex("      - type: bind")
    (tmp_path / "deploy/compose.yaml").write_text(text[:begin] + text[text.index("    ports:", begin) :])
    ran = run(tmp_path, *shlex.split(command)[1:], "--specs", str(ROOT / "specs"), env=SET)
    assert (ran.code, ran.out) == (1, output)


@pytest.mark.parametrize("cls", [dashgen.Environment, dashgen.QuestDB, dashgen.Folder])
def test_every_setting_of_an_environment_is_documented(cls: type) -> None:
    """In the first column of the tables of docs/deploy.md, each with its default."""
    text = PAGES["docs/deploy.md"].partition("## An environment's settings")[2]
    part = text.partition(f"`{cls.__name__}(")[2].partition("\n\n`")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    told = {name: row for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    given = inspect.signature(cls).parameters
    if cls is dashgen.Folder:
        assert all(f"`{name}`" in part for name in given)
        return
    assert set(told) == set(given)
    example = dashgen.Environment("x") if cls is dashgen.Environment else dashgen.QuestDB()
    for name, row in told.items():
        shown = re.findall(r"`([^`]+)`", row[1])
        value = getattr(example, name)
        if shown and len(re.findall(r"`(\w+)`", row[0])) == 1 and isinstance(value, str | int):
            assert shown == [repr(value).replace("'", '"')], name


def invocations() -> list[tuple[str, str]]:
    """Every `dashgen …` in code of the pages: whole lines of console blocks, and inline code."""
    found = []
    for page, text in PAGES.items():
        found += [(page, c) for b in blocks(page, "console") for c, _ in b.commands if c.startswith("dashgen ")]
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


# --- every block is run


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedQuestDB]:
    """One for all examples; their tables have the same names now and then, so each begins with none."""
    with EmbeddedQuestDB() as started:
        yield started


def _emptied(server: EmbeddedQuestDB) -> EmbeddedQuestDB:
    for kind, query in (("MATERIALIZED VIEW", "materialized_views()"), ("TABLE", "tables()")):
        name = "view_name" if kind != "TABLE" else "table_name"
        for (found,) in server.query(f"SELECT {name} FROM {query}").rows:
            server.execute(f"DROP {kind} '{found}'")
    return server


def _files(block: Block) -> dict[str, str]:
    """The files that earlier blocks of the page stand for."""
    above = [b for b in BLOCKS if b.page == block.page and b.line < block.line and b.file]
    return {b.file.removeprefix("specs/"): b.text for b in above}


def _loaded(folder: Path, block: Block) -> Project:
    """The block as a specs package."""
    # not `specs`: that is this repository's, which the examples import their tables from
    root = folder / "example"
    for path, text in {"__init__.py": specs_of("".join(python(block))), **_files(block)}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    loaded = load(root)
    assert loaded.problems == (), f"{block.id}: {[str(problem) for problem in loaded.problems]}"
    assert loaded.project is not None
    return loaded.project


def _built_and_checked(folder: Path, block: Block, server: EmbeddedQuestDB) -> None:
    project = _loaded(folder, block)
    for environment in project.environments:
        made = prepare(project, environment, folder / "build" / environment.name)
        assert [str(problem) for problem in (*made.problems, *made.blocked)] == []
        assert made.tree
    assert project.tables or not (project.dashboards or project.alerts), f"{block.id}: no tables for its queries"
    scope = Scope.of(project, folder / "example")
    with check_session(_emptied(server), project) as session:
        done = report(scope, prove(scope, session), ("text", "columns", "project", "answer", "created"))
    wrong = [finding for finding in done.findings if finding.severity != "note"]
    assert not wrong, as_text(done, color=False, every=len(project.environments))


def _ran(block: Block, server: EmbeddedQuestDB) -> None:
    """A program, which finds the test's server where it says one of its own, and as SERVER."""
    _emptied(server)
    names: dict[str, Any] = {"__name__": "example", "SERVER": server}
    for code in python(block):
        exec(compile(code.replace("http://localhost:9000", server.client.url), block.id, "exec"), names)
        for value in list(names.values()):
            if isinstance(value, type) and hasattr(value, "__table__"):
                for statement in create_statements(value.__table__):
                    server.execute(statement)


ELSEWHERE = {"docs/rules.md": "tests/check/test_examples.py", "docs/reference/": "tests/reference/test_pages.py"}
"""Generated pages, or where they are, and what tests their Python: rules' examples; signatures and fields' examples."""
PYTHON = [block for block in BLOCKS if block.language == "python" and not block.page.startswith(tuple(ELSEWHERE))]


@pytest.mark.questdb
@pytest.mark.parametrize("block", PYTHON, ids=lambda b: b.id)
def test_python(block: Block, tmp_path: Path, server: EmbeddedQuestDB) -> None:
    """A whole project, or a piece that is made one, is built and checked; a program runs."""
    if block.is_program:
        _ran(block, server)
    else:
        _built_and_checked(tmp_path, block, server)


# --- YAML


def _suite(text: str, folder: Path, server: EmbeddedQuestDB) -> SuiteReport:
    """A test file, run with the shipped rules."""
    path = Path("tests/alerts/daemons.yaml")
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_text(text)
    with contextlib.chdir(folder):
        file, problems = read(path)
    assert file is not None, [str(problem) for problem in problems]
    environment = PROJECT.environments[0]
    return run_alert_tests(
        file.tests, fixture_of(PROJECT, environment, tuple(render(PROJECT, environment))), _emptied(server)
    )


def _hooks(block: Block) -> None:
    (repository,) = yaml.safe_load(block.text)["repos"]
    known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} == known
    assert repository["rev"] == f"v{installation().version}"


YAML = [block for block in BLOCKS if block.language == "yaml"]


@pytest.mark.questdb
@pytest.mark.parametrize("block", YAML, ids=lambda b: b.id)
def test_yaml(block: Block, tmp_path: Path, server: EmbeddedQuestDB) -> None:
    """A test file passes with the shipped rules, rules are read by a later block, hooks are those that there are."""
    if block.page == "docs/testing.md":
        suite = _suite(block.context + block.text, tmp_path, server)
        assert suite.outcomes
        assert suite.passed, reports.text(suite)
    elif block.file:
        later = [b for b in PYTHON if b.page == block.page and b.line > block.line]
        assert any(
            Path(block.file.removeprefix("specs/")).match(p) for b in later for p in re.findall(r'"(.+?)"', b.text)
        )
    else:
        _hooks(block)


# --- consoles and what they print

CONSOLE = [block for block in BLOCKS if block.language == "console"]
PROGRAMS = {"cd", "mkdir", "cp", "chmod", "echo", "export", "python", ".venv/bin/python", "uv", "git", "ssh", "curl"}
PROGRAMS |= {"docker"}
"""What commands use besides dashgen and make. They are read by a shell, and not run: they install, reach other machines
or change a repository."""
COMPARED = {
    "docs/deploy.md": "test_the_deployment_guides_finding_is_what_comes_out",
    "README.md": "test_the_readmes_error_is_what_a_user_sees, test_the_readmes_check_is_what_a_user_sees",
    "docs/alerting.md": "test_the_alerting_guides_walk_is_what_comes_out",
}
"""Pages whose printed output a test of its own compares."""


@pytest.mark.parametrize("block", CONSOLE, ids=lambda b: b.id)
def test_console_commands(block: Block) -> None:
    """A shell reads each; its programs are known, and make's targets there. Commands of dashgen are tried one by one in
    `test_every_documented_command_is_one`."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for command, _ in block.commands:
        checked = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        tokens = shlex.split(command, comments=True)
        starts = [0, *(index + 1 for index, token in enumerate(tokens) if token in ("&&", "|", "||", ";"))]
        for program, *arguments in (tokens[start:] for start in starts):
            if program == "make":
                assert arguments[0] in targets, command
            elif program != "dashgen":
                assert program in PROGRAMS, command


@pytest.mark.questdb
@pytest.mark.parametrize("block", [b for b in CONSOLE if any(output for _, output in b.commands)], ids=lambda b: b.id)
def test_console_output(block: Block, tmp_path: Path) -> None:
    """It is compared, here or in a test that is named; or the page says why it is not."""
    if block.why:
        assert block.why.startswith("output differs: ")
    elif block.page in COMPARED:
        assert all(name in globals() for name in COMPARED[block.page].split(", "))
    else:
        ((command, output),) = block.commands
        specs(tmp_path, block.context, head="")
        ran = run(tmp_path, *shlex.split(command)[1:], env={"PYTHONPATH": str(ROOT)})
        assert ran.out == output


def test_the_readmes_check_is_what_a_user_sees(tmp_path: Path) -> None:
    specs(tmp_path, texts("README.md", "python")[0], head="")
    ((command, output),) = next(b.commands for b in CONSOLE if b.text.startswith("$ dashgen check"))
    ran = run(tmp_path, *command.split()[1:])
    assert (ran.code, ran.out) == (0, output)


@pytest.mark.questdb
def test_a_failing_test_is_drawn_as_shown(tmp_path: Path, server: EmbeddedQuestDB) -> None:
    (block,) = blocks("docs/testing.md", "")
    drawn = reports.text(_suite(block.context, tmp_path, server))
    assert drawn[: len(block.text)] == block.text


# --- SQL


@pytest.mark.questdb
def test_sql_is_accepted_by_a_server_with_the_shipped_tables(server: EmbeddedQuestDB) -> None:
    """That of the data dictionary, and what runbooks ask with curl."""
    asked = [block.text for block in BLOCKS if block.language == "sql" and block.page != "docs/rules.md"]
    asked += [sql for b in blocks("docs/runbooks.md", "console") for sql in re.findall(r'"query=(.+?)"', b.text)]
    assert len(asked) > 10
    with check_session(_emptied(server), PROJECT), Describer(server.readonly_dsn) as describer:
        for sql in asked:
            assert describer.describe(sql), sql


# --- and none is left out

NOT_COMPARED = {"docs/review.md": 2}
"""Consoles whose output is made up, by page; each says why."""


def test_every_block_is_run() -> None:
    """A block of another language needs a test first."""
    run_here = {*PYTHON, *YAML, *CONSOLE, *blocks("README.md", ""), *blocks("docs/testing.md", "")}
    run_here |= {block for block in BLOCKS if block.language == "sql"}
    run_here |= {b for b in BLOCKS if b.language == "python" and b.page.startswith(tuple(ELSEWHERE))}
    assert all((ROOT / path).is_file() for path in ELSEWHERE.values())
    left = [block.id for block in BLOCKS if block not in run_here]
    assert left == []
    marked = [block.page for block in BLOCKS if block.why]
    assert {page: marked.count(page) for page in marked} == NOT_COMPARED
    assert not [block.id for block in BLOCKS if block.why.startswith("not run")]
