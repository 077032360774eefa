"""What a base revision's trees published and is not in the ledger now, through the command."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

from dashgen.check.pages import sections
from dashgen.check.rules import rules
from tests.documents import blocks_of
from tests.scratch import Ran, dashgen

ROOT = Path(__file__).resolve().parents[1]
PAGE = next(sections(rule) for rule in rules() if rule.code == "DG901")
SPECS = """
from dashgen import AlertGroup
from tests.alerting_project import OWNED, project, rule
RULES = tuple(rule(uid=uid, title=title, panel=None, link_variables=()) for uid, title in {titles!r}.items())
PROJECT = project(environments=(OWNED,), alerts=(AlertGroup("Daemons", folder="Alerts", rules=RULES),))
"""


class Repository:
    def __init__(self, at: Path) -> None:
        self.at = at
        (at / "specs").mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.at, capture_output=True, check=True)

    def run(self, *arguments: str) -> Ran:
        return dashgen(self.at, *arguments, env={"PYTHONPATH": str(ROOT)})

    def commit(self, titles: dict[str, str]) -> None:
        self.write(titles)
        assert self.run("build").code == 0
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def write(self, titles: dict[str, str]) -> None:
        (self.at / "specs" / "__init__.py").write_text(SPECS.format(titles=titles))

    def follow(self, part: str) -> None:
        """Runs the commands of a rule's page, the base being the tag `published`."""
        for block in blocks_of("DG901", part):
            for command, _ in block.commands:
                program, *arguments = shlex.split(command.replace(" main ", " published "))
                if program == "git":
                    self.git(*arguments)
                else:
                    assert self.run(*arguments).code == 0

    def check(self, base: str, *more: str) -> Ran:
        return self.run("check", "--offline", "--select", "DG9", *more, "--base", base)


def test_a_revert_is_found_and_its_way_out_works(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A"})
    repository.commit({"a": "A", "b": "B"})
    repository.git("tag", "published")
    assert repository.check("published").code == 0
    repository.follow(PAGE.example)
    ran = repository.check("published")
    assert ran.code == 1
    assert "error[DG901] build/prod/published.json:1:1: build/prod/published.json\n" in ran.out
    assert "  rule 'b' was published in published (" in ran.out
    assert "and is no longer in the ledger: no build deletes it in Grafana" in ran.out
    assert "git checkout published -- build/prod/published.json && dashgen build" in ran.out
    (finding,) = json.loads(repository.check("published", "--format", "json").out)["findings"]
    place = {"file": "build/prod/published.json", "line": 1, "column": 1}
    assert (finding["code"], finding["place"]) == ("DG901", place)
    told = repository.check("published", "--format", "github").out
    assert told.startswith(
        "::error file=build/prod/published.json,line=1,title=DG901 lost-ledger-entry,col=1::build/prod/"
    )
    assert (
        "| ❌ error | DG901 lost-ledger-entry | build/prod/published.json"
        in repository.check("published", "--format", "markdown").out
    )
    repository.follow(PAGE.instead)
    assert 'uid: "b"' in (tmp_path / "build/prod/provisioning/alerting/00-deletions.yaml").read_text()
    assert repository.check("published").code == 0


def test_titles_swapped_in_two_builds_are_found_against_what_was_published(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "One", "b": "Two"})
    for titles in ({"a": "Other", "b": "Two"}, {"a": "Other", "b": "One"}, {"a": "Two", "b": "One"}):
        repository.write(titles)
        assert repository.run("build").code == 0
    ran = repository.check("HEAD")
    assert ran.code == 1
    assert "error[DG902] specs/__init__.py:4:29: alerts › Daemons › a\n" in ran.out
    assert "  takes the title 'Two', which rule 'b' still has" in ran.out


def test_queries_are_checked_all_the_same(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A", "b": "B"})
    repository.write({"a": "A"})
    (tmp_path / "build/prod/published.json").unlink()
    written = tmp_path / "specs/__init__.py"
    query = "query='SELECT max(v) AS v FROM t WHERE at > now()', panel=None"
    written.write_text(written.read_text().replace("panel=None", query))
    ran = repository.run("check", "--offline", "--base", "HEAD", "--format", "json")
    assert ran.code == 1
    assert {"DG406", "DG901"} <= {finding["code"] for finding in json.loads(ran.out)["findings"]}


def test_a_ledger_that_cant_be_read_is_one_finding(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A"})
    (tmp_path / "build/prod/published.json").write_text("<<<<<<< ours\n")
    ran = repository.check("HEAD")
    assert ran.code == 1
    assert ran.out.count("error[DG901] build/prod/published.json:1:1:") == 1


MUTED = """
import dataclasses
from dashgen import ChannelRoute, MuteTiming, Policy, QuestDB, TimeInterval
from tests.alerting_project import SHARED, project, rule
INTERVALS = (TimeInterval(years=("2026",)),)
PROJECT = project(
    rule(channels=("telegram",), panel=None, link_variables=()),
    environments=(dataclasses.replace(SHARED, datasources={{"questdb": QuestDB(plugin="postgres", {datasource})}}),),
    mute_timings=tuple(MuteTiming(name, INTERVALS) for name in {declared!r}),
    policy=Policy("email", routes=(ChannelRoute("telegram", mute_timings={muted!r}), ChannelRoute("platform"))),
)
"""


def test_a_mute_timing_that_the_base_still_names_is_found_over_two_builds(tmp_path: Path) -> None:
    repository = Repository(tmp_path)

    def step(declared: tuple[str, ...], muted: tuple[str, ...], datasource: str = "") -> None:
        text = MUTED.format(declared=declared, muted=muted, datasource=datasource)
        (tmp_path / "specs" / "__init__.py").write_text(text)
        assert repository.run("build").code == 0

    step(("nights",), ("nights",))
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "published")
    step(("nights", "days"), ("days",))
    assert repository.check("HEAD").code == 0
    step(("days",), ("days",))  # two builds, and nothing was published between them
    ran = repository.check("HEAD")
    assert ran.code == 1
    assert "error[DG903] specs/__init__.py:8:19: environment test" in ran.out
    assert (
        "  the mute timing 't-nights' is removed, and rule 't-silent' still names it when Grafana deletes it" in ran.out
    )
    assert "publish in two steps" in ran.out


def test_a_datasource_that_moved_since_the_base_is_found(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for datasource in ('uid="a", name="A"', 'uid="b", name="B"', 'uid="b", name="A"'):
        text = MUTED.format(declared=(), muted=(), datasource=datasource)
        (tmp_path / "specs" / "__init__.py").write_text(text)
        if datasource.endswith('"b", name="A"'):
            (tmp_path / "build/test/provisioning/datasources/dashgen.yaml").unlink()
        assert repository.run("build").code == 0
        if '"a"' in datasource:
            repository.git("add", "-A")
            repository.git("commit", "-q", "-m", "published")
    (finding,) = json.loads(repository.check("HEAD", "--format", "json").out)["findings"]
    assert finding["code"] == "DG904"
    assert (
        finding["message"] == "the uid of the datasource 'A' was 't-a' and is 't-b': Grafana would not find it any more"
    )


def test_no_such_base(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A"})
    ran = repository.check("nowhere")
    assert ran.code == 2
    assert "'nowhere' is neither a git revision nor a folder" in ran.err
