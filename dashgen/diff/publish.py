"""A rendered tree put into a folder of somebody else's: a checkout of the repository that Grafana reads.

What dashgen wrote there is in `MANIFEST`, with hashes: only that is ever replaced or removed, and only as long as
nobody edited it. While files are being replaced the manifest has the hashes before and after, so that after a kill in
the middle all of them are still known for dashgen's.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashgen.input_files import json_value, read_bytes
from dashgen.model.core.counts import counted
from dashgen.tree import paths
from dashgen.tree.errors import TreeError
from dashgen.tree.git import restoring
from dashgen.tree.ledger import UPGRADE, newer
from dashgen.tree.writer import STAGE, locked, sweep

MANIFEST = ".dashgen-published.json"
FORMAT = 1
Files = Mapping[str, bytes]


class PublishRefused(TreeError):
    """Nothing was written. `details` are lines that show why."""

    def __init__(self, message: str, hint: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.details = details


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """What publishing would do. `before` is what is there of dashgen's, `after` what is to be there."""

    folder: Path
    environment: str
    before: Files
    after: Files
    first: bool
    """Nothing of dashgen's was there."""

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.after) - set(self.before)))

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(sorted(p for p in self.after if p in self.before and self.after[p] != self.before[p]))

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.before) - set(self.after)))

    def __bool__(self) -> bool:
        return bool(self.first or self.added or self.changed or self.removed)


def plan(folder: Path, environment: str, files: Files, max_removed: float) -> PublishPlan:
    """What putting `files` into `folder` would do. Raises PublishRefused where a file there was edited by hand, is not
    dashgen's, or where more than `max_removed` percent of what is there would go."""
    if not folder.is_dir():
        raise PublishRefused(f"{folder} is not a folder", "give a checkout of the repository that Grafana reads")
    if MANIFEST in files:
        raise PublishRefused(
            f"the rendered tree has a file {MANIFEST}", "remove it: it belongs to where a tree is published"
        )
    if foreign := [path for path in sorted(files) if not _inside(path)]:
        raise PublishRefused(
            f"the tree has what dashgen does not render: {', '.join(map(ascii, foreign[:5]))}", "build it anew"
        )
    _one_name(files)
    known = _manifest(folder, environment)
    _in_the_way(folder, {*known, *files})
    before: dict[str, bytes] = {}
    problems: list[str] = []
    details: list[str] = []
    for path, hashes in sorted(known.items()):
        data = _read(folder / path)
        if data is None and ("" in hashes or path not in files):
            continue  # a kill came before it was put there, or after it went
        if data is None:
            problems.append(f"{path} was removed")
        elif _hash(data) not in hashes:
            problems.append(f"{path} was edited")
            details += _diff(path, data, files.get(path))
        else:
            before[path] = data
    if problems:
        raise PublishRefused(
            f"in {folder} {len(problems)} file{'s were' if len(problems) > 1 else ' was'} changed by hand since dashgen"
            f" last published: {', '.join(problems[:5])}{' …' if len(problems) > 5 else ''}",
            "bring the change into the specs, or take it back there (git checkout), then publish again",
            tuple(details),
        )
    for path, data in sorted(files.items()):
        there = _read(folder / path) if path not in known else None
        if there is not None and there != data:
            problems.append(path)
            details += _diff(path, there, data)
        elif there is not None:
            before[path] = there
    if problems:
        raise PublishRefused(
            f"in {folder} {', '.join(problems[:5])}{' …' if len(problems) > 5 else ''} would be replaced, and dashgen"
            " did not write that",
            "publish into an empty folder, or remove these files",
            tuple(details),
        )
    made = PublishPlan(folder, environment, before, files, first=not known)
    share = 100 * len(made.removed) / len(before) if before else 0
    if share > max_removed:
        raise PublishRefused(
            f"{len(made.removed)} of {counted(len(before), 'file')} in {folder} would be removed: {share:.0f} %,"
            f" and at most {max_removed:g} % may",
            f"to allow it: --max-removed {min(100, int(share) + 1)}",
            tuple(f"- {path}" for path in made.removed),
        )
    return made


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        return read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _diff(path: str, there: bytes, ours: bytes | None) -> Iterator[str]:
    """What publishing would take back of a file that is not as dashgen left it."""
    old = there.decode(errors="replace").splitlines()
    new = ours.decode(errors="replace").splitlines() if ours is not None else []
    yield from difflib.unified_diff(old, new, f"{path} (there)", f"{path} (rendered)", lineterm="", n=1)


