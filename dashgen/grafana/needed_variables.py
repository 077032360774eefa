"""Which variables Grafana's process must have, by the references of rendered provisioning files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from dashgen.grafana.provisioning_variables import expand, map_texts, references
from dashgen.grafana.receiver_settings import lacks, texts
from dashgen.model.alerting.receiver import TYPES

_ALONE = re.compile(r"\$\{[^}$]*\}\s*\Z")


class Need(NamedTuple):
    """A variable, what it should look like, and where it is used."""

    name: str
    kind: str
    where: str
    text: bool = False
    """Whether it is all of a setting that a receiver wants as a text."""
    stops: bool | None = False
    """Whether Grafana does not start where it is not set; None: not known."""
    unset: str = ""
    """What happens where it is not set, and where."""


def needs(documents: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    """The variables of parsed provisioning files, by name. Where one is used for several things, by its strictest use;
    unset, by the worst that follows."""
    found: dict[str, Need] = {}
    for document in documents:
        for need in _of(document):
            known = found.get(need.name)
            found[need.name] = need if known is None else _both(known, need)
    return tuple(found[name] for name in sorted(found))


def _both(known: Need, need: Need) -> Need:
    strictest = need if known.kind == "secret" and need.kind != "secret" else known
    worst = max(known, need, key=lambda one: (one.stops is True, one.stops is None))
    return strictest._replace(text=known.text or need.text, stops=worst.stops, unset=worst.unset)


def _of(document: Mapping[str, Any]) -> Iterator[Need]:
    for point in document.get("contactPoints") or ():
        for receiver in point["receivers"]:
            yield from _of_receiver(f"contact point {point['name']}, receiver {receiver['uid']}", receiver)
    for provider in document.get("providers") or ():
        path = provider["options"]["path"]
        for name in references(path):
            where = f"dashboards provider {provider['name']}, options.path"
            kind = "folder" if path.startswith(f"${{{name}}}") else "secret"
            yield Need(name, kind, where, False, False, f"Grafana starts, and finds no dashboards: {where}")
    for datasource in document.get("datasources") or ():
        for path, text in texts(datasource).items():
            for name in references(text):
                where = f"datasource {datasource['name']}, {path}"
                yield Need(name, "secret", where, False, False, f"Grafana starts, and has an empty text: {where}")


def _of_receiver(where: str, receiver: Mapping[str, Any]) -> Iterator[Need]:
    kind, settings = str(receiver["type"]), receiver["settings"]
    for path, text in texts(settings).items():
        # a reference inside of a longer text is only known not to be empty
        alone = _ALONE.match(text) is not None
        for name in references(text):
            yield Need(
                name,
                _kind(kind, path) if alone else "secret",
                f"{where}, {path}",
                alone and text == text.strip(),
                *_unset(name, kind, settings, f"{where}, {path}"),
            )


def _unset(name: str, kind: str, settings: Mapping[str, Any], where: str) -> tuple[bool | None, str]:
    """What Grafana makes of a receiver where only this variable is not set."""
    if kind not in TYPES:
        return None, f"it is not known whether Grafana starts: {where}"
    values = {one: "set" for text in texts(settings).values() for one in references(text) if one != name}
    if needed := lacks(kind, map_texts(settings, lambda text: expand(text, values))):
        return True, f"Grafana does not start, as {kind} needs {needed}: {where}"
    return False, f"Grafana starts, and has an empty text in its place: {where}"


def _kind(receiver: str, path: str) -> str:
    """What a variable looks like that is all of a setting, by the setting's declaration or else its name."""
    key = path.split(".")[-1]
    known = TYPES[receiver].settings.get(key) if receiver in TYPES else None
    if known:
        return known.form.variable
    return "address" if key.lower().endswith("url") else "secret"
