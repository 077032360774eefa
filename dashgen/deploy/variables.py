"""The variables of Grafana's process that a project's files refer to."""

from __future__ import annotations

from dashgen.grafana.needed_variables import Need
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.render import render, rendered_tree


def needed(project: Project, environment: Environment) -> tuple[Need, ...]:
    """By name, of what is rendered for the environment."""
    return rendered_tree(environment, render(project, environment)).needs
