"""What is needed of git, by its plumbing: no checkout is touched, no filter or hook runs, nothing is fetched."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from dashgen.tree.errors import TreeError

_ENVIRONMENT = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_BRANCHES = ("main", "master", "trunk", "develop")


class GitError(TreeError):
    """git has no such tree, or can't say."""


def _run(cwd: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed", "install it, or compare two folders")
    try:
        return subprocess.run(  # noqa: S603  # a list of arguments, no shell
            [program, "--no-pager", "-c", "core.fsmonitor=false", *arguments],
            cwd=cwd,
            input=given,
            capture_output=True,
            env={**os.environ, **_ENVIRONMENT},
            check=False,
        )
    except OSError as error:  # an argument that is too long, a folder that is gone
        raise GitError(f"git can't be run: {error.strerror or error}", "") from None


def _said(cwd: Path, *arguments: str) -> str | None:
    """The one line that git answers, None where it refuses."""
    done = _run(cwd, *arguments)
    return os.fsdecode(done.stdout).strip() or None if done.returncode == 0 else None


def commit(cwd: Path, revision: str) -> str | None:
    """The full id of a revision's commit; None where there is none. Raises GitError outside of a repository, and in
    one without any commit."""
    found = _commit(cwd, revision)
    if found is None:
        top = toplevel(cwd)
        if _said(cwd, "rev-list", "--max-count=1", "--all") is None:
            raise GitError(
                f"the git repository {top} has no commit yet",
                "commit the rendered tree first: dashgen build && git add . && git commit; or compare two folders:"
                " dashgen diff ./old ./new",
            )
    return found


def _commit(cwd: Path, revision: str) -> str | None:
    return _said(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")


def toplevel(cwd: Path) -> Path:
    """Raises GitError outside of a repository."""
    done = _run(cwd, "rev-parse", "--show-toplevel")
    top = os.fsdecode(done.stdout).strip()
    if done.returncode or not top:
        why = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        because = f": {why}" if why and not why.startswith("not a git repository") else ""
        raise GitError(
            f"{cwd} is not in a git repository" + (f" that can be read{because}" if because else ""),
            "run it inside a repository, or compare two folders: dashgen diff ./old ./new",
        )
    return Path(top)


def restoring(path: Path, cwd: Path | None = None) -> str:
    """The command by which a file that is gone or damaged comes back; empty where git does not know it. `path` is
    relative to the folder in which the command is to be given, or absolute."""
    here = cwd or Path.cwd()
    near = next(parent for parent in path.parents if (here / parent).is_dir())
    name = path.relative_to(near).as_posix()
    try:
        if _run(here / near, "ls-files", "--error-unmatch", "--", name).returncode == 0:
            source = "--"
        elif _run(here / near, "cat-file", "-e", f"HEAD:./{name}").returncode == 0:
            source = "HEAD --"  # its removal was added already
        else:
            return ""
        top = _said(here, "rev-parse", "--show-toplevel")
        if top is not None and top == _said(here / near, "rev-parse", "--show-toplevel"):
            return f"git checkout {source} {shlex.quote(path.as_posix())}"
    except GitError:
        return ""
    return f"git -C {shlex.quote(near.as_posix())} checkout {source} {shlex.quote(name)}"


def inside(cwd: Path, folder: Path) -> str:
    """The path of a folder from the top of its repository, with '/'. Raises GitError where the folder is in no
    repository."""
    top = toplevel(cwd).resolve()
    try:
        return (cwd / folder).resolve().relative_to(top).as_posix().removeprefix(".")
    except ValueError:
        raise GitError(
            f"{folder} is not inside the repository {top}", "--out names the folder of the rendered trees"
        ) from None


def default_branch(cwd: Path) -> str:
    """What origin's HEAD says, else a branch of a usual name, here or at origin. Raises GitError where there is
    none."""
    commit(cwd, "HEAD")  # or why there can be none
    head = _said(cwd, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    names = [head] if head else []
    configured = _said(cwd, "config", "--get", "init.defaultBranch")
    for name in dict.fromkeys([*([configured] if configured else []), *_BRANCHES]):
        names += [name, f"origin/{name}"]
    for name in names:
        if _commit(cwd, f"refs/heads/{name}") or _commit(cwd, f"refs/remotes/{name}"):
            return name
    raise GitError("no default branch was found", "name what to compare with: dashgen diff REVISION")


def merge_base(cwd: Path, branch: str) -> str:
    """The commit at which both began. Raises GitError where there is none."""
    base = _said(cwd, "merge-base", "--end-of-options", branch, "HEAD")
    if base is None:
        raise GitError(
            f"HEAD and {branch} have no commit in common here",
            "a shallow clone lacks it: git fetch --unshallow; or name what to compare with: dashgen diff REVISION",
        )
    return base


def files(cwd: Path, commit_id: str, folder: str) -> dict[str, bytes]:
    """Every file below a folder in a commit, by its path in it. A link's content is what it points at. Raises GitError
    where git can't read them."""
    arguments = ["ls-tree", "-r", "-z", "--full-tree", commit_id, *([f"{folder}/"] if folder else [])]
    listed = _run(cwd, *arguments)
    if listed.returncode:
        raise GitError(f"git can't list {commit_id}: {listed.stderr.decode(errors='replace').strip()}")
    prefix = f"{folder}/" if folder else ""
    names: list[str] = []
    ids: list[bytes] = []
    for entry in listed.stdout.split(b"\0"):
        facts, _, path = entry.partition(b"\t")
        if facts.split(b" ")[1:2] == [b"blob"]:
            names.append(os.fsdecode(path).removeprefix(prefix))
            ids.append(facts.split(b" ")[2])
    if not ids:
        return {}
    done = _run(cwd, "cat-file", "--batch", given=b"\n".join(ids) + b"\n")
    if done.returncode:
        raise GitError(f"git can't read {commit_id}: {done.stderr.decode(errors='replace').strip()}")
    return dict(zip(names, _blobs(done.stdout, len(ids), commit_id), strict=True))


def _blobs(answer: bytes, count: int, commit_id: str) -> list[bytes]:
    out: list[bytes] = []
    at = 0
    for _ in range(count):
        end = answer.index(b"\n", at)
        facts = answer[at:end].split(b" ")
        if len(facts) != 3:
            raise GitError(f"a file of {commit_id} is not in this clone", "fetch it whole: a partial clone lacks it")
        size = int(facts[2])
        out.append(answer[end + 1 : end + 1 + size])
        at = end + size + 2
    return out
