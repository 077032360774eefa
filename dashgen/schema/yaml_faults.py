"""What is wrong with a text that is no YAML, in an author's words instead of the parser's.

PyYAML reads by libyaml where it was built with it and in Python where not; the two say the same in different words
(libyaml 0.2.5's scanner.c and parser.c, PyYAML 6.0's scanner.py and parser.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

QUOTE = "put the text in quotes: 'a: b'"
TEMPLATE = "put the text in quotes: '{{ $labels.host }} is silent'"
INDENT = "indent by spaces, the same number for all keys of one mapping"


class YamlFault(NamedTuple):
    """`at_start` says that the fault is where what the parser was reading began, not where it gave up."""

    message: str
    hint: str
    at_start: bool = False


def _value(text: str, at: int) -> YamlFault:
    """A ':' where no mapping can begin: inside of a text, or a key that is indented like no other."""
    begin = text.rfind("\n", 0, at) + 1
    before = text[begin:at]
    if re.search(r":\s", before) or re.match(r"\s*-?\s*\S.*:\s", before):
        return YamlFault("a text may not hold ': ' unless it is in quotes", QUOTE)
    return YamlFault("this key is indented deeper than the one before it, whose value is complete", INDENT)


def _character(text: str, at: int) -> YamlFault:
    character = text[at : at + 1]
    if character == "\t":
        return YamlFault("a tab: YAML is indented by spaces", "replace the tab by spaces")
    return YamlFault(f"a text may not begin with {character!r} unless it is in quotes", QUOTE)


def _reference(text: str, at: int) -> YamlFault:
    character = text[at : at + 1] or "*"
    return YamlFault(f"a text that begins with {character!r} must be in quotes: YAML takes it for a reference", QUOTE)


def _anchor(text: str, at: int) -> YamlFault:
    return _reference(text, at if text[at : at + 1] in ("&", "*") else at - 1)


_TAB = YamlFault("a tab: YAML is indented by spaces", "replace the tab by spaces")
_Say = YamlFault | Callable[[str, int], YamlFault]
_FAULTS: tuple[tuple[str, _Say], ...] = (
    (r"mapping values are not allowed", _value),
    (
        r"could not find expected ':'",
        YamlFault(
            "this line is no `key: value`",
            "write a ':' and a space behind the key; indent a text of several lines below `key: |`",
            at_start=True,
        ),
    ),
    (r"found a tab character|found character '\\t'", _TAB),
    (r"cannot start any token", _character),
    (
        r"expected ',' or '\]'",
        YamlFault("the list that begins here is not closed", "a ']' or a ',' is missing", at_start=True),
    ),
    (
        r"expected ',' or '\}'",
        YamlFault(
            "the mapping that begins here is not closed",
            "a '}' or a ',' is missing; a text that holds '{' must be in quotes",
            at_start=True,
        ),
    ),
    (
        r"unexpected end of stream",
        YamlFault(
            "the quote that opens here is not closed", "a quote is missing at the end of the text", at_start=True
        ),
    ),
    (r"undefined alias", _reference),
    (r"alphabetic or numeric character", _anchor),
    (
        r"unknown escape character",
        YamlFault(
            "a text in double quotes has an escape that YAML does not know",
            "write it in single quotes, or each backslash twice",
        ),
    ),
    (
        r"sequence entries are not allowed",
        YamlFault("a list may not begin behind its key", "begin it on the next line, indented"),
    ),
    (
        r"expected <block end>|did not find expected key|did not find expected '-' indicator|expected the beginning of",
        YamlFault("the indentation of this line matches no line above", INDENT),
    ),
    (r"single document", YamlFault("a second document begins here", "a file has one: remove the line '---'")),
    (
        r"control characters|special characters are not allowed|unacceptable character",
        YamlFault("a control character", 'remove it, or write it as an escape in double quotes: "\\x07"'),
    ),
    (
        r"comment or line break|block scalar",
        YamlFault(
            "behind '|' or '>' there may be no text on the same line", "begin the text on the next line, indented"
        ),
    ),
    (
        r"undefined tag handle|expected URI|expected whitespace|did not find expected tag|'!'",
        YamlFault("a text that begins with '!' must be in quotes: YAML takes it for a type", QUOTE),
    ),
    (r"found duplicate anchor", YamlFault("an anchor ('&') is there twice", "give it another name")),
    (r"expected the node content|did not find expected node content", YamlFault("a value is missing here", QUOTE)),
)


def fault(problem: str, text: str, at: int) -> YamlFault:
    """What a parser's words mean at an offset of the text; of words that nobody has met, the words themselves."""
    for pattern, say in _FAULTS:
        if re.search(pattern, problem):
            return say if isinstance(say, YamlFault) else say(text, at)
    return YamlFault(f"is not YAML: {problem}", QUOTE)
