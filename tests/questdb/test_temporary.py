"""Folders of servers, also those of programs that were killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dashgen.questdb.temporary import PREFIX, TemporaryFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def aged(folder: Path) -> None:
    then = time.time() - 3600
    os.utime(folder, (then, then))


def test_a_folder_goes_with_its_owner() -> None:
    folder = TemporaryFolder()
    (folder.path / "data").write_text("x")
    folder.remove()
    assert not folder.path.exists()


def test_a_killed_program_s_folder_goes_with_the_next_one_and_a_live_one_s_stays(tmp_path: Path) -> None:
    program = """
import tempfile, time
tempfile.tempdir = {folder!r}
from dashgen.questdb.temporary import TemporaryFolder
print(TemporaryFolder().path, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", program.format(folder=str(tmp_path))]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alive,
    ):
        try:
            assert killed.stdout is not None
            assert alive.stdout is not None
            left, held = Path(killed.stdout.readline().strip()), Path(alive.stdout.readline().strip())
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            (left / "data").write_text("x")
            aged(left)
            aged(held)
            TemporaryFolder().remove()
            assert (left.exists(), held.exists()) == (False, True)
        finally:
            alive.kill()
            killed.kill()


def test_what_is_new_or_somebody_else_s_stays(tmp_path: Path) -> None:
    """A new folder may not be locked yet; a link leads to what is not ours."""
    new = tmp_path / f"{PREFIX}new"
    new.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    aged(elsewhere)
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    TemporaryFolder().remove()
    assert new.is_dir()
    assert elsewhere.is_dir()
