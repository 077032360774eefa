"""Message templates: what Grafana would not start with, and what would fail when a message is to be sent.

Facts: grafana/alerting templates/{template_data,default_template}.go and templates/gomplate; prometheus/alertmanager
template/{template.go,default.tmpl}; grafana/grafana pkg/services/ngalert/api/tooling/definitions. The names are those
of all versions that are supported: an older one may lack some.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.syntax import (
    Field,
    Function,
    Literal,
    Named,
    Pipe,
    parse,
)
from dashgen.grafana.gotemplate.validation import TemplateFault, undefined, walk
from dashgen.model.core.suggestions import listed

_GO = frozenset({
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf",
    "println", "slice", "urlquery",
})  # fmt: skip
_ALERTMANAGER = frozenset({
    "date", "humanizeDuration", "join", "match", "reReplaceAll", "safeHtml", "safeUrl", "since", "stringSlice", "title",
    "toLower", "toUpper", "trimSpace", "tz", "urlUnescape",
})  # fmt: skip
NAMESPACES = {
    "coll": frozenset({"Append", "Dict", "Slice"}),
    "data": frozenset({"JSON", "ToJSON", "ToJSONPretty"}),
    "time": frozenset({"Now"}),
    "tmpl": frozenset({"Exec", "Inline"}),
}
"""Grafana 12 and newer."""
FUNCTIONS = frozenset({*_GO, *_ALERTMANAGER, *NAMESPACES})
BUILT_IN = frozenset({
    "__alertmanager", "__alertmanagerURL", "__description", "__subject", "__teams_text_alert_list", "__text_alert_list",
    "__text_alert_list_markdown", "__text_values_list", "default.message", "default.title",
    *(
        f"{service}.default.{part}"
        for service, parts in {
            "discord": "content message title", "email": "html subject", "jira": "description priority summary",
            "msteams": "summary text title", "msteamsv2": "text title", "opsgenie": "description message source",
            "pagerduty": "client clientURL description instances", "pushover": "message title url",
            "rocketchat": "alias emoji iconurl text title titlelink",
            "slack": "callbackid fallback footer iconemoji iconurl pretext text title titlelink username",
            "sns": "message subject", "teams": "message", "telegram": "message",
            "victorops": "entity_display_name monitoring_tool state_message", "webex": "message",
            "webhook": "payload payload.state", "wechat": "agent_id message to_party to_user",
        }.items()
        for part in parts.split()
    ),
})  # fmt: skip
"""Templates that are there without anybody's doing."""
_DEFINES = re.compile(r"\{\{\s*define")
"""By which Grafana tells a text that defines templates from one that is the body of a template of its own name."""


def is_body(text: str) -> bool:
    """Whether a group's text is the one template of the group's name."""
    return _DEFINES.search(text) is None


def defined(name: str, text: str) -> dict[str, int]:
    """The templates that a group of that name defines, each with the offset of its name."""
    try:
        nodes = parse(text, FUNCTIONS)
    except TemplateError:
        nodes = ()
    found = _defined(nodes)
    return found if _DEFINES.search(text) else {name: 0, **found}


def _defined(nodes: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in walk(nodes):
        if isinstance(node, Named) and node.kind != "template":
            found.setdefault(node.name, node.at)
    return found


def group_faults(text: str, known: Collection[str]) -> Iterator[TemplateFault]:
    """What is wrong with a group of templates, where those of `known` are defined."""
    yield from faults(text, known)
    try:
        definitions = [n for n in parse(text, FUNCTIONS) if isinstance(n, Named) and n.kind == "define"]
    except TemplateError:
        return
    if definitions and is_body(text):
        # it puts a define of the group's name around the text, and Go refuses the one inside
        yield TemplateFault(
            "Grafana finds no {{ define: a '{{-' hides it, and it would not start",
            text.index("{{-"),
            "write {{ define without the trim marker",
        )
    names: set[str] = set()
    for node in definitions:
        if node.name in names:
            yield TemplateFault(f'multiple definition of template "{node.name}"', node.at, "Grafana would not start")
        names.add(node.name)


def faults(text: str, known: Collection[str]) -> Iterator[TemplateFault]:
    """What is wrong with a text that is filled in with a notification's data."""
    try:
        nodes = parse(text, FUNCTIONS)
    except TemplateError as error:
        yield TemplateFault(str(error), error.at, _did_you_mean(str(error)))
        return
    known = {*known, *BUILT_IN, *_defined(nodes)}
    for name, at in _used(nodes):
        if name not in known:
            yield TemplateFault(f'template "{name}" not defined', at, _nearest(name, known))
    for node in walk(nodes):
        if isinstance(node, Field) and isinstance(node.base, Function):
            methods = NAMESPACES.get(node.base.name, frozenset())
            if node.names[0] not in methods:
                yield TemplateFault(
                    f"can't evaluate field {node.names[0]} of {node.base.name}", node.at,
                    f"it has {listed(sorted(methods))}",
                )  # fmt: skip
    for name, at in undefined(nodes, frozenset({"$"})):
        yield TemplateFault(f"undefined variable {name!r}", at)


def _used(nodes: Iterable[Any]) -> Iterator[tuple[str, int]]:
    """Templates that are called by name: `{{ template "x" . }}` and `tmpl.Exec "x" .`."""
    for node in walk(nodes):
        if isinstance(node, Named) and node.kind == "template":
            yield node.name, node.at
        elif isinstance(node, Pipe):
            for command in node.commands:
                match command:
                    case (Field(Function("tmpl"), ("Exec",)), Literal(str(name), at), *_):
                        yield name, at


def _did_you_mean(error: str) -> str:
    match = re.fullmatch(r'function "(\w+)" not defined', error)
    return _nearest(match[1], FUNCTIONS) if match else ""


def _nearest(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""
