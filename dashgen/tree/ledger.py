"""The ledger of a rendered tree, `published.json`: what it ever published.

One entry a line (`rule daemon-silent`, `receiver on-call-telegram`), sorted, nothing ever leaves it. Every entry's line
ends in a comma, because the last one is always `END`; so two branches that each add entries merge as the union of
their lines, which the tree's own `.gitattributes` asks git for. A file with conflict markers in it (a merge that did
not know of the attribute) is read as that union too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from dashgen.input_files import json_value
from dashgen.tree.errors import TreeError
from dashgen.tree.paths import LEDGER

FORMAT = 2
END = "~"
"""Stands behind every entry: no kind begins with it, and it sorts behind all letters."""
_MARKERS = (b"<<<<<<< ", b"||||||| ", b"=======", b">>>>>>> ")
ATTRIBUTES = f"""# Written by dashgen. Same bytes on every system; what branches published merges as a union.
* -text
{LEDGER} merge=union
""".encode()


def newer(found: object, known: int) -> str:
    """What is said of a format that only a later dashgen writes; nothing of any other."""
    if isinstance(found, int) and not isinstance(found, bool) and found > known:
        return f"was written by a newer dashgen: it has format {found}, and this one reads up to {known}"
    return ""


UPGRADE = "upgrade dashgen; the file is valid"
"""What to do about a newer format."""


def encode(entries: Iterable[str]) -> bytes:
    """The file of a ledger with these entries."""
    lines = "".join(f"    {json.dumps(entry, ensure_ascii=False)},\n" for entry in sorted({*entries} - {END}))
    return f'{{\n  "format": {FORMAT},\n  "published": [\n{lines}    "{END}"\n  ]\n}}\n'.encode()


def decode(data: bytes, path: str = LEDGER) -> frozenset[str]:
    """The entries, also of a file of format 1, which had no `END`. Raises TreeError, which names `path`."""
    try:
        found = json_value(b"\n".join(line for line in data.splitlines() if not line.startswith(_MARKERS)))
    except ValueError as error:
        raise TreeError(str(error), path=path) from None
    if isinstance(found, dict) and (message := newer(found.get("format"), FORMAT)):
        raise TreeError(message, UPGRADE, path)
    if not isinstance(found, dict) or not isinstance(found.get("published"), list) or "format" not in found:
        raise TreeError("does not have the form of a ledger: a format, and the list of what was published", path=path)
    if found["format"] not in (1, FORMAT):
        raise TreeError(f"has format {found['format']!r}, which no dashgen writes", path=path)
    return frozenset(str(entry) for entry in found["published"]) - {END}
