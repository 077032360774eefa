"""What is needed of git, by its plumbing: no checkout is touched, no filter or hook runs, nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_BRANCHES = ("main", "master", "trunk", "develop")


class GitError(Exception):
    """`hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def _run(cwd: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed", "install it, or compare two folders")
    return subprocess.run(  # noqa: S603  # a list of arguments, no shell
        [program, "--no-pager", "-c", "core.fsmonitor=false", *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        env={**os.environ, **_ENVIRONMENT},
        check=False,
    )


def _said(cwd: Path, *arguments: str) -> str | None:
    """The one line that git answers, None where it refuses."""
    done = _run(cwd, *arguments)
    return os.fsdecode(done.stdout).strip() or None if done.returncode == 0 else None


def commit(cwd: Path, revision: str) -> str | None:
    """The full id of a revision's commit; None where there is none. Raises GitError outside of a repository."""
    toplevel(cwd)
    return _said(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")


def toplevel(cwd: Path) -> Path:
    """Raises GitError outside of a repository."""
    done = _run(cwd, "rev-parse", "--show-toplevel")
    top = os.fsdecode(done.stdout).strip()
    if done.returncode or not top:
        why = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").splitlines()[:1]
        raise GitError(
            f"{cwd} is in no git repository that can be read" + (f": {why[0]}" if why else ""),
            "compare two folders: dashgen diff ./old ./new",
        )
    return Path(top)


def inside(cwd: Path, folder: Path) -> str:
    """The path of a folder from the top of its repository, with '/'."""
    top = toplevel(cwd).resolve()
    try:
        return (cwd / folder).resolve().relative_to(top).as_posix().removeprefix(".")
    except ValueError:
        raise GitError(
            f"{folder} is not inside the repository {top}", "--out names the folder of the rendered trees"
        ) from None


def default_branch(cwd: Path) -> str:
    """What origin's HEAD says, else a branch of a usual name, here or at origin."""
    head = _said(cwd, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    names = [head] if head else []
    configured = _said(cwd, "config", "--get", "init.defaultBranch")
    for name in dict.fromkeys([*([configured] if configured else []), *_BRANCHES]):
        names += [name, f"origin/{name}"]
    for name in names:
        if commit(cwd, f"refs/heads/{name}") or commit(cwd, f"refs/remotes/{name}"):
            return name
    raise GitError("no default branch was found", "name what to compare with: dashgen diff REVISION")


def merge_base(cwd: Path, branch: str) -> str:
    base = _said(cwd, "merge-base", "--end-of-options", branch, "HEAD")
    if base is None:
        raise GitError(
            f"HEAD and {branch} have no commit in common here",
            "a shallow clone lacks it: git fetch --unshallow; or name what to compare with: dashgen diff REVISION",
        )
    return base


def files(cwd: Path, commit_id: str, folder: str) -> dict[str, bytes]:
    """Every file below a folder in a commit, by its path in it. A link's content is what it points at."""
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
