"""How verbs get at a project: loaded in a watched process, checked as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dashgen.cli import report
from dashgen.cli.options import OutputFormat

if TYPE_CHECKING:
    from dashgen.incremental.build import IncrementalBuild
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project
    from dashgen.model.tables.table import TableSchema

Told = Callable[[Sequence["Problem"], Path], None]
"""Says problems in a format of a verb's own; places are relative to the path: the working folder, from which an
editor or a CI opens them."""

Work = Callable[["Project", Sequence["Problem"], Path], int]
"""Takes the project, what `project.check` found in it, and the folder that places are relative to."""


AGAIN = 75
"""The exit code of a child that could not do with a part of the specs: EX_TEMPFAIL of sysexits.h."""


def on_project(
    specs: Path, timeout: float, output: OutputFormat, outcome: str, work: Work, *, also: Told = lambda *_: None,
    incremental: Callable[[], IncrementalBuild] | None = None,
) -> int:  # fmt: skip
    """Runs `work` on the project in a child process and returns its exit code. Specs that can't be loaded are
    reported, with `outcome` said of the run, and give 2. `incremental` is called in the child, for what loads the specs
    there; AGAIN is returned where all of them have to be executed."""
    from dashgen.loading import worker
    from dashgen.model.core.problems import DashgenError

    def fail(problems: Sequence[Problem], root: Path) -> int:
        also(problems, root)
        return report.fail(problems, root, output, 2, outcome)

    def child(loaded: Callable[[], None]) -> int:
        # Plugins watch validations; to find them, pydantic reads the metadata of every installed distribution.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from dashgen.loading.load import load
        from dashgen.model.dashboards.deferred import NeedsExecution
        from dashgen.project_checks import check

        building = incremental() if incremental else None
        try:
            result = building.load(specs) if building else load(specs)
            loaded()
            if result.project is None:
                further = check(result.draft) if result.draft else ()
                return fail((*result.problems, *further), Path.cwd())
            return work(result.project, check(result.project), Path.cwd())
        except DashgenError as why:
            return report.refused(why)
        except OSError as why:
            loaded()
            return report.no_access(why)
        except NeedsExecution as why:
            if building is None:
                raise
            loaded()
            building.give_up(why)
            return AGAIN

    try:
        return worker.run(child, specs, timeout)
    except worker.Unfinished as unfinished:
        return fail(unfinished.problems, Path.cwd())


def chosen(project: Project, names: Sequence[str] | None) -> tuple[tuple[Environment, ...], int]:
    """The environments of those names, all unless some are given; and 2 where there is no such one, which was then
    reported."""
    unknown = [name for name in names or () if project.environment(name) is None]
    if unknown:
        from dashgen.model.core.suggestions import nearest_or_all

        hint = nearest_or_all(unknown[0], [e.name for e in project.environments], "it has")
        return (), report.error(f"no environment {', '.join(map(repr, unknown))} in PROJECT", hint)
    return tuple(e for e in project.environments if not names or e.name in names), 0


def declared(project: Project, names: Sequence[str] | None) -> tuple[tuple[TableSchema, ...], int]:
    """The tables of those names, all unless some are given; and 2 where there is no such one, or none at all, which
    was then reported."""
    if not project.tables:
        return (), report.error("PROJECT declares no tables", "list their classes in Project(tables=…)")
    from dashgen.model.tables.table import table_of

    tables = tuple(map(table_of, project.tables))
    known = [table.name for table in tables]
    if unknown := [name for name in names or () if name not in known]:
        from dashgen.model.core.suggestions import nearest_or_all

        hint = nearest_or_all(unknown[0], known, "it has")
        return (), report.error(f"no table {', '.join(map(repr, unknown))} in PROJECT", hint)
    return tuple(table for table in tables if not names or table.name in names), 0
