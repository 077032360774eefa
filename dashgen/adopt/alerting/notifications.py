"""Contact points, policies, mute timings and templates as objects of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.adopt.alerting import canonical
from dashgen.adopt.alerting.document import AlertingError
from dashgen.adopt.alerting.receivers import receiver
from dashgen.adopt.alerting.texts import in_file
from dashgen.adopt.differences import patch
from dashgen.adopt.source.objects import given as written
from dashgen.adopt.values import made
from dashgen.grafana.durations import duration
from dashgen.grafana.provisioning_variables import expand, map_texts
from dashgen.model.alerting import notification as model
from dashgen.model.core.durations import Duration
from dashgen.render.notifications import channel_match, rendered_policy, rendered_route

Json = dict[str, Any]
_TIMES = ("group_wait", "group_interval", "repeat_interval")


def contact_point(given: Json) -> model.ContactPoint:
    """Raises AlertingError where a name is none that dashgen takes."""
    receivers = tuple(receiver(one) for one in given["receivers"])
    one = made(model.ContactPoint, _name(given["name"]), receivers)
    if one is None or one.name != _name(given["name"]):
        raise AlertingError(f"the contact point {given['name']!r} has {_unfit(given['receivers'])}", _RENAME)
    return one


_RENAME = "give it another name in Grafana, and export it again"


def _unfit(parts: object) -> str:
    return "no receivers" if not parts else "a name with ',' or '$', or with blanks around it"


def _name(text: str) -> str:
    return expand(text)


def mute_timing(given: Json) -> model.MuteTiming:
    """Raises AlertingError for what Alertmanager would refuse."""
    intervals = tuple(_interval(one, given["name"]) for one in given["time_intervals"])
    one = made(model.MuteTiming, given["name"], intervals)
    if one is None:
        raise AlertingError(f"the mute timing {given['name']!r} has {_unfit(intervals)}", _RENAME)
    return one


def _interval(given: Json, name: str) -> model.TimeInterval:
    said: Json = {key: tuple(item) for key, item in given.items() if key not in ("times", "location")}
    said["times"] = tuple((one["start_time"], one["end_time"]) for one in given.get("times", ()))
    one = made(model.TimeInterval, **said, location=given.get("location", "UTC"))
    if one is None or canonical.mute_timing({"name": "x", "time_intervals": [one.document]}, "x") != {
        "name": "x",
        "time_intervals": [given],
    }:
        raise AlertingError(
            f"the mute timing {name!r} has an interval that Grafana would refuse, or one that says no time",
            "times are like 09:00 to 17:30",
        )
    return one


def template(given: Json) -> model.Template:
    """Raises AlertingError where its name is none that dashgen takes."""
    one = made(model.Template, given["name"], given["template"])
    if one is None:
        raise AlertingError(f"the template {given['name']!r} has no text, or {_unfit(given)}", _RENAME)
    return one


def policy(given: Json) -> model.Policy:
    """The tree of policies. Raises AlertingError where it has no receiver."""
    found = [_route(one) for one in given.get("routes", ())]
    shared = _grouping(given) | {"group_by": tuple(map(expand, given.get("group_by", ())))}
    base = made(model.Policy, expand(given.get("receiver", "")), **shared, routes=tuple(found))
    if base is None:
        raise AlertingError("the root of the policies has no receiver", "Grafana takes none without")
    left = patch(_form(base), {key: item for key, item in given.items() if key != "routes"})
    if left:
        kept = {name: value for name, value in written(base).items() if name not in ("receiver", "raw")}
        base = model.Policy(base.receiver, **kept, raw=_as_raw(left))
    return base


def _route(given: Json) -> model.AnyRoute:
    """A policy with those below it; what the objects don't say is raw."""
    below = tuple(_nested(one) for one in given.get("routes", ()))
    wanted = {key: item for key, item in given.items() if key != "routes"}
    if (channel := _channel(wanted)) is not None:
        shared = _grouping(given) | _timings(given)
        one = made(model.ChannelRoute, channel, **shared, routes=below)
        if one is not None and not (patch(_form(one), wanted)):
            return one
    return _nested(given)


def _nested(given: Json) -> model.Route:
    below = tuple(_nested(one) for one in given.get("routes", ()))
    wanted = {key: item for key, item in given.items() if key != "routes"}
    found = [made(model.Match, *map(expand, one)) for one in given.get("object_matchers", ())]
    shared: Json = _grouping(given) | _timings(given)
    shared |= {"matchers": tuple(found) if found and all(found) else (), "goes_on": bool(given.get("continue"))}
    receiver = expand(given["receiver"]) if "receiver" in given else None
    base = made(model.Route, receiver, **shared, routes=below) or made(
        model.Route, receiver, **shared, routes=below, raw={"object_matchers": []}
    )
    if base is None:
        raise AlertingError("a notification policy can't be said", "its receiver or its matchers are none of Grafana")
    left = patch(_form(base), wanted)
    if not shared["matchers"]:
        left["object_matchers"] = wanted.get("object_matchers", [])
    kept = {name: value for name, value in written(base).items() if name not in ("receiver", "raw")}
    return model.Route(receiver, **kept, raw=_as_raw(left)) if left else base


def _channel(given: Json) -> str | None:
    matchers = given.get("object_matchers", [])
    if len(matchers) != 1 or not given.get("continue") or "receiver" not in given:
        return None
    name = expand(given["receiver"])
    match = channel_match(name)
    return name if list(map(expand, matchers[0])) == [match.label, match.operator, match.value] else None


def _grouping(given: Json) -> Json:
    out: Json = {name: _length(given[name]) for name in _TIMES if given.get(name) is not None}
    if given.get("group_by"):
        out["group_by"] = tuple(map(expand, given["group_by"]))
    return out


def _timings(given: Json) -> Json:
    keys = {"mute_time_intervals": "mute_timings", "active_time_intervals": "active_timings"}
    return {ours: tuple(map(expand, given[theirs])) for theirs, ours in keys.items() if given.get(theirs)}


def _length(seconds: float) -> str:
    return str(Duration(seconds)) if seconds else "0s"


def _form(one: model.Policy | model.AnyRoute) -> Json:
    """A policy alone, as it is rendered."""
    rendered = rendered_policy(one) if isinstance(one, model.Policy) else rendered_route(one)
    alone = map_texts({key: item for key, item in rendered.items() if key != "routes"}, in_file)
    return canonical.policy(alone, lambda text: text, "policy", is_root=isinstance(one, model.Policy))


def _as_raw(left: Json) -> Json:
    """A difference in the words of a file, as an author writes it."""
    out: Json = {}
    for key, item in left.items():
        out[key] = duration(item) if key in _TIMES and item is not None else map_texts(item, expand)
    return out


def channels(given: Json | None) -> Iterator[str]:
    """The contact points that a canonical tree of policies notifies by the label `channels`."""
    for one in (given or {}).get("routes", ()):
        name = _channel({key: item for key, item in one.items() if key != "routes"})
        if name is not None:
            yield name
