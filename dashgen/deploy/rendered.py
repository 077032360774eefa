"""What a rendered tree needs of the Grafana that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dashgen.grafana.needed_variables import Need, needs
from dashgen.tree import writer

AGAIN = "render it anew: dashgen build"


class NotRendered(Exception):
    """There is no tree to hold a deployment against; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Rendered:
    """A tree on disk. `documents` are its provisioning files, parsed, by their paths in it."""

    folder: Path
    files: Mapping[str, bytes]
    documents: Mapping[str, Mapping[str, Any]]

    providers: tuple[tuple[str, str], ...]
    """Name and path of each provider of dashboards; in the path variables are not expanded."""
    datasources: tuple[Mapping[str, Any], ...]
    needs: tuple[Need, ...]

    @property
    def sections(self) -> list[str]:
        """The folders of `provisioning/` that have files: `alerting`, `dashboards`, `datasources`."""
        return sorted({path.split("/")[1] for path in self.documents})

    def below(self, folder: str) -> dict[str, bytes]:
        """The files of a folder of the tree, by their paths in it."""
        prefix = f"{folder}/"
        return {path.removeprefix(prefix): data for path, data in self.files.items() if path.startswith(prefix)}


def rendered(folder: Path, environment: str) -> Rendered:
    """The tree in a folder. Raises NotRendered, and TreeError for one that is not whole."""
    if not (folder / writer.LEDGER).is_file():
        raise NotRendered(f"{folder} is no rendered tree", f"render it: dashgen build --env {environment}")
    writer.ledger(folder)
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    documents = {
        path: data
        for path, text in files.items()
        if path.startswith("provisioning/")
        and path.endswith((".yaml", ".yml"))
        and isinstance(data := _parsed(path, text), dict)
    }
    try:
        return Rendered(
            folder,
            files,
            documents,
            tuple(
                (str(one["name"]), str(one["options"]["path"]))
                for document in documents.values()
                for one in document.get("providers") or ()
            ),
            tuple(one for document in documents.values() for one in document.get("datasources") or ()),
            needs(documents.values()),
        )
    except (KeyError, TypeError, AttributeError):
        raise NotRendered(f"{folder} has provisioning files that dashgen did not render", AGAIN) from None


def _parsed(path: str, text: bytes) -> object:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe loaders
    except yaml.YAMLError:
        raise NotRendered(f"{path} of the tree is no YAML", AGAIN) from None
