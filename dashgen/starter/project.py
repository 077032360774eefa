"""The folder of `dashgen new`: a table, a dashboard, an alert with its test, demo data, and the files around them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path

from dashgen.adopt.plan import TakenInProject
from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import AtomCode, CallCode, SequenceCode, assigned
from dashgen.adopt.source_kind import ImportTarget
from dashgen.adopt.table_source import StatementFile, TableKind, TableSource
from dashgen.dictionary import dictionary
from dashgen.diff.lockfiles import choose
from dashgen.diff.workflow import workflow
from dashgen.loading.load import load
from dashgen.model.core.problems import DashgenError, Problem
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.pipeline import prepare, write
from dashgen.project_checks import check
from dashgen.starter.alert import alert_source, demo_source, test_source
from dashgen.starter.dashboard import WIDTH, dashboard_source
from dashgen.starter.starter_table import StarterTable
from dashgen.starter.wheel import Wheel

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?<![.])", re.ASCII)
_FROM_TEMPLATE = {
    "Makefile": "Makefile",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    "specs/environments.py": "environments.py",
}
_LATER = {"specs/notifications.py": "notifications.py"}
_FIRST_TABLE = {"specs/tables/service_metrics.py": "service_metrics.py"}
_PACKAGES = {
    "specs/dashboards/__init__.py": '"""Dashboards, one module each."""\n',
    "specs/alerts/__init__.py": '"""Alert rules, one module each."""\n',
}


class NewProjectError(DashgenError, ValueError):
    """A project that can't be begun: what is in the way, and what to do."""


@dataclass(frozen=True, slots=True)
class NewProject:
    """What was begun. `table` is the one that the dashboard and the alert are about."""

    folder: Path
    files: tuple[str, ...]
    tables: tuple[str, ...]
    table: str


def title_of(folder: Path) -> str:
    return " ".join(names.words(folder.name)).capitalize()


def check_place(folder: Path) -> None:
    """Raises NewProjectError where a project can't be begun there."""
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise NewProjectError(f"{name!r} can't be a project's name", "letters, digits, '-', '_' and '.' only")
    if folder.exists() and not folder.is_dir():
        raise NewProjectError(f"{folder} is a file", "give another name")
    if folder.is_dir() and any(folder.iterdir()):
        raise NewProjectError(f"{folder} is not empty", "give another name: nothing there is touched")
    if not folder.resolve().parent.is_dir():
        raise NewProjectError(f"there is no folder {folder.resolve().parent}", "make it first")


