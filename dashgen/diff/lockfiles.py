"""Lock files of a project: which one installs dashgen with verified hashes, and by which command.

A workflow that installed dashgen by its name from an index could get another project's package. A lock file names the
files by their hashes, so that it installs what its author has seen. Formats: requirements files with `--hash`
(pip, pip-tools, uv), `pylock.toml` (PEP 751), uv.lock (version 1, as uv 0.13 writes it), poetry.lock (2.1, as Poetry
2.5 writes it).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.input_files import read_text, toml_value
from dashgen.installation import DISTRIBUTION
from dashgen.model.core.problems import DashgenError

NEEDED = ("psycopg", "jgo")
"""Packages of the extra `questdb` without which `check` and `test` don't run; Java may be the machine's."""
_STRANGER = "dashgen"
_PATTERNS = (
    "uv.lock", "poetry.lock", "pylock.toml", "pylock.*.toml",
    "requirements*.lock", "requirements/*.lock", "requirements*.txt", "requirements/*.txt",
)  # fmt: skip
LOOKED_FOR = ", ".join(_PATTERNS)
_MOST_INCLUDED = 50
"""Requirements files that include one another, one within the other."""


class LockError(DashgenError, ValueError):
    """No lock file, or one that can't be installed from."""


@dataclass(frozen=True, slots=True)
class Lock:
    """`path` is relative to the project, with `/`; `packages` are normalised names."""

    path: str
    packages: frozenset[str]
    command: str
    """Installs it and puts its programs on the PATH of later steps of a workflow."""

    def faults(self, own: bool) -> list[str]:
        """Why dashgen can't come from it; `own` where the project is dashgen itself."""
        found = []
        if _STRANGER in self.packages:
            found.append(f"it has the package {_STRANGER!r}, which is another project's; this one is {DISTRIBUTION!r}")
        if not own and DISTRIBUTION not in self.packages:
            found.append(f"it does not have {DISTRIBUTION}")
        elif missing := [name for name in NEEDED if name not in self.packages]:
            found.append(f"it lacks {' and '.join(missing)}, which check and test need: lock {DISTRIBUTION}[questdb]")
        return found


def choose(root: Path, named: str = "") -> Lock:
    """The lock file called `named`, else the first of the project that installs all that a workflow runs. Raises
    LockError."""
    own = _project(root).get("name") == DISTRIBUTION
    paths = [named] if named else list(_candidates(root))
    refused: list[str] = []
    for path in paths:
        try:
            lock = _read(root, path)
        except LockError as error:
            refused.append(f"{path}: {error}")
            continue
        if faults := lock.faults(own):
            refused += [f"{path}: {fault}" for fault in faults]
            continue
        if own:
            build = "python -m pip install --no-deps --no-build-isolation -e ."
            return Lock(lock.path, lock.packages, f"{lock.command} && {build}")
        return lock
    hint = (
        f"lock {DISTRIBUTION}[questdb] with hashes (README, Install), name another lock file by --lock,"
        " or say by --install what installs it"
    )
    if not refused:
        raise LockError(f"no lock file here (looked for {LOOKED_FOR})", hint)
    raise LockError(refused[0] if len(refused) == 1 else f"no lock file installs dashgen: {'; '.join(refused)}", hint)


def _candidates(root: Path) -> Iterator[str]:
    for pattern in _PATTERNS:
        yield from sorted(path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file())


def _read(root: Path, path: str) -> Lock:
    if path.startswith("/") or ".." in Path(path).parts:
        raise LockError("expected a path inside the project, relative to it", "")
    try:
        text = read_text(root / path)
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(f"can't be read: {getattr(error, 'strerror', None) or error}", "") from None
    name = Path(path).name
    if not name.endswith(".toml") and name not in ("uv.lock", "poetry.lock"):
        packages = frozenset(_requirements(root, path, text, ()))
        return Lock(path, packages, f"python -m pip install --require-hashes -r {shlex.quote(path)}")
    try:
        document = toml_value(text)
    except ValueError as error:
        raise LockError(str(error), "") from None
    for entries in (document.get("package", []), document.get("packages", [])):
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise LockError("expected its packages as a list of tables", "")
    try:
        command, entries = _locked(path, text, document)
    except (AttributeError, TypeError):  # a value of another type than its writer puts there
        raise LockError("is not a lock file that dashgen knows", "") from None
    return Lock(path, frozenset(_normal(str(entry.get("name", ""))) for entry in entries), command)


