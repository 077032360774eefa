"""Texts of provisioning files, in which Grafana expands variables of its process, and secrets in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashgen.grafana.provisioning_variables import escape, map_texts
from dashgen.model.alerting.receiver import CLASSES, secret_settings
from dashgen.model.alerting.receiver_types import REFERENCE, is_reference
from dashgen.model.core import clear_secrets
from dashgen.model.core.fields import fields
from dashgen.render.serialise import EnvRef

Json = dict[str, Any]
_NAME = re.compile(r"\$(?:__env\{([A-Z][A-Z0-9_]*)\}|\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*)\b)")
_FILE = re.compile(r"\$__(?:file|vault)\{[^}]*\}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
REDACTED = "[REDACTED]"
"""What stands for a secret in Grafana's answers and exports (seen 12.4)."""


def in_file(text: str) -> str:
    """A rendered text as its file has it: references as they are, any other `$` doubled."""
    return str(text) if isinstance(text, EnvRef) else escape(text)


def expanded(text: str) -> str:
    """A text of a file: its references as `${NAME}`, any other `$` doubled.

    `$labels` in a label was meant as a text: exports before Grafana 11.4 did not double its `$` (grafana#97985, read),
    and no variable of a process is written in small letters.
    """
    return "$$".join(_part(part) for part in text.split("$$"))


def _part(text: str) -> str:
    out, done = [], 0
    for match in _NAME.finditer(text):
        out += [escape(text[done : match.start()]), f"${{{match[1] or match[2] or match[3]}}}"]
        done = match.end()
    return "".join(out) + escape(text[done:])


def is_read_from_file(text: str) -> bool:
    return _FILE.search(text) is not None


def secrets(kind: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """The paths of settings of a file that hold a secret in the clear, or had one that Grafana does not show. Beside a
    variable only the word before a token may stand: `Bearer ${TOKEN}`."""
    known = secret_settings(kind)
    clear = {path for path, text in leaves(settings) if isinstance(text, str) and _in_clear(text)}
    found = {path for path in clear_secrets.in_settings(known, _without_references(settings)) if path in clear}
    found |= {path for path, value in leaves(settings) if not isinstance(value, str)} & set(
        clear_secrets.in_settings(known, settings)
    )
    found |= {path for path in clear if path.partition(".")[0] in known}
    found |= {path for path, text in leaves(settings) if _is_hidden(text)}
    yield from sorted(found)


_SCHEME = re.compile(r"(?:basic|bearer|token|apikey|genie)\s+\Z", re.IGNORECASE)


def _in_clear(text: str) -> bool:
    return bool(_written_out(text))


def _without_references(value: Any) -> Any:
    """What of texts is written out. An address with a variable in it has no other secret."""
    return map_texts(value, _written_out)


def _written_out(text: str) -> str:
    text = text.replace("$$", "")
    if REFERENCE.search(text) is None:
        return text
    rest = REFERENCE.sub("", text)
    return "" if not rest.strip() or _SCHEME.match(rest) or "://" in rest else rest


def _is_hidden(value: object) -> bool:
    if not isinstance(value, str):
        return False
    return REDACTED in value or is_read_from_file(value) or _PRIVATE_KEY.search(value) is not None


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """The values of settings with their paths; those of a list have its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def replaced(value: Any, wanted: Mapping[str, str], path: str = "") -> Any:
    """Settings with other values at some paths."""
    if isinstance(value, Mapping):
        return {key: replaced(item, wanted, f"{path}.{key}" if path else str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, wanted, path) for item in value]
    return wanted.get(path, value)


def variable(kind: str, path: str) -> str:
    """The name of a variable for a secret: `PAGERDUTY_INTEGRATION_KEY`."""
    cls = next((one for one in CLASSES if kind == one.KIND), None)
    held = cls.declared_settings().items() if cls is not None else ()
    for name, one in held:
        default = fields(cls)[name].default if cls is not None else None
        if one.key == path and is_reference(default):
            return str(default)[2:-1]
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition(".")[2])
    if path == "url" and path in secret_settings(kind):
        name = "webhook_url"
    made = re.sub(r"[^A-Z0-9]+", "_", f"{kind}_{name}".upper()).strip("_")
    return made if made[:1].isalpha() else f"SECRET_{made}"
