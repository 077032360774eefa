"""Deletions, renames and titles across builds, branches, merges and reverts in a real git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashgen import AlertGroup, AlertRule, ContactPoint, MuteTiming, Telegram, Template, TimeInterval
from dashgen.build import prepare, write
from dashgen.memory import decode
from dashgen.model.project import Project
from dashgen.transition import clashes, vanished
from tests.alerting_project import OWNED, project, rule

TREE = "build/prod"
DELETIONS = f"{TREE}/provisioning/alerting/00-deletions.yaml"


def alerts(*uids: str, **titles: str) -> Project:
    """Rules by uid; their titles are their uids unless given."""
    made = [rule(uid=uid, title=titles.get(uid, uid), panel=None, link_variables=()) for uid in uids]
    return project(*made, alerts=(AlertGroup("Daemons", folder="Alerts", rules=tuple(made)),))


class Repository:
    """A git repository with a rendered tree; each step is a build and a commit."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, fails: bool = False) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=self.at, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout

    def build(self, of: Project) -> None:
        prepared = prepare(of, OWNED, self.at / TREE)
        assert prepared.problems == prepared.blocked == ()
        write(prepared)

    def commit(self, of: Project, message: str) -> None:
        self.build(of)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def deleted(self) -> dict[str, list[str]]:
        path = self.at / DELETIONS
        if not path.exists():
            return {}
        loaded = yaml.safe_load(path.read_text())
        return {k: [e.get("uid") or e.get("name") for e in v] for k, v in loaded.items() if isinstance(v, list)}

    def remembered(self) -> set[str]:
        found = decode((self.at / TREE / "published.json").read_bytes())
        return {entry.removeprefix("rule ") for entry in found if entry.startswith("rule ")}

    def files(self, revision: str) -> dict[str, bytes]:
        names = self.git("ls-tree", "-r", "--name-only", revision, TREE).split()
        return {n.removeprefix(f"{TREE}/"): self.git("show", f"{revision}:{n}").encode() for n in names}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_what_is_gone_from_the_specs_is_deleted_and_what_comes_back_is_not(repository: Repository) -> None:
    repository.commit(alerts("a", "b"), "two rules")
    assert repository.deleted() == {}
    repository.commit(alerts("a"), "one")
    assert repository.deleted() == {"deleteRules": ["b"]}
    repository.commit(alerts("a", "c"), "another")
    assert repository.deleted() == {"deleteRules": ["b"]}
    repository.commit(alerts("a", "b", "c"), "it comes back")
    assert repository.deleted() == {}
    assert repository.remembered() == {"a", "b", "c"}


def test_receivers_mute_timings_and_templates_are_deleted_too(repository: Repository) -> None:
    before = project(
        contact_points=(*project().contact_points, ContactPoint("extra", (Telegram("tg-2"),))),
        mute_timings=(*project().mute_timings, MuteTiming("nights", (TimeInterval(years=("2026",)),))),
        templates=(Template("page", "x"), Template("old", "x")),
    )
    repository.commit(before, "all")
    repository.commit(project(), "fewer")
    assert repository.deleted() == {
        "deleteContactPoints": ["tg-2"],
        "deleteMuteTimes": ["nights"],
        "deleteTemplates": ["old"],
    }


def test_a_renamed_uid_with_the_same_title_is_deleted_first(repository: Repository) -> None:
    repository.commit(alerts("old", old="Silent"), "before")
    before = repository.files("HEAD")
    repository.commit(alerts("new", new="Silent"), "renamed")
    assert repository.deleted() == {"deleteRules": ["old"]}
    assert list(clashes(before, repository.files("HEAD"))) == []


@pytest.mark.parametrize("side", ["first", "second"])
def test_branches_that_add_and_remove_merge_without_thought(repository: Repository, side: str) -> None:
    repository.commit(alerts("a", "m", "z"), "base")
    repository.git("checkout", "-q", "-b", "first")
    repository.commit(alerts("a", "b", "z"), "b instead of m")
    repository.git("checkout", "-q", "-b", "second", "main")
    repository.commit(alerts("c", "m", "z"), "c instead of a")
    repository.git("checkout", "-q", side)
    other = {"first": "second", "second": "first"}[side]
    subprocess.run(["git", "merge", "-q", "--no-edit", other], cwd=repository.at, capture_output=True, check=False)
    assert "published.json" not in repository.git("diff", "--name-only", "--diff-filter=U")
    # the specs merge to b, c, z; whatever the rendered files look like now, a build makes them right
    repository.commit(alerts("b", "c", "z"), "merged")
    assert repository.remembered() == {"a", "b", "c", "m", "z"}
    assert repository.deleted() == {"deleteRules": ["a", "m"]}
    assert vanished(repository.files("main"), repository.files("HEAD")) == ()


