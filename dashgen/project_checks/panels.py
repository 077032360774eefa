"""Checks `options` and `custom` of panels against the schema derived for their kind."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.core.display_path import display_path
from dashgen.model.core.problems import Problem
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.panel import Panel
from dashgen.model.display_paths import paths
from dashgen.model.project import Project


def check(project: Project) -> Iterator[Problem]:
    where: dict[int, str] | None = None
    for dashboard in project.executed_dashboards:
        for panel in dashboard.panels if isinstance(dashboard, Dashboard) else ():
            if not isinstance(panel, Panel) or not (type(panel) is Panel or panel.options or panel.custom):
                continue
            from dashgen.schema.validate import option_violations  # compiles a schema, which most projects don't need

            for violation in option_violations(panel.kind, thaw(panel.options), thaw(panel.custom)):
                where = where if where is not None else paths(project)
                at = "/".join(map(str, violation.pointer))
                path = display_path(where.get(id(panel), panel.called()), at)
                yield Problem(path, violation.message, violation.hint, panel.source, field=field(violation.pointer))


def field(pointer: tuple[str | int, ...]) -> str:
    """The field of a panel that a place in its JSON comes from, as far as an author gives it as it stands there."""
    match pointer:
        case ("options", key, *_):
            return f"options.{key}"
        case ("fieldConfig", "defaults", "custom", key, *_):
            return f"custom.{key}"
        case ("fieldConfig", "overrides", *_):
            return "overrides"
        case ("type",):
            return "kind"
    return ""
