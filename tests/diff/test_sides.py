"""Revisions are read from a real git repository, without touching it; folders from the disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dashgen.diff.pairs import pairs
from dashgen.tree.environments import folder, merge_base, named
from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import encode
from dashgen.tree.paths import LEDGER
from tests.diff.repository import commit, git, repository, write
from tests.diff.trees import tree

BUILD = Path("build")
EXTRA, LATER = "questdb/tables.sql", "questdb/views.sql"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """main has a tree; the branch `change` has another one, main went on since."""
    root = repository(tmp_path / "repo")
    write(root / "build/prod", tree().files)
    commit(root, "one")
    git(root, "checkout", "-qb", "change")
    write(root / "build/prod", {EXTRA: b"x"})
    commit(root, "two")
    git(root, "checkout", "-q", "main")
    write(root / "build/prod", {LATER: b"x"})
    commit(root, "three")
    git(root, "checkout", "-q", "change")
    return root


def test_a_revision_is_what_was_committed(repo: Path) -> None:
    side = named("main", BUILD, repo)
    assert dict(side.trees["prod"]) == {**tree().files, LATER: b"x"}
    assert side.label == f"main ({git(repo, 'rev-parse', 'main')[:9]})"
    assert EXTRA in named("HEAD", BUILD, repo).trees["prod"]
    assert EXTRA not in named("HEAD~1", BUILD, repo).trees["prod"]


def test_the_base_is_where_the_branch_left_the_default_branch(repo: Path) -> None:
    assert dict(merge_base(BUILD, repo).trees["prod"]) == tree().files


def test_the_default_branch_is_what_origin_says(repo: Path, tmp_path: Path) -> None:
    git(repo, "branch", "-m", "main", "production")
    git(tmp_path, "clone", "-q", "-b", "change", str(repo), "clone")
    git(tmp_path / "clone", "remote", "set-head", "origin", "production")
    side = merge_base(BUILD, tmp_path / "clone")
    assert side.label.startswith("origin/production (")
    assert dict(side.trees["prod"]) == tree().files


def test_reading_runs_no_filter_and_no_hook_and_changes_nothing(repo: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    (repo / ".gitattributes").write_text("* filter=evil diff=evil\n")
    git(repo, "config", "filter.evil.smudge", str(script))
    git(repo, "config", "diff.evil.textconv", str(script))
    git(repo, "config", "core.fsmonitor", str(script))
    git(repo, "config", "core.hooksPath", str(tmp_path))
    (tmp_path / "post-checkout").write_bytes(script.read_bytes())
    (tmp_path / "post-checkout").chmod(0o755)
    ran.unlink(missing_ok=True)
    (repo / "build/prod" / EXTRA).write_text("not committed")
    before = {p: p.stat().st_mtime_ns for p in sorted(repo.rglob("*")) if p.is_file()}
    assert named("HEAD", BUILD, repo).trees["prod"][EXTRA] == b"x"
    merge_base(BUILD, repo)
    assert not ran.exists()
    assert {p: p.stat().st_mtime_ns for p in sorted(repo.rglob("*")) if p.is_file()} == before


def test_names_that_git_would_quote_are_read_as_they_are(repo: Path) -> None:
    name = 'dashboards/"ä\n/\u202e.json'
    write(repo / "build/prod", {name: b"{}", LEDGER: encode(["dashboard \u202e"])})
    commit(repo, "odd")
    assert named("HEAD", BUILD, repo).trees["prod"][name] == b"{}"


def test_a_link_is_not_followed(repo: Path) -> None:
    (repo / "secret").write_text("secret")
    for name, to in ((EXTRA, "../../secret"), (".gitattributes", "..")):
        (repo / "build/prod" / name).unlink(missing_ok=True)
        (repo / "build/prod" / name).symlink_to(to)
    commit(repo, "link")
    assert named("HEAD", BUILD, repo).trees["prod"][EXTRA] == b"../../secret"
    found = folder("build", repo).trees["prod"]
    assert found[EXTRA] == b"../../secret"
    assert found[".gitattributes"] == b".."


def test_below_the_top_of_the_repository(repo: Path) -> None:
    (repo / "deep").mkdir()
    git(repo, "mv", "build", "deep/build")
    commit(repo, "moved")
    assert "prod" in named("HEAD", BUILD, repo / "deep").trees


def test_a_folder_of_one_tree_compares_with_whatever_the_other_side_has_one_of(repo: Path) -> None:
    one = folder("build/prod", repo)
    assert one.single
    write(repo / "other", tree().files)
    common, apart = pairs(one, folder("other", repo))
    assert list(common) == ["prod → other"]
    assert apart == ()
    common, _ = pairs(folder("build", repo), one)
    assert list(common) == ["prod"]


def test_environments_of_one_side_only_are_named(repo: Path) -> None:
    write(repo / "build/local", tree().files)
    common, apart = pairs(named("HEAD", BUILD, repo), folder("build", repo))
    assert list(common) == ["prod"]
    assert apart == ("local is only in the folder build",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope", "'nope' is neither a git revision nor a folder"),
        ("--output=x", "'--output=x' is neither a git revision nor a folder"),
        ("./nope", "there is no folder ./nope"),
        ("./specs", r"\./specs is not a rendered tree: neither it nor a folder in it has a published\.json"),
        ("specs", r"specs is not a rendered tree"),
        ("empty", "revision empty has no rendered tree in build/"),
        ("newer", r"newer:build/prod/published\.json was written by a newer dashgen: it has format 99"),
        ("broken", r"broken:build/prod/published\.json is not JSON"),
        ("both", "'both' is a revision and a folder"),
        ("main:build", "'main:build' is neither"),
    ],
)
def test_wrong_sides_are_errors(repo: Path, text: str, message: str) -> None:
    (repo / "specs").mkdir()
    (repo / "both").mkdir()
    git(repo, "branch", "both")
    for branch, content in (("newer", b'{"format": 99, "published": []}'), ("broken", b"{"), ("empty", None)):
        git(repo, "checkout", "-q", "main", "-b", branch)
        path = repo / "build/prod/published.json"
        path.write_bytes(content) if content else path.unlink()
        commit(repo, branch)
    with pytest.raises(TreeError, match=message):
        named(text, BUILD, repo)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="is not in a git repository") as caught:
        merge_base(BUILD, tmp_path)
    assert caught.value.hint == "run it inside a repository, or compare two folders: dashgen diff ./old ./new"


def test_no_commit_in_common(repo: Path) -> None:
    git(repo, "checkout", "-q", "--orphan", "alone")
    commit(repo, "alone")
    with pytest.raises(TreeError, match="HEAD and main have no commit in common here"):
        merge_base(BUILD, repo)


def test_no_environment_in_common(repo: Path) -> None:
    write(repo / "other/local", tree().files)
    with pytest.raises(TreeError, match="no environment is on both sides: prod is only in HEAD"):
        pairs(named("HEAD", BUILD, repo), folder("other", repo))