def test_two_first_builds_merge(repository: Repository) -> None:
    repository.git("commit", "-q", "--allow-empty", "-m", "nothing")
    repository.git("checkout", "-q", "-b", "first")
    repository.commit(alerts("a"), "a")
    repository.git("checkout", "-q", "-b", "second", "main")
    repository.commit(alerts("b"), "b")
    repository.git("merge", "-q", "--no-edit", "first", fails=True)
    repository.commit(alerts("a", "b"), "merged")
    assert repository.remembered() == {"a", "b"}


def test_a_merge_that_does_not_know_of_the_attribute(repository: Repository) -> None:
    repository.commit(alerts("a"), "base")
    for branch, uid in (("first", "b"), ("second", "c")):
        repository.git("checkout", "-q", "-b", branch, "main")
        repository.commit(alerts("a", uid), uid)
    (repository.at / ".git/info").mkdir(exist_ok=True)
    (repository.at / ".git/info/attributes").write_text("published.json merge=text\n")
    repository.git("merge", "-q", "--no-edit", "first", fails=True)
    assert "<<<<<<<" in (repository.at / TREE / "published.json").read_text()
    repository.commit(alerts("a", "b", "c"), "merged")
    assert repository.remembered() == {"a", "b", "c"}
    assert "<<<<<<<" not in (repository.at / TREE / "published.json").read_text()


def test_a_revert_takes_the_memory_back_and_is_found(repository: Repository) -> None:
    repository.commit(alerts("a"), "base")
    repository.commit(alerts("a", "b"), "add b")
    published = repository.files("HEAD")
    repository.git("revert", "--no-edit", "HEAD")
    repository.build(alerts("a"))
    assert repository.deleted() == {}  # the rule would page for ever
    reverted = repository.files("HEAD")
    assert vanished(published, reverted) == ("rule b",)
    # the way out: the memory of what was published, and a build
    repository.git("checkout", "HEAD~1", "--", f"{TREE}/published.json")
    repository.commit(alerts("a"), "b is deleted")
    assert repository.deleted() == {"deleteRules": ["b"]}
    assert vanished(published, repository.files("HEAD")) == ()


def _clashing(before: Project, after: Project, at: Path) -> list[str]:
    write(prepare(before, OWNED, at))
    return [f"{p.path}: {p.message} ({p.hint})" for p in prepare(after, OWNED, at).problems]


def test_swapped_titles_are_refused_with_the_way_out(tmp_path: Path) -> None:
    found = _clashing(alerts("a", "b", a="One", b="Two"), alerts("a", "b", a="Two", b="One"), tmp_path)
    assert found == [
        "alerts › Daemons › a: takes the title 'Two', which rule 'b' still has when Grafana applies this one: it would"
        " not start (publish in two steps: give it another title, build and publish; then this one)"
    ]


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        ({"a": "One", "b": "Two"}, {"a": "New", "b": "Two"}, []),
        ({"a": "One", "b": "Two"}, {"a": "Three", "b": "One"}, []),  # a gives its title up before b takes it
        ({"a": "One", "b": "Two"}, {"a": "Two", "b": "Three"}, ["a"]),  # b gives it up too late
        ({"a": "One", "b": "Two"}, {"a": "Two"}, []),  # b is deleted first
        ({"a": "One", "b": "Two", "c": "Three"}, {"a": "Two", "b": "Three", "c": "One"}, ["a", "b"]),
        ({"b": "One"}, {"a": "One", "b": "Two"}, ["a"]),
    ],
)
def test_titles_are_taken_in_grafanas_order(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], taken: list[str]
) -> None:
    found = _clashing(alerts(*before, **before), alerts(*after, **after), tmp_path)
    assert [text.split(":")[0].rpartition(" ")[2] for text in found] == taken


def test_the_two_steps_are_taken(tmp_path: Path) -> None:
    for titles in (
        {"a": "One", "b": "Two"},
        {"a": "Tmp", "b": "Two"},
        {"a": "Tmp", "b": "One"},
        {"a": "Two", "b": "One"},
    ):
        prepared = prepare(alerts("a", "b", **titles), OWNED, tmp_path)
        assert prepared.problems == ()
        write(prepared)


def test_the_same_title_in_another_folder_is_free(tmp_path: Path) -> None:
    def folders(**of: str) -> Project:
        def one(uid: str) -> AlertRule:
            return rule(uid=uid, title="Silent", panel=None, link_variables=())

        groups: Any = tuple(AlertGroup(uid, folder=folder, rules=(one(uid),)) for uid, folder in of.items())
        return project(alerts=groups)

    assert _clashing(folders(a="One", b="Two"), folders(a="Three", b="Two"), tmp_path) == []
    assert len(_clashing(folders(a="One", b="Two"), folders(a="Two", b="One"), tmp_path / "x")) == 1
