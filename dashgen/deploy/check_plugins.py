"""Whether Grafana has the plugin that the tree's datasources are of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from dashgen.deploy import images
from dashgen.deploy.deployment import Deployment, mount_of, on_this_machine, subject_of, variable_values
from dashgen.deploy.finding import DeployFinding
from dashgen.grafana.datasources.plugins import RELEASES

PLUGINS = "/var/lib/grafana/plugins"


def plugins(of: Deployment) -> Iterator[DeployFinding]:
    types = {one.type for one in of.tree.datasources}
    for plugin in sorted(types & RELEASES.keys()):
        yield from _plugin(of, plugin)


def _plugin(of: Deployment, plugin: str) -> Iterator[DeployFinding]:
    grafana = of.grafana
    newest, needs = RELEASES[plugin]
    subject = subject_of(grafana, f"plugin {plugin}")
    values = variable_values(grafana)
    version = (images.image(grafana.image.value).version if grafana.image else None) or of.environment.version
    wanted = f"GF_PLUGINS_PREINSTALL_SYNC: {plugin}@{newest}"

    def finding(code: str, message: str, hint: str, name: str = "", note: bool = False) -> DeployFinding:
        place = found.place if name and (found := grafana.variable(name)) else grafana.place
        return DeployFinding(code, place, subject, message, hint, "note" if note else "error")

    folder = PurePosixPath(grafana.text("GF_PATHS_PLUGINS", PLUGINS)) / plugin
    mount = mount_of(grafana, folder)
    if mount is not None and mount.kind == "bind":
        at = on_this_machine(mount.source, of.elsewhere) / folder.relative_to(mount.target)
        if (at / "plugin.json").is_file():
            return
    asked = [one for one in images.plugins(values) if one.id == plugin]
    if plugin in re.split(r"[,\s]+", values.get("GF_PLUGINS_DISABLE_PLUGINS", "")):
        yield finding("plugin-disabled", "is disabled", "remove it there", "GF_PLUGINS_DISABLE_PLUGINS")
    if not asked:
        if grafana.image is None:
            yield finding("not-verified", "not known for a locally built image", wanted, note=True)
        elif grafana.missing_files:
            yield finding("not-verified", "not known: a file of variables is not on this machine", "", note=True)
        else:
            message = "is not installed: the tree's datasource has this type, and no query would run"
            yield finding("plugin-missing", message, wanted)
        return
    one = asked[0]
    if values.get("GF_PLUGINS_PREINSTALL_DISABLED", "").lower() in ("true", "1", "t"):
        yield finding("plugin-disabled", "preinstalling is disabled", "remove that", "GF_PLUGINS_PREINSTALL_DISABLED")
    since = {
        "GF_PLUGINS_PREINSTALL_SYNC": images.PREINSTALL_SYNC_SINCE,
        "GF_PLUGINS_PREINSTALL": images.PREINSTALL_SINCE,
    }.get(one.variable)
    if since and version < since:
        message = (
            f"Grafana {images.dotted(version)} does not know {one.variable}, which is since {images.dotted(since)}"
        )
        yield finding("plugin-missing", message, f"GF_INSTALL_PLUGINS: {plugin} {newest}", one.variable)
    if not one.version:
        message = "expected a version: without one Grafana takes the newest, at each start"
        yield finding("plugin-not-pinned", message, f"{plugin}@{newest}", one.variable)
    if version < needs and one.version in ("", newest):
        message = f"{newest} needs Grafana {images.dotted(needs)}, the image is {images.dotted(version)}"
        yield finding("plugin-version", message, "an older version of it, or a newer Grafana", one.variable)
    if one.variable == "GF_PLUGINS_PREINSTALL" and version >= images.PREINSTALL_SYNC_SINCE:
        message = "is installed after Grafana has started: until then alert rules are in the state Error, and notify"
        yield finding("plugin-late", message, wanted, one.variable, note=True)
