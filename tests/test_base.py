"""What a base revision's trees published and is forgotten now, through the command."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.scratch import Ran, dashgen

ROOT = Path(__file__).resolve().parents[1]
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

    def check(self, base: str) -> Ran:
        return self.run("check", "--offline", "--select", "DG501", "--base", base)


def test_a_revert_is_found_and_its_way_out_works(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A"})
    repository.commit({"a": "A", "b": "B"})
    repository.git("tag", "published")
    assert repository.check("published").code == 0
    repository.git("revert", "--no-edit", "HEAD")
    ran = repository.check("published")
    assert ran.code == 1
    assert "build/prod/published.json: rule 'b' was published in published (" in ran.err
    assert "and is forgotten: Grafana keeps it for ever" in ran.err
    assert "git checkout published -- build/prod/published.json && dashgen build" in ran.err
    repository.git("checkout", "published", "--", "build/prod/published.json")
    assert repository.run("build").code == 0
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
    assert "alerts › Daemons › a: takes the title 'Two', which rule 'b' still has" in ran.err


def test_no_such_base(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "A"})
    ran = repository.check("nowhere")
    assert ran.code == 2
    assert "'nowhere' is neither a git revision nor a folder" in ran.err