def _manifest(folder: Path, environment: str) -> dict[str, tuple[str, ...]]:
    """What dashgen wrote into the folder: of each path the hashes that it may have."""
    path = folder / MANIFEST
    data = _read(path)
    if data is None:
        if command := restoring(path):
            raise PublishRefused(f"{path} is gone, and git tracks it: it lists the files that dashgen wrote", command)
        return {}
    try:
        document = json_value(data)
        if message := newer(document["format"], FORMAT):
            raise PublishRefused(f"{path} {message}", UPGRADE)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}")
        known = {str(name): tuple(map(str, hashes)) for name, hashes in document["files"].items()}
        whose = str(document["environment"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishRefused(f"{path} can't be read: {error!r}", _restored(path)) from None
    outside = [name for name in known if not _inside(name)]
    if outside:
        named = ", ".join(ascii(name)[:100] for name in outside[:5])
        raise PublishRefused(f"{path} names files that dashgen did not write: {named}", _restored(path))
    if whose != environment:
        raise PublishRefused(
            f"{folder} has the environment {whose!r}, not {environment!r}",
            f"publish {environment!r} into a folder of its own, or say --env {whose}",
        )
    return known


def _restored(path: Path) -> str:
    return restoring(path) or "restore it from a backup, or publish into an empty folder"


def _inside(name: str) -> bool:
    """Whether a rendered tree can have a file of that name: a manifest is somebody else's word, and files go by it."""
    parts = name.split("/")
    return (
        (name.startswith(paths.FOLDERS) if len(parts) > 1 else name in paths.FILES)
        and not {"", ".", ".."} & set(parts)
        and "\\" not in name
        and name.isprintable()  # no NUL, no lone surrogate, nothing that a file system leaves out of a name
        and not any(map(_is_git, parts))
    )


def _is_git(part: str) -> bool:
    """Also as Windows and macOS spell it: in any case, by its short name, with blanks, dots or a stream behind it."""
    return part.partition(":")[0].rstrip(". ").casefold() in (".git", "git~1", ".gitmodules")


def _one_name(files: Iterable[str]) -> None:
    """Two names that differ by case only are one file where case is not told apart."""
    seen: dict[str, str] = {}
    for path in sorted(files):
        if (other := seen.setdefault(path.casefold(), path)) != path:
            raise PublishRefused(
                f"{other} and {path} differ by case only: on many systems they are one file",
                "give one of them another uid or folder",
            )


def _in_the_way(folder: Path, wanted: set[str]) -> None:
    """A link on the way would lead a write out of the folder; a folder where a file goes can't be replaced."""
    ways = {parent for path in wanted for parent in (Path(path), *Path(path).parents)} - {Path()}
    for way in sorted(ways):
        place = folder / way
        if place.is_symlink():
            raise PublishRefused(f"{place} is a symbolic link", "publish to its target, or remove it")
        if place.is_dir() and way.as_posix() in wanted:
            raise PublishRefused(f"{place} is a folder where a file goes", "remove it")
        if place.exists() and not place.is_dir() and way.as_posix() not in wanted:
            raise PublishRefused(f"{place} is a file where a folder goes", "remove it")


def publish(made: PublishPlan) -> None:
    """Does what was planned. A reader, or a kill, sees each file old or new, and never fewer than both have in common;
    removals come last. Raises PublishRefused where the folder changed since the plan was made."""
    with locked(made.folder):
        sweep(made.folder)
        if plan(made.folder, made.environment, made.after, max_removed=100).before != made.before:
            raise PublishRefused(f"{made.folder} changed meanwhile", "publish again")
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=made.folder))
        try:
            _replace(made, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _replace(made: PublishPlan, stage: Path) -> None:
    moves = [*made.added, *made.changed]
    for number, path in enumerate(moves):
        (stage / str(number)).write_bytes(made.after[path])
    hashes: dict[str, list[str]] = {}
    for files in (made.before, made.after):
        for path, data in files.items():
            hashes.setdefault(path, []).append(_hash(data))
    _write_manifest(
        made, stage, {path: sorted(set(of)) for path, of in hashes.items()}, under_way={*moves, *made.removed}
    )
    for number, path in enumerate(moves):
        (made.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / str(number)).replace(made.folder / path)
    kept = {path.casefold(): path for path in made.after}
    for path in made.removed:
        other = kept.get(path.casefold())
        if other and _are_one(made.folder / path, made.folder / other):
            continue  # renamed in its case only, where that is the same file
        (made.folder / path).unlink(missing_ok=True)
        _prune(made.folder, Path(path).parent)
    _write_manifest(made, stage, {path: [_hash(data)] for path, data in made.after.items()}, under_way=set())


def _are_one(old: Path, new: Path) -> bool:
    try:
        return old.samefile(new)
    except OSError:
        return False


def _write_manifest(made: PublishPlan, stage: Path, hashes: Mapping[str, list[str]], under_way: set[str]) -> None:
    """A path that may not be there yet has the empty hash beside its own."""
    files = {path: [*of, ""] if path in under_way and len(of) == 1 else of for path, of in sorted(hashes.items())}
    document = {"format": FORMAT, "environment": made.environment, "files": files}
    path = stage / "manifest"
    path.write_text(json.dumps(document, indent=2) + "\n")
    path.replace(made.folder / MANIFEST)


def _prune(folder: Path, relative: Path) -> None:
    """Removes folders that nothing is left in."""
    for at in (relative, *relative.parents):
        if at == Path() or any((folder / at).iterdir()):
            return
        (folder / at).rmdir()
