"""What a module reads while it is executed, and a digest of each: noted during a load, compared before the next."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Literal, NamedTuple

from dashgen.digests import bytes_digest

Kind = Literal["file", "folder", "status", "variable"]
"""The content of a file, the names in a folder, whether a path exists and what it is, an environment variable."""
EVERY_VARIABLE = "*"
"""Stands for all variables of the environment."""


class ReadInput(NamedTuple):
    """`name` is an absolute path, or the name of a variable."""

    kind: Kind
    name: str

    def digest(self) -> str:
        """Changes when what is read changes. Reading never fails: what is absent has a digest too."""
        try:
            return bytes_digest(_READ[self.kind](self.name))
        except OSError as error:
            return f"error {error.errno}"


def file_digest(path: str) -> str:
    """Of a file's content."""
    return ReadInput("file", path).digest()


_NO_FILE = b"no regular file"
NO_FILE = bytes_digest(_NO_FILE)
"""The digest of a device, a pipe or a folder."""


def _content(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # as below
        return _NO_FILE  # a pipe would be waited for
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib costs as much as a small file
        return file.read()


def _names(path: str) -> bytes:
    with os.scandir(path) as entries:
        found = sorted(f"{entry.name}/{entry.is_dir()}" for entry in entries if entry.name != "__pycache__")
    return "\0".join(found).encode("utf-8", "surrogatepass")


def _status(path: str) -> bytes:
    """A folder's size and time are left out: they change with the files in it."""
    found = os.stat(path)  # noqa: PTH116  # pathlib costs as much again
    if stat.S_ISREG(found.st_mode):
        return f"{found.st_mode} {found.st_size} {found.st_mtime_ns}".encode()
    return f"{found.st_mode}".encode()


def _variable(name: str) -> bytes:
    if name == EVERY_VARIABLE:
        return repr(sorted(os.environ.items())).encode("utf-8", "surrogateescape")
    value = os.environ.get(name)
    return b"unset" if value is None else b"set " + value.encode("utf-8", "surrogateescape")


_READ: dict[Kind, Callable[[str], bytes]] = {
    "file": _content,
    "folder": _names,
    "status": _status,
    "variable": _variable,
}
