"""Deletions, renames and titles across builds, branches, merges and reverts in a real git repository."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashgen import (
    AlertGroup,
    AlertRule,
    ChannelRoute,
    ContactPoint,
    Dashboard,
    Environment,
    Folder,
    MuteTiming,
    Policy,
    Project,
    QuestDB,
    Telegram,
    Template,
    TimeInterval,
    Webhook,
)
from dashgen.pipeline import prepare, write
from dashgen.project_checks import check
from dashgen.tree.ledger import decode
from dashgen.tree.read import RenderedTree
from dashgen.tree.transition import clashes, lost_entries
from tests.alerting_project import OWNED, POINTS, SHARED, project, rule

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

    def files(self, revision: str) -> RenderedTree:
        names = self.git("ls-tree", "-r", "--name-only", revision, TREE).split()
        files = {n.removeprefix(f"{TREE}/"): self.git("show", f"{revision}:{n}").encode() for n in names}
        return RenderedTree("prod", files)


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
    assert lost_entries(repository.files("main"), repository.files("HEAD")) == ()


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
    assert lost_entries(published, reverted) == ("rule b",)
    # the way out: the memory of what was published, and a build
    repository.git("checkout", "HEAD~1", "--", f"{TREE}/published.json")
    repository.commit(alerts("a"), "b is deleted")
    assert repository.deleted() == {"deleteRules": ["b"]}
    assert lost_entries(published, repository.files("HEAD")) == ()


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


def test_grafana_12_4_takes_titles_that_repeat(tmp_path: Path) -> None:
    swapped = (alerts("a", "b", a="One", b="Two"), alerts("a", "b", a="Two", b="One"))
    twice = alerts("a", "b", a="One", b="One")
    for grafana, refused in (("9.4", True), ("11.6", True), ("12.3", True), ("12.4", False), ("13.0", False)):
        environment = Environment("prod", grafana=grafana, hosts=("a", "b"), owns_policy_tree=True)
        at = tmp_path / grafana
        write(prepare(swapped[0], environment, at))
        assert bool(prepare(swapped[1], environment, at).problems) == refused, grafana
        found = [p.message for p in check(replace(twice, environments=(environment,)))]
        assert ("another rule of folder 'Alerts' has the title 'One'" in found) == refused


def test_one_older_grafana_is_enough_for_titles_to_be_unique() -> None:
    new, old = (Environment(n, grafana=v, hosts=("a",)) for n, v in (("new", "12.4"), ("old", "12.3")))
    twice = replace(alerts("a", "b", a="One", b="One"), environments=(new, old))
    (problem,) = [p for p in check(twice) if "has the title" in p.message]
    assert problem.hint == "Grafana 12.3 of 'old' would not start; 12.4 and newer take it"


def replace(of: Project, **fields: Any) -> Project:
    return dataclasses.replace(of, **fields)


NIGHTS, DAYS = (MuteTiming(name, (TimeInterval(years=("2026",)),)) for name in ("nights", "days"))
WEEKENDS = project().mute_timings[0]


def muted(*names: str, declared: tuple[MuteTiming, ...], **fields: Any) -> Project:
    """The rule "silent" goes to one channel, whose route is muted."""
    points = (*POINTS, *fields.pop("points", ()))
    policy = Policy("email", routes=(ChannelRoute("telegram", mute_timings=names), ChannelRoute("platform")))
    given = {"contact_points": points, "policy": policy, "mute_timings": declared, **fields}
    return project(rule(channels=("telegram",)), **given)


def told(after: Project, environment: Environment, at: Path) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in prepare(after, environment, at).problems]


@pytest.mark.parametrize("removed", ["removed", "renamed", "with its rule", "rule no longer muted", "rule deleted"])
def test_a_mute_timing_that_a_rule_of_the_last_tree_names_stays(tmp_path: Path, removed: str) -> None:
    """Grafana deletes mute timings before it applies the rules: the new ones don't help."""
    write(prepare(muted("nights", declared=(NIGHTS,)), SHARED, tmp_path))
    after = {
        "removed": muted(declared=()),
        "renamed": muted("days", declared=(DAYS,)),
        "with its rule": project(rule(uid="other", channels=("email",)), mute_timings=(), policy=Policy("email")),
        "rule no longer muted": muted(declared=(DAYS,)),
        "rule deleted": muted(declared=(), alerts=()),
    }[removed]
    (problem,) = prepare(after, SHARED, tmp_path).problems
    assert problem.path == "environment test"
    assert problem.message == (
        "the mute timing 't-nights' is removed, and rule 't-silent' still names it when Grafana"
        " deletes it, before it applies"
        " the rules: it would not start"
    )
    assert problem.hint.startswith("publish in two steps: keep it declared, together with a new one if it is renamed")
    with pytest.raises(ValueError, match="problems"):
        write(prepare(after, SHARED, tmp_path))


