"""Publishing into a folder of somebody else's: what is replaced, what is refused, and what a kill leaves."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashgen.diff.publish import MANIFEST, PublishPlan, PublishRefused, plan, publish
from tests.diff import trees
from tests.diff.repository import commit, repository, write
from tests.diff.trees import Files, tree

ROOT = Path(__file__).resolve().parent.parent.parent


def there(folder: Path) -> Files:
    """Everything in a folder but git's own and the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git/" not in path.as_posix() and path.name != MANIFEST
    }


def put(folder: Path, files: Files, max_removed: float = 20) -> PublishPlan:
    made = plan(folder, "prod", files, max_removed)
    publish(made)
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with files of its own."""
    root = repository(tmp_path / "checkout")
    write(root, {"README.md": b"ours", "dashboards/theirs.json": b"{}", "provisioning/alerting/theirs.yaml": b"a: 1"})
    commit(root, "theirs")
    return root


THEIRS = {"README.md", "dashboards/theirs.json", "provisioning/alerting/theirs.yaml"}


def test_the_tree_is_copied_beside_what_is_there(checkout: Path) -> None:
    files = tree().files
    made = put(checkout, files)
    assert made.first
    assert set(made.added) == set(files)
    assert {p: d for p, d in there(checkout).items() if p not in THEIRS} == files
    assert set(there(checkout)) == {*files, *THEIRS}
    assert not plan(checkout, "prod", files, 20)


def test_only_what_dashgen_wrote_is_removed(checkout: Path) -> None:
    files = tree().files
    put(checkout, files)
    fewer = {path: data for path, data in files.items() if path != trees.TEMPLATES}
    made = put(checkout, fewer)
    assert made.removed == (trees.TEMPLATES,)
    assert set(there(checkout)) == {*fewer, *THEIRS}


def test_a_folder_that_is_left_empty_goes_too(checkout: Path) -> None:
    files = {**tree().files, "dashboards/last/one.json": b"{}"}
    put(checkout, files)
    put(checkout, tree().files)
    assert not (checkout / "dashboards/last").exists()
    assert (checkout / "dashboards/theirs.json").exists()


def test_a_file_that_was_edited_by_hand_is_refused_with_the_diff(checkout: Path) -> None:
    files = tree().files
    put(checkout, files)
    path = checkout / trees.VARIABLES
    path.write_text("# must\nQUESTDB_PASSWORD=\nMINE=1\n")
    (checkout / trees.TEMPLATES).unlink()
    before = there(checkout)
    with pytest.raises(
        PublishRefused, match=r"2 files were changed by hand since dashgen last published: environment"
    ) as caught:
        plan(checkout, "prod", files, 20)
    assert caught.value.details == (
        "--- environment.example (there)",
        "+++ environment.example (rendered)",
        "@@ -2,2 +2 @@",
        " QUESTDB_PASSWORD=",
        "-MINE=1",
    )
    assert there(checkout) == before


def test_a_file_of_somebody_else_is_refused(checkout: Path) -> None:
    write(checkout, {trees.HEALTH: b'{"theirs": 1}'})
    with pytest.raises(PublishRefused, match=r"daemon-health\.json would be replaced, and dashgen did not write that"):
        plan(checkout, "prod", tree().files, 20)


def test_the_same_file_that_is_there_already_is_taken_over(checkout: Path) -> None:
    write(checkout, {trees.HEALTH: tree().files[trees.HEALTH]})
    made = put(checkout, tree().files)
    assert trees.HEALTH not in made.added
    put(checkout, {p: d for p, d in tree().files.items() if p != trees.HEALTH})
    assert not (checkout / trees.HEALTH).exists()


def test_too_many_removals_are_refused(checkout: Path) -> None:
    put(checkout, tree().files)
    few = {path: tree().files[path] for path in (trees.LEDGER, trees.HEALTH)}
    with pytest.raises(
        PublishRefused, match=r"11 of 13 files in .* would be removed: 85 %, and at most 20 % may"
    ) as caught:
        plan(checkout, "prod", few, 20)
    assert caught.value.hint == "to allow it: --max-removed 85"
    assert set(there(checkout)) == {*tree().files, *THEIRS}
    put(checkout, few, max_removed=85)
    assert set(there(checkout)) == {*few, *THEIRS}


def test_another_environment_is_refused(checkout: Path) -> None:
    put(checkout, tree().files)
    with pytest.raises(PublishRefused, match="has the environment 'prod', not 'local'"):
        plan(checkout, "local", tree().files, 20)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "can't be read"),
        ('{"format": 9, "environment": "prod", "files": {}}', "newer dashgen: it has format 9, and this"),
        ('{"format": "9", "environment": "prod", "files": {}}', "can't be read: ValueError"),
        (
            '{"format": 1, "environment": "prod", "files": {"../up": ["x"]}}',
            r"names files that dashgen did not write: '\.\./up",
        ),
        ('{"format": 1, "environment": "prod", "files": {"/etc/x": ["x"]}}', "names files that dashgen did not write"),
        ('{"format": 1, "environment": "prod"}', "can't be read"),
        ("[]", "can't be read"),
    ],
)
def test_a_manifest_that_is_not_dashgens_is_refused(checkout: Path, manifest: str, message: str) -> None:
    (checkout / MANIFEST).write_text(manifest)
    with pytest.raises(PublishRefused, match=message):
        plan(checkout, "prod", tree().files, 100)


def test_a_link_on_the_way_is_refused(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (checkout / "questdb").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PublishRefused, match="questdb is a symbolic link"):
        plan(checkout, "prod", tree().files, 20)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_is_in_the_way_is_refused(checkout: Path) -> None:
    (checkout / trees.LEDGER).mkdir()
    with pytest.raises(PublishRefused, match=r"published\.json is a folder where a file goes"):
        plan(checkout, "prod", tree().files, 20)
    (checkout / trees.LEDGER).rmdir()
    (checkout / "questdb").write_text("x")
    with pytest.raises(PublishRefused, match="questdb is a file where a folder goes"):
        plan(checkout, "prod", tree().files, 20)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishRefused, match="nope is not a folder"):
        plan(tmp_path / "nope", "prod", tree().files, 20)


def test_a_change_between_plan_and_publishing_is_refused(checkout: Path) -> None:
    put(checkout, tree().files)
    new = tree().changed()
    new.panel["title"] = "Another"
    made = plan(checkout, "prod", new.files, 20)
    (checkout / trees.VARIABLES).write_text("edited\n")
    with pytest.raises(PublishRefused, match="changed by hand"):
        publish(made)
    assert (checkout / trees.HEALTH).read_bytes() == tree().files[trees.HEALTH]


def _versions() -> tuple[Files, Files]:
    """Two trees: files of both, of the first only, of the second only."""
    old = tree().files
    new = tree().changed()
    new.panel["title"] = "Another"
    new.rule["for"] = "9m"
    files = {path: data for path, data in new.files.items() if path != trees.TEMPLATES}
    return old, {**files, "dashboards/new/one.json": b"{}", "dashboards/new/two.json": b"{}"}


KILLING = """
import os, signal, sys
from pathlib import Path
from dashgen.diff.publish import plan, publish
from tests.diff.test_publish import _versions

