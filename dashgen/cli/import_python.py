"""`dashgen import --from-python`: somebody's module in a process of its own, and what it gives as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dashgen.cli import report
from dashgen.cli.options import OutputFormat

if TYPE_CHECKING:
    from dashgen.adopt.source_kind import ImportSource

FINE = 0


def exported(reference: str, timeout: float, output: OutputFormat, outcome: str) -> list[tuple[str, object]] | int:
    """Library and JSON of each object; or the exit code, where it was reported why there is none."""
    import tempfile

    from dashgen.loading import worker

    with tempfile.TemporaryDirectory(prefix="dashgen-import-") as folder:
        path = Path(folder) / "objects.json"

        def child(loaded: Callable[[], None]) -> int:
            from dashgen.loading.python_objects import load_objects

            found = load_objects(reference, Path.cwd())
            loaded()
            if found.problems:
                return report.fail(found.problems, Path.cwd(), output, 2, outcome)
            path.write_text(json.dumps([[one.library, one.data] for one in found.documents]), encoding="utf-8")
            return FINE

        try:
            code = worker.run(child, Path(reference.partition(":")[0]), timeout)
        except worker.Unfinished as unfinished:
            return report.fail(unfinished.problems, Path.cwd(), output, 2, outcome)
        if code != FINE:
            return code
        return [(library, data) for library, data in json.loads(path.read_text(encoding="utf-8"))]


def sources(reference: str, found: list[tuple[str, object]]) -> Iterator[ImportSource]:
    """What an import makes of the objects. Raises NotThisKind."""
    from dashgen.adopt import python_source

    for library, data in found:
        yield from python_source.sources(library, data, reference)
