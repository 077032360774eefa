"""Receivers as objects of the model; what these can't say is a `RawReceiver`, with variables for its secrets."""

from __future__ import annotations

from typing import Any

from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.texts import in_file
from dashgen.adopt.differences import same
from dashgen.adopt.values import made
from dashgen.grafana.provisioning_variables import expand, map_texts
from dashgen.model.alerting.receiver import CLASSES, RawReceiver, Receiver
from dashgen.render.serialise import referenced

Json = dict[str, Any]
_BY_KIND = {cls.KIND: cls for cls in CLASSES}


def receiver(given: Json) -> Receiver:
    """Of the canonical form. Raises AlertingError, which shows no setting."""
    kind, uid = given["type"], given["uid"]
    shared = {"disable_resolve_message": True} if given.get("disableResolveMessage") else {}
    settings = map_texts(given["settings"], expand)
    one = _typed(kind, uid, settings, given["settings"], shared) if kind in _BY_KIND else None
    if one is not None:
        return one
    raw = made(RawReceiver, uid, kind, settings, **shared)
    if raw is None or not same(form(raw)["settings"], given["settings"]):
        what = f"the receiver {uid!r} of type {kind!r} has a uid, a type or settings that Grafana does not take"
        raise AlertingError(what, "it needs settings, and texts in them that no variable looks like")
    return raw


def _typed(kind: str, uid: str, settings: Json, wanted: Json, shared: Json) -> Receiver | None:
    cls = _BY_KIND[kind]
    try:
        given, rest = cls.fields_given(settings)
    except (AttributeError, TypeError, ValueError):  # of a setting that has another type than Grafana's
        return None
    one = made(cls, uid, **shared, **given) if not rest else None
    if one is None or not same(_read(cls, form(one)["settings"]), _read(cls, wanted)):
        return None
    return one


def _read(cls: type[Receiver], settings: Json) -> Json:
    """Settings as the class reads them: addresses apart, a chat's id without the blank behind it."""
    held = {one.key: one.form for one in cls.declared_settings().values()}
    return {key: held[key].read(value) if key in held else value for key, value in settings.items()}


def form(one: Receiver) -> Json:
    """A receiver as it is rendered, in the canonical form."""
    out: Json = {"uid": one.uid, "type": one.kind, "settings": map_texts(referenced(one.settings_given()), in_file)}
    return out | ({"disableResolveMessage": True} if one.disable_resolve_message else {})