def begin(
    folder: Path, wheel: Wheel, sources: Sequence[TableSource | StatementFile] = (), about: str = ""
) -> NewProject:
    """Makes the project, all of it or nothing. Without sources it has a table of its own; `about` names the table that
    the dashboard is to be about. Raises NewProjectError, and what reading the sources raises."""
    check_place(folder)
    with _staged(folder) as stage:
        title = title_of(folder.resolve())
        _put(stage, _texts(title))
        _put(stage, _tables(stage, sources))
        _lock(stage, wheel)
        bare = _loaded(stage / "specs")
        subject = _subject(bare, about)
        _put(stage, _PACKAGES)
        _put(stage, _texts(title, _LATER))
        _put(stage, _about(subject, [(cls.__module__, cls.__name__) for cls in bare.tables]))
        project = _loaded(stage / "specs")
        _render(stage, project)
        made = tuple(sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*") if _is_part(path)))
        tables = tuple(table_of(cls).name for cls in project.tables)
    return NewProject(folder, made, tables, subject.table.name)


def _is_part(path: Path) -> bool:
    """Whether it is a file of the project, and not what Python keeps of one that was imported."""
    return path.is_file() and "__pycache__" not in path.parts


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside it, whose content is there at the end; all of it is gone where anything fails."""
    try:
        stage = Path(tempfile.mkdtemp(prefix=f".{folder.resolve().name}-", dir=folder.resolve().parent))
    except OSError as error:
        raise NewProjectError(f"{folder}: can't be made: {error.strerror}", "see to the folder's permissions") from None
    try:
        stage.chmod(0o755)  # it is private while it is made
        yield stage
        for left in stage.rglob("__pycache__"):
            shutil.rmtree(left)
        _move(stage, folder.resolve())
    except OSError as error:
        raise NewProjectError(f"{folder}: can't be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _move(stage: Path, folder: Path) -> None:
    """A folder that is there stays the same one: a shell may be in it, or a volume mounted on it."""
    if not folder.exists():
        stage.replace(folder)
        return
    moved: list[Path] = []
    try:
        for part in sorted(stage.iterdir()):
            moved.append(folder / part.name)
            shutil.move(part, moved[-1])
    except OSError:
        for part in moved:
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        raise


def _put(stage: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        place = stage / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")


def _texts(title: str, wanted: Mapping[str, str] = _FROM_TEMPLATE) -> dict[str, str]:
    folder = "-".join(names.words(title)).lower()[:36].strip("-")
    return {
        path: _template(name).replace("%TITLE%", title).replace("%FOLDER%", folder) for path, name in wanted.items()
    }


def _template(name: str) -> str:
    return (resources("dashgen.starter") / "template" / f"{name}.template").read_text(encoding="utf-8")


def _lock(stage: Path, wheel: Wheel) -> None:
    _put(stage, {"requirements.lock": wheel.lock})
    place = stage / "wheels" / wheel.name
    place.parent.mkdir()
    place.write_bytes(wheel.content)
    install = choose(stage, "requirements.lock").command
    _put(stage, {".github/workflows/dashgen.yaml": workflow("main", "prod", install, "3.12", "breaking")})


def _tables(stage: Path, sources: Sequence[TableSource | StatementFile]) -> dict[str, str]:
    """The modules of the tables, and a PROJECT that lists no more than these."""
    root = stage / "specs"
    if not sources:
        listed = [("specs.tables.service_metrics", "ServiceMetrics")]
        texts = {path: _template(name) for path, name in _FIRST_TABLE.items()}
    else:
        target = ImportTarget(root, None, {}, {}, "", {}, WIDTH)
        part = TableKind().plan(sources, target, TakenInProject(target), force=False)
        listed = [(f"specs.{one.module}", one.name) for one in part.additions]
        texts = {f"specs/{path}": text for path, text in part.files.items()}
    texts["specs/tables/__init__.py"] = '"""Tables, one module each."""\n'
    return {**texts, "specs/__init__.py": _project(listed, {"tables": [name for _, name in listed]})}


def _project(imports: Sequence[tuple[str, str]], listed: Mapping[str, Sequence[str]]) -> str:
    """The module of PROJECT."""
    lines: dict[str, list[str]] = {}
    for module, name in [*imports, ("specs.environments", "ENVIRONMENTS")]:
        lines.setdefault(module, []).append(name)
    own = [_import(module, sorted(found)) for module, found in sorted(lines.items())]
    arguments = [("environments", AtomCode("ENVIRONMENTS"))]
    code = CallCode(
        "Project",
        (
            *arguments,
            *((key, SequenceCode(tuple(map(AtomCode, found)))) for key, found in listed.items()),
            *((("demo_parameters", AtomCode("DEFAULTS")),) if "demos" in listed else ()),
        ),
    )
    head = '"""What is rendered for Grafana: tables, dashboards, alerts, demo data."""'
    return "\n\n".join([head, "from dashgen import Project", "\n".join(own), assigned("PROJECT", code, WIDTH)]) + "\n"


def _import(module: str, found: Sequence[str]) -> str:
    flat = f"from {module} import {', '.join(found)}"
    if len(flat) <= WIDTH:
        return flat
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in found) + ")"


def _loaded(specs: Path) -> Project:
    found = load(specs)
    if found.project is None:
        raise NewProjectError("what was written can't be loaded: a fault of dashgen's", problems=found.problems)
    return found.project


def starter_tables(project: Project) -> tuple[StarterTable, ...]:
    """The tables of a project that a dashboard can be about."""
    return tuple(
        StarterTable(table_of(cls), cls.__module__, cls.__name__) for cls in project.tables if table_of(cls).designated
    )


def _subject(project: Project, about: str) -> StarterTable:
    found = starter_tables(project)
    if about:
        found = tuple(one for one in found if one.table.name.lower() == about.lower())
    if not found:
        what = f"no table {about!r}" if about else "no table"
        raise NewProjectError(f"{what} with a designated timestamp is there", "a dashboard needs one: its time axis")
    return next((one for one in found if one.measured), found[0])


def _about(subject: StarterTable, tables: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The modules over one table, and the PROJECT with all; `tables` are the modules and classes of all tables."""
    stem = names.module(subject.table.name, "table")
    name = names.constant(subject.table.name, "DASHBOARD")
    uid = subject.slug if subject.slug[0].isalpha() else f"table-{subject.slug}"
    silent, alerts, demo = f"{uid}-silent", f"{name}_ALERTS", f"{name}_DEMO"
    listed = {
        "tables": [one for _, one in tables],
        "dashboards": [name],
        "alerts": [alerts],
        "contact_points": ["EMAIL"],
        "demos": [demo],
    }
    imports = [
        *tables,
        (f"specs.dashboards.{stem}", name),
        (f"specs.alerts.{stem}", alerts),
        ("specs.notifications", "EMAIL"),
        ("specs.demo", demo),
        ("specs.demo", "DEFAULTS"),
    ]
    title = f"{subject.title} silent"
    return {
        f"specs/dashboards/{stem}.py": dashboard_source(subject, uid, subject.title, name),
        f"specs/alerts/{stem}.py": alert_source(
            subject, silent, title, alerts, "email", (f"specs.dashboards.{stem}", name)
        ),
        "specs/demo.py": demo_source(subject, demo),
        f"tests/alerts/{stem}.yaml": test_source(subject, silent, "email"),
        "specs/__init__.py": _project(imports, listed),
    }


def _render(stage: Path, project: Project) -> None:
    """The tree that is committed, and the page of the tables."""
    environment = project.environments[0]
    prepared = prepare(project, environment, stage / "build" / environment.name)
    problems: tuple[Problem, ...] = (*check(project), *prepared.problems, *prepared.blocked)
    if problems:
        raise NewProjectError("what was written can't be rendered: a fault of dashgen's", problems=problems)
    write(prepared)
    _put(stage, {"docs/tables.md": dictionary(project)})