def _locked(path: str, text: str, document: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """How to install from a lock file, and its packages."""
    name = Path(path).name
    if "lock-version" in document:
        return _pylock(path), document.get("packages", [])
    if name == "uv.lock":
        return _uv(document), document.get("package", [])
    if name == "poetry.lock":
        return _poetry(text, document), document.get("package", [])
    raise LockError("is not a lock file that dashgen knows", "")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- requirements files


def _requirements(root: Path, path: str, text: str, above: Sequence[str]) -> Iterator[str]:
    """The names that a requirements file locks. Raises LockError for one without a hash."""
    for number, line in _logical_lines(text):
        where = f"line {number}" if not above else f"{path}, line {number}"
        if match := re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)", line):
            inner = (Path(path).parent / match[1]).as_posix()
            if inner in above or inner == path:
                continue
            if len(above) > _MOST_INCLUDED:
                raise LockError(f"{where}: more than {_MOST_INCLUDED} files include one another", "")
            try:
                included = read_text(root / inner)
            except (OSError, UnicodeDecodeError):
                raise LockError(f"{where}: {inner} can't be read", "") from None
            yield from _requirements(root, inner, included, (*above, path))
        elif re.match(r"-e\b|--editable\b", line):
            raise LockError(f"{where}: an editable requirement has no hash", "")
        elif line.startswith("-"):  # an option such as --only-binary
            continue
        elif "--hash" not in line:
            raise LockError(f"{where}: {line.split()[0]} has no --hash", "")
        else:
            yield _name(line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that end in a backslash joined, each with the number where it begins."""
    begun, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        start = start or number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        if whole := (begun + line).strip():
            yield start, whole
        begun, start = "", 0
    if begun.strip():
        yield start, begun.strip()


def _name(line: str) -> str:
    """Of a requirement: `psycopg[binary]==3.3.9`, `name @ https://…`, `./wheels/dashgen_grafana-0.1.0-….whl`."""
    if match := re.match(r"([A-Za-z0-9][\w.-]*?)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~@;]|$)", line.partition(" --hash")[0]):
        return _normal(match[1])
    file = re.split(r"[?#\s\[]", line)[0].rpartition("/")[2]
    return _normal(re.split(r"-\d", file)[0])


# --- lock files of tools


def _pylock(path: str) -> str:
    return f"pipx install uv && uv pip install --system -r {shlex.quote(path)}"


def _uv(document: Mapping[str, Any]) -> str:
    """Only what the project's own package asks dashgen for: `uv sync` leaves extras and most groups out."""
    flags = ""
    for package in document.get("package", []):
        source = package.get("source", {})
        if "." not in (source.get("virtual"), source.get("editable"), source.get("directory")):
            continue
        if not _asks(package.get("dependencies", [])):
            flags = _flag("--extra", package.get("optional-dependencies", {})) or _flag(
                "--group", package.get("dev-dependencies", {})
            )
    return f'pipx install uv && uv sync --locked{flags} && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'


def _flag(option: str, groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    return next((f" {option} {shlex.quote(name)}" for name, wanted in groups.items() if _asks(wanted)), "")


def _asks(dependencies: Sequence[Mapping[str, Any]]) -> bool:
    return any(_normal(str(dependency.get("name", ""))) == DISTRIBUTION for dependency in dependencies)


def _poetry(text: str, document: Mapping[str, Any]) -> str:
    flags = ""
    writer = re.search(r"generated by Poetry (\d[\d.]*\d)", text)  # another one may not read this file
    poetry = f"poetry=={writer[1]}" if writer else "poetry"
    for package in document.get("package", []):
        if _normal(str(package.get("name", ""))) == DISTRIBUTION:
            groups = package.get("groups", ["main"])
            flags = "" if "main" in groups else f" --with {shlex.quote(groups[0])}"
            flags += " --all-extras" if package.get("optional") and not flags else ""
    path = '"$(poetry env info --path)/bin"'
    return f'pipx install {poetry} && poetry install --no-root{flags} && echo {path} >> "$GITHUB_PATH"'


def _project(root: Path) -> dict[str, Any]:
    try:
        found = toml_value(read_text(root / "pyproject.toml")).get("project", {})
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
