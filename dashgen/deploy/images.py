"""Names of images, and what versions of Grafana and of the plugins know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

GRAFANA_IMAGES = ("grafana", "grafana-oss", "grafana-enterprise")
QUESTDB_IMAGE = "questdb"
"""The newest version of a plugin, and the Grafana that it needs (read in its plugin.json, November 2026)."""
PREINSTALL_SINCE = (11, 5)
"""`[plugins] preinstall`: read in the documentation of 12.2 and 12.4."""
PREINSTALL_SYNC_SINCE = (12, 1)
"""`preinstall_sync`: grafana#105292 (read), merged for 12.1."""
_TAG = re.compile(r"v?(\d+)\.(\d+)(?:[.-].*)?\Z")
_LEGACY = re.compile(r"(?:(?P<url>[^;]+);)?(?P<id>[^;\s]+)(?:\s+(?P<version>\S+))?\s*\Z")


@dataclass(frozen=True, slots=True)
class Image:
    """`registry/grafana/grafana:12.3.1@sha256:…`; `name` is the last part of its path."""

    name: str
    tag: str
    digest: str

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor, where the tag says them."""
        match = _TAG.match(self.tag)
        return (int(match[1]), int(match[2])) if match else None


def image(text: str) -> Image:
    path, _, digest = text.partition("@")
    last = path.rpartition("/")[2]
    name, _, tag = last.partition(":")
    return Image(name, tag, digest)


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that Grafana installs at its start. `variable` is the one that asks for it."""

    id: str
    version: str
    variable: str


def plugins(variables: Mapping[str, str]) -> Iterator[Plugin]:
    """By GF_PLUGINS_PREINSTALL_SYNC, GF_PLUGINS_PREINSTALL and the older GF_INSTALL_PLUGINS, in that order.

    Source: pkg/setting/setting_plugins.go of a Grafana 12 (read): commas or blanks between them, `id@version@url`; the
    older one has commas and `id version` or `url;id`.
    """
    for name in ("GF_PLUGINS_PREINSTALL_SYNC", "GF_PLUGINS_PREINSTALL"):
        for entry in re.split(r"[,\s]+", variables.get(name, "")):
            if entry:
                key, _, rest = entry.partition("@")
                yield Plugin(key, rest.partition("@")[0], name)
    for entry in variables.get("GF_INSTALL_PLUGINS", "").split(","):
        if match := _LEGACY.match(entry.strip()):
            yield Plugin(match["id"], match["version"] or "", "GF_INSTALL_PLUGINS")


def dotted(pair: tuple[int, int]) -> str:
    return f"{pair[0]}.{pair[1]}"
