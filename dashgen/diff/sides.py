"""The two sides of a comparison: the trees of a git revision or of a folder, by environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashgen.diff import git
from dashgen.diff.documents import Files
from dashgen.schema.validate import schema
from dashgen.tree import ledger, writer


class SideError(Exception):
    """What was asked for can't be compared; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Side:
    """`label` is for people: `main (3fa2b1c)`, `the folder build`. `single` is set where one environment's own folder
    was given, which compares with whatever the other side has one of."""

    label: str
    trees: Mapping[str, Files]
    single: bool = False


def named(text: str, build: Path, cwd: Path) -> Side:
    """A side as the user names it: a folder where the text has the form of one (`./…`, `/…`, `…/`), else a revision,
    else a folder of that name. Raises SideError."""
    looks_like_folder = text.startswith((".", "/", "~")) or text.endswith("/") or text in ("", os.curdir)
    is_folder = (cwd / text).expanduser().is_dir() if text else False
    if looks_like_folder:
        return folder(text, cwd)
    commit, lacking = _commit(text, cwd)
    if commit and is_folder:
        raise SideError(
            f"{text!r} is a revision and a folder", f"say ./{text} for the folder, heads/{text} for a branch"
        )
    if commit:
        return revision(text, commit, build, cwd)
    if is_folder:
        return folder(text, cwd)
    if lacking is not None:
        raise SideError(f"there is no folder {text!r}, and {lacking}", lacking.hint)
    raise SideError(f"{text!r} is neither a git revision nor a folder", "see `git branch -a`, or give a folder: ./DIR")


def folder(text: str, cwd: Path) -> Side:
    """A folder that holds one tree, or one a sub-folder."""
    path = (cwd / text).expanduser()
    if not path.is_dir():
        what = f"{text} is not a folder" if path.exists() else f"there is no folder {text}"
        raise SideError(what, "render one with `dashgen build`, or name another")

    def restore(file: Path) -> str:
        return git.restoring(file.expanduser(), cwd)

    if (path / writer.LEDGER).is_file():
        name = path.resolve().name
        return Side(f"the folder {text}", {name: _checked(_read(path), Path(text), restore)}, single=True)
    inside = [inner for inner in sorted(path.iterdir()) if inner.is_dir() and not inner.name.startswith(".")]
    for one in (Path(text), *(Path(text) / inner.name for inner in inside)):
        ledger = (one / writer.LEDGER).expanduser()
        if not (cwd / ledger).is_file() and (command := git.restoring(ledger, cwd)):
            raise SideError(f"{ledger} is gone, and git knows it: it makes the folder a tree", command)
    found = {
        inner.name: _checked(_read(inner), Path(text) / inner.name, restore)
        for inner in inside
        if (inner / writer.LEDGER).is_file()
    }
    if not found:
        raise SideError(
            f"{text} is no rendered tree: neither it nor a folder in it has a {writer.LEDGER}",
            "render one with `dashgen build`",
        )
    return Side(f"the folder {text}", found)


def _read(path: Path) -> Files:
    """Links are not followed: what they point at is their content."""
    files: dict[str, bytes] = {}
    for at, folders, names in os.walk(path):
        prefix = os.path.relpath(at, path).replace(os.sep, "/") + "/"
        for name in [*names, *(f for f in folders if (Path(at) / f).is_symlink())]:
            file = Path(at) / name
            data = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
            files[prefix.removeprefix("./") + name] = data
    return files


def _checked(files: Files, place: Path, restore: Callable[[Path], str] = lambda _: "") -> Files:
    """A tree whose memory can be read, or SideError. `restore` says how a damaged file comes back."""
    try:
        writer.published(place / writer.LEDGER, files[writer.LEDGER])
    except writer.TreeError as error:
        raise SideError(f"{error.path} {error}", error.hint or restore(Path(error.path))) from None
    if message := _newer_tables(files.get(writer.TABLES, b"")):
        raise SideError(f"{(place / writer.TABLES).as_posix()} {message}", ledger.UPGRADE)
    return files


def _newer_tables(data: bytes) -> str:
    try:
        document = json.loads(data)
    except ValueError:
        return ""  # compared as a text
    known = schema("tables")["properties"]["format"]["const"]
    return ledger.newer(document.get("format"), known) if isinstance(document, dict) else ""


def revision(text: str, commit: str, build: Path, cwd: Path) -> Side:
    """The trees that a commit has in the folder `build`."""
    try:
        place = git.inside(cwd, build)
        blobs = git.files(cwd, commit, place)
    except git.GitError as error:
        raise SideError(str(error), error.hint) from None
    trees: dict[str, dict[str, bytes]] = {}
    for path, data in blobs.items():
        name, _, rest = path.partition("/")
        trees.setdefault(name, {})[rest] = data
    found = {
        name: _checked(files, Path(f"{text}:{place}") / name)
        for name, files in sorted(trees.items())
        if writer.LEDGER in files
    }
    if not found:
        raise SideError(
            f"revision {text} has no rendered tree in {place or '.'}/",
            "commit one (`dashgen build`), say where it is with --out, or give a folder instead",
        )
    short = commit[:9]
    return Side(text if text == short else f"{text} ({short})", found)


def merge_base(build: Path, cwd: Path) -> Side:
    """The commit in which HEAD left the default branch: what a pull request is compared with."""
    try:
        branch = git.default_branch(cwd)
        commit = git.merge_base(cwd, branch)
    except git.GitError as error:
        raise SideError(str(error), error.hint) from None
    return revision(branch, commit, build, cwd)


def _commit(text: str, cwd: Path) -> tuple[str | None, git.GitError | None]:
    """A revision's commit, and why there can be no revision at all."""
    try:
        return git.commit(cwd, text), None
    except git.GitError as error:
        return None, error


def pairs(base: Side, head: Side) -> tuple[dict[str, tuple[Files, Files]], tuple[str, ...]]:
    """The environments that both sides have, and what is to be said of the others."""
    if base.single and head.single:
        (old, files), (new, others) = *base.trees.items(), *head.trees.items()
        return {new if old == new else f"{old} → {new}": (files, others)}, ()
    if base.single and len(head.trees) == 1 and not set(base.trees) & set(head.trees):
        (files,), ((name, others),) = base.trees.values(), head.trees.items()
        return {name: (files, others)}, ()
    common = {name: (base.trees[name], head.trees[name]) for name in base.trees if name in head.trees}
    apart = tuple(
        f"{name} is only in {side.label}"
        for side, other in ((base, head), (head, base))
        for name in side.trees
        if name not in other.trees
    )
    if not common:
        raise SideError(f"no environment is on both sides: {'; '.join(apart)}", "compare trees of the same environment")
    return common, apart