def test_the_two_steps_of_a_mute_timing_are_taken(tmp_path: Path) -> None:
    for step in (
        muted("nights", declared=(NIGHTS,)),
        muted("days", declared=(NIGHTS, DAYS)),
        muted("days", declared=(DAYS,)),
        muted("days", declared=(DAYS,)),
        muted(declared=(DAYS,)),
        muted(declared=()),
    ):
        assert told(step, SHARED, tmp_path) == []
        write(prepare(step, SHARED, tmp_path))
    deleted = yaml.safe_load((tmp_path / "provisioning/alerting/00-deletions.yaml").read_text())
    assert [entry["name"] for entry in deleted["deleteMuteTimes"]] == ["t-days", "t-nights"]


def test_many_rules_are_counted(tmp_path: Path) -> None:
    def many(*names: str, declared: tuple[MuteTiming, ...]) -> Project:
        rules = tuple(rule(uid=f"r{i}", title=f"R{i}", channels=("telegram",)) for i in range(5))
        return replace(muted(*names, declared=declared), alerts=(AlertGroup("D", folder="Alerts", rules=rules),))

    write(prepare(many("nights", declared=(NIGHTS,)), SHARED, tmp_path))
    (message,) = told(many(declared=()), SHARED, tmp_path)
    assert "rules 't-r0', 't-r1', 't-r2' and 2 more still name it" in message


@pytest.mark.parametrize("grafana", ["9.4", "10.4", "11.0", "12.3", "12.4", "13.0"])
def test_rules_name_mute_timings_since_11(tmp_path: Path, grafana: str) -> None:
    shared = dataclasses.replace(SHARED, grafana=grafana)
    write(prepare(muted("nights", declared=(NIGHTS,)), shared, tmp_path))
    assert bool(told(muted(declared=()), shared, tmp_path)) == (grafana not in ("9.4", "10.4"))


def test_an_owned_tree_is_replaced_before_anything_is_deleted(tmp_path: Path) -> None:
    extra = ContactPoint("extra", (Telegram("tg-2"),))
    policy = Policy("extra", routes=(ChannelRoute("telegram", mute_timings=("nights",)), ChannelRoute("platform")))
    write(prepare(muted(declared=(NIGHTS,), points=(extra,), policy=policy), OWNED, tmp_path))
    assert told(muted("days", declared=(DAYS,)), OWNED, tmp_path) == []


def test_a_tree_that_is_given_up_stays_in_grafana_with_what_it_names(tmp_path: Path) -> None:
    extra = ContactPoint("extra", (Telegram("tg-2"),))
    given_up = dataclasses.replace(OWNED, owns_policy_tree=False)
    policy = Policy(
        "email",
        routes=(ChannelRoute("telegram", mute_timings=("nights",)), ChannelRoute("extra"), ChannelRoute("platform")),
    )
    write(prepare(muted(declared=(NIGHTS, DAYS), points=(extra,), policy=policy), OWNED, tmp_path))
    stays = "and the policy tree that stays in Grafana when this environment no longer owns it still names it"
    assert told(muted(declared=(DAYS,)), given_up, tmp_path) == [
        f"environment prod: the mute timing 'nights' is removed, {stays}: Grafana would not start",
        f"environment prod: the contact point 'extra' is removed, {stays}: Grafana would not start",
    ]
    # `days` is not in the tree: it may go with it
    assert told(muted(declared=(NIGHTS,), points=(extra,), policy=policy), given_up, tmp_path) == []
    # the way out
    for environment in (OWNED, given_up):
        assert told(muted(declared=(DAYS,)), environment, tmp_path) == []
        write(prepare(muted(declared=(DAYS,)), environment, tmp_path))


@pytest.mark.parametrize(
    ("receivers", "goes"),
    [
        ((), True),
        ((Telegram("tg-2"),), False),  # one of two stays
        ((Telegram("tg-4"),), False),  # another uid under the same name: the contact point stays
    ],
)
def test_a_contact_point_goes_with_its_last_receiver(
    tmp_path: Path, receivers: tuple[Telegram, ...], goes: bool
) -> None:
    given_up = dataclasses.replace(OWNED, owns_policy_tree=False)
    policy = Policy("extra", routes=(ChannelRoute("telegram"), ChannelRoute("platform"), ChannelRoute("email")))
    before = (ContactPoint("extra", (Telegram("tg-2"), Telegram("tg-3"))),)
    write(prepare(muted(declared=(), points=before, policy=policy), OWNED, tmp_path))
    after = (ContactPoint("extra", receivers),) if receivers else ()
    assert bool(told(muted(declared=(), points=after), given_up, tmp_path)) == goes


