"""Contact points of a document, with a variable in the place of each secret."""

from __future__ import annotations

from typing import Any

from dashgen.adopt.alerting.canonical import Text, text_of
from dashgen.adopt.alerting.document import AlertingDocument, AlertingError
from dashgen.adopt.alerting.texts import leaves, replaced, secrets, variable
from dashgen.adopt.source import names
from dashgen.model.alerting.receiver import TYPES
from dashgen.model.alerting.receiver_types import CHAT_ID, NEEDED_TEXT, REFERENCE, TEXT

Json = dict[str, Any]
_TEXTS = (TEXT.schema, NEEDED_TEXT.schema, CHAT_ID.schema)
_OF_SERVER = frozenset({"provenance", "version", "name", "orgId", "secureFields", "secureSettings"})


def contact_point(given: object, text: Text, place: str, document: AlertingDocument) -> Json:
    """A contact point of a file, or of the API with its receivers. Raises AlertingError, which shows no setting."""
    receivers = given.get("receivers") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(receivers, list):
        raise AlertingError("a contact point has no list of receivers", path=place)
    name = text(text_of(given.get("name"), place, "name"))
    found = [_receiver(one, name, text, f"{place}.receivers[{at}]", document) for at, one in enumerate(receivers)]
    return {"name": name, "receivers": found}


def _receiver(given: object, point: str, text: Text, place: str, document: AlertingDocument) -> Json:
    if not isinstance(given, dict):
        raise AlertingError("a receiver is no mapping", path=place)
    settings = given.get("settings")
    if not isinstance(settings, dict):
        raise AlertingError("a receiver has no settings", path=place)
    kind = text_of(given.get("type"), place, "type").strip()
    settings = _as_texts(kind, _with_secure(settings, given))
    shown = _expanded(settings, text)
    wanted: dict[str, str] = {}
    for path in secrets(kind, shown):
        wanted[path] = _variable(kind, path, point, document)
    more = {key: item for key, item in given.items() if key not in _OF_SERVER and item is not None}
    more |= {"type": kind, "settings": replaced(shown, wanted)}
    if "uid" in more:
        more["uid"] = text(text_of(more["uid"], place, "uid"))
    if not more.get("disableResolveMessage"):
        more.pop("disableResolveMessage", None)
    return more


def _as_texts(kind: str, settings: Json) -> Json:
    """With texts where Grafana wants them: a chat's number is one in files of people."""
    known = TYPES.get(kind)
    wanted = {key for key, one in known.settings.items() if one.form.schema in _TEXTS} if known else set()
    numbers = {key: item for key, item in settings.items() if key in wanted and type(item) in (int, float)}
    return settings | {key: str(item) for key, item in numbers.items()}


def _with_secure(settings: Json, given: Json) -> Json:
    """With the settings that Grafana keeps apart: those of files are there, of the API only that they are."""
    out = dict(settings)
    secure, kept = given.get("secureSettings"), given.get("secureFields")
    if isinstance(secure, dict):
        out |= {key: item for key, item in secure.items() if isinstance(item, str)}
    for path, is_there in kept.items() if isinstance(kept, dict) else ():
        at, keys = out, str(path).split(".")
        for key in keys[:-1]:
            inner = at.get(key)
            at[key] = dict(inner) if isinstance(inner, dict) else {}
            at = at[key]
        if is_there:
            at.setdefault(keys[-1], "[REDACTED]")
    return out


def _expanded(value: Any, text: Text) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {key: _expanded(item, text) for key, item in value.items() if item is not None}
    return [_expanded(item, text) for item in value] if isinstance(value, list) else value


def _variable(kind: str, path: str, point: str, document: AlertingDocument) -> str:
    """A variable that no other secret has, and that no receiver names already."""
    reserved = (name for name, points in document.reserved.items() if point not in points)
    taken = {*document.variables, *reserved}
    wanted = variable(kind, path)
    if wanted in taken:
        wanted = names.constant(f"{wanted.lower()} {point}", wanted, 80)
    found = names.unique(wanted, taken)
    document.variables[found] = f"{path} of a {kind} receiver of {point!r}"
    return f"${{{found}}}"


def grouped(points: list[Json], document: AlertingDocument) -> list[Json]:
    """Contact points of one name are one: the API lists receivers. Receivers without a uid get one."""
    found: dict[str, Json] = {}
    for one in points:
        if one["name"] in found:
            found[one["name"]]["receivers"] += one["receivers"]
        else:
            found[one["name"]] = one
    uids: set[str] = set()
    for point in found.values():
        for receiver in point["receivers"]:
            if not receiver.get("uid"):
                receiver["uid"] = _uid(point["name"], receiver["type"], uids)
                document.notes.append(f"a receiver of {point['name']!r} has no uid: it gets {receiver['uid']!r}")
            uids.add(receiver["uid"])
    return list(found.values())


def _uid(point: str, kind: str, taken: set[str]) -> str:
    made = "-".join(word.lower() for word in names.words(f"{point} {kind}"))[:36].strip("-") or "receiver"
    return names.unique(made if made[0].isalpha() else f"r-{made}", taken).replace("_", "-")


def references(settings: object) -> set[str]:
    """The variables that settings name."""
    return {name[2:-1] for _, text in leaves(settings) if isinstance(text, str) for name in REFERENCE.findall(text)}
