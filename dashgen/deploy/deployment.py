"""A deployment: a rendered tree, and the services of Compose that are to show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dashgen.deploy import images
from dashgen.deploy.compose import ComposeError, ComposeProject, Mount, Service
from dashgen.model.core.display_path import display_path
from dashgen.model.core.suggestions import listed, nearest_or_all
from dashgen.model.environment import Environment
from dashgen.tree.read import RenderedTree


@dataclass(frozen=True, slots=True)
class Deployment:
    """A tree in a folder, the environment that it was rendered for, and what Compose would start. `grafana` is the
    service. `elsewhere` says where paths of the deployed host are on this machine."""

    tree: RenderedTree
    environment: Environment
    project: ComposeProject
    grafana: Service
    elsewhere: Mapping[str, Path]


def grafana_service(project: ComposeProject, name: str | None) -> Service:
    """The service that runs Grafana, by name or by its image. Raises ComposeError."""
    if name is not None:
        if name not in project.services:
            raise ComposeError(f"there is no service {name!r}", nearest_or_all(name, project.services))
        return project.services[name]
    found = [one for one in project.services.values() if runs(one, images.GRAFANA_IMAGES)]
    found = found or [one for one in project.services.values() if one.name == "grafana"]
    if len(found) != 1:
        which = (
            f"several services run Grafana: {', '.join(s.name for s in found)}" if found else "no service runs Grafana"
        )
        raise ComposeError(which, f"say which does: --service NAME; there are {listed(project.services)}")
    return found[0]


def runs(service: Service, names: Iterable[str]) -> bool:
    return service.image is not None and images.image(service.image.value).name in names


def subject_of(service: Service, what: str) -> str:
    return display_path(service.name, what)


def variable_values(service: Service) -> dict[str, str]:
    names = [*service.environment, *(name for file in service.env_files for name in file.found or ())]
    return {name: service.text(name) for name in names}


def mount_of(service: Service, inside: PurePosixPath) -> Mount | None:
    """The one that the container sees a path through."""
    found = [mount for target, mount in service.mounts.items() if inside.is_relative_to(target)]
    return max(found, key=lambda mount: len(mount.target.parts), default=None)


def on_this_machine(source: str, elsewhere: Mapping[str, Path]) -> Path:
    """A path of the deployed host on this machine."""
    for prefix in sorted(elsewhere, key=len, reverse=True):
        if PurePosixPath(source).is_relative_to(prefix):
            return elsewhere[prefix] / PurePosixPath(source).relative_to(prefix)
    return Path(source)
