"""The rendered trees of a folder or of a git revision, by environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dashgen.input_files import json_value
from dashgen.schema.validate import schema
from dashgen.tree import git, ledger, paths
from dashgen.tree.errors import TreeError
from dashgen.tree.read import FolderFiles, RenderedTree, mending_in


@dataclass(frozen=True, slots=True)
class Trees:
    """`label` is for people: `main (3fa2b1c)`, `the folder build`. `single` is set where one environment's own folder
    was given."""

    label: str
    trees: Mapping[str, RenderedTree]
    single: bool = False


def named(text: str, build: Path, cwd: Path) -> Trees:
    """The trees that the user names: a folder where the text has the form of one (`./…`, `/…`, `…/`), else a revision,
    else a folder of that name. Raises TreeError."""
    looks_like_folder = text.startswith((".", "/", "~")) or text.endswith("/") or text in ("", os.curdir)
    is_there = is_folder(cwd / text) if text else False
    if looks_like_folder:
        return folder(text, cwd)
    commit, lacking = _commit(text, cwd)
    if commit and is_there:
        raise TreeError(
            f"{text!r} is a revision and a folder", f"write ./{text} for the folder, heads/{text} for the branch"
        )
    if commit:
        return revision(text, commit, build, cwd)
    if is_there:
        return folder(text, cwd)
    if lacking is not None:
        raise TreeError(f"there is no folder {text!r}, and {lacking}", lacking.hint)
    raise TreeError(f"{text!r} is neither a git revision nor a folder", "see `git branch -a`, or give a folder: ./DIR")


def is_folder(path: Path) -> bool:
    """Also of a name that no file can have, but a revision may: `HEAD^{/…}`."""
    try:
        return path.expanduser().is_dir()
    except (OSError, RuntimeError):  # as for `~nobody`
        return False


def folder(text: str, cwd: Path) -> Trees:
    """The trees of a folder that holds one tree, or one a sub-folder. Raises TreeError."""
    path = (cwd / text).expanduser()
    if not path.is_dir():
        what = f"{text} is not a folder" if path.exists() else f"there is no folder {text}"
        raise TreeError(what, "render one with `dashgen build`, or name another")
    if (path / paths.LEDGER).is_file():
        return Trees(f"the folder {text}", {path.resolve().name: _in_folder(path, Path(text), cwd)}, single=True)
    inside = [inner.name for inner in sorted(path.iterdir()) if inner.is_dir() and not inner.name.startswith(".")]
    for one in (Path(text), *(Path(text) / name for name in inside)):
        at = one.expanduser() / paths.LEDGER
        if not (cwd / at).is_file() and (command := git.restoring(at, cwd)):
            raise TreeError(
                "is missing, and git tracks it: it marks the folder as a rendered tree", command, at.as_posix()
            )
    found = {
        name: _in_folder(path / name, Path(text) / name, cwd)
        for name in inside
        if (path / name / paths.LEDGER).is_file()
    }
    if not found:
        raise TreeError(
            f"{text} is not a rendered tree: neither it nor a folder in it has a {paths.LEDGER}",
            "render one with `dashgen build`",
        )
    return Trees(f"the folder {text}", found)


def _in_folder(path: Path, place: Path, cwd: Path) -> RenderedTree:
    return _checked(RenderedTree(path.resolve().name, FolderFiles(path), place, mending_in(place.expanduser(), cwd)))


def _checked(tree: RenderedTree) -> RenderedTree:
    """A tree whose ledger and declared tables are of this dashgen, or TreeError; without files of others."""
    _ = tree.ledger
    if message := _newer_tables(tree.get(paths.SCHEMA, b"")):
        raise TreeError(message, ledger.UPGRADE, (tree.place / paths.SCHEMA).as_posix())
    return tree.own


def _newer_tables(data: bytes) -> str:
    try:
        document = json_value(data)
    except ValueError:
        return ""  # compared as a text
    known = schema("tables")["properties"]["format"]["const"]
    return ledger.newer(document.get("format"), known) if isinstance(document, dict) else ""


def revision(text: str, commit: str, build: Path, cwd: Path) -> Trees:
    """The trees that a commit has in the folder `build`. Raises TreeError."""
    place = git.inside(cwd, build)
    files: dict[str, dict[str, bytes]] = {}
    for path, data in git.files(cwd, commit, place).items():
        name, _, rest = path.partition("/")
        files.setdefault(name, {})[rest] = data
    found = {
        name: _checked(
            RenderedTree(name, blobs, Path(f"{text}:{place}") / name, lambda _: "name a revision whose tree is whole")
        )
        for name, blobs in sorted(files.items())
        if paths.LEDGER in blobs
    }
    if not found:
        raise TreeError(
            f"revision {text} has no rendered tree in {place or '.'}/",
            "commit one (`dashgen build`), say where it is with --out, or give a folder instead",
        )
    short = commit[:9]
    return Trees(text if text == short else f"{text} ({short})", found)


def merge_base(build: Path, cwd: Path) -> Trees:
    """The trees of the commit in which HEAD left the default branch: what a pull request is compared with. Raises
    TreeError."""
    branch = git.default_branch(cwd)
    return revision(branch, git.merge_base(cwd, branch), build, cwd)


def _commit(text: str, cwd: Path) -> tuple[str | None, TreeError | None]:
    """A revision's commit, and why there can be no revision at all."""
    try:
        return git.commit(cwd, text), None
    except git.GitError as error:
        return None, error
