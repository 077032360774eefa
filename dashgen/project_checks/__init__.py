"""From a specs folder to a project that is whole: `load` imports it, `check` looks at what spans objects.

One module each for what is checked; a new one adds its `check` here and its walk to `paths.WALKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dashgen.loading.load import Loaded, load
from dashgen.model.core.problems import Problem
from dashgen.model.display_paths import paths, placed
from dashgen.model.project import Project
from dashgen.project_checks import (
    alerts,
    dashboards,
    datasources,
    environments,
    links,
    notifications,
    panels,
    variables,
)

__all__ = ["Loaded", "check", "load", "paths"]

CHECKS: tuple[Callable[[Project], Iterable[Problem]], ...] = (
    dashboards.check,
    variables.check,
    links.check,
    panels.check,
    environments.check,
    datasources.check,
    alerts.check,
    notifications.check,
)


def check(project: Project) -> tuple[Problem, ...]:
    """What can only be seen over the whole project, for every environment."""
    found = [problem for one in CHECKS for problem in one(project)]
    return tuple(dict.fromkeys(placed(found, project)))
