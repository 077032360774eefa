"""Secrets that somebody wrote into a tree by hand: the review says that they changed, and shows none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dashgen.diff.descriptions import at
from dashgen.diff.edits import Added, Changed, Edit, Removed, Rewritten
from dashgen.diff.values import Ordered, Value, plain
from dashgen.model.alerting.receiver import secret_settings
from dashgen.model.core import clear_secrets

HIDDEN = "a secret that is not shown"
_SECTIONS = ("contact points", "datasources")

Sections = dict[str, Value]


def without_secrets(sections: Sections) -> Sections:
    """The sections that may have secrets in the clear, with `HIDDEN` in the place of each."""
    return {name: _hidden(sections[name]) for name in _SECTIONS}


def shown(edit: Edit, old: Sections, new: Sections) -> Edit:
    """The edit with the values of two trees without secrets."""
    if edit.path[0] not in _SECTIONS:
        return edit
    if isinstance(edit, Added):
        return replace(edit, value=at(new, edit.path))
    if isinstance(edit, Removed):
        return replace(edit, value=at(old, edit.path))
    if isinstance(edit, Changed):
        return replace(edit, old=at(old, edit.path), new=at(new, edit.path))
    if isinstance(edit, Rewritten):
        return replace(edit, old=str(at(old, edit.path)), new=str(at(new, edit.path)))
    return edit


def _hidden(value: Value) -> Value:
    if not isinstance(value, dict):
        return value
    kept: dict[str, Value] = Ordered() if isinstance(value, Ordered) else {}
    for key, item in value.items():
        if key == "settings" and isinstance(item, dict):
            kept[key] = _without(item, _clear(secret_settings(str(value.get("type"))), item))
        elif key == "secureJsonData" and isinstance(item, dict):
            kept[key] = _without(item, _clear(item.keys(), item))
        else:
            kept[key] = _hidden(item)
    return kept


def _clear(secrets: Collection[str], settings: dict[str, Value]) -> frozenset[str]:
    data = plain(settings)
    return frozenset(clear_secrets.in_settings(secrets, data)) if isinstance(data, dict) else frozenset()


def _without(value: Value, clear: Collection[str], path: str = "") -> Value:
    if path in clear:
        return HIDDEN
    if not isinstance(value, dict):
        return value
    kept: dict[str, Value] = Ordered() if isinstance(value, Ordered) else {}
    for key, item in value.items():
        below = path if isinstance(value, Ordered) else f"{path}.{key}" if path else key
        kept[key] = _without(item, clear, below)
    return kept
