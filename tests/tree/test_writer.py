"""The tree on disk: owned, replaced file by file, whole at any moment."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashgen.tree import writer
from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import encode
from dashgen.tree.paths import LEDGER
from dashgen.tree.writer import Changes

ROOT = Path(__file__).resolve().parent.parent.parent


def ledger(*uids: str) -> bytes:
    """Of dashboards of those uids, and the rule `x`."""
    return encode([*(f"dashboard {uid}" for uid in uids), "rule x"])


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


RULES = "provisioning/alerting/rules-x.yaml"
FIRST = {
    LEDGER: ledger("a", "b"),
    "dashboards/d/a.json": b"A",
    "dashboards/d/b.json": b"B",
    RULES: b"groups: [{rules: [{uid: x}]}]",
}
SECOND = {
    LEDGER: ledger("a", "b", "c"),
    "dashboards/d/a.json": b"A",
    "dashboards/d/b.json": b"B2",
    "dashboards/e/c.json": b"C",
}


def test_a_write_adds_changes_and_removes_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "prod"
    assert writer.write(folder, FIRST) == Changes(added=("dashboards/d/a.json", "dashboards/d/b.json", RULES, LEDGER))
    assert content(folder) == FIRST
    expected = Changes(("dashboards/e/c.json",), ("dashboards/d/b.json", LEDGER), (RULES,), 1)
    assert writer.compare(folder, SECOND) == expected
    assert content(folder) == FIRST
    assert writer.write(folder, SECOND) == expected
    assert content(folder) == SECOND
    assert not (folder / "provisioning").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_a_write_that_changes_nothing_touches_nothing(tmp_path: Path) -> None:
    writer.write(tmp_path / "t", FIRST)

    def stamps() -> list[tuple[str, int, int]]:
        return [(p.name, p.stat().st_mtime_ns, p.stat().st_ino) for p in sorted(tmp_path.rglob("*"))]

    before = stamps()
    changes = writer.write(tmp_path / "t", FIRST)
    assert not changes
    assert changes.unchanged == len(FIRST)
    assert stamps() == before


def test_what_did_not_change_keeps_its_inode(tmp_path: Path) -> None:
    writer.write(tmp_path / "t", FIRST)
    before = (tmp_path / "t/dashboards/d/a.json").stat()
    writer.write(tmp_path / "t", SECOND)
    after = (tmp_path / "t/dashboards/d/a.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_ledger_is_read(tmp_path: Path) -> None:
    assert writer.ledger(tmp_path / "new") == frozenset()
    (tmp_path / "empty").mkdir()
    assert writer.ledger(tmp_path / "empty") == frozenset()
    writer.write(tmp_path / "t", FIRST)
    assert writer.ledger(tmp_path / "t") == {"dashboard a", "dashboard b", "rule x"}


def test_what_another_build_published_is_not_lost(tmp_path: Path) -> None:
    writer.write(tmp_path / "t", FIRST | {LEDGER: ledger("a", "b", "theirs")})
    with pytest.raises(TreeError, match="written by another build in the meantime") as raised:
        writer.write(tmp_path / "t", SECOND)
    assert raised.value.hint == "build again"
    assert content(tmp_path / "t")["dashboards/d/b.json"] == b"B"


def test_a_ledger_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / LEDGER).symlink_to(tmp_path / "nowhere")
    with pytest.raises(TreeError, match=r"has no published\.json"):
        writer.ledger(tmp_path)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may get longer than one byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_failed_write_leaves_the_tree_and_no_stage(tmp_path: Path) -> None:
    writer.write(tmp_path / "t", FIRST)
    with pytest.raises(OSError, match="File too large"), full_disk():
        writer.write(tmp_path / "t", SECOND)
    assert content(tmp_path / "t") == FIRST
    assert [p.name for p in tmp_path.iterdir()] == ["t"]


def test_a_failed_first_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large"), full_disk():
        writer.write(tmp_path / "deep" / "er" / "t", FIRST)
    assert list(tmp_path.iterdir()) == []


def test_a_staged_tree_that_is_not_committed_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    writer.write(folder, FIRST)
    with writer.only_writer(tmp_path):
        with writer.StagedTree(folder) as staged:
            assert [staged.take(path, data) for path, data in SECOND.items()] == [True, False, True, True]
            assert content(folder) == FIRST
            assert len(list(tmp_path.iterdir())) == 2
        assert content(tmp_path) == {f"t/{path}": data for path, data in FIRST.items()}


def test_a_writer_that_waits_for_one_who_removes_the_empty_folder_gets_another(tmp_path: Path) -> None:
    parent = tmp_path / "build"
    waits = threading.Thread(target=writer.write, args=(parent / "t", FIRST))
    with writer.only_writer(parent):
        waits.start()
        assert not (parent / "t").exists()
    waits.join()
    assert content(parent / "t") == FIRST


# Writes two versions of a large tree in turn until it is killed.
WRITER = """
import sys
from pathlib import Path
from dashgen.tree import writer
from dashgen.tree.ledger import encode
folder, base = Path(sys.argv[1]), encode(f"dashboard {i}" for i in range(61))
versions = [
    {
        writer.LEDGER: base + b" " * v,
        **{f"dashboards/d{i % 7}/{i}.json": b"%d" % v * (3000 + 100 * i) for i in range(v, 60 + v)},
    }
    for v in range(2)
]
print("ready", flush=True)
while True:
    for files in versions:
        writer.write(folder, files)
