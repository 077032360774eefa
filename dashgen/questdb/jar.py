"""The server's jar: fetched once through Maven's protocol, verified each time before it is run."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from dashgen.cache_folder import cache_folder
from dashgen.questdb.errors import ServerError
from dashgen.questdb.extras import from_extra

VERSION = "9.3.4"
COORDINATES = ("org.questdb", "questdb", VERSION)
SHA256 = "939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062"


def jar_path() -> Path:
    """Where the jar is kept, whether or not it is there."""
    return cache_folder() / f"questdb-{VERSION}.jar"


def ensure_jar() -> Path:
    """The verified jar, downloaded (30 MB) where the cache has none or a damaged one.

    Any number of processes may call this at once: each downloads into a folder of its own and renames the
    verified file into place. Raises ServerError when the download fails, its sha256 is not the pinned one, or nothing
    can be kept in the cache folder.
    """
    target = jar_path()
    if is_genuine(target):
        return target
    try:
        return _fetch(target)
    except OSError as error:
        raise ServerError(
            f"the jar can't be kept in {target.parent}: {error.strerror or error}; DASHGEN_CACHE names another folder"
        ) from error


def _fetch(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download-", dir=target.parent) as folder:
        fetched = _download(Path(folder))
        if not is_genuine(fetched):
            raise ServerError(
                f"the jar that was downloaded for {':'.join(COORDINATES)} has the sha256 {_sha256(fetched)},"
                f" expected {SHA256}; it was deleted"
            )
        fetched.replace(target)
    return target


def is_genuine(path: Path) -> bool:
    """Whether the file is there and has the pinned sha256."""
    return path.is_file() and _sha256(path) == SHA256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(folder: Path) -> Path:
    with from_extra("questdb"):
        from jgo.maven import MavenContext
    group, artifact, version = COORDINATES
    try:
        maven = MavenContext(repo_cache=folder)
        found = maven.project(group, artifact).at_version(version).artifact().resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise ServerError(
            f"could not download {':'.join(COORDINATES)}: {error}; without a network, put the jar at {jar_path()}"
        ) from error
    if found is None:
        raise ServerError(f"the repository has no {':'.join(COORDINATES)}")
    return Path(found)