def test_a_renamed_contact_point_takes_what_names_it_with_it(tmp_path: Path) -> None:
    """Grafana finds receivers by their uids, and renames them in the policies too."""
    given_up = dataclasses.replace(OWNED, owns_policy_tree=False)
    names = ("telegram", "platform", "email")
    policy = Policy("extra", routes=tuple(map(ChannelRoute, names)))
    old, new = (ContactPoint(name, (Webhook("w", url="${HOOK_URL}"),)) for name in ("extra", "new"))
    write(prepare(muted(declared=(), points=(old,), policy=policy), OWNED, tmp_path))
    assert told(muted(declared=(), points=(new,)), given_up, tmp_path) == []


def test_templates_go_at_once(tmp_path: Path) -> None:
    """Grafana asks nobody who uses a template."""
    using = ContactPoint("extra", (Telegram("tg-2", message='{{ template "page" . }}'),))
    for environment in (OWNED, SHARED):
        at = tmp_path / environment.name
        write(prepare(muted(declared=(), points=(using,)), environment, at))
        assert told(muted(declared=(), templates=()), environment, at) == []


def test_what_only_grafana_knows_is_noted(tmp_path: Path) -> None:
    extra = ContactPoint("extra", (Telegram("tg-2"),))
    hint = "before you publish, check in Grafana under Alerting what uses the {}"
    for environment, users in (
        (OWNED, "rules made by hand"),
        (SHARED, "the org's own policies or rules made by hand"),
        (dataclasses.replace(OWNED, grafana="10.4"), ""),
    ):
        prefix, at = environment.uid_prefix, tmp_path / (environment.name + environment.grafana)
        write(prepare(muted(declared=(NIGHTS,), points=(extra,)), environment, at))
        prepared = prepare(muted(declared=()), environment, at)
        assert prepared.problems == ()
        assert [(note.message, note.hint) for note in prepared.notes] == [
            (
                f"the {what} {prefix + name!r} is deleted: Grafana does not start if {users} name it, which dashgen"
                " can't see",
                hint.format(what),
            )
            for what, name in (("mute timing", "nights"), ("contact point", "extra"))
            if users
        ]
        write(prepared)
        assert prepare(muted(declared=()), environment, at).notes == ()  # said once


def test_an_alert_folder_that_loses_its_last_rule_is_noted(tmp_path: Path) -> None:
    def folders(**of: str) -> Project:
        def one(uid: str) -> AlertRule:
            return rule(uid=uid, title=uid, panel=None, link_variables=())

        return project(alerts=tuple(AlertGroup(uid, folder=folder, rules=(one(uid),)) for uid, folder in of.items()))

    def noted(**of: str) -> list[str]:
        prepared = prepare(folders(**of), OWNED, tmp_path)
        assert prepared.problems == ()
        write(prepared)
        return [note.message for note in prepared.notes]

    keeps = "has no rules any longer: Grafana keeps the empty folder"
    assert noted(a="One $", b="One $") == []
    assert noted(a="Two", b="One $") == []
    assert noted(a="Two", b="Two") == [f"the alert folder 'One $' {keeps}"]
    assert noted(b="Three") == [f"the alert folder 'Two' {keeps}"]


def test_a_dashboards_folder_with_another_title_is_noted(tmp_path: Path) -> None:
    def noted(uid: str, title: str, **fields: Any) -> list[str]:
        environment = Environment("prod", folders={"default": Folder(uid, title)}, **fields)
        made = Project(environments=(environment,), dashboards=(Dashboard(uid="x", title="X", rows=()),))
        prepared = prepare(made, environment, tmp_path)
        assert prepared.problems == ()
        write(prepared)
        assert all(note.hint == "rename the folder in Grafana too" for note in prepared.notes)
        return [note.message for note in prepared.notes]

    assert noted("f", "$A") == []
    assert noted("f", "$A") == []
    assert noted("f", "B") == [
        "the dashboards' folder 'f' was '$A' and is 'B': Grafana finds it by its uid and leaves the title"
    ]
    assert noted("g", "C") == []  # another folder
    assert noted("g", "D", org_id=2) == []  # in another org it is another one too


def test_a_datasource_that_moves_keeps_its_name_or_changes_both(tmp_path: Path) -> None:
    def moved(**fields: Any) -> list[str]:
        environment = Environment("prod", datasources={"questdb": QuestDB(**fields)})
        made = Project(environments=(environment,), dashboards=(Dashboard(uid="x", title="X", rows=()),))
        prepared = prepare(made, environment, tmp_path)
        if not prepared.problems:
            write(prepared)
        return [f"{problem.message} ({problem.hint})" for problem in prepared.problems]

    assert moved(uid="q", name="QuestDB") == []
    assert moved(uid="q") == [
        "the name of the datasource with uid 'q' was 'QuestDB' and is 'dashgen-q': Grafana would not start"
        " (keep both as they were (name='QuestDB'), or change both: that is another datasource)"
    ]
    assert moved(uid="r") == []
    assert moved(uid="s") == []  # the default name follows the uid