def kill_at(left):
    def killing(real):
        def call(self, *a, **k):
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, *a, **k)
        return call
    for name in ("replace", "unlink", "rmdir", "mkdir", "write_bytes", "write_text"):
        setattr(Path, name, killing(getattr(Path, name)))

for folder in sorted(Path(sys.argv[1]).iterdir(), key=lambda p: int(p.name)):
    child = os.fork()
    if child == 0:
        kill_at(int(folder.name))
        publish(plan(folder, "prod", _versions()[1], 20))
        os._exit(0)
    print(folder.name, os.waitpid(child, 0)[1])
"""
"""Publishes into each folder of a folder, and is killed at as many steps as the folder's name says."""


def test_a_kill_at_any_step_leaves_each_file_old_or_new_and_the_next_run_mends_it(tmp_path: Path) -> None:
    old, new = _versions()
    for at in map(str, range(40)):
        (tmp_path / at).mkdir()
        write(tmp_path / at, {"README.md": b"ours"})
        put(tmp_path / at, old)
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    statuses = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    for step, status in statuses.items():
        folder = tmp_path / step
        found = {p: d for p, d in there(folder).items() if not p.startswith(".dashgen-stage-")}
        assert found.pop("README.md") == b"ours"
        for path, data in found.items():
            assert data in (old.get(path), new.get(path)), path
        assert set(old) & set(new) <= set(found)
        if status == "0":
            assert found == new
            continue
        assert int(status) == signal.SIGKILL
        # what comes next may be the same tree or another one
        then = new if int(step) % 2 else old
        put(folder, then)
        assert there(folder) == {**then, "README.md": b"ours"}
        assert not list(folder.glob(".dashgen-stage-*"))
    killed = [step for step, status in statuses.items() if status != "0"]
    assert 10 < len(killed) < len(statuses)


