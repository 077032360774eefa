"""What a receiver's settings lack, as Grafana reads them: it does not start where a setting that it needs is empty
(`NewConfig` of each type, see dashgen/model/alerting/receiver_types.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashgen.model.alerting.receiver import TYPES
from dashgen.model.alerting.receiver_types import Alternatives

REQUIRED: Mapping[str, tuple[Alternatives, ...]] = {name: one.needs for name, one in TYPES.items()}
"""By Grafana's type. All of a type's alternatives must hold."""


def texts(settings: object, path: str = "") -> dict[str, str]:
    """The texts of a receiver's settings by their paths (`sigv4.profile`); those of a list have its path."""
    if isinstance(settings, str):
        return {path: settings}
    found: dict[str, str] = {}
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            found |= texts(value, f"{path}.{key}" if path else str(key))
    elif isinstance(settings, list):
        for value in settings:
            for at, text in texts(value, path).items():
                found[at] = found.get(at, "") + text
    return found


def lacks(kind: str, settings: Mapping[str, Any]) -> str:
    """What a receiver's settings, as Grafana has them, lack so that it does not start: `url`, `url, or token and
    recipient`; empty where nothing. Of a type that is not known nothing is said."""
    filled = {path for path, text in texts(settings).items() if text}
    given = filled | {str(key) for key, value in settings.items() if not isinstance(value, (str, type(None)))}
    for alternatives in REQUIRED.get(kind, ()):
        if not any(names <= given for names in alternatives):
            return ", or ".join(" and ".join(sorted(names)) for names in alternatives)
    return ""
