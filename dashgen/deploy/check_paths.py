"""What the container sees where Grafana and the providers of the tree look, and whether it can read it.

The user of the image and its paths follow Grafana's Dockerfile and packaging/docker/run.sh (read, sources of 11 to 13).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from dashgen.deploy.compose import Mount
from dashgen.deploy.deployment import Deployment, mount_of, on_this_machine, subject_of, variable_values
from dashgen.deploy.finding import DeployFinding
from dashgen.grafana.provisioning_variables import expand, references
from dashgen.model.core.display_path import display_path
from dashgen.model.core.suggestions import listed
from dashgen.tree.paths import DASHBOARDS, PROVISIONING

MOUNTED = "/etc/grafana/provisioning"
USER = 472


def paths(of: Deployment) -> Iterator[DeployFinding]:
    variables = variable_values(of.grafana)
    root = PurePosixPath(of.grafana.text("GF_PATHS_PROVISIONING", MOUNTED))
    sections = sorted({path.split("/")[1] for path in of.tree.provisioned})
    wanted = [(root / section, f"{PROVISIONING}{section}") for section in sections]
    base = PurePosixPath(expand(of.environment.dashboards_path, variables))
    missing = [name for name in sorted(references(of.environment.dashboards_path)) if not variables.get(name)]
    for provider in of.tree.providers:
        if missing:
            continue  # which variable is missing is said of it
        inside = PurePosixPath(expand(provider.path, variables))
        below = inside.relative_to(base).as_posix() if inside.is_relative_to(base) else None
        if below is None:
            place, subject = of.grafana.place, subject_of(of.grafana, "volumes")
            message = (
                f"the provider {provider.name} of the tree looks in {inside}, which is not below dashboards_path={base}"
            )
            yield DeployFinding(
                "tree-stale", place, subject, message, "the tree is older than the specs: dashgen build"
            )
            continue
        wanted.append((inside, f"{DASHBOARDS}{below}"))
    yield from _holes(of, wanted)
    for mount in of.grafana.mounts.values():
        yield from _mount_point(of, mount)


def _holes(of: Deployment, wanted: Iterable[tuple[PurePosixPath, str]]) -> Iterator[DeployFinding]:
    """What is wrong with the folders of the tree as the container sees them: several of one mount are one finding."""
    lacking: dict[str, list[PurePosixPath]] = {}
    seen: dict[PurePosixPath, list[tuple[PurePosixPath, str]]] = {}
    for inside, folder in wanted:
        mount = mount_of(of.grafana, inside)
        if mount is None:
            lacking.setdefault(folder.partition("/")[0], []).append(inside)
        else:
            seen.setdefault(mount.target, []).append((inside, folder))
    for part, paths in lacking.items():
        target = paths[0].parent
        message = f"nothing is mounted at {listed(map(str, paths))}: Grafana would find no {_PARTS[part]}"
        source = os.path.relpath(of.tree.place / part, of.project.folder).replace(os.sep, "/")
        source = source if source.startswith("..") else f"./{source}"
        hint = f"- {source}:{target}:ro"
        yield DeployFinding("not-mounted", of.grafana.place, subject_of(of.grafana, "volumes"), message, hint)
    for target, folders in seen.items():
        yield from _mounted(of, of.grafana.mounts[target], folders)


_PARTS = {"provisioning": "datasources, dashboards and alert rules", "dashboards": "dashboards"}


def _mounted(of: Deployment, mount: Mount, folders: list[tuple[PurePosixPath, str]]) -> Iterator[DeployFinding]:
    subject = subject_of(of.grafana, display_path("volumes", mount.target))

    def finding(code: str, message: str, hint: str = "", note: bool = False) -> DeployFinding:
        return DeployFinding(code, mount.place, subject, message, hint, "note" if note else "error")

    paths = listed(str(inside) for inside, _ in folders)
    if mount.kind == "volume" and mount.source not in of.project.volumes:
        message = f"{mount.source!r} is not a volume that this file declares: Compose does not start"
        yield finding("volume-unknown", message, f"a path begins with ./ or ../: - ./{mount.source}:{mount.target}:ro")
        return
    if mount.kind in ("volume", "other"):
        what = f"the volume {mount.source!r}" if mount.kind == "volume" else "that mount"
        yield finding("not-verified", f"what {what} holds at {paths} can't be seen from here", "", True)
        return
    if mount.kind in ("tmpfs", "anonymous"):
        what = "a tmpfs" if mount.kind == "tmpfs" else "a new volume"
        yield finding(
            "mount-empty", f"{what} is empty: Grafana would find nothing at {paths}", "mount the rendered tree"
        )
        return
    if not mount.read_only:
        message = "expected the rendered tree mounted read-only"
        yield finding("mount-writable", message, f"- {mount.source}:{mount.target}:ro, or read_only: true")
    here = on_this_machine(mount.source, of.elsewhere)
    if here.is_file():
        message = (
            f"{mount.source} is a file: a build or a publish replaces it by a rename, which the container never sees"
        )
        yield finding("mount-file", message, "mount its folder")
        return
    if not here.is_dir():
        follows = f"Docker would make an empty folder, and Grafana find nothing at {paths}"
        message = f"{mount.source} is not there: {follows if mount.creates_source else 'the container would not start'}"
        where = f"; for another machine, give its place on this machine: --map {mount.source}=DIR"
        yield finding("source-missing", message, _near(of, folders) + where)
        return
    found = [(here / inside.relative_to(mount.target), folder) for inside, folder in folders]
    missing = [at for at, _ in found if not at.is_dir()]
    if missing:
        message = (
            f"{mount.source} has no {listed(str(at.relative_to(here)) for at in missing)}: Grafana would find nothing"
        )
        yield finding("source-missing", message, _near(of, folders))
    for at, folder in found:
        yield from _compared(of, at, folder, finding)
    unreadable = next((path for at, _ in found for path in _unreadable(here, at, of.grafana.user)), None)
    if unreadable is not None:
        hint = "chmod -R go+rX it; `umask 022` before a build or checkout"
        user = of.grafana.user or USER
        yield finding("not-readable", f"the container's user {user} can't read {unreadable}", hint)


def _near(of: Deployment, folders: list[tuple[PurePosixPath, str]]) -> str:
    part = folders[0][1].partition("/")[0]
    return f"the tree's is {of.tree.place / part}; relative paths begin at {of.project.folder}"


def _compared(of: Deployment, at: Path, folder: str, finding: Any) -> Iterator[DeployFinding]:
    """Whether a folder of the host is that of the tree."""
    expected = of.tree.below(folder)
    if not at.is_dir() or at.resolve() == (of.tree.place / folder).resolve():
        return
    lacking = [path for path in expected if not (at / path).is_file()]
    other = [path for path in expected if path not in lacking and (at / path).read_bytes() != expected[path]]
    publish = f"`dashgen publish --to` its folder; is it a copy of {of.tree.place / folder}?"
    if lacking:
        all_of = "all" if len(lacking) == len(expected) else f"{len(lacking)} of {len(expected)}"
        yield finding("source-lacks", f"{at} lacks {all_of} files of the tree: {listed(lacking)}", publish)
    if other:
        yield finding("source-differs", f"{at} has other content than the tree: {listed(other)}", publish)


def _unreadable(source: Path, folder: Path, user: str) -> Iterator[Path]:
    """Files and folders that the container's user may not read, on the way from a mount's source and below. Its group
    is 0, as the image has it."""
    uid = int(user.partition(":")[0]) if re.match(r"\d+(?::|\Z)", user) else None if user else USER
    if uid is None or uid == 0 or os.name == "nt":
        return  # a name means what the image makes of it
    way = [path for path in (folder, *folder.parents) if path.is_relative_to(source)]
    below = (Path(at) / name for at, folders, names in os.walk(folder) for name in (*folders, *sorted(names)))
    for path in (*reversed(way), *below):
        try:
            state = path.stat()
        except OSError:  # it was said to be missing
            continue
        need = 5 if path.is_dir() else 4
        shift = 6 if state.st_uid == uid else 3 if state.st_gid == 0 else 0
        if (state.st_mode >> shift) & need != need:
            yield path


def _mount_point(of: Deployment, mount: Mount) -> Iterator[DeployFinding]:
    """A mount inside a read-only one needs its mount point there."""
    around = [
        other
        for target, other in of.grafana.mounts.items()
        if target != mount.target and mount.target.is_relative_to(target)
    ]
    parent = max(around, key=lambda other: len(other.target.parts), default=None)
    if parent is None or parent.kind != "bind" or not parent.read_only:
        return
    here = on_this_machine(parent.source, of.elsewhere)
    if here.is_dir() and not (here / mount.target.relative_to(parent.target)).exists():
        message = f"{parent.source} is mounted around it read-only and has no {mount.target.relative_to(parent.target)}"
        hint = "Docker can't make the mount point, and the container does not start: mount the parts side by side"
        yield DeployFinding(
            "mount-point", mount.place, subject_of(of.grafana, display_path("volumes", mount.target)), message, hint
        )
