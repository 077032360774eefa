"""Escaping and quoting: what Grafana reads is what was meant."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from dashgen.render.serialise import EnvRef, Interpolated, VerbatimText, json_bytes, literal, yaml_bytes

# what UTF-8 can say: half a surrogate pair is refused by the model
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def expanded(value: str, environment: Mapping[str, str]) -> str:
    """Grafana 12.3's pkg/services/provisioning/values/values.go, interpolateValue: split at `$$`, expand each part by
    setting.ExpandVar (`$__env{…}`) and then by Go's os.ExpandEnv, join with `$`."""
    parts = []
    for part in value.split("$$"):
        part = re.sub(r"\$__env\{([^}]*)\}", lambda m: environment.get(m[1], ""), part)
        parts.append(_expand_env(part, environment))
    return "$".join(parts)


def _expand_env(text: str, environment: Mapping[str, str]) -> str:
    """Go's os.Expand."""
    out, start, at = "", 0, 0
    while at < len(text):
        if text[at] == "$" and at + 1 < len(text):
            out += text[start:at]
            name, width = _shell_name(text[at + 1 :])
            if name:
                out += environment.get(name, "")
            elif not width:
                out += "$"
            at += width
            start = at + 1
        at += 1
    return out + text[start:]


def _shell_name(text: str) -> tuple[str, int]:
    """Go's getShellName: the name that follows a `$`, and how many characters it takes."""
    special = "*#$@!?-0123456789"
    if text[0] == "{":
        if len(text) > 2 and text[1] in special and text[2] == "}":
            return text[1], 3
        end = text.find("}", 1)
        return ("", 1) if end < 0 else ("", 2) if end == 1 else (text[1:end], end + 1)
    if text[0] in special:
        return text[0], 1
    width = 0
    while width < len(text) and (text[width] == "_" or (text[width].isascii() and text[width].isalnum())):
        width += 1
    return text[:width], width


def read(data: bytes) -> Any:
    loaders: list[type[yaml.SafeLoader] | type[yaml.CSafeLoader]] = [yaml.SafeLoader, yaml.CSafeLoader]
    first, *others = [yaml.load(data, Loader=loader) for loader in loaders]
    assert all(other == first for other in others)
    return first


@pytest.mark.parametrize(
    ("text", "is_expanded_to"),
    [
        ("$A", "1"),
        ("${A}", "1"),
        ("a$$b", "a$b"),
        ("$__env{A}", "1"),
        ("$B x", " x"),
        ("${", ""),
        ("$", "$"),
        ("$5", ""),
    ],
)
def test_the_port_expands_as_grafana_does(text: str, is_expanded_to: str) -> None:
    assert expanded(text, {"A": "1"}) == is_expanded_to


@given(TEXTS)
@example("$labels.host ${HOME} $__env{PATH} $$ $")
@example("${QUESTDB_PASSWORD}\n$$$")
def test_an_interpolated_text_is_expanded_to_itself(text: str) -> None:
    environment = {"HOME": "no", "A": "no", "labels": "no", "QUESTDB_PASSWORD": "no", "PATH": "no"}
    assert expanded(read(yaml_bytes({"a": Interpolated(text)}))["a"], environment) == text


@given(TEXTS)
@example("$__timeFilter(timestamp) AND h = ${host:sqlstring}")
def test_a_literal_text_arrives_as_it_is(text: str) -> None:
    assert read(yaml_bytes({"a": VerbatimText(text)}))["a"] == text


def test_a_reference_is_left_to_grafana() -> None:
    value = read(yaml_bytes({"password": EnvRef("${QUESTDB_PASSWORD}")}))["password"]
    assert expanded(value, {"QUESTDB_PASSWORD": "quest"}) == "quest"


def test_a_text_with_a_dollar_must_say_what_it_is() -> None:
    with pytest.raises(TypeError, match="does not say whether Grafana expands it"):
        yaml_bytes({"a": {"b": ["costs $5"]}})
    assert read(yaml_bytes({"a": literal({"b": ["costs $5", 1, None]})}))["a"] == {"b": ["costs $5", 1, None]}


# What go-yaml v2 and v3, YAML 1.1 and 1.2 read as something else than a text where it stands unquoted.
TREACHEROUS = [
    "y", "Y", "n", "yes", "No", "on", "OFF", "true", "False", "null", "Null", "NULL", "~", "", "1", "-1", "+1", "1e3",
    "1E3", ".5", "1_000", "0o17", "017", "0x1F", "0b1", "00:00", "12:30:45", "190:20:30", ".inf", "-.INF", ".nan",
    "2026-01-01", "2026-01-01T00:00:00Z", "<<", "=", "!!int 1", "&a", "*a", "- a", "? a", "a: b", "a #b", "# a", "'",
    '"', "\\", "%TAG", "@a", "`a`", "{a}", "[a]", "---", "...", " a", "a ", "\ta", "a\t", "\n", "\n\n", "a\n", "a\nb",
    "a\n\nb\n", " a\nb", "a \nb", "a\n b", "\na", "a\r\nb", "a\rb", "\x00", "\x07", "\x1b[0m", "\x85", "\u2028",
    "\u2029", "\ufeffa", "\ufffe", "é", "日本\n語", "🙂", "a" * 500, "a b " * 99, "SELECT 1\n  FROM t\nWHERE a = 'b'\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TREACHEROUS)
def test_a_text_is_a_text_for_every_yaml(text: str) -> None:
    """Quoted or a block: no reader may then take it for anything else. No line is folded."""
    data = yaml_bytes({"a": VerbatimText(text), "list": [VerbatimText(text), {"b": VerbatimText(text)}]})
    assert read(data) == {"a": text, "list": [text, {"b": text}]}
    tree = yaml.compose(data)
    assert isinstance(tree, yaml.MappingNode)
    assert tree.value[0][1].style in ('"', "|")


@given(st.dictionaries(st.one_of(TEXTS, st.sampled_from(TREACHEROUS)), st.one_of(TEXTS, st.sampled_from(TREACHEROUS))))
def test_keys_are_texts_too(labels: dict[str, str]) -> None:
    data = yaml_bytes({"labels": {key: VerbatimText(value) for key, value in labels.items()}})
    assert read(data) == {"labels": labels}
    tree = yaml.compose(data)
    assert isinstance(tree, yaml.MappingNode)
    for key, value in tree.value[0][1].value:
        assert value.style in ('"', "|")
        assert key.style == '"' or (re.fullmatch("[A-Za-z_]+", key.value) and key.value.lower() not in
                                    ("y", "n", "yes", "no", "on", "off", "true", "false", "null"))  # fmt: skip


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from("abc"), inner)),
))  # fmt: skip
def test_other_values_keep_their_types(value: object) -> None:
    back = read(yaml_bytes({"a": value}))["a"]
    assert back == value
    assert repr(back) == repr(value) or math.isclose(float(back), float(value))  # type: ignore[arg-type]  # a number then


def test_yaml_has_a_header_no_aliases_and_the_given_order() -> None:
    shared = ["x"]
    assert yaml_bytes({"b": shared, "a": shared, "c": {}, "d": []}) == (
        b'# Rendered by dashgen; edit the specs, not this file.\nb:\n  - "x"\na:\n  - "x"\nc: {}\nd: []\n'
    )


def test_json_is_what_the_sdks_encoder_writes() -> None:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    tree = {"b": [1, 2.5, None, True, "ü\n"], "a": {"y": {}, "x": []}}
    assert json_bytes(tree) == JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(tree).encode() + b"\n"
