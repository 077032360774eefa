"""Which Grafana the image is, against the one that the tree is rendered for."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.deploy import images
from dashgen.deploy.deployment import Deployment, subject_of
from dashgen.deploy.finding import DeployFinding


def image(of: Deployment) -> Iterator[DeployFinding]:
    grafana = of.grafana
    subject, place = subject_of(grafana, "image"), grafana.image_place or grafana.place
    if grafana.image is None:
        if grafana.is_built:
            message = "the version and the plugins of a locally built image are not known"
            hint = f"make sure that it is Grafana {of.environment.grafana}"
            yield DeployFinding("image-built", grafana.place, subject, message, hint, "note")
        else:
            yield DeployFinding("image-missing", grafana.place, subject, "expected an image", _tag_hint(of))
        return
    one = images.image(grafana.image.value)
    if one.version is None:
        came = f"the tag {one.tag!r}" if one.tag else "no tag"
        if one.digest and not one.tag:
            yield DeployFinding("image-digest", place, subject, "a digest does not show the version", "", "note")
        else:
            yield DeployFinding(
                "image-not-pinned", place, subject, f"expected a tag with a version, got {came}", _tag_hint(of)
            )
    elif one.version != of.environment.version:
        message = (
            f"expected Grafana {of.environment.grafana}, which the tree of {of.environment.name} is rendered for,"
            f" got {images.dotted(one.version)}"
        )
        hint = f"Environment(…, grafana={images.dotted(one.version)!r}) and build, or another tag"
        yield DeployFinding("image-version", place, subject, message, hint)
    if one.name == "grafana-oss" and one.version and one.version >= (12, 4):
        message = "grafana/grafana-oss has no images from 12.4 on"
        yield DeployFinding("image-gone", place, subject, message, "grafana/grafana is the same")


def _tag_hint(of: Deployment) -> str:
    return f"image: grafana/grafana:{of.environment.grafana}.0"