def test_no_reader_sees_a_file_missing_or_half(tmp_path: Path) -> None:
    old, new = _versions()
    both = sorted(set(old) & set(new))
    put(tmp_path, old)
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            for path in both:
                try:
                    if (tmp_path / path).read_bytes() not in (old[path], new[path]):
                        wrong.append(path)
                except FileNotFoundError:
                    wrong.append(f"{path} is missing")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(10):
            put(tmp_path, new)
            put(tmp_path, old)
    finally:
        stop.set()
        reader.join()
    assert wrong == []


def test_it_is_not_committed(checkout: Path) -> None:
    head = (checkout / ".git/refs/heads/main").read_text()
    index = (checkout / ".git/index").read_bytes()
    put(checkout, tree().files)
    assert (checkout / ".git/refs/heads/main").read_text() == head
    assert (checkout / ".git/index").read_bytes() == index
    assert os.listdir(checkout / ".git/refs/heads") == ["main"]  # noqa: PTH208  # names are what matters


@pytest.mark.parametrize(
    "name",
    [
        ".git/HEAD", ".GIT/HEAD", ".git", "dashboards/.git/HEAD", "dashboards/.Git /HEAD", "dashboards/.git./HEAD",
        "dashboards/GIT~1/HEAD", "dashboards/.g\u200cit/HEAD", "dashboards/.git::$INDEX_ALLOCATION/HEAD",
        ".github/workflows/ci.yaml", "README.md", "dashboards", "../up.json", "/etc/passwd", "dashboards//a.json",
        "dashboards/a\0.json", "dashboards/\ud800.json", "dashboards/a\\b.json", "",
    ],
)  # fmt: skip
def test_a_manifest_that_names_what_dashgen_never_writes_is_refused(checkout: Path, name: str) -> None:
    """With the right hash, a publish would remove the file."""
    files = tree().files
    put(checkout, files)
    manifest = json.loads((checkout / MANIFEST).read_text())
    head = hashlib.sha256((checkout / ".git/HEAD").read_bytes()).hexdigest()
    manifest["files"][name] = [head]
    (checkout / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(PublishRefused, match=r"names files that dashgen did not write|is not JSON: "):
        put(checkout, files, max_removed=100)
    assert (checkout / ".git/HEAD").exists()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": 1, "files": ' + '{"a":' * 100_000, "\0", "\ud800", "[1"])
def test_a_manifest_that_cannot_be_read_is_refused(checkout: Path, text: str) -> None:
    (checkout / MANIFEST).write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(PublishRefused, match="can't be read"):
        plan(checkout, "prod", tree().files, 20)


def test_names_that_differ_by_case_only_are_refused(checkout: Path) -> None:
    files = tree().files
    with pytest.raises(PublishRefused, match=r"dashboards/A\.json and dashboards/a\.json differ by case only"):
        plan(checkout, "prod", {**files, "dashboards/a.json": b"{}", "dashboards/A.json": b"{}"}, 20)


def test_a_name_whose_case_changed_stays_where_case_is_not_told_apart(checkout: Path) -> None:
    """A hard link stands for such a file system: both names are one file, of which only one goes elsewhere."""
    files = tree().files
    put(checkout, {**files, "dashboards/A.json": b"{}"})
    (checkout / "dashboards/a.json").hardlink_to(checkout / "dashboards/A.json")
    made = plan(checkout, "prod", {**files, "dashboards/a.json": b"{}"}, 20)
    publish(made)
    assert (checkout / "dashboards/a.json").read_bytes() == b"{}"
    assert not plan(checkout, "prod", {**files, "dashboards/a.json": b"{}"}, 20)


def test_of_two_at_once_one_is_refused_and_the_tree_is_whole(checkout: Path) -> None:
    first, second = tree().files, {**tree().files, "dashboards/second.json": b"{}"}
    plans = [plan(checkout, "prod", files, 20) for files in (first, second)]
    refused: list[PublishRefused] = []

    def run(made: PublishPlan) -> None:
        try:
            publish(made)
        except PublishRefused as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(made,)) for made in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(error) for error in refused] == [f"{checkout} changed meanwhile"]
    found = {path: data for path, data in there(checkout).items() if path not in THEIRS}
    assert found in (first, second)
