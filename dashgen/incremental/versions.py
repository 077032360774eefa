"""What a kept build is good for: the versions of all that takes part in one."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from dashgen import own_files
from dashgen.digests import digest
from dashgen.loading.module_inputs import file_digest

FORMAT = 1
"""Of what is kept."""


def versions(root: Path) -> str:
    """A digest of Python, its options, the installed distributions, dashgen's files, and the specs' and the working
    folder."""
    return digest(
        str(FORMAT), sys.version, str(sys.implementation), repr(sys.flags), repr(sys.warnoptions),
        locale.setlocale(locale.LC_CTYPE), *(os.environ.get(name, "") for name in ("TZ", "LANG", "LC_ALL")),
        str(root), str(Path.cwd()), *sys.path, *_distributions(), own_files.state(),
    )  # fmt: skip


def _distributions() -> Iterator[str]:
    """Every installed distribution, with the digest of the list of its files, which has theirs (PEP 376)."""
    for folder in sorted({Path(one).resolve() for one in sys.path if one}):
        try:
            found = sorted(one for one in folder.iterdir() if one.suffix in (".dist-info", ".egg-info", ".pth"))
        except OSError:
            continue
        for one in found:
            yield one.name
            if one.suffix == ".dist-info":
                yield file_digest(f"{one}/RECORD")
