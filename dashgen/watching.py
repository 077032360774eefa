"""Changes of the specs' files, as the system tells of them: for the preview's page, and for builds that go on.

Editors write in many ways (a new file in the place of the old one, a backup beside it), and `git switch` changes many
files at once: folders are watched, not files, and changes that follow each other are one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from pathlib import Path

from dashgen.questdb.extras import from_extra

SETTLE_MS = 200
STEP_MS = 50
"""Changes are one as long as another follows within a step, for as long as it takes to settle."""
READY_MS = 100
"""So long after it began a watch is ready."""


async def changed_specs(specs: Path) -> AsyncIterator[None]:
    """Yields after each change below the specs' folder. Raises MissingExtraError."""
    with from_extra("preview"):
        from watchfiles import awatch

    async for _ in awatch(specs, debounce=SETTLE_MS, step=STEP_MS, recursive=True):
        yield


def changes(specs: Path, others: Callable[[], Iterable[Path]]) -> Iterator[tuple[Path, ...]]:
    """Yields the files that changed, after each change below the specs' folder, of a module beside it, or of one of
    `others`, which is asked anew after each; none where any may have changed, as at the start. It goes on until
    KeyboardInterrupt. Raises MissingExtraError."""
    with from_extra("preview"):
        from watchfiles import DefaultFilter, watch

    root = specs.resolve()
    counts = DefaultFilter()
    while True:
        files = set(others())
        folders = _folders(root, files)
        is_ready = False
        for found in watch(
            *folders, debounce=SETTLE_MS, step=STEP_MS, recursive=False, watch_filter=None, rust_timeout=READY_MS,
            yield_on_timeout=True,
        ):  # fmt: skip
            paths = {Path(path) for change, path in found if counts(change, path)}
            seen = sorted(path for path in paths if _is_theirs(path, root, files))
            if seen or not is_ready:
                yield tuple(seen) if is_ready else ()
                files = set(others())
                if _folders(root, files) != folders:
                    break
            is_ready = True


def _folders(root: Path, files: Iterable[Path]) -> set[Path]:
    """Those that are watched, one by one: beside the specs there may be anything, as a rendered tree."""
    below = (path for path in root.rglob("*") if path.name != "__pycache__")
    return {one for one in (root.parent, root, *below, *(file.parent for file in files)) if one.is_dir()}


def _is_theirs(path: Path, root: Path, files: Collection[Path]) -> bool:
    is_module = path.parent == root.parent and path.suffix == ".py"
    return is_module or path.is_relative_to(root) or path in files or path.parent in files
