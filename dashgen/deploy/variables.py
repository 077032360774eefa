"""The variables of Grafana's process that a project's files refer to."""

from __future__ import annotations

from dashgen.grafana.needed_variables import Need, needs
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import parsed, render


def needed(project: Project, environment: Environment) -> tuple[Need, ...]:
    """By name, of what is rendered for the environment."""
    documents = [d for d in render(project, environment) if d.path.startswith("provisioning/")]
    return needs(data for document in documents if isinstance(data := parsed(document), dict))
