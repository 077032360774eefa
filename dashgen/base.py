"""What a project's trees would do to a Grafana that has those of a base revision: `dashgen check --base REV`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dashgen import transition_checks
from dashgen.check.rule import BaseDifference
from dashgen.diff.sides import named
from dashgen.model.core.problems import Problem, Source
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.pipeline import prepare
from dashgen.tree.transition import LEDGER, vanished


def against(
    project: Project, environments: Iterable[Environment], base: str, out: Path, cwd: Path
) -> Iterator[BaseDifference]:
    """Entries that are gone from the memory, and what Grafana would not start with, for each environment that the base
    has too. Raises SideError where `base` is no revision or folder with rendered trees."""
    before = named(base, out, cwd)
    for environment in environments:
        files = before.trees.get(environment.name)
        if files is None:
            continue
        prepared = prepare(project, environment, out / environment.name)
        memory = (out / environment.name / LEDGER).as_posix()
        place = Source(str(cwd / memory), 1, 1)
        for blocked in prepared.blocked:
            yield BaseDifference("forgotten", Problem(memory, blocked.message, blocked.hint, place))
        if prepared.blocked:
            continue
        after = {document.path: document.data for document in prepared.documents}
        for entry in vanished(files, after):
            kind, _, uid = entry.partition(" ")
            problem = Problem(
                memory,
                f"{kind} {uid!r} was published in {before.label} and is forgotten: Grafana keeps it for ever",
                "a revert does this; take the memory back, then build: "
                f"git checkout {base} -- {memory} && dashgen build",
                place,
            )
            yield BaseDifference("forgotten", problem)
        for what, refused in transition_checks.refused(project, environment, files, prepared.documents):
            yield BaseDifference(what, refused)