"""


def whole(path: str, data: bytes) -> bool:
    if path == LEDGER:
        return data.strip() == encode(f"dashboard {number}" for number in range(61)).strip()
    return len(data) == 3000 + 100 * int(Path(path).stem) and len(set(data)) == 1


# Writes a tree and is killed just before it moves, makes or removes a file or folder for the nth time.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from dashgen.tree import writer
folder, files = Path(sys.argv[1]), {k: v.encode() for k, v in json.loads(sys.argv[2]).items()}
left = int(sys.argv[3])

def step(event, _):
    global left
    if event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir"):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
writer.write(folder, files)
"""


def test_a_write_killed_at_any_step_leaves_every_file_old_or_new(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    second = json.dumps({path: data.decode() for path, data in SECOND.items()})
    seen = set()
    for step in range(1, 1000):
        writer.write(folder, {**FIRST, LEDGER: SECOND[LEDGER]})
        command = [sys.executable, "-c", KILLED, str(folder), second, str(step)]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        left = content(folder)
        assert all(data in (FIRST.get(path), SECOND.get(path)) for path, data in left.items())
        assert left.keys() >= {LEDGER, "dashboards/d/a.json", "dashboards/d/b.json"}
        seen.add(tuple(sorted(left.items())))
        assert writer.write(folder, SECOND) is not None
        assert content(folder) == SECOND
        assert [p.name for p in tmp_path.iterdir()] == ["t"]
        if code == 0:
            break
        assert code == -9
    assert len(seen) >= 4, "old, one file new, both new, the stale one gone"


def test_a_first_write_killed_at_any_step_owns_what_it_left(tmp_path: Path) -> None:
    """A folder is dashgen's by its ledger, so no other file may be there without it: the next build would refuse."""
    first = json.dumps({path: data.decode() for path, data in FIRST.items()})
    for step in range(1, 1000):
        folder = tmp_path / str(step) / "t"
        command = [sys.executable, "-c", KILLED, str(folder), first, str(step)]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        assert not folder.exists() or not content(folder) or LEDGER in content(folder)
        writer.write(folder, FIRST)
        assert content(folder) == FIRST
        if code == 0:
            break
    assert step > 5


def test_a_write_killed_at_a_random_moment_leaves_every_file_whole(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    rng = random.Random(7)
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        process.wait()
        process.stdout.close()
        left = content(folder) if folder.exists() else {}
        assert [path for path, data in left.items() if not whole(path, data)] == []
        assert not left or LEDGER in left
    every = [*(f"dashboard {number}" for number in range(61)), "dashboard a", "dashboard b"]
    healed = {**FIRST, LEDGER: encode(every)}
    writer.write(folder, healed)
    assert content(folder) == healed
    assert [p.name for p in tmp_path.iterdir()] == ["t"]


def test_writers_at_once_take_turns(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    code = WRITER.replace("while True:", "for _ in range(10):").replace("range(2)", "range(int(sys.argv[2]), 2)")
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), first], cwd=ROOT, stderr=subprocess.PIPE)
        for first in ("0", "1", "0")
    ]
    for process in writers:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    left = content(folder)
    assert all(whole(path, data) for path, data in left.items())
    # the last one to write was alone with the tree: it holds one version, without traces of the other
    assert {data[:1] for path, data in left.items() if path != LEDGER} == {b"1"}
    assert len(left) == 61
    assert [p.name for p in tmp_path.iterdir()] == ["t"]


OTHERS = {
    "README.md": b"ours", "dashboards/d/mine.json": b"{}", "dashboards/mine.json": b"{}",
    "dashboards/d/deep/a.json": b"A",
    "provisioning/alerting/rules-mine.yaml": b"groups: [{rules: [{uid: x}, {uid: mine}]}]",
    "provisioning/alerting/extra.yaml": b"", "provisioning/plugins/app.yaml": b"", ".DS_Store": b"\0",
}  # fmt: skip


def test_what_dashgen_never_wrote_stays_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    writer.write(folder, FIRST)
    for path, data in OTHERS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    changes = writer.write(folder, SECOND)
    assert changes == Changes(
        ("dashboards/e/c.json",), ("dashboards/d/b.json", LEDGER), (RULES,), 1, tuple(sorted(OTHERS))
    )
    assert content(folder) == SECOND | OTHERS
    assert writer.write(folder, SECOND) == Changes(unchanged=len(SECOND), foreign=tuple(sorted(OTHERS)))


def test_a_file_of_dashgen_that_is_no_longer_rendered_goes_however_it_was_changed(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    writer.write(folder, FIRST)
    (folder / "dashboards/d/a.json").write_bytes(b"by hand")
    (folder / RULES).write_bytes(b"<<<<<<< ours\n")
    stale = {"provisioning/alerting/mute-timings.yaml": b"x", "questdb/views.sql": b"y"}
    for path, data in stale.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    only = {LEDGER: FIRST[LEDGER]}
    changes = writer.write(folder, only)
    assert set(changes.removed) == {"dashboards/d/a.json", "dashboards/d/b.json", RULES, *stale}
    assert content(folder) == only


def test_the_folder_itself_stays_as_a_bind_mount_needs(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    writer.write(folder, FIRST)
    kept = [(folder / at).stat().st_ino for at in ("", "dashboards", "dashboards/d")]
    writer.write(folder, SECOND)
    assert [(folder / at).stat().st_ino for at in ("", "dashboards", "dashboards/d")] == kept
