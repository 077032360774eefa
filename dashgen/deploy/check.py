"""Holds a Compose file against a rendered tree: what Grafana would not find, silently.

A mount that is missing, empty or elsewhere is a Grafana without dashboards and alerts, and nobody sees an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.deploy.check_datasources import datasources
from dashgen.deploy.check_image import image
from dashgen.deploy.check_paths import paths
from dashgen.deploy.check_plugins import plugins
from dashgen.deploy.check_variables import variables
from dashgen.deploy.deployment import Deployment, subject_of
from dashgen.deploy.finding import DeployFinding


def check(deployment: Deployment) -> list[DeployFinding]:
    """Every finding: errors before notes, then in the order of their places."""
    parts = (image, paths, variables, plugins, datasources, _start)
    found = dict.fromkeys(finding for part in parts for finding in part(deployment))
    return sorted(found, key=lambda one: (one.severity, one.place, one.code, one.message))


def _start(of: Deployment) -> Iterator[DeployFinding]:
    if of.grafana.profiles:
        names = " ".join(f"--profile {name}" for name in of.grafana.profiles)
        message = "is started only with a profile"
        hint = f"docker compose {names} up"
        yield DeployFinding("profile", of.grafana.place, subject_of(of.grafana, "profiles"), message, hint, "note")
