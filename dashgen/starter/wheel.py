"""The wheel that a new project installs dashgen from, and its lock file: every file by its hash, none by an address."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from dashgen.installation import DISTRIBUTION, installation
from dashgen.model.core.problems import DashgenError

_LOCK = "dashgen/starter/requirements.lock"
"""What dashgen needs, for every platform; `make lock` writes it."""
_EXTRA = "preview"
_GIVE = "--dashgen FILE.whl names a wheel of dashgen, as `make wheel` in its checkout builds"


class WheelError(DashgenError, ValueError):
    """No wheel of dashgen is there to install from."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """`packages` is the lock file that the wheel brings along."""

    name: str
    content: bytes
    packages: str

    @property
    def lock(self) -> str:
        digest = hashlib.sha256(self.content).hexdigest()
        return (
            "# dashgen, and what it needs: each file by its hash\n"
            f"./wheels/{self.name}[{_EXTRA}] \\\n    --hash=sha256:{digest}\n{self.packages}"
        )


def wheel(named: Path | None) -> Wheel:
    """The wheel of that path, else the one that this dashgen was installed from, else one of its checkout. Raises
    WheelError."""
    if named is not None:
        return _read(named)
    found = installation()
    origin = Path(found.origin) if found.origin and "://" not in found.origin else None
    if origin is not None and origin.suffix == ".whl" and origin.is_file():
        return _read(origin)
    if origin is not None and (origin / "pyproject.toml").is_file():
        return _built(origin)
    raise WheelError(f"the wheel that dashgen was installed from is not there: {found.origin or 'unknown'}", _GIVE)


def _read(path: Path) -> Wheel:
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            packages = archive.read(_LOCK).decode() if _LOCK in names else ""
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no wheel"
        raise WheelError(f"{path}: can't be read: {why}", _GIVE) from None
    if not path.name.startswith(DISTRIBUTION.replace("-", "_") + "-") or not packages:
        raise WheelError(f"{path}: expected a wheel of {DISTRIBUTION} that has its lock file", _GIVE)
    return Wheel(path.name, content, packages)


def _built(checkout: Path) -> Wheel:
    """The wheel of a checkout, as `make wheel` builds it: without network, the same bytes each time."""
    if importlib.util.find_spec("hatchling") is None:
        raise WheelError(f"hatchling, which builds a wheel of {checkout}, is not installed", _GIVE)
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    with tempfile.TemporaryDirectory(prefix="dashgen-wheel-") as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        done = subprocess.run(  # noqa: S603  # our own arguments
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        built = sorted(Path(folder).glob("*.whl"))
        if done.returncode or len(built) != 1:
            last = (done.stderr.strip().splitlines() or ["hatchling says nothing"])[-1]
            raise WheelError(f"no wheel can be built of {checkout}: {last}", _GIVE)
        return _read(built[0])
