"""Bytes of documents, and the only place that escapes.

Grafana's `values.go` expands `$VAR`, `${VAR}`, `$__env{…}` and `$__file{…}` in some strings of provisioning YAML and
not in others (docs/facts/grafana.md, Variables in provisioning files). So a string that goes into YAML says which
it is: `Interpolated` (a literal `$` is doubled), `Literal` (kept as it is) or `EnvRef` (a reference that is meant). A
plain `str` with a `$` is refused.
"""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
import yaml

from dashgen.grafana.provisioning_variables import map_texts
from dashgen.model.alerting.receiver_types import REFERENCE

T = TypeVar("T")


class Interpolated(str):
    """A text that Grafana expands: a `$` in it is meant as a `$`."""

    __slots__ = ()


class VerbatimText(str):
    """A text that Grafana does not expand: SQL, annotations, mute timings."""

    __slots__ = ()


class EnvRef(str):
    """A reference such as `${QUESTDB_PASSWORD}` that Grafana shall expand."""

    __slots__ = ()


def with_references(text: str) -> Interpolated | EnvRef:
    """An author's text that Grafana expands: its `${NAME}` are meant as references, any other `$` as one."""
    done, parts = 0, []
    for match in REFERENCE.finditer(text):
        parts += [text[done : match.start()].replace("$", "$$"), match[0]]
        done = match.end()
    return EnvRef("".join(parts) + text[done:].replace("$", "$$")) if parts else Interpolated(text)


def referenced(tree: Any) -> Any:
    """The same JSON data with every text as `with_references` takes it."""
    return map_texts(tree, with_references)


def literal(tree: T) -> T:
    """The same JSON data with every text marked as not expanded."""
    if isinstance(tree, str):
        return VerbatimText(tree)  # type: ignore[return-value]  # a subclass of T's own type
    if isinstance(tree, dict):
        return {key: literal(value) for key, value in tree.items()}  # type: ignore[return-value]
    if isinstance(tree, list):
        return [literal(value) for value in tree]  # type: ignore[return-value]
    return tree


def _to_json(value: Any) -> Any:
    return value.to_json()


def json_bytes(tree: object) -> bytes:
    """Sorted keys, two spaces, final newline: what the SDK's encoder writes, about ten times faster."""
    return orjson.dumps(
        tree, default=_to_json, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


class _Dumper(yaml.SafeDumper):
    """Quotes every text: go-yaml reads `y`, `1e3`, `0o17`, `00:00` as other types where PyYAML would not quote."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _scalar(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    lines = text.split("\n")
    block = len(lines) > 1 and all(line.isprintable() and line == line.rstrip() for line in lines) and lines[0]
    style = "|" if block and lines[0][0] != " " else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "$" in text:
        raise TypeError(f"the text {text!r} has a '$' and does not say whether Grafana expands it")
    return _scalar(dumper, str(text))


def _mapping(dumper: yaml.SafeDumper, data: dict[str, object]) -> yaml.MappingNode:
    pairs = [
        (
            dumper.represent_scalar("tag:yaml.org,2002:str", str(key), style=None if _is_word(key) else '"'),
            dumper.represent_data(value),
        )
        for key, value in data.items()
    ]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def _is_word(key: str) -> bool:
    """Keys that every YAML reads as text: the file formats' own."""
    return key.isascii() and key.replace("_", "").isalpha() and key.lower() not in _NO_TEXT


_Dumper.add_representer(str, _plain)
_Dumper.add_representer(Interpolated, lambda d, s: _scalar(d, s.replace("$", "$$")))
_Dumper.add_representer(VerbatimText, lambda d, s: _scalar(d, str(s)))
_Dumper.add_representer(EnvRef, lambda d, s: _scalar(d, str(s)))
_Dumper.add_representer(dict, _mapping)

HEADER = "# Rendered by dashgen; edit the specs, not this file.\n"


def yaml_bytes(tree: dict[str, object], comment: str = "") -> bytes:
    """A provisioning file: keys in the order given, every text quoted, no line folded. `comment` stands on top."""
    body: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, width=2**31, allow_unicode=True)
    said = "".join(f"# {line}\n" for line in comment.splitlines())
    return (HEADER + said + body).encode()
