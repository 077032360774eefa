"""Secrets written in the clear, told by the name of the setting that holds them, or by the address around them.

Names are those of the secure settings of Grafana's receivers (grafana/alerting receivers/*, Grafana 11.6 to 13).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

_REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_SECRET_NAME = re.compile(
    r"(?:token|secret|password|passphrase|credentials?|authorization|cookie|(?:api|user|access|client|private|"
    r"integration|routing|service|secret)key)\Z"
)
_IN_ADDRESS = re.compile(
    r"//[^/?#\s]*:[^/?#\s]*@"
    r"|[?&][^=&#\s]*(?:token|key|secret|sig|signature|password|passwd|pwd|auth)=[^&#\s]"
    r"|//hooks\.slack\.com/|//discord(?:app)?\.com/api/webhooks/|//chat\.googleapis\.com/|//api\.telegram\.org/bot"
    r"|//[^/\s]*\.webhook\.office\.com/|//[^/\s]*\.logic\.azure\.com|//hc-ping\.com/|//alert\.victorops\.com/",
    re.IGNORECASE,
)


def in_address(text: str) -> bool:
    """Whether an address holds a secret, and no variable in its place."""
    return _IN_ADDRESS.search(text) is not None and not _named(text)


def in_settings(secrets: Collection[str], settings: Mapping[str, object]) -> Iterator[str]:
    """The settings of a receiver that hold a secret in the clear, by their paths. `secrets` are the settings that are
    known to be secret; others tell it by their names, or by the address that they hold."""
    clear = [key for key in sorted(secrets) if _is_given(value := settings.get(key)) and not _named(str(value))]
    yield from clear
    yield from _below("", {key: value for key, value in settings.items() if key not in clear})


def _below(path: str, value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _below(f"{path}.{name}" if path else str(name), item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _below(path, item)
    elif _is_given(value) and (in_address(str(value)) or (_is_secret(path) and not _named(str(value)))):
        yield path


def _is_secret(path: str) -> bool:
    name = path.rpartition(".")[2].replace("_", "").replace("-", "").lower()
    return _SECRET_NAME.search(name) is not None


def _is_given(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""


def _named(text: str) -> bool:
    return _REFERENCE.search(text) is not None
