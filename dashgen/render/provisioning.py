"""Provisioning files beside the dashboards: providers, datasources, the list of variables, the memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashgen.model.environment import Environment, QuestDB
from dashgen.needed_variables import needs
from dashgen.render.serialise import EnvRef, Interpolated, yaml_bytes


def providers(environment: Environment, folders: Iterable[str]) -> bytes:
    """One provider a folder: Grafana knows a dashboard by (provider, path), and a provider has one folder. Several
    logical names may be one folder; providers of one name would be one provider."""
    entries: list[object] = []
    known = {folder.uid: folder for name in sorted(folders) if (folder := environment.folder(name))}
    for folder in known.values():
        uid = environment.uid_prefix + folder.uid
        entries.append(
            {
                "name": Interpolated(f"dashgen-{uid}"),
                "orgId": environment.org_id,
                "type": Interpolated("file"),
                "folder": Interpolated(folder.title),
                "folderUid": Interpolated(uid),
                "disableDeletion": environment.disable_deletion,
                "allowUiUpdates": environment.allow_ui_updates,
                "updateIntervalSeconds": environment.update_seconds,
                "options": {
                    "path": Interpolated(f"{environment.dashboards_path.rstrip('/')}/{folder.uid}"),
                    "foldersFromFilesStructure": False,
                },
            }
        )
    return yaml_bytes({"apiVersion": 1, "providers": entries})


def _datasource(ds: QuestDB, environment: Environment) -> dict[str, object]:
    out: dict[str, object] = {
        "name": Interpolated(ds.name),
        "uid": Interpolated(environment.uid_prefix + ds.uid),
        "type": Interpolated(ds.type),
        "access": Interpolated("proxy"),
        "orgId": environment.org_id,
        "editable": False,
        "isDefault": ds.is_default,
    }
    if ds.plugin == "questdb":
        out["jsonData"] = {
            "server": Interpolated(ds.host),
            "port": ds.port,
            "username": Interpolated(ds.user),
            "tlsMode": Interpolated(ds.tls),
        }
    else:
        # a fresh Grafana blanked the top-level `database` at its first start (grafana-facts)
        out["url"] = Interpolated(f"{ds.host}:{ds.port}")
        out["user"] = Interpolated(ds.user)
        out["jsonData"] = {
            "database": Interpolated(ds.database),
            "sslmode": Interpolated(ds.tls),
            "timescaledb": False,
        }
    out["secureJsonData"] = {"password": EnvRef(ds.password)}
    return out


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
