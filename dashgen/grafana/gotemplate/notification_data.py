"""The data of a notification, typed: which fields a message template can read at each place.

Read in 2026's sources: ExtendedData, ExtendedAlert and ExtendedAlerts in grafana/alerting templates/template_data.go;
KV, Pairs and Pair in template/template.go of grafana/prometheus-alertmanager, the fork that Grafana builds with, where
`Names` and `Values` are `[]string` (prometheus/alertmanager has a list with a method `Join` there; the fork has not);
the methods of time.Time in Go's documentation. Those of two results, such as ISOWeek and Date, are left out: a template
calls a method of one result, or of two where the second is an error (text/template, "Functions").

The fields are those of all versions that are supported: an older Grafana may lack some. A field that a struct does not
have ends the message where it stands; a key that a map does not have is the empty text (`missingkey=zero`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashgen.grafana.gotemplate.errors import TemplateError
from dashgen.grafana.gotemplate.messages import FUNCTIONS, is_body
from dashgen.grafana.gotemplate.syntax import (
    Action,
    Block,
    Field,
    Function,
    Literal,
    Name,
    Named,
    Pipe,
    parse,
)
from dashgen.grafana.gotemplate.validation import TemplateFault, walk

UNKNOWN = ""
"""The type of what is not followed: nothing is said of its fields."""
ROOT = "ExtendedData"
_ALERT = "ExtendedAlert"
_ALERTS = "ExtendedAlerts"
_VALUE = "a label's value"

_TIME = {
    **dict.fromkeys(("Add", "AddDate", "In", "Local", "Round", "Truncate", "UTC"), "time.Time"),
    **dict.fromkeys(("Format", "GoString", "String"), "string"),
    **dict.fromkeys(("After", "Before", "Equal", "IsDST", "IsZero"), "bool"),
    **dict.fromkeys(
        ("Compare", "Day", "Hour", "Minute", "Nanosecond", "Second", "Unix", "UnixMicro", "UnixMilli", "UnixNano",
         "Year", "YearDay"),
        "int",
    ),
    **dict.fromkeys(
        ("AppendFormat", "GobEncode", "Location", "MarshalBinary", "MarshalJSON", "MarshalText", "Month", "Sub",
         "Weekday"),
        UNKNOWN,
    ),
}  # fmt: skip
MEMBERS: Mapping[str, Mapping[str, str]] = {
    ROOT: {
        "Alerts": _ALERTS, "AppVersion": "string", "CommonAnnotations": "KV", "CommonLabels": "KV",
        "ExternalURL": "string", "GroupKey": "string", "GroupLabels": "KV", "Receiver": "string", "Status": "string",
        "TruncatedAlerts": "int", "Vars": "map[string]string",
    },
    _ALERT: {
        "Annotations": "KV", "DashboardURL": "string", "EmbeddedImage": "string", "EndsAt": "time.Time",
        "ExtraData": UNKNOWN, "Fingerprint": "string", "GeneratorURL": "string", "ImageURL": "string", "Labels": "KV",
        "OrgID": "int", "PanelURL": "string", "RuleUID": "string", "SilenceURL": "string", "StartsAt": "time.Time",
        "Status": "string", "ValueString": "string", "Values": "map[string]float64",
    },
    _ALERTS: {"Firing": f"[]{_ALERT}", "Resolved": f"[]{_ALERT}"},
    "KV": {"Names": "[]string", "Remove": "KV", "SortedPairs": "Pairs", "String": "string", "Values": "[]string"},
    "Pairs": {"Names": "[]string", "String": "string", "Values": "[]string"},
    "Pair": {"Name": "string", "Value": "string"},
    "time.Time": _TIME,
}  # fmt: skip
"""Fields and methods of each type."""
_KEYED = {"KV": _VALUE, "map[string]string": "string", "map[string]float64": "float64"}
"""Maps: any key can be read."""
_ITEMS = {**_KEYED, _ALERTS: _ALERT, f"[]{_ALERT}": _ALERT, "[]string": "string", "Pairs": "Pair", "int": "int"}
_NO_ITEMS = frozenset({ROOT, _ALERT, "Pair", "string", "float64", "bool", _VALUE, "time.Time"})
_RESULTS = {
    **dict.fromkeys(("eq", "ge", "gt", "le", "lt", "match", "ne", "not"), "bool"),
    "len": "int",
    **dict.fromkeys(
        ("date", "html", "humanizeDuration", "join", "js", "print", "printf", "println", "reReplaceAll", "safeHtml",
         "safeUrl", "title", "toLower", "toUpper", "trimSpace", "urlUnescape", "urlquery"),
        "string",
    ),
    "stringSlice": "[]string",
    "tz": "time.Time",
}  # fmt: skip
_SHOWN = {
    ROOT: "the notification", _ALERT: "an alert", _ALERTS: "the list of alerts", f"[]{_ALERT}": "a list of alerts",
    "KV": "labels", "Pair": "a pair", "Pairs": "a list of pairs", "time.Time": "a time", "string": "a text",
    "[]string": "a list of texts", "float64": "a number", "int": "a number", "bool": "a boolean",
}  # fmt: skip


def field_faults(texts: Iterable[tuple[Any, str]], groups: Mapping[str, str]) -> Iterator[tuple[Any, TemplateFault]]:
    """Fields that are not there, each once, with what it was found in: the key of one of `texts`, which receivers fill
    in with a notification, or the name of a group of message templates. Texts that can't be parsed are left out.

    A template that no text calls is held against whatever it could be called with: the notification, an alert, a list
    of alerts."""
    templates: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for group, text in groups.items():
        nodes = _parsed(text)
        if is_body(text):
            templates[group] = group, nodes
        for node in walk(nodes):
            if isinstance(node, Named) and node.kind in ("define", "block"):
                templates.setdefault(node.name, (group, node.body))
    run = _Check(templates)
    for key, text in texts:
        own = {
            node.name: (key, node.body)
            for node in walk(_parsed(text))
            if isinstance(node, Named) and node.kind in ("define", "block")
        }
        inner = _Check({**templates, **own}, run.found, run.done)
        inner.nodes(key, _parsed(text), ROOT, [{"$": ROOT}])
    reached = {name for name, _ in run.done}
    for name in sorted(_uncalled(templates, reached)):
        tried = []
        for dot in (ROOT, _ALERT, _ALERTS):
            alone = _Check(templates, {}, set(run.done))
            alone.call(name, dot)
            tried.append((len(alone.found), alone))
            if not alone.found:
                break
        best = min(tried, key=lambda one: one[0])[1]
        run.found |= best.found
        run.done |= best.done
    yield from ((owner, fault) for (owner, _), fault in run.found.items())


def _uncalled(templates: Mapping[str, tuple[str, tuple[Any, ...]]], reached: set[str]) -> set[str]:
    """Those that neither a text reaches nor another template calls."""
    called = {node.name for _, body in templates.values() for node in walk(body) if isinstance(node, Named)}
    rest = templates.keys() - reached
    return rest - called or rest


def _parsed(text: str) -> tuple[Any, ...]:
    try:
        return parse(text, FUNCTIONS)
    except TemplateError:
        return ()


@dataclass(slots=True)
class _Check:
    templates: Mapping[str, tuple[Any, tuple[Any, ...]]]
    found: dict[tuple[Any, int], TemplateFault] = field(default_factory=dict)
    done: set[tuple[str, str]] = field(default_factory=set)
    """Templates with the types that they were called with: a template may call itself."""
    owner: Any = None
    reassigned: frozenset[str] = frozenset()

    def call(self, name: str, dot: str) -> None:
        if name not in self.templates or (name, dot) in self.done:
            return
        self.done.add((name, dot))
        owner, body = self.templates[name]
        _Check(self.templates, self.found, self.done).nodes(owner, body, dot, [{"$": dot}])

    def nodes(self, owner: Any, nodes: Sequence[Any], dot: str, scopes: list[dict[str, str]]) -> None:
        self.owner = owner
        # what a variable becomes in another branch or turn of a loop is not followed
        self.reassigned = frozenset(
            name for node in walk(nodes) if isinstance(node, Pipe) and node.assigns for name in node.declares
        )
        self._nodes(nodes, dot, scopes)

    def _nodes(self, nodes: Sequence[Any], dot: str, scopes: list[dict[str, str]]) -> None:
        for node in nodes:
            if isinstance(node, Action):
                self.pipe(node.pipe, dot, scopes)
            elif isinstance(node, Block):
                self._block(node, dot, scopes)
            elif isinstance(node, Named) and node.kind != "define":
                given = self.pipe(node.pipe, dot, scopes) if node.pipe else UNKNOWN
                self.call(node.name, given)

    def _block(self, block: Block, dot: str, scopes: list[dict[str, str]]) -> None:
        inside = [*scopes, {}]
        if block.kind != "range":
            value = self.pipe(block.pipe, dot, inside)
            self._nodes(block.body, value if block.kind == "with" else dot, inside)
            self._nodes(block.otherwise, dot, inside)
            return
        value = self.pipe(Pipe(block.pipe.commands, at=block.pipe.at), dot, inside)
        if value in _NO_ITEMS:
            self._say(block.pipe.at, f"range can't iterate over {_SHOWN.get(value, value)}", "")
        item = _ITEMS.get(value, UNKNOWN)
        key = UNKNOWN if value == UNKNOWN else "string" if value in _KEYED else "int"
        names = block.pipe.declares
        for name, kind in zip(names, (item,) if len(names) == 1 else (key, item), strict=False):
            self._declare(name, kind, inside)
        self._nodes(block.body, item, inside)
        self._nodes(block.otherwise, dot, inside)

    def _declare(self, name: str, kind: str, scopes: list[dict[str, str]]) -> None:
        scopes[-1][name] = UNKNOWN if name in self.reassigned else kind

    def pipe(self, pipe: Pipe, dot: str, scopes: list[dict[str, str]]) -> str:
        kind: str | None = None
        for operands in pipe.commands:
            kind = self._command(operands, kind, dot, scopes)
        if not pipe.assigns:
            for name in pipe.declares:
                self._declare(name, kind or UNKNOWN, scopes)
        return kind or UNKNOWN

    def _command(self, operands: Sequence[Any], last: str | None, dot: str, scopes: list[dict[str, str]]) -> str:
        first, *rest = operands
        given = [self.operand(one, dot, scopes) for one in rest] + ([last] if last is not None else [])
        if not isinstance(first, Function):
            return self.operand(first, dot, scopes)
        if first.name in ("and", "or"):
            return given[0] if given and len(set(given)) == 1 else UNKNOWN
        if first.name == "slice":
            return given[0] if given else UNKNOWN
        if first.name == "index":
            kind = given[0] if given else UNKNOWN
            for _ in given[1:]:
                kind = _ITEMS.get(kind, UNKNOWN)
            return kind
        return _RESULTS.get(first.name, UNKNOWN)

    def operand(self, node: Any, dot: str, scopes: list[dict[str, str]]) -> str:
        if isinstance(node, Literal):
            return {bool: "bool", int: "int", float: "float64", str: "string"}.get(type(node.value), UNKNOWN)
        if isinstance(node, Name):
            return next((scope[node.name] for scope in reversed(scopes) if node.name in scope), UNKNOWN)
        if isinstance(node, Pipe):
            return self.pipe(node, dot, scopes)
        if isinstance(node, Function):
            return self._command((node,), None, dot, scopes)
        if not isinstance(node, Field):
            return UNKNOWN
        if isinstance(node.base, Function):
            # `tmpl.Exec`: judged with the functions
            return UNKNOWN
        kind = dot if node.base is None else self.operand(node.base, dot, scopes)
        for name in node.names:
            kind = self._member(kind, name, node.at, scopes)
        return kind

    def _member(self, kind: str, name: str, at: int, scopes: list[dict[str, str]]) -> str:
        if kind == UNKNOWN:
            return UNKNOWN
        members = MEMBERS.get(kind, {})
        if name in members:
            return members[name]
        if kind in _KEYED:
            return _KEYED[kind]
        if kind == _VALUE:
            # `.Name` and `.Value` in one range over labels are one mistake
            if scopes[-1].get(""):
                return UNKNOWN
            scopes[-1][""] = _VALUE
        shown = "a text, a label's value" if kind == _VALUE else _SHOWN.get(kind, kind)
        self._say(at, f"can't evaluate field {name}: {shown} has none of that name", _hint(kind, name, scopes))
        return UNKNOWN

    def _say(self, at: int, message: str, hint: str) -> None:
        self.found.setdefault((self.owner, at), TemplateFault(message, at, hint))


def _hint(kind: str, name: str, scopes: Sequence[Mapping[str, str]]) -> str:
    members = MEMBERS.get(kind, {})
    if kind == _VALUE and name in MEMBERS["Pair"]:
        return "range over .SortedPairs for .Name and .Value; {{ range $name, $value := .Labels }} has both too"
    same = next((one for one in members if one.lower() == name.lower()), "")
    if same:
        return f"did you mean .{same}? names differ by case"
    if kind in (_ALERTS, f"[]{_ALERT}", ROOT) and name in MEMBERS[_ALERT]:
        common = f", or .Common{name}, what all alerts share" if f"Common{name}" in members else ""
        alerts = ".Alerts" if kind == ROOT else "…"
        return f"an alert has it: {{{{ range {alerts} }}}}{{{{ .{name} }}}}{{{{ end }}}}{common}"
    if kind == _ALERT and name in MEMBERS[ROOT] and scopes[0].get("$") == ROOT:
        return f"the notification has it: $.{name}"
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(members), n=1, cutoff=0.6)
    if near:
        return f"did you mean .{near[0]}?"
    return f"it has {', '.join(f'.{one}' for one in sorted(members))}" if members and kind != "time.Time" else ""
