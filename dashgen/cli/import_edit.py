"""`dashgen import --into MODULE.py`: what was changed in Grafana, brought back into the spec."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dashgen import escaping
from dashgen.cli import report
from dashgen.cli.options import OutputFormat
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.adopt.edit.dashboard_edit import DashboardEdit
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project

NOTHING_WRITTEN = "nothing was written"


@dataclass(frozen=True, slots=True)
class WantedEdit:
    """What is asked for: the document, the module, and whether that is written."""

    files: tuple[Path, ...]
    module: Path
    datasources: dict[str, str]
    output: OutputFormat
    write: bool


def edit_module(wanted: WantedEdit, load_timeout: float) -> int:
    """0 where the module renders what Grafana has, or does so now; 1 where something is left to do; 2 for wrong use."""
    if len(wanted.files) != 1 or not wanted.files[0].is_file():
        hint = f"dashgen import --into {wanted.module} edited.json"
        return report.error("a module is edited by one file: the dashboard as Grafana has it", hint)
    if not wanted.module.is_file():
        return report.error(f"{wanted.module}: there is no such module", "give the one that defines the dashboard")
    root = _package(wanted.module)
    if root is None:
        hint = "give a module of a package that exports PROJECT"
        return report.error(f"{wanted.module}: is in no package of specs", hint)

    def work(project: Project, findings: Sequence[Problem], here: Path) -> int:
        return _edit(wanted, project, root)

    return on_project(root, load_timeout, wanted.output, NOTHING_WRITTEN, work)


def _package(module: Path) -> Path | None:
    """The nearest folder around a module whose package exports PROJECT, as it was named."""
    for folder in module.parents if module.is_absolute() else (*module.parents, *module.resolve().parents):
        init = folder / "__init__.py"
        if not init.is_file():
            return None
        if "PROJECT" in init.read_text(encoding="utf-8", errors="replace"):
            return folder
    return None


def _edit(wanted: WantedEdit, project: Project, root: Path) -> int:
    from dashgen.adopt.dashboard_source import DashboardSource
    from dashgen.adopt.edit.dashboard_edit import edit
    from dashgen.adopt.source_kind import ImportRefused
    from dashgen.adopt.sources import read
    from dashgen.adopt.target import width
    from dashgen.adopt.write import replace

    found = read(wanted.files)
    if found.unreadable:
        return _refused(wanted, *((one.path, one.message, one.hint) for one in found.unreadable))
    sources = [one for one in found.sources if isinstance(one, DashboardSource)]
    if len(sources) != 1:
        return _refused(wanted, (str(wanted.files[0]), f"holds {len(sources)} dashboards", "give a file with one"))
    try:
        made = edit(project, root, wanted.module, sources[0], wanted.datasources, width(root))
    except ImportRefused as refused:
        return _refused(wanted, (refused.path, refused.message, refused.hint))
    remaining, problems, copied = _proved(made, root)
    if problems:
        outcome = (
            f"{NOTHING_WRITTEN}: Grafana takes what specs refuse; change it there, or give the dashboard imported=True"
        )
        return report.fail(problems, copied, wanted.output, 2, outcome)
    if wanted.write and made.placed.text != made.before:
        name = wanted.module.resolve().relative_to(root.resolve()).as_posix()
        try:
            replace(root, {name: made.placed.text})
        except OSError as error:
            return _refused(wanted, (str(wanted.module), f"can't be written: {error.strerror or error}", ""))
    _tell(wanted, made, remaining)
    changed = made.placed.text != made.before
    return int(bool(remaining) or (changed and not wanted.write))


def _refused(wanted: WantedEdit, *problems: tuple[str, str, str]) -> int:
    from dashgen.model.core.problems import Problem

    return report.fail([Problem(*one) for one in problems], Path.cwd(), wanted.output, 2, NOTHING_WRITTEN)


def _proved(made: DashboardEdit, root: Path) -> tuple[tuple[str, ...], Sequence[Problem], Path]:
    """The places in which a copy of the specs with the edit does not render what Grafana has; or why it can't be
    loaded, and the folder that the copy was in."""
    from dashgen.adopt.write import staged
    from dashgen.loading.load import load

    name = made.module.resolve().relative_to(root.resolve()).as_posix()
    with staged(root, {name: made.placed.text}) as copy:
        loaded = load(copy)
        if loaded.project is None:
            return (), loaded.problems, copy.parent
        return made.remaining(loaded.project), (), copy.parent


def _tell(wanted: WantedEdit, made: DashboardEdit, remaining: tuple[str, ...]) -> None:
    name = wanted.module.as_posix()
    if wanted.output is OutputFormat.JSON:
        report.echo(_as_json(wanted, made, remaining))
        return
    sys.stdout.write(_as_text(wanted, made, remaining, name))


def _as_text(wanted: WantedEdit, made: DashboardEdit, remaining: tuple[str, ...], name: str) -> str:
    from dashgen.diff.assemble import Review
    from dashgen.diff.reports.text import text

    if not made.diff.subjects and made.placed.text == made.before and not remaining:
        return f"{name} renders what {wanted.files[0]} has\n"
    told = [made.unified(name)]
    told += [f"by hand: {one.subject}: {one.what}: {one.reason}\n" for one in made.placed.unplaced]
    told += [f"still different: {place}\n" for place in remaining]
    # the review is escaped already, and has colours
    lines = [text(Review(name, str(wanted.files[0]), (made.diff,)), color=sys.stdout.isatty())]
    lines += map(escaping.visible_lines, told)
    if not remaining:
        lines.append("the specs then render what Grafana has\n")
    if made.placed.text != made.before:
        lines.append(f"wrote {name}\n" if wanted.write else f"{NOTHING_WRITTEN}: --write edits {name}\n")
    return "".join(lines)


def _as_json(wanted: WantedEdit, made: DashboardEdit, remaining: tuple[str, ...]) -> str:
    changes = [
        {
            "object": subject.title,
            "meaning": change.meaning.word,
            "place": str(change.words.place),
            "what": str(change.words.what),
        }
        for subject in made.diff.subjects
        for change in subject.changes
    ]
    document = {
        "uid": made.dashboard.uid,
        "module": wanted.module.as_posix(),
        "changes": changes,
        "placed": list(made.placed.placed),
        "by_hand": [{"object": one.subject, "field": one.what, "reason": one.reason} for one in made.placed.unplaced],
        "still_different": list(remaining),
        "diff": made.unified(wanted.module.as_posix()),
        "written": wanted.write and made.placed.text != made.before,
    }
    return escaping.json(document)
