"""What a project's trees would do to a Grafana that has those of a base revision: `dashgen check --base REV`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dashgen import transition_checks
from dashgen.check.rule import BaseDifference
from dashgen.model.core.problems import Problem, Source
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.pipeline import prepare
from dashgen.tree.environments import named
from dashgen.tree.paths import LEDGER
from dashgen.tree.transition import lost_entries


def against(
    project: Project, environments: Iterable[Environment], base: str, out: Path, cwd: Path
) -> Iterator[BaseDifference]:
    """Entries that are gone from the ledger, and what Grafana would not start with, for each environment that the base
    has too. Raises TreeError where `base` is no revision or folder with rendered trees, or one of them is damaged."""
    base_trees = named(base, out, cwd)
    for environment in environments:
        before = base_trees.trees.get(environment.name)
        if before is None:
            continue
        prepared = prepare(project, environment, out / environment.name)
        ledger = (out / environment.name / LEDGER).as_posix()
        place = Source(str(cwd / ledger), 1, 1)
        for blocked in prepared.blocked:
            yield BaseDifference("lost", Problem(ledger, blocked.message, blocked.hint, place))
        if prepared.blocked:
            continue
        after = prepared.tree
        for entry in lost_entries(before, after):
            kind, _, uid = entry.partition(" ")
            problem = Problem(
                ledger,
                f"{kind} {uid!r} was published in {base_trees.label} and is no longer in the ledger:"
                " no build deletes it in Grafana",
                f"a revert does this; restore the ledger, then build: git checkout {base} -- {ledger} && dashgen build",
                place,
            )
            yield BaseDifference("lost", problem)
        for what, refused in transition_checks.refused(project, environment, before, after):
            yield BaseDifference(what, refused)
