"""How this dashgen was installed, and how the same installation gets an extra.

The distribution is `dashgen-grafana`: on the package index `dashgen` is another project's. What its origin is says
the metadata that installers write (`direct_url.json`, PEP 610; `INSTALLER`, PEP 376). Without metadata, as when the
package is found through PYTHONPATH, the folder that holds it is asked whether it is a checkout.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

DISTRIBUTION = "dashgen-grafana"
_HERE = Path(__file__).resolve()


@dataclass(frozen=True, slots=True)
class Installation:
    """`origin` is a folder, a file or an address (without a login), None for a package index; `is_known` is False
    where neither metadata nor a checkout was found."""

    version: str
    origin: str | None = None
    is_editable: bool = False
    is_known: bool = True
    installer: str = "pip"

    def requirement(self, extra: str) -> str:
        """What an installer is given for this installation with that extra; without `-e`."""
        if self.origin is None:
            return f"{DISTRIBUTION}[{extra}]=={self.version}"
        if "://" in self.origin:
            return f"{DISTRIBUTION}[{extra}] @ {self.origin}"
        return f"{self.origin}[{extra}]"

    def advice(self, extra: str) -> str:
        """One line: how to get the extra into this installation."""
        if not self.is_known:
            return f"install {DISTRIBUTION}[{extra}] as the section Install of dashgen's README says"
        wanted = self.requirement(extra)
        command = _command(self.installer)
        if command is None:
            return f"add the extra where {self.installer} was asked for it: {wanted}"
        arguments = [*command, *(["-e"] if self.is_editable else []), wanted]
        line = subprocess.list2cmdline(arguments) if os.name == "nt" else shlex.join(arguments)
        if self.origin is not None and "://" not in self.origin and not Path(self.origin).exists():
            return f"install it from where {self.origin} is now, which is no longer there: {line}"
        return line


def installation() -> Installation:
    """Of the dashgen that runs."""
    try:
        found = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        return _checkout()
    written = _direct_url(found)
    origin = _origin(written)
    is_editable = bool(written.get("dir_info", {}).get("editable"))
    root = Path(origin) if is_editable and origin else Path(str(found.locate_file("")))
    if (root / "dashgen" / _HERE.name).resolve() != _HERE:  # another copy of it is what runs
        return _checkout()
    installer = (found.read_text("INSTALLER") or "pip").strip()
    return Installation(found.version, origin, is_editable, installer=installer)


def _checkout() -> Installation:
    root = _HERE.parent.parent
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        project = {}
    if project.get("name") != DISTRIBUTION:
        return Installation("unknown", is_known=False)
    return Installation(project["version"], str(root), is_editable=True)


def _direct_url(found: Distribution) -> dict[str, Any]:
    try:
        written = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        written = {}
    return written if isinstance(written, dict) else {}


def _origin(written: dict[str, Any]) -> str | None:
    url = written.get("url")
    if not isinstance(url, str):
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and "vcs_info" not in written:
        return url2pathname(parts.path)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme.endswith("ssh") and parts.username and not parts.password:
        host = f"{parts.username}@{host}"  # `git@`: a name of the service, no secret
    shown = urlunsplit((parts.scheme, host, parts.path, "", ""))  # a query may hold a token
    vcs = written.get("vcs_info")
    if vcs:
        shown = f"{vcs.get('vcs', 'git')}+{shown}@{vcs.get('commit_id')}"
    folder = written.get("subdirectory")
    return f"{shown}#subdirectory={folder}" if folder else shown


def _command(installer: str) -> list[str] | None:
    """What installs into the environment that runs; None where only the installer's own project can."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").is_file():
        return ["pipx", "install", "--force"]
    if (prefix / "uv-receipt.toml").is_file():
        return ["uv", "tool", "install", "--force"]
    if installer == "uv":
        return ["uv", "pip", "install", "--python", sys.executable]
    if installer == "pip":
        return [sys.executable, "-m", "pip", "install"]
    return None
