"""Provisioning files beside the dashboards: providers, datasources, the list of variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashgen.grafana.datasources.plugins import PLUGINS, id_of
from dashgen.grafana.needed_variables import needs
from dashgen.model.environment import Environment, Folder, QuestDB
from dashgen.render.serialise import EnvRef, Interpolated, with_references, yaml_bytes
from dashgen.tree import paths

GUARD = paths.RESTART_GUARD.split("/")[1]
"""The folder of the provider that keeps dashboards over a restart."""
GUARD_TEXT = f"No dashboards on purpose: {paths.PROVIDERS} says why.\n".encode()
_GUARD_COMMENT = """\
The last provider has no folder title and no dashboards on purpose. Where all providers have one and the same folder
title, Grafana 12.4 and newer delete all provisioned dashboards at each start and make them anew: with other ids,
without the folder's permissions, and not at all if their files are missing at that moment, whatever disableDeletion
says (grafana#115103). A provider without a title switches that off. Older Grafanas ignore it."""


def providers(environment: Environment, folders: Iterable[str]) -> bytes:
    """One provider a folder: Grafana knows a dashboard by (provider, path), and a provider has one folder. Several
    logical names may be one folder; providers of one name would be one provider."""
    known = _folders(environment, folders)
    entries: list[object] = [
        _provider(
            environment,
            f"dashgen-{environment.uid_prefix}{folder.uid}",
            folder.uid,
            {
                "folder": Interpolated(folder.title),
                "folderUid": Interpolated(environment.uid_prefix + folder.uid),
                "disableDeletion": environment.disable_deletion,
            },
        )
        for folder in known
    ]
    if not guarded(environment, folders):
        return yaml_bytes({"apiVersion": 1, "providers": entries})
    name = f"dashgen-{environment.uid_prefix}{known[0].uid} restart guard"
    entries.append(_provider(environment, name, GUARD, {"disableDeletion": True}))
    return yaml_bytes({"apiVersion": 1, "providers": entries}, comment=_GUARD_COMMENT)


def guarded(environment: Environment, folders: Iterable[str]) -> bool:
    """Whether the providers of these folders need one more, without a folder title (`_GUARD_COMMENT`).

    Grafana's clean-up of duplicates runs where all providers have one title and none allows updates from the browser
    (pkg/services/dashboards/service/provisioning_cleanup.go, read at commit 101e836; seen on 12.4.0: the clean-up,
    and that this provider stops it. 12.3.0 has none). It is rendered for every Grafana: who updates Grafana does not
    build first, and to an older one it is a provider without files.
    """
    known = _folders(environment, folders)
    return bool(known) and len({folder.title for folder in known}) == 1 and not environment.allow_ui_updates


def _folders(environment: Environment, names: Iterable[str]) -> tuple[Folder, ...]:
    known = {folder.uid: folder for name in sorted(names) if (folder := environment.folder(name))}
    return tuple(known.values())


def _provider(environment: Environment, name: str, folder: str, fields: dict[str, object]) -> dict[str, object]:
    return {
        "name": Interpolated(name),
        "orgId": environment.org_id,
        "type": Interpolated("file"),
        **fields,
        "allowUiUpdates": environment.allow_ui_updates,
        "updateIntervalSeconds": environment.update_seconds,
        "options": {
            "path": with_references(f"{environment.dashboards_path.rstrip('/')}/{folder}"),
            "foldersFromFilesStructure": False,
        },
    }


def _datasource(ds: QuestDB, environment: Environment) -> dict[str, object]:
    out: dict[str, object] = {
        "name": Interpolated(environment.datasource_name(ds)),
        "uid": Interpolated(environment.uid_prefix + ds.uid),
        "type": Interpolated(id_of(ds.plugin)),
        "access": Interpolated("proxy"),
        "orgId": environment.org_id,
        "editable": False,
        "isDefault": ds.is_default,
    }
    out |= {key: _interpolated(value) for key, value in PLUGINS[ds.plugin].connection(ds).items()}
    out["secureJsonData"] = {"password": EnvRef(ds.password)}
    return out


def _interpolated(value: object) -> object:
    """Every text of a value as one that Grafana expands."""
    if isinstance(value, dict):
        return {key: _interpolated(one) for key, one in value.items()}
    return Interpolated(value) if isinstance(value, str) else value


def datasources(environment: Environment) -> bytes:
    entries = [_datasource(ds, environment) for ds in environment.datasources.values()]
    return yaml_bytes({"apiVersion": 1, "datasources": entries})


def environment_example(documents: Iterable[Mapping[str, Any]]) -> bytes:
    """The variables that Grafana's process must have for these provisioning files, each under what happens where it is
    not set."""
    head = (
        "# Variables that the process of Grafana must have. Each stands under what happens where it is not set.\n"
        "# Rendered by dashgen from the references in provisioning/.\n"
    )
    return (head + "".join(f"\n# Unset: {need.unset}\n{need.name}=\n" for need in needs(documents))).encode()
